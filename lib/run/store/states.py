"""Histories that grow from day to day: ``state/<params name>/<table>/<kind>=<subject>/<as-of>.parquet``."""

from __future__ import annotations

from pathlib import Path

from lib import disk
from lib.published import Runs, is_complete, order
from lib.run.store.results import Store


def folder(outputs: Path, name: str, table: str, kind: str | None, subject: str | None) -> Path:
    """Where the histories of one table and subject are."""
    return outputs / "state" / name / table / (f"{kind}={subject}" if subject else "all")


def before(
    outputs: Path, name: str, table: str, kind: str | None, subject: str | None, as_of: str
) -> Path | None:
    """The newest history dated before ``as_of``, or None."""
    dated = sorted(folder(outputs, name, table, kind, subject).glob("????-??-??.parquet"))
    return next((path for path in reversed(dated) if path.stem < as_of), None)


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
    return changed


def sweep(outputs: Path) -> None:
    """Remove what a killed run left half-written beside the histories."""
    for left in (outputs / "state").glob("*/*/*/.*.parquet.*"):
        left.unlink()


def _place(outputs: Path, manifest: dict, one: dict) -> Path:
    return _folder(outputs, manifest["name"], one) / f"{one['as_of']}.parquet"


def _folder(outputs: Path, name: str, one: dict) -> Path:
    return folder(outputs, name, one["table"], one["kind"], one["subject"])
