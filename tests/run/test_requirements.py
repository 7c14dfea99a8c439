"""Reading locks and markers, and telling whether an environment holds them."""

import importlib.metadata
import sys
from pathlib import Path

import pytest

from lib.run.environment import requirements
from lib.run.environment.requirements import installed, marker_holds, pins, satisfies

ROOT = Path(requirements.__file__).parents[3]
LINUX = {
    **requirements.ENVIRONMENT,
    "sys_platform": "linux",
    "os_name": "posix",
    "implementation_name": "cpython",
}


def python(version):
    return {**LINUX, "python_full_version": version, "python_version": ".".join(version.split(".")[:2])}


@pytest.mark.parametrize(
    ("marker", "version", "holds"),
    [
        ("python_full_version < '3.12'", "3.11.7", True),
        ("python_full_version < '3.12'", "3.12.0", False),
        ("python_full_version >= '3.11.5'", "3.11.10", True),
        ("python_full_version == '3.12.*'", "3.12.1", True),
        ("python_full_version == '3.1.*'", "3.12.1", False),
        ("python_full_version != '3.12.*'", "3.11.2", True),
        ("python_version == '3.11'", "3.11.2", True),
        ("python_full_version <= '3.11'", "3.11.0", True),
        ("'3.9' < python_version", "3.11.2", True),
        ("sys_platform == 'win32'", "3.11.2", False),
        ("sys_platform != 'emscripten' and sys_platform != 'win32'", "3.11.2", True),
        ("os_name == 'nt' or (sys_platform != 'darwin' and implementation_name != 'PyPy')", "3.11.2", True),
        ("sys_platform in 'linux darwin'", "3.11.2", True),
        ("sys_platform not in 'linux darwin'", "3.11.2", False),
    ],
)
def test_a_marker_is_read_as_installers_read_it(marker, version, holds):
    assert marker_holds(marker, python(version)) is holds


@pytest.mark.parametrize("marker", ["extra == 'test'", "python_version", "__import__('os')", "1 < 2"])
def test_what_is_not_a_marker_is_refused(marker):
    with pytest.raises(ValueError, match="not a marker"):
        marker_holds(marker)


def test_pins_of_another_python_are_left_out():
    text = (
        "# a remark\n"
        "numpy==2.4.6 ; python_full_version < '3.12' \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "numpy==2.5.5 ; python_full_version >= '3.12' \\\n    --hash=sha256:cc\n"
        "Typing.Extensions==4.0 \\\n    --hash=sha256:dd\n"
    )
    assert pins(text, python("3.11.7")) == {"numpy": "2.4.6", "typing-extensions": "4.0"}
    assert pins(text, python("3.13.0")) == {"numpy": "2.5.5", "typing-extensions": "4.0"}


def test_a_line_that_pins_nothing_is_refused():
    with pytest.raises(ValueError, match="pandas>=3"):
        pins("pandas>=3\n")


@pytest.fixture
def site(tmp_path):
    (tmp_path / "site").mkdir()
    for name in ("numpy-2.4.6.dist-info", "typing_extensions-4.0.post1.dist-info", "old-1.0-py3.11.egg-info"):
        (tmp_path / "site" / name).mkdir()
    return tmp_path / "site"


def lock_of(tmp_path, *lines):
    path = tmp_path / "a.lock"
    path.write_text("".join(f"{line} \\\n    --hash=sha256:aa\n" for line in lines))
    return path


def test_exact_versions_satisfy(site, tmp_path):
    lock = lock_of(tmp_path, "numpy==2.4.6", "typing-extensions==4.0.post1", "old==1.0")
    assert satisfies(lock, [str(site)])


@pytest.mark.parametrize("line", ["numpy==2.4.5", "numpy==2.4", "pandas==3.0"])
def test_another_version_or_none_does_not(site, tmp_path, line):
    assert not satisfies(lock_of(tmp_path, line), [str(site)])


def test_an_empty_lock_is_satisfied_by_nothing(site, tmp_path):
    assert not satisfies(lock_of(tmp_path), [str(site)])


def test_remains_of_an_upgrade_make_a_package_doubtful(site, tmp_path):
    (site / "numpy-2.4.5.dist-info").mkdir()
    assert not satisfies(lock_of(tmp_path, "numpy==2.4.6"), [str(site)])


def test_the_folder_that_comes_first_on_the_path_decides(site, tmp_path):
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "numpy-9.0.dist-info").mkdir()
    assert installed([str(tmp_path / "user"), str(site)])["numpy"] == "9.0"
    assert installed([str(site), str(tmp_path / "user"), str(tmp_path / "gone")])["numpy"] == "2.4.6"


def test_the_names_of_folders_tell_what_the_standard_library_reads_inside():
    found = installed(sys.path)
    for name in ("numpy", "pandas", "papermill", "python-dateutil", "pyyaml", "pytest", "jupyterlab"):
        assert found[name] == importlib.metadata.version(name)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
@pytest.mark.parametrize("version", ["3.11.2", "3.12.1", "3.13.0"])
def test_the_locks_pin_every_package_once_for_each_python(lock, version):
    wanted = pins((ROOT / lock).read_text(), python(version))
    assert {"numpy", "pandas", "papermill", "statsmodels"} <= set(wanted)
