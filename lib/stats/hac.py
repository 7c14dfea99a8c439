"""Means and regressions whose errors hold when observations are related over time.

Newey and West (1987): Bartlett weights 1 - j / (L + 1) of the autocovariances up to lag L, which is given or
follows Newey and West's rule floor(4 (T / 100)^(2/9)); correction T / (T - k), no prewhitening, t with T - k
degrees of freedom. R's ``NeweyWest`` prewhitens by default and differs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

FLAVOUR = "Newey-West, Bartlett kernel, T/(T-k) correction, no prewhitening"


class HacFit(NamedTuple):
    """Coefficients and their errors: arrays (k,) or (k, m) for m regressions; n and lags are scalars."""

    coefficient: np.ndarray
    error: np.ndarray
    t: np.ndarray
    p: np.ndarray
    lags: int
    observations: int
    r_squared: np.ndarray
    residuals: np.ndarray
    covariance: np.ndarray


def default_lags(observations: int) -> int:
    """Newey and West's rule, at least one lag: floor(4 (T / 100)^(2/9)).

    One observation has none.
    """
    if observations < 3:
        return 0
    return max(1, min(int(np.floor(4.0 * (observations / 100.0) ** (2.0 / 9.0))), observations - 2))


def hac_ols(y: Any, x: Any, *, lags: int | None = None, correction: bool = True) -> HacFit:
    """Least squares of y (T,) or (T, m) on x (T, k), which holds its own constant; Newey-West errors.

    Nothing may be missing. ``lags`` by ``default_lags`` where None, 0 gives White's HC0 (HC1 with
    ``correction``). Raises ValueError where T ≤ k or the columns of x are collinear.
    """
    targets, design = np.asarray(y, dtype="float64"), np.asarray(x, dtype="float64")
    single = targets.ndim == 1
    targets = targets[:, None] if single else targets
    count, width = design.shape
    if count <= width:
        raise ValueError(f"{count} observations cannot carry {width} coefficients")
    used = default_lags(count) if lags is None else min(lags, count - 1)
    q, r = np.linalg.qr(design)
    if np.abs(np.diag(r)).min() <= 1e-10 * np.abs(np.diag(r)).max():
        raise ValueError("columns of x are collinear")
    inverse = np.linalg.inv(r)
    coefficient = inverse @ (q.T @ targets)
    residuals = targets - design @ coefficient
    scores = (design @ inverse @ inverse.T)[:, :, None] * residuals[:, None, :]
    covariance = _long_run(scores, used) * (count / (count - width) if correction else 1.0)
    error = np.sqrt(np.maximum(np.einsum("iim->im", covariance), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0.0, coefficient / error, np.nan)
        spread = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
        r_squared = np.where(spread > 0.0, 1.0 - (residuals**2).sum(axis=0) / spread, np.nan)
    p = 2.0 * stats.t.sf(np.abs(t), count - width)
    drop = (slice(None), 0) if single else (slice(None), slice(None))
    return HacFit(
        coefficient[drop],
        error[drop],
        t[drop],
        p[drop],
        used,
        count,
        r_squared[0] if single else r_squared,
        residuals[drop],
        covariance[:, :, 0] if single else covariance,
    )


def mean_test(values: Any, *, lags: int | None = None) -> HacFit:
    """The mean of a series (T,) or of each column (T, m) against zero, as ``hac_ols`` on a constant."""
    series = np.asarray(values, dtype="float64")
    return hac_ols(series, np.ones((len(series), 1)), lags=lags)


def _long_run(scores: np.ndarray, lags: int) -> np.ndarray:
    """Sum of weighted autocovariances of scores (T, k, m): (k, k, m)."""
    total = np.einsum("tim,tjm->ijm", scores, scores)
    for lag in range(1, lags + 1):
        product = np.einsum("tim,tjm->ijm", scores[lag:], scores[:-lag])
        total += (1.0 - lag / (lags + 1.0)) * (product + product.transpose(1, 0, 2))
    return total
