"""The vocabulary of checks: what must hold of a result, said with the numbers that were compared.

A check of money is content with half a cent, or with 1e-9 of the larger side where amounts are large; one of
anything else with 1e-9, relative to the larger side. Two missing values are equal; one missing value is a
failure. Where there is nothing to compare a check passes and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib import wording

CENT = 0.005
CLOSE = 1e-9
NOTHING = "nothing to compare"

Words = Callable[[float], str]


@dataclass(frozen=True)
class Check:
    """An identity of this very result: its name, whether it holds, and the numbers."""

    name: str
    passed: bool
    detail: str


def holds(name: str, passed: bool, detail: str) -> Check:
    """A check of another kind than those below: ``detail`` says the numbers."""
    return Check(name, bool(passed), detail)


def nothing(name: str) -> Check:
    """A check that has nothing to compare, and passes."""
    return Check(name, True, NOTHING)


def equal(name: str, left: int, right: int) -> Check:
    """Two counts are the same."""
    return Check(name, bool(left == right), f"{wording.count(left)} and {wording.count(right)}")


def none(name: str, found: int, words: str) -> Check:
    """Nothing was found; ``words`` say of what: "0 repeated"."""
    return Check(name, bool(found == 0), f"{wording.count(found)} {words}")


def counts_add_up(name: str, whole: Mapping[str, int], parts: Mapping[str, int]) -> Check:
    """Counts, by their words, are together as many as others: "9 received; 7 kept, 2 set aside"."""
    sides = (", ".join(f"{wording.count(n)} {word}" for word, n in side.items()) for side in (whole, parts))
    return Check(name, bool(sum(whole.values()) == sum(parts.values())), "; ".join(sides))


def close(
    name: str,
    left: float | pd.Series,
    right: float | pd.Series,
    *,
    tolerance: float = CLOSE,
    scale: float | None = None,
    words: Words = lambda value: wording.number(value, 4),
) -> Check:
    """Two numbers, or two columns row by row, are the same within ``tolerance``.

    The tolerance is absolute below a size of one and relative to the right side (of two numbers), or to
    ``scale``, above it. ``words`` writes the numbers. Rows where neither side is known are not compared.
    """
    if isinstance(left, pd.Series) or isinstance(right, pd.Series):
        size = max(1.0, abs(scale or 0.0))
        return _rows_close(name, pd.Series(left), pd.Series(right), tolerance * size)
    detail = f"{words(left)} and {words(right)}"
    if wording.is_missing(left) or wording.is_missing(right):
        return Check(name, wording.is_missing(left) and wording.is_missing(right), detail)
    size = max(1.0, abs(right) if scale is None else abs(scale))
    return Check(name, bool(abs(left - right) <= tolerance * size), detail)


def same_money(
    name: str, left: float | pd.Series, right: float | pd.Series, *, words: Words | None = None
) -> Check:
    """Two amounts, or two columns of them, are the same to half a cent, or to 1e-9 of the right side."""
    if isinstance(left, pd.Series) or isinstance(right, pd.Series):
        return _rows_close(name, pd.Series(left), pd.Series(right), CENT)
    written = words or (lambda value: wording.number(value, 4))
    detail = f"{written(left)} and {written(right)}"
    if wording.is_missing(left) or wording.is_missing(right):
        return Check(name, wording.is_missing(left) and wording.is_missing(right), detail)
    return Check(name, bool(abs(left - right) <= max(CENT, CLOSE * abs(right))), detail)


def adds_up(
    name: str,
    parts: pd.Series | float,
    total: float,
    *,
    tolerance: float = CLOSE,
    words: Words = lambda value: wording.number(value, 4),
) -> Check:
    """The parts, or their sum, are the total within ``tolerance`` (as in ``close``)."""
    summed = float(parts.sum()) if isinstance(parts, pd.Series) else float(parts)
    return close(name, summed, total, tolerance=tolerance, words=words)


def ordered(
    name: str,
    low: float | pd.Series,
    high: float | pd.Series,
    *,
    tolerance: float = CLOSE,
    noun: str = "row",
    words: Words = lambda value: wording.number(value, 4),
) -> Check:
    """No low is above its high; pairs of which one is missing are not compared."""
    pairs = pd.DataFrame({"low": pd.Series(low), "high": pd.Series(high)}).dropna()
    if pairs.empty:
        return nothing(name)
    gap = float((pairs["high"] - pairs["low"]).min())
    return Check(
        name,
        bool(gap >= -tolerance),
        f"{wording.plural(len(pairs), noun)}, smallest distance {words(gap)}",
    )


def within(
    name: str,
    values: float | pd.Series,
    low: float,
    high: float,
    *,
    tolerance: float = CLOSE,
    noun: str = "value",
    words: Words = lambda value: wording.number(value, 2),
) -> Check:
    """Every known value lies between the bounds."""
    known = pd.Series(values).dropna()
    if known.empty:
        return nothing(name)
    inside = known.between(low - tolerance, high + tolerance)
    extent = f"{words(float(known.min()))} to {words(float(known.max()))}"
    return Check(name, bool(inside.all()), f"{wording.plural(len(known), noun)}, {extent}")


def _rows_close(name: str, left: pd.Series, right: pd.Series, tolerance: float) -> Check:
    known = left.notna() | right.notna()
    if not known.any():
        return nothing(name)
    off = (left - right)[known].abs()
    widest = float(np.nanmax(off)) if off.notna().any() else 0.0
    passed = bool(off.notna().all() and (off <= tolerance).all())
    return Check(name, passed, f"{wording.plural(int(known.sum()), 'row')}, widest gap {widest:.2g}")
