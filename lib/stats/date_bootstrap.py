"""The mean, the t-value and the Sharpe ratio of a series by resampling its dates in blocks.

Stationary bootstrap (Politis and Romano 1994): blocks of random, geometric length, wrapped around the end, so
that what is related over time stays together. Intervals are the percentiles of the figure itself, and of its
studentised form (bootstrap-t; Ledoit and Wolf 2008 for the Sharpe ratio, whose error is the delta method's
with Newey and West's long-run variance). All draws are worked on at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lib.stats.hac import default_lags, mean_test


class Resampled(NamedTuple):
    """One figure: as observed, its error, two 95 % intervals, and the share of draws at or below zero."""

    observed: float
    error: float
    low: float
    high: float
    studentised_low: float
    studentised_high: float
    at_or_below_zero: float


def mean_block(observations: int) -> float:
    """Mean length of a block: the cube root of the number of dates, at least two."""
    return max(2.0, float(observations) ** (1.0 / 3.0))


def stationary_places(
    observations: int, *, draws: int, block: float, generator: np.random.Generator
) -> np.ndarray:
    """Places (draws, T) of the dates of each draw; a new block begins with probability 1 / ``block``."""
    fresh = generator.random((draws, observations)) < 1.0 / block
    fresh[:, 0] = True
    starts = generator.integers(0, observations, (draws, observations))
    at = np.arange(observations)
    begun = np.maximum.accumulate(np.where(fresh, at, 0), axis=1)
    return (np.take_along_axis(starts, begun, axis=1) + at - begun) % observations


def bootstrap_series(
    returns: Any,
    *,
    draws: int,
    generator: np.random.Generator,
    block: float | None = None,
    level: float = 0.95,
) -> dict[str, Resampled]:
    """The figures ``mean``, ``t`` (of the mean) and ``sharpe`` (a period) of returns (T,) in order of time.

    Nothing may be missing. The interval of t is that of the percentiles alone. ValueError under ten dates.
    """
    values = np.asarray(returns, dtype="float64")
    count = len(values)
    if count < 10:
        raise ValueError(f"{count} dates cannot be resampled")
    lags = default_lags(count)
    places = stationary_places(
        count, draws=draws, block=mean_block(count) if block is None else block, generator=generator
    )
    own, drawn = _figures(values[:, None], lags), _figures(values[places].T, lags)
    tail = (1.0 - level) / 2.0
    found = {}
    for name in ("mean", "t", "sharpe"):
        (value,), (error,) = own[name]
        sample, errors = drawn[name]
        low, high = np.nanquantile(sample, [tail, 1.0 - tail])
        below, above = np.nan, np.nan
        if name != "t":
            pivot = (sample - value) / np.where(errors > 0.0, errors, np.nan)
            lower, upper = np.nanquantile(pivot, [tail, 1.0 - tail])
            below, above = value - upper * error, value - lower * error
        found[name] = Resampled(
            float(value), float(error), float(low), float(high), below, above, float(np.mean(sample <= 0.0))
        )
    return found


def _figures(values: np.ndarray, lags: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Figures and errors of each column of (T, m); NaN for a constant column."""
    fit = mean_test(values, lags=lags)
    mean, error, t = fit.coefficient[0], fit.error[0], fit.t[0]
    spread = values.std(axis=0, ddof=1)
    spread = np.where(spread > 1e-13 * np.maximum(np.abs(mean), 1e-2), spread, np.nan)
    unit = (values - mean) / spread
    ratio = mean / spread
    influence = unit - 0.5 * ratio * (unit**2 - 1.0)
    safe = np.where(np.isnan(influence), 0.0, influence)
    ratio_error = mean_test(safe, lags=lags).error[0]
    return {"mean": (mean, error), "t": (t, np.ones_like(t)), "sharpe": (ratio, ratio_error)}


def compounded_paths(
    returns: Any, *, periods: int, draws: int, generator: np.random.Generator, block: float | None = None
) -> np.ndarray:
    """Wealth (draws, periods + 1) from 1, of resampled returns compounded; 0 stays 0.

    A return of -100 % or less leaves nothing.
    """
    values = np.asarray(returns, dtype="float64")
    length = mean_block(len(values)) if block is None else block
    reach = max(periods, len(values))
    places = stationary_places(len(values), draws=draws, block=length, generator=generator)
    while places.shape[1] < reach:
        more = stationary_places(len(values), draws=draws, block=length, generator=generator)
        places = np.concatenate([places, more], axis=1)
    growth = np.maximum(1.0 + values[places[:, :periods]], 0.0)
    return np.concatenate([np.ones((draws, 1)), np.cumprod(growth, axis=1)], axis=1)
