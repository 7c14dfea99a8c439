"""Reads the subjects of a params file as their kind declares them; every other key or type is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.conventions import SYMBOL
from lib.run.request.settings import LONGEST_TEXT, is_day
from lib.subjects import KINDS, Field, Kind

if TYPE_CHECKING:
    from lib.run.request.params import Checker

CURRENCY = re.compile(r"[A-Z]{3}")
MAX_NAME = 100
MOST_SUBJECTS = 500
MOST_MONEY = 1e15


def read_subjects(check: Checker, kind: Kind, value: Any) -> tuple[dict[str, Any], ...]:
    """The subjects of a section with every field of the kind, defaults filled in. Raises InputError.

    Where faults are only noted, a faulty field has its default, a subject that lacks what it needs is left
    out, and one whose id is faulty is called by its place, as ``portfolios[0]``.
    """
    check.kind(value, list, f"a list of {kind.plural}", kind.section)
    if not value:
        raise check.fault(f"no {kind.singular}", "list at least one", kind.section)
    if len(value) > MOST_SUBJECTS:
        mend = f"split the file; at most {MOST_SUBJECTS} are part of one run"
        raise check.fault(f"{len(value):,} {kind.plural}", mend, kind.section)
    found: dict[str, dict[str, Any]] = {}
    for i, value_of_one in enumerate(value):
        with check.noted():
            one = _subject(check, kind, value_of_one, (kind.section, i))
            if one is None:
                continue
            if one["id"] in found:
                fault = check.fault("used twice", "give each its own id", kind.section, i, "id")
                check.note(fault)
                one["id"] = by_place(kind, i)
            found[one["id"]] = one
    return tuple(found.values())


def with_found_files(
    subjects: dict[str, tuple[dict, ...]], folder: Path
) -> dict[str, tuple[dict[str, Any], ...]]:
    """The subjects with the files that are taken where they are found and none is named."""

    def filled(kind: Kind, one: dict[str, Any]) -> dict[str, Any]:
        places = {
            field.name: field.found_at.format(id=one["id"])
            for field in kind.fields
            if field.found_at and one[field.name] is None
        }
        return {**one, **{name: place for name, place in places.items() if (folder / place).is_file()}}

    return {name: tuple(filled(KINDS[name], one) for one in found) for name, found in subjects.items()}


def by_place(kind: Kind, place: int) -> str:
    """What a subject is called that has no id of its own."""
    return f"{kind.section}[{place}]"


def place_of(kind: Kind, written: Any, subject: str) -> int:
    """At which place of the section, as it is ``written``, a subject stands."""
    ids = [one.get("id") if isinstance(one, dict) else None for one in written]
    places = [i for i in range(len(ids)) if by_place(kind, i) == subject]
    return places[0] if places else ids.index(subject)


def _subject(check: Checker, kind: Kind, value: Any, path: tuple[str | int, ...]) -> dict[str, Any] | None:
    """One subject; None where a field is missing or faulty without which nothing more can be checked."""
    required = tuple(field.name for field in kind.fields if field.required)
    needed = ("id", "name", *required)
    check.kind(value, dict, f"a mapping with {', '.join(needed[:-1])} and {needed[-1]}", *path)
    check.keys(value, ("id", "name", *(field.name for field in kind.fields)), path)
    check.required(value, ("id", *required), path)
    found: dict[str, Any] = {"id": by_place(kind, int(path[-1]))}
    if value.get("id") is not None:
        with check.noted():
            found["id"] = check.slug(value["id"], *path, "id")
    found["name"] = found["id"]
    if value.get("name"):
        with check.noted():
            found["name"] = check.text(value["name"], MAX_NAME, *path, "name")
    for field in kind.fields:
        found[field.name] = field.default
        with check.noted():
            found[field.name] = _field(check, field, value, (*path, field.name))
    return None if any(found[name] is None for name in required) else found


def _field(check: Checker, field: Field, given: dict, path: tuple[str | int, ...]) -> Any:
    if field.name not in given or (given[field.name] is None and field.default is None):
        return field.default
    value = given[field.name]
    if field.type in ("text", "file"):
        return check.text(value, LONGEST_TEXT, *path)
    if field.type == "files" and isinstance(value, str):
        return [check.text(value, LONGEST_TEXT, *path)]
    accepts, mend = ACCEPTED[field.type]
    if not accepts(value):
        raise check.fault(f"found {value!r}", mend, *path)
    return float(value) if field.type in ("money", "number") else value


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < MOST_MONEY


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= len(value) <= LONGEST_TEXT


def _is_symbol(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(SYMBOL, value))


def _list_of(accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(map(accepts, value))


ACCEPTED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "files": (_list_of(_is_text), "give a path such as trades/mine.csv, or a list of them"),
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
