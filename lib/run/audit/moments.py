"""On which days a stage is audited: few, and those at which a look ahead would show.

An alteration after a day tests the results up to that day, and what looks ahead a little shows only close
before it. So days are taken at which something is still to come that a careless stage might take already: a
figure of a period that has ended and is not published, a value that is restated later, an entity that begins
or ends, a gap that a later value would fill, a value on an unusual day of the week. Each of these is counted
for every day that results are dated by; days are taken until each has been met where it is frequent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contracts import Table
from lib.run.audit.alterations import CUT, HELD_BACK, NOISE, Alteration
from lib.run.audit.clocks import Clock, Tables, clocks_of, days_in

MOMENTS = 5
"""Days that an audit takes unless it is told how many."""
OF_THE_PAST = 0.1
"""The share of the dates of results that lies before every moment, so that there are results to compare."""
UNUSUAL = 3.0
"""A gap or a delay is unusual when it is so many times the table's ordinary one."""
RARE_WEEKDAY = 0.05
"""A day of the week is unusual for a table when so few of its rows were known on one."""
ENOUGH = 0.5
"""A thing is met on a day when so much of it is awaited, as a share of the most on any day."""
LAST_DAYS = 31
COST = 0.01
"""What a later day must be worth more, since more is computed for it: for the whole length of the history."""


@dataclass(frozen=True)
class Chosen:
    """The alterations of an audit, and their days in order."""

    alterations: tuple[Alteration, ...]
    moments: tuple[np.datetime64, ...]


def choose(
    tables: Tables,
    schemas: Mapping[str, Table],
    dates: Mapping[str, np.ndarray],
    *,
    moments: int = MOMENTS,
) -> Chosen:
    """The alterations that test most, for results dated by ``dates`` (a table of results → its days).

    One day lies in the last month that something became known after. No alteration where no input became
    known after a date of results.
    """
    clocks = clocks_of(tables, schemas)
    known = [np.unique(clock.known_on(tables[name])) for name, clock in clocks.items()]
    every = np.unique(np.concatenate([np.array([], "datetime64[D]"), *known]))
    every = every[~np.isnat(every)]
    days = _candidates(dates, every)
    if not len(days):
        return Chosen((), ())
    worth = np.vstack([_worth(tables, clocks, days), *_dated_on(dates, days)])
    recent = np.flatnonzero(days >= days[-1] - LAST_DAYS)
    taken = [int(recent[_best(worth[:, recent], np.zeros(len(worth)), days[recent])])]
    held = worth[:, taken[0]].copy() if len(worth) else np.zeros(0)
    while len(taken) < min(moments, len(days)):
        best = int(_best(worth, held, days, taken))
        held = np.maximum(held, worth[:, best])
        taken.append(best)
    late, *others = taken
    alterations = [*(Alteration(CUT, days[one]) for one in others), Alteration(NOISE, days[late])]
    if (between := _most_awaited(tables, clocks, days)) is not None:
        alterations.append(Alteration(HELD_BACK, between))
    return Chosen(tuple(alterations), tuple(sorted({one.moment for one in alterations})))


def _candidates(dates: Mapping[str, np.ndarray], known: np.ndarray) -> np.ndarray:
    """The days of results, without the first tenth, after which something became known."""
    days = np.unique(np.concatenate([np.array([], "datetime64[D]"), *dates.values()]))
    if not len(days) or not len(known):
        return days[:0]
    days = days[int(len(days) * OF_THE_PAST) :]
    return days[days < known[-1]]


def _best(worth: np.ndarray, held: np.ndarray, days: np.ndarray, taken: list[int] | None = None) -> np.intp:
    """The day that adds most to what was met so far; of equal ones the one that costs least."""
    gain = np.maximum(worth - held[:, None], 0.0).sum(axis=0)
    gain = gain - COST * np.linspace(0.0, 1.0, len(days))
    if taken:
        apart = np.abs((days[:, None] - days[taken][None, :]).astype("int64")).min(axis=1)
        length = max(int((days[-1] - days[0]).astype("int64")), 1)
        gain = gain + COST * np.minimum(apart / length, 0.25) * 4
        gain[taken] = -np.inf
    return gain.argmax()


def _worth(tables: Tables, clocks: Mapping[str, Clock], days: np.ndarray) -> np.ndarray:
    """How much of each thing that a look ahead could take is awaited on each day, from 0 to 1."""
    rows = [
        np.minimum(counted / (ENOUGH * counted.max()), 1.0)
        for name, clock in clocks.items()
        for counted in _awaited(tables[name], clock, days)
        if counted.max() > 0
    ]
    return np.array(rows) if rows else np.zeros((0, len(days)))


