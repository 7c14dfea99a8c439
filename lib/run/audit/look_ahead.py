"""The look-ahead audit: does any result up to a day change when what became known after it is altered?

A stage is a function from tables to tables here. It is run on its inputs as they are, and on inputs cut, made
noise and held back after several days (``moments``); everything else is fixed. Results dated up to the day
must be the same. Where they are not, the inputs are altered one at a time, and the one that suffices is
named, with the first day of its rows that does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from lib.contracts import Table
from lib.run.audit.alterations import CUT, Alteration, altered
from lib.run.audit.clocks import Clock, Tables, clocks_of, dates_of
from lib.run.audit.comparison import Comparison, Difference, compare
from lib.run.audit.moments import MOMENTS, choose

TIMES = 3.0
"""How many times the stage's own time a passing audit may take."""
RESERVE = 0.9
"""The share of that time in which alterations are planned to end."""
STEPS = 7
"""Runs that look for the first day of an input that suffices."""
PATIENCE = 30.0
"""Seconds of a stage's own time up to which that day is looked for."""


class Stopped(Exception):
    """The stage came to no result on altered inputs; the text says why."""


Given = TypeVar("Given")
Got = TypeVar("Got")
Run = Callable[[Tables, "str | None"], Tables]
"""The stage: its inputs, and another as-of date or None, to its results. Raises ``Stopped``."""


@dataclass(frozen=True)
class Known:
    """The results on the inputs as they are, and the stage's own time in seconds.

    ``share`` is how much of that time it takes to come to the results, since a stage shows them too, and
    ``start`` how much passes before it has its inputs; ``before`` says that they were computed before the
    audit began.
    """

    results: Tables
    seconds: float
    share: float = 1.0
    start: float = 0.0
    before: bool = True

    def cost(self, left: float) -> float:
        """Seconds for the results on so much of the inputs, as a share of their rows."""
        return self.seconds * (self.start + (self.share - self.start) * left)


@dataclass(frozen=True)
class Trial:
    """One alteration: the rows altered by table, what came of it, and how long it took.

    ``stopped`` says why the stage gave no result; ``as_of`` that both results were computed as of the day.
    ``cause`` are the inputs that suffice each alone, or all together where none does; ``since`` by when what
    became known of the first one suffices.
    """

    alteration: Alteration
    rows: dict[str, int]
    comparison: Comparison | None = None
    stopped: str = ""
    as_of: bool = False
    seconds: float = 0.0
    cause: tuple[str, ...] = ()
    together: bool = False
    since: np.datetime64 | None = None

    @property
    def first(self) -> Difference | None:
        """The earliest difference, if any."""
        return self.comparison.differences[0] if self.comparison and self.comparison.differences else None


@dataclass(frozen=True)
class Audit:
    """What an audit did and found."""

    trials: tuple[Trial, ...]
    own_seconds: float
    seconds: float
    compared: tuple[str, ...]
    undated: tuple[str, ...]
    altered: tuple[str, ...]
    unclocked: tuple[str, ...]
    results: Tables = field(default_factory=dict, repr=False)

    @property
    def leaks(self) -> list[Trial]:
        """The trials that found a difference, the earliest in time first."""
        found = [trial for trial in self.trials if trial.first]
        return sorted(
            found, key=lambda one: (one.first.date if one.first else None, one.alteration.kind != CUT)
        )

    @property
    def conclusive(self) -> list[Trial]:
        """The trials whose results could be compared."""
        return [trial for trial in self.trials if trial.comparison]

    @property
    def passed(self) -> bool:
        """Whether something was tested, and nothing differs."""
        return bool(self.conclusive) and not self.leaks


def audit(
    run: Run,
    tables: Tables,
    schemas: Mapping[str, Table],
    *,
    known: Known | None = None,
    moments: int | None = None,
    jobs: int = 1,
    to_first: bool = False,
    seed: int = 7,
) -> Audit:
    """Audit a stage after ``moments`` days, or after as many as ``TIMES`` its own time allows.

    ``known`` are its results where they are known already. Of the first look ahead the input at fault is
    looked for, which takes its own time. With ``to_first`` nothing is tried after the first look ahead, nor
    the day looked for that suffices. Raises what ``run`` raises on the inputs as they are.
    """
    began = time.monotonic()
    known = known or _run_once(run, tables)
    clocks, dated = clocks_of(tables, schemas), dates_of(known.results, schemas)
    chosen = choose(tables, schemas, dated, moments=moments or MOMENTS)
    stage = _Stage(run, tables, schemas, known.results, seed)
    if moments is None:
        whole = sum(len(tables[name]) for name in clocks) or 1
        end = began + (TIMES - known.before) * known.seconds * RESERVE
        in_time = _InTime(stage.tried, lambda one: known.cost(_left(one, tables, clocks, whole)), end)
        trials = in_time.trials(chosen.alterations, jobs)
    elif to_first:
        trials = stage.to_first(chosen.alterations)
    else:
        trials = each(stage.tried, chosen.alterations, jobs)
    spent = time.monotonic() - began
    trials = stage.traced(trials, jobs, narrow=known.seconds <= PATIENCE and not to_first)
    return Audit(
        tuple(trials),
        known.seconds,
        spent + (known.seconds if known.before else 0.0),
        tuple(dated),
        tuple(name for name in known.results if name not in dated),
        tuple(clocks),
        tuple(name for name in tables if name not in clocks),
        known.results,
    )


