"""The section ``alerts:`` of a params file: rules that watch results, and the channels that tell of them.

It says who is told of what and changes no result, so that it is part of no stage's key and not of a run's id:
a rule that is added is asked of the runs that are there. Rules over bars are declared by the row of the
pipeline that has the hook; rules over a table's value, or over a run that failed, are the engine's own.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib.contracts import AlertHook
from lib.nearest import nearest
from lib.pipeline import PIPELINE
from lib.run.request import alert_channels, alert_tables
from lib.run.request.alert_channels import Channel
from lib.run.request.settings import checked
from lib.settings import Condition, Setting

if TYPE_CHECKING:
    from lib.run.request.params import Checker

SECTION = "alerts"
OF_A_TABLE, OF_A_RUN = "table", "failure"
SIDES = ("above", "below")
PRIORITIES = ("low", "medium", "high", "critical")
COMMON = ("id", "type", "priority", "cooldown", "message", "channels", "enabled")
COOLDOWN = re.compile(r"([1-9]\d{0,4}) (session|minute)s?")
WORDS = ("value", "threshold", "what", "subject", "as_of", "rule", "priority")
"""What a message may hold in braces."""
MOST_RULES, LONGEST_MESSAGE = 1000, 300
SYMBOL = Setting("text", required=True)


@dataclass(frozen=True)
class Rule:
    """One rule. ``asks`` is what it watches: all that decides whether its condition holds.

    ``cooldown`` is a number of sessions or minutes and which of them; ``channels`` are ids, None for every
    one. ``place`` is its number in the params file.
    """

    id: str
    type: str
    asks: dict[str, Any]
    priority: str = "medium"
    cooldown: tuple[int, str] = (0, "session")
    message: str = ""
    channels: tuple[str, ...] | None = None
    enabled: bool = True
    place: int = 0

    @property
    def side(self) -> str:
        """``above``, ``below``, or nothing where the level comes from the bars."""
        return next((one for one in SIDES if self.asks.get(one) is not None), "")

    @property
    def threshold(self) -> float | None:
        """The number that the value is held against; None where it comes from the bars."""
        return self.asks.get(self.side)

    @property
    def table(self) -> str:
        """The table that it looks at; none where it looks at the run itself."""
        if self.type == OF_A_RUN:
            return ""
        return self.asks["table"] if self.type == OF_A_TABLE else conditions()[self.type][0].table


@dataclass(frozen=True)
class Alerts:
    """What the section says."""

    rules: tuple[Rule, ...] = ()
    channels: tuple[Channel, ...] = ()


NO_ALERTS = Alerts()


def conditions() -> dict[str, tuple[AlertHook, Condition]]:
    """By name the types of rules that the pipeline's hooks know, with the hook."""
    found: dict[str, tuple[AlertHook, Condition]] = {}
    for hook in (row.alerts for row in PIPELINE if row.alerts):
        module, _, name = hook.types.partition(":")
        types: Mapping[str, Condition] = getattr(importlib.import_module(module), name)
        found |= {one: (hook, condition) for one, condition in types.items()}
    return found


def read_alerts(check: Checker, value: Any, subjects: dict[str, tuple[dict, ...]]) -> Alerts:
    """The section, checked; a faulty rule or channel is left out where faults are only noted.

    Raises InputError.
    """
    check.kind(value, dict, "a mapping with rules and channels", SECTION)
    check.keys(value, ("rules", "channels"), (SECTION,))
    channels: dict[str, Channel] = {}
    for place, one in enumerate(_list(check, value, "channels")):
        with check.noted():
            channel = alert_channels.read_channel(check, one, (SECTION, "channels", place))
            if channel:
                _refuse_twice(check, channel.id, channels, (SECTION, "channels", place, "id"))
                channels[channel.id] = channel
    told = [one.get("id") for one in _list(check, value, "channels") if isinstance(one, dict)]
    rules: dict[str, Rule] = {}
    for place, one in enumerate(_list(check, value, "rules")):
        with check.noted():
            rule = _rule(check, one, place, [str(name) for name in told], subjects)
            if rule:
                _refuse_twice(check, rule.id, rules, (SECTION, "rules", place, "id"))
                rules[rule.id] = rule
    return Alerts(tuple(rules.values()), tuple(channels.values()))


def _list(check: Checker, value: dict, name: str) -> list:
    given = value.get(name)
    if given is None:
        return []
    check.kind(given, list, f"a list of {name}", SECTION, name)
    if len(given) > MOST_RULES:
        raise check.fault(f"{len(given):,} {name}", f"at most {MOST_RULES:,}", SECTION, name)
    return given


def _refuse_twice(check: Checker, name: str, known: dict, path: tuple) -> None:
    if name in known:
        raise check.fault("used twice", "give each its own id", *path)


