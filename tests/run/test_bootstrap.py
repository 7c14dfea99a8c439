"""The way from any Python into the environment: stamps, interruptions, two at once, plain sentences."""

import ast
import os
import shutil
import signal
import subprocess
import sys
import time
import venv as virtual
from pathlib import Path

import pytest

import run_all
from lib.run.environment import bootstrap, install
from lib.run.environment.bootstrap import LOCK, TEST_LOCK, prepare
from lib.run.environment.requirements import pins
from lib.run.environment.venv import UNFINISHED, SetupError, python_of, site_packages

ROOT = Path(run_all.__file__).parent
HASH = f" \\\n    --hash=sha256:{'0' * 64}\n"
FAKE_UV = f"""#!{sys.executable}
import os, sys, time
from pathlib import Path
sys.path.insert(0, os.environ["CLONE"])
from lib.run.environment.requirements import pins
with open(os.environ["CLONE"] + "/uv.log", "a") as log:
    log.write("install\\n")
time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
python, lock = sys.argv[sys.argv.index("--python") + 1], sys.argv[sys.argv.index("-r") + 1]
folder = next((Path(python).parents[1] / "lib").glob("*/site-packages"))
for name, version in pins(Path(lock).read_text()).items():
    (folder / f"{{name}}-{{version}}.dist-info").mkdir(exist_ok=True)
"""
CLI = """import os, sys
def main(argv):
    print(sys.prefix, *argv, os.environ.get('PYTHONDONTWRITEBYTECODE'))
"""


@pytest.fixture
def clone(tmp_path):
    """A small copy of the repository: the bootstrap, locks of made-up packages, a stand-in for the rest."""
    root = tmp_path / "a clone"
    (root / "lib" / "run").mkdir(parents=True)
    for name in ("run_all.py", "requirements-boot.lock", "lib/__init__.py", "lib/run/__init__.py"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "lib/run/environment", root / "lib/run/environment")
    (root / "lib" / "run" / "cli.py").write_text(CLI)
    (root / LOCK).write_text(f"workbench-alpha==1.0{HASH}")
    (root / TEST_LOCK).write_text(f"workbench-alpha==1.0{HASH}workbench-beta==2.0{HASH}")
    return root


@pytest.fixture
def installs(monkeypatch):
    """Stands in for uv and pip: notes each call and lays down what the lock pins."""
    calls = []

    def fake(root, venv, lock, fresh):
        calls.append((lock.name, fresh))
        if fresh:
            virtual.create(venv, clear=True, symlinks=True)
            (venv / UNFINISHED).touch()
        lay_down(venv, lock)

    monkeypatch.setattr(install, "install", fake)
    return calls


def lay_down(venv, lock):
    folder = site_packages(venv)
    for old in folder.glob("workbench_*"):
        old.rmdir()
    for name, version in pins(lock.read_text()).items():
        (folder / f"{name.replace('-', '_')}-{version}.dist-info").mkdir()


def prepared(root, lock=LOCK):
    prepare(root, root / ".venv", root / lock)


def test_an_environment_is_made_once(clone, installs):
    prepared(clone)
    prepared(clone)
    assert installs == [(LOCK, True)]


def test_the_test_environment_serves_every_other_command(clone, installs):
    prepared(clone, TEST_LOCK)
    prepared(clone, LOCK)
    assert installs == [(TEST_LOCK, True)]


def test_a_changed_lock_is_installed_in_place(clone, installs):
    prepared(clone, TEST_LOCK)
    (clone / LOCK).write_text(f"workbench-alpha==1.1{HASH}")
    prepared(clone)
    assert installs == [(TEST_LOCK, True), (LOCK, False)]
    prepared(clone, TEST_LOCK)
    assert installs[2:] == [(TEST_LOCK, False)]


