"""Tables of an account made from a backtest's record, for tests of what reads them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.tables.paper_account import EQUITY, FILLS, TRADES
from lib.trading.account_record import AccountRecord
from lib.trading.bars import Bars


def equity_of(record: AccountRecord) -> pd.DataFrame:
    """``account_equity`` of a record."""
    before = np.concatenate([[record.capital], record.equity[:-1]])
    peak = np.maximum.accumulate(np.concatenate([[record.capital], record.equity]))[1:]
    frame = pd.DataFrame(
        {
            "date": record.sessions,
            "cash": record.cash,
            "invested": record.invested,
            "equity": record.equity,
            "return": record.equity / before - 1.0,
            "drawdown": np.minimum(record.equity / peak - 1.0, 0.0),
            "day_pnl": record.equity - before,
            "positions": (record.quantity != 0).sum(axis=1),
            "breaker": False,
        }
    )
    zero = dict.fromkeys(("unsettled", "reserved", "realised", "unrealised", "costs", "dividends"), 0.0)
    return conform(frame.assign(**zero), EQUITY)


def fills_of(record: AccountRecord, *, slippage: float, strategy: str = "average_cross") -> pd.DataFrame:
    """``account_fills`` of a record; ``slippage`` is the share by which market orders were filled worse."""
    made = record.fills
    side = made["side"].to_numpy()
    bare = made["price"] / (1.0 + side * slippage)
    frame = pd.DataFrame(
        {
            "fill": np.arange(1, len(made) + 1),
            "order_id": [f"O{at}" for at in range(len(made))],
            "date": made["session"],
            "symbol": made["symbol"],
            "side": np.where(side > 0, "BUY", "SELL"),
            "quantity": made["quantity"],
            "price": made["price"],
            "slippage": (made["price"] - bare).abs() * made["quantity"],
            "commission": made["fee"],
            "charges": 0.0,
            "strategy": strategy,
            "reason": made["reason"],
            "flags": made["flags"],
        }
    )
    return conform(frame, FILLS)


def trades_of(record: AccountRecord, *, strategy: str = "average_cross") -> pd.DataFrame:
    """``account_trades`` of a record."""
    made = record.trades
    still = made["exit_reason"].eq("STILL_OPEN")
    frame = made.assign(
        trade=np.arange(1, len(made) + 1),
        strategy=strategy,
        side=np.where(made["side"] > 0, "LONG", "SHORT"),
        quantity=made["quantity"].astype(float),
        entry_date=made["entry_session"],
        exit_date=made["exit_session"].where(~still),
        dividends=0.0,
        status=np.where(still, "OPEN", "CLOSED"),
        stop=np.nan,
    )
    return conform(frame[TRADES.column_names], TRADES)


def prices_of(bars: Bars) -> pd.DataFrame:
    """Rows of ``prices`` from bars without actions."""
    rows, columns = np.nonzero(bars.has_bar)
    frame = pd.DataFrame({"date": bars.sessions[rows], "symbol": np.asarray(bars.symbols)[columns]})
    for name in ("open", "high", "low", "close", "volume"):
        frame[name] = getattr(bars, name)[rows, columns]
    return frame.assign(adj_close=frame["close"], dividend=0.0, split=1.0, price_basis="raw")
