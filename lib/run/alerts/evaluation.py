"""Asks the rules of a params file of a run that was published, keeps what fired, and tells the channels.

A day that was looked at is looked at again only where rules or tables are others, and then fires nothing that
it fired before; a day before the last one that was looked at fires nothing. What a killed run had kept and
not yet told is told by the next one. A run of a part is none that anybody waits for: it is not looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib import wording
from lib.published import read_manifest, runs_of
from lib.run.alerts import messages, sending
from lib.run.alerts.crossing import Observation, State, walk
from lib.run.alerts.history import History
from lib.run.events import Events
from lib.run.planning.code_digests import digest_of
from lib.run.request.alerts import OF_A_RUN, OF_A_TABLE, Rule, conditions
from lib.run.request.params import Request
from lib.run.request.tasks import task_id

OBSERVE = "lib.run.alerts.observations:observe"
LENGTH = 8
MOST_FAILED = 5
Call = Callable[[str, dict], dict]


def ask_rules(
    request: Request,
    outputs: Path,
    run: Path,
    events: Events,
    call: Call,
    environ: Mapping[str, str] = os.environ,
    now: datetime | None = None,
) -> list[dict[str, Any]]:
    """The alerts that were told now, each as it is kept; channels that fail are named and stop nothing.

    ``call(function, payload)`` runs a function by name in a process of its own. Raises StageError where a
    rule cannot be asked at all.
    """
    manifest = read_manifest(run)
    if manifest is None or manifest["part"] or manifest["stopped"]:
        return []
    history = History(outputs, request.name)
    for fault in history.faults():
        events.warn(fault)
    if (newest := history.newest_day()) > request.as_of:
        events.warn(f"{request.as_of} is before {newest}, which alerts were asked of already; nothing fires")
    else:
        _look(request, outputs, run, manifest, history, events, call, now or datetime.now(UTC))
    return sending.tell(history, request.alerts, run.name, events, environ)


def _look(
    request: Request,
    outputs: Path,
    run: Path,
    manifest: dict,
    history: History,
    events: Events,
    call: Call,
    now: datetime,
) -> None:
    """Look at a day, unless it was looked at with the same rules and tables, and keep what is found."""
    rules = {key: pair for key, pair in _rules(request, manifest).items() if pair[0].enabled}
    compared = any(rule.asks.get("measure", "value") != "value" for rule, _ in rules.values())
    payload = _payload(rules, run, manifest, _before(request, outputs) if compared else None)
    digest = digest_of([payload_identity(payload), {key: _told(rule) for key, (rule, _) in rules.items()}])
    if history.last_digest(request.as_of) == digest:
        return
    found = call(OBSERVE, payload) if payload["tables"] or payload["hooks"] else {}
    found |= payload["failures"]
    for key, one in found.items():
        if one.get("lacks"):
            events.warn(f"alert rule {key} cannot be asked: {one['lacks']}")
    states, fired = _after(request, run.name, rules, found, history, now)
    history.add(
        {
            "fact": "evaluated",
            "as_of": request.as_of,
            "run": run.name,
            "digest": digest,
            "states": states,
            "fired": fired,
        }
    )


def _after(
    request: Request,
    run: str,
    rules: dict[str, tuple[Rule, str | None]],
    found: dict[str, dict],
    history: History,
    now: datetime,
) -> tuple[dict[str, dict], list[dict]]:
    """The state of every rule after the day, and the alerts that it fires and had not fired yet.

    A rule that saw nothing stays as it was, whatever became of it earlier on the day or before.
    """
    former = history.states_before(request.as_of)
    today = {**former, **history.states_of(request.as_of)}
    told = {(one["key"], one["asks"]) for one in history.fired() if one["as_of"] == request.as_of}
    known = {rule.id for rule in request.alerts.rules}
    states = {key: one.as_dict() for key, one in today.items() if key.partition("@")[0] in known}
    fired = []
    for key, (rule, subject) in rules.items():
        asks = digest_of([rule.type, rule.asks])[:LENGTH]
        seen = [Observation(**one) for one in found.get(key, {}).get("seen", ())]
        state = (former if seen else today).get(key, State(asks))
        state = state if state.asks == asks else State(asks)
        state, firing = walk(state, seen, rule.cooldown, now)
        states[key] = state.as_dict()
        if firing and (key, asks) not in told:
            fired.append(_alert(request, run, rule, subject, key, asks, firing))
    return states, fired


def _rules(request: Request, manifest: dict) -> dict[str, tuple[Rule, str | None]]:
    """By ``rule`` or ``rule@subject`` each rule and of whom it is asked."""
    found: dict[str, tuple[Rule, str | None]] = {}
    for rule in request.alerts.rules:
        if rule.type == OF_A_RUN:
            found[rule.id] = (rule, None)
            continue
        names = [rule.table, *(name for name in manifest["tables"] if name.startswith(f"{rule.table}@"))]
        wanted = rule.asks.get("subject")
        for name in (one for one in names if one in manifest["tables"]):
            subject = name.partition("@")[2] or None
            if wanted in (None, subject):
                found[f"{rule.id}@{subject}" if subject else rule.id] = (rule, subject)
    return found


def _payload(
    rules: dict[str, tuple[Rule, str | None]], run: Path, manifest: dict, before: tuple[Path, dict] | None
) -> dict[str, Any]:
    """What the child is asked."""
    tables: dict[str, dict] = {}
    hooks: dict[str, dict] = {}
    failures = {key: _failure(manifest) for key, (rule, _) in rules.items() if rule.type == OF_A_RUN}
    for key, (rule, subject) in rules.items():
        if rule.type == OF_A_RUN:
            continue
        name = f"{rule.table}@{subject}" if subject else rule.table
        if rule.type == OF_A_TABLE:
            compared = rule.asks["measure"] != "value"
            tables[key] = {
                **{one: rule.asks[one] for one in ("table", "column", "where", "measure")},
                "side": rule.side,
                "threshold": rule.threshold,
                "now": _file(run, manifest, name),
                "before": _file(*before, name) if compared and before else None,
            }
            continue
        hook, condition = conditions()[rule.type]
        new = {"target": hook.hook, "file": _file(run, manifest, name), "rules": {}, "measures": {}}
        group = hooks.setdefault(hook.hook, new)
        group["rules"][key] = {"type": rule.type, **rule.asks}
        group["measures"][key] = condition.measures.format_map(rule.asks)
    asked = {"as_of": manifest["as_of"], "tables": tables, "hooks": list(hooks.values())}
    return {**asked, "failures": failures}


def _failure(manifest: dict) -> dict[str, Any]:
    """What a rule over a run that failed sees: how many stages failed, and which."""
    failed = [task_id(one["stage"], one["subject"]) for one in manifest["stages"] if one["state"] == "failed"]
    what = wording.named(failed, MOST_FAILED, "other")
    seen = {"day": manifest["as_of"], "value": float(len(failed)), "threshold": 0.0}
    return {"seen": [{**seen, "held": bool(failed), "what": what}]}


def payload_identity(payload: dict) -> dict:
    """What the child is asked, files by their content alone."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: without(one) for name, one in value.items() if name != "path"}
        return [without(one) for one in value] if isinstance(value, list) else value

    return without(payload)


