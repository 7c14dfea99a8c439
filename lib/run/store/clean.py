"""List runs, and remove what is asked: one run, all but the newest, and results that no kept run uses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib import disk, wording
from lib.errors import InputError, WorkbenchError
from lib.nearest import nearest
from lib.published import Runs, order, runs_of
from lib.run.events import Events
from lib.run.store import outputs_folder, runs, standing
from lib.run.store.results import Store
from lib.run_folder import folder_of


@dataclass(frozen=True)
class Leaving:
    """What would be removed: runs, audits of runs that are gone, results; and the bytes that this frees."""

    runs: list[Path]
    audits: list[Path]
    results: list[Path]
    size: int


def list_runs(outputs: Path, *, as_json: bool = False) -> int:
    """Every run, newest first: id, state, when, how many stages were executed; then the damaged ones."""
    found = runs_of(outputs)
    every = [_listed(folder, manifest) for folder, manifest in found.readable]
    every += [{"run": one.name, "state": "damaged", "fault": str(fault)} for one, fault in found.damaged]
    if as_json:
        Events().line(event="runs", runs=every)
        return 0
    if not every:
        print("no run yet; `python3 run_all.py` makes one")
    for one in every:
        if one["state"] == "damaged":
            print(f"{one['run']:48} damaged {one['fault']}; the next run of this id makes it anew")
        else:
            when = one["finished"][:19].replace("T", " ")
            print(
                f"{one['run']:48} {one['state']:7} {when}  {one['executed']} executed, {one['reused']} reused"
            )
    return 0


def _listed(folder: Path, manifest: dict) -> dict:
    """What is said of a run that can be read."""
    moments = manifest["moments"]
    state = "part" if manifest["part"] and manifest["state"] == "done" else manifest["state"]
    counts = {name: len(moments[name]) for name in ("executed", "reused")}
    return {
        "run": folder.name,
        "state": state,
        "as_of": manifest["as_of"],
        "finished": moments["finished"],
        **counts,
    }


def clean(outputs: Path, run: str | None, *, keep: int | None, sure: bool) -> int:
    """Remove stored results that no run uses, before that ``run``, or all runs but the newest ``keep``.

    Nothing is removed unless ``sure``. Raises InputError for a run that is not there and a ``keep`` below 1.
    """
    if keep is not None and keep < 1:
        raise InputError(f"found {keep}", field="--keep", mend="keep at least one run")
    if keep is not None and run:
        raise InputError("a run and --keep", mend="name one run, or give --keep N")
    outputs_folder.refuse_foreign(outputs)
    if run:
        _refuse_unknown(outputs, run)
    if not (outputs / "runs").is_dir() and not (outputs / "store").is_dir():
        print("nothing to remove")
        return 0
    try:
        with runs.locked(outputs, "clean"):
            return _clean(outputs, run, keep, sure)
    except OSError as fault:
        raise WorkbenchError(f"not all is removed: {disk.refusal(fault)}") from None


def _clean(outputs: Path, run: str | None, keep: int | None, sure: bool) -> int:
    found = runs_of(outputs)
    leaving = _leaving(outputs, found, [folder_of(outputs, run)] if run else _older(found, keep))
    for place in (*leaving.runs, *leaving.audits, *leaving.results):
        if not sure:
            print(f"would remove {place.relative_to(outputs)}")
        else:
            disk.remove(place) if place.is_dir() else place.unlink()
    if leaving.runs and sure:
        standing.agree(outputs, Store(outputs))
    if still := [folder.name for folder, _ in found.damaged if folder not in leaving.runs]:
        print(f"{wording.joined(still)} damaged: what was stored for it is not known, so every result stays")
    what = f"{len(leaving.runs)} runs and {len(leaving.results)} stored results ({leaving.size / 1e6:.1f} MB)"
    print(f"removed {what}" if sure else f"would remove {what}; add --yes to remove them")
    return 0


def _refuse_unknown(outputs: Path, run: str) -> None:
    found = runs_of(outputs)
    known = [folder.name for folder, _ in (*found.readable, *found.damaged)]
    if run not in known:
        mend = nearest(run, known) or "`python3 run_all.py runs` lists the runs"
        raise InputError(f"no run {run!r}", mend=mend)


def _older(found: Runs, keep: int | None) -> list[Path]:
    """Every run that is older than the newest ``keep`` complete ones."""
    if keep is None or not (kept := found.complete[:keep]):
        return []
    last = order(kept[-1][1])
    return [folder for folder, manifest in found.readable if order(manifest) < last]


def _leaving(outputs: Path, found: Runs, going: list[Path]) -> Leaving:
    unknown = [folder for folder, _ in found.damaged if folder not in going]
    staying = [manifest for folder, manifest in found.readable if folder not in going]
    unused = [] if unknown else _unused(outputs / "store", staying)
    alone = (path for place in unused for path in _files(place) if path.stat().st_nlink == 1)
    names = {folder.name for folder, _ in (*found.readable, *found.damaged) if folder not in going}
    audits = [place for place in sorted((outputs / "audits").glob("[!.]*")) if place.name not in names]
    return Leaving(going, audits, unused, sum(path.stat().st_size for path in alone))


def _unused(store: Path, kept: list[dict]) -> list[Path]:
    used = {f"{one['stage']}/{one['key']}" for manifest in kept for one in manifest["stages"] if one["key"]}
    used |= {
        f"raw/{name}/{one['sha256']}.parquet"
        for manifest in kept
        for name, one in manifest["tables"].items()
        if name.startswith("raw_")
    }
    places = [*store.glob("*/*/[!.]*")]
    return [place for place in sorted(places) if place.relative_to(store).as_posix() not in used]


def _files(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]
