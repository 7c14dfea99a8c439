"""Carries a plan out: each stage when its inputs are there, several at once, a failure stopping only
what depends on it.

Our record decides what succeeded, never the notebook's own metadata: every code cell ran, every declared
table is there, and only code that the key covers was loaded.
"""

from __future__ import annotations

import graphlib
import shutil
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from lib import disk
from lib.errors import WorkbenchError
from lib.run.events import Events
from lib.run.kernels.normalise import scrubber
from lib.run.planning import trials
from lib.run.planning.code_digests import digest_of, file_digest, piecewise
from lib.run.planning.plan import Plan, Step, resolve
from lib.run.stage import CONTEXT_VARIABLE
from lib.run.store.results import NOTEBOOK, Store, seal
from lib.run.store.runs import free_name

PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "pyarrow", "matplotlib", "papermill", "nbconvert")


@dataclass
class Result:
    """How a step ended: ``done``, ``failed checks``, ``failed`` or ``not run``."""

    state: str
    record: dict | None = None
    folder: Path | None = None
    page: Path | None = None
    blocked_by: tuple[str, ...] = ()
    executed: bool = False
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether the stage came to its end."""
        return self.state in ("done", "failed checks")


class Engine:
    """One carrying out of a plan. ``kernels()`` gives what executes notebooks and renders pages."""

    def __init__(
        self,
        plan: Plan,
        store: Store,
        kernels: Callable[[], Any],
        events: Events,
        *,
        root: Path,
        jobs: int,
        timeout: float,
        force: bool = False,
    ):
        self.plan, self.store, self.kernels, self.events = plan, store, kernels, events
        self.root, self.jobs, self.timeout, self.force = root, jobs, timeout, force
        self.work = store.outputs / ".work"
        folders = (store.outputs, plan.request.folder, Path.home())
        self.private = tuple(str(folder.absolute()) for folder in folders)
        self.results: dict[str, Result] = {}
        self.over = False

    def run(self) -> dict[str, Result]:
        """Every step's result, in plan order."""
        graph = {task: self._needs(step) for task, step in self.plan.steps.items()}
        order = graphlib.TopologicalSorter(graph)
        order.prepare()
        running: dict[Future, str] = {}
        self.events.begin(list(self.plan.steps))
        pool = ThreadPoolExecutor(self.jobs, thread_name_prefix="stage")
        try:
            while order.is_active():
                ready = sorted(order.get_ready(), key=list(self.plan.steps).index)
                for task in ready:
                    running[pool.submit(self._carry_out, task)] = task
                for future in wait(running, timeout=0.5, return_when=FIRST_COMPLETED).done:
                    task = running.pop(future)
                    self.results[task] = future.result()
                    order.done(task)
        finally:
            self.over = True
            pool.shutdown(wait=False, cancel_futures=True)
        shutil.rmtree(self.work, ignore_errors=True)
        return {task: self.results[task] for task in self.plan.steps}

    def so_far(self) -> dict[str, Result]:
        """Every step's result where the run was ended before its end; what had not ended was not run."""
        return {task: self.results.get(task) or Result("not run") for task in self.plan.steps}

    def _needs(self, step: Step) -> set[str]:
        return {maker for maker in step.task.inputs.values() if maker in self.plan.steps}

    def _carry_out(self, task: str) -> Result:
        step = self.plan.steps[task]
        failed = [need for need in self._needs(step) if self.results[need].state in ("failed", "not run")]
        if failed:
            first = sorted({blocker for need in failed for blocker in self._blockers(need)})
            self.events.stage(task, "not run", message=f"needs {', '.join(first)}")
            return Result("not run", blocked_by=tuple(first))
        if not step.key:
            resolve(step, self.plan.steps, self.plan.raw, self.store, force=self.force)
        assert step.key
        try:
            result = self._reuse(step) if step.record else self._execute(step)
        except WorkbenchError as fault:
            message = scrubber(self.private)(str(fault))
            result = Result("failed", _failed({"tables": {}}, "page", message), executed=True)
        if result.good and result.record:
            tasks = [one.task for one in self.plan.steps.values()]
            trials.note(self.store.outputs, tasks, step.task, result.record)
        more: dict[str, Any] = {"seconds": round(result.seconds, 2)} if result.executed else {}
        if result.record and result.record.get("failure"):
            failure = result.record["failure"]
            more |= {"reason": failure["reason"], "message": failure["message"]}
        if self.over:
            return result
        self.events.stage(task, result.state if result.executed or more else "reused", **more)
        return result

    def _blockers(self, task: str) -> tuple[str, ...]:
        return self.results[task].blocked_by or (task,)

    def _reuse(self, step: Step) -> Result:
        assert step.record
        folder = self.store.entry(step.task.row.name, step.record["key"])
        return Result(_state(step.record), step.record, folder, self._page(step.record, folder))

    def _execute(self, step: Step) -> Result:
        self.events.stage(step.task.id, "running")
        started = time.monotonic()
        work = self.work / step.task.id.replace("/", ".")
        folder = work / "result"
        record = self._record(step, folder, self._run_notebook(step, work, folder))
        if record.get("failure") is None:
            try:
                self.store.publish(record, folder)
                folder = self.store.entry(step.task.row.name, record["key"])
            except WorkbenchError as fault:
                record = _failed(record, "not reproducible", scrubber(self.private)(str(fault)))
        if record.get("failure") is None:
            step.record = record
        else:
            folder = self._keep_failed(step, folder, record)
        page = self._page(record, folder)
        return Result(_state(record), record, folder, page, executed=True, seconds=time.monotonic() - started)

    def _run_notebook(self, step: Step, work: Path, folder: Path) -> Any:
        from lib.run.kernels.job import Job

        context = work / "context.json"
        assert step.key

        def begin() -> None:
            shutil.rmtree(work, ignore_errors=True)
            folder.mkdir(parents=True)
            (work / "cwd").mkdir()
            context.write_bytes(disk.dump(self._context(step, folder)))

        job = Job(
            notebook=self.root / "notebooks" / f"{step.task.row.name}.ipynb",
            parameters=step.task.parameters,
            environment={CONTEXT_VARIABLE: str(context.resolve())},
            cwd=work / "cwd",
            seed=int(step.key[:8], 16),
            timeout=self.timeout,
            on_cell=lambda done, total: self.events.progress(step.task.id, done, total),
            begin=begin,
            private=self.private,
        )
        return self.kernels().execute(job)

    def _context(self, step: Step, folder: Path) -> dict:
        assert step.inputs
        tables = {name: {**one, "path": str(self._table(step, name))} for name, one in step.inputs.items()}
        states = {name: self.plan.states[history] for name, history in step.task.histories.items()}
        dated = {str(path.resolve()): step.parts["states"][name] for name, path in states.items() if path}
        files = {name: str(path.resolve()) for name, path in step.task.files.items()}
        return {
            "stage": step.task.row.name,
            "subject": step.task.subject,
            "as_of": self.plan.request.as_of,
            "subjects": step.task.subjects_read(),
            "tables": tables,
            "states": {name: str(path.resolve()) if path else None for name, path in states.items()},
            "repeats": {stage: one.parameters for stage, one in step.task.repeats.items()},
            "files": files,
            "digests": {**dated, **{path: step.parts["files"][name] for name, path in files.items()}},
            "output": str(folder.resolve()),
        }

    def _table(self, step: Step, name: str) -> Path:
        table, maker_id = name.partition("@")[0], step.task.inputs[name]
        if maker_id is None:
            return self.store.raw(table, self.plan.raw[table]["sha256"]).resolve()
        maker = self.plan.steps[maker_id]
        assert maker.record
        entry = self.store.entry(maker.task.row.name, maker.record["key"])
        return (entry / "tables" / f"{table}.parquet").resolve()

    def _record(self, step: Step, folder: Path, outcome: Any) -> dict:
        from lib.run.kernels.normalise import dump

        notebook = dump(outcome.notebook)
        (folder / NOTEBOOK).write_bytes(notebook)
        conclusion = disk.read_json(folder / "conclusion.json", {})
        (folder / "conclusion.json").unlink(missing_ok=True)
        assert step.inputs
        task = step.task
        record = {
            "stage": task.row.name,
            "kind": task.row.per,
            "subject": task.subject,
            "as_of": self.plan.request.as_of,
            "key": step.key,
            "title": task.notebook.title,
            "question": task.row.question,
            "parameters": {
                p.name: {**asdict(p), "value": task.parameters[p.name]} for p in task.notebook.parameters
            },
            "repeats": {stage: one.parameters for stage, one in task.repeats.items()},
            "parts": step.parts,
            "inputs": step.inputs,
            "tables": _tables(folder, conclusion, step.inputs),
            "exports": {
                name: file_digest(folder / "exports" / name) for name in conclusion.get("exports", [])
            },
            "notebook": file_digest(folder / NOTEBOOK),
            "faults": conclusion.get("faults", []),
            "made_up": conclusion.get("made_up", []),
            "verdict": conclusion.get("verdict", ""),
            "key_figures": conclusion.get("key_figures", []),
            "checks": conclusion.get("checks", []),
            **({"trial": conclusion["trial"]} if conclusion.get("trial") else {}),
            "modules": sorted(outcome.modules),
            "versions": versions(),
        }
        if outcome.failure:
            return _failed(record, **asdict(outcome.failure))
        if missing := [name for name in (*task.row.writes, "key_figures") if name not in record["tables"]]:
            return _failed(record, "table", f"the stage ended without writing {', '.join(missing)}")
        if alien := [m for m in record["modules"] if m not in step.parts["modules"] and not piecewise(m)]:
            return _failed(record, "modules", f"loaded code that its key does not cover: {', '.join(alien)}")
        record["seal"] = seal(record)
        return record

    def _keep_failed(self, step: Step, folder: Path, record: dict) -> Path:
        kept = self.store.outputs / ".failed" / step.task.id.replace("/", ".")
        shutil.rmtree(kept, ignore_errors=True)
        kept.parent.mkdir(exist_ok=True)
        if folder.exists():
            shutil.move(folder, kept)
        else:
            shutil.copytree(self.store.entry(record["stage"], record["key"]), kept)
            kept.chmod(0o755)
        for name in ("tables", "exports"):
            shutil.rmtree(kept / name, ignore_errors=True)
            record[name] = {}
        disk.write_whole(kept / "stage.json", disk.dump(record))
        return kept

    def _page(self, record: dict, folder: Path) -> Path:
        template = digest_of([record["key"], self.plan.environment["template"]])
        if record.get("failure") is None and (known := self.store.page(folder, template)):
            return known
        page = folder / "pages" / f".{template}.html"
        page.parent.mkdir(exist_ok=True)
        page.unlink(missing_ok=True)
        payload = {
            "notebook": str(folder / NOTEBOOK),
            "record": str(folder / "stage.json"),
            "page": str(page),
            "again": self._again() if record.get("failure") else None,
        }
        self.kernels().call("lib.run.pages.writing:write_stage_page", payload)
        return self.store.publish_page(page, template)

    def _again(self) -> dict[str, str]:
        """What was asked, for the page of a failed stage: the run as it will be shown, params and date."""
        request, given = self.plan.request, Path(self.plan.request.shown)
        if given.is_absolute():
            given = given.relative_to(self.root) if given.is_relative_to(self.root) else Path(given.name)
        run = free_name(self.store.outputs, f"{self.plan.run_id}.failed")
        return {"run": run, "params": given.as_posix(), "as_of": request.as_of}


