"""Where results differ up to a day: date, entity, column, the value before and after.

Values must be equal to the last bit, nulls equal to nulls. Numbers that differ by less than ``ROUNDING`` of
the largest number of their column, or of one, are counted apart: sums over arrays of another length may be
added in another order, and what remains of a whole after its parts is then no longer exactly nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.contracts import Table
from lib.run.audit.clocks import Tables, days_in, schema_of

ROUNDING = 1e-12
ROW = "the row itself"
THERE, ABSENT = "there", "not there"


@dataclass(frozen=True)
class Difference:
    """The first difference of a table in time, and how many values of it differ."""

    table: str
    date: np.datetime64
    entity: dict[str, Any]
    column: str
    before: Any
    after: Any
    values: int
    dates: int


@dataclass(frozen=True)
class Comparison:
    """Every table's first difference, earliest first; what was compared, and what is no difference.

    ``rounded`` values differ by rounding only; ``own_last_day`` are tables that have one more date in the
    altered results, after their last one before the cut: a calendar taken from the data ends with them.
    """

    differences: tuple[Difference, ...]
    rows: int
    rounded: int = 0
    own_last_day: tuple[str, ...] = ()


def compare(
    before: Tables,
    after: Tables,
    schemas: Mapping[str, Table],
    *,
    until: np.datetime64 | None = None,
    since: np.datetime64 | None = None,
) -> Comparison:
    """The histories of results in ``before`` against those in ``after``, between two days, both included."""
    found, rows, rounded, ends = [], 0, 0, []
    for name, frame in before.items():
        schema = schema_of(name, schemas)
        if not schema.dated:
            continue
        old, new = (between(one, schema, since, until) for one in (frame, after[name]))
        new, ended = _without_own_last_day(old, new, schema)
        ends += [name] if ended else []
        rows += len(old)
        difference, roundings = _first(name, old, new, schema)
        rounded += roundings
        found += [difference] if difference else []
    found.sort(key=lambda one: one.date)
    return Comparison(tuple(found), rows, rounded, tuple(ends))


def between(
    frame: pd.DataFrame, schema: Table, since: np.datetime64 | None, until: np.datetime64 | None
) -> pd.DataFrame:
    """The rows of a history from one day to another, both included."""
    days = days_in(frame, schema.dated)
    kept = ~np.isnat(days)
    if until is not None:
        kept &= days <= until
    if since is not None:
        kept &= days >= since
    return frame[kept].reset_index(drop=True)


def _without_own_last_day(old: pd.DataFrame, new: pd.DataFrame, schema: Table) -> tuple[pd.DataFrame, bool]:
    """The altered results without dates that lie after every date of the others."""
    if old.empty or new.empty:
        return new, False
    extra = days_in(new, schema.dated) > days_in(old, schema.dated).max()
    return (new[~extra].reset_index(drop=True), True) if extra.any() else (new, False)


def _first(name: str, old: pd.DataFrame, new: pd.DataFrame, schema: Table) -> tuple[Difference | None, int]:
    """The first difference of one table, and how many values differ by rounding only."""
    key = list(schema.key)
    if not key or old.duplicated(key).any() or new.duplicated(key).any():
        old, new, key = _numbered(old, schema), _numbered(new, schema), [schema.dated, "row"]
    if new.empty or old.empty:
        old, new = (one.astype((old if new.empty else new).dtypes) for one in (old, new))
    columns = [one for one in old.columns if one not in key]
    both = old[key].merge(new[key], on=key, how="outer", indicator="side") if len(key) else old
    left = _aligned(old, both, key)
    right = _aligned(new, both, key)
    gone, come = (both["side"] == side for side in ("left_only", "right_only"))
    alone = (gone | come).to_numpy()
    differ = np.zeros((len(both), len(columns)), bool)
    rounded = 0
    for place, column in enumerate(columns):
        off = unequal(left[column], right[column]) & ~alone
        close = off & near(left[column], right[column])
        rounded += int(close.sum())
        differ[:, place] = off & ~close
    rows = alone | differ.any(axis=1)
    if not rows.any():
        return None, rounded
    if schema.dated in key:
        days = both[schema.dated].to_numpy().astype("datetime64[D]")
    else:
        own, other = (one[schema.dated].to_numpy().astype("datetime64[D]") for one in (left, right))
        days = np.where(come, other, own)
    first = _nearest_the_cause(np.flatnonzero(rows & (days == days[rows].min())), alone, differ)
    entity = {one: both[one].iloc[first] for one in key if one != schema.dated}
    values, dates = int(differ.sum() + alone.sum()), len(np.unique(days[rows]))
    if alone[first]:
        seen = (THERE, ABSENT) if gone.iloc[first] else (ABSENT, THERE)
        return Difference(name, days[first], entity, ROW, *seen, values, dates), rounded
    column = columns[int(np.flatnonzero(differ[first])[0])]
    seen = (left[column].iloc[first], right[column].iloc[first])
    return Difference(name, days[first], entity, column, *seen, values, dates), rounded


def _nearest_the_cause(rows: np.ndarray, alone: np.ndarray, differ: np.ndarray) -> int:
    """Of the rows that differ on one day a row that is missing, or the one that differs in the first column.

    Tables lead from what was looked up to what was computed from it, also over other rows.
    """
    column = np.where(alone[rows], -1, differ[rows].argmax(axis=1) if differ.size else 0)
    return int(rows[column.argmin()])


def _numbered(frame: pd.DataFrame, schema: Table) -> pd.DataFrame:
    """Rows of a table without a key, counted within their day."""
    return frame.assign(row=frame.groupby(schema.dated, sort=False).cumcount())


def _aligned(frame: pd.DataFrame, both: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    return both[key].merge(frame, on=key, how="left")


def unequal(left: pd.Series, right: pd.Series) -> np.ndarray:
    """Whether two values differ in each row; nulls are alike."""
    null = left.isna().to_numpy(), right.isna().to_numpy()
    same = (left == right).fillna(False).to_numpy(dtype=bool) | (null[0] & null[1])
    return ~same


def near(left: pd.Series, right: pd.Series) -> np.ndarray:
    """Whether two numbers in each row differ by rounding at the most."""
    if left.dtype.kind != "f" or right.dtype.kind != "f":
        return np.zeros(len(left), bool)
    a, b = left.to_numpy(), right.to_numpy()
    scale = np.abs(a[np.isfinite(a)]).max(initial=1.0)
    with np.errstate(invalid="ignore"):
        return np.abs(a - b) <= ROUNDING * scale
