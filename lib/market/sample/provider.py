"""The embedded sample as a provider: real adjusted prices, constructed options, generated rates and vols."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from lib.conventions import BASE_CURRENCY
from lib.market import occ, raw
from lib.market.sample import options
from lib.market.sample.universe import DIVIDENDS_KNOWN_FROM

DATA = Path(__file__).parent / "data"
SOURCE = "sample"
NOT_HELD = "the sample holds 20 US stocks, SP500 and the factor ETFs MTUM, QUAL, SIZE, USMV and VLUE"
NO_OPTION = "the sample has options on its stocks and ETFs only, from 18 months before expiry"


def fetch(request: raw.Request) -> raw.Raw:
    """The raw tables for the request; symbols that the sample lacks are left to the sync log."""
    as_of = request.as_of
    closes = adjusted_closes()
    raw.refuse_before(_table("yields")["date"].iloc[0], request)
    raw.refuse_unclosed(request, closes.index[-1])
    instruments = _instruments(as_of)
    prices, vols = [], []
    for symbol in request.stocks:
        if symbol in closes:
            prices.append(_bars(closes[symbol].loc[:as_of].dropna(), symbol, "real"))
            vols.append(_flat(symbol, as_of))
    listed = [one for one in request.options if one.underlying in closes]
    for one in listed:
        past = _option_history(one, closes, as_of)
        prices.append(_bars(past["close"], one.symbol, "constructed"))
        vols.append(_contract(past["implied_vol"], one))
    known = instruments[instruments["symbol"].isin(request.stocks)]
    return raw.Raw(
        prices=prices,
        yields=[_yields(as_of)],
        implied_vols=vols,
        instruments=[known, raw.option_instruments(listed, instruments, SOURCE, "constructed")],
        reasons=dict.fromkeys(request.symbols, NOT_HELD) | {one.symbol: NO_OPTION for one in request.options},
    )


def adjusted_closes() -> pd.DataFrame:
    """Adjusted closes of all symbols by day, null where one has none."""
    return _table("prices").set_index("date")


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_parquet(DATA / f"{name}.parquet")


def _bars(close: pd.Series, symbol: str, origin: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": close.index,
            "symbol": symbol,
            "close": close.to_numpy(),
            "adj_close": close.to_numpy(),
            "price_basis": "adjusted",
            "source": SOURCE,
            "origin": origin,
        }
    )


def _flat(symbol: str, as_of: pd.Timestamp) -> pd.DataFrame:
    level = _table("volatility_levels").set_index("date")[symbol].loc[:as_of].dropna()
    return pd.DataFrame(
        {
            "date": level.index,
            "symbol": symbol,
            "implied_vol": level.to_numpy(),
            "source": SOURCE,
            "origin": "generated",
        }
    )


def _contract(vols: pd.Series, option: occ.Option) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": vols.index,
            "symbol": option.underlying,
            "expiry": pd.Timestamp(option.expiry),
            "strike": option.strike,
            "right": option.right,
            "implied_vol": vols.to_numpy(),
            "source": SOURCE,
            "origin": "generated",
        }
    )


def _yields(as_of: pd.Timestamp) -> pd.DataFrame:
    long = _table("yields").melt(id_vars="date", var_name="tenor", value_name="rate")
    return long[long["date"] <= as_of].assign(source=SOURCE, origin="generated")


def _instruments(as_of: pd.Timestamp) -> pd.DataFrame:
    """What is known at the as-of date: the dividend yields are of December 2022, before it they are null."""
    table = _table("instruments").assign(currency=BASE_CURRENCY, source=SOURCE, origin="real")
    if as_of < pd.Timestamp(DIVIDENDS_KNOWN_FROM):
        table["dividend_yield"] = float("nan")
    return table


def _option_history(option: occ.Option, closes: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    dividend_yields = _table("instruments").set_index("symbol")["dividend_yield"].fillna(0.0)
    return options.history(
        option,
        close=closes[option.underlying].loc[:as_of],
        level=_table("volatility_levels").set_index("date")[option.underlying].loc[:as_of],
        yields=_table("yields").set_index("date"),
        dividend_yield=float(dividend_yields[option.underlying]),
    )
