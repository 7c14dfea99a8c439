"""What an audit found, in plain facts and sentences: for the terminal, for programs, and for its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from lib import wording
from lib.contracts import Table
from lib.run.audit.alterations import CUT, HELD_BACK, NOISE
from lib.run.audit.clocks import Tables, clock_of, schema_of
from lib.run.audit.comparison import ROW, Difference
from lib.run.audit.look_ahead import TIMES, Audit, Trial
from lib.run.audit.power import CONFIDENCE, power_of
from lib.run.audit.target import Target
from lib.run.audit.warm_up import Change, Length, WarmUp

PASSED, LEAK, UNDECIDED = "passed", "looks ahead", "not decided"
DONE_TO = {
    CUT: "what became known after the day was cut away",
    NOISE: "what became known after the day was replaced by noise",
    HELD_BACK: "what speaks of the day or one before it was held back until it was known",
}
COVERS = (
    "Rows that a stage read before they were known: values of a later day, of a period not yet published, "
    "restated or filled in later, attributes of today, entities that came or went later.",
    "Statistics that reach over the whole sample, such as a mean, a rank or a smoothing over all dates.",
)
CANNOT = (
    "Survivorship in the source itself: an entity that the source has deleted is missing on every day.",
    "Revised data that the vendor stamps with the old day: they look as if they had been known then.",
    "Days that were not audited: what looks ahead by a few days shows only close before an audited day.",
    "Choices made with the past in view, such as settings or a universe picked because they worked.",
)


def facts(target: Target, audit: Audit, tables: Tables, schemas: Mapping[str, Table]) -> dict[str, Any]:
    """Everything that is told of an audit, as plain JSON."""
    return {
        "task": target.id,
        "stage": target.row.name,
        "subject": target.subject,
        "run": target.run.name,
        "as_of": target.manifest["as_of"],
        "result": _result(audit),
        "verdict": verdict(target.id, audit),
        "differences": [_difference(trial, one) for trial in audit.leaks for one in _differences(trial)],
        "trials": [_trial(one) for one in audit.trials],
        "inputs": [_input(name, tables, schemas, audit) for name in audit.altered],
        "without_clock": [{"table": name, "rows": len(tables[name])} for name in audit.unclocked],
        "compared": list(audit.compared),
        "undated": list(audit.undated),
        "rounded": sum(one.comparison.rounded for one in audit.conclusive if one.comparison),
        "power": _power(audit),
        "own_seconds": round(audit.own_seconds, 2),
        "seconds": round(audit.seconds, 2),
        "time": _time(audit),
        "covers": list(COVERS),
        "cannot": _cannot(audit),
    }


def verdict(task: str, audit: Audit) -> str:
    """The result in one sentence, with the first difference where there is one."""
    if leaks := audit.leaks:
        trial = leaks[0]
        assert trial.first is not None
        inputs = wording.joined(trial.cause or tuple(trial.rows))
        return f"{task} looks ahead: {_where(trial.first)} when of {inputs} {_done_to(trial)}{_since(trial)}."
    if not audit.conclusive:
        why = (
            f": {audit.trials[0].stopped}" if audit.trials else ", since no input became known after a result"
        )
        return f"{task} could not be audited{why}."
    rows = sum(one.comparison.rows for one in audit.conclusive if one.comparison)
    days = len({one.alteration.moment for one in audit.conclusive})
    return (
        f"{task} does not look ahead as far as was audited: with what became known after each of "
        f"{wording.plural(days, 'day')} cut away, replaced by noise or held back, "
        f"{wording.plural(rows, 'row')} of results dated up to these days stayed the same."
    )


def of_warm_up(found: WarmUp | None) -> dict[str, Any]:
    """What the warm-up audit found, in plain facts."""
    if found is None:
        return {
            "text": "The warm-up was not audited: no history stands before the newest results.",
            "lengths": [],
        }
    lengths = [
        {
            "days": one.days,
            "start": str(one.start),
            "stopped": one.stopped,
            "changes": [asdict(change) for change in one.changes],
            "text": _length(one),
        }
        for one in found.lengths
    ]
    return {"since": str(found.since), "whole": found.whole, "lengths": lengths, "text": _warm(found)}


def _warm(found: WarmUp) -> str:
    """What changes first with less history, and with how much nothing does."""
    since = f"Results since {wording.date(found.since.astype(object))}"
    if found.first is None:
        stopped = next((one for one in found.lengths if one.stopped), None)
        if stopped:
            return f"{since} could not be had with {_years(stopped.days)} of history: {stopped.stopped}."
        return (
            f"{since} are the same with {_years(found.lengths[-1].days)} of history before them as with all."
        )
    held = (
        f"are the same with {_years(found.enough)} of history"
        if found.enough
        else "change with any less than all"
    )
    return f"{since} {held}; with {_years(found.first.days)} {_change(found.first.changes[0])}."


def _length(one: Length) -> str:
    if one.stopped:
        return f"no result: {one.stopped}"
    return _change(one.changes[0]) if one.changes else "nothing changes"


def _change(one: Change) -> str:
    by = f", by up to {one.largest:.3g}" if one.largest else ""
    of = f"{wording.count(one.values)} of {wording.plural(one.of, 'row')}"
    return f"{one.column} of {one.table} changes in {of}{by}"


def _years(days: int) -> str:
    return f"{wording.number(days / 365.25, 1)} years"


def lines(told: dict[str, Any]) -> list[str]:
    """What a terminal shows: the verdict first."""
    shown = [told["verdict"]]
    shown += [f"  {one['text']}" for one in told["differences"][1:6]]
    stopped = [one for one in told["trials"] if one["result"] == "no result"]
    shown += [f"  not compared, {one['day']}: {one['why']}" for one in stopped]
    shown.append(f"  {told['time']}")
    if told["power"]:
        shown.append(f"  {told['power']['text']}")
    if told["warm_up"]:
        shown.append(f"  warm-up: {told['warm_up']['text']}")
    if told["repeated"]:
        names = wording.joined(told["repeated"])
        shown.append(
            f"  the stage is not what it was in the run: {names} came out different on the same inputs"
        )
    shown += [f"  not covered: {one}" for one in told["cannot"]]
    return shown


def _result(audit: Audit) -> str:
    return LEAK if audit.leaks else PASSED if audit.passed else UNDECIDED


def _differences(trial: Trial) -> tuple[Difference, ...]:
    return trial.comparison.differences if trial.comparison else ()


def _where(one: Difference) -> str:
    """The first difference of a table: of which day, whose, in which column, before and after."""
    who = ", ".join(f"{name} {_plain(value)}" for name, value in one.entity.items())
    of = f"{one.table} of {wording.date(one.date.astype(object))}" + (f", {who}," if who else "")
    if one.column == ROW:
        return f"the row of {of} is {one.before} on all data and {one.after}"
    return f"{one.column} in {of} is {_said(one.before)} on all data and {_said(one.after)}"


def _done_to(trial: Trial) -> str:
    day = wording.date(trial.alteration.moment.astype(object))
    return DONE_TO[trial.alteration.kind].replace("the day", day, 1)


def _since(trial: Trial) -> str:
    if trial.since is None:
        return ""
    return f"; what it learnt by {wording.date(trial.since.astype(object))} suffices"


def _difference(trial: Trial, one: Difference) -> dict[str, Any]:
    return {
        "table": one.table,
        "date": str(one.date),
        "entity": {name: _plain(value) for name, value in one.entity.items()},
        "column": one.column,
        "on_all_data": _plain(one.before),
        "altered": _plain(one.after),
        "values": one.values,
        "dates": one.dates,
        "kind": trial.alteration.kind,
        "day": str(trial.alteration.moment),
        "inputs": list(trial.cause or trial.rows),
        "together": trial.together,
        "text": f"{_where(one)} when {_done_to(trial)}; {wording.plural(one.values, 'value')} differ",
    }


def _trial(trial: Trial) -> dict[str, Any]:
    comparison = trial.comparison
    result = "no result" if comparison is None else "differs" if trial.first else "same"
    return {
        "day": str(trial.alteration.moment),
        "kind": trial.alteration.kind,
        "altered": dict(sorted(trial.rows.items())),
        "compared": comparison.rows if comparison else 0,
        "result": result,
        "as_of_the_day": trial.as_of,
        "why": trial.stopped,
        "own_last_day": list(comparison.own_last_day) if comparison else [],
        "seconds": round(trial.seconds, 2),
    }


def _input(name: str, tables: Tables, schemas: Mapping[str, Table], audit: Audit) -> dict[str, Any]:
    schema = schema_of(name, schemas)
    clock = clock_of(schema)
    assert clock is not None
    known = clock.known_on(tables[name])
    known = known[~np.isnat(known)]
    return {
        "table": name,
        "rows": len(tables[name]),
        "known_by": clock.known,
        "speaks_of": list(clock.days),
        "whose": list(clock.entity),
        "first_known": str(known.min()) if len(known) else None,
        "last_known": str(known.max()) if len(known) else None,
        "altered": sum(trial.rows.get(name, 0) for trial in audit.trials),
    }


def _power(audit: Audit) -> dict[str, Any] | None:
    found = power_of(len(audit.conclusive))
    if found is None:
        return None
    text = (
        f"Of {wording.count(found.planted)} look-aheads planted in generated data, audits with "
        f"{found.alterations} alterations found {wording.count(found.found)}: at least "
        f"{wording.percent(found.at_least)} of such are found, with {CONFIDENCE:.0%} confidence."
    )
    return {**asdict(found), "confidence": CONFIDENCE, "text": text}


def _time(audit: Audit) -> str:
    times = audit.seconds / audit.own_seconds if audit.own_seconds else 0.0
    more = "" if times <= TIMES else f", more than the {TIMES:g} times that are meant"
    return (
        f"The stage takes {wording.number(audit.own_seconds, 1)} s, the audit took "
        f"{wording.number(audit.seconds, 1)} s with that: {wording.number(times, 1)} times as long{more}."
    )


def _cannot(audit: Audit) -> list[str]:
    told = list(CANNOT)
    if audit.unclocked:
        names = wording.joined(audit.unclocked)
        told.append(f"Inputs that do not say when they were known, which were left as they are: {names}.")
    if audit.undated:
        told.append(f"Results without a day, which were not compared: {wording.joined(audit.undated)}.")
    return told


def _said(value: Any) -> str:
    """A value in a sentence; one that is missing is n/a."""
    plain = _plain(value)
    return "n/a" if plain is None else str(plain)


def _plain(value: Any) -> Any:
    """A value of a table as plain JSON."""
    if wording.is_missing(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, bool | int | float | str) else str(value)[:10]
