"""A clone of this repository for whole runs."""

from __future__ import annotations

import pytest
from toy.clones import clone


@pytest.fixture(scope="session")
def workbench(tmp_path_factory):
    """The clone; its own outputs folder stays empty."""
    return clone(tmp_path_factory.mktemp("funds") / "clone")
