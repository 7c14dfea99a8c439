"""A small account whose every figure is known by hand, as the tables that the stage of its risk reads."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contracts import empty
from lib.tables import TABLES
from lib.trading.account_risk import Inputs

DAYS = pd.bdate_range("2020-01-01", periods=120, unit="us")
LAST = DAYS[-1]


def equity(values, *, cash=40_000.0, reserved=0.0, breaker=False):
    """``account_equity`` of closing values, the first of which is also the capital."""
    worth = np.asarray(values, dtype=float)
    before = np.concatenate([[worth[0]], worth[:-1]])
    frame = pd.DataFrame({"date": DAYS[-len(worth) :], "equity": worth, "cash": cash, "reserved": reserved})
    frame["return"], frame["day_pnl"] = worth / before - 1.0, worth - before
    frame["drawdown"] = worth / np.maximum.accumulate(worth) - 1.0
    return frame.assign(breaker=breaker)


def holding(symbol, strategy, quantity, price, stop):
    """One row of ``account_holdings`` at the last close."""
    value = quantity * price
    return {
        "date": LAST,
        "symbol": symbol,
        "strategy": strategy,
        "quantity": float(quantity),
        "price": price,
        "value": value,
        "stop": stop,
    }


def prices(closes, *, volume=1e6):
    """``prices`` of symbols that stand still at their close for 120 sessions, 1 % up and down in the day."""
    parts = [
        pd.DataFrame(
            {
                "date": DAYS,
                "symbol": symbol,
                "open": close,
                "high": close * 1.01,
                "low": close * 0.99,
                "close": close,
                "adj_close": close,
                "volume": volume,
                "dividend": 0.0,
                "split": 1.0,
                "price_basis": "raw",
                "source": "test",
                "origin": "generated",
            }
        )
        for symbol, close in closes.items()
    ]
    return pd.concat(parts, ignore_index=True)


def today(rows):
    """``rule_signals_today`` from (strategy, symbol, action, price, stop, blocked)."""
    names = ["strategy", "symbol", "action", "price", "stop", "blocked"]
    return pd.DataFrame(rows, columns=names).assign(date=LAST)


def inputs(*, worth, held, closes, said, sectors, cash=40_000.0, reserved=0.0, breaker=False, orders=None):
    """All that the stage reads."""
    holdings = pd.DataFrame(held) if held else empty(TABLES["account_holdings"])
    return Inputs(
        said,
        equity(worth, cash=cash, reserved=reserved, breaker=breaker),
        holdings,
        empty(TABLES["account_breaker"]),
        empty(TABLES["account_orders"]) if orders is None else orders,
        prices(closes),
        pd.DataFrame({"symbol": list(sectors), "sector": list(sectors.values())}),
    )
