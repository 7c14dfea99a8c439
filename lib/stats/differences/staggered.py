"""Effects by group and period with those not yet treated as controls, and their averages.

Callaway and Sant'Anna (2021), "Difference-in-Differences with Multiple Time Periods": for the units first
treated in g, ATT(g, t) is the mean change from the period before g to t less that of the units that are
treated neither by t nor by g - 1. Every number comes with its influence function (a value a unit), so that
averages, clusters and simultaneous bands follow; weights of groups are estimated and counted as such.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from lib.stats.differences.design import Design


class GroupTimes(NamedTuple):
    """By cell (m): group and period as positions, effect, units treated and controls; influence (U, m).

    Cells without a treated or without a control unit are left out; the base period has none.
    """

    group: np.ndarray
    period: np.ndarray
    effect: np.ndarray
    treated: np.ndarray
    controls: np.ndarray
    influence: np.ndarray


class Averages(NamedTuple):
    """Averages (a) at labels (event times, or groups): effects, influence (U, a), cells in each."""

    label: np.ndarray
    effect: np.ndarray
    influence: np.ndarray
    cells: np.ndarray


class Judged(NamedTuple):
    """Errors, p and intervals (a); ``band`` is the half-width in errors that holds for all at once."""

    error: np.ndarray
    p: np.ndarray
    low: np.ndarray
    high: np.ndarray
    covariance: np.ndarray
    band: float


def group_times(design: Design) -> GroupTimes:
    """Every cell that can be estimated, the period before a group's first as its base."""
    cells = [
        (group, period)
        for group in design.groups
        for period in range(len(design.periods))
        if period != group - 1
    ]
    found = [_cell(design, group, period) for group, period in cells]
    kept = [one for one, cell in enumerate(found) if cell is not None]
    columns = [cell for cell in found if cell is not None]
    units = len(design.first)
    return GroupTimes(
        np.array([cells[one][0] for one in kept], dtype="int64"),
        np.array([cells[one][1] for one in kept], dtype="int64"),
        np.array([one[0] for one in columns]),
        np.array([one[1] for one in columns], dtype="float64"),
        np.array([one[2] for one in columns], dtype="float64"),
        np.column_stack([one[3] for one in columns]) if columns else np.empty((units, 0)),
    )


def _cell(design: Design, group: int, period: int) -> tuple[float, int, int, np.ndarray] | None:
    change = design.outcome[:, period] - design.outcome[:, group - 1]
    known = np.isfinite(change)
    own = known & (design.first == group)
    control = known & (design.first > max(period, group - 1)) & (design.first != group)
    if not own.any() or not control.any():
        return None
    influence, means = np.zeros(len(change)), []
    for sign, mask in ((1.0, own), (-1.0, control)):
        weight = np.where(mask, design.weight, 0.0)
        total = weight.sum()
        mean = float(weight[mask] @ change[mask]) / total
        influence[mask] += sign * len(change) * weight[mask] * (change[mask] - mean) / total
        means.append(mean)
    return means[0] - means[1], int(own.sum()), int(control.sum()), influence


def by_event_time(design: Design, cells: GroupTimes) -> Averages:
    """Averages over groups at each distance from the first treated period, by the groups' weights."""
    distance = cells.period - cells.group
    labels = np.unique(distance)
    return _averages(design, cells, labels, [distance == one for one in labels])


def by_group(design: Design, cells: GroupTimes) -> Averages:
    """The mean of each group over its treated periods."""
    labels = np.unique(cells.group[cells.period >= cells.group])
    masks = [(cells.group == one) & (cells.period >= one) for one in labels]
    return _averages(design, cells, labels, masks)


def overall(design: Design, cells: GroupTimes) -> Averages:
    """The average over all treated cells by the groups' weights."""
    return _averages(design, cells, np.array([0]), [cells.period >= cells.group])


def _averages(design: Design, cells: GroupTimes, labels: np.ndarray, masks: list[np.ndarray]) -> Averages:
    member = (design.first[:, None] == cells.group) * design.weight[:, None]
    share = member.mean(axis=0)
    effects, influences = [], []
    for mask in masks:
        weight = share[mask] / share[mask].sum()
        effect = cells.effect[mask]
        moved = member[:, mask] - share[mask]
        estimated = moved / share[mask].sum() - moved.sum(axis=1, keepdims=True) * weight / share[mask].sum()
        effects.append(weight @ effect)
        influences.append(cells.influence[:, mask] @ weight + estimated @ effect)
    units = len(design.first)
    return Averages(
        labels,
        np.array(effects, dtype="float64"),
        np.column_stack(influences) if influences else np.empty((units, 0)),
        np.array([int(mask.sum()) for mask in masks]),
    )


def judged(design: Design, effect: np.ndarray, influence: np.ndarray, *, draws: int, seed: int) -> Judged:
    """Errors by cluster, and a band for all effects at once by ``draws`` of random signs of the clusters.

    The error is that to which the bootstrap converges: the root of the summed squares of what clusters add.
    p and intervals are of the normal law. Without draws the band is that of a single effect.
    """
    units = len(design.first)
    sums = np.zeros((design.clusters, influence.shape[1]))
    np.add.at(sums, design.cluster, influence)
    covariance = sums.T @ sums / units**2
    error = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(error > 0.0, effect / error, np.nan)
    one = float(stats.norm.ppf(0.975))
    band = _band(sums / units, error, draws, seed) if draws and len(error) else one
    return Judged(
        error,
        2.0 * stats.norm.sf(np.abs(t)),
        effect - one * error,
        effect + one * error,
        covariance,
        max(band, one),
    )


def _band(sums: np.ndarray, error: np.ndarray, draws: int, seed: int) -> float:
    """The 95 % point of the largest abs(t) when every cluster's part has a random sign."""
    known = error > 0.0
    if not known.any():
        return float(stats.norm.ppf(0.975))
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, len(sums)))
    return float(np.quantile(np.abs(signs @ sums[:, known] / error[known]).max(axis=1), 0.95))