def test_an_interrupted_installation_is_done_again_from_the_start(clone, installs, monkeypatch):
    whole = install.install

    def interrupted(root, venv, lock, fresh):
        whole(root, venv, lock, fresh)
        raise KeyboardInterrupt

    monkeypatch.setattr(install, "install", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepared(clone)
    monkeypatch.setattr(install, "install", whole)
    prepared(clone)
    assert installs == [(LOCK, True), (LOCK, True)]


def test_an_update_that_was_interrupted_is_not_trusted(clone, installs, monkeypatch):
    prepared(clone)
    (clone / LOCK).write_text(f"workbench-alpha==1.1{HASH}")
    whole = install.install

    def refused(*_, **__):
        raise SetupError("no network")

    monkeypatch.setattr(install, "install", refused)
    with pytest.raises(SetupError):
        prepared(clone)
    (clone / LOCK).write_text(f"workbench-alpha==1.0{HASH}")
    monkeypatch.setattr(install, "install", whole)
    prepared(clone)
    assert installs == [(LOCK, True), (LOCK, True)]


def test_a_package_changed_by_hand_is_put_right(clone, installs):
    prepared(clone)
    time.sleep(0.01)
    folder = site_packages(clone / ".venv")
    (folder / "workbench_alpha-1.0.dist-info").rename(folder / "workbench_alpha-0.9.dist-info")
    prepared(clone)
    assert installs == [(LOCK, True), (LOCK, False)]


def test_a_package_added_by_hand_is_left_alone(clone, installs):
    prepared(clone)
    time.sleep(0.01)
    (site_packages(clone / ".venv") / "my_own-3.0.dist-info").mkdir()
    assert not bootstrap.ready(clone / ".venv", clone / LOCK)
    prepared(clone)
    assert bootstrap.ready(clone / ".venv", clone / LOCK)
    assert installs == [(LOCK, True)]


def test_an_environment_made_by_hand_is_taken_over(clone, installs):
    virtual.create(clone / ".venv", symlinks=True)
    lay_down(clone / ".venv", clone / LOCK)
    prepared(clone)
    assert installs == []
    assert bootstrap.ready(clone / ".venv", clone / LOCK)


def test_a_broken_interpreter_means_a_new_environment(clone, installs):
    prepared(clone)
    python_of(clone / ".venv").unlink()
    python_of(clone / ".venv").symlink_to(clone / "gone")
    prepared(clone)
    assert installs == [(LOCK, True), (LOCK, True)]


def test_nothing_that_is_written_names_a_place_on_the_network(clone, installs):
    prepared(clone)
    written = [*(clone / ".venv").glob("*"), *(clone / ".boot").glob("*")]
    written += site_packages(clone / ".venv").glob("*.pth")
    assert not [path for path in written if path.is_file() and "://" in path.read_text()]


@pytest.mark.parametrize(
    ("command", "lock"), [("test", TEST_LOCK), ("check", TEST_LOCK), ("bench", TEST_LOCK)]
)
def test_commands_of_developers_need_the_test_lock(command, lock):
    assert bootstrap.lock_for([command, "-x"]) == lock


@pytest.mark.parametrize("argv", [[], ["params/sample.yaml"], ["run", "test"], ["--help"], ["lab"]])
def test_every_other_command_needs_the_small_lock(argv):
    assert bootstrap.lock_for(argv) == LOCK


def test_a_setup_that_fails_is_one_sentence_and_exit_code_2(clone, monkeypatch, capsys):
    def refused(*_, **__):
        raise SetupError("no installer: install one, then start again.")

    monkeypatch.setattr(install, "install", refused)
    assert bootstrap.enter(clone, []) == 2
    assert capsys.readouterr().err == "no installer: install one, then start again.\n"


@pytest.mark.parametrize("version", [(3, 6), (3, 10, 13), (3, 14, 0), (2, 7, 18)])
def test_another_python_is_told_what_to_install(version):
    fault = run_all.python_fault(version)
    assert f"this is {version[0]}.{version[1]}" in fault
    assert "install Python 3.11" in fault


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12), (3, 13, 9)])
def test_supported_pythons_are_not_refused(version):
    assert run_all.python_fault(version) == ""


def test_an_old_python_can_read_the_entry_script():
    ast.parse((ROOT / "run_all.py").read_text(), feature_version=(3, 6))
    assert "from __future__" not in (ROOT / "run_all.py").read_text()


def started(clone, tmp_path, *argv, **environment):
    """run_all.py in another process, with a uv of ours in front of any other."""
    tools = tmp_path / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "uv").write_text(FAKE_UV)
    (tools / "uv").chmod(0o755)
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "PYTHON"))
    }
    clean |= {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "CLONE": str(clone), **environment}
    return subprocess.Popen(
        [sys._base_executable, str(clone / "run_all.py"), *argv],
        cwd=tmp_path,
        env=clean,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for uv is a script with a #! line")
def test_of_two_at_once_the_second_waits_and_both_go_on(clone, tmp_path):
    both = [
        started(clone, tmp_path, "hello", FAKE_SECONDS="1", PYTHONDONTWRITEBYTECODE="1") for _ in range(2)
    ]
    told = [process.communicate(timeout=60) for process in both]
    assert [out for out, _ in told] == [f"{clone / '.venv'} hello None\n"] * 2
    assert (clone / "uv.log").read_text() == "install\n"
    assert sum("waiting for it" in err for _, err in told) == 1


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for uv is a script with a #! line")
def test_after_a_kill_in_the_middle_the_next_start_does_it_again(clone, tmp_path):
    first = started(clone, tmp_path, FAKE_SECONDS="60")
    while not (clone / "uv.log").exists() and first.poll() is None:
        time.sleep(0.02)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    assert (clone / ".venv" / UNFINISHED).exists()
    out, _ = started(clone, tmp_path, "again").communicate(timeout=60)
    assert out == f"{clone / '.venv'} again None\n"
    assert (clone / "uv.log").read_text() == "install\ninstall\n"


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for uv is a script with a #! line")
def test_a_moved_clone_still_works_and_imports_its_own_lib(clone, tmp_path):
    started(clone, tmp_path, "before").communicate(timeout=60)
    moved = clone.rename(tmp_path / "moved")
    out, err = started(moved, tmp_path, "after").communicate(timeout=60)
    assert (out, err) == (f"{moved / '.venv'} after None\n", "")
    assert (site_packages(moved / ".venv") / "workbench.pth").read_text() == f"{moved}\n"
