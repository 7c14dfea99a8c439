"""Clones of this repository's runnable parts, for tests that need one of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

from toy.workbench import REPOSITORY, Workbench

PARTS = ("lib", "notebooks", "params")
FILES = ("run_all.py", "requirements.lock", "requirements-test.lock", "pyproject.toml")


def clone(root: Path) -> Workbench:
    """The repository's runnable parts in another folder."""
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in PARTS:
        shutil.copytree(REPOSITORY / name, root / name, ignore=ignore)
    for name in FILES:
        shutil.copyfile(REPOSITORY / name, root / name)
    return Workbench(root)
