"""Finished numbers for the charts of the client page, and their words for the ear."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.review import drivers
from lib.review.page import Report
from lib.review.sentences import NO_SECTOR
from lib.stats.drawdowns import drawdown

BOTH_ENDS = 5
MOST_IN_MAP = 60


def falls(portfolio_returns: pd.DataFrame) -> pd.Series:
    """Fall of today's book from its last peak on every past day; for a chart below zero."""
    depth = drawdown(portfolio_returns["return"].to_numpy())[1:]
    return pd.Series(depth, index=pd.Index(portfolio_returns["date"]), name="Fall")


def stress_ends(report: Report) -> pd.DataFrame:
    """The five worst and the five best stress scenarios, by name, once each."""
    table = report.section("stress", ["note", "conditional_pnl"]).dropna(subset="conditional_pnl")
    worst, best = table.head(BOTH_ENDS), table.tail(BOTH_ENDS)
    return pd.concat([worst, best[~best.index.isin(worst.index)]], ignore_index=True)


def payoff(report: Report) -> pd.DataFrame:
    """Profit by move of the market, today (no move, no profit) included; a straight line beside it where
    options bend it.
    """
    table = (
        report.section("scenario", ["shock", "pnl", "linear_pnl"]).dropna(subset="shock").set_index("shock")
    )
    if table.empty:
        return pd.DataFrame(columns=["The book"], dtype="float64")
    table.loc[0.0] = 0.0
    lines = {"The book": table["pnl"], "Straight line": table["linear_pnl"]}
    if report.section("option").empty:
        del lines["Straight line"]
    return pd.DataFrame(lines).sort_index()


def matrix(position_correlations: pd.DataFrame, clusters: pd.DataFrame) -> pd.DataFrame:
    """Correlations as a square, groups together, the heaviest members first; at most 60 underlyings.

    One missing number where nothing is compared.
    """
    square = position_correlations.set_index(["symbol_1", "symbol_2"])["correlation"].unstack()  # noqa: PD010
    known = clusters[clusters["method"] == drivers.GROUPING]
    known = known.sort_values(["cluster", "weight"], ascending=[True, False], kind="stable")
    first = [symbol for symbol in dict.fromkeys(known["symbol"]) if symbol in square.index]
    order = [*first, *(symbol for symbol in square.index if symbol not in set(first))][:MOST_IN_MAP]
    if not order:
        return pd.DataFrame({"nothing": [np.nan]}, index=["nothing"])
    return square.reindex(index=order, columns=order).rename_axis(index=None, columns=None)


def matrix_alt(square: pd.DataFrame) -> str:
    """The heat map for the ear: how many holdings, and the pair that moves together most."""
    numbers = square.to_numpy(dtype="float64", copy=True)
    np.fill_diagonal(numbers, np.nan)
    if not np.isfinite(numbers).any():
        return "Not available: fewer than two holdings have common prices."
    row, column = np.unravel_index(np.nanargmax(numbers), numbers.shape)
    return (
        f"Of {len(square)} underlyings, {square.index[row]} and {square.index[column]} move together most, "
        f"with a correlation of {wording.ratio(numbers[row, column])}."
    )


def sectors(report: Report) -> pd.DataFrame:
    """Sectors and their shares, for bars; what has no sector is named as what it mostly is."""
    table = report.section("sector", ["item", "share"])
    return table.assign(item=table["item"].replace({NO_SECTOR: "Funds and others"}))
