"""What the book could lose, as rows of table ``portfolio_report``: past markets, crises, given moves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.review.sources import Tables, names, row
from lib.stats.drawdowns import drawdown

RISK = (
    ("var_95", "1y", "fraction"),
    ("cvar_95", "1y", "fraction"),
    ("annual_volatility", "1y", "fraction"),
    ("beta", "1y", "ratio"),
    ("max_drawdown", "all", "fraction"),
)
MONEY_AT_RISK = ("var_95", "cvar_95")
FACTOR_WAYS = ("factor_var_95",)
NOT_MEASURED = "not measured"
TOP_LOSERS = 5
STRESS_UNITS = {
    "conditional_pnl": "money",
    "pnl_fraction": "fraction",
    "direct_pnl": "money",
    "correlation_effect": "money",
    "sigmas": "ratio",
}
SCENARIO_UNITS = {"linear_pnl": "money", "gamma_pnl": "money", "pnl": "money", "pnl_fraction": "fraction"}


def risk(tables: Tables) -> list[list]:
    """Losses of today's holdings in past markets, in shares and in money."""
    metrics = tables.risk_metrics.drop_duplicates(["metric", "window"]).set_index(["metric", "window"])
    base = tables.base[1]
    rows = []
    for name, window, unit in RISK:
        found = (name, window) in metrics.index
        value = metrics.loc[(name, window), "value"] if found else np.nan
        flag = metrics.loc[(name, window), "flag"] if found else NOT_MEASURED
        rows.append(row("risk", window, name, value, unit, flag))
        if name in MONEY_AT_RISK:
            rows.append(row("risk", window, f"{name}_money", value * base, "money", flag))
    falls = drawdown(tables.portfolio_returns["return"])
    now = falls[-1] if len(falls) > 1 else np.nan
    return [*rows, row("risk", "all", "current_drawdown", now, "fraction"), _deepest(tables.drawdowns)]


def _deepest(drawdowns: pd.DataFrame) -> list:
    """How long the deepest fall lasted, with its days in the note."""
    if drawdowns.empty:
        return row("risk", "all", "deepest_days", np.nan, "days")
    worst = drawdowns.loc[drawdowns["depth"].idxmin()]
    note = f"{wording.date(worst['start'])} to {wording.date(worst['trough'])}"
    return row("risk", "all", "deepest_days", worst["days"], "days", note)


def stress(tables: Tables) -> list[list]:
    """Every stress scenario, the worst first; the first row of each has its name in the note."""
    ordered = tables.stress_pnl.sort_values("conditional_pnl", kind="stable")
    return [
        row(
            "stress",
            one["scenario"],
            name,
            one[name],
            unit,
            one["name"] if name == "conditional_pnl" else one["flags"],
        )
        for one in ordered.to_dict("records")
        for name, unit in STRESS_UNITS.items()
    ]


def stress_positions(tables: Tables) -> list[list]:
    """The holdings that lose most in the worst scenario; lots of one symbol together."""
    known = tables.stress_pnl.dropna(subset="conditional_pnl")
    if known.empty:
        return []
    worst = known.loc[known["conditional_pnl"].idxmin()]
    parts = tables.stress_positions[tables.stress_positions["scenario"] == worst["scenario"]]
    symbols = parts["position_id"].map(tables.positions.set_index("position_id")["symbol"])
    losses = parts.groupby(symbols)["conditional_pnl"].sum(min_count=1).dropna().sort_values(kind="stable")
    named = names(tables)
    return [
        row("stress_position", symbol, "conditional_pnl", money, "money", named.get(symbol, ""))
        for symbol, money in losses[losses < 0].head(TOP_LOSERS).items()
    ]


def scenarios(tables: Tables) -> list[list]:
    """Moves of the market and of rates by size of the move; the first row of each has its kind in the note.

    Results of different tenors are alternatives and are never added.
    """
    table = tables.scenario_pnl.sort_values(["kind", "tenor", "shock"], kind="stable")
    rows = []
    for one in table.to_dict("records"):
        market = one["kind"] == "market"
        section = "scenario" if market else "rate_scenario"
        item = one["scenario"] if market else f"{one['tenor']} {one['scenario']}"
        kind = "market" if market else one["tenor"]
        rows.append(row(section, item, "shock", one["shock"], "fraction" if market else "ratio", kind))
        rows += [
            row(section, item, name, one[name], unit, one["flags"]) for name, unit in SCENARIO_UNITS.items()
        ]
    return rows
