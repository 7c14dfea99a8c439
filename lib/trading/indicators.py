"""Indicators of prices and volumes, for all symbols at once, each over a symbol's own bars.

Arrays are sessions x symbols; a session without a value is no bar (``lib.trading.own_bars``). Each answers in
the unit of its input unless it says otherwise. References: Wilder (1978), "New Concepts in Technical Trading
Systems" (RSI, true range); Appel (1979) for MACD, in the form of pandas' ``ewm(adjust=False)``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.trading.own_bars import (
    Averages,
    bar_numbers,
    carried,
    matrix,
    over_windows,
    previous,
    previous_rows,
    smoothed,
    stretches,
    window_extreme,
    window_sum,
)


class Macd(NamedTuple):
    """Line (fast less slow average), its own average, and line less that; sessions x symbols."""

    line: np.ndarray
    signal: np.ndarray
    histogram: np.ndarray


def rsi(closes: np.ndarray, *, period: int = 14) -> np.ndarray:
    """Relative strength by Wilder, 0 to 100: 100 x average gain / (average gain + average loss).

    The averages start as the mean of the first ``period`` changes and go on as (old x (period - 1) + new) /
    period. The first value is on bar ``period + 1``. Without a loss it is 100; without any change 50.
    """
    closes = matrix(closes)
    last, numbers, found = carried(closes), bar_numbers(closes), np.empty(closes.shape)
    averages = Averages([1.0 / period] * 2, seed=period, symbols=closes.shape[1])
    for rows in stretches(len(closes)):
        changes = closes[rows] - previous_rows(last, rows)
        gain, moved = averages.of([np.maximum(changes, 0.0), np.abs(changes)], numbers[rows] - 1)
        flat = moved == 0.0
        if flat.any():
            gain[flat], moved[flat] = 0.5, 1.0
        gain *= 100.0
        np.divide(gain, moved, out=found[rows])
    return found


def ema(values: np.ndarray, *, period: int, seed: str = "first") -> np.ndarray:
    """Exponential average with weight 2 / (period + 1), seeded by the first value or by the first mean.

    ``seed="first"`` answers from the first bar on (pandas' ``ewm(adjust=False)``); ``"mean"`` from bar
    ``period`` on (TA-Lib). Raises ValueError for another seed.
    """
    return smoothed(matrix(values), alpha=2.0 / (period + 1.0), seed=period if _mean_seed(seed) else 1)


def sma(values: np.ndarray, *, period: int) -> np.ndarray:
    """Mean of the last ``period`` bars; NaN before there are as many."""
    return over_windows(matrix(values), lambda held: window_sum(held, period) / period)


def macd(closes: np.ndarray, *, fast: int = 12, slow: int = 26, signal: int = 9, seed: str = "first") -> Macd:
    """Fast less slow exponential average, its average over ``signal`` bars, and their difference.

    NaN before bar ``slow + signal - 1``. ``seed="first"`` starts every average from its first value, the line
    from the first price; ``"mean"`` from means, as TA-Lib does, with the fast average starting at the slow
    one's bar. Raises ValueError when ``fast`` is not below ``slow``.
    """
    if not fast < slow:
        raise ValueError(f"fast is {fast} and slow {slow}; fast must be below slow")
    closes = matrix(closes)
    numbers, count = bar_numbers(closes), closes.shape[1]
    if _mean_seed(seed):
        late = np.where(numbers > slow - fast, closes, np.nan)
        line = ema(late, period=fast, seed=seed) - ema(closes, period=slow, seed=seed)
        average = ema(line, period=signal, seed=seed)
        return Macd(np.where(np.isnan(average), np.nan, line), average, line - average)
    found = Macd(*(np.empty(closes.shape) for _ in range(3)))
    pair = Averages([2.0 / (fast + 1.0), 2.0 / (slow + 1.0)], seed=1, symbols=count)
    own = Averages([2.0 / (signal + 1.0)], seed=1, symbols=count)
    for rows in stretches(len(closes)):
        line = np.subtract(*pair.of([closes[rows], closes[rows]], numbers[rows]))
        (average,) = own.of([line], numbers[rows])
        early = numbers[rows] < slow + signal - 1
        if early.any():
            line[early] = average[early] = np.nan
        found.line[rows], found.signal[rows] = line, average
        np.subtract(line, average, out=found.histogram[rows])
    return found


def true_range(highs: np.ndarray, lows: np.ndarray, closes: np.ndarray) -> np.ndarray:
    """Largest of high - low, high - close before and close before - low; NaN on a first bar.

    Where high or low is missing the move between closes stands for it, which is never more.
    """
    highs, lows, closes = matrix(highs), matrix(lows), matrix(closes)
    before = previous(closes)
    top, bottom = np.fmax(highs, closes), np.fmin(lows, closes)
    found = np.maximum(top, before) - np.minimum(bottom, before)
    return np.where(np.isfinite(closes), found, np.nan)


def atr(highs: np.ndarray, lows: np.ndarray, closes: np.ndarray, *, period: int = 14) -> np.ndarray:
    """Average true range by Wilder, in money: smoothed as in the RSI, first value on bar period + 1."""
    return smoothed(true_range(highs, lows, closes), alpha=1.0 / period, seed=period)


def rolling_high(values: np.ndarray, *, period: int = 20, before: bool = True) -> np.ndarray:
    """Highest of the ``period`` bars before this one, or of the last ones with it (``before=False``)."""
    return _of_bars(values, before, lambda held: window_extreme(held, period, highest=True))


def rolling_low(values: np.ndarray, *, period: int = 20, before: bool = True) -> np.ndarray:
    """Lowest of the ``period`` bars before this one, or of the last ones with it (``before=False``)."""
    return _of_bars(values, before, lambda held: window_extreme(held, period, highest=False))


def volume_ratio(volumes: np.ndarray, *, period: int = 30) -> np.ndarray:
    """Volume over the mean volume of the ``period`` bars before this one; NaN where that is 0."""
    volumes = matrix(volumes)
    usual = _of_bars(volumes, True, lambda held: window_sum(held, period) / period)
    return np.divide(volumes, usual, out=np.full(volumes.shape, np.nan), where=usual > 0.0)


def _of_bars(values, before, function):
    """A window's answer on its last bar, or on the bar after it."""

    def moved(held: np.ndarray) -> np.ndarray:
        found = function(held)
        if not before:
            return found
        later = np.full(found.shape, np.nan)
        later[1:] = found[:-1]
        return later

    return over_windows(matrix(values), moved)


def _mean_seed(seed: str) -> bool:
    if seed not in ("first", "mean"):
        raise ValueError(f"found seed {seed!r}; take one of first, mean")
    return seed == "mean"
