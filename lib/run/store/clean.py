"""List runs, and remove what no kept run uses."""

from __future__ import annotations

from pathlib import Path

from lib import disk
from lib.run.store import outputs_folder, runs
from lib.run_folder import manifests


def list_runs(outputs: Path) -> int:
    """Every run, newest first: id, state, when, how many stages were executed, report."""
    found = manifests(outputs, failed=True)
    if not found:
        print("no run yet; `python3 run_all.py` makes one")
    for folder, manifest in found:
        moments = manifest["moments"]
        when = moments["finished"][:19].replace("T", " ")
        print(
            f"{folder.name:48} {manifest['state']:7} {when}  "
            f"{len(moments['executed'])} executed, {len(moments['reused'])} reused"
        )
    return 0


def clean(outputs: Path, *, keep: int | None, dry: bool) -> int:
    """Remove stored results that no run uses; with ``keep``, first all runs but the newest ``keep``."""
    if not outputs.is_dir():
        print("nothing to remove")
        return 0
    outputs_folder.refuse_foreign(outputs)
    with runs.locked(outputs, "clean"):
        found = manifests(outputs, failed=True)
        leaving = [folder for folder, _ in found[keep:]] if keep is not None else []
        kept = [manifest for folder, manifest in found if folder not in leaving]
        unused = list(_unused(outputs / "store", kept))
        size = sum(p.stat().st_size for place in unused for p in _files(place) if p.stat().st_nlink == 1)
        for place in (*leaving, *unused):
            if dry:
                print(f"would remove {place.relative_to(outputs)}")
            else:
                disk.remove(place) if place.is_dir() else place.unlink()
        if leaving and not dry:
            runs.refresh(outputs)
        verb = "would remove" if dry else "removed"
        print(f"{verb} {len(leaving)} runs and {len(unused)} stored results ({size / 1e6:.1f} MB)")
    return 0


def _unused(store: Path, kept: list[dict]) -> list[Path]:
    used = {f"{one['stage']}/{one['key']}" for manifest in kept for one in manifest["stages"] if one["key"]}
    used |= {
        f"raw/{name}/{one['sha256']}.parquet"
        for manifest in kept
        for name, one in manifest["tables"].items()
        if name.startswith("raw_")
    }
    places = [*store.glob("*/*/*")]
    return [place for place in sorted(places) if place.relative_to(store).as_posix() not in used]


def _files(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]
