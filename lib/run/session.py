"""One call on one outputs folder: resolve → validate → prepare → plan → execute → publish."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib import disk, ledgers
from lib.contracts import Prepare, Stage
from lib.errors import Faults, InputError, WorkbenchError
from lib.lock import Lock
from lib.pipeline import PIPELINE
from lib.progress import Listener
from lib.run.events import Events
from lib.run.kernels.processes import Children, call
from lib.run.planning import graph, prepare, trials
from lib.run.planning.code_digests import Sources, file_digest
from lib.run.planning.earlier import Earlier
from lib.run.planning.plan import Plan, explain, make_plan
from lib.run.planning.prepare import Circumstances, Prepared
from lib.run.publication import execute
from lib.run.request import alert_tables, latest, params, sections
from lib.run.request.params import Request
from lib.run.request.selection import left_out, select
from lib.run.request.tasks import Task, make_tasks
from lib.run.store import outputs_folder, runs, standing, states
from lib.run.store.cache import Cache
from lib.run.store.results import Store
from lib.run_folder import LEDGER

ROOT = Path(__file__).resolve().parents[2]
SPACE_NEEDED = 200_000_000


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    params: Path
    only: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    as_of: str | None = None
    outputs: Path = ROOT / "outputs"
    jobs: int = field(default_factory=lambda: os.cpu_count() or 1)
    timeout: float = 900.0
    cold: bool = False
    force: bool = False
    offline: bool = False
    refresh: bool = False
    look: bool = False
    """Whether nothing is to be carried out, so that no source is asked and nothing is made."""


@dataclass(frozen=True)
class Given:
    """Inputs that replace those of the world: the ones that a run keeps in its folder."""

    request: Request
    only: tuple[str, ...]
    part: dict | None
    files: dict[str, Path]
    raw: dict[str, dict]
    states: dict[str, Path | None]


class Session:
    """Everything that one call knows; nothing is written before ``execute``.

    Faults of what was handed in are noted, and ``prepare`` raises all of them at once.
    """

    def __init__(self, options: Options, given: Given | None = None):
        self.options, self.given, self.faults = options, given, Faults()
        self.outputs = options.outputs
        self.scratch = tempfile.TemporaryDirectory(prefix="workbench-trials-")
        outputs_folder.refuse_foreign(self.outputs)
        self.cache = Cache(self.outputs, datetime.now(UTC))
        self.store = Store(self.outputs)
        self.sources = Sources(ROOT, self.cache.part("imports"))
        self.known = self.cache.known(self._sound)
        self.lock = file_digest(ROOT / "requirements.lock")
        graph.check_graph(PIPELINE, ROOT)
        load = params.load
        written = given.request if given else load(options.params, str(options.params), self.faults)
        self.request = given.request if given else self._asked(written)
        rows = select(PIPELINE, self.request, given.only if given else options.only, self.faults)
        self.part = given.part if given else left_out(PIPELINE, written, self.request, rows)
        self.tasks = self._tasks(rows)
        if self.request.alerts.rules:
            whole = select(PIPELINE, written, faults=Faults())
            alert_tables.note_unmade(self.request, self.request.alerts, whole, self.faults)
        self.hooks = PIPELINE.hooks_for(rows)
        hooks = [row.prepare for row in self.hooks if row.prepare]
        sections.note_missing(self.request, hooks, rows, self.faults)

    def prepare(self, call: Any) -> Prepared:
        """Check the inputs and get the raw tables; new ones are left where ``call`` says.

        Which symbols they must hold is asked of the stages that the params name, whatever ``--only`` selects
        of them, and of the subjects always, so that a run of a few stages sees the data of the run of all.
        Raises InputError with every fault of params, files and data that can be found without mending one.
        """
        if self.given:
            self.faults.refuse()
            return Prepared(self.given.raw, {})
        rows = [row for row in self.hooks if row.prepare and row.prepare.section in self.request.sources]
        hooks = [row.prepare for row in rows if row.prepare]
        asking = self._asking() if any(hook.symbols for hook in hooks) else self.tasks
        around, refused = self._around(hooks, asking), Faults()
        prepared = prepare.prepare(
            self.request, rows, asking, ROOT, self.sources, self.lock, self.known, around, call, refused
        )
        for fault in refused.found.values():
            self._note_placed(fault)
        self.faults.remark(refused.notes.values())
        self.faults.refuse()
        self.known = self.known.updated(prepared.fresh)
        return prepared

    def _around(self, hooks: list[Prepare], asking: list[Task]) -> Circumstances:
        """What hooks may use; the folders of stores are made unless nothing will be fetched."""
        options = self.options
        stores: dict[str, Path] = {}
        for hook in hooks:
            make = not (options.offline or options.look or self.faults)
            with self.faults.noted():
                stores[hook.section] = sections.store_folder(self.request, hook, self.outputs, make=make)
            stores.setdefault(hook.section, self.outputs / hook.folder)
        asked = {name: getattr(options, name) for name in ("offline", "refresh", "look")}
        ids = {
            task.histories[name]
            for task in asking
            if task.row.validate or task.row.foretell
            for name in prepare.dated(task)
        }
        histories = {one: self._history(*PIPELINE.owner(one)) for one in sorted(ids)}
        refused = bool(self.faults)
        return Circumstances(self.cache.now, stores, self.store.raw, histories, **asked, refused=refused)

    def _note_placed(self, fault: InputError) -> None:
        """Note what a hook refuses at its place; nothing of a day that the params do not give."""
        if self.request.asked_as_of or fault.field != "as_of":
            self.faults.add(params.placed(fault, self.request))

    def plan(self, raw: dict[str, dict]) -> Plan:
        """What would run and why."""
        from lib.run.pages.writing import page_digest

        return make_plan(
            self.request,
            self.tasks,
            raw,
            self.given.states if self.given else self._states(),
            root=ROOT,
            store=self.store,
            sources=self.sources,
            template=page_digest(),
            force=self.options.force,
            part=self.part,
        )

    def explain(self, plan: Plan) -> None:
        """Say why each step of a plan runs, by the nearest run that there is."""
        explain(plan, Earlier(self.outputs, self.store, self.request))

    def _asking(self) -> list[Task]:
        rows = select(PIPELINE, self.request, faults=self.faults)
        of_subjects = [row for row in PIPELINE if row.per in self.request.subjects and row.validate]
        return self._tasks([row for row in PIPELINE if row in rows or row in of_subjects])

    def _tasks(self, rows: Sequence[Stage]) -> list[Task]:
        files = self.given.files if self.given else {}
        return make_tasks(list(rows), self.request, ROOT, PIPELINE, files, self.faults)

    def _asked(self, written: Request) -> Request:
        """What the params file and the command line ask for, with a date."""
        options = self.options
        faults, subjects, settings = self.faults, list(options.subjects), list(options.settings)
        asked = params.override(written, options.as_of, subjects, settings, faults)
        known, now = self.known.latest, self.cache.now
        if asked.asked_as_of:
            try:
                request, fresh = latest.resolve(asked, PIPELINE, self.sources, self.lock, known, now, call)
                known.update(fresh)
                return request
            except InputError as fault:
                faults.add(params.placed(fault, asked))
        return replace(asked, as_of=f"{now:%Y-%m-%d}", asked_as_of="")

    def _sound(self, table: str, sha256: str) -> bool:
        """Whether a remembered slice is still in the store, unharmed."""
        return self.store.digest(self.store.raw(table, sha256)) == sha256

    def _states(self) -> dict[str, Path | None]:
        ids = dict.fromkeys(one for task in self.tasks for one in task.histories.values())
        return {history: self._history(*PIPELINE.owner(history)) for history in ids}

    def _history(self, table: str, kind: str | None, subject: str | None) -> Path | None:
        """What a run of this day continues, or is told of the ledger of trials."""
        if ledgers.is_by_day(table) and subject:
            return self._told(table, subject)
        if table == LEDGER and kind and subject:
            return trials.others(self.outputs, self.tasks, kind, subject, Path(self.scratch.name))
        return states.before(self.outputs, self.request.name, table, kind, subject, self.request.as_of)

    def _told(self, folder: str, subject: str) -> Path | None:
        """What a run of this day is told of a subject's ledger, as a file; None where that is nothing."""
        content = ledgers.by_day(self.outputs, subject, self.request.as_of)
        path = Path(self.scratch.name) / f"{folder}={subject}.jsonl"
        path.write_bytes(content)
        return path if content else None

    def save_cache(self) -> None:
        """Remember imports, digests and hook results."""
        imports = {**self.sources.cache, **self.sources.used}
        self.cache.save(imports=imports, known=self.known)


