"""The rows of a panel as arrays: y, regressors, and codes of entity and period; who was left out and why.

An entity that is seen once says nothing within itself: a singleton is dropped before effects are taken out,
again until none is left, and counted (Correia 2015, "Singletons, Cluster-Robust Standard Errors and Fixed
Effects": kept ones make clustered errors too small).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd


class Rows(NamedTuple):
    """y (n,), x (n, k) without constant, names (k,), entity and period codes (n,) from 0, and the counts.

    ``periods`` are the labels of the period codes in order of time; ``singletons`` rows were dropped.
    """

    y: np.ndarray
    x: np.ndarray
    names: tuple[str, ...]
    entity: np.ndarray
    period: np.ndarray
    entities: np.ndarray
    periods: np.ndarray
    incomplete: int
    singletons: int

    @property
    def observations(self) -> int:
        """How many observations there are."""
        return len(self.y)

    def only(self, columns: list[int]) -> Rows:
        """The same rows with some of the regressors."""
        return self._replace(x=self.x[:, columns], names=tuple(self.names[one] for one in columns))


def rows_of(
    y: Any, x: Any, entity: Any, period: Any, *, names: tuple[str, ...] = (), drop_singletons: tuple = ()
) -> Rows:
    """Rows of y (n,), x (n, k), entity and period labels (n,) that are complete.

    ``drop_singletons`` says of which of "entity" and "period" the effects will be taken out. Raises
    ValueError where lengths differ.
    """
    target, design = np.asarray(y, dtype="float64"), np.asarray(x, dtype="float64")
    design = design[:, None] if design.ndim == 1 else design
    who, entities = pd.factorize(np.asarray(entity), sort=True)
    when, periods = pd.factorize(np.asarray(period), sort=True)
    if not len(target) == len(design) == len(who) == len(when):
        raise ValueError("y, x, entity and period have different lengths")
    whole = np.isfinite(target) & np.isfinite(design).all(axis=1) & (who >= 0) & (when >= 0)
    keep, incomplete = whole, int((~whole).sum())
    codes = [code for name, code in (("entity", who), ("period", when)) if name in drop_singletons]
    while lonely := [one for one in (_alone(code, keep) for code in codes) if one is not None]:
        keep = keep & ~np.logical_or.reduce(lonely)
    if not keep.all():
        target, design = target[keep], design[keep]
        who, entities = _again(who[keep], entities)
        when, periods = _again(when[keep], periods)
    labels = names or tuple(f"x{one + 1}" for one in range(design.shape[1]))
    return Rows(
        target,
        design,
        tuple(labels),
        who,
        when,
        np.asarray(entities),
        np.asarray(periods),
        incomplete,
        int(whole.sum() - keep.sum()),
    )


def _alone(code: np.ndarray, keep: np.ndarray) -> np.ndarray | None:
    """Which kept rows are the only one of their group; None where there is none."""
    seen = np.bincount(code[keep], minlength=code.max(initial=0) + 1)
    return keep & (seen[code] == 1) if (seen == 1).any() else None


def _again(code: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes without gaps after rows were left out."""
    used = np.bincount(code, minlength=len(labels)) > 0
    return (np.cumsum(used) - 1)[code], np.asarray(labels)[used]
