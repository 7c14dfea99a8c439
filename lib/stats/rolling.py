"""Least squares over a moving window, for many series on the same regressors at once.

Sums of products run cumulatively over the days, in an orthonormal basis of the regressors over the whole
sample and about the series' mean over it, so that differences of sums keep their digits; the normal equations
of a window are factorised once for all series. Residual sums lose digits as R squared approaches 1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lib.stats.regression import Basis, Regression, inverse_cholesky, orthonormal_basis

BLOCK = 64
"""Series worked on at once, so that the sums of a block stay in the processor's cache."""


def rolling_ols(y: Any, x: Any, *, window: int) -> Regression:
    """Regress each column of y (n x m) on the columns of x (n x k) and an intercept over ``window`` rows.

    One series or one regressor may be 1-D. ``coefficients`` and ``std_errors`` (classical) are
    n x (k + 1) x m, the intercept first; ``r_squared`` and ``residual_deviation`` n x m. Missing: the first
    ``window`` - 1 rows, windows in which the series has a missing value, and windows in which the regressors
    are collinear. x has no missing value. ValueError where the window leaves no degree of freedom.
    """
    series, regressors = _columns(y), _columns(x)
    basis = orthonormal_basis(regressors)
    (n, m), p = series.shape, basis.q.shape[1]
    if window <= p:
        raise ValueError(f"a window of {window} rows leaves no degree of freedom for {p} coefficients")
    shape = (n, basis.back.shape[0], m)
    coefficients, errors = np.full(shape, np.nan), np.full(shape, np.nan)
    fitted, deviation = np.full((n, m), np.nan), np.full((n, m), np.nan)
    observations = np.full((n, m), window, dtype=np.int64)
    sums = _Windows.of(basis, window)
    for start in range(0, m if n >= window else 0, BLOCK):
        part = np.s_[window - 1 :, ..., start : start + BLOCK]
        block = np.ascontiguousarray(series[:, start : start + BLOCK])
        coefficients[part], errors[part], fitted[part], deviation[part] = sums.solve(block)
    return Regression(coefficients, errors, fitted, deviation, observations, basis.rank)


class _Windows(NamedTuple):
    """What all series share: the basis, and for each window the inverse Cholesky factor of its normal
    equations (t x p x p), the map from half solutions to coefficients and the lengths of its rows.
    """

    basis: Basis
    window: int
    inverse: np.ndarray
    back: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, basis: Basis, window: int) -> _Windows:
        """Factorise every window; a collinear one is NaN."""
        grams = _windowed(basis.q[:, :, None] * basis.q[:, None, :], window)
        inverse = inverse_cholesky(grams.transpose(1, 2, 0)).transpose(2, 0, 1).copy()
        back = basis.back @ inverse.transpose(0, 2, 1)
        return cls(basis, window, inverse, back, np.sqrt(np.einsum("tab,tab->ta", back, back)))

    def solve(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Coefficients, standard errors, R squared and residual deviation of the series in every window."""
        values, mean, gaps = _centred(y, self.window)
        moments = np.stack([_windowed(column[:, None] * values, self.window) for column in self.basis.q.T], 1)
        half = self.inverse @ moments
        squares = _windowed(values * values, self.window)
        residual = np.maximum(squares - np.einsum("tam,tam->tm", half, half), 0.0)
        residual[gaps] = np.nan
        total = squares - _windowed(values, self.window) ** 2 / self.window
        deviation = np.sqrt(residual / (self.window - self.basis.q.shape[1]))
        coefficients = self.back @ half
        coefficients[:, 0] += mean
        if gaps.any():
            coefficients += np.where(gaps, np.nan, 0.0)[:, None, :]
        fitted = 1.0 - residual / np.where(total > 0, total, np.nan)
        return coefficients, self.spread[:, :, None] * deviation[:, None, :], fitted, deviation


def _centred(y: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Series less their means with 0 where missing, the means, and which windows have a gap."""
    missing = np.isnan(y)
    if not missing.any():
        mean = y.mean(axis=0)
        return y - mean, mean, np.zeros((len(y) - window + 1, y.shape[1]), dtype=bool)
    known = np.where(missing, 0.0, y)
    mean = known.sum(axis=0) / np.maximum((~missing).sum(axis=0), 1)
    gaps = _windowed(missing.astype("float64"), window) > 0.5
    return np.where(missing, 0.0, known - mean), mean, gaps


def _columns(values: Any) -> np.ndarray:
    array = np.asarray(values, dtype="float64")
    return array[:, None] if array.ndim == 1 else array


def _windowed(values: np.ndarray, window: int) -> np.ndarray:
    """Sums over each window of rows: n - window + 1 of them; none where there are fewer rows."""
    sums = np.cumsum(values, axis=0)
    result = sums[window - 1 :].copy()
    result[1:] -= sums[:-window]
    return result
