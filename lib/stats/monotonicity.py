"""Whether means rise from group to group: rank correlation with the group, and Patton and Timmermann's test.

The test of Patton and Timmermann (2010, "Monotonicity in asset returns") takes no rising order as the null
hypothesis: its statistic is the smallest step from one group to the next, and the draws are of steps moved to
a mean of zero by a stationary bootstrap of dates. It is studentised: each step is measured in its own error.
Draws are counts of dates, so that a thousand of them are one matrix product.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lib.stats.date_bootstrap import mean_block, stationary_places
from lib.stats.quantile_groups import rank_correlations


class Monotonic(NamedTuple):
    """Spearman's correlation of means with group numbers; the smallest step (in errors), and its p-value."""

    spearman: float
    smallest_step: float
    p: float


def date_counts(places: np.ndarray, observations: int) -> np.ndarray:
    """How often each date is in each draw: (draws, T) from ``places`` (draws, any length)."""
    draws = len(places)
    at = (np.arange(draws)[:, None] * observations + places).ravel()
    return np.bincount(at, minlength=draws * observations).reshape(draws, observations)


def resampled_means(returns: Any, *, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Means of the columns of returns (T, m) over each draw of dates (draws, m); stationary blocks.

    A missing return is left out of the mean; NaN where a draw has none.
    """
    values = np.asarray(returns, dtype="float64")
    places = stationary_places(len(values), draws=draws, block=mean_block(len(values)), generator=generator)
    counts = date_counts(places, len(values)).astype("float64")
    known = ~np.isnan(values)
    total, number = counts @ np.where(known, values, 0.0), counts @ known
    return total / np.where(number > 0, number, np.nan)


def monotonic(returns: Any, *, draws: int, generator: np.random.Generator) -> Monotonic:
    """Judge group returns (T, groups), nothing missing, lowest group first, against means not rising."""
    values = np.asarray(returns, dtype="float64")
    means = values.mean(axis=0)
    spearman = float(rank_correlations(np.arange(len(means))[None, :], means[None, :])[0])
    steps = np.diff(values, axis=1)
    drawn = resampled_means(steps, draws=draws, generator=generator)
    error = drawn.std(axis=0, ddof=1)
    if not (error > 0.0).all():
        return Monotonic(spearman, float("nan"), float("nan"))
    own = float((steps.mean(axis=0) / error).min())
    null = ((drawn - steps.mean(axis=0)) / error).min(axis=1)
    return Monotonic(spearman, own, (1.0 + np.count_nonzero(null >= own)) / (draws + 1.0))
