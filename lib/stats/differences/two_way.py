"""Two by two, two-way effects with Goodman-Bacon's weights, and leads and lags around the treatment."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from lib.stats.differences.design import Design
from lib.stats.panel.covariance import Errors, Parts, errors
from lib.stats.panel.least_squares import Fit, Tested, fit, tested

TREATED = "treated"


def _errors(found: Fit, cluster: np.ndarray, units: np.ndarray) -> Errors:
    """Errors by cluster, which may be larger than a unit; K leaves out effects of units either way."""
    nested = found.parts._replace(entity=cluster)
    if len(np.unique(cluster)) == len(np.unique(units)):
        return errors(nested, "cluster_entity")
    charged = nested._replace(effects=found.parts.effects - len(np.unique(units)) + len(np.unique(cluster)))
    return errors(charged, "cluster_entity")


def two_by_two(design: Design) -> tuple[float, Tested]:
    """The mean change of treated units less that of the never treated, from before all to after all began.

    A change is the mean of a unit's periods from the last beginning on less that before the first; periods
    between count for neither. Raises ValueError where no unit is never treated.
    """
    if design.treated.all() or not design.treated.any():
        raise ValueError("a two by two needs treated and never treated units")
    before = _mean(design.outcome[:, : design.groups.min()])
    change = _mean(design.outcome[:, design.groups.max() :]) - before
    known = np.isfinite(change)
    treated = design.treated[known].astype("float64")
    root = np.sqrt(design.weight[known])
    x = np.column_stack([np.ones(known.sum()), treated]) * root[:, None]
    y = change[known] * root
    coefficient = np.linalg.lstsq(x, y, rcond=None)[0]
    cluster = np.unique(design.cluster[known], return_inverse=True)[1]
    parts = Parts(x, y - x @ coefficient, cluster, np.zeros_like(cluster), 0, "none")
    judged = tested(coefficient, errors(parts, "cluster_entity"))
    return float(coefficient[1]), judged


def _mean(values: np.ndarray) -> np.ndarray:
    """Means of known values by row; NaN where there is none."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


class Effects(NamedTuple):
    """Coefficients (k) at labels (k), their errors, and which labels could not be told apart."""

    label: np.ndarray
    coefficient: np.ndarray
    tested: Tested
    absorbed: tuple[int, ...]


def two_way_effects(design: Design) -> Effects:
    """The coefficient of being treated beside effects of units and periods, errors by cluster."""
    rows, weights, cluster = design.rows(design.on()[:, :, None].astype("float64"), (TREATED,))
    found = fit(rows, "both", weights=weights if design.weighted else None)
    judged = tested(found.coefficient, _errors(found, cluster, rows.entity))
    return Effects(np.array([0]), found.coefficient, judged, (0,) if found.absorbed else ())


def leads_and_lags(design: Design, *, leads: int, lags: int) -> Effects:
    """Coefficients of the distance to the first treated period, -1 left out, both ends binned.

    The first label stands for ``leads`` periods and more before, the last for ``lags`` and more after.
    """
    distance = np.arange(len(design.periods)) - design.first[:, None]
    binned = np.clip(distance, -leads, lags)
    labels = [one for one in range(-leads, lags + 1) if one != -1 and (binned == one).any()]
    columns = np.stack([(binned == one).astype("float64") for one in labels], axis=2)
    rows, weights, cluster = design.rows(columns, tuple(str(one) for one in labels))
    found = fit(rows, "both", weights=weights if design.weighted else None)
    judged = tested(found.coefficient, _errors(found, cluster, rows.entity))
    left = np.array([int(one) for one in found.names])
    return Effects(left, found.coefficient, judged, tuple(int(one) for one in found.absorbed))


class Bacon(NamedTuple):
    """Two-by-two comparisons (m): treated and control group (NaN: never), their kind, estimate and weight.

    The sum of weight times estimate is the coefficient of two-way effects without weights.
    """

    treated: np.ndarray
    control: np.ndarray
    kind: tuple[str, ...]
    estimate: np.ndarray
    weight: np.ndarray


KINDS = ("treated_never", "earlier_later", "later_earlier")


