"""Ordinary least squares of many series on the same regressors, solved at once.

The regressors are centred, scaled and turned into an orthonormal basis by one singular value decomposition
for all series (Golub and Van Loan, Matrix Computations, 5.5); where series have gaps, each has its own normal
equations in that basis, in which they are well conditioned, solved for all series by one Cholesky
factorisation. Standard errors are classical, or HC1 (MacKinnon and White 1985). Regressors that are linear
combinations of others leave ``rank`` below their number, and the coefficients are those of least norm.

Sums of squares are differences of larger sums; a series that this would cost more than four digits is solved
again from its residuals.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit

HC1 = "hc1"
"""The name of standard errors by ``robust``, for tables."""

CANCELLED = 1e-4
"""A residual sum of squares below this share of the sum of squares has lost four digits."""

ROUNDING = 1e-26
"""A sum of squares about the mean below this share of the sum of squares is rounding of a constant;
so is a residual one below this share of that, of a perfect fit, whose standard errors are 0."""


@dataclass(frozen=True)
class Regression:
    """Results for m series on k regressors and an intercept, which is row 0 of every (k + 1) x m array.

    ``r_squared``, ``residual_deviation`` (its degrees of freedom are n - 1 - rank) and ``observations`` have
    one value a series. A series without a degree of freedom, or whose regressors are collinear on its own
    days, is NaN; R squared and t of a constant series are NaN too, and t of a perfect fit.
    """

    coefficients: np.ndarray
    std_errors: np.ndarray
    r_squared: np.ndarray
    residual_deviation: np.ndarray
    observations: np.ndarray
    rank: int

    @property
    def degrees_of_freedom(self) -> np.ndarray:
        """Observations less estimated coefficients, one a series."""
        return self.observations - 1 - self.rank

    @cached_property
    def t_stats(self) -> np.ndarray:
        """Coefficient / standard error; NaN where the error is 0."""
        return self.coefficients / np.where(self.std_errors > 0, self.std_errors, np.nan)

    @cached_property
    def p_values(self) -> np.ndarray:
        """Two-sided, Student's t."""
        return 2.0 * stdtr(self._free, -np.abs(self.t_stats))

    def half_width(self, *, confidence: float = 0.95) -> np.ndarray:
        """Half the confidence interval of each coefficient, Student's t."""
        return stdtrit(self._free, 0.5 + confidence / 2) * self.std_errors

    @property
    def _free(self) -> np.ndarray:
        free = self.degrees_of_freedom.astype("float64")[..., None, :]
        return np.where(free > 0, free, np.nan)


class Basis(NamedTuple):
    """Orthonormal columns q (n x p) that span the intercept and the regressors; coefficients = ``back`` g."""

    q: np.ndarray
    back: np.ndarray

    @property
    def rank(self) -> int:
        """Independent regressors, the intercept not counted."""
        return self.q.shape[1] - 1


def ols(y: Any, x: Any, *, robust: bool = False) -> Regression:
    """Regress each column of y (n x m, or n) on the columns of x (n x k, or n) and an intercept.

    Rows in which a regressor is missing are left out for all series; a missing value of y is left out of its
    own series. Without rows every result is NaN. ``robust`` gives HC1 standard errors.
    """
    series, regressors = _columns(y), _columns(x)
    if np.isnan(regressors.sum()):
        complete = ~np.isnan(regressors).any(axis=1)
        series, regressors = series[complete], regressors[complete]
    basis = orthonormal_basis(regressors)
    loadings = basis.q.T @ series
    gaps = bool(np.isnan(loadings[0]).any())
    fit = _masked_fit(basis, series) if gaps else _complete_fit(basis, series, loadings)
    errors = _robust_errors(basis, series, fit) if robust else _classical_errors(basis, fit)
    return _result(basis, fit, errors)


def orthonormal_basis(x: np.ndarray) -> Basis:
    """Basis of an intercept and the columns of x (n x k, no missing value); NaN when there are no rows."""
    n, k = x.shape
    if n == 0:
        return Basis(np.empty((0, k + 1)), np.full((k + 1, k + 1), np.nan))
    mean = x.mean(axis=0)
    centred = x - mean
    scale = np.sqrt(np.einsum("ij,ij->j", centred, centred))
    scale = np.where(scale > 1e-13 * np.sqrt(n) * np.abs(mean), scale, np.inf)
    left, values, right = np.linalg.svd(centred / scale, full_matrices=False)
    kept = values > max(n, k) * np.finfo("float64").eps * max(values.max(initial=0.0), 1e-300)
    slopes = (right[kept] / scale).T / values[kept]
    back = np.zeros((k + 1, 1 + kept.sum()))
    back[0, 0], back[0, 1:], back[1:, 1:] = 1.0 / np.sqrt(n), -mean @ slopes, slopes
    return Basis(np.column_stack([np.full(n, 1.0 / np.sqrt(n)), left[:, kept]]), back)


class _Fit(NamedTuple):
    """Per series: coefficients g on the basis (p x m), the inverse Cholesky factors of its Gram matrix
    (p x p x m; None where that is the identity), sums of squares of residuals and about the mean, counts.
    """

    g: np.ndarray
    inverse: np.ndarray | None
    residual: np.ndarray
    total: np.ndarray
    observations: np.ndarray


def _columns(values: Any) -> np.ndarray:
    array = np.asarray(values, dtype="float64")
    return array[:, None] if array.ndim == 1 else array


