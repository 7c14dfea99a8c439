"""A clone of this repository that has carried out the sample run; shared, so not to be changed."""

from __future__ import annotations

import os

import pytest
from toy.clones import clone
from toy.workbench import Workbench


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Workbench:
    """A clone in which `run_all.py` has been run."""
    bench = clone(tmp_path_factory.mktemp("sample") / "clone")
    code, _, err = bench.run()
    assert code == 0, err
    return bench


@pytest.fixture
def fresh(sample, tmp_path) -> Workbench:
    """A clone of its own with the same results, to be changed at will."""
    return sample.copy(tmp_path / "clone")


@pytest.fixture
def bare_environment() -> dict[str, str]:
    """The variables that a person's shell has, and nothing of the workbench."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
