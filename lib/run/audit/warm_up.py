"""The warm-up audit: do results at a date depend on how much history stands before it?

The stage is run on its inputs without what was known before a day, once for each of several lengths of
history before the newest results, and these are compared with those on all history. A look-back of three
years shows as columns that change with less, and a measure that never forgets as one that always changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contracts import Table
from lib.run.audit.alterations import from_day
from lib.run.audit.clocks import Tables, clocks_of, dates_of, schema_of
from lib.run.audit.comparison import between, near, unequal
from lib.run.audit.look_ahead import Known, Run, Stopped, each

SHARES = (1 / 2, 1 / 4, 1 / 8, 1 / 16)
"""Of the history before the newest results, what is left."""
NEWEST = 31
"""Days before the last result whose results are compared."""
LEAST = 30


@dataclass(frozen=True)
class Change:
    """A column that differs: values that do, of how many, and the largest difference where it is a number."""

    table: str
    column: str
    values: int
    of: int
    largest: float | None


@dataclass(frozen=True)
class Length:
    """Results with so many days of history: what changes, in the order of tables and columns; or why none."""

    days: int
    start: np.datetime64
    changes: tuple[Change, ...] = ()
    stopped: str = ""


@dataclass(frozen=True)
class WarmUp:
    """The longest history first; ``since`` is the day from which results were compared."""

    since: np.datetime64
    whole: int
    lengths: tuple[Length, ...]

    @property
    def enough(self) -> int | None:
        """The shortest of these histories with which, and with every longer one, nothing changes."""
        found = None
        for one in self.lengths:
            if one.changes or one.stopped:
                break
            found = one.days
        return found

    @property
    def first(self) -> Length | None:
        """The longest history with which something changes."""
        return next((one for one in self.lengths if one.changes), None)


def warm_up(
    run: Run, tables: Tables, schemas: Mapping[str, Table], known: Known, *, jobs: int = 1
) -> WarmUp | None:
    """Audit the newest results; None where no result has a day or no history stands before them."""
    dated = [days for days in dates_of(known.results, schemas).values() if len(days)]
    clocks = clocks_of(tables, schemas)
    first = [np.nanmin(one) for name, clock in clocks.items() if len(one := clock.known_on(tables[name]))]
    if not dated or not first:
        return None
    since = max(days[-1] for days in dated) - NEWEST
    whole = int((since - min(first)).astype("int64"))
    lengths = [days for share in SHARES if (days := round(whole * share)) >= LEAST]

    def tried(days: int) -> Length:
        start = since - days
        try:
            after = run(from_day(tables, schemas, start).tables, None)
        except Stopped as why:
            return Length(days, start, stopped=str(why))
        found = [
            change
            for name, frame in known.results.items()
            if schema_of(name, schemas).dated
            for change in changes(frame, after[name], schema_of(name, schemas), since=since)
        ]
        return Length(days, start, tuple(found))

    return WarmUp(since, whole, tuple(each(tried, lengths, jobs))) if lengths else None


def changes(
    before: pd.DataFrame, after: pd.DataFrame, schema: Table, *, since: np.datetime64
) -> list[Change]:
    """The columns of a history that differ from a day on, rows that only one has counted in each of them."""
    old, new = (between(one, schema, since, None) for one in (before, after))
    key = list(schema.key) or [schema.dated, "row"]
    if not schema.key:
        old, new = (one.assign(row=one.groupby(schema.dated, sort=False).cumcount()) for one in (old, new))
    both = old.merge(new, on=key, how="outer", suffixes=("", " after"), indicator="side")
    alone = (both["side"] != "both").to_numpy()
    found = []
    for column in schema.column_names:
        if column in key:
            continue
        left, right = both[column], both[f"{column} after"]
        off = alone | (unequal(left, right) & ~near(left, right))
        if off.any():
            found.append(Change(schema.name, column, int(off.sum()), len(both), _largest(left, right)))
    return found


def _largest(left: pd.Series, right: pd.Series) -> float | None:
    if left.dtype.kind != "f" or right.dtype.kind != "f":
        return None
    apart = np.abs(left.to_numpy() - right.to_numpy())
    apart = apart[np.isfinite(apart)]
    return float(apart.max()) if len(apart) else None