def _state(record: dict) -> str:
    if record.get("failure"):
        return "failed"
    return "done" if all(check["passed"] for check in record["checks"]) else "failed checks"


def _failed(record: dict, reason: str, message: str, **more: Any) -> dict:
    empty: dict[str, Any] = {"cell": None, "cell_id": None, "ename": None, "evalue": None, "traceback": []}
    return {**record, "failure": {**empty, **more, "reason": reason, "message": message}}


def _tables(folder: Path, conclusion: dict, inputs: dict[str, dict]) -> dict[str, dict]:
    """The tables that the stage says it wrote and that are there; origins as the rows or the inputs say."""
    inherited = sorted({origin for one in inputs.values() for origin in one["origins"]})
    found = {}
    for name, one in sorted(conclusion.get("tables", {}).items()):
        path = folder / "tables" / f"{name}.parquet"
        if path.is_file():
            found[name] = {
                "sha256": file_digest(path),
                "bytes": path.stat().st_size,
                "rows": one["rows"],
                "columns": one["columns"],
                "origins": inherited if one["own_origins"] is None else one["own_origins"],
            }
    return found


@cache
def versions() -> dict[str, str]:
    """Minor version of Python and versions of the packages that numbers and pages depend on."""
    import platform

    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: metadata.version(name) for name in PACKAGES},
    }
