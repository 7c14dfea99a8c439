"""What every test says of one signal, side by side; the bar that it must pass; what would overturn it.

Signs are turned so that above zero is what the hypothesis says. Nothing is computed here that a stage before
has not published: this is the place where their answers meet, so that none of them can be picked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.signals.sort_ground import A_YEAR
from lib.stats.sharpe_inference import SharpeMoments, deflated_sharpe

LEVEL = 0.05
MONTH = 21
MOST_TRIES = 10_000.0
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Bar:
    """What the signal must show: sizes of t, shares and probabilities, set before the answer is known."""

    t: float = 3.0
    net: float = 0.0
    alpha_t: float = 2.0
    deflated: float = 0.95
    overfitting: float = 0.5
    permutation: float = 0.05
    specifications: float = 0.75


@dataclass(frozen=True)
class Sort:
    """What the report must know of the sort: how often it is formed, its weights, and the hypothesis."""

    every: str
    weighting: str
    hypothesis: str

    @property
    def sign(self) -> float:
        """What an estimate for a higher value is multiplied by."""
        return 1.0 if self.hypothesis == "higher" else -1.0

    @property
    def periods(self) -> float:
        """Holding periods a year."""
        return float(A_YEAR[self.every])


def evidence(tables: Tables, sort: Sort) -> pd.DataFrame:
    """The table ``signal_evidence``."""
    spread, net = (_spread(tables, sort, name) for name in ("long_short", "net"))
    decay = _first(tables["signal_ic_decay"].query("horizon == @MONTH"))
    alpha = best_alpha(tables["signal_alphas"])
    panel = _panel(tables["signal_panel"])
    gap = _event_gap(tables["event_differences"])
    design = _first(tables["did_estimates"].query("role == 'own' and estimator == 'staggered'"))
    year, sign = sort.periods, sort.sign
    rows = [
        _row("spread of the sort, a year", "signals/deciles", spread, "mean", year),
        _row("spread after costs, a year", "signals/deciles", net, "mean", year),
        _row("rank correlation with the month's return", "signals/deciles", decay, "mean", sign, "ratio"),
        _row("what known factors leave, a year", "signals/alphas", alpha, "alpha_annual", 1.0),
        _row("one deviation more, next quarter", "signals/panel", panel, "coef", sign),
        _row("highest less lowest group around events", "signals/events", gap, "estimate", sign),
        _row("effect of the natural experiment", "signals/did", design, "estimate", 1.0, "ratio"),
    ]
    drawn_by = tables["signal_permutations"].set_index("way", drop=False)
    for way, said in (("within_dates", "within dates"), ("whole_paths", "as whole paths")):
        drawn = _first(drawn_by.loc[drawn_by["way"] == way])
        name = f"spread against values handed out anew {said}"
        rows.append(_row(name, "signals/robustness", drawn, "observed", year))
    table = pd.DataFrame(rows)
    beside = table["stage"].eq("signals/did") & table["direction"].ne("not_measured")
    return table.assign(direction=table["direction"].mask(beside, "not_asked"))


def bar_table(tables: Tables, sort: Sort, bar: Bar) -> pd.DataFrame:
    """The table ``signal_bar``."""
    spread, net = (_spread(tables, sort, name) for name in ("long_short", "net"))
    deflation = tables["signal_deflation"].set_index("figure")["value"]
    alpha = best_alpha(tables["signal_alphas"])
    drawn = tables["signal_permutations"].query("way != 'placebo'")["p"]
    known = tables["signal_specifications"]["mean_annual"].dropna()
    above = float((known > 0.0).mean()) if len(known) else np.nan
    net_annual = _number(net, "mean") * sort.periods
    rows = [
        ("t of the spread", bar.t, _number(spread, "t"), "ratio", "at_least"),
        ("spread after costs, a year", bar.net, net_annual, "fraction", "at_least"),
        ("t of what known factors leave", bar.alpha_t, _number(alpha, "t"), "ratio", "at_least"),
        (
            "probability that it is more than the best by luck",
            bar.deflated,
            float(deflation.get("deflated_sharpe", np.nan)),
            "probability",
            "at_least",
        ),
        (
            "probability of overfitting",
            bar.overfitting,
            float(deflation.get("overfitting", np.nan)),
            "probability",
            "at_most",
        ),
        (
            "p-value when values are handed out anew",
            bar.permutation,
            float(drawn.max()) if drawn.notna().any() else np.nan,
            "p_value",
            "at_most",
        ),
        ("specifications above zero", bar.specifications, above, "fraction", "at_least"),
    ]
    table = pd.DataFrame(rows, columns=["criterion", "bar", "found", "unit", "rule"])
    reached = np.where(
        table["rule"] == "at_least", table["found"] >= table["bar"], table["found"] <= table["bar"]
    )
    verdict = np.where(table["found"].isna(), "unknown", np.where(reached, "passed", "failed"))
    return table.assign(verdict=pd.Series(verdict, dtype="str"))


def overturn_table(tables: Tables, sort: Sort, bar: Bar) -> pd.DataFrame:
    """The table ``signal_overturn``: each doubt with its worst case, and whether that changes the answer."""
    year = sort.periods
    spread = _number(_spread(tables, sort, "long_short"), "mean") * year
    other = "value" if sort.weighting == "equal" else "equal"
    weighted = _spread(tables, Sort(sort.every, other, sort.hypothesis), "long_short")
    cost = _first(tables["signal_sort_costs"].query("weighting == @sort.weighting and slippage == 'normal'"))
    charged = (_number(cost, "spread") + _number(cost, "commission") + _number(cost, "impact")) / _number(
        cost, "traded"
    )
    years = tables["signal_subsamples"].query("family == 'year'")["mean_annual"]
    delays = tables["signal_sort_delays"]["mean"] * year
    ends = tables["signal_sort_delistings"]["mean"] * year
    ways = tables["signal_specifications"]["mean_annual"]
    tries, enough = _tries_that_overturn(tables["signal_deflation"], bar.deflated)
    rows = [
        ("other weights of firms", spread, _number(weighted, "mean") * year, "fraction"),
        ("the worst year", spread, float(years.min()), "fraction"),
        ("purchases up to twenty sessions later", spread, float(delays.min()), "fraction"),
        ("other returns of firms that left the market", spread, float(ends.min()), "fraction"),
        ("the worst of all specifications", spread, float(ways.min()), "fraction"),
    ]
    found = [(*row, _falls(row[2])) for row in rows]
    break_even = _number(cost, "break_even")
    found.append(("costs one way", charged, break_even, "bp", _reached(charged, break_even)))
    found.append(("independent tries in all", tries, enough, "count", _reached(tries, enough)))
    return pd.DataFrame(found, columns=["doubt", "usual", "worst", "unit", "overturns"])


def best_alpha(alphas: pd.DataFrame) -> pd.Series:
    """The row of the spread under the most factors that could be estimated; over holding periods first."""
    known = alphas.query("portfolio == 'long_short' and by_rule and alpha_annual == alpha_annual")
    order = known.assign(whole=known["series"].eq("holding")).sort_values(
        ["whole", "factors"], ascending=False, kind="stable"
    )
    return _first(order)


def _spread(tables: Tables, sort: Sort, portfolio: str) -> pd.Series:
    return _first(
        tables["signal_sort_summary"].query(
            "sort == 'base' and weighting == @sort.weighting and portfolio == @portfolio"
        )
    )


def _panel(panel: pd.DataFrame) -> pd.Series:
    """Fama and MacBeth's slope, beside the controls where it could be estimated there."""
    rows = panel.query("speaks and model == 'fama_macbeth' and term == 'signal' and coef == coef")
    return _first(rows.sort_values("regressors", ascending=False, kind="stable"))


