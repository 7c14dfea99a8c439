"""What a virtual environment of the workbench has where, and what is said while one is made.

Shared by the bootstrap and by the installation that it calls; standard library only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

UNFINISHED = "workbench.unfinished"
"""A file in an environment whose installation has not come to its end."""


class SetupError(Exception):
    """The environment cannot be made; the text is one sentence with the mend."""


def python_of(venv: Path) -> Path:
    """The interpreter of a virtual environment."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def site_packages(venv: Path) -> Path:
    """The folder that its packages are in."""
    if os.name == "nt":
        return venv / "Lib" / "site-packages"
    for found in sorted((venv / "lib").glob("*/site-packages")):
        return found
    raise FileNotFoundError(f"{venv} has no site-packages")


def say(text: str) -> None:
    """A plain line for the person who waits."""
    print(text, file=sys.stderr, flush=True)
