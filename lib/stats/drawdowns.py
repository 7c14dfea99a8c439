"""Falls from the highest wealth so far: a negative decimal, 0 at a peak.

Wealth starts at 1 before the first return, so that a loss on the first day counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lib.stats.returns import wealth
from lib.stats.series import counts, filled, has_gaps, over_series

RECOVERED = 1e-12
"""Wealth closer to its peak than this share is back at it: the rest is rounding."""


def drawdown(returns: Any) -> np.ndarray:
    """Wealth over its peak so far, less one; n + 1 rows, the first 0 before the first return."""
    depth = _relative_to_peak(returns) - 1.0
    return np.where(depth > -RECOVERED, 0.0, depth)


def _relative_to_peak(returns: Any) -> np.ndarray:
    path = wealth(returns)
    peak = np.maximum.accumulate(path, axis=0)
    return np.divide(path, peak, out=peak)


@over_series
def max_drawdown(returns: np.ndarray) -> np.ndarray:
    """Deepest fall, negative decimal; 0 when wealth never fell, NaN for an empty series."""
    gaps = has_gaps(returns)
    depth = _deepest(filled(returns, gaps)) - 1.0
    return np.where(counts(returns, gaps) == 0, np.nan, np.where(depth > -RECOVERED, 0.0, depth))


def _deepest(returns: np.ndarray) -> np.ndarray:
    """Least ratio of wealth to an earlier peak in n x k returns without gaps, 1 where it never fell.

    The days are cut into about root n stretches that are walked through side by side, each from wealth 1;
    their ends, highest and lowest points then say what a fall from an earlier stretch into a later one was.
    """
    days, series = returns.shape
    steps = max(round(days**0.5), 1)
    count = -(-days // steps)
    growth = np.empty((count * steps, series))
    np.maximum(returns, -1.0, out=growth[:days])
    growth[days:] = 0.0
    growth += 1.0
    stretches = growth.reshape(count, steps, series)
    end, high, low, fall, below = np.ones((5, count, series))
    for step in range(steps):
        np.multiply(end, stretches[:, step], out=end)
        np.maximum(high, end, out=high)
        np.minimum(low, end, out=low)
        np.divide(end, high, out=below)
        np.minimum(fall, below, out=fall)
    start = np.ones((count + 1, series))
    np.cumprod(end, axis=0, out=start[1:])
    peak = np.ones((count + 1, series))
    np.maximum.accumulate(start[:-1] * high, axis=0, out=peak[1:])
    later = start[:-1] * low / peak[:-1]
    return np.minimum(fall.min(axis=0, initial=1.0), later.min(axis=0, initial=1.0))


def drawdown_table(returns: pd.Series, *, base_date: Any = None, top: int | None = None) -> pd.DataFrame:
    """Every fall of one series, deepest first: start, trough, recovery, depth, days; at most ``top``.

    ``returns`` is indexed by date in order; missing values are left out. ``start`` is the peak before the
    fall, which for a fall from the very first day is ``base_date`` (by default the first date).
    ``recovery`` is missing while the peak has not been reached again. ``days`` counts observations from
    the peak to the recovery, or to the last one.
    """
    known = returns.dropna()
    if known.empty:
        return pd.DataFrame({"start": [], "trough": [], "recovery": [], "depth": [], "days": []}).astype(
            {"start": known.index.dtype, "trough": known.index.dtype, "recovery": known.index.dtype}
        )
    dates = known.index.insert(0, known.index[0] if base_date is None else pd.Timestamp(base_date))
    depth = pd.Series(drawdown(known.to_numpy()))
    peaks = depth.eq(0.0)
    under = depth[~peaks]
    fall = peaks.cumsum()[~peaks]
    groups = under.groupby(fall)
    place = under.index.to_series().groupby(fall)
    first, last, trough = place.first().to_numpy(), place.last().to_numpy(), groups.idxmin().to_numpy()
    end = np.minimum(last + 1, len(depth) - 1)
    recovered = last + 1 < len(depth)
    table = pd.DataFrame(
        {
            "start": dates[first - 1],
            "trough": dates[trough],
            "recovery": dates[end].where(recovered),
            "depth": groups.min().to_numpy(),
            "days": end - first + 1,
        }
    )
    table = table.sort_values(["depth", "start"], kind="stable", ignore_index=True)
    return table if top is None else table.head(top)
