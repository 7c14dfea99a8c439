"""The settings that ``data:`` of a params file may have, by provider: type, range, default.

A setting that only says how a source is asked (how often, how long, where answers are kept) is a policy: it
is handed to the provider and is no part of what identifies a run, since the same data are the same run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.errors import InputError

LONGEST_TEXT = 1000
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Setting:
    """One setting: its ``kind`` (``text flag date count number``), default and what it may hold.

    A count and a number lie above ``above`` and are at most ``most``. A setting whose default is None is null
    where it is not given.
    """

    kind: str
    default: Any = None
    above: float = 0
    most: float = 0
    required: bool = False
    policy: bool = False


PROVIDERS: dict[str, dict[str, Setting]] = {
    "sample": {},
    "folder": {"path": Setting("text", required=True)},
    "yahoo": {
        "start": Setting("date", "2010-01-01"),
        "options": Setting("flag", True),
        "yields": Setting("flag", True),
        "stale": Setting("flag", False),
        "repair": Setting("flag", False),
        "store": Setting("text", policy=True),
        "recheck": Setting("flag", False, policy=True),
        "refresh_hours": Setting("number", 24.0, most=8760, policy=True),
        "attempts": Setting("count", 4, most=20, policy=True),
        "deadline": Setting("number", 600.0, most=86_400, policy=True),
        "timeout": Setting("number", 30.0, most=600, policy=True),
        "calls_per_second": Setting("number", 2.0, most=50, policy=True),
        "batch": Setting("count", 50, most=1000, policy=True),
        "breaker": Setting("count", 3, most=100, policy=True),
    },
}

Fault = Callable[..., InputError]
"""Makes the error for what was found and its mend, at a path of the params file."""


def check_settings(provider: str, given: dict[str, Any], fault: Fault) -> tuple[dict, dict]:
    """What of the checked settings identifies a run, and the policy; defaults filled in. Raises InputError.

    ``given`` holds known names only; ``fault`` makes the error at a path of the params file.
    """
    found: dict[str, Any] = {"provider": provider}
    policy: dict[str, Any] = {}
    for name, setting in PROVIDERS[provider].items():
        value = given.get(name)
        if value is None:
            value = setting.default
        else:
            value = _checked(setting, value, lambda *said, at=name: fault(*said, "data", at))
        (policy if setting.policy else found)[name] = value
    return found, policy


def check_text(value: Any, longest: int, fault: Fault) -> str:
    """The value if it is text of 1 to ``longest`` characters that is not blank. Raises InputError."""
    if type(value) is not str:
        raise fault(f"found {value!r}", "give text (in quotes when it looks like a number)")
    if not value.strip() or len(value) > longest or "\0" in value:
        raise fault(f"{len(value)} characters", f"give 1 to {longest} characters")
    return value


def is_day(value: Any) -> bool:
    """Whether the value is a date as YYYY-MM-DD that the calendar has."""
    if not (isinstance(value, str) and DAY.fullmatch(value)):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _checked(setting: Setting, value: Any, fault: Fault) -> Any:
    if setting.kind == "text":
        return check_text(value, LONGEST_TEXT, fault)
    if setting.kind == "flag":
        if type(value) is not bool:
            raise fault(f"found {value!r}", "give true or false")
        return value
    if setting.kind == "date":
        if not is_day(value):
            raise fault(f"found {value!r}", "give a date as YYYY-MM-DD")
        return value
    whole = setting.kind == "count"
    if type(value) not in ((int,) if whole else (int, float)) or not setting.above < value <= setting.most:
        words = "a whole number" if whole else "a number"
        least = f"from {setting.above + 1:g} to" if whole else f"above {setting.above:g} and up to"
        raise fault(f"found {value!r}", f"give {words} {least} {setting.most:g}")
    return value if whole else float(value)
