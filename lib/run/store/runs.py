"""A run's folder: whole by itself, assembled aside, shown by one rename.

Tables and pages are hard links into the store (copies where links are not possible); notebooks are copies,
since JupyterLab saves in place.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib import disk
from lib.errors import StoreError
from lib.lock import Lock
from lib.published import MANIFEST, runs_of, sealed
from lib.run.planning.code_digests import file_digest
from lib.run.planning.plan import Plan
from lib.run.request.params import Request
from lib.run.store.manifest import make_manifest
from lib.run.store.results import NOTEBOOK, Store
from lib.run_folder import folder_of, table_path

if TYPE_CHECKING:
    from lib.run.engine import Result


def locked(outputs: Path, purpose: str) -> Lock:
    """The lock of an outputs folder, held: one run at a time. LockHeld says which other run holds it."""
    return Lock(outputs, held=f"{outputs} is held by another run,", purpose=purpose)


def publish(
    plan: Plan,
    results: dict[str, Result],
    store: Store,
    moments: dict[str, Any],
    warn: Callable[[str], None],
    stopped: str | None = None,
) -> tuple[Path, dict]:
    """Assemble the run aside, show it by one rename, and return its folder and manifest.

    ``stopped`` names the signal that ended it. A damaged run of the same id is replaced.
    """
    outputs = store.outputs
    good = all(result.good for result in results.values())
    state = "stopped" if stopped else "done" if good else "failed"
    run = plan.run_id if state == "done" else free_name(outputs, f"{plan.run_id}.{state}")
    beside = outputs / ".staging" / run
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    moments = {**moments, "published": runs_of(outputs).next_number}
    manifest = {**make_manifest(plan, results, run, state, moments), "stopped": stopped}
    _fill(beside, plan, results, store, manifest)
    for name, content in _fronts(beside, manifest).items():
        (beside / name).write_text(content, encoding="utf-8")
    names = sorted(path.relative_to(beside).as_posix() for path in beside.rglob("*") if path.is_file())
    manifest["files"] = {name: file_digest(beside / name) for name in names}
    manifest = sealed(manifest)
    (beside / MANIFEST).write_bytes(disk.dump(manifest))
    disk.sync_tree(beside)
    target = folder_of(outputs, run)
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        _set_aside(outputs, target, manifest, warn)
        disk.remove(target)
    beside.rename(target)
    disk.sync(target.parent)
    for name in (".staging", ".failed"):
        shutil.rmtree(outputs / name, ignore_errors=True)
    return target, manifest


def _fronts(beside: Path, manifest: dict) -> dict[str, str]:
    """What is made of the whole run: front page, search and the summary for mail, by name."""
    from lib.run.pages.writing import mail_summary, run_page, search_page

    def read(page: str) -> str:
        return (beside / page).read_text(encoding="utf-8")

    found = {"index.html": run_page(manifest), "search.html": search_page(manifest, read)}
    return {**found, **mail_summary(manifest)}


def sweep(outputs: Path) -> None:
    """Remove what a killed run left in the working folders, and half-written files beside the whole ones."""
    for name in (".staging", ".work", ".failed"):
        shutil.rmtree(outputs / name, ignore_errors=True)
    half_written = (".latest.*", ".index.html.*", ".cache.json.*", "runs/.*.removed.*", "runs/*/.*.json.*")
    for left in (one for pattern in half_written for one in outputs.glob(pattern)):
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def lost(store: Store, run: Path, manifest: dict) -> list[str]:
    """Files of a run that are missing or are not what was published."""
    files = manifest["files"].items()
    return [name for name, digest in files if store.digest(run / name) != digest]


def _set_aside(outputs: Path, run: Path, manifest: dict, warn: Callable[[str], None]) -> None:
    """Keep what a person wrote into a run that is replaced: notebooks saved there, files added."""
    aside = outputs / "scratch" / run.name
    for path in sorted(one for one in run.rglob("*") if one.is_file() and one.stat().st_size):
        name = path.relative_to(run).as_posix()
        published = manifest["files"].get(name)
        foreign = published is None and name != MANIFEST
        edited = published and name.startswith("notebooks/") and file_digest(path) != published
        if (foreign or edited) and ".ipynb_checkpoints" not in path.parts:
            disk.copy(path, aside / name)
            warn(f"{run.name}/{name} is not what was published; a copy is in {aside.relative_to(outputs)}")


def request_of(run: Path, manifest: dict) -> tuple[Request, dict[str, Path]]:
    """The request that a run carried out, and the files it was given, both from the run's own inputs."""
    from lib.run.request import params

    source = (run / manifest["inputs"]["params"]).read_bytes()
    request = params.from_dict(manifest["request"], run / "inputs", f"{run.name}/inputs", source)
    return request, {name: run / path for name, path in manifest["inputs"]["files"].items()}


def free_name(outputs: Path, run: str) -> str:
    """What the next run that did not end well is called: the first number that is free."""
    n = 1
    while folder_of(outputs, f"{run}-{n}").exists():
        n += 1
    return f"{run}-{n}"


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
            if (place := beside / "exports" / name).exists():
                raise StoreError(
                    f"{task} exports {name}, as another stage does; put the subject's id into it"
                )
            disk.link(result.folder / "exports" / name, place)
    for name, one in plan.raw.items():
        disk.link(store.raw(name, one["sha256"]), beside / one["parquet"])
    for task, step in plan.steps.items():
        for name, path in step.task.files.items():
            disk.copy(path, beside / manifest["inputs"]["files"][f"{task}:{name}"])
    for name, history in plan.states.items():
        if history:
            disk.copy(history, beside / manifest["state_inputs"][name])
    disk.write_whole(beside / manifest["inputs"]["params"], plan.request.source)
