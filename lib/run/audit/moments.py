"""On which days a stage is audited: few, and those at which a look ahead would show.

An alteration after a day tests the results up to that day, and what looks ahead a little shows only close
before it. So days are taken within the spans in which something is awaited already (``awaited``) and some
table has a result, each time the day that lies within most spans that no day before it lies in. A kind of
which there are few spans counts as much as one of which there are many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lib.contracts import Table
from lib.run.audit.alterations import CUT, HELD_BACK, NOISE, Alteration
from lib.run.audit.awaited import Spans, awaited
from lib.run.audit.clocks import Tables, clocks_of

MOMENTS = 12
"""Days that an audit takes at the most, unless it is told how many."""
OF_THE_PAST = 0.1
"""The share of the dates of results that lies before every moment, so that there are results to compare."""
LAST_DAYS = 31
COST = 0.01
"""What a later day must be worth more, since more is computed for it: for the whole length of the history."""
NEAR = 0.25
"""The share of the history beyond which days are far enough apart."""


@dataclass(frozen=True)
class Chosen:
    """The alterations of an audit, those that test most first, and their days in order."""

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

    One day lies in the last month that something became known after. Of the others noise follows one, and
    the time after the rest is cut. No alteration where no input became known after a date of results.
    """
    clocks = clocks_of(tables, schemas)
    known = [clock.known_on(tables[name]) for name, clock in clocks.items()]
    newest = max((one[~np.isnat(one)].max() for one in known if (~np.isnat(one)).any()), default=None)
    days = _candidates(dates, newest)
    if not len(days):
        return Chosen((), ())
    spans = [one for name, clock in clocks.items() for one in awaited(tables[name], clock)]
    places = _each_once([_Places(one, own, days) for one in spans for own in _unlike(dates)])
    between = _most_published(places, len(days))
    taken: list[int] = []
    recent = np.flatnonzero(days >= days[-1] - LAST_DAYS)
    for _ in range(min(moments, len(days))):
        worth = sum((one.worth(len(days)) for one in places), np.zeros(len(days)))
        worth = worth + _apart(days, taken) - COST * np.linspace(0.0, 1.0, len(days))
        worth[taken] = -np.inf
        best = int(worth.argmax()) if taken else int(recent[worth[recent].argmax()])
        taken.append(best)
        for one in places:
            one.meet(best)
    late, *others = taken
    held = [] if between is None else [Alteration(HELD_BACK, days[between])]
    first = [Alteration(CUT, days[one]) for one in others[:1]]
    noise = [Alteration(NOISE, days[one]) for one in (others[1:2] or [late])]
    rest = [
        Alteration(CUT, days[one]) for one in (*others[2:4], *([late] if others[1:] else []), *others[4:])
    ]
    alterations = [*first, *noise, *held, *rest]
    return Chosen(tuple(alterations), tuple(sorted({one.moment for one in alterations})))


class _Places:
    """Spans of one kind as places in the days that may be taken, for the results of one table."""

    def __init__(self, spans: Spans, results: np.ndarray, days: np.ndarray):
        before = np.searchsorted(results, spans.end) - 1
        place = before if spans.eve else np.searchsorted(results, spans.start)
        there = (place >= 0) & (place < len(results))
        result = results[np.clip(place, 0, len(results) - 1)]
        there &= (result >= spans.start) & (result < spans.end)
        low = np.searchsorted(days, result)
        high = np.searchsorted(days, spans.end)
        there &= low < high
        self.low, self.high = low[there], high[there]
        self.total, self.published = len(self.low), spans.published
        self.each = spans.weight / max(self.total, 1)

    def worth(self, length: int) -> np.ndarray:
        """For each day the share of the spans, met already or not, that it would be the first to lie in."""
        change = np.zeros(length + 1)
        np.add.at(change, self.low, 1.0)
        np.add.at(change, self.high, -1.0)
        return change.cumsum()[:length] * self.each

    def meet(self, day: int) -> None:
        """Leave out the spans that a day lies in."""
        left = (self.low > day) | (self.high <= day)
        self.low, self.high = self.low[left], self.high[left]


def _each_once(places: list[_Places]) -> list[_Places]:
    """Without those that hold no span or the same ones as another; of these the one that counts most."""
    heaviest_last = sorted((one for one in places if one.total), key=lambda one: one.each)
    return list({(one.low.tobytes(), one.high.tobytes()): one for one in heaviest_last}.values())


def _candidates(dates: Mapping[str, np.ndarray], newest: np.datetime64 | None) -> np.ndarray:
    """The days of results, without the first tenth, after which something became known."""
    days = np.unique(np.concatenate([np.array([], "datetime64[D]"), *dates.values()]))
    if not len(days) or newest is None:
        return days[:0]
    days = days[int(len(days) * OF_THE_PAST) :]
    return days[days < newest]


def _unlike(dates: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The days of each table of results, once where several have the same."""
    return list({days.tobytes(): days for days in dates.values() if len(days)}.values())


def _apart(days: np.ndarray, taken: list[int]) -> np.ndarray:
    """A little more for days that are far from those taken, which decides among days alike."""
    if not taken:
        return np.zeros(len(days))
    length = max(int((days[-1] - days[0]).astype("int64")), 1)
    apart = np.abs((days[:, None] - days[taken][None, :]).astype("int64")).min(axis=1)
    return COST * np.minimum(apart / length / NEAR, 1.0)


def _most_published(places: list[_Places], length: int) -> int | None:
    """The day on which most values are valid already and not yet known, over tables alike."""
    found = sum((one.worth(length) for one in places if one.published), np.zeros(length))
    return int(found.argmax()) if found.any() else None
