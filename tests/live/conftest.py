"""A clone of this repository, and a fake Yahoo for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_yahoo import FakeYahoo
from live_runs import Live, world
from toy.clones import clone
from toy.workbench import Workbench


@pytest.fixture(scope="session")
def workbench(tmp_path_factory) -> Workbench:
    """The clone; its own outputs folder stays empty."""
    return clone(tmp_path_factory.mktemp("live") / "clone")


@pytest.fixture
def live(workbench, tmp_path) -> Iterator[Live]:
    """Ten symbols that Yahoo knows, all in one portfolio."""
    with FakeYahoo(world()) as yahoo:
        yield Live(workbench, tmp_path / "live", yahoo)
