"""The tables of a paper account, from what its replay left, and the lines of its ledger from their table."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from lib.account_ledger import Line
from lib.contracts import DTYPES
from lib.tables import TABLES
from lib.trading.paper.account import Account, Closed
from lib.trading.paper.lots import Lot
from lib.trading.paper.matching import BUY
from lib.trading.paper.orders import Order
from lib.trading.paper.replay import AccountBook, text_of

STILL_OPEN = "STILL_OPEN"
STALE_PRICE = "STALE_PRICE"
DAY = "datetime64[us]"


def lines_of_table(frame: pd.DataFrame) -> list[Line]:
    """The lines of the table ``account_ledger``."""
    return [
        Line(
            int(one.line),
            f"{one.session:%Y-%m-%d}",
            None if pd.isna(one.as_of) else f"{one.as_of:%Y-%m-%d}",
            str(one.kind),
            json.loads(one.body),
            None if pd.isna(one.moment) else one.moment.isoformat(),
        )
        for one in frame.itertuples(index=False)
    ]


def tables(book: AccountBook) -> dict[str, pd.DataFrame]:
    """Every table of the account by name, columns as ``lib.tables.paper_account`` declares them."""
    return {
        "account_orders": orders(book),
        "account_fills": fills(book),
        "account_trades": trades(book),
        "account_holdings": holdings(book),
        "account_equity": equity(book),
        "account_breaker": breaker(book),
        "account_decisions": decisions(book),
        "account_record": record(book),
    }


def orders(book: AccountBook) -> pd.DataFrame:
    """Every order and what became of it, in the order in which they were decided."""
    days, symbols = book.account.bars.sessions, book.account.symbols
    return _frame(
        "account_orders",
        (
            {
                "order_id": one.order_id,
                "decided": days[max(one.decided, 0)],
                "symbol": one.symbol or (symbols[one.column] if one.column >= 0 else ""),
                "side": _side(one.side),
                "quantity": one.quantity,
                "type": one.type,
                "limit": one.limit,
                "trigger": one.trigger,
                "validity": one.validity,
                "strategy": one.strategy,
                "confidence": one.confidence,
                "stop": one.stop,
                "target": one.target,
                "status": one.status,
                "filled": one.filled,
                "average_price": one.value / one.filled if one.filled else math.nan,
                "ended": days[one.ended] if one.ended >= 0 else pd.NaT,
                "reason": one.reason,
                "outcome": one.outcome,
            }
            for one in book.account.orders
        ),
    )


def fills(book: AccountBook) -> pd.DataFrame:
    """Every fill, in order."""
    days, symbols = book.account.bars.sessions, book.account.symbols
    return _frame(
        "account_fills",
        (
            {
                "fill": number,
                "order_id": one.order.order_id,
                "date": days[one.row],
                "symbol": symbols[one.order.column],
                "side": _side(one.side),
                "quantity": float(one.quantity),
                "price": one.price,
                "slippage": one.slippage,
                "commission": one.commission,
                "charges": one.charges,
                "strategy": one.strategy,
                "reason": one.reason,
                "flags": one.flags,
            }
            for number, one in enumerate(book.account.fills, start=1)
        ),
    )


def trades(book: AccountBook) -> pd.DataFrame:
    """Lots matched with what ended them, then those that are still held at the last close."""
    account = book.account
    rows = [_trade(account, one, "CLOSED") for one in account.closed]
    rows += [_trade(account, one, "OPEN") for one in _still_held(account)]
    numbered = ({"trade": number, **row} for number, row in enumerate(rows, start=1))
    return _frame("account_trades", numbered)


def _still_held(account: Account) -> list[Closed]:
    last = account.last[account.row]
    found = []
    for (strategy, column), position in account.positions.items():
        for lot in position.lots:
            side, size = (1 if lot.quantity > 0 else -1), abs(lot.quantity)
            end = (account.row, last[column], lot.fees, STILL_OPEN, False)
            found.append(Closed(lot, strategy, column, side, size, *end))
    return found


def _trade(account: Account, one: Closed, status: str) -> dict[str, Any]:
    days, lot, order = account.bars.sessions, one.lot, one.lot.order
    gross = one.side * (one.price - lot.price) * one.quantity
    net = gross - one.fees + lot.dividends
    return {
        "symbol": account.symbols[one.column],
        "strategy": one.strategy,
        "side": "LONG" if one.side > 0 else "SHORT",
        "quantity": float(one.quantity),
        "entry_date": days[lot.entered],
        "entry_price": lot.price,
        "exit_date": days[one.row] if status == "CLOSED" else pd.NaT,
        "exit_price": one.price,
        "gross": gross,
        "costs": one.fees,
        "dividends": lot.dividends,
        "net": net,
        "return": net / (lot.price * one.quantity),
        "entry_reason": order.reason,
        "exit_reason": one.reason,
        "status": status,
        "stop": _stop_at_entry(lot, order),
        "ambiguous": one.ambiguous,
    }


def _stop_at_entry(lot: Lot, order: Order) -> float:
    """The stop of the entry on the basis of the lot, whose price a split changed and the order's not."""
    basis = lot.price / (order.value / order.filled) if order.filled else 1.0
    return order.stop if math.isclose(basis, 1.0, rel_tol=1e-9) else order.stop * basis