def _dated_on(dates: Mapping[str, np.ndarray], days: np.ndarray) -> list[np.ndarray]:
    """Whether each table of results has rows of that very day, which what looks one day ahead shows in."""
    found = [np.isin(days, own).astype("float64")[None, :] for own in dates.values()]
    return [one for one in found if one.any()]


def _awaited(frame: pd.DataFrame, clock: Clock, days: np.ndarray) -> Iterator[np.ndarray]:
    known = clock.known_on(frame)
    told = ~np.isnat(known)
    frame, known = frame[told], known[told]
    if not len(frame):
        return
    yield _within(known, known, days, 3)
    weekday = (known.astype("int64") + 3) % 7
    share = np.bincount(weekday, minlength=7) / len(known)
    rare = share[weekday] <= RARE_WEEKDAY
    yield _within(known[rare], known[rare], days, 3)
    if clock.days:
        yield from _published_later(frame, clock, known, days)
    entity = list(clock.entity)
    if entity:
        group = frame.groupby(entity, sort=False, dropna=False).ngroup().to_numpy()
        yield from _begins_ends_gaps(group, known, days)
        yield from _begins_ends_gaps(frame.groupby(entity[:1], sort=False).ngroup().to_numpy(), known, days)


def _published_later(
    frame: pd.DataFrame, clock: Clock, known: np.ndarray, days: np.ndarray
) -> Iterator[np.ndarray]:
    """Rows that speak of a day and were known after it, and those of them that came unusually late."""
    speaks = _speaks_of(frame, clock)
    delay = (known - speaks).astype("float64")
    yield _spanning(speaks, known, days)
    late = delay > UNUSUAL * max(float(np.nanmedian(delay)), 1.0)
    yield _spanning(speaks[late], known[late], days)


def _begins_ends_gaps(group: np.ndarray, known: np.ndarray, days: np.ndarray) -> Iterator[np.ndarray]:
    """Entities that begin later, that live and end later, that have an unusual gap just then."""
    order = np.lexsort((known, group))
    group, known = group[order], known[order]
    first = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    begins, ends = known[first], known[np.r_[first[1:] - 1, len(known) - 1]]
    yield _counted(begins, days)
    ended = ends < known.max() - LAST_DAYS
    yield _spanning(begins[ended], ends[ended], days)
    gap = (known[1:] - known[:-1]).astype("int64")
    inside = (group[1:] == group[:-1]) & (gap > 0)
    if inside.any():
        unusual = inside & (gap > UNUSUAL * np.median(gap[inside]))
        yield _spanning(known[:-1][unusual] + 1, known[1:][unusual], days)
    again = np.flatnonzero(group[1:] == group[:-1]) + 1
    if 0 < len(again) < UNUSUAL * len(first):
        begin = np.repeat(begins, np.diff(np.r_[first, len(known)]))
        yield _spanning(begin[again], known[again], days)


def _speaks_of(frame: pd.DataFrame, clock: Clock) -> np.ndarray:
    """The first day that each row speaks of."""
    columns = np.array([days_in(frame, column) for column in clock.days])
    return np.nanmin(np.where(np.isnat(columns), np.datetime64("9999-12-31"), columns), axis=0)


def _spanning(start: np.ndarray, end: np.ndarray, days: np.ndarray) -> np.ndarray:
    """How many spans hold each day: from ``start`` on, and before ``end``."""
    begun = np.searchsorted(np.sort(start), days, side="right")
    return (begun - np.searchsorted(np.sort(end), days, side="right")).clip(0).astype("float64")


def _counted(when: np.ndarray, days: np.ndarray) -> np.ndarray:
    """How many of these days lie after each of ``days``."""
    return (len(when) - np.searchsorted(np.sort(when), days, side="right")).astype("float64")


def _within(start: np.ndarray, when: np.ndarray, days: np.ndarray, most: int) -> np.ndarray:
    """How many of these days come within so many days after each of ``days``."""
    when = np.sort(when)
    return (
        np.searchsorted(when, days + most, side="right") - np.searchsorted(when, days, side="right")
    ).astype("float64")


def _most_awaited(tables: Tables, clocks: Mapping[str, Clock], days: np.ndarray) -> np.datetime64 | None:
    """The day on which most values are valid already and not yet known, over tables alike."""
    found = np.zeros(len(days))
    for name, clock in clocks.items():
        frame = tables[name]
        if not clock.days or frame.empty:
            continue
        for counted in _published_later(frame, clock, clock.known_on(frame), days):
            found += counted / max(counted.max(), 1.0)
    return days[found.argmax()] if found.any() else None
