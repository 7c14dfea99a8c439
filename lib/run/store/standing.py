"""What the runs decide together: ``latest``, the histories and the page of every run.

All three follow from the manifests that are there (``lib.published``) and from nothing else, so that whatever
a killed run left behind, they can be made to agree with them again.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from lib import disk
from lib.errors import WorkbenchError
from lib.published import LATEST, MANIFEST, Runs, is_complete, order, read_manifest, runs_of, sealed
from lib.run.alerts.history import every_alert
from lib.run.store import states
from lib.run.store.results import Store

PAGE = "index.html"
UNDER_WAY = ".publishing"
"""There while a run is being published: the page of every run may not know of it yet."""
SEAL = b"<!-- sha256 "
"""What the page of every run ends with, and the digest of all that stands before it."""


def promote(outputs: Path, run: Path) -> bool:
    """Make a complete run, carried out again, the last one published of its day; whether it was not."""
    runs, mine = runs_of(outputs), read_manifest(run)
    if mine is None or not is_complete(mine):
        return False
    of_its_day = [one for _, one in runs.complete if one["as_of"] == mine["as_of"]]
    if order(mine) == max(order(one) for one in of_its_day):
        return False
    moments = {**mine["moments"], "published": runs.next_number}
    disk.write_whole(run / MANIFEST, disk.dump(sealed({**mine, "moments": moments})))
    return True


def take_up(outputs: Path, store: Store) -> None:
    """Make everything agree with the runs, whatever a killed run or a hand left behind."""
    runs = runs_of(outputs)
    changed = states.agree(outputs, store, runs)
    moved = point(outputs, runs)
    page_lost = bool(runs.readable or runs.damaged) and not _is_whole(outputs / PAGE)
    if changed or moved or page_lost or (outputs / UNDER_WAY).exists():
        write_page(outputs, runs)
    (outputs / UNDER_WAY).unlink(missing_ok=True)


def agree(outputs: Path, store: Store) -> list[tuple[dict, dict]]:
    """Make histories, ``latest`` and the page agree with the runs; the histories that changed."""
    runs = runs_of(outputs)
    changed = states.agree(outputs, store, runs)
    point(outputs, runs)
    write_page(outputs, runs)
    return changed


def point(outputs: Path, runs: Runs) -> bool:
    """Point ``latest`` at the newest complete run, or at none; whether it pointed elsewhere."""
    latest = outputs / LATEST
    if latest.exists() and not latest.is_symlink():
        raise WorkbenchError(f"{latest} is no link, so it is not the workbench's; move it elsewhere")
    wanted = f"runs/{runs.complete[0][0].name}" if runs.complete else None
    if (str(latest.readlink()) if latest.is_symlink() else None) == wanted:
        return False
    if wanted is None:
        latest.unlink()
        return True
    beside = outputs / f".{LATEST}.{os.getpid()}"
    beside.unlink(missing_ok=True)
    beside.symlink_to(wanted)
    beside.replace(latest)
    return True


def write_page(outputs: Path, runs: Runs) -> None:
    """Write the page of every run, with the alerts that fired."""
    from lib.run.pages.writing import runs_page

    damaged = {folder.name: why for folder, why in runs.damaged}
    page = runs_page([one for _, one in runs.readable], damaged, every_alert(outputs))
    content = page.encode()
    disk.write_whole(outputs / PAGE, content + SEAL + _digest(content) + b" -->\n")


def _is_whole(page: Path) -> bool:
    if not page.is_file():
        return False
    content, _, seal = page.read_bytes().rpartition(SEAL)
    return seal == _digest(content) + b" -->\n"


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
