"""What luck had to choose among, and what it leaves of the spread's Sharpe ratio.

Candidates are this spread, its neighbours (other weightings and sorts, other groups at the ends) and every
earlier specification. Their number is made one of independent tries in two ways
(``lib.stats.effective_trials``) and the larger deflates. The variance over tries is at least that of one
ratio's estimate, since tries that are alike differ too little to show it. An earlier try whose returns are
gone counts as an independent one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.signals.explained import base_sort
from lib.stats.effective_trials import correlation_of_trials, effective_by_eigenvalues, trial_clusters
from lib.stats.overfitting import LEAST_ROWS, probability_of_overfitting
from lib.stats.sharpe_inference import (
    deflated_sharpe,
    expected_best,
    minimum_track_record,
    probabilistic_sharpe,
    sharpe_error,
    sharpe_moments,
)
from lib.tables import TABLES
from lib.tables.signal_sorts import BASE

OWN = "this spread"
MOST_ENDS = 3
"""Groups at each end that a neighbour takes together at most."""


class Candidates(NamedTuple):
    """Returns without gaps (periods x candidates; the own first), and table ``signal_candidates``.

    ``gone`` is the number of earlier tries of which no return can be compared.
    """

    returns: pd.DataFrame
    table: pd.DataFrame
    gone: int

    @property
    def versions(self) -> int:
        """Versions that were there to choose among."""
        return len(self.table)


def candidates(
    long_short: pd.DataFrame,
    groups: pd.DataFrame,
    trials: pd.DataFrame,
    trial_returns: pd.DataFrame,
    *,
    weighting: str,
    hypothesis: str,
) -> Candidates:
    """Every version of the spread on the periods of this one, by holding period.

    Returns of an earlier try are compounded over the periods of this one, and have the code OTHER_PERIODS
    where a period has none of them.
    """
    own = base_sort(long_short, weighting)
    periods = pd.DatetimeIndex(own["date"])
    wide = {(OWN, "own"): own.set_index("date")["return"]}
    for (sort, other), rows in long_short.groupby(["sort", "weighting"], sort=True):
        if (sort, other) != (BASE, weighting):
            name = f"{other} weights" if sort == BASE else f"{sort}, {other} weights"
            wide[(name, "neighbour")] = rows.set_index("date")["return"].reindex(periods)
    for name, returns in _other_ends(base_sort(groups, weighting), hypothesis).items():
        wide[(name, "neighbour")] = returns.reindex(periods)
    edges = pd.DatetimeIndex(own["start"]), periods
    for specification, rows in trial_returns.groupby("specification", sort=True):
        wide[(str(specification), "earlier")] = _binned(rows, *edges)
    frame = pd.DataFrame(wide, index=periods)
    frame.columns = pd.MultiIndex.from_tuples(list(wide), names=["candidate", "kind"])
    known = frame.notna().mean()
    whole = frame.loc[:, known > 0.9].dropna() if len(frame) else frame
    return _told(frame, whole, trials)


def _other_ends(groups: pd.DataFrame, hypothesis: str) -> dict[str, pd.Series]:
    """Spreads of other groups at the ends, on dates with as many groups as most, signed as expected."""
    if groups.empty:
        return {}
    usual = int(groups["groups"].mode().iloc[0])
    own = groups.loc[groups["groups"] == usual]
    wide = own.pivot_table(index="date", columns="group", values="return").to_numpy()
    dates = pd.DatetimeIndex(np.sort(own["date"].unique()))
    sign = 1.0 if hypothesis == "higher" else -1.0
    found = {}
    if wide.shape[1] != usual:
        return {}
    for width in range(2, min(MOST_ENDS, usual // 2) + 1):
        gap = wide[:, -width:].mean(axis=1) - wide[:, :width].mean(axis=1)
        found[f"{width} groups at each end"] = pd.Series(sign * gap, index=dates)
    for inward in range(1, min(MOST_ENDS, usual // 2)):
        gap = wide[:, -1 - inward] - wide[:, inward]
        found[f"group {usual - inward} and group {inward + 1}"] = pd.Series(sign * gap, index=dates)
    return found


def _binned(rows: pd.DataFrame, start: pd.DatetimeIndex, end: pd.DatetimeIndex) -> pd.Series:
    """Returns compounded over the periods after each start up to each end; NaN where a period has none."""
    ordered = rows.sort_values("date", kind="stable")
    days = pd.DatetimeIndex(ordered["date"])
    path = np.concatenate([[0.0], np.cumsum(np.log1p(np.maximum(ordered["return"].to_numpy(), -0.999999)))])
    first, last = days.searchsorted(start, side="right"), days.searchsorted(end, side="right")
    return pd.Series(np.where(last > first, np.expm1(path[last] - path[first]), np.nan), index=end)


def _told(frame: pd.DataFrame, whole: pd.DataFrame, trials: pd.DataFrame) -> Candidates:
    """The candidates with a row for each, also for earlier tries without returns."""
    rows, numbers = [], whole.to_numpy()
    clusters = trial_clusters(correlation_of_trials(numbers)) if len(whole) > 2 else None
    place = {name: position for position, name in enumerate(whole.columns)}
    for name, kind in frame.columns:
        at = place.get((name, kind))
        rows.append(
            {
                "candidate": name,
                "kind": kind,
                "sharpe": sharpe_moments(frame[(name, kind)]).sharpe,
                "observations": int(frame[(name, kind)].notna().sum()),
                "cluster": np.nan if at is None or clusters is None else float(clusters[at]),
                "code": "" if at is not None else "OTHER_PERIODS",
            }
        )
    told = {name for name, kind in frame.columns if kind == "earlier"}
    rows += [
        {"candidate": one.specification, "kind": "earlier", "sharpe": one.sharpe, "observations": 0}
        | {"cluster": np.nan, "code": "NO_RESULT"}
        for one in trials.itertuples()
        if one.specification not in told
    ]
    table = pd.DataFrame(rows, columns=TABLES["signal_candidates"].column_names)
    gone = int((table["kind"].eq("earlier") & table["code"].ne("")).sum())
    return Candidates(whole, conform(table, TABLES["signal_candidates"]), gone)


def deflation(found: Candidates, *, periods_a_year: float, stretches: int, purge: int, level: float) -> tuple:
    """Tables ``signal_deflation`` and ``signal_overfitting`` of the candidates.

    ``periods_a_year`` of the spread; ``level`` of the track record that is asked for.
    """
    own = found.returns[(OWN, "own")] if (OWN, "own") in found.returns else pd.Series(dtype="float64")
    moments = sharpe_moments(own)
    rows: list[tuple[str, float, str, str]] = [
        ("sharpe", moments.sharpe, "ratio", "zero_variance"),
        ("sharpe_annual", moments.sharpe * np.sqrt(periods_a_year), "ratio", "zero_variance"),
        ("sharpe_error", sharpe_error(moments), "ratio", "zero_variance"),
        ("skewness", moments.skewness, "ratio", "zero_variance"),
        ("kurtosis", moments.kurtosis, "ratio", "zero_variance"),
        ("observations", float(moments.observations), "count", ""),
        ("probabilistic_sharpe", probabilistic_sharpe(moments), "probability", "zero_variance"),
    ]
    by_values, by_clusters = _effective(found)
    effective = max(by_values, by_clusters)
    ratios = found.table.loc[found.table["code"] == "", "sharpe"].dropna().to_numpy()
    spread = float(np.var(ratios, ddof=1)) if len(ratios) > 1 else 0.0
    variance = (
        max(spread, sharpe_error(moments._replace(sharpe=0.0)) ** 2) if moments.observations > 1 else np.nan
    )
    hurdle = expected_best(trials=effective, variance=variance)
    needed = minimum_track_record(moments, hurdle=hurdle, level=level)
    rows += [
        ("trials", float(found.versions), "count", ""),
        ("earlier_trials", float(found.table["kind"].eq("earlier").sum()), "count", ""),
        ("trials_without_returns", float(found.gone), "count", ""),
        ("effective_by_eigenvalues", by_values, "number", ""),
        ("effective_by_clusters", by_clusters, "number", ""),
        ("effective_trials", effective, "number", ""),
        ("variance_of_trials", variance, "number", "zero_variance"),
        ("best_by_luck", hurdle, "ratio", "zero_variance"),
        ("best_by_luck_annual", hurdle * np.sqrt(periods_a_year), "ratio", "zero_variance"),
        (
            "deflated_sharpe",
            deflated_sharpe(moments, trials=effective, variance=variance),
            "probability",
            "zero_variance",
        ),
        ("needed_periods", needed if np.isfinite(needed) else np.nan, "count", "NEVER"),
    ]
    splits, code = _overfitting(found, stretches, purge)
    rows += [
        (name, value, unit, code)
        for name, value, unit in (
            ("overfitting", splits.probability if splits else np.nan, "probability"),
            ("loss_outside", splits.loss if splits else np.nan, "probability"),
            ("slope_outside", splits.slope if splits else np.nan, "ratio"),
        )
    ]
    table = pd.DataFrame(rows, columns=["figure", "value", "unit", "code"])
    table["code"] = table["code"].where(table["value"].isna(), "")
    detail = pd.DataFrame(columns=TABLES["signal_overfitting"].column_names)
    if splits:
        names = found.returns.columns.get_level_values("candidate").to_numpy()
        detail = pd.DataFrame(
            {
                "split": np.arange(1, len(splits.chosen) + 1),
                "chosen": names[splits.chosen],
                "inside": splits.inside,
                "outside": splits.outside,
                "relative_rank": splits.relative_rank,
            }
        )
    return conform(table, TABLES["signal_deflation"]), conform(detail, TABLES["signal_overfitting"])


def _effective(found: Candidates) -> tuple[float, float]:
    """Independent tries by eigenvalues and by clusters; those without returns count one each."""
    if not len(found.returns.columns):
        return (float(found.gone),) * 2
    if len(found.returns) <= 2:
        return (float(found.versions),) * 2
    correlation = correlation_of_trials(found.returns.to_numpy())
    clusters = float(len(np.unique(trial_clusters(correlation))))
    return effective_by_eigenvalues(correlation) + found.gone, clusters + found.gone


def _overfitting(found: Candidates, stretches: int, purge: int) -> tuple:
    """The cross-validation with as many stretches as asked for and fit, and a code where there is none."""
    if found.returns.shape[1] < 2:
        return None, "TOO_FEW_TRIALS"
    fit = min(stretches, len(found.returns) // (LEAST_ROWS + 2 * purge)) // 2 * 2
    if fit < 4:
        return None, "TOO_FEW_ROWS"
    return probability_of_overfitting(found.returns.to_numpy(), stretches=fit, purge=purge), ""
