"""The profits of the book as one chain: what its snapshots recorded, and before the first the replayed file.

The first snapshot has a value and no profit; the profit of that day and of those before it is replayed
(``lib.portfolio.replay``), flagged, over the last sessions only, and never stored: each run makes it anew
from its own file. Replayed values are the first real one less the later profits, as if nothing had been paid
in or out. Where days before the oldest snapshot were recorded once and dropped since, nothing is replayed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib import codes
from lib.book import totals_of
from lib.contracts import conform
from lib.conventions import EXCHANGE
from lib.market.calendar import last_session, previous_trading_day, sessions
from lib.portfolio.quotes import closes_on
from lib.portfolio.replay import Replay, replay
from lib.portfolio.snapshots import FIRST_SNAPSHOT
from lib.stats.returns import wealth
from lib.tables import TABLES

REPLAY_DAYS = 90
DAYS_A_SESSION, SPARE_DAYS = 1.6, 15
"""Calendar days that hold a session surely: 365 / 252 and holidays."""


@dataclass(frozen=True)
class ProfitHistory:
    """Tables ``profit_history`` (``days``) and ``replay_positions`` (``replayed``)."""

    days: pd.DataFrame
    replayed: pd.DataFrame

    @property
    def rows_replayed(self) -> int:
        """How many rows are replayed."""
        return int(self.days["replayed"].sum())

    @property
    def rows_real(self) -> int:
        """How many rows are of snapshots."""
        return len(self.days) - self.rows_replayed

    @property
    def left_out(self) -> pd.DataFrame:
        """Positions that take no part in the replay, the largest first; none where nothing is replayed."""
        out = self.replayed[self.replayed["reason"] != ""]
        return out.sort_values("share", ascending=False, na_position="last", kind="stable")


def profit_history(
    snapshots: pd.DataFrame,
    positions: pd.DataFrame,
    exposures: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    as_of: str,
    benchmark: str | None = None,
    replay_days: int = REPLAY_DAYS,
    exchange: str = EXCHANGE,
) -> ProfitHistory:
    """The chain of profits up to ``as_of``, from the tables of the names of the arguments.

    ``replay_days`` are the last sessions, counted from ``as_of``, that are replayed where no snapshot tells
    them; 0 replays none. ``benchmark`` is a symbol of ``prices``.
    """
    last = last_session(as_of, exchange)
    real = _real(snapshots, exchange)
    until, worth = _begun(snapshots, exposures, last)
    window = _window(last, until, replay_days, exchange)
    past = replay(positions, prices, window)
    rows = [part for part in (_replayed(past, window, worth), real) if len(part)]
    days = pd.concat(rows, ignore_index=True) if rows else real
    days = days.assign(
        sessions=_sessions(days, exchange), benchmark_return=_benchmark(days, prices, benchmark)
    )
    return ProfitHistory(
        conform(days[TABLES["profit_history"].column_names], TABLES["profit_history"]), past.positions
    )


def growth(days: pd.DataFrame, benchmark: str | None) -> pd.DataFrame:
    """Value of 1 at the start of the table ``profit_history``, of the book and its benchmark, by date."""
    dates = pd.DatetimeIndex([*days["base_date"].head(1), *days["date"]])
    columns = {"Book": "return"}
    if benchmark is not None and days["benchmark_return"].notna().any():
        columns[benchmark] = "benchmark_return"
    paths = {label: wealth(days[name].to_numpy())[: len(dates)] for label, name in columns.items()}
    return pd.DataFrame(paths, index=dates)


def _real(snapshots: pd.DataFrame, exchange: str) -> pd.DataFrame:
    """Rows of the snapshots that have one before them, with the day of that."""
    table = snapshots.sort_values("snapshot_date").reset_index(drop=True)
    before = table["snapshot_date"].shift()
    if len(table):
        before.iloc[0] = previous_trading_day(table["snapshot_date"].iloc[0], exchange)
    rows = pd.DataFrame(
        {
            "date": table["snapshot_date"],
            "base_date": before,
            "replayed": np.zeros(len(table), dtype=bool),
            "nav": table["nav"],
            "profit": table["daily_pnl"],
            "dividends": table["dividends"],
            "return": table["daily_return"],
            "positions": table["positions"],
            "flags": table["warnings"],
        }
    )
    return rows[~codes.has(table["warnings"], FIRST_SNAPSHOT)].reset_index(drop=True)


def _begun(
    snapshots: pd.DataFrame, exposures: pd.DataFrame, last: pd.Timestamp
) -> tuple[pd.Timestamp | None, float]:
    """The day up to which the past is replayed, and net asset value then; None where all was recorded."""
    if not len(snapshots):
        return last, float(totals_of(exposures)["nav"])
    first = snapshots.sort_values("snapshot_date").iloc[0]
    return first["snapshot_date"] if codes.has(first["warnings"], FIRST_SNAPSHOT) else None, first["nav"]


def _window(
    last: pd.Timestamp, until: pd.Timestamp | None, replay_days: int, exchange: str
) -> pd.DatetimeIndex:
    """Sessions of the replay and the one before them: of the last ``replay_days``, those up to ``until``."""
    reach = pd.Timedelta(days=int(replay_days * DAYS_A_SESSION) + SPARE_DAYS)
    days = sessions(last - reach, last, exchange)[-replay_days - 1 :]
    return days[days <= until] if until is not None and replay_days else days[:0]


def _replayed(past: Replay, window: pd.DatetimeIndex, worth: float) -> pd.DataFrame:
    """Rows of the replay; ``worth`` is net asset value at its end."""
    days = past.days
    later = days["profit"][::-1].cumsum()[::-1] - days["profit"]
    nav = worth - later
    before = nav - days["profit"]
    return pd.DataFrame(
        {
            "date": days["date"],
            "base_date": window[window.get_indexer(days["date"]) - 1],
            "replayed": np.ones(len(days), dtype=bool),
            "nav": nav,
            "profit": days["profit"],
            "dividends": days["dividends"],
            "return": (days["profit"] / before).where(before > 0),
            "positions": days["positions"],
            "flags": "",
        }
    )


def _sessions(days: pd.DataFrame, exchange: str) -> np.ndarray:
    """Sessions after the base of each row, up to its own."""
    if not len(days):
        return np.zeros(0, dtype="int64")
    known = sessions(days["base_date"].min(), days["date"].max(), exchange)
    ends = [known.searchsorted(days[name], side="right") for name in ("date", "base_date")]
    return ends[0] - ends[1]


def _benchmark(days: pd.DataFrame, prices: pd.DataFrame, benchmark: str | None) -> pd.Series:
    """Return of the benchmark over the span of each row."""
    if benchmark is None or not len(days):
        return pd.Series(np.nan, index=days.index)
    ends = [benchmark_level(prices, benchmark, days[name]) for name in ("base_date", "date")]
    return ends[1] / ends[0] - 1


def benchmark_level(prices: pd.DataFrame, benchmark: str, on: pd.Series) -> pd.Series:
    """Adjusted closes of the benchmark, the last within a week of each day of ``on``."""
    return closes_on(prices, pd.DataFrame({"symbol": benchmark, "date": on}), "adj_close")
