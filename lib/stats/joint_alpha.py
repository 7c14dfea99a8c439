"""Whether all alphas of a set of portfolios are zero together.

Gibbons, Ross and Shanken (1989), "A test of the efficiency of a given portfolio": exact F(N, T - N - K) for
normal errors, and the same as a Wald statistic with chi2(N). Beside it the Wald statistic with White's or
Newey-West errors, which needs neither normal nor even errors (that of linearmodels' ``TradedFactorModel``).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats


class JointAlpha(NamedTuple):
    """Alphas (N,) and three tests that they are zero, with p-values and degrees of freedom."""

    alpha: np.ndarray
    grs: float
    grs_p: float
    wald: float
    wald_p: float
    robust: float
    robust_p: float
    portfolios: int
    free: int
    observations: int


def joint_alpha(excess: Any, factors: Any, *, lags: int = 0) -> JointAlpha:
    """Test the intercepts of excess returns (T, N) on factor returns (T, K); nothing may be missing.

    ``lags`` are those of the robust statistic: Bartlett's kernel, 0 for White, with the correction T / (T - K
    - 1) of ``lib.stats.hac``. Raises ValueError where T ≤ N + K or the portfolios are collinear.
    """
    returns, regressors = np.asarray(excess, dtype="float64"), np.asarray(factors, dtype="float64")
    count, portfolios, width = len(returns), returns.shape[1], regressors.shape[1]
    free = count - portfolios - width
    if free <= 0:
        raise ValueError(f"{count} periods cannot carry {portfolios} portfolios and {width} factors")
    design = np.column_stack([np.ones(count), regressors])
    weights = np.linalg.pinv(design)
    coefficients = weights @ returns
    residuals = returns - design @ coefficients
    alpha = coefficients[0]
    covariance = residuals.T @ residuals / count
    if np.linalg.matrix_rank(covariance) < portfolios:
        raise ValueError("one portfolio follows from the others")
    mean = regressors.mean(axis=0)
    spread = np.atleast_2d(np.cov(regressors, rowvar=False, ddof=0))
    scale = 1.0 + float(mean @ np.linalg.solve(spread, mean))
    distance = float(alpha @ np.linalg.solve(covariance, alpha)) / scale
    grs, wald = free / portfolios * distance, count * distance
    long_run = _robust(weights[0], residuals, lags) * count / (count - width - 1)
    robust = float(alpha @ np.linalg.solve(long_run, alpha))
    return JointAlpha(
        alpha,
        grs,
        float(stats.f.sf(grs, portfolios, free)),
        wald,
        float(stats.chi2.sf(wald, portfolios)),
        robust,
        float(stats.chi2.sf(robust, portfolios)),
        portfolios,
        free,
        count,
    )


def _robust(weights: np.ndarray, residuals: np.ndarray, lags: int) -> np.ndarray:
    """Covariance of the alphas (N, N) from the weight of each period in them."""
    scores = weights[:, None] * residuals
    total = scores.T @ scores
    for lag in range(1, lags + 1):
        product = scores[lag:].T @ scores[:-lag]
        total += (1.0 - lag / (lags + 1.0)) * (product + product.T)
    return total
