"""Value at risk of normal returns with mean zero, and what each position adds to it.

Everything in money, one day unless said. Over d days it is root d times as large, for independent days. The
components are Euler's: exposure times the derivative of the value at risk, so they add up to it exactly.
References: Hull, "Options, Futures, and Other Derivatives", ch. 22; Litterman (1996), "Hot Spots and Hedges".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import ndtri


def normal_var(deviation: Any, *, level: float = 0.95, days: int = 1) -> Any:
    """z x standard deviation of a day (money) x root of ``days``, a positive loss."""
    return -ndtri(1.0 - level) * np.asarray(deviation, dtype="float64") * np.sqrt(days)


def deviation_of(exposures: np.ndarray, covariance: np.ndarray) -> float:
    """Standard deviation of a day in money: root of e' S e for signed exposures and daily covariances."""
    return float(np.sqrt(max(float(exposures @ covariance @ exposures), 0.0)))


def component_var(exposures: np.ndarray, slopes: np.ndarray, *, level: float = 0.95) -> np.ndarray:
    """What each exposure adds to the value at risk, money; negative for a hedge.

    ``slopes`` is the covariance of each position's return with the profit of the book, S e: half the
    derivative of its variance. NaN everywhere when the variance, e' S e, is not positive.
    """
    parts = np.asarray(exposures, dtype="float64") * slopes
    variance = parts.sum()
    return normal_var(parts / np.sqrt(variance), level=level) if variance > 0 else np.full(len(parts), np.nan)


def diversification_benefit(exposures: np.ndarray, covariance: np.ndarray, *, level: float = 0.95) -> float:
    """How far the value at risk stays below the sum of those of the positions alone, money."""
    alone = normal_var(np.abs(exposures) * np.sqrt(np.diagonal(covariance)), level=level)
    return float(alone.sum() - normal_var(deviation_of(exposures, covariance), level=level))
