"""When a rule fires: once for a crossing, and again only after its condition was false in between.

A rule starts armed. Where its condition holds and its last firing is long enough ago it fires and is armed no
more; where the condition does not hold it is armed again. While it cools down it stays armed, so that what
still holds afterwards is told. Pure: what is known before, and what was observed since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Observation:
    """What a rule saw on a day (ISO): the value, the level it was held against, and whether it was beyond.

    ``what`` names the row or the symbol.
    """

    day: str
    value: float
    threshold: float
    held: bool
    what: str = ""


@dataclass(frozen=True)
class State:
    """A rule, of one subject, after a day: armed or fired, the last day that it saw, and its last firing.

    ``asks`` is the digest of what it watches; ``fired`` is the day and ``moment`` the clock of the firing.
    """

    asks: str
    armed: bool = True
    day: str = ""
    value: float | None = None
    held: bool | None = None
    fired: str = ""
    moment: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return dict(self.__dict__)


def walk(
    state: State, seen: Sequence[Observation], cooldown: tuple[int, str], now: datetime
) -> tuple[State, Observation | None]:
    """The state after the days that are new to it, and the last crossing that fires among them.

    ``seen`` is in the order of days. A rule that has seen nothing yet begins with the last of them.
    """
    firing = None
    for one in seen if state.day else seen[-1:]:
        if one.day <= state.day:
            continue
        state = replace(state, day=one.day, value=one.value, held=one.held)
        if not one.held:
            state = replace(state, armed=True)
        elif state.armed and _is_cool(state, one.day, cooldown, now):
            moment = now.isoformat(timespec="seconds")
            state, firing = replace(state, armed=False, fired=one.day, moment=moment), one
    return state, firing


def _is_cool(state: State, day: str, cooldown: tuple[int, str], now: datetime) -> bool:
    """Whether the last firing is as long ago as the rule asks; a clock that went back does not hold it up."""
    amount, unit = cooldown
    if not state.fired or not amount:
        return True
    if unit == "session":
        return sessions_between(state.fired, day) >= amount
    passed = (now - datetime.fromisoformat(state.moment)).total_seconds()
    return passed < 0 or passed >= 60 * amount


def sessions_between(first: str, last: str) -> int:
    """Sessions after ``first`` up to ``last``, taken as the days from Monday to Friday."""
    return _weekdays(date.fromisoformat(last)) - _weekdays(date.fromisoformat(first))


def _weekdays(day: date) -> int:
    """Days from Monday to Friday since some Monday long ago, this one included."""
    weeks, rest = divmod(day.toordinal() - 1, 7)
    return 5 * weeks + min(rest + 1, 5)
