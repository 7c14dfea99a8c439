"""A section of a params file that says where raw tables come from: its provider and settings, checked.

Which sections there are is said by the rows of the pipeline that have a ``prepare`` hook; what one may hold
is said by its providers. These declarations are all of a chapter that the run itself imports, by the name on
the row.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from lib.contracts import Prepare, Stage
from lib.errors import InputError
from lib.settings import Provider, Setting

if TYPE_CHECKING:
    from lib.run.request.params import Checker

KINDS = ("text", "texts", "flag", "date", "count", "number", "path", "store")
LONGEST_TEXT = 1000
MOST_TEXTS = 10_000
YEARS = (1800, 2200)
DAY = re.compile(r"\d{4}-\d\d-\d\d")

Fault = Callable[..., InputError]
"""Makes the error for what was found and its mend, at a path of the params file."""


@dataclass(frozen=True)
class Source:
    """What a section asks: ``settings`` with ``provider`` identify the answer, ``policy`` says how to ask."""

    settings: dict[str, Any]
    policy: dict[str, Any] = field(default_factory=dict)
    declared: Mapping[str, Setting] = field(default_factory=dict)

    @property
    def provider(self) -> str:
        """The name of the provider."""
        return self.settings["provider"]

    @property
    def keeps(self) -> bool:
        """Whether the provider keeps what it fetched in a folder from run to run."""
        return any(one.kind == "store" for one in self.declared.values())

    def of_kind(self, kind: str) -> dict[str, str]:
        """The settings of a kind that have a value, such as every ``path``, as they were written."""
        given = {**self.settings, **self.policy}
        return {name: given[name] for name, one in self.declared.items() if one.kind == kind and given[name]}


def sections(pipeline: Iterable[Stage]) -> dict[str, Prepare]:
    """The sections that a params file may have, by name, in pipeline order."""
    return {row.prepare.section: row.prepare for row in pipeline if row.prepare}


def providers_of(prepare: Prepare) -> Mapping[str, Provider]:
    """The providers that a section may name."""
    module, _, name = prepare.providers.partition(":")
    return getattr(importlib.import_module(module), name)


def source_of(
    section: str, provider: str, declared: Mapping[str, Setting], given: dict[str, Any], check: Checker
) -> Source:
    """The values of a section, checked, defaults filled in; ``given`` may hold unknown names, told before.

    Raises InputError, or has the default where the fault is only noted.
    """
    settings: dict[str, Any] = {"provider": provider}
    policy: dict[str, Any] = {}
    for name, setting in declared.items():
        value = setting.default
        if given.get(name) is not None:
            with check.noted():
                value = checked(setting, given[name], lambda *said, at=name: check.fault(*said, section, at))
        (policy if setting.policy or setting.kind == "store" else settings)[name] = value
    return Source(settings, policy, declared)


def check_text(value: Any, longest: int, fault: Fault) -> str:
    """The value if it is text of 1 to ``longest`` characters that is not blank. Raises InputError."""
    if type(value) is not str:
        raise fault(f"found {value!r}", "give text (in quotes when it looks like a number)")
    if not value.strip() or len(value) > longest or "\0" in value:
        raise fault(f"{len(value)} characters", f"give 1 to {longest} characters")
    return value


def is_day(value: Any) -> bool:
    """Whether the value is a date as YYYY-MM-DD that the calendar has, in or near the years of markets."""
    if not (isinstance(value, str) and DAY.fullmatch(value)):
        return False
    try:
        year = date.fromisoformat(value).year
    except ValueError:
        return False
    return YEARS[0] <= year <= YEARS[1]


def checked(setting: Setting, value: Any, fault: Fault) -> Any:
    """The value if the setting may have it, a number as a float. Raises what ``fault`` makes."""
    if setting.kind in ("text", "path", "store"):
        return _text(setting, value, fault)
    if setting.kind == "texts":
        if type(value) is not list or not 0 < len(value) <= MOST_TEXTS:
            raise fault(f"found {value!r}"[:100], f"give a list of 1 to {MOST_TEXTS} texts")
        return [_text(setting, one, fault) for one in value]
    if setting.kind == "flag":
        if type(value) is not bool:
            raise fault(f"found {value!r}", "give true or false")
        return value
    if setting.kind == "date":
        if not is_day(value):
            raise fault(f"found {value!r}", "give a date as YYYY-MM-DD")
        return value
    return _number(setting, value, fault)


def _text(setting: Setting, value: Any, fault: Fault) -> str:
    if setting.choices and value not in setting.choices:
        raise fault(f"found {value!r}", f"give one of {', '.join(setting.choices)}")
    return check_text(value, LONGEST_TEXT, fault)


def _number(setting: Setting, value: Any, fault: Fault) -> int | float:
    whole = setting.kind == "count"
    low = type(value) in ((int,) if whole else (int, float)) and (
        value > setting.above or (setting.least and value == setting.above)
    )
    if not low or not value <= setting.most:
        words = "a whole number" if whole else "a number"
        first = setting.above + (whole and not setting.least)
        least = f"from {first:g} to" if whole or setting.least else f"above {setting.above:g} and up to"
        raise fault(f"found {value!r}", f"give {words} {least} {setting.most:g}")
    return value if whole else float(value)