def _event_gap(differences: pd.DataFrame) -> pd.Series:
    """The difference of groups by the first test that can be trusted, else on condition."""
    place = {"placebo": 0, "portfolio": 1, "permutation": 2, "welch": 3}
    rows = differences.loc[differences["test"].isin(place) & differences["p"].notna()]
    rank = 10 * rows["trusted"].map({"yes": 0, "conditional": 1, "no": 2}) + rows["test"].map(place)
    return _first(rows.loc[rank.sort_values(kind="stable").index])


def _row(
    test: str, stage: str, row: pd.Series, column: str, times: float, unit: str = "fraction"
) -> dict[str, Any]:
    """One line of the evidence; ``times`` turns the sign and makes it a year's."""
    size = _number(row, column) * times
    t = _number(row, "t") * np.sign(times)
    if np.isnan(t) and _number(row, "error") > 0.0:
        t = size / abs(times) / _number(row, "error")
    p = _number(row, "p")
    clear = p <= LEVEL if not np.isnan(p) else abs(t) >= 2.0
    direction = "not_measured" if np.isnan(size) else "not_told"
    if direction == "not_told" and clear:
        direction = "as_expected" if size > 0.0 else "against"
    return {
        "test": test,
        "stage": stage,
        "estimate": size,
        "unit": unit,
        "t": t,
        "p": p,
        "direction": direction,
    }


def _tries_that_overturn(deflation: pd.DataFrame, level: float) -> tuple[float, float]:
    """Independent tries that were made, and how many would bring the deflated ratio under ``level``.

    Infinite where even ten thousand would not.
    """
    value = deflation.set_index("figure")["value"]
    names = ("sharpe", "skewness", "kurtosis", "observations", "variance_of_trials", "effective_trials")
    if any(name not in value or np.isnan(value[name]) for name in names):
        return np.nan, np.nan
    moments = SharpeMoments(value["sharpe"], value["skewness"], value["kurtosis"], int(value["observations"]))
    grid = np.unique(np.round(np.geomspace(1.0, MOST_TRIES, 400)))
    variance = float(value["variance_of_trials"])
    under = [one for one in grid if deflated_sharpe(moments, trials=one, variance=variance) < level]
    return float(value["effective_trials"]), float(under[0]) if under else np.inf


def _falls(worst: float) -> str:
    return "unknown" if np.isnan(worst) else "yes" if worst <= 0.0 else "no"


def _reached(usual: float, limit: float) -> str:
    return "unknown" if np.isnan(usual) or np.isnan(limit) else "yes" if usual >= limit else "no"


def _first(rows: pd.DataFrame) -> pd.Series:
    """The first row, or one without any value."""
    return rows.iloc[0] if len(rows) else pd.Series(dtype="float64")


def _number(row: pd.Series, name: str) -> float:
    found = row.get(name, np.nan)
    return float(found) if found is not None and not pd.isna(found) else float("nan")
