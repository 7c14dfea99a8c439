"""The inputs of a stage as they would be, had the time after a day gone otherwise.

``cut`` takes away every row that became known after the day. ``noise`` keeps those rows with their keys and
days and gives them the content of other rows of their kind, numbers moved besides, within the limits of the
schema and the range of the column. ``held back`` takes away only what speaks of the day or one before it and
became known later; what is valid after the day stays. Both end with a cut somewhat more than a year after
the day. Seeded, so that an audit repeated says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.contracts import Column, Table
from lib.run.audit.clocks import Clock, Tables, clock_of, days_in, schema_of

CUT, NOISE, HELD_BACK = "cut", "noise", "held back"
SPREAD = 0.2
"""By how much numbers are moved: the standard deviation of the logarithm of the factor."""
HORIZON = 400
"""Days after the day of an alteration from which on rows are cut in any case, which takes less time."""
LEAST_IN_GROUP = 4
"""Rows that a group has on average, at the least, within which content is exchanged."""
ANOTHER = 3
"""How often another row is drawn for one that was given its own content."""


@dataclass(frozen=True)
class Alteration:
    """What is altered: the kind, the day after which, and the tables (all that have a clock where None).

    With ``until`` only rows are altered that had become known by that day; what became known more than
    ``horizon`` days after the day is cut, whatever the kind, unless that is None.
    """

    kind: str
    moment: np.datetime64
    tables: frozenset[str] | None = None
    until: np.datetime64 | None = None
    horizon: int | None = HORIZON

    @property
    def end(self) -> np.datetime64 | None:
        """The last day of which something that became known is left."""
        if self.kind == CUT:
            return self.moment
        return None if self.horizon is None else self.moment + self.horizon


@dataclass(frozen=True)
class Altered:
    """The tables after an alteration, and how many rows of each it altered."""

    tables: Tables
    rows: dict[str, int] = field(default_factory=dict)


def altered(
    tables: Tables, schemas: Mapping[str, Table], alteration: Alteration, *, seed: int = 7
) -> Altered:
    """Every table, those that the alteration is about as it says; the frames given are left as they are."""
    made, counts = dict(tables), {}
    for place, (name, frame) in enumerate(sorted(tables.items())):
        schema = schema_of(name, schemas)
        clock = clock_of(schema)
        if clock is None or (alteration.tables is not None and name not in alteration.tables):
            continue
        gone, noisy = _touched(frame, clock, alteration)
        count = int(gone.sum())
        if noisy.any():
            frame, changed = _noised(frame, noisy, schema, clock, (seed, place))
            count += changed
        if count:
            made[name] = frame[~gone].reset_index(drop=True) if gone.any() else frame
            counts[name] = count
    return Altered(made, counts)


def _touched(frame: pd.DataFrame, clock: Clock, alteration: Alteration) -> tuple[np.ndarray, np.ndarray]:
    """The rows of a table that are taken away, and those that are made noise."""
    known, nothing = clock.known_on(frame), np.zeros(len(frame), bool)
    within = nothing | True if alteration.until is None else known <= alteration.until
    gone = nothing if alteration.end is None else (known > alteration.end) & within
    if alteration.kind == HELD_BACK:
        gone = gone | (clock.early(frame, alteration.moment) & within)
    if alteration.kind != NOISE:
        return gone, nothing
    return gone, clock.later(frame, alteration.moment) & within & ~gone


def from_day(tables: Tables, schemas: Mapping[str, Table], start: np.datetime64) -> Altered:
    """The tables without the history before a day.

    Of each entity the row that was known last before it stays, since it still holds on that day; a table
    without a key stays whole, since nothing says whom its rows speak of.
    """
    made, counts = dict(tables), {}
    for name, frame in tables.items():
        clock = clock_of(schema_of(name, schemas))
        if clock is None or not clock.keyed:
            continue
        known = clock.known_on(frame)
        before = np.flatnonzero(known < start)
        order = before[np.lexsort((_newest_day(frame, clock)[before], known[before]))]
        entity = list(clock.entity)
        old = frame.iloc[order]
        last = ~old.duplicated(entity, keep="last") if entity else np.arange(len(old)) == len(old) - 1
        dropped = order[~np.asarray(last)]
        if len(dropped):
            keep = np.ones(len(frame), bool)
            keep[dropped] = False
            made[name], counts[name] = frame[keep].reset_index(drop=True), len(dropped)
    return Altered(made, counts)


def _newest_day(frame: pd.DataFrame, clock: Clock) -> np.ndarray:
    """The last of the other days of each row, which orders rows that were known on the same day."""
    found = np.zeros(len(frame), "int64")
    for column in clock.days:
        found = np.maximum(found, days_in(frame, column).astype("int64"))
    return found


def _noised(
    frame: pd.DataFrame, touched: np.ndarray, schema: Table, clock: Clock, seed: tuple[int, int]
) -> tuple[pd.DataFrame, int]:
    """The frame with the touched rows' content exchanged and moved, and how many rows that changed."""
    generator = np.random.default_rng(seed)
    fixed = {*schema.key, clock.known, *clock.days}
    content = [column for column in schema.columns if column.name not in fixed]
    if not clock.keyed:
        content = [column for column in content if column.type == "float"]
    if not content:
        return frame, 0
    rows = np.flatnonzero(touched)
    donors = _donors(frame, rows, [one.name for one in content], clock, generator)
    made = frame.copy()
    for column in content:
        drawn = frame[column.name].take(donors)
        if column.type == "float":
            drawn = _moved(drawn.to_numpy(), frame[column.name].to_numpy(), column, generator)
        whole = made[column.name].copy()
        whole.iloc[rows] = drawn.to_numpy() if isinstance(drawn, pd.Series) else drawn
        made[column.name] = whole.astype(frame[column.name].dtype)
    names = [one.name for one in content]
    return made, int(_differs(frame[names].iloc[rows], made[names].iloc[rows]).sum())