def _rule(
    check: Checker, value: Any, place: int, channels: list[str], subjects: dict[str, tuple[dict, ...]]
) -> Rule | None:
    """One rule; None where it lacks what it needs, which is noted."""
    path = (SECTION, "rules", place)
    check.kind(value, dict, "a mapping with id, type and what it watches", *path)
    if not check.required(value, ("id", "type"), path):
        return None
    known = conditions()
    type_ = value.get("type")
    names = [*known, OF_A_TABLE, OF_A_RUN]
    if not (isinstance(type_, str) and type_ in names):
        mend = nearest(type_, names) or f"one of {', '.join(names)}"
        raise check.fault(f"found {type_!r}", mend, *path, "type")
    if type_ == OF_A_TABLE:
        check.keys(value, (*COMMON, *alert_tables.KEYS, *SIDES), path)
        asks = alert_tables.read(check, value, path, subjects)
    elif type_ == OF_A_RUN:
        check.keys(value, COMMON, path)
        asks = {"above": 0.0}
    else:
        asks = _of_bars(check, value, path, known[type_][1])
    if asks is None:
        return None
    of_bars = known[type_][1] if type_ in known else None
    threshold = of_bars.threshold if of_bars else alert_tables.THRESHOLD
    if threshold and type_ != OF_A_RUN:
        asks |= _side(check, value, path, of_bars.sides if of_bars else SIDES, threshold)
    return Rule(
        id=check.slug(value.get("id"), *path, "id"),
        type=type_,
        asks=asks,
        priority=_choice(check, value.get("priority", "medium"), PRIORITIES, (*path, "priority")),
        cooldown=_cooldown(check, value.get("cooldown"), (*path, "cooldown")),
        message=_message(check, value.get("message"), (*path, "message")),
        channels=_channels(check, value.get("channels"), channels, (*path, "channels")),
        enabled=check.kind(value.get("enabled", True), bool, "true or false", *path, "enabled"),
        place=place,
    )


def _of_bars(check: Checker, value: dict, path: tuple, condition: Condition) -> dict[str, Any] | None:
    """Symbol and settings of a rule over bars; None without a symbol, which is noted."""
    settings = {"symbol": SYMBOL, **condition.settings}
    check.keys(value, (*COMMON, *settings, *condition.sides), path)
    if not check.required(value, ("symbol",), path):
        return None
    asks: dict[str, Any] = {}
    for name, setting in settings.items():
        given = value.get(name)
        asks[name] = setting.default if given is None else checked(setting, given, _at(check, path, name))
    return asks


def _side(
    check: Checker, value: dict, path: tuple, sides: tuple[str, ...], setting: Setting
) -> dict[str, float]:
    """The one side that a rule gives, with its threshold."""
    given = [name for name in sides if value.get(name) is not None]
    if len(given) > 1:
        raise check.fault("both above and below", "make two rules of it", *path, given[1])
    if not given and setting.default is not None:
        return {sides[0]: setting.default}
    if not given:
        raise check.fault("missing", f"add `{':` or `'.join(sides)}:`", *path, sides[0])
    return {given[0]: checked(setting, value[given[0]], _at(check, path, given[0]))}


def _at(check: Checker, path: tuple, name: str) -> Any:
    return lambda *said: check.fault(*said, *path, name)


def _choice(check: Checker, value: Any, choices: tuple[str, ...], path: tuple) -> str:
    if value not in choices or not isinstance(value, str):
        mend = nearest(value, choices) or f"one of {', '.join(choices)}"
        raise check.fault(f"found {value!r}", mend, *path)
    return value


def _cooldown(check: Checker, value: Any, path: tuple) -> tuple[int, str]:
    if value is None:
        return 0, "session"
    match = COOLDOWN.fullmatch(f"{value} sessions" if type(value) is int else str(value))
    if not match:
        mend = "give 1 to 99999 sessions or minutes, as `5 sessions` or `30 minutes`"
        raise check.fault(f"found {value!r}", mend, *path)
    return int(match[1]), match[2]


def _message(check: Checker, value: Any, path: tuple) -> str:
    if value is None:
        return ""
    text = check.text(value, LONGEST_MESSAGE, *path)
    for name in re.findall(r"\{([^{}]*)\}", text):
        if name not in WORDS:
            mend = nearest(name, WORDS) or f"known: {', '.join(WORDS)}"
            raise check.fault(f"found {{{name}}}", mend, *path)
    if "${" in text:
        raise check.fault("a variable in a message", "only channels may have variables", *path)
    return text


def _channels(check: Checker, value: Any, known: list[str], path: tuple) -> tuple[str, ...] | None:
    """The channels that a rule names; None where it names none, which means all."""
    if value is None:
        return None
    check.kind(value, list, "a list of ids of channels", *path)
    for place, name in enumerate(value):
        if name not in known or not isinstance(name, str):
            mend = nearest(name, known) or f"channels: {', '.join(known) or 'none yet'}"
            raise check.fault(f"found {name!r}", mend, *path, place)
    return tuple(value)
