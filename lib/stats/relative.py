"""Returns against a benchmark, on the days on which both are known.

Simple returns. Rates are annual decimals, divided by `periods`. References: Jensen (1968) for alpha;
Morningstar, "Upside and downside capture" for the capture ratios.
"""

from __future__ import annotations

import numpy as np

from lib.stats.series import counts, filled, moments, over_series, ratio


@over_series
def beta(returns: np.ndarray, benchmark: np.ndarray) -> np.ndarray:
    """Slope of a regression on the benchmark (n values); NaN under two pairs or for a constant benchmark."""
    own, other = _pairs(returns, benchmark)
    base = moments(other)
    covariance = filled((other - base.mean) * own).sum(axis=0)
    return ratio(covariance, base.deviation**2 * (base.observations - 1))


@over_series
def alpha(returns: np.ndarray, benchmark: np.ndarray, *, periods: int, risk_free: float = 0.0) -> np.ndarray:
    """Jensen's alpha a year, arithmetic: periods x (mean excess - beta x mean excess of the benchmark)."""
    own, other = _pairs(returns, benchmark)
    rate = risk_free / periods
    slope = beta(returns, benchmark[:, 0])
    return periods * (moments(own).mean - rate - slope * (moments(other).mean - rate))


@over_series
def tracking_error(returns: np.ndarray, benchmark: np.ndarray, *, periods: int) -> np.ndarray:
    """Sample standard deviation of the return over the benchmark, annualised."""
    return moments(returns - benchmark).deviation * np.sqrt(periods)


@over_series
def information_ratio(returns: np.ndarray, benchmark: np.ndarray, *, periods: int) -> np.ndarray:
    """Arithmetic mean of the return over the benchmark by its standard deviation, annualised."""
    _, mean, deviation = moments(returns - benchmark)
    return ratio(mean, deviation) * np.sqrt(periods)


@over_series
def up_capture(returns: np.ndarray, benchmark: np.ndarray) -> np.ndarray:
    """Geometric mean return over the benchmark's, in periods in which the benchmark rose.

    Meant for monthly returns. Periods in which the benchmark stood still belong to neither side.
    """
    return _capture(returns, benchmark, benchmark > 0)


@over_series
def down_capture(returns: np.ndarray, benchmark: np.ndarray) -> np.ndarray:
    """As ``up_capture`` for periods in which the benchmark fell; negative when the series rose in them."""
    return _capture(returns, benchmark, benchmark < 0)


def _pairs(returns: np.ndarray, benchmark: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    missing = np.isnan(returns) | np.isnan(benchmark)
    return np.where(missing, np.nan, returns), np.where(missing, np.nan, benchmark)


def _capture(returns: np.ndarray, benchmark: np.ndarray, side: np.ndarray) -> np.ndarray:
    own, other = (np.where(side, part, np.nan) for part in _pairs(returns, benchmark))
    above, below = _geometric_mean(own), _geometric_mean(other)
    return np.sign(below) * ratio(above, np.abs(below))


def _geometric_mean(values: np.ndarray) -> np.ndarray:
    growth = np.maximum(1.0 + filled(values), 0.0)
    return growth.prod(axis=0) ** ratio(np.ones(values.shape[1]), counts(values)) - 1.0
