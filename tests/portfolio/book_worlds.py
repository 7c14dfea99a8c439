"""Tiny portfolios and price tables that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.portfolio.exposures import total_exposures
from lib.portfolio.files import read_positions
from lib.portfolio.valuation import value_positions
from lib.tables import TABLES

HEADER = "ticker,quantity,entry_price,entry_date"
AS_OF = "2022-12-28"


def write(folder, *lines, header=HEADER):
    """A portfolio file of the given lines; returns its path."""
    path = folder / "book.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def read(folder, *lines, header=HEADER, as_of=AS_OF):
    """Accepted rows and issues of a file of the given lines."""
    return read_positions(write(folder, *lines, header=header), "book.csv", as_of)


def codes(issues, severity=None):
    """(line, code) of every issue."""
    chosen = issues if severity is None else issues[issues["severity"] == severity]
    return list(zip(chosen["line"], chosen["code"], strict=True))


def prices(bars, *, basis="adjusted", origin="real"):
    """A table of prices from rows ``(symbol, date, close)`` or ``(symbol, date, close, dividend, split)``."""
    rows = [(*bar, *[np.nan] * (5 - len(bar))) for bar in bars]
    frame = pd.DataFrame(rows, columns=["symbol", "date", "close", "dividend", "split"])
    frame["date"] = pd.to_datetime(frame["date"])
    frame["adj_close"] = frame["close"]
    frame = frame.assign(
        open=np.nan, high=np.nan, low=np.nan, volume=np.nan, price_basis=basis, source="test", origin=origin
    )
    return conform(frame, TABLES["prices"])


def instruments(**currencies):
    """A table of instruments: shares of sector Tech, with their currencies."""
    frame = pd.DataFrame({"symbol": list(currencies), "currency": list(currencies.values())})
    frame = frame.assign(
        name=frame["symbol"],
        kind="stock",
        sector="Tech",
        industry="Chips",
        dividend_yield=np.nan,
        exchange="XNYS",
        country="United States",
        market_cap=np.nan,
        source="test",
        origin="real",
    )
    frame = frame.reindex(columns=TABLES["instruments"].column_names)
    return conform(frame.astype({"symbol": "str", "currency": "str", "name": "str"}), TABLES["instruments"])


def value(folder, lines, bars, *, as_of=AS_OF, cash=0.0, header=HEADER, basis="adjusted", known=None):
    """The table positions, index position_id, and the rows that it was made of."""
    rows, _ = read(folder, *lines, header=header, as_of=as_of)
    table = prices(bars, basis=basis)
    known = known if known is not None else instruments(**dict.fromkeys(table["symbol"].unique(), "USD"))
    positions = value_positions(rows, table, known, as_of=as_of, cash=cash)
    return positions.set_index("position_id", drop=False), rows


def day(folder, lines, bars, as_of, *, cash=0.0, header=HEADER, basis="adjusted"):
    """Positions, exposures and prices known on a day, as the snapshot stage reads them."""
    known = [bar for bar in bars if bar[1] <= as_of]
    positions, _ = value(folder, lines, known, as_of=as_of, cash=cash, header=header, basis=basis)
    positions = positions.reset_index(drop=True)
    return positions, total_exposures(positions, cash=cash), prices(known, basis=basis)
