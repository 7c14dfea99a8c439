"""The kinds of column that tables are declared with, and the columns that say where a row came from."""

from __future__ import annotations

from lib.contracts import Column
from lib.conventions import ORIGINS


def date(name: str, meaning: str, null: bool = False) -> Column:
    """A day, at midnight without a time zone."""
    return Column(name, "date", meaning, null)


def text(name: str, meaning: str, null: bool = False, values: tuple[str, ...] = ()) -> Column:
    """A text, one of ``values`` where they are given."""
    return Column(name, "str", meaning, null, values=values)


def number(
    name: str, meaning: str, null: bool = False, low: float | None = None, high: float | None = None
) -> Column:
    """A decimal number between the bounds."""
    return Column(name, "float", meaning, null, low, high)


def count(name: str, meaning: str) -> Column:
    """A whole number that is not negative."""
    return Column(name, "int", meaning, low=0)


SOURCE = (
    text("source", "provider or file that the row came from"),
    text("origin", "real, constructed, generated or manual", values=ORIGINS),
)
