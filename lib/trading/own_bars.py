"""What every indicator is made of: recurrences and windows over the bars that a symbol has.

Arrays are sessions x symbols. A session on which a symbol has no value (NaN) is no bar of that symbol: it is
passed over, as if the symbol's series were written without it, and the answer of that session is NaN. So a
symbol may start late, stop early or miss sessions, and all symbols are computed at once. Every answer of a
session rests on that session and earlier ones only, to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def matrix(values: np.ndarray) -> np.ndarray:
    """Values as sessions x symbols; one series becomes one symbol. Raises ValueError for another shape."""
    found = np.asarray(values, dtype=float)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2:
        raise ValueError(f"found an array of {found.ndim} dimensions; give sessions x symbols")
    return found


def bar_numbers(values: np.ndarray) -> np.ndarray:
    """How many bars a symbol has had, this session's included; sessions x symbols."""
    return np.cumsum(np.isfinite(values), axis=0, dtype=np.int32)


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


def recurrence(inflow: np.ndarray, decay: float, odd: dict[int, np.ndarray] | None = None) -> np.ndarray:
    """y of each session = decay x y of the session before + inflow, from y = 0; sessions x symbols.

    ``odd`` gives sessions a decay of their own for each symbol: 1 with an inflow of 0 holds y.
    """
    found, own = np.empty(inflow.shape), odd or {}
    kept, last = np.empty(inflow.shape[1:]), np.zeros(inflow.shape[1:])
    for row, (coming, answer) in enumerate(zip(inflow, found, strict=True)):
        np.multiply(last, own.get(row, decay), out=kept)
        np.add(kept, coming, out=answer)
        last = answer
    return found


def smoothed(values: np.ndarray, *, alpha: float, seed: int, numbers: np.ndarray | None = None) -> np.ndarray:
    """Exponential average over own bars: y = (1 - alpha) y + alpha x, seeded by the mean of the first bars.

    ``seed`` of 1 starts from the first value itself. Until the seed is full the answer is NaN. ``numbers``
    are the bars had so far where they are known.
    """
    missing = np.isnan(values)
    numbers = bar_numbers(values) if numbers is None else numbers
    inflow = values * alpha
    odd = np.flatnonzero((numbers <= seed).any(axis=1) | missing.any(axis=1))
    starting, holes = numbers[odd] <= seed, missing[odd]
    inflow[odd] = np.where(holes, 0.0, values[odd] * np.where(starting, 1.0 / seed, alpha))
    decays = np.where(starting | holes, 1.0, 1.0 - alpha)
    found = recurrence(inflow, 1.0 - alpha, dict(zip(odd.tolist(), decays, strict=True)))
    found[odd] = np.where(holes | (numbers[odd] < seed), np.nan, found[odd])
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
