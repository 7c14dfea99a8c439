"""One sort: who is in which group at each formation date, what groups and their difference earn and trade.

Weights are set at the start of a holding period and drift within it. The difference is the group that should
earn more, by the hypothesis, less the one that should earn less; a date on which either is empty has none.
Turnover is half the sum of changes of weight, new against drifted, money of firms that left counting as a
position that ends; where the period before has no such portfolio, all is bought and the turnover is 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.signals.sort_ground import Ground
from lib.stats.quantile_groups import affordable_groups, group_totals, quantile_groups

LEAST_FIRMS = 5
"""Firms for each group."""
KNOWN_CAPS = 0.8
"""Share of the sorted firms whose market value must be known for value weights."""


@dataclass(frozen=True)
class Sorted:
    """Groups and weights of formation dates x firms (D, N), and what follows from them.

    ``scores`` are what is sorted by; ``found`` is the group from 1, 0 for none; ``groups`` (D) how many
    there are; ``weights`` add up to 1 in each group. ``long`` and ``short`` are the weights
    of the two sides; ``used`` (D) says where both exist.
    """

    ground: Ground
    scores: np.ndarray
    found: np.ndarray
    groups: np.ndarray
    weights: np.ndarray
    long: np.ndarray
    short: np.ndarray
    used: np.ndarray

    @property
    def most(self) -> int:
        """Largest number of groups."""
        return int(self.groups.max(initial=0))

    @property
    def counted(self) -> np.ndarray:
        """Formation dates with both sides whose holding period is over (D)."""
        return self.used & self.ground.over

    def group_returns(self) -> np.ndarray:
        """Return of each group by period (D, most); NaN where a group is empty or the period not over."""
        earned = group_totals(self.found, self.most, self.weights * np.nan_to_num(self.ground.earned))
        there = (self.firms() > 0) & self.counted[:, None]
        return np.where(there, earned, np.nan)

    def firms(self) -> np.ndarray:
        """Firms with a weight in each group (D, most)."""
        return group_totals(self.found, self.most, self.weights > 0.0)

    def delisted(self) -> np.ndarray:
        """Of them those that left the market within the period (D, most)."""
        return group_totals(self.found, self.most, (self.weights > 0.0) & self.ground.left)

    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns of the long and of the short side by period (D); NaN where there is no difference."""
        earned = np.nan_to_num(self.ground.earned)
        return tuple(  # type: ignore[return-value]
            np.where(self.counted, (side * earned).sum(axis=1), np.nan) for side in (self.long, self.short)
        )

    def spread(self) -> np.ndarray:
        """Return of the difference by period (D), NaN where there is none."""
        long, short = self.sides()
        return long - short

    def carried_on(self) -> np.ndarray:
        """Dates whose period starts when that of the date before ends, which had both sides (D)."""
        follows = self.used[1:] & self.used[:-1] & (self.ground.start[1:] == self.ground.end[:-1])
        return np.concatenate([[False], follows])[: len(self.used)]

    def drifted(self, weights: np.ndarray) -> np.ndarray:
        """Weights (D, N) of one side or of all groups as the period before left them, 0 where it had none."""
        grown = weights * (1.0 + np.nan_to_num(self.ground.earned))
        moved = np.zeros(weights.shape)
        total = grown.sum(axis=1, keepdims=True)
        share = np.divide(grown, total, out=np.zeros_like(grown), where=total > 0.0)
        moved[1:] = np.where(self.carried_on()[1:, None], share[:-1], 0.0)
        return moved

    def changes(self, side: np.ndarray) -> np.ndarray:
        """Change of weight of each firm of a side at each start (D, N), new less drifted."""
        return np.where(self.used[:, None], side - self.drifted(side), 0.0)

    def turnover(self, side: np.ndarray) -> np.ndarray:
        """Half the sum of the sizes of changes (D); 1 where all is bought."""
        half = 0.5 * np.abs(self.changes(side)).sum(axis=1)
        return np.where(self.carried_on(), half, np.where(self.used, 1.0, np.nan))

    def group_turnover(self) -> np.ndarray:
        """The same for each group (D, most); 1 where the group is bought anew."""
        found, weights = self.found, self.weights
        grown = weights * (1.0 + np.nan_to_num(self.ground.earned))
        total = group_totals(found, self.most, grown)
        padded = np.concatenate(
            [np.full((len(total), 1), np.inf), np.where(total > 0, total, np.inf)], axis=1
        )
        share = grown / np.take_along_axis(padded, found.astype("int64"), axis=1)
        before, past = np.zeros_like(found), np.zeros_like(share)
        before[1:], past[1:] = found[:-1], share[:-1]
        same = before == found
        own = group_totals(found, self.most, np.where(same, np.abs(weights - past), weights))
        half = 0.5 * (own + group_totals(before, self.most, np.where(same, 0.0, past)))
        new = group_totals(before, self.most, past) <= 0.0
        turned = np.where(new | ~self.carried_on()[:, None], 1.0, half)
        return np.where(self.firms() > 0, turned, np.nan)


def sort_firms(
    ground: Ground,
    values: np.ndarray,
    *,
    groups: int,
    higher: bool,
    weighting: str = "equal",
    breakpoints_of: np.ndarray | None = None,
) -> Sorted:
    """Sort the firms of ``ground`` by ``values`` (D, N, NaN where there is none) into up to ``groups``.

    A thin date has fewer (``affordable_groups``), counted in the part whose values make the breakpoints
    (``breakpoints_of``, D x N). ``higher`` is the hypothesis: whether higher values should earn more. Value
    weights need the market value of 80 % of the firms of a date; a firm without one is left out of them.
    """
    known = ~np.isnan(values)
    basis = known if breakpoints_of is None else known & breakpoints_of
    number = affordable_groups(basis.sum(axis=1), groups, least=LEAST_FIRMS)
    found = quantile_groups(values, number, breakpoints_of=None if breakpoints_of is None else basis)
    return weighted(ground, values, found, number, higher=higher, weighting=weighting)


def weighted(
    ground: Ground,
    values: np.ndarray,
    found: np.ndarray,
    number: np.ndarray,
    *,
    higher: bool,
    weighting: str,
) -> Sorted:
    """A sort from groups that are found already."""
    inside = found > 0
    if weighting == "value":
        cap = np.where(inside, ground.cap, np.nan)
        enough = (~np.isnan(cap)).sum(axis=1) >= KNOWN_CAPS * np.maximum(inside.sum(axis=1), 1)
        raw = np.where(enough[:, None], np.nan_to_num(cap), 0.0)
    else:
        raw = inside.astype("float64")
    most = int(number.max(initial=0))
    totals = group_totals(found, most, raw)
    padded = np.concatenate([np.ones((len(totals), 1)), np.where(totals > 0, totals, 1.0)], axis=1)
    weights = raw / np.take_along_axis(padded, found.astype("int64"), axis=1)
    top = np.where((found == number[:, None]) & inside, weights, 0.0)
    bottom = np.where(found == 1, weights, 0.0)
    used = (number >= 2) & (top.sum(axis=1) > 0.0) & (bottom.sum(axis=1) > 0.0)
    top, bottom = np.where(used[:, None], top, 0.0), np.where(used[:, None], bottom, 0.0)
    long, short = (top, bottom) if higher else (bottom, top)
    return Sorted(ground, values, found, number, weights, long, short, used)
