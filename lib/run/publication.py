"""What becomes of a plan: nothing where its run is there and sound, else it is carried out and its run shown.

A run that is carried out again counts as the last one of its day, whether anything was executed or not. One
that has lost files, or whose manifest is damaged, is made anew from the stored results.
"""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib import ledgers
from lib.published import examined
from lib.run.events import Events
from lib.run.kernels.processes import Children
from lib.run.planning import trials
from lib.run.planning.earlier import Earlier
from lib.run.planning.plan import Plan
from lib.run.stopping import Stopped
from lib.run.store import manifest, runs, standing, states
from lib.run_folder import folder_of

if TYPE_CHECKING:
    from lib.run.engine import Result
    from lib.run.session import Session


def execute(
    session: Session, plan: Plan, fetches: dict, children: Children, events: Events
) -> tuple[int, Path]:
    """Carry out what a plan lacks and show its run; the exit code and the run's folder.

    ``fetches`` says what was fetched for it. Raises Stopped once the run that a signal ended is on record.
    """
    target = folder_of(session.outputs, plan.run_id)
    published, fault = examined(target)
    lost = runs.lost(session.store, target, published) if published else []
    sound = published is not None and not lost
    if sound and all(step.record for step in plan.steps.values()):
        _stand_again(session, target, events)
        events.end(plan.run_id, "unchanged", str(target / "index.html"))
        return 0, target
    if target.exists() and not published:
        events.warn(f"{plan.run_id} was damaged: {fault}; it is made anew")
    for name in lost:
        events.warn(f"{plan.run_id}/{name} was lost or damaged; it is restored")
    results, stopped = _carried_out(session, plan, children, events)
    if sound and not stopped and all(result.good for result in results.values()):
        _stand_again(session, target, events)
        events.end(plan.run_id, "done", str(target / "index.html"), executed=_count(results))
        return 0, target
    folder, made = _publish(session, plan, results, fetches, events, stopped)
    events.end(folder.name, made["state"], str(folder / "index.html"), executed=_count(results))
    if stopped:
        raise stopped
    return (0 if made["state"] == "done" else 1), folder


def _usual(session: Session, plan: Plan) -> dict[str, float]:
    """Task → the seconds that it took when it last ran, none where its result is stored."""
    usual = Earlier(session.outputs, session.store, session.request).seconds()
    return usual | {task: 0.0 for task, step in plan.steps.items() if step.record}


def _carried_out(
    session: Session, plan: Plan, children: Children, events: Events
) -> tuple[dict[str, Result], Stopped | None]:
    """The result of every step, and the signal that ended the run before its end if one did."""
    from lib.run.engine import Engine
    from lib.run.session import ROOT

    options = session.options
    events.expect(_usual(session, plan), options.jobs)
    engine = Engine(
        plan,
        session.store,
        children.kernels,
        events,
        root=ROOT,
        jobs=options.jobs,
        timeout=options.timeout,
        force=options.force,
    )
    try:
        return engine.run(), None
    except Stopped as stop:
        children.close()
        return engine.so_far(), stop


def _publish(
    session: Session,
    plan: Plan,
    results: dict[str, Result],
    fetches: dict,
    events: Events,
    stopped: Stopped | None,
) -> tuple[Path, dict]:
    """Show the run, and make the histories, ``latest`` and the page of every run agree with it."""
    outputs, store = session.outputs, session.store
    grown = [] if plan.part else manifest.grown_states(plan, results)
    changing = [one for one in grown if _differs(session, one)]
    moments: dict[str, Any] = {
        "started": session.cache.now.isoformat(),
        "finished": datetime.now(UTC).isoformat(),
        "host": socket.gethostname(),
        "asked_as_of": session.request.asked_as_of,
        "fetch": fetches,
        "seconds": {task: round(r.seconds, 3) for task, r in results.items() if r.executed},
        "executed": [task for task, result in results.items() if result.executed],
        "reused": [task for task, r in results.items() if r.record and not r.executed],
        "trials": trials.heads(outputs, [step.task for step in plan.steps.values()]),
        "later_states": states.later(outputs, session.request.name, changing),
    }
    (outputs / standing.UNDER_WAY).touch()
    name = stopped.name if stopped else None
    folder, made = runs.publish(plan, results, store, moments, events.warn, name)
    standing.agree(outputs, store)
    _enter_ledgers(session, events)
    (outputs / standing.UNDER_WAY).unlink()
    _warn_of_later(moments["later_states"], events)
    return folder, made


def _stand_again(session: Session, run: Path, events: Events) -> None:
    """Let a run that is carried out again count as the last one of its day."""
    if standing.promote(session.outputs, run):
        changed = [one for _, one in standing.agree(session.outputs, session.store)]
        _warn_of_later(states.later(session.outputs, session.request.name, changed), events)
    _enter_ledgers(session, events)


def _enter_ledgers(session: Session, events: Events) -> None:
    """What the run decided goes into the ledgers; not where it repeats a run to verify it."""
    for message in [] if session.given else ledgers.enter(session.outputs):
        events.warn(message)


def _warn_of_later(later: list[dict], events: Events) -> None:
    for one in later:
        whose = f" of {one['subject']}" if one["subject"] else ""
        events.warn(f"{one['table']}{whose} for {one['as_of']} was built on an older history")


def _count(results: dict[str, Result]) -> int:
    return sum(result.executed for result in results.values())


def _differs(session: Session, one: dict) -> bool:
    folder = states.folder(session.outputs, session.request.name, one["table"], one["kind"], one["subject"])
    return session.store.digest(folder / f"{one['as_of']}.parquet") != one["sha256"]
