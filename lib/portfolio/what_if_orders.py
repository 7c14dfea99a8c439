"""Trades of a what-if as the orders that would carry them out."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lib.market import calendar


def orders_of(trades: pd.DataFrame, *, portfolio: str, as_of: str, exchange: str) -> pd.DataFrame:
    """Market orders for the day, one a trade asked for (table ``what_if_trades``) that changes a quantity.

    Ids are ``<portfolio>-<as_of>-<n>`` in the order of the trades. The moment is the close of the last
    session up to as-of, UTC, since the trades were decided on its prices. An opened short is a SHORT; a
    trade that closes a holding and goes on to the other side is one order. Columns: ``order_id symbol side
    quantity type price trigger validity moment``.
    """
    asked = trades[trades["kind"].eq("asked") & trades["quantity"].abs().gt(0)].reset_index(drop=True)
    session = calendar.last_session(as_of, exchange)
    number = pd.Series(asked.index + 1, index=asked.index).astype("str")
    sold = pd.Series("SELL", index=asked.index, dtype="str").mask(asked["action"] == "SHORT", "SHORT")
    none = pd.Series(float("nan"), index=asked.index, dtype="float64")
    return pd.DataFrame(
        {
            "order_id": (f"{portfolio}-{as_of}-" + number).astype("str"),
            "symbol": asked["symbol"].astype("str"),
            "side": sold.mask(asked["quantity"] > 0, "BUY"),
            "quantity": asked["quantity"].abs(),
            "type": pd.Series("MARKET", index=asked.index, dtype="str"),
            "price": none,
            "trigger": none,
            "validity": pd.Series("DAY", index=asked.index, dtype="str"),
            "moment": calendar.closes(session, session, exchange).iloc[0],
        }
    )


def orders_by_file(
    trades: Mapping[str, pd.DataFrame], *, portfolio: str, as_of: str, exchange: str
) -> dict[tuple[str, str], pd.DataFrame]:
    """Orders of several what-ifs that have some, by the names of their two files, CSV and FIX.

    ``trades`` are tables ``what_if_trades`` by the name of the what-if, which stands in the names of files
    and the ids of orders but for the first.
    """
    found = {}
    for place, (name, table) in enumerate(trades.items()):
        names = file_names(portfolio, as_of, name if place else "")
        owner = f"{portfolio}-{name}" if place else portfolio
        orders = orders_of(table, portfolio=owner, as_of=as_of, exchange=exchange)
        found[names["csv"], names["fix"]] = orders
    return {names: orders for names, orders in found.items() if len(orders)}


def file_names(portfolio: str, as_of: str, name: str = "") -> dict[str, str]:
    """Names of the two files of orders by their kind; ``name`` tells a further what-if from the first."""
    middle = f"{name}_" if name else ""
    return {kind: f"{portfolio}_what_if_{middle}orders_{as_of}.{kind}" for kind in ("csv", "fix")}