def holdings(book: AccountBook) -> pd.DataFrame:
    """What was held at each close."""
    days, symbols = book.account.bars.sessions, book.account.symbols
    return _frame(
        "account_holdings",
        (
            {
                "date": days[one.row],
                "symbol": symbols[one.column],
                "strategy": one.strategy,
                "quantity": float(one.quantity),
                "average_price": one.cost / one.quantity,
                "price": one.price,
                "value": one.quantity * one.price,
                "unrealised": one.quantity * one.price - one.cost,
                "stop": one.stop,
                "target": one.target,
                "flags": STALE_PRICE if one.stale else "",
            }
            for one in book.holdings
        ),
    )


def equity(book: AccountBook) -> pd.DataFrame:
    """Cash, holdings and what they came from, at each close."""
    days = pd.DataFrame([vars(one) for one in book.days])
    worth = (days["cash"] + days["invested"]).to_numpy()
    before = np.concatenate([[book.rules.capital], worth[:-1]])
    high = np.maximum(np.maximum.accumulate(worth), book.rules.capital)
    unrealised = pd.Series(0.0, index=days["row"])
    for one in book.holdings:
        unrealised[one.row] += one.quantity * one.price - one.cost
    return pd.DataFrame(
        {
            "date": pd.Series(book.sessions).astype(DAY),
            **{name: days[name] for name in ("cash", "unsettled", "reserved", "invested")},
            "equity": worth,
            "realised": days["realised"],
            "unrealised": unrealised.to_numpy(),
            "costs": days["costs"],
            "dividends": days["dividends"],
            "return": worth / before - 1.0,
            "drawdown": worth / high - 1.0,
            "day_pnl": worth - before,
            "breaker": days["breaker"],
            "positions": days["positions"],
        }
    )


def breaker(book: AccountBook) -> pd.DataFrame:
    """Every time that the breaker tripped."""
    days = book.account.bars.sessions
    return _frame(
        "account_breaker",
        (
            {
                "date": days[one.row],
                "loss": one.loss,
                "limit": one.limit,
                "share": one.loss / one.limit,
                "blocked": one.blocked,
                "reset": days[one.reset] if one.reset >= 0 else pd.NaT,
                "reset_by": one.by,
            }
            for one in book.trips
        ),
    )


def decisions(book: AccountBook) -> pd.DataFrame:
    """What was decided at each close, as the ledger has it or will have it."""
    days = book.account.bars.sessions
    return _frame(
        "account_decisions",
        (
            {
                "session": days[one.row],
                "orders": len(one.body["orders"]),
                "refused": len(one.body["refused"]),
                "body": text_of(one.body),
            }
            for one in book.decided
        ),
    )


def record(book: AccountBook) -> pd.DataFrame:
    """Whether each session was decided in time, and by an earlier run."""
    days = book.account.bars.sessions
    rows = (
        {"session": days[one.row], "caught_up": one.late, "recorded": one.recorded} for one in book.decided
    )
    return _frame("account_record", rows)


def _frame(table: str, rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a frame with the columns and types of a table, which may be none."""
    columns = TABLES[table].columns
    found = pd.DataFrame(list(rows), columns=[one.name for one in columns])
    return found.astype({one.name: DTYPES[one.type] for one in columns})


def _side(side: int) -> str:
    return "BUY" if side == BUY else "SELL"
