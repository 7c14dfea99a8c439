"""Groups by quantiles within each row (a date), their sums, and ranks within each row; all rows at once.

Breakpoints are values: the linear quantiles k / n (type 7) of the row's own numbers, or of a stated part of
them, and a group holds what is above one breakpoint up to and including the next. Equal values are therefore
always in one group, whatever the order of columns, and a group can be empty; this is what ``pandas.qcut``
does. Group 1 holds the lowest values, 0 stands for no group.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LADDER = (10, 5, 3, 2)
"""Deciles, quintiles, terciles, halves: what a thin cross-section falls back to."""


def affordable_groups(counts: Any, groups: int, *, least: int = 5) -> np.ndarray:
    """How many groups each row can have: ``groups`` where each gets ``least`` of its ``counts``, else fewer.

    Fewer are deciles, quintiles, terciles or halves, the most that min(groups, floor(count / least)) allows;
    0 where not even halves.
    """
    most = np.minimum(np.asarray(counts) // least, groups)
    steps = np.array([*(step for step in LADDER if step < groups), 0])
    return np.where(most >= groups, groups, steps[np.argmax(most[..., None] >= steps, axis=-1)])


def quantile_groups(values: Any, groups: Any, *, breakpoints_of: Any = None) -> np.ndarray:
    """The group, 1 to ``groups`` (a number, or one for each row), of each of ``values`` (D, N); 0 for NaN.

    ``breakpoints_of`` (D, N, true or false) says whose values make the breakpoints; all where it is None. A
    row whose part is empty, or that has no groups, gets none.
    """
    array = np.asarray(values, dtype="float64")
    rows = np.broadcast_to(np.asarray(groups, dtype="int64"), array.shape[:1])
    basis = array if breakpoints_of is None else np.where(breakpoints_of, array, np.nan)
    ordered = np.sort(basis, axis=1)
    known = np.count_nonzero(~np.isnan(basis), axis=1)
    found = np.zeros(array.shape, dtype="int16")
    for number in np.unique(rows[(rows > 0) & (known > 0)]):
        own = np.flatnonzero((rows == number) & (known > 0))
        cuts = _breakpoints(ordered[own], known[own], int(number))
        part = array if len(own) == len(array) else array[own]
        above = (~np.isnan(part)).astype("int16")
        for cut in cuts.T:
            above += part > cut[:, None]
        found[own] = above
    return found


def _breakpoints(ordered: np.ndarray, known: np.ndarray, groups: int) -> np.ndarray:
    """Linear quantiles 1 / groups, 2 / groups, ... of the first ``known`` numbers of each row."""
    steps = np.arange(1, groups) * (known[:, None] - 1)
    low, rest = steps // groups, (steps % groups) / groups
    below = np.take_along_axis(ordered, low, axis=1)
    above = np.take_along_axis(ordered, np.minimum(low + 1, known[:, None] - 1), axis=1)
    return below + (above - below) * rest


def group_totals(found: np.ndarray, most: int, weights: Any = None) -> np.ndarray:
    """Sum of ``weights`` (D, N; 1 each where None) by row and group: (D, most), NaN counting as nothing."""
    rows = np.arange(len(found))[:, None] * (most + 1)
    number = len(found) * (most + 1)
    at = (rows + found).ravel()
    given = None if weights is None else np.nan_to_num(np.asarray(weights, dtype="float64")).ravel()
    sums = np.bincount(at, weights=given, minlength=number).reshape(len(found), most + 1)
    return sums[:, 1:].astype("float64")


def group_means(found: np.ndarray, most: int, values: Any) -> np.ndarray:
    """Mean of ``values`` (D, N) by row and group, missing ones left out: (D, most), NaN for none."""
    array = np.asarray(values, dtype="float64")
    known = np.isnan(array)
    held = np.where(known, 0, found) if known.any() else found
    counts = group_totals(held, most)
    with np.errstate(invalid="ignore", divide="ignore"):
        return group_totals(held, most, array) / np.where(counts > 0, counts, np.nan)


def row_ranks(values: Any) -> np.ndarray:
    """Rank of each value in its row (D, N), 1 the lowest, ties sharing the average; NaN for NaN."""
    array = np.asarray(values, dtype="float64")
    rows, width = array.shape
    if not array.size:
        return np.full(array.shape, np.nan)
    order = np.argsort(array, axis=1, kind="stable")
    ordered = np.take_along_axis(array, order, axis=1)
    fresh = np.ones(array.shape, dtype=bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    starts = np.flatnonzero(fresh.ravel())
    lengths = np.diff(np.append(starts, array.size))
    middle = starts % width + (lengths + 1) / 2
    ranks = np.empty(array.shape)
    np.put_along_axis(ranks, order, np.repeat(middle, lengths).reshape(rows, width), axis=1)
    return np.where(np.isnan(array), np.nan, ranks)


def percentile_ranks(values: Any) -> np.ndarray:
    """Average rank over the number of values in the row (D, N)."""
    ranks = row_ranks(values)
    return ranks / np.maximum(np.count_nonzero(~np.isnan(ranks), axis=1), 1)[:, None]


def rank_correlations(left: Any, right: Any, *, least: int = 3) -> np.ndarray:
    """Spearman's correlation of each row of two arrays (D, N), over columns that have both: (D,).

    NaN under ``least`` columns and where one side is constant.
    """
    first, second = np.asarray(left, dtype="float64"), np.asarray(right, dtype="float64")
    both = ~np.isnan(first) & ~np.isnan(second)
    x = row_ranks(np.where(both, first, np.nan))
    y = row_ranks(np.where(both, second, np.nan))
    count = both.sum(axis=1)
    middle = ((count + 1) / 2)[:, None]
    x, y = np.where(both, x - middle, 0.0), np.where(both, y - middle, 0.0)
    spread = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    fit = (count >= least) & (spread > 0.0)
    return np.where(fit, (x * y).sum(axis=1) / np.where(fit, spread, 1.0), np.nan)
