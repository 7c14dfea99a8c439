"""The same signal sorted otherwise: within sectors or firms alike, part by part, later, other delistings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lib.signals.sort_ground import Ground
from lib.signals.sort_measures import NAMES, mean_figures, usual_groups
from lib.signals.sorting import LEAST_FIRMS, Sorted, sort_firms, weighted
from lib.stats.multiple import benjamini_hochberg, benjamini_yekutieli, bonferroni, holm
from lib.stats.quantile_groups import (
    affordable_groups,
    percentile_ranks,
    quantile_groups,
    rank_correlations,
)

DELISTINGS = (-0.10, -0.30, -0.55, -0.70)
"""Returns of firms that left the market, the usual assumptions for failures (Shumway 1997 found -30 %)."""
CONTROL_GROUPS = 3


@dataclass(frozen=True)
class Plan:
    """How the signal is sorted: most groups, the hypothesis, weights, whose values make the breakpoints."""

    groups: int
    higher: bool
    weighting: str = "equal"
    breakpoints_share: float = 1.0
    breakpoints_sector: str = ""

    def breakpoints_of(
        self, ground: Ground, values: np.ndarray, sectors: np.ndarray, names: list[str]
    ) -> np.ndarray | None:
        """Whose values make the breakpoints (D, N): the largest share by market value, or one sector."""
        if self.breakpoints_share >= 1.0 and not self.breakpoints_sector:
            return None
        chosen = ~np.isnan(values)
        if self.breakpoints_sector:
            number = names.index(self.breakpoints_sector) if self.breakpoints_sector in names else -1
            chosen &= sectors == number
        if self.breakpoints_share < 1.0:
            size = percentile_ranks(np.where(chosen, ground.cap, np.nan))
            chosen &= size > 1.0 - self.breakpoints_share
        return chosen


def within_sectors(ground: Ground, values: np.ndarray, sectors: np.ndarray, plan: Plan) -> Sorted:
    """Sort by the share of ranks within the firm's sector; unknown sectors are left out."""
    known = ~np.isnan(values) & ~np.isnan(sectors)
    relative = np.full(values.shape, np.nan)
    for sector in np.unique(sectors[known]):
        inside = known & (sectors == sector)
        one = np.where(inside, values, np.nan)
        share = percentile_ranks(one) - 0.5 / np.maximum(inside.sum(axis=1), 1)[:, None]
        relative = np.where(inside, share, relative)
    return sort_firms(ground, relative, groups=plan.groups, higher=plan.higher, weighting=plan.weighting)


def within_control(
    ground: Ground, values: np.ndarray, control: np.ndarray, plan: Plan
) -> tuple[Sorted, list[Sorted]]:
    """First three groups by ``control``, then the signal's within each; the whole, and the three.

    In the whole each of the three counts alike. Groups are as many in each as the smallest allows.
    """
    both = ~np.isnan(values) & ~np.isnan(control)
    alike = np.where(both, control, np.nan)
    enough = both.sum(axis=1) >= CONTROL_GROUPS * 2 * LEAST_FIRMS
    of_control = quantile_groups(alike, np.where(enough, CONTROL_GROUPS, 0))
    inside = [both & (of_control == one + 1) for one in range(CONTROL_GROUPS)]
    number = affordable_groups(np.min([one.sum(axis=1) for one in inside], axis=0), plan.groups)
    found = [quantile_groups(np.where(one, values, np.nan), number) for one in inside]
    more: dict[str, Any] = {"higher": plan.higher, "weighting": plan.weighting}
    parts = [
        weighted(ground, np.where(one, values, np.nan), groups, number, **more)
        for one, groups in zip(inside, found, strict=True)
    ]
    used = np.all([part.used for part in parts], axis=0)
    weights, long, short = (
        sum(getattr(part, name) for part in parts) / CONTROL_GROUPS for name in ("weights", "long", "short")
    )
    kept = used[:, None]
    whole = Sorted(
        ground,
        np.where(both, values, np.nan),
        np.sum(found, axis=0).astype("int16"),
        number,
        weights,
        long * kept,
        short * kept,
        used,
    )
    return whole, parts


