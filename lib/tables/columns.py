"""The kinds of column that tables and frames of pages are declared with, one function a unit.

``label`` heads the column for people, ``absent`` says why a value can be missing (``lib.contracts.Column``).
"""

from __future__ import annotations

from typing import Any

from lib.contracts import Column
from lib.conventions import ORIGINS


def date(name: str, meaning: str = "", null: bool = False, *, label: str = "", absent: str = "") -> Column:
    """A day, at midnight without a time zone."""
    return Column(name, "date", meaning, null, label=label, absent=absent)


def text(
    name: str,
    meaning: str = "",
    null: bool = False,
    values: tuple[str, ...] = (),
    *,
    label: str = "",
    absent: str = "",
) -> Column:
    """A text, one of ``values`` where they are given."""
    return Column(name, "str", meaning, null, values=values, label=label, absent=absent)


def flag(name: str, meaning: str = "", *, label: str = "") -> Column:
    """Yes or no."""
    return Column(name, "bool", meaning, label=label)


def count(name: str, meaning: str = "", *, low: float = 0, unit: str = "count", label: str = "") -> Column:
    """A whole number from ``low`` on."""
    return Column(name, "int", meaning, low=low, unit=unit, label=label)


def number(
    name: str,
    meaning: str = "",
    null: bool = False,
    low: float | None = None,
    high: float | None = None,
    *,
    unit: str = "number",
    label: str = "",
    absent: str = "",
) -> Column:
    """A decimal number between the bounds, in a unit of ``lib.contracts.UNITS``."""
    return Column(name, "float", meaning, null, low, high, unit=unit, label=label, absent=absent)


def money(name: str, meaning: str = "", null: bool = False, **more: Any) -> Column:
    """An amount in the portfolio's currency; ``more`` as in ``number``."""
    return number(name, meaning, null, unit="money", **more)


def price(name: str, meaning: str = "", null: bool = False, **more: Any) -> Column:
    """A price a share or unit."""
    return number(name, meaning, null, unit="price", **more)


def fraction(name: str, meaning: str = "", null: bool = False, **more: Any) -> Column:
    """A decimal shown in percent: a return, rate, weight, share or volatility."""
    return number(name, meaning, null, unit="fraction", **more)


def earned(name: str, meaning: str = "", null: bool = False, **more: Any) -> Column:
    """A return of one period or a part of it, in percent with two decimals, where a tenth is much."""
    return number(name, meaning, null, unit="return", **more)


def ratio(name: str, meaning: str = "", null: bool = False, **more: Any) -> Column:
    """A pure number with two decimals: a beta, a correlation, a t-statistic."""
    return number(name, meaning, null, unit="ratio", **more)


def p_value(name: str, meaning: str = "", null: bool = False, *, label: str = "p", **more: Any) -> Column:
    """A p-value, never written in percent."""
    return number(name, meaning, null, unit="p_value", label=label, **more)


def days(name: str, meaning: str = "", null: bool = False, **more: Any) -> Column:
    """A length of time in days."""
    return number(name, meaning, null, unit="days", **more)


def figure(name: str, meaning: str = "", null: bool = False, **more: Any) -> Column:
    """A number in the unit that the column ``unit`` names in its row."""
    return number(name, meaning, null, unit="figure", **more)


def difference(name: str, meaning: str = "", null: bool = False, **more: Any) -> Column:
    """A difference of two figures, with its sign; fractions in percentage points."""
    return number(name, meaning, null, unit="difference", **more)


SOURCE = (
    text("source", "provider or file that the row came from"),
    text("origin", "real, constructed, generated or manual", values=ORIGINS),
)
