"""What moves the book: betas with their uncertainty, Greeks, groups that move together; as report rows.

The uncertainty of a book's beta follows from the model's own assumption that what is specific to one
underlying has nothing to do with another's: with B = sum over underlyings of E_u b_u / base, the standard
error is sqrt(sum of (E_u se_u)^2) / base, E_u the delta-adjusted exposure and se_u the error of its beta.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.review.rows import largest_first, row, rows
from lib.review.sources import Tables

METHOD = "orthogonal"
GROUPING = "average"
NOT_FACTORS = ("specific", "total")
FACTOR_VAR = "factor_var_95"
TOP_COMPONENTS = 5
TOP_OPTIONS = 20
MOST_IN_MAP = 60
TWO_SIDED_95 = 1.96
NO_OPTIONS = "no options are held"
NO_FIGURES = "not computed for any position"
BETA_UNITS = {"beta": "ratio", "std_error": "ratio", "dollar_exposure": "money"}
GREEK_UNITS = {"value": "money", "included": "count", "excluded": "count"}
OPTION_UNITS = {
    "delta_dollars": "money",
    "gamma_dollars": "money",
    "position_theta": "money",
    "position_vega": "money",
    "implied_vol": "fraction",
}
GROUP_UNITS = {"members": "count", "weight": "fraction", "average_correlation": "ratio"}


def betas(tables: Tables) -> list[list]:
    """Beta of the book to each factor with its standard error, its money and its part of the variance."""
    fitted = tables.portfolio_betas[tables.portfolio_betas["method"] == METHOD].set_index("factor")
    fitted = fitted.drop("total", errors="ignore").assign(std_error=beta_errors(tables))
    found = []
    for factor, one in fitted.iterrows():
        missing = NO_FIGURES if pd.isna(one["beta"]) and factor not in NOT_FACTORS else ""
        if factor not in NOT_FACTORS:
            found += [
                row("beta", factor, name, one[name], unit, missing) for name, unit in BETA_UNITS.items()
            ]
        found.append(row("beta_share", factor, "share", one["variance_share"], "fraction", missing))
    return found


def beta_errors(tables: Tables) -> pd.Series:
    """Standard error of the book's beta to each factor, in units of the base; the module says how."""
    fitted = tables.position_betas
    fitted = fitted[(fitted["method"] == METHOD) & fitted["beta"].notna()]
    money = fitted["position_id"].map(tables.delta_exposures).astype("float64")
    parts = fitted.assign(money=money).dropna(subset=["money", "std_error"])
    by_name = parts.groupby(["factor", "symbol"]).agg(money=("money", "sum"), error=("std_error", "first"))
    squares = (by_name["money"] * by_name["error"]) ** 2
    return np.sqrt(squares.groupby(level="factor").sum()) / (tables.base if tables.base > 0 else np.nan)


def intervals(betas: pd.DataFrame) -> pd.DataFrame:
    """Rows with ``beta`` and ``std_error``, and the ends of the 95 % intervals as ``low`` and ``high``."""
    reach = TWO_SIDED_95 * betas["std_error"]
    return betas.assign(low=betas["beta"] - reach, high=betas["beta"] + reach)


def components(tables: Tables) -> list[list]:
    """The holdings that make up most of the factor value at risk; lots of one symbol together."""
    parts = tables.var_components[tables.var_components["method"] == FACTOR_VAR]
    sums = parts.groupby(tables.by_symbol(parts))[["value", "share"]].sum(min_count=1)
    top = sums.loc[largest_first(sums["value"], TOP_COMPONENTS).index]
    top = top.assign(note=top.index.map(tables.descriptions))
    return rows("component", top, {"value": "money", "share": "fraction"})


