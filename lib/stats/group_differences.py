"""Do two groups differ, or a value explain an outcome, where observations may share their day?

The tests across firms take firms of one day as exchangeable: a shock that hits both groups alike cancels, one
that hits a group does not. The test by portfolio takes the difference of the groups as one series, which
holds any correlation between firms. Sources: Welch (1947); Mann and Whitney (1947); MacKinnon and White
(1985) for HC3; Phipson and Smyth (2010) for the count of one in a permutation's p; Schipper and Thompson
(1983) for the portfolio regression with dummies, to which the sum of forecast errors is equal.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

BATCH = 4_000_000
"""Numbers that are permuted at once."""


class Difference(NamedTuple):
    """An estimate with its statistic, degrees of freedom (NaN: none), probability and observations."""

    estimate: float
    statistic: float
    df: float
    p: float
    n: int


NONE = Difference(np.nan, np.nan, np.nan, np.nan, 0)


def welch(high: Any, low: Any) -> Difference:
    """Mean of ``high`` less that of ``low``, variances apart; fewer than two in a group give NaN."""
    if min(len(high), len(low)) < 2:
        return NONE._replace(n=len(high) + len(low))
    found = stats.ttest_ind(high, low, equal_var=False)
    gap = float(np.mean(high) - np.mean(low))
    return Difference(gap, float(found.statistic), float(found.df), float(found.pvalue), len(high) + len(low))


def rank_sum(high: Any, low: Any) -> Difference:
    """Mann and Whitney's U of ``high`` (exact for small samples without ties), and the gap of medians."""
    if min(len(high), len(low)) < 2:
        return NONE._replace(n=len(high) + len(low))
    found = stats.mannwhitneyu(high, low, alternative="two-sided")
    gap = float(np.median(high) - np.median(low))
    return Difference(gap, float(found.statistic), np.nan, float(found.pvalue), len(high) + len(low))


def permutation(values: Any, side: Any, *, within: Any, draws: int, seed: int) -> Difference:
    """Gap of means between sides 1 and -1 against those under permuted sides, permuted within ``within``.

    ``side`` is 1, -1 or 0 of each observation; p = (1 + gaps as large) / (1 + draws). The statistic is the
    gap over the deviation of the permuted ones. NaN where a side is empty.
    """
    own, sign = np.asarray(values, dtype="float64"), np.asarray(side)
    n = len(own)
    if draws < 1 or not ((sign > 0).any() and (sign < 0).any()):
        return NONE._replace(n=n)
    order = np.argsort(np.unique(np.asarray(within), return_inverse=True)[1], kind="stable")
    own, sign = own[order], sign[order]
    stratum = np.unique(np.asarray(within)[order], return_inverse=True)[1].astype("float64")
    weight = np.where(sign > 0, 1.0 / (sign > 0).sum(), 0.0) - np.where(sign < 0, 1.0 / (sign < 0).sum(), 0.0)
    gap = float(own @ weight)
    generator = np.random.default_rng(seed)
    gaps = np.empty(draws)
    step = max(1, BATCH // n)
    for begin in range(0, draws, step):
        size = min(step, draws - begin)
        shuffled = np.argsort(stratum + 0.999 * generator.random((size, n)), axis=1)
        gaps[begin : begin + size] = weight[shuffled] @ own
    p = (1.0 + int((np.abs(gaps) >= abs(gap) * (1.0 - 1e-12)).sum())) / (1.0 + draws)
    deviation = float(gaps.std())
    return Difference(gap, gap / deviation if deviation > 0 else np.nan, np.nan, p, n)


def slope(values: Any, explained_by: Any, controls: Any | None = None) -> Difference:
    """Least squares of ``values`` on one variable, a constant and ``controls`` (n, k), with HC3 errors.

    The estimate is the coefficient of the variable; Student's t. Rows with anything missing are left out;
    NaN where fewer than three more rows than coefficients are left, or the columns are collinear.
    """
    columns = [np.asarray(explained_by, dtype="float64")[:, None]]
    if controls is not None:
        columns.append(np.asarray(controls, dtype="float64").reshape(len(columns[0]), -1))
    design = np.concatenate([*columns, np.ones((len(columns[0]), 1))], axis=1)
    own = np.asarray(values, dtype="float64")
    whole = np.isfinite(own) & np.isfinite(design).all(axis=1)
    own, design = own[whole], design[whole]
    n, width = design.shape
    if n < width + 3 or np.linalg.matrix_rank(design) < width:
        return NONE._replace(n=n)
    inverse = np.linalg.inv(design.T @ design)
    coefficient = inverse @ (design.T @ own)
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    scaled = (own - design @ coefficient) / np.maximum(1.0 - leverage, 1e-12)
    covariance = inverse @ ((design * (scaled**2)[:, None]).T @ design) @ inverse
    error = float(np.sqrt(covariance[0, 0]))
    t = float(coefficient[0]) / error if error > 0 else np.nan
    return Difference(float(coefficient[0]), t, n - width, float(2.0 * stats.t.sf(abs(t), n - width)), n)


def portfolio(gaps: Any, variances: Any, df: Any) -> Difference:
    """Mean over dates of the gap of two portfolios, each with its forecast variance and degrees of freedom.

    Windows of different dates must not overlap, so that their errors are independent; degrees of freedom of
    the summed variance by Satterthwaite. Of one date it is the t of the sum of event dummies in a regression
    of the difference on the market.
    """
    gap, variance, free = (np.asarray(one, dtype="float64") for one in (gaps, variances, df))
    n = len(gap)
    if n == 0 or not (variance > 0).all():
        return NONE._replace(n=n)
    total = float(variance.sum())
    degrees = total**2 / float((variance**2 / free).sum())
    t = float(gap.sum()) / np.sqrt(total)
    return Difference(float(gap.mean()), t, degrees, float(2.0 * stats.t.sf(abs(t), degrees)), n)
