"""Option positions and the market around them, small enough to be checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from book_worlds import instruments, prices

from lib.contracts import conform
from lib.portfolio.greeks import option_greeks
from lib.pricing import black_scholes
from lib.tables import TABLES

AS_OF = "2022-12-28"
NO_DATE = pd.NaT


def position(symbol, quantity, price, *, days=None, strike=np.nan, right=None, underlying=None, **changes):
    """One row of the table positions; an option where ``days`` to expiry are given."""
    option = days is not None
    multiplier = 100.0 if option else 1.0
    row = dict.fromkeys(TABLES["positions"].column_names)
    row |= {
        "position_id": f"{symbol}-1",
        "symbol": symbol,
        "underlying": underlying or symbol,
        "kind": "option" if option else "stock",
        "position_type": ("L" if quantity > 0 else "S") + right
        if option
        else "LONG"
        if quantity > 0
        else "SHORT",
        "quantity": float(quantity),
        "multiplier": multiplier,
        "price": price,
        "underlying_price": 100.0 if option else np.nan,
        "exposure": quantity * multiplier * price,
        "expiry": pd.Timestamp(AS_OF) + pd.Timedelta(days=days) if option else NO_DATE,
        "strike": strike,
        "right": right,
        "tags": "",
        "flags": "",
    }
    return row | changes


def book(*rows):
    """A table positions, as far as Greeks and exposures need it."""
    frame = pd.DataFrame(rows)
    for column in TABLES["positions"].columns:
        if column.type == "float":
            frame[column.name] = frame[column.name].astype("float64")
        if column.type == "date":
            frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[us]")
        if column.type == "str":
            frame[column.name] = frame[column.name].astype("str")
    return frame


def yields(**rates):
    """Yields of the day by tenor."""
    frame = pd.DataFrame({"tenor": list(rates), "rate": list(rates.values())}).astype({"tenor": "str"})
    frame["tenor"] = frame["tenor"].str.lstrip("_")
    frame = frame.assign(date=pd.Timestamp(AS_OF), source="test", origin="real")
    return conform(frame, TABLES["yields"])


def quotes(*rows):
    """implied_vols from (symbol, expiry, strike, right, volatility), or (symbol, volatility) when flat."""
    full = [row if len(row) == 5 else (row[0], NO_DATE, np.nan, None, row[1]) for row in rows]
    frame = pd.DataFrame(full, columns=["symbol", "expiry", "strike", "right", "implied_vol"])
    frame = frame.assign(date=pd.Timestamp(AS_OF), source="test", origin="real")
    frame["expiry"] = pd.to_datetime(frame["expiry"]).astype("datetime64[us]")
    frame["strike"] = frame["strike"].astype("float64")
    return conform(frame.astype({"right": "str", "implied_vol": "float64"}), TABLES["implied_vols"])


def walk(symbol="AAPL", *, days=70, daily=0.02):
    """Prices that go up and down by the same log return, so that their volatility is known."""
    dates = pd.bdate_range(end=AS_OF, periods=days)
    moves = np.where(np.arange(days) % 2, daily, -daily)
    return [
        (symbol, str(date.date()), close)
        for date, close in zip(dates, 100 * np.exp(np.cumsum(moves)), strict=True)
    ]


def fair(strike, days, right, *, volatility=0.3, dividend_yield=0.0, rate=None, spot=100.0):
    """Price of an option in this market."""
    return float(
        black_scholes.price(
            spot=spot,
            strike=strike,
            years=days / 365,
            rate=np.log(1.05) if rate is None else rate,
            volatility=volatility,
            right=right,
            dividend_yield=dividend_yield,
        )
    )


def greeks_of(positions, *, vols=(), rates=None, bars=(), dividend_yield=0.0, kind="stock", **options):
    """The table greeks in a market of five percent where nothing else is said; index symbol."""
    known = instruments(AAPL="USD", KO="USD", SPX="USD").assign(dividend_yield=dividend_yield, kind=kind)
    table = option_greeks(
        positions,
        prices(bars or walk()),
        yields(**({"_3M": 0.05} if rates is None else rates)),
        quotes(*vols),
        known,
        as_of=AS_OF,
        **options,
    )
    return table.set_index("symbol", drop=False)
