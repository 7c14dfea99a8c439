"""How far series move together: Pearson's correlation on the observations that both have, and how sure it is.

Each pair is taken on its own common rows (pairwise complete), with the means and deviations of those rows,
so a missing value changes only the pairs of its own series; the matrix need not be positive semidefinite
then. Sums over common rows are products of the values with the masks, tile by tile so that a tile stays in
the processor's cache. References: Fisher (1921) for z = atanh(r), standard error 1 / sqrt(n - 3); Student's
t = r sqrt((n - 2) / (1 - r^2)) with n - 2 degrees of freedom.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import betainc, ndtr, ndtri

from lib.stats.series import filled, has_gaps, moments

TILE = 256
"""Series by series worked on at once."""

CONSTANT = 1e-13
"""Squared deviations below this share of the sum of squares are rounding of a series that does not move."""


class Correlations(NamedTuple):
    """Correlations and the common observations behind each, k x k; labelled where the returns are."""

    coefficient: Any
    observations: Any


def correlations(returns: Any, *, minimum: int = 2) -> Correlations:
    """Correlation matrix of n x k ``returns`` (array or DataFrame) on the rows that each pair shares.

    NaN where fewer than ``minimum`` (at least 2) rows are shared or one of the two does not move on them;
    so is the diagonal of such a series, which is 1 otherwise. Nothing is filled in.
    """
    values = np.asarray(returns, dtype="float64")
    least = max(minimum, 2)
    _, mean, deviation = moments(values)
    centred = np.where(deviation == 0.0, 0.0, values - mean) if len(values) else values
    gaps = has_gaps(values)
    coefficient, counts = _with_gaps(values, centred) if gaps else _complete(centred, deviation)
    if len(values) < least or gaps:
        coefficient[counts < least] = np.nan
    diagonal = np.diagonal(coefficient)
    np.fill_diagonal(coefficient, np.where(np.isnan(diagonal), np.nan, 1.0))
    if not isinstance(returns, pd.DataFrame):
        return Correlations(coefficient, counts)
    names = returns.columns
    tables = (pd.DataFrame(one, index=names, columns=names, copy=False) for one in (coefficient, counts))
    return Correlations(*tables)


def fisher_p_value(coefficient: Any, observations: Any) -> np.ndarray:
    """Two-sided probability of a correlation this far from 0 if there is none, by Fisher's z.

    NaN with three observations or fewer; 0 for a correlation of exactly one.
    """
    z = _arctanh(coefficient) * np.sqrt(_positive(np.asarray(observations, dtype="float64") - 3.0))
    return 2.0 * ndtr(-np.abs(z))


def student_p_value(coefficient: Any, observations: Any) -> np.ndarray:
    """The same by Student's t, exact for normal returns; NaN with two observations or fewer."""
    freedom = _positive(np.asarray(observations, dtype="float64") - 2.0)
    return betainc(freedom / 2.0, 0.5, np.clip(1.0 - np.square(coefficient), 0.0, 1.0))


def fisher_interval(
    coefficient: Any, observations: Any, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the confidence interval by Fisher's z; NaN with three observations or fewer."""
    error = 1.0 / np.sqrt(_positive(np.asarray(observations, dtype="float64") - 3.0))
    reach = ndtri(0.5 + level / 2.0) * error
    z = _arctanh(coefficient)
    return np.tanh(z - reach), np.tanh(z + reach)


def _complete(centred: np.ndarray, deviation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of series without gaps: standardise, and one matrix product."""
    rows, series = centred.shape
    spread = np.where(deviation > 0, deviation, np.nan) * np.sqrt(max(rows - 1, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = centred / spread
    coefficient = standard.T @ standard
    np.clip(coefficient, -1.0, 1.0, out=coefficient)
    return coefficient, np.broadcast_to(np.int64(rows), (series, series))


def _with_gaps(values: np.ndarray, centred: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums over common rows as products with masks, for the tiles on and above the diagonal."""
    series = values.shape[1]
    mask = (~np.isnan(values)).astype("float64")
    own = filled(centred)
    square = own * own
    coefficient = np.empty((series, series))
    counts = np.empty((series, series), dtype="int32")
    edges = [*range(0, series, TILE), series]
    tiles = [slice(low, high) for low, high in pairwise(edges)]
    for place, down in enumerate(tiles):
        for across in tiles[place:]:
            shared, tile = _tile(own, square, mask, down, across)
            coefficient[down, across], counts[down, across] = tile, shared
            coefficient[across, down], counts[across, down] = tile.T, shared.T
    return coefficient, counts


def _tile(
    own: np.ndarray, square: np.ndarray, mask: np.ndarray, down: slice, across: slice
) -> tuple[np.ndarray, np.ndarray]:
    """Common rows n and r = (n Sxy - Sx Sy) / sqrt((n Sxx - Sx^2)(n Syy - Sy^2)) of one tile."""
    shared = mask[:, down].T @ mask[:, across]
    first, second = own[:, down].T @ mask[:, across], mask[:, down].T @ own[:, across]
    together = own[:, down].T @ own[:, across]
    together *= shared
    together -= first * second
    spread = _deviations(square[:, down].T @ mask[:, across], first, shared)
    spread *= _deviations(mask[:, down].T @ square[:, across], second, shared)
    np.sqrt(spread, out=spread)
    spread[spread == 0.0] = np.nan
    together /= spread
    return shared, np.clip(together, -1.0, 1.0, out=together)


def _deviations(squares: np.ndarray, total: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Count times the squared deviations from the mean of the common rows; 0 where that is rounding."""
    squares *= count
    left = squares - total * total
    squares *= CONSTANT
    left[left <= squares] = 0.0
    return left


def _arctanh(coefficient: Any) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.arctanh(np.asarray(coefficient, dtype="float64"))


def _positive(value: np.ndarray) -> np.ndarray:
    return np.where(value > 0, value, np.nan)
