"""The mean of observations that overlap in time, and how sure it is.

Returns over twelve months measured every month share eleven of them with the next, so that their mean is far
less sure than that of as many independent ones. The long-run variance is estimated from the slowest movements
of the series: its projections on the first B cosines, equally weighted (Lazarus, Lewis, Stock and Watson
2018, "HAR inference: recommendations for practice"), B being half of the number of stretches that do not
overlap, so that only movements slower than the overlap count. The interval is Student's t with B degrees of
freedom. Newey and West's error with a lag of the overlap would be the more usual choice: on such means of 8
independent years its 95 % interval covers the truth in 81 to 85 % of cases, even with fixed-b critical
values; this one in 93 to 94 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.fft import dct
from scipy.special import stdtrit

FEWEST = 2
"""Cosines under which no interval is given: it would hold nearly everything."""
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


def cosine_error(values: Any, *, cosines: int) -> float:
    """Standard error of the mean of a series in order of time, from its first ``cosines``.

    With all n - 1 of them it is the ordinary one, standard deviation (ddof 1) over the root of n.
    """
    known = np.asarray(values, dtype="float64")
    slow = dct(known, norm="ortho")[1 : cosines + 1]
    return float(np.sqrt(np.mean(slow**2) / len(known)))


def mean_interval(values: Any, *, overlap: int) -> MeanInterval:
    """Mean of a series in order of time with its 95 % interval; missing values are left out.

    ``overlap`` is how many of the next observations share a part with each. No interval is given under four
    stretches that do not overlap: there a few lucky years would look like certainty.
    """
    array = np.asarray(values, dtype="float64")
    known = array[~np.isnan(array)]
    n = len(known)
    mean = float(known.mean()) if n else float("nan")
    cosines = n // (2 * (overlap + 1))
    error = cosine_error(known, cosines=cosines) if cosines >= FEWEST else float("nan")
    if not error > ROUNDING * abs(mean):
        return MeanInterval(mean, float("nan"), float("nan"), float("nan"), n)
    reach = float(stdtrit(cosines, 0.975)) * error
    return MeanInterval(mean, error, mean - reach, mean + reach, n)
