"""``run_all.py alerts list | ack | stats | test``: what fired, that it was seen, do channels work?"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib import wording
from lib.errors import InputError, LockHeld, printable
from lib.nearest import nearest
from lib.published import runs_of
from lib.run.alerts.channels import send, unset
from lib.run.alerts.history import History, every_alert, histories
from lib.run.request import params
from lib.run.request.alerts import PRIORITIES
from lib.run.store import runs, standing

LONGEST_NOTE = 300
SHORTEST_ID = 4
TRIAL = {
    "rule": "test",
    "type": "test",
    "subject": None,
    "day": "",
    "run": "none",
    "what": "",
    "value": 0.0,
    "threshold": 0.0,
    "priority": "low",
    "message": "This is a test of a channel, no alert",
}


def add_options(parser: argparse.ArgumentParser, folder: Callable[[str], Path], sample: Path) -> None:
    """The actions and their options; ``folder`` reads a folder's path, ``sample`` the usual params file."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, dest="action", parser_class=type(parser))

    def add(name: str, does: str) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=does, description=f"{does[0].upper()}{does[1:]}.")
        action.add_argument("--outputs", type=folder, default=argparse.SUPPRESS, metavar="DIR")
        return action

    lists = add("list", "list the alerts that nobody has acknowledged, newest first")
    lists.add_argument("--all", action="store_true", help="those that are acknowledged too")
    lists.add_argument("--priority", metavar="P", help=f"one of {', '.join(PRIORITIES)}")
    ack = add("ack", "say that an alert was seen")
    ack.add_argument("alert", metavar="ID", help="the alert's id, or how it begins")
    ack.add_argument("--note", default="", metavar="TEXT", help="what was done about it")
    add("stats", "count alerts by priority, rule and channel")
    test = add("test", "send a test message through every channel of a params file, or one")
    test.add_argument("channel", nargs="?", help="a channel's id")
    test.add_argument(
        "--params", type=Path, default=sample, metavar="PARAMS", help="default: params/sample.yaml"
    )


def carry_out(asked: argparse.Namespace) -> int:
    """Do what was asked; the exit code. Raises InputError."""
    for history in histories(asked.outputs):
        for fault in history.faults():
            print(f"warning: {fault}")
    actions: dict[str, Callable[[Any], int]] = {"list": _list, "ack": _ack, "stats": _stats, "test": _test}
    return actions[asked.action](asked)


def _list(asked: argparse.Namespace) -> int:
    if asked.priority is not None and asked.priority not in PRIORITIES:
        mend = nearest(asked.priority, PRIORITIES) or f"one of {', '.join(PRIORITIES)}"
        raise InputError(f"found {asked.priority!r}", field="--priority", mend=mend)
    fired = every_alert(asked.outputs)
    found = [
        one
        for one in fired
        if (asked.all or not one["acknowledged"]) and asked.priority in (None, one["priority"])
    ]
    for one in found:
        print(
            f"{one['id']}  {one['as_of']}  {one['priority']:8}  {one['params']}: {printable(one['message'])}"
        )
        for words in _fate(one):
            print(f"          {words}")
    if not found:
        waiting = (
            "no alert has fired" if not fired else "no such alert" if asked.all else "no such alert waits"
        )
        print(f"{waiting}; {len(fired)} in the history")
    return 0


def _fate(alert: dict) -> list[str]:
    """What channels and people did with an alert."""
    told = [f"{name} {one['outcome']}" for name, one in alert["sent"].items() if one["outcome"] == "sent"]
    failed = [
        f"{name} failed: {one['detail']}" for name, one in alert["sent"].items() if one["outcome"] != "sent"
    ]
    said = [", ".join([*told, *failed])] if alert["sent"] else []
    if seen := alert["acknowledged"]:
        note = f": {printable(seen['note'])}" if seen["note"] else ""
        said.append(f"acknowledged {seen['moment'][:16].replace('T', ' ')} UTC{note}")
    return said


def _ack(asked: argparse.Namespace) -> int:
    fired = every_alert(asked.outputs)
    ids = list(dict.fromkeys(one["id"] for one in fired))
    meant = [one for one in fired if one["id"].startswith(asked.alert) and len(asked.alert) >= SHORTEST_ID]
    if len({one["id"] for one in meant}) != 1:
        mend = nearest(asked.alert, ids) or "`run_all.py alerts list` shows the ids"
        words = "more than one alert begins so" if meant else f"no alert {asked.alert!r}"
        raise InputError(words, field="ID", mend="give more of its id" if meant else mend)
    if len(asked.note) > LONGEST_NOTE:
        raise InputError(f"{len(asked.note)} characters", field="--note", mend=f"at most {LONGEST_NOTE}")
    alert = meant[0]
    if alert["acknowledged"]:
        print(f"{alert['id']} was acknowledged before, {alert['acknowledged']['moment'][:10]}")
        return 0
    fact = {"fact": "acknowledged", "alert": alert["id"], "note": asked.note}
    History(asked.outputs, alert["params"]).add(fact)
    _renew_page(asked.outputs)
    print(f"{alert['id']} is acknowledged: {printable(alert['message'])}")
    return 0


def _renew_page(outputs: Path) -> None:
    """Take the alert off the page of every run; a run that is under way does it at its end."""
    try:
        with runs.locked(outputs, "alerts ack"):
            standing.write_page(outputs, runs_of(outputs))
    except LockHeld:
        print("a run is under way; the page of every run follows at its end")


def _stats(asked: argparse.Namespace) -> int:
    fired = every_alert(asked.outputs)
    waiting = sum(not one["acknowledged"] for one in fired)
    print(f"{wording.plural(len(fired), 'alert')} fired, {waiting} not acknowledged")
    groups = {
        "priority": Counter(one["priority"] for one in fired),
        "rule": Counter(f"{one['params']}/{one['rule']}" for one in fired),
        "channel": Counter(
            f"{name} {one['outcome']}" for alert in fired for name, one in alert["sent"].items()
        ),
    }
    for name, counts in groups.items():
        for what, amount in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
            print(f"  {name:8}  {what:40} {amount}")
    return 0


def _test(asked: argparse.Namespace) -> int:
    """Send a message that says that it is a test; 1 where a channel did not take it."""
    request = params.load(asked.params, str(asked.params))
    channels = {one.id: one for one in request.alerts.channels}
    if not channels:
        mend = "add `channels:` under `alerts:`"
        raise InputError("no channel", file=request.shown, field="alerts", mend=mend)
    if asked.channel is not None and asked.channel not in channels:
        mend = nearest(asked.channel, channels) or f"channels: {', '.join(channels)}"
        raise InputError(f"no channel {asked.channel!r}", file=request.shown, field="alerts", mend=mend)
    good = True
    for name in [asked.channel] if asked.channel else channels:
        alert = {**TRIAL, "id": f"test-{name}", "as_of": request.as_of, "params": request.name}
        outcome = send(channels[name], alert, os.environ)
        good &= outcome.sent
        print(f"{name}: {outcome.word}{f' ({outcome.detail})' if outcome.detail else ''}", flush=True)
    return 0 if good else 1


def warnings(request: params.Request) -> list[str]:
    """What would keep a channel from being told: variables that are not set."""
    return [
        f"{request.shown}: channel {one.id} cannot send, {', '.join(missing)} is not set in the environment"
        for one in request.alerts.channels
        if (missing := unset(one, os.environ))
    ]
