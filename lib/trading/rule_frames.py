"""Tables of what rules say and of what accounts that follow them did, from arrays and records."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.stats import performance
from lib.stats.drawdowns import drawdown, max_drawdown
from lib.trading.account_record import AccountRecord
from lib.trading.bars import Bars
from lib.trading.decisions import ENTER, REASONS
from lib.trading.own_bars import carried
from lib.trading.rule_decisions import Told, parted

ACTION = {1: "BUY", -1: "SELL", 0: "NONE"}
TRADED = {
    "quantity": "quantity",
    "entry_session": "entry_date",
    "entry_price": "entry_price",
    "exit_session": "exit_date",
    "exit_price": "exit_price",
    "sessions_held": "sessions_held",
    "gross": "gross",
    "costs": "costs",
    "net": "net",
    "return": "return",
    "entry_reason": "entry_reason",
    "exit_reason": "exit_reason",
    "ambiguous": "ambiguous",
}


def signals(bars: Bars, by_rule: Mapping[str, Told]) -> pd.DataFrame:
    """Table ``rule_signals``: every decision of every session, by date, rule and symbol."""
    parts = [_rows(bars, name, one, *np.nonzero(one.decisions.action)) for name, one in by_rule.items()]
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["date", "strategy", "symbol"], kind="stable", ignore_index=True)


def today(bars: Bars, by_rule: Mapping[str, Told], *, as_of: pd.Timestamp, gate: float) -> pd.DataFrame:
    """Table ``rule_signals_today``: what each rule says of each symbol at the last session."""
    last, count = len(bars.sessions) - 1, len(bars.symbols)
    parts = []
    for name, one in by_rule.items():
        rows = _rows(bars, name, one, np.full(count, last), np.arange(count))
        rows["price"] = carried(bars.close)[last]
        sure = one.decisions.confidence[last]
        unsure = (one.decisions.action[last] == ENTER) & (sure < gate)
        blocks = {
            "LOW_CONFIDENCE": unsure,
            "NO_BAR_TODAY": ~bars.has_bar[last] | (bars.sessions[last] < as_of),
            "WARMING_UP": bars.has_bar[last] & ~one.settled[last],
        }
        codes = [
            [*(code for code, mask in blocks.items() if mask[column]), *_lacking(one, symbol)]
            for column, symbol in enumerate(bars.symbols)
        ]
        parts.append(rows.assign(blocked=[", ".join(found) for found in codes]))
    return pd.concat(parts, ignore_index=True)


def _lacking(one: Told, symbol: str) -> list[str]:
    return [f"LACKS_{name.upper()}" for name in one.lacking.get(symbol, ())]


def _rows(bars: Bars, name: str, one: Told, at: np.ndarray, column: np.ndarray) -> pd.DataFrame:
    """Rows of decisions at the positions given."""
    said = one.decisions
    action = said.action[at, column]
    trail = np.full(len(at), np.nan)
    if one.trail is not None:
        trail = np.where(action == ENTER, one.trail[at, column], np.nan)
    return pd.DataFrame(
        {
            "date": bars.sessions[at],
            "strategy": pd.Series(name, index=range(len(at)), dtype="str"),
            "symbol": pd.Series(np.asarray(bars.symbols)[column], dtype="str"),
            "action": pd.Series([ACTION[int(value)] for value in action], dtype="str"),
            "price": bars.close[at, column],
            "confidence": said.confidence[at, column],
            "stop": said.stop[at, column],
            "target": said.target[at, column],
            "trail": trail,
            "reason": pd.Series([REASONS[int(value)] for value in said.reason[at, column]], dtype="str"),
        }
    )


def equity(
    series: str, sessions: pd.DatetimeIndex, values: np.ndarray, capital: float, record: AccountRecord | None
) -> pd.DataFrame:
    """Rows of ``rule_equity`` of one series."""
    returns = returns_of(values, capital)
    return pd.DataFrame(
        {
            "date": sessions,
            "series": series,
            "equity": values,
            "cash": np.nan if record is None else record.cash,
            "return": returns,
            "drawdown": drawdown(returns)[1:],
            "positions": 0 if record is None else (record.quantity != 0).sum(axis=1),
        }
    )


def returns_of(values: np.ndarray, capital: float) -> np.ndarray:
    """Simple returns of an equity from close to close, the first against the capital."""
    return values / np.concatenate([[capital], values[:-1]]) - 1.0


def trades(account: str, record: AccountRecord, *, strategy: str = "") -> pd.DataFrame:
    """Rows of ``rule_trades``; without ``strategy`` the columns of the record name rule and symbol."""
    own = record.trades
    found = own[list(TRADED)].rename(columns=TRADED)
    names = [(strategy, symbol) if strategy else parted(symbol) for symbol in own["symbol"]]
    rules, symbols = ([one[place] for one in names] for place in (0, 1))
    found.insert(0, "symbol", pd.Series(symbols, index=own.index, dtype="str"))
    found.insert(0, "strategy", pd.Series(rules, index=own.index, dtype="str"))
    found.insert(0, "trade", np.arange(1, len(found) + 1))
    found.insert(0, "account", pd.Series(account, index=own.index, dtype="str"))
    return found


def measures(
    series: str,
    kind: str,
    sessions: pd.DatetimeIndex,
    values: np.ndarray,
    *,
    capital: float,
    first: int = 0,
    record: AccountRecord | None = None,
    risk_free: float = 0.0,
    break_even: float = np.nan,
) -> dict:
    """Row of ``rule_measures`` of the sessions from position ``first`` on."""
    returns = returns_of(values, capital)[first:]
    row = {
        "series": series,
        "kind": kind,
        "first": sessions[first],
        "last": sessions[-1],
        "sessions": len(returns),
        "total_return": float(np.prod(1.0 + returns) - 1.0),
        "annual_return": float(performance.annual_return(returns, periods=TRADING_DAYS)),
        "volatility": float(performance.annual_volatility(returns, periods=TRADING_DAYS)),
        "sharpe": float(performance.sharpe(returns, periods=TRADING_DAYS, risk_free=risk_free)),
        "max_drawdown": float(max_drawdown(returns)),
        "break_even": break_even,
    }
    return {**row, **_traded(values, sessions, first, record)}


def _traded(
    values: np.ndarray, sessions: pd.DatetimeIndex, first: int, record: AccountRecord | None
) -> dict[str, float]:
    """The part of the row that rests on trades; nothing of what is bought once and held."""
    if record is None:
        none = {"trades": 0, "won": np.nan, "invested": 1.0, "turnover": 0.0, "costs": 0.0, "dividends": 0.0}
        return none
    made = record.trades.loc[record.trades["entry_row"] >= first]
    closed = made.loc[made["exit_reason"] != "STILL_OPEN"]
    fills = record.fills.loc[record.fills["row"] >= first]
    years = (len(sessions) - first) / TRADING_DAYS
    mean = float(values[first:].mean())
    return {
        "trades": len(made),
        "won": float((closed["net"] > 0.0).mean()) if len(closed) else np.nan,
        "invested": float((record.invested / record.equity)[first:].mean()),
        "turnover": float((fills["quantity"] * fills["price"]).sum()) / mean / years,
        "costs": float(fills["fee"].sum()),
        "dividends": record.dividends,
    }
