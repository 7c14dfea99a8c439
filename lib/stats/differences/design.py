"""A natural experiment as arrays: outcomes of units by period, and when each unit was first treated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.stats.panel.rows import Rows

NEVER = np.inf


class Design(NamedTuple):
    """Outcomes (U, T) with NaN where missing, first treated position (U,), weights and clusters (U,).

    ``first`` counts positions in ``periods``, NEVER for a unit that is not treated by the last one. Units
    treated from the first period on were left out: ``always`` counts them, since nothing is known of them
    before. ``weighted`` is whether weights differ.
    """

    outcome: np.ndarray
    first: np.ndarray
    weight: np.ndarray
    cluster: np.ndarray
    units: np.ndarray
    periods: np.ndarray
    always: int
    weighted: bool

    @property
    def treated(self) -> np.ndarray:
        """Which units are treated at some time."""
        return np.isfinite(self.first)

    @property
    def groups(self) -> np.ndarray:
        """First treated positions that occur, in order."""
        return np.unique(self.first[self.treated]).astype("int64")

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return int(self.cluster.max()) + 1 if len(self.cluster) else 0

    def on(self) -> np.ndarray:
        """Whether each unit is treated in each period: (U, T)."""
        return self.first[:, None] <= np.arange(len(self.periods))

    def rows(self, columns: np.ndarray, names: tuple[str, ...]) -> tuple[Rows, np.ndarray, np.ndarray]:
        """Long rows of regressors (U, T, k) where the outcome is known; their weights and their clusters.

        The entity of a row is its unit.
        """
        unit, period = np.nonzero(np.isfinite(self.outcome))
        rows = Rows(
            self.outcome[unit, period],
            columns[unit, period],
            names,
            unit,
            period,
            self.units,
            self.periods,
            0,
            0,
        )
        return rows, self.weight[unit], self.cluster[unit]


def design_of(table: pd.DataFrame, *, weighted: bool = True) -> Design:
    """The design of rows (unit, period, value, first_treated, weight, cluster), one outcome's.

    A unit has one first treated period, one cluster, and counts by its mean weight, or all count alike.
    Raises ValueError for a unit with two first treated periods.
    """
    units, periods = np.sort(table["unit"].unique()), np.sort(table["period"].unique())
    by_unit = table.groupby("unit", sort=True)
    begun = table[["unit", "first_treated"]].drop_duplicates()["unit"]
    if begun.duplicated().any():
        unit = begun[begun.duplicated()].iloc[0]
        raise ValueError(f"unit {unit} has more than one first treated period; write one, or none")
    wide = table.set_index(["unit", "period"])["value"].reindex(pd.MultiIndex.from_product([units, periods]))
    given = by_unit["first_treated"].first().reindex(units).to_numpy("float64")
    known = ~np.isnan(given)
    first = np.where(known, np.searchsorted(periods, np.where(known, given, 0.0)).astype("float64"), NEVER)
    first[first >= len(periods)] = NEVER
    weight = by_unit["weight"].mean().reindex(units).to_numpy("float64")
    differ = weighted and bool(np.ptp(weight) > 1e-12 * max(float(weight.max(initial=0.0)), 1e-300))
    weight = weight / weight.mean() if differ else np.ones(len(units))
    cluster = by_unit["cluster"].first().reindex(units)
    kept = first > 0
    return Design(
        wide.to_numpy("float64").reshape(len(units), len(periods))[kept],
        first[kept],
        weight[kept],
        pd.factorize(cluster[kept], sort=True)[0],
        units[kept],
        periods,
        int((~kept).sum()),
        differ,
    )


def refusal(design: Design) -> str:
    """Why nothing can be estimated, as a code; empty where something can."""
    if not design.treated.any():
        return "NO_PRE_PERIOD" if design.always else "NO_TREATED"
    never = ~design.treated
    last = design.groups.max()
    if not never.any() and last == design.groups.min():
        return "NO_CONTROLS"
    if design.clusters < 2:
        return "ONE_CLUSTER"
    return ""
