"""Histories that grow from day to day: ``state/<params name>/<table>/<kind>=<subject>/<as-of>.parquet``."""

from __future__ import annotations

from pathlib import Path

from lib import disk
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


def publish(outputs: Path, store: Store, run: Path, manifest: dict) -> list[dict]:
    """Copy a run's states to the histories; those that changed or are new are returned."""
    changed = []
    for one in manifest["states"]:
        place = _folder(outputs, manifest["name"], one) / f"{one['as_of']}.parquet"
        if store.digest(place) != one["sha256"]:
            disk.write_whole(place, (run / one["path"]).read_bytes())
            changed.append(one)
    return changed


def mend(outputs: Path, store: Store, manifests: list[tuple[Path, dict]]) -> None:
    """Publish again any state that a complete run lists and the histories lack; the newest run wins."""
    wanted: dict[Path, Path] = {}
    for run, manifest in sorted(manifests, key=lambda pair: pair[1]["moments"]["finished"]):
        for one in manifest["states"]:
            place = _folder(outputs, manifest["name"], one) / f"{one['as_of']}.parquet"
            wanted[place] = run / one["path"]
    for place, source in wanted.items():
        if not place.exists():
            disk.write_whole(place, source.read_bytes())


def _folder(outputs: Path, name: str, one: dict) -> Path:
    return folder(outputs, name, one["table"], one["kind"], one["subject"])
