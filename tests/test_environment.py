"""environment.yml, pyproject.toml, the locks and run_all.py say the same.

`conda env create` itself is not run here, since no conda is at hand; what it reads is held to the rest.
"""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

import run_all
from lib.run.environment.requirements import PIN, normal, pins

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-boot.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
FOR_TESTS = [Requirement(line) for line in PROJECT["dependency-groups"]["test"]]
MAIN = {
    "jupyterlab", "papermill", "nbconvert", "pandas", "numpy", "statsmodels", "scipy", "yfinance",
    "matplotlib", "mibian", "pyarrow",
}  # fmt: skip


def lines_of(lock):
    """(name, version, marker) of every pin, for whatever Python and system."""
    heads = [line for line in (ROOT / lock).read_text().splitlines() if line and line[0] not in " #"]
    found = [PIN.match(head) for head in heads]
    assert all(found), "every line is a pin"
    return [(normal(match[1]), match[2], (match[3] or "").strip()) for match in found]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock):
    blocks = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    for block in blocks:
        head, *rest = block.split("\\\n")
        assert rest, head
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}\s*", line) for line in rest), head


@pytest.mark.parametrize("file", [*LOCKS, "environment.yml"])
def test_no_file_names_a_place_to_install_from(file):
    text = (ROOT / file).read_text()
    assert "://" not in text
    assert not re.search(r"index-url|find-links|trusted-host|file:|@ ", text)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize(
    ("lock", "wanted"), [("requirements.lock", RUNTIME), ("requirements-test.lock", [*RUNTIME, *FOR_TESTS])]
)
def test_the_locks_hold_every_dependency_within_its_range(lock, wanted, python):
    environment = {
        "python_version": python, "python_full_version": f"{python}.9", "sys_platform": "linux",
        "os_name": "posix", "implementation_name": "cpython", "platform_python_implementation": "CPython",
        "platform_machine": "x86_64", "platform_system": "Linux",
    }  # fmt: skip
    pinned = pins((ROOT / lock).read_text(), environment)
    for requirement in wanted:
        assert Version(pinned[normal(requirement.name)]) in requirement.specifier, requirement


def test_the_main_packages_are_dependencies():
    assert {normal(requirement.name) for requirement in RUNTIME} >= MAIN


def test_the_test_lock_holds_all_of_the_other_with_the_same_versions():
    small = {pin[:2] for pin in lines_of("requirements.lock")}
    assert small <= {pin[:2] for pin in lines_of("requirements-test.lock")}


def test_the_boot_lock_pins_uv_alone():
    assert [name for name, _, _ in lines_of("requirements-boot.lock")] == ["uv"]


def test_conda_gets_one_python_and_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["dependencies"] == ["python=3.11", "pip", {"pip": ["-r requirements.lock"]}]
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    assert environment["name"] == PROJECT["project"]["name"]


def test_one_range_of_pythons_everywhere():
    supported = SpecifierSet(PROJECT["project"]["requires-python"])
    oldest, newest = (f"{major}.{minor}" for major, minor in (run_all.OLDEST, run_all.NEWEST))
    assert f"{oldest}.0" in supported
    assert f"{newest}.9" in supported
    assert f"{newest.rsplit('.', 1)[0]}.{run_all.NEWEST[1] + 1}.0" not in supported
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert PROJECT["tool"]["mypy"]["python_version"] == oldest


def test_it_is_said_that_conda_was_not_tried():
    assert "`conda env create` itself was not run" in (ROOT / "README.md").read_text()
