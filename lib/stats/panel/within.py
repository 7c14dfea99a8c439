"""Taking effects of entities, periods or both out of columns, exactly.

Effects of one kind go by group means. Of both kinds together a balanced panel has a closed form; in an
unbalanced one the normal equations of the effects are reduced to the smaller kind and solved (the Frisch,
Waugh and Lovell theorem; Baltagi, "Econometric Analysis of Panel Data", section 9.4), so that nothing is
iterated and nothing has a tolerance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

EFFECTS = ("none", "entity", "period", "both")


class Within(NamedTuple):
    """Columns without the effects (n, m), and how many free effects were taken out (a constant is one)."""

    columns: np.ndarray
    effects: int


def within(
    columns: np.ndarray,
    entity: np.ndarray,
    period: np.ndarray,
    effects: str,
    weights: np.ndarray | None = None,
) -> Within:
    """Columns (n, m) without ``effects``: none (only the mean), entity, period or both.

    Codes are whole numbers from 0 without gaps; rows count by ``weights`` (n,) where they are given. Raises
    ValueError for another name of effects.
    """
    if effects == "none":
        return Within(columns - np.average(columns, axis=0, weights=weights), 1)
    if effects in ("entity", "period"):
        code = entity if effects == "entity" else period
        return Within(columns - group_means(columns, code, weights)[code], int(code.max()) + 1)
    if effects != "both":
        raise ValueError(f"effects are one of {', '.join(EFFECTS)}, not {effects}")
    return _both(columns, entity, period, weights)


def group_sums(columns: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Sums of columns (n, m) by group: (groups, m)."""
    groups = int(code.max()) + 1
    return np.column_stack([np.bincount(code, weights=one, minlength=groups) for one in columns.T])


def group_means(columns: np.ndarray, code: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Means of columns (n, m) by group, weighted where there are weights: (groups, m)."""
    if weights is None:
        return group_sums(columns, code) / np.bincount(code)[:, None]
    return group_sums(columns * weights[:, None], code) / np.bincount(code, weights=weights)[:, None]


def _both(columns: np.ndarray, entity: np.ndarray, period: np.ndarray, weights: np.ndarray | None) -> Within:
    many, few = (entity, period) if entity.max() >= period.max() else (period, entity)
    rows, width = int(many.max()) + 1, int(few.max()) + 1
    seen = np.bincount(many * width + few, weights=weights, minlength=rows * width).reshape(rows, width)
    means = group_means(columns, many, weights)
    if weights is None and (seen == 1).all():
        means = means - columns.mean(axis=0)
        return Within(_less(columns, means, many, group_means(columns, few), few), rows + width - 1)
    weight = seen / seen.sum(axis=1, keepdims=True)
    reduced = np.diag(seen.sum(axis=0).astype("float64")) - seen.T @ weight
    counted = columns if weights is None else columns * weights[:, None]
    right = group_sums(counted, few) - weight.T @ group_sums(counted, many)
    solved, _, rank, _ = np.linalg.lstsq(reduced, right, rcond=1e-11)
    outer = means - weight @ solved
    return Within(_less(columns, outer, many, solved, few), rows + int(rank))


def _less(
    columns: np.ndarray, first: np.ndarray, many: np.ndarray, second: np.ndarray, few: np.ndarray
) -> np.ndarray:
    """Columns less what is of their groups, column by column, as columns lie in memory."""
    out = np.empty(columns.shape, order="F")
    for one in range(columns.shape[1]):
        np.subtract(columns[:, one], first[:, one].take(many), out=out[:, one])
        out[:, one] -= second[:, one].take(few)
    return out