def double_rows(whole: Sorted, parts: list[Sorted], *, control: str) -> list[dict]:
    """Rows of ``signal_double_sort``: each group and the difference, in each group of the control and over
    all."""
    usual, dates = usual_groups(whole)
    if not usual:
        empty = {"control": control, "control_group": 0, "portfolio": "long_short", "code": "NO_CONTROL"}
        return [empty | _figures(mean_figures([])) | {"firms": np.nan}]
    rows = []
    for place, own in enumerate((whole, *parts)):
        returns, firms = own.group_returns(), own.firms()
        series = [(f"group {one + 1}", returns[dates, one], firms[dates, one].mean()) for one in range(usual)]
        held = ((own.long + own.short) > 0.0).sum(axis=1)
        series.append(("long_short", own.spread()[dates], held[dates].mean()))
        for portfolio, values, number in series:
            rows.append(
                {"control": control, "control_group": place, "portfolio": portfolio}
                | _figures(mean_figures(values))
                | {"firms": float(number), "code": ""}
            )
    return rows


def component_rows(sorts: dict[str, Sorted], values: np.ndarray) -> list[dict]:
    """Rows of ``signal_components`` with p-values adjusted for their number, the clearest first."""
    rows = []
    for name, own in sorts.items():
        one = mean_figures(own.spread())
        alike = rank_correlations(own.scores, values)
        rows.append(
            {"component": name}
            | _figures(one)
            | {"correlation": float(np.nanmean(alike)) if (~np.isnan(alike)).any() else np.nan}
            | {"code": "" if one["periods"] >= 3 else "FEW_PERIODS" if one["periods"] else "NO_SPREAD"}
        )
    p = np.array([row["p"] for row in rows], dtype="float64")
    for name, adjust in (
        ("bonferroni", bonferroni),
        ("holm", holm),
        ("bh", benjamini_hochberg),
        ("by", benjamini_yekutieli),
    ):
        for row, value in zip(rows, adjust(p), strict=True):
            row[name] = float(value)
    return sorted(rows, key=lambda row: (np.nan_to_num(row["p"], nan=2.0), row["component"]))


def delay_rows(
    ground: Ground, values: np.ndarray, plan: Plan, *, delays: list[int], basis: np.ndarray | None = None
) -> list[dict]:
    """Rows of ``signal_sort_delays``: the same values, bought and sold later; each delay stands alone.

    ``basis`` (D, N) says whose values make the breakpoints.
    """
    rows = []
    for delay in sorted(set(delays)):
        later = ground.later(delay)
        known = np.where(later.firms, values[: len(later.formed)], np.nan)
        own = sort_firms(
            later,
            known,
            groups=plan.groups,
            higher=plan.higher,
            weighting=plan.weighting,
            breakpoints_of=None if basis is None else basis[: len(later.formed)],
        )
        rows.append({"delay": delay} | _figures(mean_figures(own.spread())))
    return rows


def delisting_rows(own: Sorted, plan: Plan, *, assumed: float) -> list[dict]:
    """Rows of ``signal_sort_delistings``: other returns where the source does not say what holders got."""
    cube = own.ground.cube
    cells = cube.delisted & cube.assumed[None, :]
    left = own.ground.left & cube.assumed[None, :] & own.counted[:, None]
    concerned = int((left & (own.found > 0)).sum())
    in_sides = int((left & ((own.long + own.short) > 0.0)).sum())
    rows = []
    for value in sorted({*DELISTINGS, assumed}, reverse=True):
        ground = replace(own.ground, cube=replace(cube, returns=np.where(cells, value, cube.returns)))
        rows.append(
            {"assumed_return": value, "own": value == assumed, "firms": concerned, "in_sides": in_sides}
            | _figures(mean_figures(replace(own, ground=ground).spread()))
        )
    return rows


def _figures(found: dict[str, float]) -> dict[str, float]:
    return {name: found[name] for name in (*NAMES, "periods")}
