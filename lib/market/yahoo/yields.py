"""Treasury yields from Yahoo's index tickers, which quote percent a year.

``^IRX`` is the discount rate of the 13-week bill, which every table of yields would call too low: it is
turned into the investment yield 365 d / (360 - 91 d) of a bill of 91 days (U.S. Treasury, Treasury Bills:
Price, Discount and Yield). The others are yields of notes and bonds as quoted. Yahoo has no two-year index.
"""

from __future__ import annotations

import pandas as pd

TICKERS = {"3M": "^IRX", "5Y": "^FVX", "10Y": "^TNX", "30Y": "^TYX"}
BILL_DAYS, BILL_YEAR, YEAR = 91, 360, 365


def yields_of(bars: pd.DataFrame) -> pd.DataFrame:
    """Table ``raw_yields`` (decimals a year) from bars of the Treasury tickers; others are passed over."""
    tenor = bars["symbol"].map({ticker: tenor for tenor, ticker in TICKERS.items()}).astype("str")
    table = bars.assign(tenor=tenor)[tenor.notna() & bars["close"].notna()]
    quoted = table["close"] / 100
    rate = quoted.mask(table["tenor"] == "3M", investment_yield(quoted))
    return table.assign(rate=rate)[["date", "tenor", "rate", "source", "origin"]].reset_index(drop=True)


def investment_yield(discount: pd.Series) -> pd.Series:
    """Yield on 365 days that a 91-day bill earns at a bank discount rate on 360 days, both decimal."""
    return YEAR * discount / (BILL_YEAR - BILL_DAYS * discount)
