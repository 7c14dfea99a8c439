"""How sure a Sharpe ratio is, and what is left of it once it was the best of many.

All ratios here are per period, never annualised, and the kurtosis is the raw one (3 for the normal). Error of
a ratio: sqrt((1 - skew SR + (kurtosis - 1) / 4 SR^2) / (n - 1)) (Mertens 2002; Bailey and Lopez de Prado
2012, "The Sharpe Ratio Efficient Frontier"). Best of N trials: Bailey and Lopez de Prado (2014), "The
Deflated Sharpe Ratio". Other horizons: Lo (2002), "The Statistics of Sharpe Ratios", equation 20.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

EULER = 0.5772156649015329


class SharpeMoments(NamedTuple):
    """Sharpe ratio a period, skewness, raw kurtosis and number of returns of one series."""

    sharpe: float
    skewness: float
    kurtosis: float
    observations: int


def sharpe_moments(returns: Any) -> SharpeMoments:
    """Moments of a series of excess returns (T,), missing ones left out; NaN for a constant series.

    Standard deviation with ddof 1, third and fourth moment of the population.
    """
    values = np.asarray(returns, dtype="float64")
    values = values[~np.isnan(values)]
    if len(values) < 2:
        return SharpeMoments(np.nan, np.nan, np.nan, len(values))
    centred = values - values.mean()
    spread = float(values.std(ddof=1))
    if spread <= 1e-13 * max(abs(float(values.mean())), 1e-2):
        return SharpeMoments(np.nan, np.nan, np.nan, len(values))
    scale = np.sqrt(np.mean(centred**2))
    third, fourth = (float(np.mean(centred**power) / scale**power) for power in (3, 4))
    return SharpeMoments(float(values.mean()) / spread, third, fourth, len(values))


def sharpe_error(moments: SharpeMoments) -> float:
    """Standard error of the ratio a period, with skewness and kurtosis of the returns."""
    ratio, skew, kurtosis, count = moments
    if not count > 1:
        return float("nan")
    return float(np.sqrt((1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio**2) / (count - 1)))


def probabilistic_sharpe(moments: SharpeMoments, *, hurdle: float = 0.0) -> float:
    """Probability that the true ratio a period is above ``hurdle``, a ratio a period."""
    return float(stats.norm.cdf((moments.sharpe - hurdle) / sharpe_error(moments)))


def expected_best(*, trials: float, variance: float) -> float:
    """Sharpe ratio a period that the best of ``trials`` independent ones without skill is expected to show.

    ``variance`` is that of the ratios over the trials. 0 for one trial; ``trials`` need not be whole.
    """
    if not trials > 1.0:
        return 0.0
    first = stats.norm.ppf(1.0 - 1.0 / trials)
    second = stats.norm.ppf(1.0 - 1.0 / (trials * np.e))
    return float(max(np.sqrt(variance) * ((1.0 - EULER) * first + EULER * second), 0.0))


def deflated_sharpe(moments: SharpeMoments, *, trials: float, variance: float) -> float:
    """Probability that the true ratio is above what the best of ``trials`` shows by luck alone."""
    return probabilistic_sharpe(moments, hurdle=expected_best(trials=trials, variance=variance))


def minimum_track_record(moments: SharpeMoments, *, hurdle: float = 0.0, level: float = 0.95) -> float:
    """Periods after which a ratio like this one is above ``hurdle`` at ``level``; infinite where it is not.

    Bailey and Lopez de Prado (2012), equation 13.
    """
    ratio, skew, kurtosis, _ = moments
    if np.isnan(ratio):
        return float("nan")
    if ratio <= hurdle:
        return float("inf")
    spread = 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio**2
    return float(1.0 + spread * (stats.norm.ppf(level) / (ratio - hurdle)) ** 2)


def horizon_scale(autocorrelations: Any, *, periods: int) -> float:
    """What a ratio a period is multiplied by for one over ``periods``: their root where nothing is related.

    ``autocorrelations`` are those at lags 1, 2 and so on; later ones are taken as 0. Lo (2002), equation 20.
    """
    known = np.asarray(autocorrelations, dtype="float64")[: periods - 1]
    lags = np.arange(1, len(known) + 1)
    return float(periods / np.sqrt(periods + 2.0 * np.sum((periods - lags) * known)))
