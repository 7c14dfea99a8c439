"""Rows of ``data_issues``, what their codes mean in words, and the numbers in their details."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib import wording

ISSUE = ["date", "symbol", "check", "severity", "detail", "action"]
ASIDE = ("quarantined", "dropped")
"""Actions that leave a bar out of ``prices``."""
MEANINGS = {
    "BAD_PRICE": "price missing, zero or negative",
    "BAD_RANGE": "open, high, low and close contradict each other",
    "BAD_VOLUME": "volume negative or not finite",
    "DUP_CONFLICT": "day came twice with other figures",
    "DUP_KEY": "day came twice alike",
    "MISSING_SYMBOL": "no bar at all",
    "NOT_TRADING_DAY": "bar of a day without trading",
    "PRICE_JUMP": "large move that stayed",
    "PRICE_SPIKE": "extreme move that was taken back",
    "REPAIRED_RANGE": "high or low too narrow",
    "SPLIT_SUSPECT": "move that looks like a split",
    "STALE_ANSWER": "older answer of the source",
    "STALE_LAST": "series that ends early",
    "STALE_REPEAT": "same close many times over",
    "SWAPPED_RANGE": "high and low exchanged",
    "ZERO_VOLUME": "range without a trade",
}
"""What each check finds, for people."""
DOUBTFUL = ("PRICE_JUMP", "SPLIT_SUSPECT")


def issues(
    rows: pd.DataFrame, check: str, severity: str | pd.Series, detail: str | pd.Series, action: str
) -> pd.DataFrame:
    """One issue a row of ``rows``, which has date and symbol."""
    named = rows[["date", "symbol"]].assign(check=check, severity=severity, detail=detail, action=action)
    return named[ISSUE]


def gathered(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All issues, by symbol, day and check; typed even when there are none."""
    filled = [one for one in found if len(one)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=ISSUE)
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[us]")
    return table.sort_values(["symbol", "date", "check"], kind="stable", ignore_index=True)


def aside(found: pd.DataFrame) -> int:
    """How many bars the issues leave out of ``prices``."""
    return int(found["action"].isin(ASIDE).sum())


def in_doubt(found: pd.DataFrame) -> pd.DataFrame:
    """Issues of bars that are kept since only later bars can tell: an extreme move on one of the newest."""
    grave = (found["action"] == "kept") & (found["severity"] == "error")
    return found[grave & found["check"].isin(DOUBTFUL)]


def figures_of(values: pd.Series) -> pd.Series:
    """Numbers of a detail as text, up to ten digits, with a proper minus sign."""
    return values.map("{:.10g}".format).astype("str").str.replace("-", wording.MINUS)
