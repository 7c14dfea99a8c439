"""The page of an audit: the result, what differs, the days and inputs, and what a pass does not say."""

from __future__ import annotations

from typing import Any

from lib import wording
from lib.run.pages import html_shell

PASSED = "passed"
KINDS = {"cut": "cut away", "noise": "replaced by noise", "held back": "held back until known"}
RESULTS = {"same": "done", "differs": "failed", "no result": "failed checks"}


def page_of(told: dict[str, Any], up: str, stage: str) -> str:
    """HTML of an audit; ``up`` leads to the run's folder, ``stage`` is the page of the stage in it."""
    return html_shell.page(
        "audit.html.j2",
        title=f"Audit of {told['task']} · {told['run']}",
        told=told,
        up=up,
        stage=stage,
        passed=told["result"] == PASSED,
        trials=[_trial(one) for one in told["trials"]],
        figures=html_shell.figures(_figures(told)),
    )


def _trial(one: dict[str, Any]) -> dict[str, Any]:
    rows = [f"{name} {wording.count(count)}" for name, count in one["altered"].items()]
    notes = []
    if one["as_of_the_day"]:
        notes.append("as of the day, since the stage has no result for a later one on cut inputs")
    if one["why"]:
        notes.append(one["why"])
    if one["own_last_day"]:
        names = wording.joined(one["own_last_day"])
        notes.append(f"{names} ended a little later on the altered data; these rows are not compared")
    return {**one, "what": KINDS[one["kind"]], "icon": RESULTS[one["result"]], "rows": rows, "notes": notes}


def _figures(told: dict[str, Any]) -> list[dict[str, Any]]:
    """What is to be seen first: results compared, days, time."""
    times = told["seconds"] / told["own_seconds"] if told["own_seconds"] else 0.0
    compared = sum(one["compared"] for one in told["trials"])
    days = len({one["day"] for one in told["trials"]})
    power = told["power"]
    found = [
        ("results_compared", compared, "count", f"Rows of results, on {wording.plural(days, 'day')}."),
        ("times_its_own_time", times, "ratio", told["time"]),
    ]
    if power:
        found.append(("look_aheads_found_at_least", power["at_least"], "fraction", power["text"]))
    return [
        {"name": name, "value": value, "unit": unit, "sentence": sentence}
        for name, value, unit, sentence in found
    ]
