"""All that the stage ``trading/analytics`` computes of one account, and what its page needs beside it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib.market.calendar import trading_days
from lib.trading import account_measures
from lib.trading import journal as book
from lib.trading.price_basis import sessions_of
from lib.trading.trade_measures import trade_measures


@dataclass(frozen=True)
class Choice:
    """Settings of the stage; ``edges`` are of the bins of profits, mirrored for losses, money."""

    symbols: tuple[str, ...]
    benchmark: str | None
    capital: float
    currency: str = "USD"
    risk_free: float = 0.0
    breakeven: float = book.HALF_A_CENT
    edges: tuple[float, ...] = (1_000.0, 5_000.0)
    draws: int = 2_000
    falls: int = 10
    charted: int = 3
    seed: int = 7


@dataclass(frozen=True)
class Inputs:
    """The tables that the stage reads."""

    trades: pd.DataFrame
    fills: pd.DataFrame
    equity: pd.DataFrame
    prices: pd.DataFrame


@dataclass(frozen=True)
class Traded:
    """A symbol for the chart: closes by date and its trades, both on the basis of the last session."""

    symbol: str
    closes: pd.Series
    trades: pd.DataFrame


@dataclass(frozen=True)
class TradeStudy:
    """The tables of the stage by name, the symbols for the chart, and the inputs."""

    tables: dict[str, pd.DataFrame]
    charted: tuple[Traded, ...]
    choice: Choice
    given: Inputs
    origins: tuple[str, ...]

    @property
    def whole(self) -> pd.Series:
        """The measures of all trades."""
        return self.tables["trade_measures"].iloc[0]

    def series(self, name: str) -> pd.Series:
        """The row of ``account_performance``."""
        return self.tables["account_performance"].set_index("series").loc[name]


def trade_study(given: Inputs, choice: Choice, *, exchange: str) -> TradeStudy:
    """Everything the stage writes, from the account's tables and the market's prices."""
    equity, symbols = given.equity, list(choice.symbols)
    known = given.prices.loc[given.prices["date"] <= equity["date"].iloc[-1]]
    own = known.loc[known["symbol"].isin(set(given.trades["symbol"]))]
    rows = book.journal(given.trades, given.fills, own, sessions=equity["date"], breakeven=choice.breakeven)
    path = account_measures.curve(equity, known, symbols=symbols, benchmark=choice.benchmark)
    over = book.closed(rows)
    used = known.loc[known["symbol"].isin({*symbols, choice.benchmark, *own["symbol"]})]
    tables = {
        "trade_journal": rows,
        "trade_measures": trade_measures(rows, draws=choice.draws, seed=choice.seed),
        "account_performance": account_measures.performance_table(equity, path, risk_free=choice.risk_free),
        "account_curve": path,
        "account_drawdowns": account_measures.falls(equity, capital=choice.capital, top=choice.falls),
        "account_periods": account_measures.periods(
            equity, path, over, all_sessions=_sessions(equity["date"], exchange)
        ),
        "trade_bins": book.bins(rows, edges=list(choice.edges)),
    }
    origins = tuple(sorted(used["origin"].dropna().unique()))
    charted = _charted(rows, own, choice.charted, equity["date"])
    return TradeStudy(tables, charted, choice, given, origins)


def _sessions(days: pd.Series, exchange: str) -> pd.DatetimeIndex:
    """All sessions of the exchange in the years of ``days``."""
    every = pd.Series(pd.date_range(f"{days.iloc[0].year}-01-01", f"{days.iloc[-1].year}-12-31", unit="us"))
    return pd.DatetimeIndex(every[trading_days(every, exchange)])


def _charted(rows: pd.DataFrame, prices: pd.DataFrame, most: int, days: pd.Series) -> tuple[Traded, ...]:
    """The symbols with most trades, of equal ones in the order of their names."""
    counts = rows["symbol"].value_counts().rename_axis("symbol").reset_index(name="count")
    chosen = counts.sort_values(["count", "symbol"], ascending=[False, True])["symbol"].head(most)
    bars, last = sessions_of(prices), days.iloc[-1]
    codes = bars.codes(rows["symbol"])
    ends = bars.growth_at(codes, rows["exit_date"].fillna(last)) / bars.final_growth(codes)
    today = rows.assign(entry_price=rows["entry_price"] * ends, exit_price=rows["exit_price"] * ends)
    scale = bars.stated / bars.final_growth(bars.codes(bars.rows["symbol"]))
    closes = bars.rows.assign(close=bars.rows["close"] * scale)
    closes = closes.loc[closes["date"] >= days.iloc[0]]
    return tuple(
        Traded(
            symbol,
            closes.loc[closes["symbol"] == symbol].set_index("date")["close"],
            today.loc[today["symbol"] == symbol],
        )
        for symbol in chosen
    )
