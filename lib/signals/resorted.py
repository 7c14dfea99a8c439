"""The spread of a sort, many times over: other values, lags, weights, numbers of groups, all at once.

Arrays are formation dates x firms; more dimensions in front are versions. A firm is bought at the close of
``start`` and sold at that of the next one; a delisted firm's money lies still after its last return, so that
a group's return is the weighted mean of its firms' returns over the period. Groups are cut by value within
each date (linear quantiles, ties together), and are fewer where a date has under five firms for each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.signals.cube import Cube, as_known
from lib.signals.explained import base_sort
from lib.stats.quantile_groups import affordable_groups, rank_correlations

LEAST_FIRMS = 5
"""Firms for each group that a date needs, or it has fewer groups."""


@dataclass(frozen=True)
class Formations:
    """What was there to sort at each formation date; arrays are dates (D) x firms (N).

    ``scores`` (values) and ``position`` are those of the sort itself, NaN and 0 where a firm was not in it;
    ``held`` the return from ``start`` to ``end``, NaN where there is none; ``cap`` the market value at the
    formation; ``member`` says who was in the universe and traded then.
    """

    dates: pd.DatetimeIndex
    start: pd.DatetimeIndex
    end: pd.DatetimeIndex
    at: np.ndarray
    scores: np.ndarray
    position: np.ndarray
    held: np.ndarray
    cap: np.ndarray
    member: np.ndarray
    groups: int

    @property
    def there(self) -> np.ndarray:
        """Firms that the sort itself had, with a return (D, N)."""
        return ~np.isnan(self.scores) & ~np.isnan(self.held)


def formations(
    cube: Cube, sorted_firms: pd.DataFrame, long_short: pd.DataFrame, *, weighting: str
) -> Formations:
    """Arrays of a sort from its tables ``signal_groups`` and ``long_short`` and the returns of ``cube``."""
    held = base_sort(long_short, weighting)
    start, end = pd.DatetimeIndex(held["start"]), pd.DatetimeIndex(held["date"])
    formed = pd.DatetimeIndex(np.sort(sorted_firms["date"].unique()))
    dates = formed[np.maximum(formed.searchsorted(start, side="right") - 1, 0)] if len(formed) else start
    rows = sorted_firms.loc[sorted_firms["entity"].isin(cube.entities) & sorted_firms["date"].isin(dates)]
    row, column = dates.get_indexer(rows["date"]), cube.entities.get_indexer(rows["entity"])
    values = np.full((len(dates), len(cube.entities)), np.nan)
    position = np.zeros_like(values)
    values[row, column] = rows["value"].to_numpy("float64")
    position[row, column] = rows["position"].to_numpy("float64")
    at = cube.positions(dates)
    traded = cube.member[at] & ~np.isnan(cube.returns[at])
    usual = int(sorted_firms["groups"].mode().iloc[0]) if len(sorted_firms) else 0
    earned = period_returns(cube.returns, cube.positions(start), cube.positions(end))
    return Formations(dates, start, end, at, values, position, earned, cube.market_cap[at], traded, usual)


def period_returns(returns: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Returns (T, N) compounded over the sessions after each start up to each end; NaN without one."""
    known = ~np.isnan(returns)
    growth = np.log1p(np.maximum(np.where(known, returns, 0.0), -1.0 + 1e-12))
    path = np.concatenate([np.zeros((1, returns.shape[1])), np.cumsum(growth, axis=0)])
    seen = np.concatenate([np.zeros((1, returns.shape[1]), dtype=int), np.cumsum(known, axis=0)])
    first, last = start + 1, end + 1
    earned = np.expm1(path[last] - path[first])
    return np.where(seen[last] > seen[first], earned, np.nan)


def values_with_lag(
    formed: Formations, cube: Cube, table: pd.DataFrame, *, lag: int, max_age: int | None
) -> np.ndarray:
    """The signal at each formation (D, N) had it been used ``lag`` sessions later; NaN for no member."""
    values = as_known(table, cube, formed.at, lag=lag, max_age=max_age)
    return np.where(formed.member, values, np.nan)


def ends(values: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Who is in the lowest and who in the highest group: two masks like ``values`` (…, D, N).

    A date with under two groups of five firms has nobody.
    """
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    number = affordable_groups(count, groups, least=LEAST_FIRMS)
    enough = number >= 2
    number = np.maximum(number, 2)
    ordered = np.sort(values, axis=-1)

    def cut(step: np.ndarray | int) -> np.ndarray:
        place = step * np.maximum(count - 1, 0)
        below, rest = place // number, place % number / number
        above = np.minimum(below + 1, np.maximum(count - 1, 0))
        low, high = (np.take_along_axis(ordered, where, axis=-1) for where in (below, above))
        return low + (high - low) * rest

    low = (values <= cut(1)) & enough
    high = (values > cut(number - 1)) & enough
    return low, high


def spreads(
    values: np.ndarray, held: np.ndarray, *, groups: int, sign: float, cap: np.ndarray | None = None
) -> np.ndarray:
    """Return of the high less that of the low group, times ``sign``: (…, D); NaN where a group is empty.

    ``held`` (D, N) as in ``Formations``; weighted by ``cap`` where it is given, else equally.
    """
    usable = np.where(np.isnan(held), np.nan, values)
    if cap is not None:
        usable = np.where(cap > 0.0, usable, np.nan)
    low, high = ends(usable, groups)
    return sign * (_mean(high, held, cap) - _mean(low, held, cap))


def _mean(chosen: np.ndarray, held: np.ndarray, cap: np.ndarray | None) -> np.ndarray:
    """Weighted mean return of the chosen firms by date, NaN where there is none."""
    weight = np.ones_like(held) if cap is None else np.where(cap > 0.0, cap, 0.0)
    earned = weight * np.where(np.isnan(held), 0.0, held)
    total = np.einsum("...n,...n->...", chosen, np.broadcast_to(weight, chosen.shape))
    sums = np.einsum("...n,...n->...", chosen, np.broadcast_to(earned, chosen.shape))
    return np.divide(sums, total, out=np.full(total.shape, np.nan), where=total > 0.0)


def winsorised(held: np.ndarray, used: np.ndarray, share: float) -> np.ndarray:
    """Returns (D, N) drawn in to the quantiles ``share`` and 1 - ``share`` of the used firms of a date."""
    inside = np.where(used, held, np.nan)
    known = (~np.isnan(inside)).any(axis=1)
    if not known.any():
        return held
    low, high = np.full((2, len(held), 1), np.nan)
    low[known, 0], high[known, 0] = np.nanquantile(inside[known], [share, 1.0 - share], axis=1)
    return np.clip(held, low, high)


def persistence(values: np.ndarray) -> float:
    """Mean rank correlation of the signal with itself one formation before, over the dates."""
    found = rank_correlations(values[1:], values[:-1]) if len(values) > 1 else np.full(0, np.nan)
    return float(np.nanmean(found)) if (~np.isnan(found)).any() else float("nan")
