"""Prices as a position needs them: the last one on a day, the one before it, and what happened between days.

``prices`` is the table of that name. On basis ``adjusted`` a close already holds splits and dividends, so
returns are ratios of adjusted closes and splits are not applied again; on basis ``raw`` they are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.conventions import STALE_AFTER_DAYS

PREVIOUS_WITHIN_DAYS = 10


def last_quotes(prices: pd.DataFrame, symbols: pd.Series, day: pd.Timestamp) -> pd.DataFrame:
    """The last price of each symbol on or before ``day``, and the trading day before it; index symbol.

    Columns: price, price_date, origin, basis; prior_price and prior_date (null when more than ten calendar
    days before); split and dividend of the last day on basis ``raw`` (1 and 0 otherwise); move, the return
    from the prior day, by adjusted closes on basis ``adjusted``, with the split and without the dividend on
    ``raw``. A last price more than seven calendar days old is no price: the symbol is absent.
    """
    reach = pd.Timedelta(days=STALE_AFTER_DAYS + PREVIOUS_WITHIN_DAYS)
    near = prices["date"].between(day - reach, day) & prices["symbol"].isin(symbols.unique())
    bars = prices[near & prices["close"].notna()].sort_values(["symbol", "date"])
    before, raw = bars.groupby("symbol").shift(1), bars["price_basis"] == "raw"
    quotes = pd.DataFrame(
        {
            "symbol": bars["symbol"],
            "price": bars["close"],
            "price_date": bars["date"],
            "origin": bars["origin"],
            "basis": bars["price_basis"],
            "split": bars["split"].where(raw).fillna(1.0),
            "dividend": bars["dividend"].where(raw).fillna(0.0),
            "adjusted": bars["adj_close"] / before["adj_close"] - 1,
            "prior_price": before["close"],
            "prior_date": before["date"],
        }
    ).drop_duplicates("symbol", keep="last")
    quotes = quotes[quotes["price_date"] >= day - pd.Timedelta(days=STALE_AFTER_DAYS)].set_index("symbol")
    return _with_move(quotes)


def closes_on(prices: pd.DataFrame, asked: pd.DataFrame, column: str = "close") -> pd.Series:
    """The value of ``column`` for each row of ``asked`` (symbol, date): the last on or before that date.

    Null where there is none within seven calendar days; index of ``asked``.
    """
    known = prices.loc[prices["symbol"].isin(asked["symbol"].unique()) & prices[column].notna()]
    wanted = asked[["symbol", "date"]].assign(place=np.arange(len(asked))).dropna(subset="date")
    found = pd.merge_asof(
        wanted.sort_values("date"),
        known[["date", "symbol", column]].sort_values("date"),
        on="date",
        by="symbol",
        tolerance=pd.Timedelta(days=STALE_AFTER_DAYS),
    ).set_index("place")[column]
    return found.reindex(np.arange(len(asked))).set_axis(asked.index)


def actions_between(
    prices: pd.DataFrame, symbols: pd.Series, start: pd.Series, end: pd.Series
) -> pd.DataFrame:
    """What a share held at the close of ``start`` became by the close of ``end``; index of ``symbols``.

    Columns: split, shares held at the end for one at the start; dividend, money paid in between on that one
    share (a dividend counts a share held before that day's split). Only basis ``raw`` has actions: 1 and 0
    elsewhere. Null dates give 1 and 0.
    """
    nothing = prices["split"].fillna(1.0).eq(1.0) & prices["dividend"].fillna(0.0).eq(0.0)
    chosen = prices["price_basis"].eq("raw") & ~nothing & prices["symbol"].isin(symbols.unique())
    actions = prices[chosen].sort_values(["symbol", "date"])
    ratio = actions["split"].fillna(1.0).groupby(actions["symbol"]).cumprod()
    held_before = ratio / actions["split"].fillna(1.0)
    paid = (actions["dividend"].fillna(0.0) * held_before).groupby(actions["symbol"]).cumsum()
    running = actions[["date", "symbol"]].assign(ratio=ratio, paid=paid)
    first, last = _running_at(running, symbols, start), _running_at(running, symbols, end)
    known = start.notna() & end.notna()
    return pd.DataFrame(
        {
            "split": (last["ratio"] / first["ratio"]).where(known, 1.0),
            "dividend": ((last["paid"] - first["paid"]) / first["ratio"]).where(known, 0.0),
        }
    )


def _with_move(quotes: pd.DataFrame) -> pd.DataFrame:
    near = quotes["price_date"] - quotes["prior_date"] <= pd.Timedelta(days=PREVIOUS_WITHIN_DAYS)
    raw = quotes["price"] * quotes["split"] / quotes["prior_price"] - 1
    move = quotes["adjusted"].where(quotes["basis"] == "adjusted", raw)
    return quotes.drop(columns="adjusted").assign(
        prior_price=quotes["prior_price"].where(near),
        prior_date=quotes["prior_date"].where(near),
        move=move.where(near),
    )


def _running_at(running: pd.DataFrame, symbols: pd.Series, days: pd.Series) -> pd.DataFrame:
    """Running split ratio and dividends of each symbol through its day; 1 and 0 before the first action."""
    asked = pd.DataFrame({"symbol": symbols, "date": days}).assign(place=np.arange(len(symbols)))
    found = pd.merge_asof(
        asked.dropna(subset="date").sort_values("date"), running.sort_values("date"), on="date", by="symbol"
    ).set_index("place")[["ratio", "paid"]]
    return found.reindex(asked["place"]).fillna({"ratio": 1.0, "paid": 0.0}).set_index(symbols.index)
