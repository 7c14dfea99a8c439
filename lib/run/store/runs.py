"""A run's folder: whole by itself, assembled aside, shown by one rename; then histories and the page of runs.

Tables and pages are hard links into the store (copies where links are not possible); notebooks are copies,
since JupyterLab saves in place.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib import disk
from lib.errors import StoreError
from lib.lock import Lock
from lib.run.planning.code_digests import file_digest
from lib.run.planning.plan import Plan
from lib.run.request.params import Request
from lib.run.store.manifest import make_manifest
from lib.run.store.results import NOTEBOOK, Store
from lib.run_folder import MANIFEST, folder_of, manifests, read_manifest, table_path

if TYPE_CHECKING:
    from lib.run.engine import Result


def locked(outputs: Path, purpose: str) -> Lock:
    """The lock of an outputs folder, held: one run at a time. LockHeld says which other run holds it."""
    return Lock(outputs, held=f"{outputs} is held by another run,", purpose=purpose)


def publish(
    plan: Plan, results: dict[str, Result], store: Store, moments: dict[str, Any]
) -> tuple[Path, dict]:
    """Assemble the run aside, show it by one rename, and return its folder and manifest."""
    outputs = store.outputs
    good = all(result.state in ("done", "failed checks") for result in results.values())
    run = plan.run_id if good else free_name(outputs, plan.run_id)
    beside = outputs / ".staging" / run
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    manifest = make_manifest(plan, results, run, "done" if good else "failed", moments)
    _fill(beside, plan, results, store, manifest)
    from lib.run.pages.writing import run_page

    (beside / "index.html").write_text(run_page(manifest), encoding="utf-8")
    names = sorted(path.relative_to(beside).as_posix() for path in beside.rglob("*") if path.is_file())
    manifest["files"] = {name: file_digest(beside / name) for name in names}
    (beside / MANIFEST).write_bytes(disk.dump(manifest))
    disk.sync_tree(beside)
    target = folder_of(outputs, run)
    target.parent.mkdir(exist_ok=True)
    beside.rename(target)
    disk.sync(target.parent)
    for name in (".staging", ".failed"):
        shutil.rmtree(outputs / name, ignore_errors=True)
    return target, manifest


def refresh(outputs: Path) -> None:
    """Point ``latest`` at the newest complete run and rebuild the page of every run."""
    from lib.run.pages.writing import runs_page

    complete = manifests(outputs)
    latest = outputs / "latest"
    if complete:
        target = f"runs/{complete[0][0].name}"
        if not (latest.is_symlink() and str(latest.readlink()) == target):
            beside = outputs / f".latest.{os.getpid()}"
            beside.unlink(missing_ok=True)
            beside.symlink_to(target)
            beside.replace(latest)
    page = runs_page([manifest for _, manifest in manifests(outputs, failed=True)])
    disk.write_whole(outputs / "index.html", page.encode())


def sweep(outputs: Path) -> None:
    """Remove what a killed run left in the working folders."""
    for name in (".staging", ".work", ".failed"):
        shutil.rmtree(outputs / name, ignore_errors=True)
    for left in (*outputs.glob(".latest.*"), *outputs.glob(".index.html.*"), *outputs.glob("runs/.*")):
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def mend(store: Store, run: Path) -> list[str]:
    """Replace files of a run that are damaged by sound ones of the store; the names of those replaced.

    Raises StoreError when the run's manifest cannot be read.
    """
    manifest = read_manifest(run)
    if manifest is None:
        raise StoreError(f"{run / MANIFEST} is damaged; remove the folder {run} and run again")
    replaced = []
    keys = {(s["stage"], s["subject"]): s["key"] for s in manifest["stages"]}
    for name, one in manifest["tables"].items():
        path, (table, _, subject) = one["path"], name.partition("@")
        if store.digest(run / path) == one["sha256"]:
            continue
        key = keys.get((one["stage"], subject or None))
        sound = (
            store.entry(one["stage"], key) / "tables" / f"{table}.parquet"
            if key
            else store.raw(table, one["sha256"])
        )
        if store.digest(sound) == one["sha256"]:
            beside = run / f".{os.getpid()}.mend"
            disk.link(sound, beside)
            beside.replace(run / path)
            replaced.append(path)
    return replaced


def request_of(run: Path, manifest: dict) -> tuple[Request, dict[str, Path]]:
    """The request that a run carried out, and the files it was given, both from the run's own inputs."""
    from lib.run.request import params

    source = (run / manifest["inputs"]["params"]).read_bytes()
    request = params.from_dict(manifest["request"], run / "inputs", f"{run.name}/inputs", source)
    return request, {name: run / path for name, path in manifest["inputs"]["files"].items()}


def free_name(outputs: Path, run: str) -> str:
    """What the next failed run of this id is called."""
    n = 1
    while folder_of(outputs, f"{run}.failed-{n}").exists():
        n += 1
    return f"{run}.failed-{n}"


def _fill(beside: Path, plan: Plan, results: dict[str, Result], store: Store, manifest: dict) -> None:
    for task, result in results.items():
        if not result.folder or not result.page:
            continue
        row, subject = plan.steps[task].task.row, plan.steps[task].task.subject
        entry = next(s for s in manifest["stages"] if (s["stage"], s["subject"]) == (row.name, subject))
        disk.link(result.page, beside / entry["page"])
        disk.copy(result.folder / NOTEBOOK, beside / entry["notebook"])
        for table in (result.record or {})["tables"]:
            if table != "key_figures":
                place = beside / table_path(table, row.per, subject)
                disk.link(result.folder / "tables" / f"{table}.parquet", place)
        for name in (result.record or {})["exports"]:
            disk.link(result.folder / "exports" / name, beside / "exports" / name)
    for name, one in plan.raw.items():
        disk.link(store.raw(name, one["sha256"]), beside / one["parquet"])
    for task, step in plan.steps.items():
        for name, path in step.task.files.items():
            disk.copy(path, beside / manifest["inputs"]["files"][f"{task}:{name}"])
    for name, history in plan.states.items():
        if history:
            disk.copy(history, beside / manifest["state_inputs"][name])
    disk.write_whole(beside / manifest["inputs"]["params"], plan.request.source)
