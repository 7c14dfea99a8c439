"""Exponentially weighted second moments, and inverses that say when they cannot be trusted.

RiskMetrics (1996): the return of a day weighs ``decay`` times that of the day after, and the mean is taken as
zero, since over days it is far below its own error. Weights are normalised over the window. Condition numbers
and inverses are taken of the matrix scaled to a unit diagonal, so that units (decimals, basis points) do not
decide what counts as singular.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

DECAY = 0.94
CONDITION_LIMIT = 1e4


def decay_weights(n: int, *, decay: float = DECAY) -> np.ndarray:
    """Weights of ``n`` days, oldest first and newest last, that add up to one; ``decay`` in (0, 1]."""
    if not 0.0 < decay <= 1.0:
        raise ValueError(f"decay is {decay}; it lies above 0 and not above 1")
    weights = decay ** np.arange(n - 1, -1, -1, dtype="float64")
    return weights / weights.sum()


def effective_observations(n: int, *, decay: float = DECAY) -> float:
    """How many equally weighted days carry as much: (sum of weights)^2 / sum of squared weights."""
    return float(1.0 / np.square(decay_weights(n, decay=decay)).sum()) if n else 0.0


def effective_window(*, decay: float = DECAY, tail: float = 0.01) -> float:
    """Days after which only ``tail`` of all weight is left: ln(tail) / ln(decay), RiskMetrics table 5.7."""
    return math.log(tail) / math.log(decay)


def ewma_covariance(
    returns: Any, *, decay: float = DECAY, start: np.ndarray | float | None = None
) -> np.ndarray:
    """Covariances (k x k) of returns (n x k, oldest first, array or DataFrame) about a zero mean.

    Days with a missing value are left out; without any day every entry is NaN. With ``start``, the covariance
    before the first day, the recursion C <- decay C + (1 - decay) r r' runs from it and weights are not
    normalised (Hull, Options, Futures and Other Derivatives, chapter 23).
    """
    values = np.asarray(returns, dtype="float64")
    values = values[~np.isnan(values).any(axis=1)]
    n, k = values.shape
    if start is not None:
        weights = (1.0 - decay) * decay ** np.arange(n - 1, -1, -1, dtype="float64")
        return (values * weights[:, None]).T @ values + decay**n * np.asarray(start)
    if n == 0:
        return np.full((k, k), np.nan)
    covariance = (values * decay_weights(n, decay=decay)[:, None]).T @ values
    return (covariance + covariance.T) / 2.0


def correlation_of(covariance: np.ndarray) -> np.ndarray:
    """Correlations of a covariance matrix, diagonal exactly 1; NaN where a variance is not positive."""
    scale = np.sqrt(np.where(np.diag(covariance) > 0, np.diag(covariance), np.nan))
    correlation = covariance / np.outer(scale, scale)
    np.fill_diagonal(correlation, np.where(np.isnan(scale), np.nan, 1.0))
    return correlation


def condition_number(covariance: np.ndarray) -> float:
    """Largest over smallest eigenvalue after scaling to a unit diagonal; infinite when singular."""
    values = np.linalg.eigvalsh(_scaled(covariance)[0])
    tiny = len(values) * np.finfo("float64").eps * values[-1]
    return float(values[-1] / values[0]) if values[0] > tiny else math.inf


def safe_inverse(covariance: np.ndarray, *, limit: float = CONDITION_LIMIT) -> tuple[np.ndarray, bool]:
    """The inverse, or the pseudo-inverse where the condition number is above ``limit``; True for the latter.

    The pseudo-inverse leaves out directions whose eigenvalue, after scaling to a unit diagonal, is below the
    largest / ``limit``.
    """
    scaled, scale = _scaled(covariance)
    singular = condition_number(covariance) > limit
    tolerance = 1.0 / limit
    inverse = np.linalg.pinv(scaled, tolerance, hermitian=True) if singular else np.linalg.inv(scaled)
    return inverse / np.outer(scale, scale), singular


def _scaled(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    diagonal = np.diag(covariance)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    return covariance / np.outer(scale, scale), scale
