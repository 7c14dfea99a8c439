"""Regressions between entities, and with random effects of entities.

The regression between entities explains the mean of each by its mean regressors. Random effects mix it with
the regression within entities by their variances (Swamy and Arora 1972; Stata's ``xtreg, re``, which takes
the harmonic mean of rows in an unbalanced panel). They assume what fixed effects do not: that the effect of
an entity is unrelated to its regressors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.stats.panel.covariance import Errors, Parts, errors
from lib.stats.panel.least_squares import Tested, fit, tested
from lib.stats.panel.rows import Rows
from lib.stats.panel.within import group_means


class Mixed(NamedTuple):
    """Coefficients with the constant first, their classical errors, and the share of means taken out (n,)."""

    names: tuple[str, ...]
    coefficient: np.ndarray
    tested: Tested
    theta: np.ndarray


def between(rows: Rows) -> Mixed:
    """The means of entities, one row each. Raises ValueError where entities are fewer than coefficients."""
    means = group_means(np.column_stack([rows.y, rows.x]), rows.entity)
    if len(means) <= means.shape[1]:
        raise ValueError(f"{len(means)} entities cannot carry {means.shape[1]} coefficients")
    return _solved(rows, means[:, 0], _with_constant(means[:, 1:]), np.ones(len(means)))


def random_effects(rows: Rows) -> Mixed:
    """Generalised least squares with variances by Swamy and Arora; errors classical, t by the normal law."""
    inside = fit(rows, "entity")
    of_error = errors(inside.parts, "classical")
    noise = float(inside.parts.residuals @ inside.parts.residuals) / of_error.freedom
    outer = between(rows)
    means = group_means(np.column_stack([rows.y, rows.x]), rows.entity)
    residuals = means[:, 0] - _with_constant(means[:, 1:]) @ outer.coefficient
    seen = np.bincount(rows.entity)
    spread = float(residuals @ residuals) / (len(means) - means.shape[1])
    effect = max(0.0, spread - noise / (len(seen) / (1.0 / seen).sum()))
    theta = (1.0 - np.sqrt(noise / (seen * effect + noise)))[rows.entity]
    y = rows.y - theta * means[rows.entity, 0]
    x = np.column_stack([1.0 - theta, rows.x - theta[:, None] * means[rows.entity, 1:]])
    return _solved(rows, y, x, theta)


def _with_constant(x: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(x)), x])


def _solved(rows: Rows, y: np.ndarray, x: np.ndarray, theta: np.ndarray) -> Mixed:
    q, r = np.linalg.qr(x)
    if np.abs(np.diag(r)).min() <= 1e-10 * np.abs(np.diag(r)).max():
        raise ValueError("regressors are collinear")
    coefficient = np.linalg.solve(r, q.T @ y)
    code = np.zeros(len(y), dtype="int64")
    found: Errors = errors(Parts(x, y - x @ coefficient, code, code, 0, "none"), "classical")
    return Mixed(("constant", *rows.names), coefficient, tested(coefficient, found), theta)