def _file(run: Path, manifest: dict, name: str) -> dict[str, str] | None:
    one = manifest["tables"].get(name)
    return {"path": str(run / one["path"]), "sha256": one["sha256"]} if one else None


def _before(request: Request, outputs: Path) -> tuple[Path, dict] | None:
    """The newest complete run of an earlier day of the same params name."""
    earlier = (
        pair
        for pair in runs_of(outputs).complete
        if pair[1]["name"] == request.name and pair[1]["as_of"] < request.as_of
    )
    return next(earlier, None)


def _told(rule: Rule) -> list:
    """All of a rule that its alerts are made of, so that another wording is asked anew."""
    return [rule.type, rule.asks, rule.priority, list(rule.cooldown), rule.message, rule.channels]


def _alert(
    request: Request, run: str, rule: Rule, subject: str | None, key: str, asks: str, seen: Observation
) -> dict[str, Any]:
    channels = [one.id for one in request.alerts.channels] if rule.channels is None else list(rule.channels)
    return {
        "id": digest_of([request.name, key, asks, request.as_of])[:LENGTH],
        "key": key,
        "asks": asks,
        "rule": rule.id,
        "type": rule.type,
        "subject": subject,
        "as_of": request.as_of,
        "day": seen.day,
        "run": run,
        "what": seen.what,
        "value": seen.value,
        "threshold": seen.threshold,
        "priority": rule.priority,
        "message": messages.message(rule, subject, seen, request.as_of),
        "channels": channels,
    }