def _run_once(run: Run, tables: Tables) -> Known:
    began = time.monotonic()
    results = run(tables, None)
    return Known(results, time.monotonic() - began, before=False)


@dataclass
class _Stage:
    """A stage under audit with its inputs and its results on them."""

    run: Run
    tables: Tables
    schemas: Mapping[str, Table]
    results: Tables
    seed: int

    def tried(self, alteration: Alteration) -> Trial:
        """Run on altered inputs and compare up to the day.

        A stage that has no result on cut inputs, such as one that asks for data up to its as-of date, is run
        as of the day, on the inputs as they are and on the cut ones.
        """
        began = time.monotonic()
        made = altered(self.tables, self.schemas, alteration, seed=self.seed)
        trial = Trial(alteration, made.rows)
        try:
            try:
                after, before = self.run(made.tables, None), self.results
            except Stopped:
                if alteration.kind != CUT:
                    if alteration.horizon is None:
                        raise
                    return self.tried(replace(alteration, horizon=None))
                day = str(alteration.moment)
                after, before = self.run(made.tables, day), self.run(self.tables, day)
                trial = replace(trial, as_of=True)
            found = compare(before, after, self.schemas, until=alteration.moment)
            trial = replace(trial, comparison=found)
        except Stopped as why:
            trial = replace(trial, stopped=str(why))
        return replace(trial, seconds=time.monotonic() - began)

    def to_first(self, wanted: Sequence[Alteration]) -> list[Trial]:
        """Trials in order, up to the first that finds a look ahead."""
        made: list[Trial] = []
        for one in wanted:
            made.append(self.tried(one))
            if made[-1].first:
                break
        return made

    def traced(self, trials: Sequence[Trial], jobs: int, *, narrow: bool) -> list[Trial]:
        """The trials, the first leak with its cause."""
        leaks = [trial for trial in trials if trial.first]
        if not leaks:
            return list(trials)
        leak = min(leaks, key=lambda one: (one.first.date if one.first else None, one.alteration.kind != CUT))
        singles = [replace(leak.alteration, tables=frozenset([name])) for name in leak.rows]
        alone = [one for one in each(self.tried, singles, jobs) if one.first] if singles[1:] else [leak]
        names = tuple(name for one in alone for name in one.alteration.tables or one.rows)
        found = replace(leak, cause=names or tuple(leak.rows), together=not names)
        if names and narrow:
            found = replace(found, since=self._first_day(leak.alteration, names[0]))
        return [found if trial is leak else trial for trial in trials]

    def _first_day(self, alteration: Alteration, name: str) -> np.datetime64 | None:
        """The first day such that altering what one input had learnt by then makes a difference."""
        clock = clocks_of(self.tables, self.schemas)[name]
        known = np.unique(clock.known_on(self.tables[name]))
        known = known[known > alteration.moment]
        one = replace(alteration, tables=frozenset([name]))
        low, high = 0, len(known) - 1
        for _ in range(STEPS):
            if low >= high:
                break
            middle = (low + high) // 2
            if self.tried(replace(one, until=known[middle])).first:
                high = middle
            else:
                low = middle + 1
        return known[high] if len(known) else None


def each(function: Callable[[Given], Got], wanted: Sequence[Given], jobs: int) -> list[Got]:
    """What the function makes of each, several at once, in order."""
    if jobs == 1 or len(wanted) < 2:
        return [function(one) for one in wanted]
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="trial")
    try:
        return list(pool.map(function, wanted))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _left(one: Alteration, tables: Tables, clocks: Mapping[str, Clock], whole: int) -> float:
    """The share of all rows that an alteration leaves."""
    if one.end is None:
        return 1.0
    cut = (int(clock.later(tables[name], one.end).sum()) for name, clock in clocks.items())
    return 1.0 - sum(cut) / whole


class _InTime:
    """Trials in order, one of each kind and then as many as come to their end by a time.

    How long one takes is foretold from the stage's own time and from how much slower those before it were,
    since several at once, and other work of the machine, slow each other.
    """

    def __init__(self, tried: Callable[[Alteration], Trial], cost: Callable[[Alteration], float], end: float):
        self.tried, self.cost, self.end = tried, cost, end
        self.guard, self.slower, self.kinds = threading.Lock(), [1.0], set[str]()

    def trials(self, wanted: Sequence[Alteration], jobs: int) -> list[Trial]:
        """Those that were tried, in order."""
        return [one for one in each(self._perhaps, wanted, jobs) if one]

    def _perhaps(self, alteration: Alteration) -> Trial | None:
        cost = self.cost(alteration)
        with self.guard:
            ends = time.monotonic() + cost * sum(self.slower) / len(self.slower)
            if alteration.kind in self.kinds and ends > self.end:
                return None
            self.kinds.add(alteration.kind)
        trial = self.tried(alteration)
        with self.guard:
            self.slower.append(max(trial.seconds / cost, 1.0) if cost else 1.0)
        return trial
