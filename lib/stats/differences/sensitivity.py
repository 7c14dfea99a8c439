"""What is left of an effect when parallel trends are broken a little (Rambachan and Roth 2023).

"A More Credible Approach to Parallel Trends": relative magnitudes let the trend change from one period to the
next after the treatment by up to M times its largest change before; smoothness lets its slope change by up to
M a period, zero being a straight line carried on. The first has a closed form here, with an interval that
also counts how little is known of the changes before; the second is diff-diff's fixed-length interval.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats


class Bounds(NamedTuple):
    """Of the mean effect after the treatment: the set without error (low, high) and the 95 % interval."""

    m: float
    set_low: float
    set_high: float
    low: float
    high: float


class Path(NamedTuple):
    """Effects by distance -L ... -2, 0 ... K without gaps, and their covariance; -1 is zero by definition."""

    label: np.ndarray
    effect: np.ndarray
    covariance: np.ndarray


def path_of(label: np.ndarray, effect: np.ndarray, covariance: np.ndarray, *, leads: int, lags: int) -> Path:
    """The labels next to the treatment that follow each other, at most ``leads`` before and ``lags`` after.

    Raises ValueError where there is no effect at 0 or none before -1.
    """
    places = {int(one): place for place, one in enumerate(label)}
    before, after = [], []
    for one in range(-2, -leads - 1, -1):
        if one not in places:
            break
        before.append(one)
    for one in range(lags + 1):
        if one not in places:
            break
        after.append(one)
    if not before or not after:
        raise ValueError("bounds need an effect before and one after the treatment")
    kept = [*before[::-1], *after]
    chosen = [places[one] for one in kept]
    return Path(np.array(kept), effect[chosen], covariance[np.ix_(chosen, chosen)])


def relative_magnitudes(path: Path, sizes: list[float], *, level: float = 0.05) -> list[Bounds]:
    """Bounds of the mean effect after the treatment at each M of ``sizes``.

    The set takes the largest change before as it was measured. The interval takes its upper limit, half of
    ``level`` shared by all changes before, and half for the effect itself, so that it holds whatever their
    dependence (Bonferroni): wider than the hybrid of the paper, never shorter than it should be.
    """
    after = path.label >= 0
    mean = after / after.sum()
    effect = float(mean @ path.effect)
    error = float(np.sqrt(mean @ path.covariance @ mean))
    change = _changes(path.label)
    moved, spread = change @ path.effect, np.sqrt(np.diag(change @ path.covariance @ change.T))
    largest = float(np.abs(moved).max())
    upper = float((np.abs(moved) + stats.norm.ppf(1.0 - level / 4.0 / len(moved)) * spread).max())
    reach = float((path.label[after] + 1).mean())
    half = stats.norm.ppf(1.0 - level / 4.0) * error
    return [
        Bounds(
            one,
            effect - one * largest * reach,
            effect + one * largest * reach,
            effect - one * upper * reach - (half if one else stats.norm.ppf(1.0 - level / 2.0) * error),
            effect + one * upper * reach + (half if one else stats.norm.ppf(1.0 - level / 2.0) * error),
        )
        for one in sizes
    ]


def _changes(label: np.ndarray) -> np.ndarray:
    """Rows that take the changes of the path before the treatment, the last one up to -1."""
    before = int((label < -1).sum())
    rows = np.zeros((before, len(label)))
    for one in range(before):
        rows[one, one] = -1.0
        if one + 1 < before:
            rows[one, one + 1] = 1.0
    return rows


def smoothness(path: Path, sizes: list[float]) -> list[Bounds]:
    """diff-diff's fixed-length intervals of the mean effect at each M of ``sizes``; the set is not given."""
    from diff_diff import HonestDiD

    given = event_study(path)
    found = [HonestDiD(method="smoothness", M=one).fit(given) for one in sizes]
    return [
        Bounds(one, np.nan, np.nan, float(bound.ci_lb), float(bound.ci_ub))
        for one, bound in zip(sizes, found, strict=True)
    ]


def event_study(path: Path) -> Any:
    """The path as diff-diff's own result, from which it computes bounds and power."""
    from diff_diff.results import MultiPeriodDiDResults, PeriodEffect

    labels = [int(one) for one in path.label]
    error = np.sqrt(np.diag(path.covariance))
    nothing = {"t_stat": np.nan, "p_value": np.nan, "conf_int": (np.nan, np.nan)}
    mean = {f"avg_{name}": np.nan for name in ("att", "se", "t_stat", "p_value")}
    return MultiPeriodDiDResults(
        period_effects={
            one: PeriodEffect(one, float(value), float(se), **nothing)
            for one, value, se in zip(labels, path.effect, error, strict=True)
        },
        **mean,
        avg_conf_int=(np.nan, np.nan),
        n_obs=0,
        n_treated=0,
        n_control=0,
        pre_periods=[one for one in labels if one < 0],
        post_periods=[one for one in labels if one >= 0],
        vcov=path.covariance,
        interaction_indices={one: place for place, one in enumerate(labels)},
        reference_period=-1,
    )
