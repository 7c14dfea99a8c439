"""What the returns of a sort amount to: means with their tests, risk, costs, whether groups rise in order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lib.contracts import conform
from lib.signals.sort_costs import SLIPPAGE, CostRules, break_even, capacity, costs_of, terms_of
from lib.signals.sort_ground import A_YEAR
from lib.signals.sorting import Sorted
from lib.stats.date_bootstrap import bootstrap_series, mean_block
from lib.stats.drawdowns import max_drawdown
from lib.stats.hac import default_lags, mean_test
from lib.stats.monotonicity import monotonic
from lib.stats.performance import hit_rate, sharpe
from lib.tables import TABLES

LEAST_PERIODS = 3
BOOTSTRAP_PERIODS = 10
LAGS = (3, 4, 6)
NAMES = ("mean", "error", "t", "p", "low", "high")


def mean_figures(returns: Any, *, lags: int | None = None) -> dict[str, float]:
    """Mean of a series (missing left out), its Newey-West error, t, p and 95 % interval with T - 1 degrees.

    NaN under three periods. ``lags`` by the rule where None, else cut to T - 2.
    """
    series = np.asarray(returns, dtype="float64")
    series = series[~np.isnan(series)]
    count = len(series)
    if count < LEAST_PERIODS:
        mean = float(series.mean()) if count else np.nan
        return dict.fromkeys(NAMES, np.nan) | {"mean": mean, "lags": 0, "periods": count}
    fit = mean_test(series, lags=None if lags is None else min(lags, count - 2))
    mean, error = float(fit.coefficient[0]), float(fit.error[0])
    reach = float(stats.t.ppf(0.975, count - 1)) * error
    return {
        "mean": mean,
        "error": error,
        "t": float(fit.t[0]),
        "p": float(fit.p[0]),
        "low": mean - reach,
        "high": mean + reach,
        "lags": fit.lags,
        "periods": count,
    }


def summary_rows(own: Sorted, net: np.ndarray, *, sort: str, weighting: str, every: str) -> list[dict]:
    """Rows of ``signal_sort_summary``: groups (of dates with the usual number of them), difference, net.

    ``net`` is the difference after costs by period (D).
    """
    usual, dates = usual_groups(own)
    returns, turnover, firms = own.group_returns(), own.group_turnover(), own.firms()
    spread = own.spread()
    both = own.turnover(own.long) + own.turnover(own.short)
    held = (own.long > 0.0).sum(axis=1) + (own.short > 0.0).sum(axis=1)
    parts = [
        (f"group {one + 1}", returns[dates, one], turnover[dates, one], firms[dates, one])
        for one in range(usual)
    ]
    rows = own.counted
    parts += [
        ("long_short", spread[rows], both[rows], held[rows]),
        ("net", net[rows], both[rows], held[rows]),
    ]
    label = {"sort": sort, "weighting": weighting}
    return [
        label | {"portfolio": name} | _measured(series, turned, number, A_YEAR[every])
        for name, series, turned, number in parts
    ]


def _measured(series: np.ndarray, turnover: np.ndarray, firms: np.ndarray, a_year: int) -> dict[str, Any]:
    known = series[~np.isnan(series)]
    found: dict[str, Any] = mean_figures(known)
    later = turnover[1:][~np.isnan(turnover[1:])]
    enough = len(known) >= LEAST_PERIODS
    return found | {
        "deviation": float(known.std(ddof=1)) if enough else np.nan,
        "sharpe": float(sharpe(known, periods=a_year)) if enough else np.nan,
        "hit_rate": float(hit_rate(known)) if len(known) else np.nan,
        "max_drawdown": float(max_drawdown(known)) if len(known) else np.nan,
        "turnover": float(later.mean()) if len(later) else np.nan,
        "firms": float(np.mean(firms)) if len(firms) else np.nan,
        "code": "" if enough else "FEW_PERIODS" if len(known) else "NO_SPREAD",
    }


def usual_groups(own: Sorted) -> tuple[int, np.ndarray]:
    """The number of groups that most periods have, the larger of two, and which periods those are (D)."""
    numbers = own.groups[own.counted]
    if not len(numbers):
        return 0, np.zeros(len(own.groups), dtype=bool)
    usual = int(len(np.bincount(numbers)) - 1 - np.argmax(np.bincount(numbers)[::-1]))
    return usual, own.counted & (own.groups == usual)


def tests_rows(
    series: np.ndarray, *, portfolio: str, weighting: str, every: str, draws: int, seed: int
) -> list[dict]:
    """Rows of ``signal_sort_tests`` of one series: 3, 4, 6 lags and the rule, and a bootstrap over dates."""
    count = len(series)
    label = {"weighting": weighting, "portfolio": portfolio, "periods": count}
    rule = default_lags(count)
    rows = []
    for lags, by_rule in ((rule, True), *((lag, False) for lag in LAGS if lag <= count - 2)):
        one = mean_figures(series, lags=lags)
        rows.append(
            label
            | {name: one[name] for name in NAMES[1:]}
            | {"method": "newey_west", "figure": "mean", "value": one["mean"], "freedom": max(count - 1, 0)}
            | {"lags": lags, "by_rule": by_rule}
        )
    if count < BOOTSTRAP_PERIODS or not series.std() > 0.0:
        return rows
    drawn = bootstrap_series(series, draws=draws, generator=np.random.default_rng(seed))
    for figure, scale in (("mean", 1.0), ("sharpe", np.sqrt(A_YEAR[every]))):
        found = drawn[figure]
        p = min(2.0 * min(found.at_or_below_zero, 1.0 - found.at_or_below_zero) + 1.0 / (draws + 1.0), 1.0)
        for method, low, high in (
            ("percentile", found.low, found.high),
            ("studentised", found.studentised_low, found.studentised_high),
        ):
            rows.append(
                label
                | {"method": method, "figure": figure, "lags": round(mean_block(count)), "by_rule": True}
                | {"value": found.observed * scale, "error": found.error * scale, "freedom": 0}
                | {"t": found.observed / found.error if found.error > 0.0 else np.nan}
                | {"p": p if method == "percentile" else np.nan, "low": low * scale, "high": high * scale}
            )
    return rows


def monotonicity_row(own: Sorted, *, higher: bool, weighting: str, draws: int, seed: int) -> dict[str, Any]:
    """The row of ``signal_sort_monotonicity``: periods with the usual groups, none of them empty."""
    usual, dates = usual_groups(own)
    returns = own.group_returns()[dates][:, :usual]
    returns = returns[~np.isnan(returns).any(axis=1)]
    row = {"weighting": weighting, "groups": usual, "periods": len(returns), "code": ""}
    if len(returns) < BOOTSTRAP_PERIODS:
        return row | {"spearman": np.nan, "smallest_step": np.nan, "p": np.nan, "code": "FEW_PERIODS"}
    rising = returns if higher else returns[:, ::-1]
    return row | monotonic(rising, draws=draws, generator=np.random.default_rng(seed))._asdict()


def cost_rows(own: Sorted, rules: CostRules, *, weighting: str) -> list[dict]:
    """Rows of ``signal_sort_costs``: the same sort under each slippage."""
    terms, used = terms_of(own.ground, rules), own.counted
    gross = own.spread()
    held = ((own.long + own.short) > 0.0) & used[:, None]

    def mean(values: np.ndarray) -> float:
        return float(values[used].mean()) if used.any() else np.nan

    rows = []
    for slippage in SLIPPAGE:
        under = replace(rules, slippage=slippage)
        costs = costs_of(own, terms, under)
        net = mean_figures((gross - costs.total)[used])
        rows.append(
            {"weighting": weighting, "slippage": slippage, "gross": mean(gross), "spread": mean(costs.spread)}
            | {"commission": mean(costs.commission), "impact": mean(costs.impact)}
            | {"borrow": mean(costs.borrow), "net": net["mean"], "net_t": net["t"]}
            | {"traded": mean(costs.traded), "break_even": break_even(gross, own, costs)}
            | {"capacity": capacity(gross, own, terms, under)}
            | {"without_cap": float(terms.without_cap[held].mean()) if held.any() else np.nan}
            | {"without_volume": float(terms.without_volume[held].mean()) if held.any() else np.nan}
        )
    return rows


def table_of(rows: list[dict], name: str) -> pd.DataFrame:
    """Rows as the table ``name``."""
    return conform(pd.DataFrame(rows, columns=TABLES[name].column_names), TABLES[name])