def carry_out(options: Options, events: Events, given: Given | None = None) -> tuple[int, Path | None]:
    """Carry a params file out; the exit code and the folder of the run."""
    session = Session(options, given)
    outputs = options.outputs
    with ExitStack() as stack:
        stack.enter_context(events)
        purpose = f"{session.request.name} {session.request.as_of}"
        lock = _locked(stack, outputs, purpose) if outputs.is_dir() else None
        if lock:
            _clean_up(session)
        children = Children(stack, options.cold)

        def fetch(target: str, payload: dict) -> dict:
            if any(session.request.sources[section].keeps for section in payload["fetches"]):
                outputs_folder.claim(outputs)
            for section in payload["fetches"]:
                events.fetching(section, session.request.sources[section].provider)
            with Listener(children.kernels().folder / "progress", events.asking) as listener:
                return children.call(target, {**payload, "progress": str(listener.file)})

        prepared = session.prepare(fetch)
        for section, fact in prepared.events:
            events.source(section, fact)
        for message in prepared.warnings:
            events.warn(message)
        lock = lock or _locked(stack, outputs, purpose)
        for message in ledgers.enter(outputs):
            events.warn(message)
        for table, one in prepared.slices.items():
            if "path" in one:
                session.store.publish_raw(table, one["sha256"], Path(one["path"]))
        plan = session.plan(prepared.slices)
        for name in session.store.damaged:
            events.warn(f"{name} was damaged in the store; it is made again")
        code, folder = execute(session, plan, prepared.fetches, children, events)
        session.save_cache()
        return code, folder


def _locked(stack: ExitStack, outputs: Path, purpose: str) -> Lock:
    try:
        lock = stack.enter_context(runs.locked(outputs, purpose))
        space = os.statvfs(outputs)
    except OSError as fault:
        if disk.is_full(fault):
            raise
        found = f"{outputs} cannot be written ({fault.strerror})"
        raise InputError(found, field="--outputs", mend="name a folder that can be written") from None
    if space.f_bavail * space.f_frsize < SPACE_NEEDED:
        raise WorkbenchError(
            f"less than {SPACE_NEEDED // 1_000_000} MB are free at {outputs}; free some first"
        )
    outputs_folder.claim(outputs)
    return lock


def _clean_up(session: Session) -> None:
    """Take up from where a killed run left off."""
    runs.sweep(session.outputs)
    states.sweep(session.outputs)
    session.store.sweep()
    standing.take_up(session.outputs, session.store)