def _donors(
    frame: pd.DataFrame, rows: np.ndarray, content: list[str], clock: Clock, generator: np.random.Generator
) -> np.ndarray:
    """For each of ``rows`` another row of its group, with other content where there is any."""
    group = _groups(frame, clock)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(group.max() + 1))
    sizes = np.bincount(group)
    same = pd.util.hash_pandas_object(frame[content], index=False).to_numpy()
    donors = rows.copy()
    for _ in range(ANOTHER):
        own = np.flatnonzero(same[donors] == same[rows])
        if not len(own):
            break
        of = group[rows[own]]
        donors[own] = order[starts[of] + generator.integers(0, sizes[of])]
    return donors


def _groups(frame: pd.DataFrame, clock: Clock) -> np.ndarray:
    """The group of each row: alike in the entity, left out from its finest column on until groups are large.

    So the values of a fact are exchanged within the fact and not with another one's.
    """
    entity = sorted(clock.entity, key=lambda name: frame[name].nunique())
    while entity:
        group = frame.groupby(entity, sort=False, dropna=False).ngroup().to_numpy()
        if len(frame) >= LEAST_IN_GROUP * (group.max() + 1):
            return group
        entity.pop()
    return np.zeros(len(frame), "int64")


def _moved(
    values: np.ndarray, all_values: np.ndarray, column: Column, generator: np.random.Generator
) -> np.ndarray:
    """Numbers times a random factor, within the range of the column and the limits of its schema."""
    moved = values * np.exp(generator.normal(0.0, SPREAD, len(values)))
    known = all_values[np.isfinite(all_values)]
    if len(known):
        moved = np.where(np.isnan(moved), moved, np.clip(moved, known.min(), known.max()))
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    return np.where(np.isnan(moved), moved, np.clip(moved, low, high))


def _differs(before: pd.DataFrame, after: pd.DataFrame) -> np.ndarray:
    hashed = [pd.util.hash_pandas_object(one, index=False).to_numpy() for one in (before, after)]
    return hashed[0] != hashed[1]