def bacon(design: Design) -> Bacon:
    """Goodman-Bacon (2021), "Difference-in-differences with variation in treatment timing", theorem 1.

    Of the units that are known in every period, all counting alike. ``later_earlier`` uses units that are
    treated already as controls, which is wrong where effects grow.
    """
    whole = np.isfinite(design.outcome).all(axis=1)
    first, outcome = design.first[whole], design.outcome[whole]
    length = len(design.periods)
    groups = [int(one) for one in np.unique(first[np.isfinite(first)])]
    share = {one: float((first == one).mean()) for one in groups}
    never = float(np.isinf(first).mean())
    paths = {one: outcome[first == one].mean(axis=0) for one in groups}
    dosed = {one: (length - one) / length for one in groups}
    found: list[tuple[float, float, str, float, float]] = []
    for one in groups:
        part = share[one]
        if never > 0.0:
            gap = paths[one] - outcome[np.isinf(first)].mean(axis=0)
            weight = part * never * dosed[one] * (1.0 - dosed[one])
            found.append((one, np.nan, KINDS[0], _jump(gap, 0, one, length), weight))
        for other in (late for late in groups if late > one):
            both, early, late = part * share[other], dosed[one], dosed[other]
            gap = paths[one] - paths[other]
            found.append(
                (one, other, KINDS[1], _jump(gap, 0, one, other), both * (early - late) * (1 - early))
            )
            found.append(
                (other, one, KINDS[2], _jump(-gap, one, other, length), both * late * (early - late))
            )
    weights = np.array([one[4] for one in found])
    return Bacon(
        np.array([one[0] for one in found], dtype="float64"),
        np.array([one[1] for one in found], dtype="float64"),
        tuple(one[2] for one in found),
        np.array([one[3] for one in found]),
        weights / weights.sum() if len(weights) else weights,
    )


def _jump(gap: np.ndarray, start: int, at: int, end: int) -> float:
    """Mean of the gap between two groups from ``at`` to ``end`` less that from ``start`` to ``at``."""
    return float(gap[at:end].mean() - gap[start:at].mean())


class PreTrend(NamedTuple):
    """The joint test of the leads, and the slope of a straight trend that it would have found.

    ``slope_50`` and ``slope_80`` are found in 50 % and 80 % of samples; ``power_at`` is the power against a
    trend as steep as would make up the whole effect.
    """

    statistic: float
    p: float
    leads: int
    freedom: float
    slope_50: float
    slope_80: float
    power_at: float


SURE = 1000.0
"""A noncentrality at which every test finds what there is."""


def pre_trend(
    label: np.ndarray, effect: np.ndarray, covariance: np.ndarray, *, freedom: float, against: float
) -> PreTrend:
    """Joint test of effects at labels below -1, F with ``freedom``, and its power (Roth 2022).

    "Pretest with Caution": a test that finds nothing may have had no power. ``against`` is the slope whose
    power is wanted. Raises ValueError where there is no lead, or none with an error.
    """
    own = np.flatnonzero(label < -1)
    if not len(own):
        raise ValueError("no period before the last one before the treatment")
    inverse = np.linalg.pinv(covariance[np.ix_(own, own)], hermitian=True)
    count = int(np.linalg.matrix_rank(covariance[np.ix_(own, own)], hermitian=True))
    if not count:
        raise ValueError("no lead has an error")
    statistic = float(effect[own] @ inverse @ effect[own]) / count
    line = (label[own] + 1).astype("float64")
    unit = float(line @ inverse @ line)
    bound = stats.f.ppf(0.95, count, freedom)
    return PreTrend(
        statistic,
        float(stats.f.sf(statistic, count, freedom)),
        count,
        freedom,
        _slope(unit, bound, count, freedom, 0.5),
        _slope(unit, bound, count, freedom, 0.8),
        float(stats.ncf.sf(bound, count, freedom, float(np.clip(against**2 * unit, 1e-12, SURE)))),
    )


def _slope(unit: float, bound: float, count: int, freedom: float, power: float) -> float:
    """The slope at which the noncentral F is above ``bound`` with probability ``power``."""
    from scipy.optimize import brentq

    def short(noncentral: float) -> float:
        return float(stats.ncf.sf(bound, count, freedom, noncentral)) - power

    return float(np.sqrt(brentq(short, 1e-9, 1e4) / unit))
