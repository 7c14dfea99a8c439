"""One call on one outputs folder: resolve → validate → prepare → plan → execute → publish."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.contracts import Stage
from lib.errors import InputError, WorkbenchError
from lib.lock import Lock
from lib.pipeline import PIPELINE
from lib.run.events import Events
from lib.run.kernels.processes import Children, call
from lib.run.planning import graph, prepare
from lib.run.planning.code_digests import Sources, file_digest
from lib.run.planning.plan import Plan, make_plan
from lib.run.publication import execute
from lib.run.request import latest, params, sections
from lib.run.request.params import Request
from lib.run.request.selection import left_out, select
from lib.run.request.tasks import Task, make_tasks
from lib.run.store import runs, standing, states
from lib.run.store.cache import Cache
from lib.run.store.results import Store

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
    """Everything that one call knows; nothing is written before ``execute``."""

    def __init__(self, options: Options, given: Given | None = None):
        self.options, self.given = options, given
        self.outputs = options.outputs
        self.cache = Cache(self.outputs, datetime.now(UTC))
        self.store = Store(self.outputs, self.cache.part("seen"))
        self.sources = Sources(ROOT, self.cache.part("imports"))
        self.known = self.cache.known(self._sound)
        self.lock = file_digest(ROOT / "requirements.lock")
        graph.check_graph(PIPELINE, ROOT)
        written = given.request if given else params.load(options.params, str(options.params))
        self.request = given.request if given else self._asked(written)
        rows = select(PIPELINE, self.request, given.only if given else options.only)
        self.part = given.part if given else left_out(PIPELINE, written, self.request, rows)
        self.tasks = self._tasks(rows)
        self.hooks = PIPELINE.hooks_for(rows)
        sections.refuse_missing(self.request, [row.prepare for row in self.hooks if row.prepare], rows)

    def prepare(self, call: Any) -> prepare.Prepared:
        """Check the inputs and get the raw tables; new ones are left where ``call`` says.

        Which symbols they must hold is asked of the stages that the params name, whatever ``--only`` selects
        of them, and of the subjects always, so that a run of a few stages sees the data of the run of all.
        """
        if self.given:
            return prepare.Prepared(self.given.raw, {})
        hooks = [row.prepare for row in self.hooks if row.prepare]
        offline = self.options.offline
        stores = {
            hook.section: sections.store_folder(self.request, hook, self.outputs, make=not offline)
            for hook in hooks
        }
        around = prepare.Circumstances(self.cache.now, stores, offline)
        asking = self._asking() if any(hook.symbols for hook in hooks) else self.tasks
        try:
            prepared = prepare.prepare(
                self.request, self.hooks, asking, ROOT, self.sources, self.lock, self.known, around, call
            )
        except InputError as fault:
            raise params.placed(fault, self.request) from None
        self.known = self.known.updated(prepared.fresh)
        return prepared

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
            last=self.cache.part("last").get(self.request.name, {}),
            force=self.options.force,
            part=self.part,
        )

    def _asking(self) -> list[Task]:
        rows = select(PIPELINE, self.request)
        of_subjects = [row for row in PIPELINE if row.per in self.request.subjects and row.validate]
        return self._tasks([row for row in PIPELINE if row in rows or row in of_subjects])

    def _tasks(self, rows: Sequence[Stage]) -> list[Task]:
        files = self.given.files if self.given else {}
        return make_tasks(list(rows), self.request, ROOT, PIPELINE, files)

    def _asked(self, written: Request) -> Request:
        """What the params file and the command line ask for, with a date."""
        options = self.options
        asked = params.override(written, options.as_of, list(options.subjects), list(options.settings))
        known, now = self.known.latest, self.cache.now
        try:
            request, fresh = latest.resolve(asked, PIPELINE, self.sources, self.lock, known, now, call)
        except InputError as fault:
            raise params.placed(fault, asked) from None
        known.update(fresh)
        return request

    def _sound(self, table: str, sha256: str) -> bool:
        """Whether a remembered slice is still in the store, unharmed."""
        return self.store.digest(self.store.raw(table, sha256)) == sha256

    def _states(self) -> dict[str, Path | None]:
        ids = dict.fromkeys(one for task in self.tasks for one in task.histories.values())
        name, as_of = self.request.name, self.request.as_of
        return {
            history: states.before(self.outputs, name, *PIPELINE.owner(history), as_of) for history in ids
        }

    def save_cache(self, plan: Plan) -> None:
        """Remember imports, digests, hook results and the parts of the keys."""
        last = dict(self.cache.part("last"))
        last[self.request.name] = {
            **last.get(self.request.name, {}),
            **{task: step.parts for task, step in plan.steps.items()},
        }
        imports = {**self.sources.cache, **self.sources.used}
        self.cache.save(imports=imports, seen=self.store.seen, last=last, known=self.known)


def carry_out(options: Options, events: Events, given: Given | None = None) -> tuple[int, Path | None]:
    """Carry a params file out; the exit code and the folder of the run."""
    session = Session(options, given)
    outputs = options.outputs
    with ExitStack() as stack:
        purpose = f"{session.request.name} {session.request.as_of}"
        lock = _locked(stack, outputs, purpose) if outputs.is_dir() else None
        children = Children(stack, options.cold)

        def fetch(target: str, payload: dict) -> dict:
            for section in payload["fetches"]:
                events.fetching(section, session.request.sources[section].provider)
            return children.call(target, payload)

        prepared = session.prepare(fetch)
        for section, fact in prepared.events:
            events.source(section, fact)
        lock = lock or _locked(stack, outputs, purpose)
        _clean_up(session)
        for table, one in prepared.slices.items():
            if "path" in one:
                session.store.publish_raw(table, one["sha256"], Path(one["path"]))
        plan = session.plan(prepared.slices)
        for name in session.store.damaged:
            events.warn(f"{name} was damaged in the store; it is made again")
        code, folder = execute(session, plan, prepared.fetches, children, events, stack)
        session.save_cache(plan)
        return code, folder


def _locked(stack: ExitStack, outputs: Path, purpose: str) -> Lock:
    try:
        lock = stack.enter_context(runs.locked(outputs, purpose))
        space = os.statvfs(outputs)
    except OSError as fault:
        raise WorkbenchError(f"{outputs} cannot be written ({fault.strerror}); give --outputs DIR") from None
    if space.f_bavail * space.f_frsize < SPACE_NEEDED:
        raise WorkbenchError(
            f"less than {SPACE_NEEDED // 1_000_000} MB are free at {outputs}; free some first"
        )
    return lock


def _clean_up(session: Session) -> None:
    """Take up from where a killed run left off."""
    runs.sweep(session.outputs)
    states.sweep(session.outputs)
    session.store.sweep()
    standing.take_up(session.outputs, session.store)
