"""What every indicator is made of: recurrences and windows over the bars that a symbol has.

Arrays are sessions x symbols. A session on which a symbol has no value (NaN) is no bar of that symbol: it is
passed over, as if the symbol's series were written without it, and the answer of that session is NaN. So a
symbol may start late, stop early or miss sessions, and all symbols are computed at once. Every answer of a
session rests on that session and earlier ones only, to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

STRETCH = 128


def matrix(values: np.ndarray) -> np.ndarray:
    """Values as sessions x symbols; one series becomes one symbol. Raises ValueError for another shape."""
    found = np.asarray(values, dtype=float)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2:
        raise ValueError(f"found an array of {found.ndim} dimensions; give sessions x symbols")
    return found


def bar_numbers(values: np.ndarray) -> np.ndarray:
    """How many bars a symbol has had, this session's included; sessions x symbols, not to be written to."""
    there = np.isfinite(values)
    if there.all():
        return np.broadcast_to(np.arange(1, len(values) + 1, dtype=np.int32)[:, None], values.shape)
    return np.cumsum(there, axis=0, dtype=np.int32)


def stretches(sessions: int) -> list[slice]:
    """All sessions in order, so many at a time that what is made of them stays in the processor's cache."""
    return [slice(first, first + STRETCH) for first in range(0, sessions, STRETCH)]


def carried(values: np.ndarray) -> np.ndarray:
    """The last value seen, up to and on each session; NaN before the first."""
    seen = np.isfinite(values)
    if seen.all():
        return values
    at = np.where(seen, np.arange(len(values))[:, None], 0)
    return np.take_along_axis(values, np.maximum.accumulate(at, axis=0), axis=0)


def previous(values: np.ndarray) -> np.ndarray:
    """The value of the bar before, whatever sessions lie between; NaN for a first bar."""
    found = np.full(values.shape, np.nan)
    found[1:] = carried(values)[:-1]
    return found


class Averages:
    """Exponential averages of several series that have their bars in common, carried from stretch to stretch.

    y = (1 - alpha) y + alpha x over own bars, each series with its alpha, seeded by the mean of the first
    ``seed`` bars; a ``seed`` of 1 starts from the first value itself.
    """

    def __init__(self, alphas: Sequence[float], *, seed: int, symbols: int):
        self.alphas, self.seed = alphas, seed
        self.decay = np.repeat(1.0 - np.asarray(alphas, dtype=float), symbols)
        self.last = np.zeros(len(alphas) * symbols)

    def of(self, parts: Sequence[np.ndarray], numbers: np.ndarray) -> list[np.ndarray]:
        """The averages of the next sessions, NaN until the seed is full and where there is no bar.

        ``parts`` are sessions x symbols, one for each alpha; ``numbers`` the bars that each symbol has had.
        """
        count = numbers.shape[1]
        missing = np.isnan(parts[0])
        odd = np.flatnonzero((numbers <= self.seed).any(axis=1) | missing.any(axis=1))
        starting, holes = numbers[odd] <= self.seed, missing[odd]
        flow, own = np.empty((len(numbers), len(self.last))), np.empty((len(odd), len(self.last)))
        for at, (values, alpha) in enumerate(zip(parts, self.alphas, strict=True)):
            columns = slice(at * count, (at + 1) * count)
            np.multiply(values, alpha, out=flow[:, columns])
            if len(odd):
                weighed = values[odd] * np.where(starting, 1.0 / self.seed, alpha)
                flow[odd, columns] = np.where(holes, 0.0, weighed)
                own[:, columns] = np.where(starting | holes, 1.0, 1.0 - alpha)
        self._carry(flow, dict(zip(odd.tolist(), own, strict=True)))
        if len(odd):
            unknown = np.tile(holes | (numbers[odd] < self.seed), (1, len(parts)))
            flow[odd] = np.where(unknown, np.nan, flow[odd])
        return [flow[:, at * count : (at + 1) * count] for at in range(len(parts))]

    def _carry(self, flow: np.ndarray, own: dict[int, np.ndarray]) -> None:
        """Turn inflows into averages, in their place; ``own`` are decays of single sessions."""
        decays = [own.get(row, self.decay) for row in range(len(flow))]
        kept, last, multiply, add = np.empty(flow.shape[1]), self.last, np.multiply, np.add
        for answer, decay in zip(flow, decays, strict=True):
            multiply(last, decay, kept)
            add(kept, answer, answer)
            last = answer
        self.last = last.copy()


def previous_rows(seen: np.ndarray, rows: slice) -> np.ndarray:
    """The sessions before those of a stretch, of values carried on; NaN before the first session."""
    if rows.start:
        return seen[rows.start - 1 : min(rows.stop, len(seen)) - 1]
    return np.concatenate([np.full((1, seen.shape[1]), np.nan), seen[: min(rows.stop, len(seen)) - 1]])


def smoothed(values: np.ndarray, *, alpha: float, seed: int) -> np.ndarray:
    """One exponential average as ``Averages`` has it, of a whole history; sessions x symbols."""
    numbers, found = bar_numbers(values), np.empty(values.shape)
    average = Averages([alpha], seed=seed, symbols=values.shape[1])
    for rows in stretches(len(values)):
        (found[rows],) = average.of([values[rows]], numbers[rows])
    return found


def over_windows(values: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """What ``function`` says of arrays whose columns have no holes, put back where the bars are.

    A hole is a missing value between two bars; what is missing before the first or after the last may stay,
    so that most symbols need no moving. ``function`` maps sessions x symbols to the same shape, causally.
    """
    seen = np.isfinite(values)
    last = len(values) - 1 - np.argmax(seen[::-1], axis=0)
    first = np.argmax(seen, axis=0)
    holed = seen.any(axis=0) & (seen.sum(axis=0) < last - first + 1)
    found = function(values)
    if not holed.any():
        return np.where(seen, found, np.nan)
    order = np.argsort(~seen[:, holed], axis=0, kind="stable")
    packed = function(np.take_along_axis(values[:, holed], order, axis=0))
    spread = np.empty(packed.shape)
    np.put_along_axis(spread, order, packed, axis=0)
    found[:, holed] = spread
    return np.where(seen, found, np.nan)


def window_sum(values: np.ndarray, window: int) -> np.ndarray:
    """Sum of the last ``window`` rows, NaN for the first ``window - 1``; by doubling, so without drift.

    Equal rows in a window give equal sums wherever the window stands, which sums that run on do not.
    """
    total = np.zeros(values.shape)
    power, span, done = values, 1, 0
    while True:
        if window & span:
            total = total + _later(power, done)
            done += span
        if done == window:
            return total
        power, span = power + _later(power, span), span * 2


def window_extreme(values: np.ndarray, window: int, *, highest: bool) -> np.ndarray:
    """Highest or lowest of the last ``window`` rows; NaN for the first ``window - 1`` and where one is."""
    choose = np.maximum if highest else np.minimum
    power, span = values, 1
    while span * 2 <= window:
        power, span = choose(power, _later(power, span)), span * 2
    return choose(power, _later(power, window - span)) if window > span else power


def _later(values: np.ndarray, rows: int) -> np.ndarray:
    """Values moved ``rows`` sessions on, NaN before."""
    if not rows:
        return values
    found = np.full(values.shape, np.nan)
    found[rows:] = values[:-rows] if rows < len(values) else values[:0]
    return found
