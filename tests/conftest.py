"""Shared fixtures: the repository, and a toy workbench with the real engine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))

from browsing import browser, open_file  # noqa: E402, F401
from shared_between_workers import made_once  # noqa: E402


@pytest.fixture
def toy(tmp_path):
    """A workbench of five tiny stages with the real engine, in a folder of its own."""
    from toy.workbench import make

    return make(tmp_path / "bench")


@pytest.fixture(scope="session")
def finished_toy(tmp_path_factory):
    """A toy workbench that has been run once; not to be changed."""
    from toy.workbench import Workbench, make

    def finish(place: Path) -> None:
        code, _, err = make(place).run()
        assert code == 0, err

    return Workbench(made_once(tmp_path_factory, "finished", finish))


@pytest.fixture
def ran(finished_toy, tmp_path):
    """A copy of the toy workbench that has been run once."""
    return finished_toy.copy(tmp_path / "copy")


@pytest.fixture
def bare_environment() -> dict[str, str]:
    """The variables that a person's shell has, and nothing of the workbench."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
