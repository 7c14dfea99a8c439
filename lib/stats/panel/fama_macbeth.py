"""Fama and MacBeth's regressions: a cross-section each period, then the mean of its coefficients over time.

Fama and MacBeth (1973), "Risk, Return, and Equilibrium". All periods are solved at once from their moments,
taken about the means of the period. Effects of time are built in, so that a regressor that is the same for
all at a time has no place here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lib.stats import hac

RANK = 1e-10
"""A cross-section is collinear where the smallest eigenvalue of its correlation matrix is below this."""


class Slopes(NamedTuple):
    """By used period (T): coefficients (T, 1 + k) with the constant first, observations and R².

    ``periods`` are their labels; ``thin`` periods had fewer than k + 2 rows, ``collinear`` ones no rank.
    """

    names: tuple[str, ...]
    periods: np.ndarray
    coefficients: np.ndarray
    observations: np.ndarray
    r2: np.ndarray
    thin: int
    collinear: int

    def mean(self, *, lags: int | None = 0) -> hac.HacFit:
        """Means of the coefficients with errors of their series; Newey-West with ``lags``, by rule if None.

        Without lags the error is the deviation (n - 1) over √T. Raises ValueError for one period.
        """
        return hac.mean_test(self.coefficients, lags=lags)


def cross_sections(y: Any, x: Any, period: Any, *, names: tuple[str, ...] = ()) -> Slopes:
    """The regressions of y (n,) on x (n, k) within each ``period`` (n,); incomplete rows are left out.

    A period needs k + 2 rows and regressors that are not collinear; others are counted and left out.
    """
    target, design = np.asarray(y, dtype="float64"), np.asarray(x, dtype="float64")
    design = design[:, None] if design.ndim == 1 else design
    code, labels = pd.factorize(np.asarray(period), sort=True)
    whole = np.isfinite(target + design.sum(axis=1)) & (code >= 0)
    code, columns = _by_period(target, design, code, whole, len(labels))
    starts = np.flatnonzero(np.diff(code, prepend=-1))
    counts = np.diff(np.append(starts, len(code)))
    width = design.shape[1]
    if not len(starts):
        empty = np.empty(0)
        return Slopes(_named(names, width), labels[:0], np.empty((0, 1 + width)), empty, empty, 0, 0)
    means = np.add.reduceat(columns, starts, axis=1) / counts
    moments = _moments(columns, means, starts, counts)
    gram, cross = moments[:, 1:, 1:], moments[:, 1:, 0]
    size = np.sqrt(np.einsum("tii->ti", gram))
    level = 1e-12 * np.sqrt(counts)[:, None] * (np.abs(means[1:].T) + 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = np.nan_to_num(gram / size[:, :, None] / size[:, None, :])
    enough = counts >= width + 2
    sound = (size > level).all(axis=1) & (np.linalg.eigvalsh(scaled)[:, 0] > RANK)
    used = enough & sound
    slopes = np.linalg.solve(scaled[used], (cross[used] / size[used])[:, :, None])[:, :, 0] / size[used]
    constant = means[0, used] - (means[1:, used].T * slopes).sum(axis=1)
    spread = moments[used, 0, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = np.where(spread > 0.0, (slopes * cross[used]).sum(axis=1) / spread, np.nan)
    return Slopes(
        _named(names, width),
        np.asarray(labels)[code[starts]][used],
        np.column_stack([constant, slopes]),
        counts[used].astype("float64"),
        r2,
        int((~enough).sum()),
        int((enough & ~sound).sum()),
    )


def _by_period(
    target: np.ndarray, design: np.ndarray, code: np.ndarray, whole: np.ndarray, periods: int
) -> tuple[np.ndarray, np.ndarray]:
    """Codes of whole rows in order, and their columns (1 + k, rows), y first."""
    small = code.astype("uint16" if periods < 2**16 else "int64")
    order = np.flatnonzero(whole)
    if (np.diff(code[order]) < 0).any():
        order = order[np.argsort(small[order], kind="stable")]
    columns = np.empty((1 + design.shape[1], len(order)))
    target.take(order, out=columns[0])
    for one in range(design.shape[1]):
        design[:, one].take(order, out=columns[1 + one])
    return code[order], columns


def _moments(columns: np.ndarray, means: np.ndarray, starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sums of products (T, 1 + k, 1 + k) by period of columns less their means, which are taken off in place.

    Periods of the same length, or nearly so and filled up with zeros, are multiplied side by side.
    """
    width, periods, longest = len(columns), len(starts), int(counts.max())
    if (counts == longest).all():
        shaped = columns.reshape(width, periods, longest)
        shaped -= means[:, :, None]
        return shaped.transpose(1, 0, 2) @ shaped.transpose(1, 2, 0)
    columns -= np.repeat(means, counts, axis=1)
    if periods * longest <= 2 * columns.shape[1]:
        beside = np.zeros((periods, width, longest))
        place = np.arange(columns.shape[1]) - np.repeat(starts, counts)
        at = np.repeat(np.arange(periods) * width * longest, counts) + place
        flat = beside.reshape(-1)
        for one in range(width):
            flat[at + one * longest] = columns[one]
        return beside @ beside.transpose(0, 2, 1)
    moments = np.empty((periods, width, width))
    for one in range(width):
        for other in range(one, width):
            moments[:, one, other] = np.add.reduceat(columns[one] * columns[other], starts)
            moments[:, other, one] = moments[:, one, other]
    return moments


def _named(names: tuple[str, ...], width: int) -> tuple[str, ...]:
    return ("constant", *(names or tuple(f"x{one + 1}" for one in range(width))))
