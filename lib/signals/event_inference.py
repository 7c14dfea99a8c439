"""The tables of tests and of differences, each row with whether its assumptions hold for these events.

Two things decide. Events that share their days move together, and a test that takes firms as independent
finds effects where there are none. An event that raises the variance of returns makes a test that measures
the error by the days before do the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lib.signals.event_groups import within_days
from lib.signals.event_windows import EventRules, Windows, apart
from lib.stats import event_tests, group_differences
from lib.stats.event_model import COEFFICIENTS, Abnormal, Normal

RAISED = 0.05
FEW = 10
PER_DAY = 5
"""Events a day from which each day is compared within itself."""

NEEDS = {
    "cross_sectional": ("independent",),
    "patell": ("independent", "variance"),
    "boehmer": ("independent",),
    "kolari_pynnonen": ("as_before",),
    "portfolio": ("variance",),
    "corrado": ("variance",),
    "sign": ("independent", "any_number"),
    "generalised_sign": ("independent", "any_number"),
    "wilcoxon": ("independent", "any_number"),
    "placebo": ("variance", "any_number"),
}
ACROSS_FIRMS = ("welch", "rank_sum", "permutation", "slope", "slope_controls")


@dataclass(frozen=True)
class Circumstances:
    """What decides which test holds: events, distinct event days, and others that share days with one.

    ``clustered``: on average an event shares days of its window with at least one other. ``raised``: the
    spread of standardised CARs is above that of before, at 5 %, ``variance_ratio`` times.
    """

    events: int
    days: int
    sharing: float
    correlation: float
    variance_ratio: float
    raised: bool

    @property
    def clustered(self) -> bool:
        """Whether independence of events cannot be assumed."""
        return self.sharing >= 1.0


def circumstances(
    own: Windows, normal: Normal, abnormal: Abnormal, group: np.ndarray, rules: EventRules
) -> Circumstances:
    """Measure them from the events that can be studied.

    The spread is that within groups of the signal, so that an effect between them is not taken for variance.
    """
    n, span = len(own.at), len(rules.days)
    order = np.sort(own.at)
    near = np.searchsorted(order, own.at + span) - np.searchsorted(order, own.at - span, "right") - 1
    r = event_tests.overlapping_correlation(normal.residuals, own.at, days=span) if n > 1 else np.nan
    scar = abnormal.standardised_cumulative[:, -1]
    ratio, raised = np.nan, False
    free = n - len(np.unique(np.nan_to_num(group)))
    if free > 1:
        expected = float((normal.df / (normal.df - 2.0)).mean()) * (1.0 - max(r, 0.0))
        spread = float((within_days(scar, np.nan_to_num(group)) ** 2).sum())
        ratio = spread / free / expected if expected > 0 else np.nan
        raised = bool(stats.chi2.sf(ratio * free, free) < RAISED)
    return Circumstances(n, len(np.unique(own.at)), float(near.mean()) if n else 0.0, r, ratio, raised)


def test_table(
    own: Windows, normal: Normal, abnormal: Abnormal, rules: EventRules, about: Circumstances
) -> pd.DataFrame:
    """The table ``event_tests`` but for the placebo: each day, and the whole window last."""
    rows = []
    share = event_tests.positive_share(normal.residuals)
    same = event_tests.overlapping_correlation(normal.residuals, own.at, days=1)
    each = range(len(rules.days)) if len(rules.days) > 1 else ()
    places: list[int | None] = [*each, None]
    for place in places:
        if place is None:
            values = abnormal.cumulative[:, -1]
            scaled, variance = abnormal.standardised_cumulative[:, -1], abnormal.cumulative_variance[:, -1]
        else:
            values = abnormal.returns[:, place]
            scaled, variance = abnormal.standardised[:, place], abnormal.variance[:, place]
        if np.isfinite(values).sum() < 2:
            continue
        r = about.correlation if place is None else same
        with np.errstate(invalid="ignore"):
            factor = float(np.nanmean(variance / normal.sigma**2))
        found = {
            "cross_sectional": event_tests.cross_sectional(values),
            "patell": event_tests.patell(scaled, normal.df),
            "boehmer": event_tests.boehmer(scaled),
            "kolari_pynnonen": event_tests.kolari_pynnonen(scaled, r),
            "portfolio": event_tests.portfolio_error(
                values, normal.residuals, factor=factor, coefficients=COEFFICIENTS[normal.model]
            ),
            "corrado": event_tests.corrado(normal.residuals, abnormal.returns, days=place),
            "sign": event_tests.sign(values),
            "generalised_sign": event_tests.sign(values, share),
            "wilcoxon": event_tests.wilcoxon(values),
        }
        days = rules.days if place is None else rules.days[[place]]
        for name, one in found.items():
            trusted, reason = trust(name, about)
            row = {"test": name, "first_day": days[0], "last_day": days[-1], "mean": np.nanmean(values)}
            row |= {"statistic": one.statistic, "df": one.df, "p": one.p, "n": one.n}
            row |= {"correlation": r if name == "kolari_pynnonen" else np.nan}
            rows.append(row | {"trusted": trusted, "reason": reason})
    return pd.DataFrame(rows, columns=TEST_COLUMNS)


TEST_COLUMNS = [
    "test", "first_day", "last_day", "mean", "statistic", "df", "p", "n", "correlation", "trusted", "reason",
]  # fmt: skip


def trust(test: str, about: Circumstances) -> tuple[str, str | None]:
    """Whether a test's assumptions hold: yes, conditional or no, and the code of the reason."""
    needs = NEEDS[test]
    if "independent" in needs and about.clustered:
        return "no", "shared_days"
    if "variance" in needs and about.raised:
        return "no", "raised_variance"
    if about.events < FEW and "any_number" not in needs:
        return "conditional", "few_events"
    if about.clustered and "as_before" in needs:
        return "conditional", "as_before"
    return "yes", None


