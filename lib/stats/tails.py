"""The bad end of the distribution: value at risk, expected shortfall, shape.

Losses are positive decimals over one period. Quantiles are linear (Hyndman and Fan type 7, the default of
numpy and R); `inverted_cdf` is the k-th worst return as in Hull, which in the 1 % tail of 500 returns
can lie 16 % higher. Skewness and kurtosis use population moments (1/n).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from lib.stats.series import counts, filled, has_gaps, moments, over_series, ratio

QUANTILES = ("linear", "inverted_cdf")


def thin_tail(observations: int, *, level: float) -> bool:
    """Whether fewer than five returns are expected beyond the quantile: under 100 for 95 %, 500 for 99 %."""
    return observations < round(5.0 / (1.0 - level), 6)


@over_series
def var_hist(returns: np.ndarray, *, level: float = 0.95, method: str = "linear") -> np.ndarray:
    """Historical value at risk: minus the (1 - level) quantile, a positive loss; negative if none is lost."""
    return -_tail(returns, round(1.0 - level, 12), method)[0]


@over_series
def cvar(returns: np.ndarray, *, level: float = 0.95, method: str = "linear") -> np.ndarray:
    """Expected shortfall: minus the mean of the returns at or below the quantile, a positive loss."""
    return -_tail(returns, round(1.0 - level, 12), method)[1]


@over_series
def tail_losses(returns: np.ndarray, *, level: float = 0.95, method: str = "linear") -> np.ndarray:
    """``var_hist`` and ``cvar``, in this order, for the work of one."""
    return -_tail(returns, round(1.0 - level, 12), method)


@over_series
def parametric_var(returns: np.ndarray, *, level: float = 0.95) -> np.ndarray:
    """Normal value at risk: -(mean + z sd) with the sample standard deviation (ddof 1), a positive loss."""
    _, mean, deviation = moments(returns)
    return -(mean + ndtri(1.0 - level) * deviation)


@over_series
def modified_var(returns: np.ndarray, *, level: float = 0.95) -> np.ndarray:
    """Cornish-Fisher value at risk, a positive loss: z corrected for skewness and excess kurtosis.

    Population moments and population standard deviation, as in R's PerformanceAnalytics; Zangari (1996).
    """
    count, mean, deviation = moments(returns)
    skew, kurt, z = skewness(returns), excess_kurtosis(returns), ndtri(1.0 - level)
    corrected = z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * kurt / 24 - (2 * z**3 - 5 * z) * skew**2 / 36
    return -(mean + corrected * deviation * np.sqrt(ratio(count - 1, count)))


@over_series
def skewness(returns: np.ndarray) -> np.ndarray:
    """Third standardised moment (population); NaN for a constant series."""
    return _standardised(returns, 3)


@over_series
def excess_kurtosis(returns: np.ndarray) -> np.ndarray:
    """Fourth standardised moment (population) less 3; NaN for a constant series."""
    return _standardised(returns, 4) - 3.0


@over_series
def tail_ratio(returns: np.ndarray) -> np.ndarray:
    """95 % quantile over the 5 % quantile, both without sign; NaN when the latter is 0."""
    return ratio(np.abs(_quantile(returns, 0.95, "linear")), np.abs(_quantile(returns, 0.05, "linear")))


def _standardised(values: np.ndarray, power: int) -> np.ndarray:
    count, mean, deviation = moments(values)
    moment = ratio(filled((values - mean) ** power).sum(axis=0), count)
    spread = deviation * np.sqrt(ratio(count - 1, count))
    return ratio(moment, spread**power)


def _tail(values: np.ndarray, share: float, method: str) -> np.ndarray:
    """Quantile of each column and mean of the values at or below it, 2 x k."""
    if method == "linear" and len(values) and not has_gaps(values):
        return _tail_of_complete(values, share)
    cut = _quantile(values, share, method)
    beyond = values <= cut
    return np.stack([cut, ratio(np.where(beyond, values, 0.0).sum(axis=0), np.count_nonzero(beyond, axis=0))])


def _tail_of_complete(values: np.ndarray, share: float) -> np.ndarray:
    """The same without gaps: one partition a series, which numpy does fastest at a single place."""
    last = len(values) - 1
    place = last * share
    low = min(int(place), max(last - 1, 0))
    high = min(low + 1, last)
    ordered = np.array(values.T, order="C")
    ordered.partition(high, axis=1)
    worst, above = ordered[:, : low + 1], ordered[:, high]
    below = worst.max(axis=1)
    cut = below + (above - below) * (place - low)
    mean = worst.mean(axis=1)
    tied = above <= cut
    if tied.any():
        rest, limit = ordered[tied], cut[tied, None]
        mean[tied] = np.where(rest <= limit, rest, 0.0).sum(axis=1) / (rest <= limit).sum(axis=1)
    return np.stack([cut, mean])


def _quantile(values: np.ndarray, share: float, method: str) -> np.ndarray:
    """Quantile of each column without its missing values, NaN for an empty one."""
    if method not in QUANTILES:
        raise ValueError(f"method {method!r} is not one of {', '.join(QUANTILES)}")
    if not len(values):
        return np.full(values.shape[1], np.nan)
    if method == "linear" and not has_gaps(values):
        return np.asarray(np.quantile(values, share, axis=0))
    return _gather(values, share, method)


def _gather(values: np.ndarray, share: float, method: str) -> np.ndarray:
    ordered = np.sort(values, axis=0)
    count = counts(values)
    if method == "inverted_cdf":
        place = np.maximum(np.ceil(count * share - 1e-9) - 1, 0)
    else:
        place = np.maximum(count - 1, 0) * share
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    below, above = (np.take_along_axis(ordered, at[None, :], axis=0)[0] for at in (low, high))
    return below + (above - below) * (place - low)
