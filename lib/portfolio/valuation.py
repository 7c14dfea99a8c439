"""What each position is worth on the as-of date and what it earned on the last trading day.

With signed quantity q, multiplier m, price P and entry price E: exposure = q m P, market value = |q| m P,
cost basis = q m E, unrealised profit = exposure - cost basis. The daily profit is, on adjusted prices,
yesterday's exposure times the adjusted return; on raw prices, yesterday's quantity times (P x split +
dividend - P before); from the entry price where the entry is later than the price before. A position
without a price has null values, never 0. What was exited, or expired before the as-of date, is held no more:
quantity 0, its profit in ``realized_pnl``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.book import base
from lib.contracts import conform
from lib.conventions import BASE_CURRENCY, EXCHANGE, OPTION_MULTIPLIER
from lib.market.calendar import last_session
from lib.portfolio.market_flags import position_flags
from lib.portfolio.quotes import actions_between, closes_on, last_quotes
from lib.tables import TABLES


def value_positions(
    rows: pd.DataFrame,
    prices: pd.DataFrame,
    instruments: pd.DataFrame,
    *,
    as_of: str,
    cash: float = 0.0,
    currency: str = BASE_CURRENCY,
    exchange: str = EXCHANGE,
) -> pd.DataFrame:
    """The table ``positions`` for the accepted rows of a portfolio file, in their order.

    ``rows`` as ``lib.portfolio.files.read_positions`` gives them, money in ``currency``; trading days are
    those of ``exchange``.
    """
    day = pd.Timestamp(as_of)
    book = _identify(rows, instruments, currency)
    book = _convert_entry(book, prices, day)
    book = _quote(book, prices, day)
    book = _settle(book, prices, day)
    book = _measure(book, last_session(day, exchange))
    book = book.assign(**weights(book["exposure"], cash))
    book = book.assign(flags=position_flags(book, day, exchange))
    return conform(book[TABLES["positions"].column_names], TABLES["positions"])


def _identify(rows: pd.DataFrame, instruments: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Kind, type, multiplier and sector of each row, and whether the data know it and its currency."""
    known = instruments.drop_duplicates("symbol").set_index("symbol")
    manual, option = rows["manual_price"].notna(), rows["option"]
    kind = rows["symbol"].map(known["kind"]).fillna("stock")
    side = np.where(rows["quantity"] > 0, "LONG", "SHORT")
    option_side = pd.Series(np.where(rows["quantity"] > 0, "L", "S"), index=rows.index) + rows["right"]
    traded_in = rows["symbol"].map(known["currency"]).fillna(rows["underlying"].map(known["currency"]))
    return rows.assign(
        kind=kind.mask(option, "option").mask(manual, "manual"),
        position_type=pd.Series(side, index=rows.index, dtype="str").mask(option, option_side),
        multiplier=np.where(option, float(OPTION_MULTIPLIER), 1.0),
        sector=rows["underlying"].map(known["sector"]).where(~manual).astype("str"),
        known=manual | rows["symbol"].isin(known.index),
        foreign=~manual & traded_in.notna() & (traded_in != currency),
        file_quantity=rows["quantity"],
    )