def underlyings(tables: Tables) -> list[list]:
    """The underlyings that make up most of the factor value at risk, each stock with its options."""
    parts = tables.var_components[tables.var_components["method"] == FACTOR_VAR]
    known = parts.dropna(subset="value")
    key = known["position_id"].map(tables.positions.set_index("position_id")["underlying"])
    sums = known.groupby(key)[["value", "share"]].sum().assign(positions=known.groupby(key).size())
    top = sums.loc[largest_first(sums["value"], TOP_COMPONENTS).index]
    top = top.assign(note=top.index.map(tables.descriptions).fillna(""))
    return rows("underlying", top, {"value": "money", "share": "fraction", "positions": "count"})


def greeks(tables: Tables) -> list[list]:
    """Sums of the Greeks over the book, and how many positions are in and out of each."""
    names = {"positions_included": "included", "positions_excluded": "excluded"}
    table = tables.portfolio_greeks.set_index("greek").rename(columns=names)
    why = NO_FIGURES if len(tables.options) else NO_OPTIONS
    reasons = [why if pd.isna(value) else "" for value in table["value"]]
    return rows("greek", table.assign(reason=reasons), GREEK_UNITS, note="", notes={"value": "reason"})


def options(tables: Tables) -> list[list]:
    """Greeks of the options with the largest dollar delta; the note says what the option is or is missing."""
    held = tables.options
    known = tables.greeks[tables.greeks["position_id"].isin(held["position_id"])].set_index("position_id")
    order = known["delta_dollars"].abs().sort_values(ascending=False, kind="stable").index[:TOP_OPTIONS]
    top = known.loc[order]
    words = top["symbol"].map(tables.descriptions)
    why = {f"{name}_note": words.where(top[name].notna(), top["flags"]) for name in OPTION_UNITS}
    return rows("option", top.assign(**why), OPTION_UNITS, notes=dict(zip(OPTION_UNITS, why, strict=True)))


def clusters(tables: Tables) -> list[list]:
    """Groups of underlyings that move together: weight, mean correlation, and in the note the members."""
    found = tables.clusters[tables.clusters["method"] == GROUPING]
    labels, groups = [], []
    for number, members in found.groupby("cluster"):
        first = members.iloc[0]
        labels.append(f"{first['nickname']} (group {number})")
        groups.append(
            {
                "members": len(members),
                "weight": members["weight"].sum(min_count=1),
                "average_correlation": first["average_correlation"],
                "note": ", ".join(members.sort_values("weight", ascending=False, kind="stable")["symbol"]),
            }
        )
    return rows("cluster", pd.DataFrame(groups, labels, [*GROUP_UNITS, "note"]), GROUP_UNITS)


def correlation_map(tables: Tables) -> pd.DataFrame:
    """Correlations as a square, groups together, the heaviest members first; at most 60 underlyings.

    One missing number where nothing is compared.
    """
    pairs = tables.position_correlations.set_index(["symbol_1", "symbol_2"])["correlation"]
    square = pairs.unstack()  # noqa: PD010
    known = tables.clusters[tables.clusters["method"] == GROUPING]
    known = known.sort_values(["cluster", "weight"], ascending=[True, False], kind="stable")
    first = [symbol for symbol in dict.fromkeys(known["symbol"]) if symbol in square.index]
    order = [*first, *(symbol for symbol in square.index if symbol not in set(first))][:MOST_IN_MAP]
    if not order:
        return pd.DataFrame({"nothing": [np.nan]}, index=["nothing"])
    return square.reindex(index=order, columns=order).rename_axis(index=None, columns=None)


def closest_pair(square: pd.DataFrame) -> tuple[str, str, float] | None:
    """The two that move together most and their correlation; None where nothing is compared."""
    numbers = square.to_numpy(dtype="float64", copy=True)
    np.fill_diagonal(numbers, np.nan)
    if not np.isfinite(numbers).any():
        return None
    place = np.unravel_index(np.nanargmax(numbers), numbers.shape)
    return square.index[place[0]], square.columns[place[1]], float(numbers[place])


def concentration(tables: Tables) -> list[list]:
    """How many independent positions the book amounts to, by every measure of the stage."""
    return [
        row("concentration", "book", one.measure, one.value, "ratio", one.note)
        for one in tables.concentration.itertuples()
    ]
