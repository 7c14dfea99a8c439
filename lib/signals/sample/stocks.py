"""The real part of the sample: twenty US stocks since 1990, the S&P 500, and three signals of their prices.

The signals are known at the close of each month's last session (``MOMENTUM``, ``LOW_VOLATILITY``,
``REVERSAL``) and rest on closes up to it alone. Who was in the S&P 500 is dated.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from lib.market import calendar
from lib.market.sample.provider import adjusted_closes
from lib.market.sample.universe import COMPANIES
from lib.signals.sample.long_form import long
from lib.tables.signals import TOTAL

DATA = Path(__file__).parent / "data"
EXCHANGE = "XNYS"
INDEX, BENCHMARK, UNIVERSE = "SP500", "S&P 500", "us-stocks"
MOMENTUM, LOW_VOLATILITY, REVERSAL = "momentum", "low-volatility", "reversal"
A_YEAR, MONTHS = 252, 12
SOURCE = {"source": "sample", "origin": "real"}


@cache
def closes() -> pd.DataFrame:
    """Adjusted closes of the stocks and the level of the index ``SP500``, by day."""
    return adjusted_closes()[[INDEX, *(one.symbol for one in COMPANIES)]]


def tables() -> dict[str, pd.DataFrame]:
    """Firms, memberships, returns, benchmark and values of the three signals, as raw tables."""
    prices = closes()
    level, stocks = prices[INDEX], prices.drop(columns=INDEX)
    moves = stocks.pct_change().iloc[1:]
    returns = long(moves.index, list(stocks), "date", "entity", **{"return": moves.to_numpy()})
    index = level.pct_change().iloc[1:]
    benchmark = pd.DataFrame({"benchmark": BENCHMARK, "date": index.index, "return": index.to_numpy()})
    return {
        "raw_signal_entities": _entities(prices.index[0]).assign(**SOURCE),
        "raw_signal_memberships": _memberships().assign(**SOURCE),
        "raw_signal_returns": returns.assign(**SOURCE),
        "raw_signal_benchmarks": benchmark.assign(**SOURCE),
        "raw_signal_values": _values(stocks).assign(**SOURCE),
    }


def _entities(first: pd.Timestamp) -> pd.DataFrame:
    rows = [(one.symbol, one.symbol, one.name, one.sector) for one in COMPANIES]
    table = pd.DataFrame(rows, columns=["entity", "symbol", "name", "sector"])
    return table.assign(universe=UNIVERSE, valid_from=first, known_at=first)


def _memberships() -> pd.DataFrame:
    """A row for each day from which a stock was in the index, and for each from which it was not."""
    spans = pd.read_parquet(DATA / "members.parquet").rename(columns={"symbol": "entity"})
    joined = spans[["entity", "since"]].rename(columns={"since": "date"}).assign(member=True)
    left = spans[["entity", "until"]].rename(columns={"until": "date"}).dropna().assign(member=False)
    rows = pd.concat([joined, left], ignore_index=True)
    return rows.assign(universe=UNIVERSE, known_at=rows["date"])


def _values(stocks: pd.DataFrame) -> pd.DataFrame:
    """Momentum, low volatility and reversal at each month's last session that is over."""
    sessions = calendar.sessions(stocks.index[0], stocks.index[-1] + pd.Timedelta(days=15), EXCHANGE)
    month = sessions.to_period("M")
    ends = sessions[:-1][month[1:] != month[:-1]].intersection(stocks.index)
    at_end = stocks.loc[ends]
    spread = stocks.pct_change().rolling(A_YEAR).std().loc[ends]
    found = {
        MOMENTUM: at_end.shift(1) / at_end.shift(MONTHS) - 1.0,
        LOW_VOLATILITY: -spread,
        REVERSAL: -(at_end / at_end.shift(1) - 1.0),
    }
    parts = [
        long(ends, list(stocks), "period_end", "entity", value=wide.to_numpy()).assign(signal=name)
        for name, wide in found.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    close = calendar.closes(ends[0], ends[-1], EXCHANGE).reindex(ends)
    following = pd.Series(sessions[sessions.searchsorted(ends, side="right")], index=ends)
    return table.assign(
        component=TOTAL,
        value=table["value"].round(8),
        known_at=pd.DatetimeIndex(np.asarray(table["period_end"].map(close)))
        .tz_localize("UTC")
        .as_unit("us"),
        predicts_from=table["period_end"].map(following),
    )
