"""What a careless stage could take too early, as spans of days: spoken of on the first, known after the last.

A figure of a period that has ended and is not published, a value that comes unusually late, the next value of
each day, one on an unusual day of the week, one behind a gap that it would fill, an entity that begins or
ends, a fact that is told anew. A result within such a span that rests on what ends it has looked ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.run.audit.clocks import Clock, days_in

UNUSUAL = 3.0
"""A gap or a delay is unusual when it is so many times the table's ordinary one."""
RARE_WEEKDAY = 0.05
"""A day of the week is unusual for a table when so few of its rows were known on one."""
ENDED = 31
"""Days without news after which an entity has ended."""
REACH = 7
"""Calendar days before the end of a gap within which a value from behind it would be taken."""
EVE = 4
"""Calendar days before a value within which a result is one of its eve."""
RARE = 3.0
"""What a kind counts for that shows a look ahead which shows nowhere else, and only on few of its days."""
BOTH = 10_000_000
"""More than any day's number, so that two days make one number."""
MOST = 5000
"""Spans of one kind, evenly taken where there are more."""


@dataclass(frozen=True)
class Spans:
    """Spans of one kind from ``start`` on, and before ``end``, each once.

    With ``eve`` only the last result before ``end`` counts. ``weight`` is what the kind counts beside others.
    ``published`` says that the rows speak of a day before the one on which they were known.
    """

    start: np.ndarray
    end: np.ndarray
    eve: bool = False
    weight: float = 1.0
    published: bool = False


def awaited(frame: pd.DataFrame, clock: Clock) -> Iterator[Spans]:
    """Every kind of span that the rows of a table make."""
    known = clock.known_on(frame)
    told = ~np.isnat(known)
    frame, known = frame[told], known[told]
    if not len(frame):
        return
    yield _spans(known - EVE, known, eve=True)
    weekday = (known.astype("int64") + 3) % 7
    share = np.bincount(weekday, minlength=7) / len(known)
    rare = known[share[weekday] <= RARE_WEEKDAY]
    yield _spans(rare - EVE, rare, eve=True, weight=RARE)
    if clock.days:
        speaks = _speaks_of(frame, clock)
        delay = (known - speaks).astype("float64")
        late = delay > UNUSUAL * max(float(np.nanmedian(delay)), 1.0)
        yield _spans(speaks, known, published=True)
        yield _spans(speaks[late], known[late], weight=RARE, published=True)
    for entity in ([*clock.entity], [*clock.entity[:1]]) if clock.entity else ():
        group = frame.groupby(entity, sort=False, dropna=False).ngroup().to_numpy()
        yield from _of_entities(group, known)


def _of_entities(group: np.ndarray, known: np.ndarray) -> Iterator[Spans]:
    """Entities that begin later, those that end, unusual gaps, and facts of which there are few tellings."""
    order = np.lexsort((known, group))
    group, known = group[order], known[order]
    same = group[1:] == group[:-1]
    first = np.flatnonzero(np.r_[True, ~same])
    begins, ends = known[first], known[np.r_[first[1:] - 1, len(known) - 1]]
    yield _spans(np.full(len(begins), known.min()), begins)
    ended = ends < known.max() - ENDED
    yield _spans(begins[ended], ends[ended])
    gap = (known[1:] - known[:-1]).astype("int64")
    inside = same & (gap > 0)
    if inside.any():
        unusual = inside & (gap > UNUSUAL * np.median(gap[inside]))
        before, behind = known[:-1][unusual] + 1, known[1:][unusual]
        yield _spans(np.maximum(before, behind - REACH), behind, weight=RARE)
    again = np.flatnonzero(same) + 1
    if 0 < len(again) < UNUSUAL * len(first):
        begin = np.repeat(begins, np.diff(np.r_[first, len(known)]))
        yield _spans(begin[again], known[again])


def _speaks_of(frame: pd.DataFrame, clock: Clock) -> np.ndarray:
    """The first day that each row speaks of."""
    columns = np.array([days_in(frame, column) for column in clock.days])
    return np.nanmin(np.where(np.isnat(columns), np.datetime64("9999-12-31"), columns), axis=0)


def _spans(
    start: np.ndarray, end: np.ndarray, *, eve: bool = False, weight: float = 1.0, published: bool = False
) -> Spans:
    first, last = (days.astype("datetime64[D]").astype("int64") for days in (start, end))
    each = np.unique((first * BOTH + last)[first < last])
    if len(each) > MOST:
        each = each[np.linspace(0, len(each) - 1, MOST).astype("int64")]
    first, last = (days.astype("datetime64[D]") for days in np.divmod(each, BOTH))
    return Spans(first, last, eve, weight, published)
