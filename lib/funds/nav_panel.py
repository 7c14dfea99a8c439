"""Long tables of levels (NAVs, benchmarks) as days x series, and what was known of them on a day.

A panel is built once from a long table by codes and one scatter. A ``View`` is the panel as it stood at the
close of one day: rows of later days are cut off, and a level that was published later than its own day is
hidden until then. Days are whole numbers since 1970, so that ages are differences. Nothing is filled
forward in a panel: a look-up says how old a level may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

EPOCH = np.datetime64("1970-01-01", "D")


def day_number(date: Any) -> int:
    """A date as days since 1970."""
    return int((pd.Timestamp(date).to_datetime64().astype("datetime64[D]") - EPOCH).astype(int))


def day_numbers(dates: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """A column of dates as days since 1970; a null is far in the past."""
    return dates.to_numpy().astype("datetime64[D]").astype("int64")


def months_before(date: Any, months: int) -> int:
    """The day so many calendar months before a date, as days since 1970."""
    return day_number(pd.Timestamp(date) - pd.DateOffset(months=months))


def codes_of(column: pd.Series, names: Sequence[str] | np.ndarray) -> np.ndarray:
    """The place of each cell in ``names``, -1 where it is none of them or null."""
    codes, uniques = pd.factorize(column)
    place = pd.Index(np.asarray(names, dtype=object)).get_indexer(np.asarray(uniques, dtype=object))
    return np.append(place, -1)[codes].astype("int64")


@dataclass(frozen=True)
class View:
    """What was known at the close of ``day``: levels of ``days``, days x series, NaN where there is none."""

    day: int
    days: np.ndarray
    levels: np.ndarray

    def at(self, day: int, stale: int) -> tuple[np.ndarray, np.ndarray]:
        """The last level on or before ``day``, at most ``stale`` days old, and the day that it is of.

        NaN, and day 0, where there is none.
        """
        first, after = np.searchsorted(self.days, [day - stale, day + 1])
        level = np.full(self.levels.shape[1], np.nan)
        found = np.zeros(self.levels.shape[1], dtype="int64")
        for place in range(after - 1, first - 1, -1):
            open_ = np.isnan(level)
            if not open_.any():
                break
            row = self.levels[place]
            taken = open_ & ~np.isnan(row)
            level[taken], found[taken] = row[taken], self.days[place]
        return level, found

    def counts(self) -> np.ndarray:
        """How many levels of each series are known."""
        return len(self.days) - np.count_nonzero(np.isnan(self.levels), axis=0)

    def last_day(self) -> np.ndarray:
        """The day of the last known level of each series, 0 where there is none."""
        found = np.zeros(self.levels.shape[1], dtype="int64")
        for after in range(len(self.days), 0, -32):
            block = ~np.isnan(self.levels[max(after - 32, 0) : after])
            open_ = (found == 0) & block.any(axis=0)
            last = after - 1 - np.argmax(block[::-1], axis=0)
            found[open_] = self.days[last[open_]]
            if (found > 0).all():
                break
        return found


@dataclass(frozen=True)
class Panel:
    """Levels of ``names``, days x series; ``late`` are row, column and day of those published later."""

    days: np.ndarray
    names: np.ndarray
    levels: np.ndarray
    late: tuple[np.ndarray, np.ndarray, np.ndarray]

    def view(self, day: int) -> View:
        """The panel as it was known at the close of a day."""
        cut = int(np.searchsorted(self.days, day, side="right"))
        values = self.levels[:cut]
        row, column, known = self.late
        hidden = (row < cut) & (known > day)
        if hidden.any():
            values = values.copy()
            values[row[hidden], column[hidden]] = np.nan
        return View(day, self.days[:cut], values)


def panel_of(frame: pd.DataFrame, names: Sequence[str] | np.ndarray, *, entity: str, value: str) -> Panel:
    """The panel of a long table (``entity``, ``date``, ``value``, ``known_at``) for the series ``names``.

    Levels that are not positive are no levels. The long table has one row a series and day.
    """
    names = np.asarray(names, dtype=object)
    column = codes_of(frame[entity], names)
    level = frame[value].to_numpy(dtype="float64")
    keep = (column >= 0) & (level > 0)
    whole = bool(keep.all())
    column, level = (column, level) if whole else (column[keep], level[keep])
    day, known = day_numbers(frame["date"]), day_numbers(frame["known_at"])
    day, known = (day, known) if whole else (day[keep], known[keep])
    if not len(day):
        none = np.zeros(0, dtype="int64")
        return Panel(none, names, np.full((0, len(names)), np.nan), (none, none, none))
    start = int(day.min())
    there = np.zeros(int(day.max()) - start + 1, dtype=bool)
    there[day - start] = True
    days = np.flatnonzero(there) + start
    row = (np.cumsum(there) - 1)[day - start]
    flat = np.full(len(names) * len(days), np.nan)
    flat[column * len(days) + row] = level
    values = np.ascontiguousarray(flat.reshape(len(names), len(days)).T)
    late = known > day
    return Panel(days, names, values, (row[late], column[late], known[late]))
