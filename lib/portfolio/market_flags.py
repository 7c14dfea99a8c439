"""Flags of positions that need prices or instruments, and the warnings they give in ``row_issues``.

Flags that the file alone gives come with the rows. Every flag of a warning has its sentence in
``lib.codes.row_issues``; ``EXITED``, ``EXPIRED`` and ``MANUAL`` mark what needs none of its own.
"""

from __future__ import annotations

import pandas as pd

from lib import codes
from lib.conventions import EXCHANGE
from lib.market.calendar import trading_days
from lib.portfolio.row_issues import issue_rows, join_issues

MANUAL_STALE_AFTER_DAYS = 100

# The most telling reason first: a position without a price gives one warning, not three.
UNPRICED_REASONS = ("CURRENCY", "UNKNOWN_SYMBOL", "UNPRICED")
OTHER_WARNINGS = (
    "STALE",
    "MANUAL_STALE",
    "NO_PREVIOUS",
    "SPLIT_SINCE_ENTRY",
    "OPTION_PREMIUM_IMPLAUSIBLE",
    "ENTRY_NOT_TRADING_DAY",
)


def position_flags(book: pd.DataFrame, day: pd.Timestamp, exchange: str = EXCHANGE) -> pd.Series:
    """Flags of each valued position, comma separated: those of its row, then those of the market.

    Trading days are those of ``exchange``.
    """
    manual, held = book["kind"] == "manual", ~book["closed"]
    market = held & ~manual
    unpriced = held & book["price"].isna()
    age = day - book["price_date"]
    masks = {
        "UNPRICED": unpriced,
        "CURRENCY": book["foreign"],
        "UNKNOWN_SYMBOL": ~book["known"] & book["price"].isna(),
        "STALE": market & ~unpriced & ~book["fresh"],
        "MANUAL": manual,
        "MANUAL_STALE": held & manual & (age > pd.Timedelta(days=MANUAL_STALE_AFTER_DAYS)),
        "NO_PREVIOUS": market & book["fresh"] & book["daily_pnl"].isna(),
        "SPLIT_SINCE_ENTRY": book["entry_split"] != 1.0,
        "EXPIRED": book["expired"],
        "EXITED": book["closed"] & ~book["expired"],
        "OPTION_PREMIUM_IMPLAUSIBLE": _implausible(book),
        "ENTRY_NOT_TRADING_DAY": ~manual & ~trading_days(book["entry_date"], exchange),
    }
    ours = codes.flags_of(masks, book.index)
    return (book["flags"] + "," + ours).str.strip(",")


def market_issues(rows: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``row_issues`` for the flags of valued ``positions``; ``rows`` are the file's, aligned."""
    lines, symbols = rows["line"].to_numpy(), positions["symbol"]
    entered = positions["entry_date"].dt.strftime("%Y-%m-%d").astype("str")
    parts, told = [], pd.Series(False, index=positions.index)
    for code in UNPRICED_REASONS:
        mask = codes.has(positions["flags"], code) & ~told
        told |= mask
        parts.append(issue_rows(code, lines[mask], symbols[mask], "ticker"))
    for code in OTHER_WARNINGS:
        mask = codes.has(positions["flags"], code)
        values, column = (entered, "entry_date") if code == "ENTRY_NOT_TRADING_DAY" else (symbols, "ticker")
        parts.append(issue_rows(code, lines[mask], values[mask], column))
    return join_issues(*parts)


def _implausible(book: pd.DataFrame) -> pd.Series:
    """Premiums above what an option can be worth: the underlying for a call, the strike for a put."""
    most = book["underlying_price"].where(book["right"] == "C", book["strike"])
    return book["option"] & (book["entry_price"] > most)
