"""Trades that are thought of become orders: the ones that are carried out, each with the side it has."""

import pandas as pd

from lib.contracts import conform, empty
from lib.portfolio.what_if import EFFECTS
from lib.portfolio.what_if_orders import file_names, orders_of
from lib.tables import TABLES

TRADES = pd.DataFrame(
    [
        ("asked", None, "BUY", "M&M", 10.0, 100.0, 1000.0, ""),
        ("asked", None, "SELL", "INFY", -5.0, 100.0, -500.0, ""),
        ("asked", None, "SHORT", "TCS", -2.0, 100.0, -200.0, ""),
        ("asked", None, "SET", "SBIN", -1.5, 100.0, -150.0, ""),
        ("asked", None, "COVER", "ITC", 4.0, 100.0, 400.0, ""),
        ("asked", None, "BUY", "GONE", None, None, None, ""),
        ("asked", None, "SET", "SAME", 0.0, 100.0, 0.0, ""),
        ("suggested", "beta", "SELL", "SPY", -3.0, 100.0, -300.0, ""),
    ],
    columns=["kind", "purpose", "action", "symbol", "quantity", "price", "notional", "flags"],
).assign(**dict.fromkeys(EFFECTS, float("nan")))


def orders(trades=TRADES, as_of="2022-12-28", exchange="XNYS"):
    table = conform(trades, TABLES["what_if_trades"])
    return orders_of(table, portfolio="mine", as_of=as_of, exchange=exchange)


def test_only_what_is_asked_for_and_carried_out_is_an_order():
    found = orders()
    assert found["symbol"].tolist() == ["M&M", "INFY", "TCS", "SBIN", "ITC"]
    assert found["side"].tolist() == ["BUY", "SELL", "SHORT", "SELL", "BUY"]
    assert found["quantity"].tolist() == [10.0, 5.0, 2.0, 1.5, 4.0]
    assert found["order_id"].tolist() == [f"mine-2022-12-28-{n}" for n in range(1, 6)]
    assert set(found["type"]) == {"MARKET"} and found["price"].isna().all()


def test_the_moment_is_the_close_that_the_trades_were_decided_on():
    """16:00 in New York is 21:00 UTC in winter and 20:00 in summer; a Sunday has Friday's."""
    assert set(orders()["moment"]) == {pd.Timestamp("2022-12-28 21:00")}
    assert set(orders(as_of="2022-07-17")["moment"]) == {pd.Timestamp("2022-07-15 20:00")}
    assert set(orders(exchange="XNSE")["moment"]) == {pd.Timestamp("2022-12-28 10:00")}


def test_no_trades_are_no_orders_and_files_carry_portfolio_and_day():
    assert len(orders(empty(TABLES["what_if_trades"]))) == 0
    assert file_names("mine", "2022-12-28")["fix"] == "mine_what_if_orders_2022-12-28.fix"
