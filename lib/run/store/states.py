"""Histories that grow from day to day: ``state/<params name>/<table>/<kind>=<subject>/<as-of>.parquet``.

Beside each lies its digest, ``<as-of>.sha256``: the run that made it may have been removed since.
"""

from __future__ import annotations

from pathlib import Path

from lib import disk
from lib.errors import StoreError
from lib.published import Runs, is_complete, order
from lib.run.planning.code_digests import file_digest
from lib.run.store.results import Store

DIGEST = ".sha256"
MEND = (
    "`python3 run_all.py` restores it while a run that made it is here; else put it back from a copy, or "
    f"move it and the {DIGEST} file beside it away: the history then goes on from the day before"
)


def folder(outputs: Path, name: str, table: str, kind: str | None, subject: str | None) -> Path:
    """Where the histories of one table and subject are."""
    return outputs / "state" / name / table / (f"{kind}={subject}" if subject else "all")


def before(
    outputs: Path, name: str, table: str, kind: str | None, subject: str | None, as_of: str
) -> Path | None:
    """The newest history dated before ``as_of``, or None. StoreError when that one is damaged or lost."""
    place = folder(outputs, name, table, kind, subject)
    dated = {path.stem for ending in (".parquet", DIGEST) for path in place.glob(f"????-??-??{ending}")}
    newest = max((day for day in dated if day < as_of), default=None)
    if newest is None:
        return None
    path = place / f"{newest}.parquet"
    if not _is_whole(path):
        raise StoreError(f"{path} is damaged or missing; {MEND}")
    return path


def later(outputs: Path, name: str, states: list[dict]) -> list[dict]:
    """Histories dated after those given: they were built on an older or no such day."""
    found = []
    for one in states:
        for path in sorted(_folder(outputs, name, one).glob("????-??-??.parquet")):
            if path.stem > one["as_of"]:
                whose = {part: one[part] for part in ("table", "kind", "subject")}
                found.append({**whose, "as_of": path.stem})
    return found


def agree(outputs: Path, store: Store, runs: Runs) -> list[tuple[dict, dict]]:
    """Make every history that a run lists what the newest complete run of its day says, by digest.

    Where no complete run lists it, the newest failed one counts; runs of a part touch no history. Returns the
    manifest and the entry of each history that changed or is new.
    """
    wanted: dict[Path, tuple[Path, dict, dict]] = {}
    for run, manifest in sorted(runs.readable, key=lambda pair: (is_complete(pair[1]), order(pair[1]))):
        for one in manifest["states"]:
            wanted[_place(outputs, manifest, one)] = (run, manifest, one)
    changed = []
    for place, (run, manifest, one) in wanted.items():
        source = run / one["path"]
        if store.digest(place) != one["sha256"] and store.digest(source) == one["sha256"]:
            disk.write_whole(place, source.read_bytes())
            changed.append((manifest, one))
        if store.digest(place) == one["sha256"]:
            _note_digest(place, one["sha256"])
    return changed


def sweep(outputs: Path) -> None:
    """Remove what a killed run left half-written beside the histories."""
    for left in (outputs / "state").glob("*/*/*/.????-??-??.*.*"):
        left.unlink()


def _is_whole(path: Path) -> bool:
    """Whether a history is there and fits the digest beside it; one from before there were digests does."""
    beside = path.with_suffix(DIGEST)
    return path.is_file() and (
        not beside.exists() or beside.read_text("ascii", "replace") == file_digest(path)
    )


def _note_digest(path: Path, sha256: str) -> None:
    beside = path.with_suffix(DIGEST)
    if not (beside.is_file() and beside.read_bytes() == sha256.encode()):
        disk.write_whole(beside, sha256.encode())


def _place(outputs: Path, manifest: dict, one: dict) -> Path:
    return _folder(outputs, manifest["name"], one) / f"{one['as_of']}.parquet"


def _folder(outputs: Path, name: str, one: dict) -> Path:
    return folder(outputs, name, one["table"], one["kind"], one["subject"])
