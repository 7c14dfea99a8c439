"""Reads the subjects of a params file as their kind declares them; every other key or type is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lib.run.request.settings import LONGEST_TEXT, is_day
from lib.subjects import Field, Kind

if TYPE_CHECKING:
    from lib.run.request.params import Checker

CURRENCY = re.compile(r"[A-Z]{3}")
SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.^=-]{0,19}")
MAX_NAME = 100
MOST_SUBJECTS = 500
MOST_MONEY = 1e15


def read_subjects(check: Checker, kind: Kind, value: Any) -> tuple[dict[str, Any], ...]:
    """The subjects of a section with every field of the kind, defaults filled in. Raises InputError."""
    check.kind(value, list, f"a list of {kind.plural}", kind.section)
    if not value:
        raise check.fault(f"no {kind.singular}", "list at least one", kind.section)
    if len(value) > MOST_SUBJECTS:
        mend = f"split the file; at most {MOST_SUBJECTS} are part of one run"
        raise check.fault(f"{len(value):,} {kind.plural}", mend, kind.section)
    found = tuple(_subject(check, kind, one, (kind.section, i)) for i, one in enumerate(value))
    seen: set[str] = set()
    for i, one in enumerate(found):
        if one["id"] in seen:
            raise check.fault(f"{one['id']!r} is used twice", "give each its own id", kind.section, i, "id")
        seen.add(one["id"])
    return found


def _subject(check: Checker, kind: Kind, value: Any, path: tuple[str | int, ...]) -> dict[str, Any]:
    required = tuple(field.name for field in kind.fields if field.required)
    needed = ("id", "name", *required)
    check.kind(value, dict, f"a mapping with {', '.join(needed[:-1])} and {needed[-1]}", *path)
    check.keys(value, ("id", "name", *(field.name for field in kind.fields)), path)
    check.required(value, ("id", *required), path)
    return {
        "id": check.slug(value["id"], *path, "id"),
        "name": check.text(value.get("name") or value["id"], MAX_NAME, *path, "name"),
        **{field.name: _field(check, field, value, (*path, field.name)) for field in kind.fields},
    }


def _field(check: Checker, field: Field, given: dict, path: tuple[str | int, ...]) -> Any:
    if field.name not in given or (given[field.name] is None and field.default is None):
        return field.default
    value = given[field.name]
    if field.type in ("text", "file"):
        return check.text(value, LONGEST_TEXT, *path)
    accepts, mend = ACCEPTED[field.type]
    if not accepts(value):
        raise check.fault(f"found {value!r}", mend, *path)
    return float(value) if field.type in ("money", "number") else value


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < MOST_MONEY


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= len(value) <= LONGEST_TEXT


def _is_symbol(value: Any) -> bool:
    return isinstance(value, str) and bool(SYMBOL.fullmatch(value))


def _list_of(accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(map(accepts, value))


ACCEPTED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "texts": (_list_of(_is_text), "give a list of texts such as [core, income]"),
    "number": (_is_number, "give a number such as 0.5"),
    "money": (_is_number, "give an amount of money such as 12000"),
    "currency": (
        lambda value: isinstance(value, str) and bool(CURRENCY.fullmatch(value)),
        "give an ISO code such as USD",
    ),
    "symbol": (_is_symbol, "give a symbol such as SP500"),
    "symbols": (_list_of(_is_symbol), "give a list of symbols such as [SP500, AAPL]"),
    "date": (is_day, "give a date as YYYY-MM-DD"),
    "flag": (lambda value: type(value) is bool, "give true or false"),
}
