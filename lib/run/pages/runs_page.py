"""The list of every run: newest first, what changed from one to the next, key figures as small lines.

What relates runs stands here and nowhere else, and so do times.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lib import wording
from lib.published import is_complete, order
from lib.run.pages import graph_layout, html_shell
from lib.run.store import what_changed
from lib.subjects import in_order

MOST_FIGURES, MOST_CHANGES, MOST_ALERTS = 3, 6, 10
GRAVE = ("high", "critical")


def page_of(manifests: list[dict], damaged: dict[str, str], fired: list[dict]) -> str:
    """HTML of ``outputs/index.html``; ``manifests`` in any order, ``damaged`` ids and why.

    ``fired`` are the alerts, newest first; those that nobody has acknowledged are shown.
    """
    newest_first = sorted(manifests, key=order, reverse=True)
    lines = [_line(one, _before(one, newest_first[place + 1 :])) for place, one in enumerate(newest_first)]
    for place, line in enumerate(lines):
        older = [one for one in newest_first[place + 1 :] if not one["part"]]
        line["figures"] = _figures(newest_first[place], [newest_first[place], *older])
    failed = sum(one["state"] != "done" for one in newest_first)
    complete = [is_complete(one) for one in newest_first]
    return html_shell.page(
        "runs.html.j2",
        title="Every run",
        lines=lines,
        latest=lines[complete.index(True)] if True in complete else None,
        failed=failed,
        partial=sum(line["part"] for line in lines),
        damaged=damaged,
        alerts=_alerts(fired, {one["run"] for one in manifests}),
    )


def _alerts(fired: list[dict], runs: set[str]) -> dict[str, Any]:
    """The alerts that nobody has acknowledged, the newest in a list, and how many more there are."""
    waiting = [one for one in fired if not one["acknowledged"]]
    shown = [
        {
            **one,
            "state": "failed" if one["priority"] in GRAVE else "failed checks",
            "linked": one["run"] in runs,
            "untold": [name for name, sent in one["sent"].items() if sent["outcome"] != "sent"],
        }
        for one in waiting[:MOST_ALERTS]
    ]
    return {"shown": shown, "more": len(waiting) - len(shown)}


def _before(manifest: dict, older: list[dict]) -> dict | None:
    """The run before of the same params name; a complete one where there is any."""
    same = [one for one in older if one["name"] == manifest["name"]]
    return next((one for one in same if is_complete(one)), same[0] if same else None)


def _line(manifest: dict, before: dict | None) -> dict[str, Any]:
    moments = manifest["moments"]
    states = [one["state"] for one in manifest["stages"]]
    state = (
        "failed" if manifest["state"] != "done" else "failed checks" if "failed checks" in states else "done"
    )
    changes = what_changed.between(before, manifest) if before else []
    return {
        "run": manifest["run"],
        "name": manifest["name"],
        "as_of": manifest["as_of"],
        "state": state,
        "part": bool(manifest["part"]),
        "stopped": manifest["stopped"],
        "count": _counted(states),
        "changes": changes[:MOST_CHANGES],
        "more": changes[MOST_CHANGES:],
        "before": before["run"] if before else None,
        "finished": _clock(moments["finished"]),
        "took": _took(moments),
        "later": [_later(one) for one in moments.get("later_states") or []],
    }


def _counted(states: list[str]) -> str:
    parts = []
    for state, text in (
        ("failed", "failed"),
        ("not run", "not run"),
        ("failed checks", "with failed checks"),
    ):
        if amount := states.count(state):
            parts.append(f"{amount} {text}")
    return f"{wording.plural(len(states), 'stage')}{', ' if parts else ''}{', '.join(parts)}"


def _later(one: dict) -> str:
    owner = f" of {one['subject']}" if one["subject"] else ""
    return f"{one['table']}{owner}, {wording.date(one['as_of'])}"


def _figures(manifest: dict, this_and_older: list[dict]) -> list[dict]:
    """The first key figure of each subject's leading stage, with its line over the runs to this one."""
    found = []
    subjects = in_order(manifest["subjects"])
    for kind, owner in ((kind, one) for kind, owners in subjects.items() for one in owners):
        figure = _first(manifest, kind, owner["id"])
        if figure is None:
            continue
        values = _values(manifest, kind, owner["id"], figure["name"], this_and_older)
        found.append(
            {
                "subject": owner["id"],
                "name": wording.measure(figure["name"]),
                "text": wording.figure(figure["value"], figure["unit"], owner.get("currency") or ""),
                "spark": graph_layout.spark(values) if len(values) > 1 else None,
                "runs": len(values),
            }
        )
    return found[:MOST_FIGURES]


def _values(run: dict, kind: str, subject: str, figure: str, manifests: list[dict]) -> list[float]:
    """A key figure by as-of date up to the run's; of several runs of one date the newest counts."""
    by_day: dict[str, float] = {}
    for manifest in manifests:
        if manifest["name"] != run["name"] or manifest["as_of"] > run["as_of"]:
            continue
        one = _first(manifest, kind, subject, figure)
        if one is not None:
            by_day.setdefault(manifest["as_of"], one["value"])
    return [by_day[day] for day in sorted(by_day)]


def _first(manifest: dict, kind: str, subject: str, name: str | None = None) -> dict | None:
    for stage in manifest["stages"]:
        if (stage["front"], stage["kind"], stage["subject"]) == ("subject", kind, subject):
            for one in stage["key_figures"]:
                if one["value"] is not None and name in (None, one["name"]):
                    return one
    return None


def _clock(moment: str | float) -> str:
    """A moment as 21 Nov 2026, 02:24 UTC."""
    if isinstance(moment, int | float):
        when = datetime.fromtimestamp(moment).astimezone()
    else:
        try:
            when = datetime.fromisoformat(moment)
        except ValueError:
            return moment
    zone = when.tzname() or ""
    return f"{wording.date(when)}, {when:%H:%M} {zone}".rstrip()


def _took(moments: dict) -> str:
    seconds = moments.get("seconds")
    total = sum(value for value in seconds.values() if value) if isinstance(seconds, dict) else seconds
    try:
        started, finished = (datetime.fromisoformat(moments[name]) for name in ("started", "finished"))
        total = (finished - started).total_seconds()
    except (KeyError, TypeError, ValueError):
        pass
    if total is None:
        return ""
    return f"{wording.number(total, 1)} s" if total < 60 else f"{wording.number(total / 60, 1)} min"
