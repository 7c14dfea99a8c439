"""The mean of observations that overlap in time, and how sure it is.

Returns over twelve months measured every month share eleven of them with the next, so that their mean is far
less sure than that of as many independent ones. The standard error is Newey and West's (1987): Bartlett
weights 1 - j / (lag + 1), the lag said by the caller, the correction n / (n - 1), no prewhitening. With a lag
that is no small part of n the ratio of the mean to it is wider than Student's t; its critical value is that
of Kiefer and Vogelsang (2005, "A new asymptotic theory for heteroskedasticity-autocorrelation robust tests",
table 1) for the Bartlett kernel at (lag + 1) / n, or Student's t with n - 1 degrees where that is larger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

FIXED_B_975 = (1.9600, 2.9694, 0.4160, -0.5324)
"""Critical value of 97.5 % as a polynomial of the lag's share of the observations."""
FEWEST = 3
"""Blocks without overlap under which no interval is given."""

ROUNDING = 1e-13
"""A standard error below this share of the mean is rounding of a constant series."""


@dataclass(frozen=True)
class MeanInterval:
    """A mean, its standard error and its 95 % interval; NaN where there is too little for one."""

    mean: float
    std_error: float
    low: float
    high: float
    observations: int


def automatic_lag(observations: int) -> int:
    """Newey and West's rule of thumb: the whole part of 4 (n / 100) ** (2 / 9)."""
    return int(4.0 * (observations / 100.0) ** (2.0 / 9.0))


def newey_west_error(values: Any, *, lag: int) -> float:
    """Standard error of the mean of a series in order of time; NaN under two observations.

    Missing values are left out; the rest count as neighbours. ``lag`` is cut to n - 1.
    """
    known = _known(values)
    n = len(known)
    if n < 2:
        return float("nan")
    centred = known - known.mean()
    steps = np.arange(1, min(lag, n - 1) + 1)
    products = np.array([centred[step:] @ centred[: n - step] for step in steps])
    total = centred @ centred + 2.0 * float(((1.0 - steps / (lag + 1)) * products).sum())
    return float(np.sqrt(max(total, 0.0) / (n * (n - 1))))


def mean_interval(values: Any, *, lag: int) -> MeanInterval:
    """Mean of a series in order of time with its 95 % interval; ``lag`` is how far observations overlap.

    No interval is given under three blocks of observations that do not overlap: there a few lucky years
    would look like certainty.
    """
    known = _known(values)
    n = len(known)
    mean = float(known.mean()) if n else float("nan")
    error = newey_west_error(known, lag=lag)
    if not error > ROUNDING * abs(mean):
        return MeanInterval(mean, float("nan"), float("nan"), float("nan"), n)
    if n < FEWEST * (lag + 1):
        return MeanInterval(mean, error, float("nan"), float("nan"), n)
    share = (lag + 1) / n
    wide = float(np.polynomial.polynomial.polyval(share, FIXED_B_975))
    reach = max(wide, float(stdtrit(n - 1, 0.975))) * error
    return MeanInterval(mean, error, mean - reach, mean + reach, n)


def _known(values: Any) -> np.ndarray:
    array = np.asarray(values, dtype="float64")
    return array[~np.isnan(array)]
