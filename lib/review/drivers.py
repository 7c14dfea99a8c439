"""What moves the book: betas with their uncertainty, Greeks, groups that move together; as report rows.

The uncertainty of a book's beta follows from the model's own assumption that what is specific to one
underlying has nothing to do with another's: with B = sum over underlyings of E_u b_u / base, the standard
error is sqrt(sum of (E_u se_u)^2) / base, E_u the delta-adjusted exposure and se_u the error of its beta.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.review.sources import Tables, delta_exposure, largest_first, names, row

METHOD = "orthogonal"
GROUPING = "average"
NOT_FACTORS = ("specific", "total")
FACTOR_VAR = "factor_var_95"
TOP_COMPONENTS = 5
TOP_OPTIONS = 20
NO_OPTIONS = "no options are held"
NO_FIGURES = "not computed for any position"
OPTION_UNITS = {
    "delta_dollars": "money",
    "gamma_dollars": "money",
    "position_theta": "money",
    "position_vega": "money",
    "implied_vol": "fraction",
}


def betas(tables: Tables) -> list[list]:
    """Beta of the book to each factor with its standard error, its money and its part of the variance."""
    book = tables.portfolio_betas[tables.portfolio_betas["method"] == METHOD]
    errors = beta_errors(tables)
    rows = []
    for one in book[~book["factor"].isin(["total"])].itertuples():
        missing = NO_FIGURES if pd.isna(one.beta) and one.factor not in NOT_FACTORS else ""
        if one.factor not in NOT_FACTORS:
            rows += [
                row("beta", one.factor, "beta", one.beta, "ratio", missing),
                row("beta", one.factor, "std_error", errors.get(one.factor, np.nan), "ratio", missing),
                row("beta", one.factor, "dollar_exposure", one.dollar_exposure, "money", missing),
            ]
        rows.append(row("beta_share", one.factor, "share", one.variance_share, "fraction", missing))
    return rows


def beta_errors(tables: Tables) -> pd.Series:
    """Standard error of the book's beta to each factor, in units of the base; the module says how."""
    fitted = tables.position_betas
    fitted = fitted[(fitted["method"] == METHOD) & fitted["beta"].notna()]
    money = fitted["position_id"].map(delta_exposure(tables)).astype("float64")
    parts = fitted.assign(money=money).dropna(subset=["money", "std_error"])
    by_name = parts.groupby(["factor", "symbol"]).agg(money=("money", "sum"), error=("std_error", "first"))
    squares = (by_name["money"] * by_name["error"]) ** 2
    base = tables.base[1]
    return np.sqrt(squares.groupby(level="factor").sum()) / (base if base > 0 else np.nan)


def components(tables: Tables) -> list[list]:
    """The holdings that make up most of the factor value at risk; lots of one symbol together."""
    parts = tables.var_components[tables.var_components["method"] == FACTOR_VAR]
    symbols = parts["position_id"].map(tables.positions.set_index("position_id")["symbol"])
    sums = parts.groupby(symbols)[["value", "share"]].sum(min_count=1)
    named = names(tables)
    return [
        one
        for symbol in largest_first(sums["value"], TOP_COMPONENTS).index
        for one in (
            row("component", symbol, "value", sums.loc[symbol, "value"], "money", named.get(symbol, "")),
            row("component", symbol, "share", sums.loc[symbol, "share"], "fraction", named.get(symbol, "")),
        )
    ]


def greeks(tables: Tables) -> list[list]:
    """Sums of the Greeks over the book, and how many positions are in and out of each."""
    return [
        one
        for greek in tables.portfolio_greeks.itertuples()
        for one in (
            row("greek", greek.greek, "value", greek.value, "money", _no_greek(tables, greek.value)),
            row("greek", greek.greek, "included", greek.positions_included, "count"),
            row("greek", greek.greek, "excluded", greek.positions_excluded, "count"),
        )
    ]


def _no_greek(tables: Tables, value: float) -> str:
    if not pd.isna(value):
        return ""
    return NO_FIGURES if len(tables.options) else NO_OPTIONS


def options(tables: Tables) -> list[list]:
    """Greeks of the options with the largest dollar delta; the note says what the option is or is missing."""
    held = tables.options
    known = tables.greeks[tables.greeks["position_id"].isin(held["position_id"])].set_index("position_id")
    order = known["delta_dollars"].abs().sort_values(ascending=False, kind="stable").index[:TOP_OPTIONS]
    named = names(tables)
    return [
        row(
            "option",
            position,
            name,
            known.loc[position, name],
            unit,
            known.loc[position, "flags"]
            if pd.isna(known.loc[position, name])
            else named.get(known.loc[position, "symbol"], ""),
        )
        for position in order
        for name, unit in OPTION_UNITS.items()
    ]


def clusters(tables: Tables) -> list[list]:
    """Groups of underlyings that move together: weight, mean correlation, and in the note the members."""
    found = tables.clusters[tables.clusters["method"] == GROUPING]
    rows = []
    for number, members in found.groupby("cluster"):
        first = members.iloc[0]
        listed = ", ".join(members.sort_values("weight", ascending=False, kind="stable")["symbol"])
        label = f"{first['nickname']} (group {number})"
        rows += [
            row("cluster", label, "members", len(members), "count", listed),
            row("cluster", label, "weight", members["weight"].sum(min_count=1), "fraction", listed),
            row("cluster", label, "average_correlation", first["average_correlation"], "ratio", listed),
        ]
    return rows


def concentration(tables: Tables) -> list[list]:
    """How many independent positions the book amounts to, by every measure of the stage."""
    return [
        row("concentration", "book", one.measure, one.value, "ratio", one.note)
        for one in tables.concentration.itertuples()
    ]
