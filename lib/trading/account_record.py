"""What an account did: its fills, its trades, what it did not carry out, and its value at every close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, get_type_hints

import numpy as np
import pandas as pd

from lib.trading.bars import Bars


class Fill(NamedTuple):
    """One order carried out; ``row`` and ``column`` are positions of session and symbol, ``side`` 1 buys."""

    row: int
    column: int
    side: int
    quantity: int
    price: float
    fee: float
    reason: str
    flags: str


class Trade(NamedTuple):
    """One position from its entry to its exit; rows and column are positions, ``side`` 1 is long."""

    column: int
    side: int
    quantity: int
    entry_row: int
    entry_price: float
    entry_fee: float
    exit_row: int
    exit_price: float
    exit_fee: float
    entry_reason: str
    exit_reason: str
    ambiguous: bool


class Refusal(NamedTuple):
    """An entry that was decided and not carried out."""

    row: int
    column: int
    reason: str


@dataclass(frozen=True)
class AccountRecord:
    """An account over the sessions of its bars.

    ``equity``, ``cash`` and ``invested`` are money at each close (T,), equity being the sum of the others;
    ``quantity`` (T, N) the shares held overnight. ``fills``, ``trades`` and ``refused`` are frames with
    sessions and symbols by name; a position held at the end is a trade marked STILL_OPEN, at the last close
    and without a fee for its exit. Prices and quantities are of their session; those of a trade's entry are
    on the basis of its exit. ``dividends`` is money received, which is in the cash and in no trade.
    """

    sessions: pd.DatetimeIndex
    symbols: pd.Index
    equity: np.ndarray
    cash: np.ndarray
    invested: np.ndarray
    quantity: np.ndarray
    fills: pd.DataFrame
    trades: pd.DataFrame
    refused: pd.DataFrame
    capital: float
    dividends: float = 0.0

    @property
    def returns(self) -> np.ndarray:
        """Simple return of the equity by session, decimal; the first is against the capital."""
        before = np.concatenate([[self.capital], self.equity[:-1]])
        return self.equity / before - 1.0

    @property
    def traded_value(self) -> float:
        """Money bought and sold in all."""
        return float((self.fills["quantity"] * self.fills["price"]).sum())


def fill_frame(fills: list[Fill], bars: Bars) -> pd.DataFrame:
    """Fills in the order in which they were made, with the session and symbol of each."""
    found = _frame(fills, Fill)
    return _named(found, bars, session="row")


def trade_frame(trades: list[Trade], bars: Bars) -> pd.DataFrame:
    """Trades by exit, with their gross and net profit in money, return on the entry's value and holding time.

    ``sessions_held`` counts the symbol's sessions from entry to exit, 0 for a trade within one session.
    """
    found = _frame(trades, Trade)
    found["entry_session"] = bars.sessions[found["entry_row"].to_numpy(dtype=int)]
    found = _named(found, bars, session="exit_row").rename(columns={"session": "exit_session"})
    found["gross"] = found["side"] * (found["exit_price"] - found["entry_price"]) * found["quantity"]
    found["costs"] = found["entry_fee"] + found["exit_fee"]
    found["net"] = found["gross"] - found["costs"]
    found["return"] = found["net"] / (found["entry_price"] * found["quantity"])
    found["sessions_held"] = found["exit_row"] - found["entry_row"]
    return found


def refusal_frame(refused: list[Refusal], bars: Bars) -> pd.DataFrame:
    """Entries not carried out, with the code of the reason."""
    return _named(_frame(refused, Refusal), bars, session="row")


def _frame(rows: list, kind: type) -> pd.DataFrame:
    types = {int: "int64", float: "float64", str: "str", bool: "bool"}
    hints = get_type_hints(kind)
    columns = zip(*rows, strict=True) if rows else [()] * len(hints)
    named = zip(hints.items(), columns, strict=True)
    return pd.DataFrame({name: pd.Series(values, dtype=types[of]) for (name, of), values in named})


def _named(frame: pd.DataFrame, bars: Bars, *, session: str) -> pd.DataFrame:
    frame["session"] = bars.sessions[frame[session].to_numpy(dtype=int)]
    frame["symbol"] = pd.Series(np.asarray(bars.symbols)[frame["column"].to_numpy(dtype=int)], dtype="str")
    return frame