def _complete_fit(basis: Basis, y: np.ndarray, g: np.ndarray) -> _Fit:
    squares = np.einsum("ij,ij->j", y, y)
    total = squares - g[0] ** 2
    residual = total - np.einsum("ij,ij->j", g[1:], g[1:])
    doubtful = np.flatnonzero(residual <= CANCELLED * squares)
    if len(doubtful):
        mean = y[:, doubtful].mean(axis=0) if len(y) else np.zeros(len(doubtful))
        centred = y[:, doubtful] - mean
        part = basis.q.T @ centred
        g[:, doubtful] = part
        g[0, doubtful] += mean * np.sqrt(len(y))
        rest = centred - basis.q @ part
        residual[doubtful] = np.einsum("ij,ij->j", rest, rest)
        total[doubtful] = np.einsum("ij,ij->j", centred, centred)
        total[total <= ROUNDING * squares] = 0.0
    return _Fit(g, None, residual, total, np.full(y.shape[1], len(y)))


def _masked_fit(basis: Basis, y: np.ndarray) -> _Fit:
    missing = np.isnan(y)
    count = len(y) - np.count_nonzero(missing, axis=0)
    there = (~missing).astype("float64")
    values = np.where(missing, 0.0, y)
    mean = values.sum(axis=0) / np.maximum(count, 1)
    values -= mean * there
    factor = inverse_cholesky(_grams(basis.q, there))
    half = np.einsum("abm,bm->am", factor, basis.q.T @ values)
    g = np.einsum("bam,bm->am", factor, half)
    total = np.einsum("ij,ij->j", values, values)
    total[total <= ROUNDING * count * mean**2] = 0.0
    residual = total - np.einsum("ij,ij->j", half, half)
    doubtful = np.flatnonzero(residual <= CANCELLED * total)
    if len(doubtful):
        rest = values[:, doubtful] - (basis.q @ g[:, doubtful]) * there[:, doubtful]
        residual[doubtful] = np.einsum("ij,ij->j", rest, rest)
    g[0] += mean * np.sqrt(len(y))
    return _Fit(g, factor, residual, total, count)


def _grams(q: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Sums of q q' over the days that each series has: p x p x m."""
    p = q.shape[1]
    rows, columns = np.tril_indices(p)
    packed = (q[:, rows] * q[:, columns]).T @ there
    gram = np.empty((p, p, there.shape[1]))
    gram[rows, columns] = gram[columns, rows] = packed
    return gram


def inverse_cholesky(gram: np.ndarray) -> np.ndarray:
    """Inverse of the lower Cholesky factor of each p x p matrix along the last axis; NaN where singular."""
    p = len(gram)
    lower, inverse = np.zeros_like(gram), np.zeros_like(gram)
    for j in range(p):
        pivot = gram[j, j] - np.einsum("am,am->m", lower[j, :j], lower[j, :j])
        root = np.sqrt(np.where(pivot > 1e-12 * gram[j, j], pivot, np.nan))
        for i in range(j + 1, p):
            lower[i, j] = (gram[i, j] - np.einsum("am,am->m", lower[i, :j], lower[j, :j])) / root
        inverse[j, :j] = -np.einsum("am,abm->bm", lower[j, :j], inverse[:j, :j]) / root
        inverse[j, j] = 1.0 / root
    return inverse


def _classical_errors(basis: Basis, fit: _Fit) -> np.ndarray:
    free = fit.observations - 1 - basis.rank
    variance = np.maximum(fit.residual, 0.0) / np.where(free > 0, free, np.nan)
    if fit.inverse is None:
        return np.sqrt(np.einsum("ij,ij->i", basis.back, basis.back)[:, None] * variance)
    spread = np.einsum("abm,cb->acm", fit.inverse, basis.back, optimize=True)
    return np.sqrt(np.einsum("acm,acm->cm", spread, spread) * variance)


def _robust_errors(basis: Basis, y: np.ndarray, fit: _Fit) -> np.ndarray:
    rest = np.nan_to_num(y - basis.q @ fit.g)
    meat = _grams(basis.q, np.square(rest))
    if fit.inverse is None:
        half = np.einsum("ca,abm->cbm", basis.back, meat, optimize=True)
        spread = np.einsum("cbm,cb->cm", half, basis.back, optimize=True)
    else:
        bread = np.einsum("dam,dbm,cb->cam", fit.inverse, fit.inverse, basis.back, optimize=True)
        spread = np.einsum("cam,abm,cbm->cm", bread, meat, bread, optimize=True)
    free = fit.observations - 1 - basis.rank
    return np.sqrt(np.maximum(spread, 0.0) * fit.observations / np.where(free > 0, free, np.nan))


def _result(basis: Basis, fit: _Fit, errors: np.ndarray) -> Regression:
    free = fit.observations - 1 - basis.rank
    solved = (free > 0) & np.isfinite(fit.residual)
    squares = np.where((fit.residual > ROUNDING * fit.total) & (fit.total > 0), fit.residual, 0.0)
    errors = np.where(squares > 0, errors, 0.0)
    coefficients = basis.back @ fit.g
    coefficients[:, ~solved] = np.nan
    varies = solved & (fit.total > 0)
    return Regression(
        coefficients=coefficients,
        std_errors=np.where(solved, errors, np.nan),
        r_squared=np.where(varies, 1.0 - squares / np.where(varies, fit.total, 1.0), np.nan),
        residual_deviation=np.sqrt(np.where(solved, squares, np.nan) / np.where(free > 0, free, 1)),
        observations=fit.observations,
        rank=basis.rank,
    )
