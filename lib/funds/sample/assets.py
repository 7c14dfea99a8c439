"""What the model funds hold: the sample's real prices, its index with dividends, and generated bonds.

``SP500TR`` is the real price index with the dividends of each calendar year spread evenly over its days, by
``DIVIDEND_GROWTH``. The bonds (``UST3M`` to ``UST10Y``) hold their maturity: each session the par bond of the
yield before is priced anew at the yield of the day, plus what it accrued. Yields are the sample's, which are
generated, and so are the bonds.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from lib.conventions import DAYS_A_YEAR
from lib.market.sample.provider import DATA, adjusted_closes

PRICE_INDEX, TOTAL_RETURN = "SP500", "SP500TR"
RETURNS = {
    2010: (0.1278, 0.1506),
    2011: (0.0000, 0.0211),
    2012: (0.1341, 0.1600),
    2013: (0.2960, 0.3239),
    2014: (0.1139, 0.1369),
    2015: (-0.0073, 0.0138),
    2016: (0.0954, 0.1196),
    2017: (0.1942, 0.2183),
    2018: (-0.0624, -0.0438),
    2019: (0.2888, 0.3149),
    2020: (0.1626, 0.1840),
    2021: (0.2689, 0.2871),
    2022: (-0.1944, -0.1811),
}
"""Price and total return of the S&P 500 by calendar year, as S&P Dow Jones Indices publishes them."""
DIVIDEND_GROWTH = {year: (1 + total) / (1 + price) for year, (price, total) in RETURNS.items()}
MATURITIES = {"UST2Y": 2.0, "UST5Y": 5.0, "UST10Y": 10.0}
BILL = "UST3M"
BONDS = (BILL, *MATURITIES)
NAMES = {
    TOTAL_RETURN: "S&P 500 basket",
    BILL: "US Treasury bills, 3 months, generated",
    "UST2Y": "US Treasury notes, 2 years, generated",
    "UST5Y": "US Treasury notes, 5 years, generated",
    "UST10Y": "US Treasury notes, 10 years, generated",
}


@cache
def real() -> pd.DataFrame:
    """The sample's closes since it has yields, days x symbols; ETFs are null before 2014."""
    return adjusted_closes().loc[yields().index[0] :]


@cache
def yields() -> pd.DataFrame:
    """The sample's yields, days x tenors, decimals a year."""
    return pd.read_parquet(DATA / "yields.parquet").set_index("date")


@cache
def instruments() -> pd.DataFrame:
    """Name, sector and kind by symbol."""
    return pd.read_parquet(DATA / "instruments.parquet").set_index("symbol")


@cache
def prices() -> pd.DataFrame:
    """Values of all that a model fund may hold, days x assets, dividends and interest reinvested."""
    closes = real()
    bonds = bond_values(yields().loc[closes.index])
    index = with_dividends(closes[PRICE_INDEX])
    return pd.concat([closes.drop(columns=PRICE_INDEX), index.to_frame(TOTAL_RETURN), bonds], axis=1)


def with_dividends(index: pd.Series) -> pd.Series:
    """The price index times the dividends since its first day, each year's spread over its calendar days."""
    days = index.index
    growth = np.log(days.year.map(DIVIDEND_GROWTH).to_numpy(float)) / np.where(days.is_leap_year, 366, 365)
    passed = np.diff(days.to_numpy().astype("datetime64[D]").astype(float), prepend=np.nan)
    gained = np.where(np.isnan(passed), 0.0, passed) * growth
    return index * np.exp(np.cumsum(gained))


def bond_values(yields: pd.DataFrame) -> pd.DataFrame:
    """Value of one dollar rolled in each maturity, days x bonds; ``yields`` are decimals a year by tenor."""
    curve = {2.0: yields["2Y"], 5.0: yields["2Y"] * 5 / 8 + yields["10Y"] * 3 / 8, 10.0: yields["10Y"]}
    passed = (yields.index.to_series().diff().dt.days / DAYS_A_YEAR).fillna(0.0)
    values = {BILL: (1.0 + yields["3M"].shift().fillna(0.0) * passed).cumprod()}
    for name, years in MATURITIES.items():
        before, now = curve[years].shift(), curve[years]
        moved = par_bond(now, before.fillna(now), years) - 1.0
        values[name] = (1.0 + before.fillna(0.0) * passed + moved).cumprod()
    return pd.DataFrame(values) * 100.0


def par_bond(rate: pd.Series, coupon: pd.Series, years: float) -> pd.Series:
    """Price, in units of its face, of a bond with a yearly coupon at a yearly yield above zero."""
    discount = (1.0 + rate) ** -years
    return coupon / rate * (1.0 - discount) + discount
