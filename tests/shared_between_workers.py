"""What is dear to make and only read is made once for all processes of a test run."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


def made_once(tmp_path_factory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that ``make`` filled, by whichever process came first; the others wait for it.

    A failure is everyone's own: the next process tries anew in another folder.
    """
    base = tmp_path_factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    told = root / f"{name}.made"
    with (root / f"{name}.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not told.exists():
            place = tmp_path_factory.mktemp(name) / "made"
            make(place)
            told.write_text(str(place))
    return Path(told.read_text())
