"""What ``plan`` and ``validate`` say of a run that has not begun: for a person, or as one line of JSON.

The line of JSON has ``at`` and ``event`` as those of a run have; ``docs/formats.md`` names its fields. What a
``validate`` hook answers as ``preview`` (``columns``, ``rows``, ``more``) is shown as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib.errors import InputError, printable
from lib.run.events import Events
from lib.run.planning.plan import Plan, Step
from lib.run.planning.prepare import Prepared
from lib.run.refusals import visible
from lib.run.session import Session

APART = ("notes", "preview")
MOST_ROWS = 40
WIDEST_CELL = 40


def show_plan(plan: Plan, as_json: bool) -> None:
    """Each task with what would be done and why, and the counts."""
    steps = {task: (step.action, _why(step)) for task, step in plan.steps.items()}
    actions = [action for action, _ in steps.values()]
    counts = {name: actions.count(name) for name in ("run", "may run", "have")}
    if as_json:
        stages = [{"task": task, "action": action, "why": why} for task, (action, why) in steps.items()]
        Events().line(event="plan", run=plan.run_id, counts=counts, stages=stages)
        return
    width = max(len(task) for task in steps)
    for task, (action, why) in steps.items():
        print(f"{action:8} {task:{width}}  {printable('; '.join(why))}".rstrip())
    run, may, have = counts.values()
    print(f"{plan.run_id}: {run} to run, {may} may run, {have} stored")


def _why(step: Step) -> list[str]:
    if step.action == "may run":
        return ["if what it reads comes out different"]
    return step.reasons if step.action == "run" else []


def show_faults(params: Path, fault: InputError, as_json: bool) -> None:
    """What was noted beside the faults, which are told as every refusal is; as JSON the faults too."""
    if as_json:
        parts = {"faults": [one.as_dict() for one in fault.each], "warnings": list(map(str, fault.notes))}
        Events().line(event="validate", valid=False, params=str(params), **parts)
        return
    _warn(map(str, fault.notes))


def show_valid(session: Session, prepared: Prepared, warnings: Sequence[str], as_json: bool) -> None:
    """Warnings, what each check found with the rows of its file as they are read, and what data there are."""
    tables = {name: one["rows"] for name, one in prepared.slices.items()}
    unasked = {name: session.request.sources[name].provider for name in prepared.unasked}
    if as_json:
        checks = {
            task: {name: value for name, value in one.items() if name != "notes"}
            for task, one in prepared.checks.items()
        }
        told = {"params": session.request.shown, "as_of": session.request.as_of, "stages": len(session.tasks)}
        found = {"warnings": list(dict.fromkeys(warnings)), "checks": checks, "tables": tables}
        Events().line(event="validate", valid=True, **told, **found, unasked=unasked)
        return
    _warn(warnings)
    for task, result in prepared.checks.items():
        facts = {name: value for name, value in result.items() if name not in APART}
        counted = [f"{len(one) if isinstance(one, list) else one} {name}" for name, one in facts.items()]
        print(f"{task}: {', '.join(counted)}".rstrip(": "))
        for line in rows_as_read(result.get("preview")):
            print(printable(line, 2000))
    for name, rows in tables.items():
        print(f"{name}: {rows:,} rows")
    for section, provider in unasked.items():
        print(f"{section}: {provider} was not asked; `run` asks it, and says then what it has not")
    shown = printable(session.request.shown)
    print(f"{shown} is valid; {len(session.tasks)} stages would be considered")


def rows_as_read(preview: dict[str, Any] | None) -> list[str]:
    """The rows of a file as a table of text: empty columns left out, numbers to the right, others counted."""
    if not preview or not preview["rows"]:
        return []
    shown, more = preview["rows"][:MOST_ROWS], preview["more"] + len(preview["rows"][MOST_ROWS:])
    columns = []
    for name, values in zip(preview["columns"], zip(*shown, strict=True), strict=True):
        if any(value not in (None, "") for value in values):
            columns.append(_column(name, values, last=name == preview["columns"][-1]))
    lines = ["  " + "  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]
    return [*lines, *([f"  and {more:,} more rows"] if more else [])]


def _column(name: str, values: Sequence[Any], *, last: bool) -> list[str]:
    """The cells of a column under its name, all of one width."""
    number = all(value is None or isinstance(value, int | float) for value in values)
    texts = [name, *(_text(one, number) for one in values)]
    if not last:
        texts = [text if len(text) <= WIDEST_CELL else f"{text[: WIDEST_CELL - 1]}…" for text in texts]
    wide = max(map(len, texts))
    return [text.rjust(wide) if number else text.ljust(wide) for text in texts]


def _text(value: Any, number: bool) -> str:
    if value is None:
        return ""
    return f"{value:,.10g}" if number else printable(str(value))


def _warn(messages: Any) -> None:
    for message in dict.fromkeys(messages):
        print(f"warning: {visible(message)}", flush=True)
