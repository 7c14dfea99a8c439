"""Shared fixtures: the repository, and a toy workbench with the real engine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))


@pytest.fixture
def toy(tmp_path):
    """A workbench of five tiny stages with the real engine, in a folder of its own."""
    from toy.workbench import make

    return make(tmp_path / "bench")
