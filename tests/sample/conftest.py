"""A clone of this repository that has carried out the sample run; shared, so not to be changed."""

from __future__ import annotations

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
