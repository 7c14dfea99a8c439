"""A clone of this repository that has carried out the sample run; shared, so not to be changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from shared_between_workers import made_once
from toy.clones import clone
from toy.workbench import Workbench


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Workbench:
    """A clone in which `run_all.py` has been run."""

    def carry_out(place: Path) -> None:
        code, _, err = clone(place).run()
        assert code == 0, err

    return Workbench(made_once(tmp_path_factory, "sample", carry_out))


@pytest.fixture
def fresh(sample, tmp_path) -> Workbench:
    """A clone of its own with the same results, to be changed at will."""
    return sample.copy(tmp_path / "clone")
