"""Whose an outputs folder is: a marker file says so, and what the workbench did not make it leaves alone.

Runs sweep and ``clean`` removes, so that a folder of other things named by mistake would lose them. Without
the marker only a folder that is absent or empty is taken, or one that a version before the marker made.
"""

from __future__ import annotations

import json
from pathlib import Path

from lib import disk
from lib.errors import InputError, WorkbenchError
from lib.lock import NAME as LOCK
from lib.pipeline import PIPELINE

MARKER = "WORKBENCH-OUTPUTS.txt"
CONTENT = b"The research workbench keeps its runs here and removes what it no longer needs.\n"
KNOWN = ("audits", "cache.json", "index.html", "latest", "runs", "scratch", "state", "store")
HALF_WRITTEN = (".cache.json.", ".failed", ".index.html.", ".latest.", ".publishing", ".staging", ".work")
MOST_NAMED = 3


def refuse_foreign(outputs: Path) -> None:
    """Raise InputError for a folder that the workbench did not make; touches nothing."""
    try:
        if not outputs.is_dir():
            if outputs.exists() or outputs.is_symlink():
                raise _refused(f"{outputs} is no folder")
            return
        lock = outputs / LOCK
        if lock.is_symlink() or (lock.exists() and not lock.is_file()):
            raise _refused(f"{lock} is no plain file, so it was not made by the workbench")
        if not (_is_marked(outputs) or _is_unused(outputs) or _is_of_old(outputs)):
            named = sorted(path.name for path in outputs.iterdir())
            more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
            raise _refused(
                f"{outputs} was not made by the workbench: it has no {MARKER} and holds "
                f"{', '.join(named[:MOST_NAMED])}{more}"
            )
    except OSError as fault:
        raise _refused(f"{outputs} cannot be read ({fault.strerror})") from None


def claim(outputs: Path) -> None:
    """Leave the marker in a folder that ``refuse_foreign`` lets pass, which is made if need be.

    Raises WorkbenchError when it cannot be written.
    """
    try:
        if not _is_marked(outputs):
            disk.write_whole(outputs / MARKER, CONTENT)
    except OSError as fault:
        if disk.is_full(fault):
            raise
        raise WorkbenchError(f"{outputs} cannot be written ({fault.strerror}); give --outputs DIR") from None


def _is_marked(outputs: Path) -> bool:
    marker = outputs / MARKER
    return marker.is_file() and not marker.is_symlink() and marker.read_bytes() == CONTENT


def _is_unused(outputs: Path) -> bool:
    """Whether there is nothing in the folder but what a killed run begins with, and what is done by hand.

    Notebooks of a run elsewhere write to ``scratch``, which nothing removes.
    """
    names = [path.name for path in outputs.iterdir()]
    return all(name in (LOCK, "scratch") or name.startswith(f".{MARKER}.") for name in names)


def _is_of_old(outputs: Path) -> bool:
    """Whether the folder is laid out as an outputs folder, and has a run whose manifest names its folder."""
    known = {*KNOWN, LOCK, MARKER, *(row.prepare.folder for row in PIPELINE if row.prepare)}
    strange = {path.name for path in outputs.iterdir()} - known
    return (
        all(name.startswith((*HALF_WRITTEN, f".{MARKER}.")) for name in strange)
        and (outputs / "store").is_dir()
        and any(_is_run(path.parent) for path in outputs.glob("runs/*/manifest.json"))
    )


def _is_run(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("run") == folder.name and "schema" in manifest


def _refused(found: str) -> InputError:
    mend = "name an empty folder, or one that does not exist yet"
    return InputError(found, mend=mend, file="command line", field="--outputs")
