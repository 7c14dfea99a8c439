"""Processes that belong to a workbench, told by a variable of their environment."""

from __future__ import annotations

import os
from pathlib import Path


def marked(variable: str, root: Path) -> list[int]:
    """Processes but this one in whose environment ``variable`` begins with the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"{variable}={root}".encode() in environment:
                found.append(int(entry.name))
    return found
