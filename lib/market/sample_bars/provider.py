"""The sample of bars as a provider: five real stocks, unadjusted, with their splits and dividends."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from lib.conventions import BASE_CURRENCY
from lib.market import raw
from lib.market.adjust import adjust
from lib.market.sample.provider import DATA as CLOSES
from lib.market.sample_bars.universe import COMPANIES, FIRST, INDEX, LAST

DATA = Path(__file__).parent / "data"
SOURCE = "sample_bars"
NOT_HELD = "the sample of bars holds AAPL, FB, GOOG, IBM and MSFT, and closes of SP500 from 1990"


def fetch(request: raw.Request) -> raw.Raw:
    """The raw tables for the request; symbols that the sample lacks are left to the sync log.

    Adjusted closes are computed from the splits and dividends up to the as-of date.
    """
    as_of = request.as_of
    raw.refuse_before(pd.Timestamp(FIRST), request)
    raw.refuse_unclosed(request, pd.Timestamp(LAST))
    bars, actions = (_upto(name, as_of) for name in ("bars", "actions"))
    asked = bars[bars["symbol"].isin(request.stocks)]
    prices = [adjust(asked, actions).assign(price_basis="raw", source=SOURCE, origin="real")]
    if INDEX in request.stocks:
        prices.append(_index(as_of))
    known = _instruments()
    return raw.Raw(
        prices=prices,
        instruments=[known[known["symbol"].isin(request.stocks)]],
        reasons=dict.fromkeys(request.symbols, NOT_HELD),
    )


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_parquet(DATA / f"{name}.parquet")


def _upto(name: str, as_of: pd.Timestamp) -> pd.DataFrame:
    frame = _table(name)
    return frame[frame["date"] <= as_of]


def _index(as_of: pd.Timestamp) -> pd.DataFrame:
    """Closes of the index, which the other sample holds."""
    close = pd.read_parquet(CLOSES / "prices.parquet", columns=["date", INDEX]).set_index("date")[INDEX]
    close = close.loc[: min(as_of, pd.Timestamp(LAST))]
    return pd.DataFrame(
        {"date": close.index, "close": close.to_numpy(), "adj_close": close.to_numpy()}
    ).assign(symbol=INDEX, price_basis="adjusted", source="sample", origin="real")


def _instruments() -> pd.DataFrame:
    stocks = pd.DataFrame(COMPANIES).assign(kind="stock")
    index = pd.DataFrame([{"symbol": INDEX, "name": "S&P 500 price index", "kind": "index"}])
    table = pd.concat([stocks, index], ignore_index=True).assign(currency=BASE_CURRENCY)
    return table.assign(source=SOURCE, origin="real")
