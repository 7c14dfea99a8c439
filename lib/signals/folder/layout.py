"""How each column of a file of the folder provider is read: one row a table, one reader a column."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from lib.conventions import ORIGINS
from lib.tables.signals import FREQUENCIES, REASONS
from lib.user_tables.sheet import Sheet

Reader = Callable[[Sheet, str], pd.Series]
DECIMAL = "write decimals: 0.0125 for 1.25 %"
YES = ("true", "false")


def text(sheet: Sheet, name: str) -> pd.Series:
    """A text that must not be empty."""
    found = sheet.texts(name)
    sheet.refuse(found.isna() | found.eq(""), name, "empty", "write a name")
    return found


def texts(sheet: Sheet, name: str) -> pd.Series:
    """A text that may be empty."""
    return sheet.texts(name)


def day(sheet: Sheet, name: str) -> pd.Series:
    """A day."""
    return sheet.dates(name)


def days(sheet: Sheet, name: str) -> pd.Series:
    """A day that may be empty."""
    return sheet.dates(name, required=False)


def moment(sheet: Sheet, name: str) -> pd.Series:
    """A moment with its zone."""
    return sheet.moments(name)


def number(sheet: Sheet, name: str) -> pd.Series:
    """A number."""
    return sheet.numbers(name, required=True)


def numbers(sheet: Sheet, name: str) -> pd.Series:
    """A number that may be empty."""
    return sheet.numbers(name)


def size(sheet: Sheet, name: str) -> pd.Series:
    """A number of at least 0 that may be empty."""
    return sheet.numbers(name, low=0.0, mend="write a number of at least 0")


def change(sheet: Sheet, name: str) -> pd.Series:
    """A return in decimals."""
    return sheet.numbers(name, low=-1.0, mend=DECIMAL, required=True)


def changes(sheet: Sheet, name: str) -> pd.Series:
    """A return in decimals that may be empty."""
    return sheet.numbers(name, low=-1.0, mend=DECIMAL)


def yes(sheet: Sheet, name: str) -> pd.Series:
    """true or false; false where there is no such column."""
    if name in sheet.cells and sheet.cells[name].dtype.kind == "b":
        return sheet.cells[name]
    return sheet.choices(name, YES, required=name in sheet.cells).eq("true")


def frequency(sheet: Sheet, name: str) -> pd.Series:
    """The length of a period."""
    return sheet.choices(name, FREQUENCIES)


def reason(sheet: Sheet, name: str) -> pd.Series:
    """Why a firm left the market."""
    return sheet.choices(name, REASONS, required=False).fillna("unknown")


def origin(sheet: Sheet) -> pd.Series:
    """Where each row comes from; real unless the file says otherwise."""
    return sheet.choices("origin", ORIGINS, required=False).fillna("real")


LAYOUT: dict[str, tuple[str, dict[str, Reader], dict[str, Reader]]] = {
    "entities": (
        "raw_signal_entities",
        {"universe": text, "entity": text, "valid_from": day},
        {"symbol": texts, "name": texts, "sector": texts, "known_at": days},
    ),
    "memberships": (
        "raw_signal_memberships",
        {"universe": text, "entity": text, "date": day, "member": yes},
        {"known_at": days},
    ),
    "returns": (
        "raw_signal_returns",
        {"entity": text, "date": day, "return": change},
        {"market_cap": size, "traded_value": size},
    ),
    "delistings": (
        "raw_signal_delistings",
        {"entity": text, "date": day},
        {"reason": reason, "return": changes, "known_at": days},
    ),
    "facts": (
        "raw_signal_facts",
        {"entity": text, "item": text, "value": number, "period_end": day, "known_at": moment},
        {},
    ),
    "benchmarks": ("raw_signal_benchmarks", {"benchmark": text, "date": day, "return": change}, {}),
    "factors": (
        "raw_factor_sets",
        {"factor_set": text, "frequency": frequency, "date": day, "factor": text, "return": number},
        {},
    ),
    "portfolios": (
        "raw_test_portfolios",
        {"portfolio_set": text, "frequency": frequency, "date": day, "portfolio": text, "return": change},
        {"excess": yes},
    ),
    "events": (
        "raw_signal_events",
        {"event_list": text, "event": text, "known_at": moment, "detail": text},
        {"entity": texts},
    ),
    "designs": (
        "raw_designs",
        {"design": text, "unit": text, "period": number, "outcome": text, "value": numbers},
        {"first_treated": numbers, "weight": size, "cluster": texts},
    ),
    "texts": ("raw_signal_texts", {"entity": text, "known_at": moment, "text": text}, {}),
}
"""By file: its table, the columns that it must have, and those that it may have."""
