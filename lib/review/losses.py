"""What the book could lose, as rows of table ``portfolio_report``: past markets, crises, given moves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, stress_order
from lib.review.rows import row, rows
from lib.review.sources import Tables
from lib.stats.backtests import zone_of
from lib.stats.drawdowns import drawdown

RISK = (
    ("var_95", "1y", "fraction"),
    ("cvar_95", "1y", "fraction"),
    ("var_99", "3y", "fraction"),
    ("cvar_99", "3y", "fraction"),
    ("var_95_10d", "5y", "fraction"),
    ("cvar_95_10d", "5y", "fraction"),
    ("annual_volatility", "1y", "fraction"),
    ("beta", "1y", "ratio"),
    ("max_drawdown", "5y", "fraction"),
    ("max_drawdown", "all", "fraction"),
)
"""Measure, window and unit. Of 99 % a year has too few days; of ten days three years have."""
MONEY_AT_RISK = ("var_95", "cvar_95", "var_99", "cvar_99", "var_95_10d", "cvar_95_10d")
NOT_MEASURED = "not measured"
ROOT_TIME = "root_time"
TOP_LOSERS = 5
BACKTEST_METHOD = r"rolling_\d+_var_(\d+)"
BACKTEST_UNITS = {
    "forecasts": "count",
    "exceedances": "count",
    "expected": "ratio",
    "kupiec_p": "p_value",
    "exceedances_p": "probability",
}
STRESS_UNITS = {
    "conditional_pnl": "money",
    "pnl_fraction": "fraction",
    "direct_pnl": "money",
    "correlation_effect": "money",
    "conditional_unbounded": "money",
    "sigmas": "ratio",
}
SCENARIO_UNITS = {"linear_pnl": "money", "gamma_pnl": "money", "pnl": "money", "pnl_fraction": "fraction"}


def risk(tables: Tables) -> list[list]:
    """Losses of today's holdings in past markets, in shares and in money."""
    metrics = tables.risk_metrics.drop_duplicates(["metric", "window"]).set_index(["metric", "window"])
    figures = []
    for name, window, unit in RISK:
        found = (name, window) in metrics.index
        value = metrics.loc[(name, window), "value"] if found else np.nan
        flag = metrics.loc[(name, window), "flag"] if found else NOT_MEASURED
        figures.append(row("risk", window, name, value, unit, flag))
        if name in MONEY_AT_RISK:
            figures.append(row("risk", window, f"{name}_money", value * tables.base, "money", flag))
    depth = falls(tables)
    now = depth.iloc[-1] if len(depth) else np.nan
    figures += _by_root_of_time(tables)
    return [*figures, row("risk", "all", "current_drawdown", now, "fraction"), _deepest(tables.drawdowns)]


def _by_root_of_time(tables: Tables) -> list[list]:
    """The loss of ten days by that of one day, to stand beside that of the stretches that were."""
    metrics = tables.risk_metrics
    chosen = metrics["metric"].eq("var_95_10d") & metrics["window"].eq("5y") & metrics["method"].eq(ROOT_TIME)
    value = metrics.loc[chosen, "value"].iloc[0] if chosen.any() else np.nan
    name = f"var_95_10d_{ROOT_TIME}"
    return [
        row("risk", "5y", name, value, "fraction"),
        row("risk", "5y", f"{name}_money", value * tables.base, "money"),
    ]


def backtest(tables: Tables) -> list[list]:
    """Each test of the value at risk by level and window, the worst first; its Basel zone in the note.

    The worst is the one with the highest probability of so many exceedances or fewer, were the figure right.
    """
    metrics = tables.risk_metrics
    levels = metrics["method"].str.extract(BACKTEST_METHOD)[0].astype("float64") / 100.0
    tests = metrics.assign(level=levels).dropna(subset=["level", "value"])
    wide = tests.pivot(index=["level", "window"], columns="metric", values="value")  # noqa: PD010
    wide = wide.reindex(columns=["exceedances", "kupiec_p", "exceedances_p"])
    wide["forecasts"] = tests.groupby(["level", "window"])["observations"].max()
    wide["expected"] = wide["forecasts"] * (1.0 - wide.index.get_level_values("level"))
    ordered = wide.dropna(subset="exceedances_p").sort_values("exceedances_p", ascending=False, kind="stable")
    ordered["note"] = [zone_of(chance) for chance in ordered["exceedances_p"]]
    ordered.index = [f"{round(100 * level)}% {window}" for level, window in ordered.index]
    return rows("backtest", ordered, BACKTEST_UNITS)


def falls(tables: Tables) -> pd.Series:
    """Fall of today's holdings from their last peak on every past day, zero or below, by day."""
    past = tables.portfolio_returns
    return pd.Series(
        drawdown(past["compounding_return"].to_numpy())[1:], index=pd.Index(past["date"]), name="Fall"
    )


def _deepest(drawdowns: pd.DataFrame) -> list:
    """How long the deepest fall lasted, with its days in the note."""
    if drawdowns.empty:
        return row("risk", "all", "deepest_days", np.nan, "days")
    worst = drawdowns.loc[drawdowns["depth"].idxmin()]
    first, last = (f"{day.day} {day:%b %Y}" for day in (worst["start"], worst["trough"]))
    return row("risk", "all", "deepest_days", worst["days"], "days", f"{first} to {last}")


def stress(tables: Tables) -> list[list]:
    """Every stress scenario in the order of ``lib.stress_order``; each first row has its name in the note.

    ``conditional_unbounded`` is given where a share would lose more than all of its value, missing elsewhere.
    """
    ordered = stress_order.ordered(tables.stress_pnl).set_index("scenario")
    unbounded = ordered["conditional_unbounded"].where(codes.has(ordered["flags"], "below_zero"))
    ordered = ordered.assign(conditional_unbounded=unbounded)
    return rows("stress", ordered, STRESS_UNITS, note="flags", notes={"conditional_pnl": "name"})


def stress_positions(tables: Tables) -> list[list]:
    """The holdings that lose most in the worst scenario; lots of one symbol together."""
    worst = stress_order.worst(tables.stress_pnl)
    if worst is None:
        return []
    parts = tables.stress_positions[tables.stress_positions["scenario"] == worst["scenario"]]
    sums = parts.groupby(tables.by_symbol(parts))["conditional_pnl"].sum(min_count=1)
    losses = sums.dropna().sort_values(kind="stable")
    top = losses[losses < 0].head(TOP_LOSERS).to_frame()
    top = top.assign(note=top.index.map(tables.descriptions))
    return rows("stress_position", top, {"conditional_pnl": "money"})


def scenarios(tables: Tables) -> list[list]:
    """Moves of the market and of rates by size of the move; the first row of each has its kind in the note.

    Results of different tenors are alternatives and are never added.
    """
    table = tables.scenario_pnl.sort_values(["kind", "tenor", "shock"], kind="stable")
    market, rates = table[table["kind"] == "market"], table[table["kind"] != "market"]
    rates = rates.assign(scenario=rates["tenor"] + " " + rates["scenario"])
    return [
        *rows(
            "scenario",
            market.set_index("scenario"),
            {"shock": "fraction", **SCENARIO_UNITS},
            note="flags",
            notes={"shock": "kind"},
        ),
        *rows(
            "rate_scenario",
            rates.set_index("scenario"),
            {"shock": "ratio", **SCENARIO_UNITS},
            note="flags",
            notes={"shock": "tenor"},
        ),
    ]
