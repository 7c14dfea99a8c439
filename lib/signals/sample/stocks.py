"""Twenty real stocks since 1990: returns, membership of the S&P 500, three signals made of their prices."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from lib.market import calendar
from lib.tables.signals import TOTAL

HERE = Path(__file__).parent
MARKET = HERE.parents[1] / "market" / "sample" / "data"
UNIVERSE, BENCHMARK, INDEX = "us-stocks", "S&P 500", "SP500"
REAL = {"source": "sample", "origin": "real"}
CONSTRUCTED = {"source": "sample", "origin": "constructed"}
YEAR, MONTH = 252, 21
SHOCKS = {
    "kuwait-invaded": ("1990-08-02T12:00:00Z", "Iraq invades Kuwait"),
    "asian-crisis": ("1997-10-27T16:00:00Z", "Asian markets fall, trading is halted in New York"),
    "russia-defaults": ("1998-08-17T12:00:00Z", "Russia defaults on its debt"),
    "attacks": ("2001-09-17T13:30:00Z", "trading resumes after the attacks of 11 September"),
    "lehman": ("2008-09-15T12:00:00Z", "Lehman Brothers files for bankruptcy"),
    "rescue-refused": ("2008-09-29T17:30:00Z", "the House rejects the rescue of banks"),
    "flash-crash": ("2010-05-06T18:45:00Z", "the flash crash"),
    "downgrade": ("2011-08-06T00:30:00Z", "the United States lose their AAA at Standard & Poor's"),
    "renminbi": ("2015-08-24T13:30:00Z", "markets fall after the fall of shares in China"),
    "brexit": ("2016-06-24T04:00:00Z", "the United Kingdom votes to leave the European Union"),
    "oil-and-virus": ("2020-03-09T13:30:00Z", "oil falls by a quarter as the virus spreads"),
    "pandemic": ("2020-03-11T16:30:00Z", "the WHO calls it a pandemic"),
}
"""Public days on which the whole market was struck, with the moment at which it was known."""


@cache
def closes() -> pd.DataFrame:
    """Adjusted closes of the stocks and the index, days x symbols."""
    early = pd.read_parquet(MARKET / "early_prices.parquet").set_index("date")
    late = pd.read_parquet(MARKET / "prices.parquet").set_index("date")
    return pd.concat([early, late[early.columns]])


def tables() -> dict[str, pd.DataFrame]:
    """Raw tables by name."""
    prices = closes()
    returns = prices.pct_change(fill_method=None)
    stocks = returns.drop(columns=INDEX)
    return {
        "signal_entities": _entities(prices),
        "signal_memberships": _memberships(),
        "signal_returns": _long(stocks, "entity", "return").assign(**REAL),
        "signal_benchmarks": pd.DataFrame(
            {"benchmark": BENCHMARK, "date": returns.index, "return": returns[INDEX]}
        )
        .dropna()
        .assign(**REAL),
        "signal_values": _values(prices.drop(columns=INDEX), stocks),
        "signal_events": _events(),
    }


def _members() -> pd.DataFrame:
    return pd.read_parquet(HERE / "data" / "members.parquet")


def _entities(prices: pd.DataFrame) -> pd.DataFrame:
    listed = pd.read_parquet(MARKET / "instruments.parquet").set_index("symbol")
    symbols = [symbol for symbol in prices if symbol != INDEX]
    first = prices.index[0]
    return pd.DataFrame(
        {
            "universe": UNIVERSE,
            "entity": symbols,
            "valid_from": first,
            "symbol": symbols,
            "name": listed.loc[symbols, "name"].to_numpy(),
            "sector": listed.loc[symbols, "sector"].to_numpy(),
            "known_at": first,
        }
    ).assign(**REAL)


def _memberships() -> pd.DataFrame:
    rows = _members()
    return rows.assign(universe=UNIVERSE, entity=rows["symbol"], known_at=rows["date"], **REAL)[
        ["universe", "entity", "date", "member", "known_at", "source", "origin"]
    ]


def _values(prices: pd.DataFrame, returns: pd.DataFrame) -> pd.DataFrame:
    """Values at each month's last session, known at its close.

    ``momentum`` is the return of the twelve months before the last one (Jegadeesh and Titman 1993),
    ``low-volatility`` the deviation of a year's daily returns with its sign turned, ``reversal`` the return
    of the last month with its sign turned (Jegadeesh 1990).
    """
    months = prices.index.to_period("M")
    ends = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    made = {
        "momentum": prices.shift(MONTH) / prices.shift(YEAR) - 1.0,
        "low-volatility": -returns.rolling(YEAR).std(),
        "reversal": -(prices / prices.shift(MONTH) - 1.0),
    }
    at = prices.index[ends]
    known = pd.DatetimeIndex(calendar.closes(at[0], at[-1]).reindex(at)).as_unit("us").tz_localize("UTC")
    parts = []
    for name, wide in made.items():
        long = _long(wide.iloc[ends].set_axis(known), "entity", "value", clock="known_at").round({"value": 8})
        parts.append(long.assign(signal=name, component=TOTAL))
    both = pd.concat(parts, ignore_index=True)
    return both.assign(period_end=both["known_at"].dt.tz_localize(None).dt.normalize(), **CONSTRUCTED)


def _events() -> pd.DataFrame:
    moments = pd.to_datetime([moment for moment, _ in SHOCKS.values()], utc=True).as_unit("us")
    return pd.DataFrame(
        {
            "event_list": "market-shocks",
            "event": list(SHOCKS),
            "entity": pd.Series(None, index=range(len(SHOCKS)), dtype="str"),
            "known_at": moments,
            "detail": [detail for _, detail in SHOCKS.values()],
        }
    ).assign(**REAL)


def _long(wide: pd.DataFrame, entity: str, name: str, *, clock: str = "date") -> pd.DataFrame:
    long = wide.rename_axis(clock).reset_index().melt(clock, var_name=entity, value_name=name)
    return long.dropna(subset=name).astype({entity: "str"})