def _convert_entry(book: pd.DataFrame, prices: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Entry prices on the basis of the price table: raw ones divided by the splits from entry on."""
    until = book["exit_date"].where(book["exit_date"] <= day, day)
    factor = actions_between(prices, book["symbol"], book["entry_date"], until)["split"]
    return book.assign(entry_price=book["entry_price"] / factor, entry_split=factor)


def _quote(book: pd.DataFrame, prices: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Prices of the day by symbol; a manual valuation replaces them, a foreign currency removes them."""
    quotes = last_quotes(prices, pd.concat([book["symbol"], book["underlying"]]), day)
    quoted = book.join(quotes, on="symbol")
    manual = book["manual_price"].notna()
    unusable = quoted["foreign"] | manual
    for column in quotes:
        quoted[column] = quoted[column].mask(unusable)
    underlying = (
        book["underlying"].map(quotes["price"]).astype("float64").where(book["option"] & ~quoted["foreign"])
    )
    intrinsic = _intrinsic(book, underlying).where(book["expiry"] == day)
    quoted = _shift_prior(quoted, intrinsic.notna() & (quoted["price_date"] < day))
    price = intrinsic.fillna(quoted["price"]).fillna(book["manual_price"])
    priced_on = quoted["price_date"].mask(intrinsic.notna(), day).fillna(book["manual_date"])
    origin = quoted["origin"].mask(intrinsic.notna(), "constructed").mask(manual, "manual")
    move = quoted["move"].mask(intrinsic.notna(), intrinsic / quoted["prior_price"] - 1)
    return quoted.assign(
        price=price, price_date=priced_on, underlying_price=underlying, origin=origin, move=move
    )


def _shift_prior(quoted: pd.DataFrame, later: pd.Series) -> pd.DataFrame:
    """Where today's value is later than the last bar, that bar is the price before."""
    return quoted.assign(
        prior_price=quoted["prior_price"].mask(later, quoted["price"]),
        prior_date=quoted["prior_date"].mask(later, quoted["price_date"]),
    )


def _settle(book: pd.DataFrame, prices: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Exits up to the day, and expiries before it at the value of expiry day, leave a quantity of zero."""
    expired = (book["expiry"] < day) & ~(book["exit_date"] <= day)
    asked = pd.DataFrame({"symbol": book["underlying"], "date": book["expiry"].where(expired)})
    settlement = _intrinsic(book, closes_on(prices, asked)).where(expired & ~book["foreign"])
    exit_date = book["exit_date"].where(book["exit_date"] <= day).fillna(book["expiry"].where(expired))
    exit_price = book["exit_price"].where(book["exit_date"] <= day).fillna(settlement)
    closed = exit_date.notna()
    realized = book["file_quantity"] * book["multiplier"] * (exit_price - book["entry_price"])
    return book.assign(
        closed=closed,
        expired=expired,
        exit_date=exit_date,
        exit_price=exit_price,
        realized_pnl=realized.where(closed & ~book["foreign"]),
        quantity=book["quantity"].mask(closed, 0.0),
        price=book["price"].mask(closed, exit_price),
        price_date=book["price_date"].mask(closed, exit_date),
        origin=book["origin"].mask(closed),
    )


def _intrinsic(book: pd.DataFrame, underlying: pd.Series) -> pd.Series:
    """Value of exercising at once, money a share; null for what is no option or has no underlying price."""
    sign = pd.Series(np.where(book["right"] == "C", 1.0, -1.0), index=book.index)
    return (sign * (underlying - book["strike"])).clip(lower=0.0).where(book["option"])


def _measure(book: pd.DataFrame, session: pd.Timestamp) -> pd.DataFrame:
    """Money columns; ``session`` is the last trading day, and an older price gives no daily profit."""
    exposure = (book["quantity"] * book["multiplier"] * book["price"]).mask(book["closed"], 0.0)
    cost = book["quantity"] * book["multiplier"] * book["entry_price"]
    fresh = (book["price_date"] >= session) & ~book["foreign"]
    today = book["closed"] & (book["exit_date"] > book["prior_date"])
    profit = _daily_profit(book, book["closed"]).where(fresh)
    return book.assign(
        exposure=exposure,
        market_value=exposure.abs(),
        cost_basis=cost,
        unrealized_pnl=exposure - cost,
        daily_pnl=profit.mask(book["closed"] & ~today, 0.0),
        daily_return=book["move"].where(fresh & ~book["closed"]),
        fresh=fresh,
    )


def _daily_profit(book: pd.DataFrame, closed: pd.Series) -> pd.Series:
    """Profit since the prior close, or since an entry or until an exit in between."""
    size = book["file_quantity"] * book["multiplier"]
    adjusted = size * book["prior_price"] * book["move"]
    raw = size / book["split"] * (book["price"] * book["split"] + book["dividend"] - book["prior_price"])
    held = adjusted.where((book["basis"] == "adjusted") & ~book["option"], raw)
    exited = size * (book["exit_price"] - book["prior_price"] / book["split"])
    since_entry = size * (book["price"] - book["entry_price"])
    first_day = book["prior_date"].isna() & (book["entry_date"] >= book["price_date"])
    new = first_day | (book["entry_date"] > book["prior_date"])
    return held.mask(closed, exited).mask(new & (book["kind"] != "manual"), since_entry)


def weights(exposure: pd.Series, cash: float) -> dict[str, pd.Series]:
    """``weight``, signed shares of net asset value or else of gross; ``weight_gross``, sizes by gross."""
    gross = exposure.abs().sum()
    whole, _ = base(exposure.sum() + cash, gross)
    nothing = exposure * np.nan
    return {
        "weight": exposure / whole if whole > 0 else nothing,
        "weight_gross": exposure.abs() / gross if gross > 0 else nothing,
    }