def trust_difference(test: str, about: Circumstances, *, missing: bool) -> tuple[str, str | None]:
    """The same for a test of the difference between groups; ``missing``: it has no probability."""
    if missing:
        return "no", {"placebo": "few_placebos"}.get(test, "few_values" if "slope" in test else "few_groups")
    if test in ACROSS_FIRMS and about.clustered:
        return "conditional", "firms_alike"
    if test in ("portfolio", "placebo") and about.raised:
        return "no", "raised_variance"
    return "yes", None


def difference_table(
    chosen: pd.DataFrame,
    own: Windows,
    normal: Normal,
    abnormal: Abnormal,
    rules: EventRules,
    about: Circumstances,
    controls: np.ndarray,
    *,
    permutations: int,
    seed: int,
) -> pd.DataFrame:
    """The table ``event_differences`` but for the placebo.

    ``chosen`` holds car, value, group and groups of each event; ``controls`` is (events, k).
    """
    side = sides(chosen)
    often = about.events >= PER_DAY * about.days
    day = own.at if often else np.zeros(len(own.at), dtype="int64")
    grouped = np.isfinite(chosen["group"].to_numpy())
    car = chosen["car"].to_numpy()
    level = np.full(len(car), np.nan)
    level[grouped] = within_days(car[grouped], day[grouped])
    value = np.full(len(car), np.nan)
    value[grouped] = within_days(chosen["value"].to_numpy()[grouped], day[grouped])
    spread = float(np.nanstd(value, ddof=1)) if grouped.sum() > 1 else 0.0
    scaled = value / spread if spread > 0 else np.full(len(value), np.nan)
    others = np.where(np.isfinite(scaled)[:, None], controls, np.nan)
    high, low = level[side > 0], level[side < 0]
    found = {
        "welch": group_differences.welch(high, low),
        "rank_sum": group_differences.rank_sum(high, low),
        "permutation": group_differences.permutation(
            level[grouped], side[grouped], within=day[grouped], draws=permutations, seed=seed
        ),
        "slope": group_differences.slope(level, scaled),
        "portfolio": group_differences.portfolio(*date_gaps(own, normal, abnormal, side, rules)),
    }
    if controls.shape[1]:
        known = np.isfinite(others).all(axis=1)
        moved = np.full(others.shape, np.nan)
        moved[known] = within_days(others[known], day[known])
        found["slope_controls"] = group_differences.slope(level, scaled, moved)
    rows = []
    for name, one in found.items():
        trusted, reason = trust_difference(name, about, missing=bool(np.isnan(one.p)))
        rows.append({"test": name, **one._asdict(), "trusted": trusted, "reason": reason})
    return pd.DataFrame(rows)


def sides(chosen: pd.DataFrame) -> np.ndarray:
    """1 for events of the highest group of their day, -1 for the lowest, else 0."""
    group, groups = chosen["group"].to_numpy("float64"), chosen["groups"].to_numpy("float64")
    return np.where(group == groups, 1, 0) - np.where(group == 1.0, 1, 0)


def date_gaps(
    own: Windows, normal: Normal, abnormal: Abnormal, side: np.ndarray, rules: EventRules
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each event day the CAR of the high less the low portfolio, its forecast variance and its df.

    Days whose windows overlap that of an earlier one, and days that lack a side, are left out.
    """
    day, which = np.unique(own.at, return_inverse=True)
    gap, path = np.zeros(len(day)), np.zeros((len(day), normal.residuals.shape[1]))
    usable = np.ones(len(day), dtype=bool)
    factor = np.zeros(len(day))
    car, variance = abnormal.cumulative[:, -1], abnormal.cumulative_variance[:, -1]
    for sign in (1, -1):
        mine = np.flatnonzero(side == sign)
        count = np.bincount(which[mine], minlength=len(day)).astype("float64")
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = sign / count[which[mine]]
            np.add.at(gap, which[mine], weight * car[mine])
            np.add.at(path, which[mine], weight[:, None] * np.nan_to_num(normal.residuals[mine]))
            np.add.at(factor, which[mine], np.abs(weight) * (variance / normal.sigma**2)[mine] / 2.0)
        usable &= count > 0
    length = np.zeros(len(day))
    np.maximum.at(length, which, normal.observations)
    df = length - COEFFICIENTS[normal.model]
    usable &= df > 0
    usable &= apart(day, np.zeros(len(day), dtype="int64"), usable, len(rules.days))
    spread = (path[usable] ** 2).sum(axis=1) / df[usable] * factor[usable]
    return gap[usable], spread, df[usable]
