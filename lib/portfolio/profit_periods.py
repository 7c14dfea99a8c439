"""Profit by period to date, with what the same money would have made in the benchmark.

Day, week, month, quarter and year begin at the last close before the calendar period of the newest row; a
period is counted only where the history reaches back to that close (``HISTORY_SHORT`` otherwise), and one
whose first row begins earlier, for want of a snapshot, says so (``PERIOD_EARLIER``). ``history`` is all there
is. Returns are compounded; the benchmark is measured over the same span, its profit on the net asset value at
the start.

``since_entry`` comes from the positions, not from the history: unrealised and realised profit of every row of
the file, over the money put in, long and short; beside it that money in the benchmark from each entry to each
exit. On raw prices dividends are in neither profit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes
from lib.contracts import conform
from lib.conventions import EXCHANGE
from lib.market.calendar import sessions
from lib.portfolio.profit_history import benchmark_level
from lib.tables import TABLES

TO_DATE = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
HISTORY_SHORT, PERIOD_EARLIER = "HISTORY_SHORT", "PERIOD_EARLIER"
NO_RETURN, NO_PROFIT = "NO_RETURN", "NO_PROFIT"
NO_BENCHMARK, BENCHMARK_MISSING = "no_benchmark", "benchmark_missing"


def profit_periods(
    days: pd.DataFrame,
    positions: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    as_of: str,
    benchmark: str | None = None,
    exchange: str = EXCHANGE,
) -> pd.DataFrame:
    """The table ``profit_periods``; ``days`` is the table ``profit_history``, the others by name."""
    absent = NO_BENCHMARK if benchmark is None else BENCHMARK_MISSING
    spans = _starts(days)
    rows = [{"period": name, **_of(days, start, absent, exchange)} for name, start in spans.items()]
    rows.append({"period": "since_entry", **_since_entry(positions, prices, as_of, benchmark)})
    frame = pd.DataFrame(rows)
    for name in ("start", "end"):
        frame[name] = pd.to_datetime(frame[name])
    frame["active_return"] = frame["return"].astype("float64") - frame["benchmark_return"].astype("float64")
    return conform(frame[TABLES["profit_periods"].column_names], TABLES["profit_periods"])


def _starts(days: pd.DataFrame) -> dict[str, pd.Timestamp | None]:
    """The day up to which nothing counts, by period; None where there is no history."""
    if not len(days):
        return dict.fromkeys(("day", *TO_DATE, "history"))
    last = days.iloc[-1]
    before = {
        name: last["date"].to_period(period).start_time - pd.Timedelta(days=1)
        for name, period in TO_DATE.items()
    }
    return {"day": last["base_date"], **before, "history": days["base_date"].iloc[0]}


def _of(days: pd.DataFrame, start: pd.Timestamp | None, absent: str, exchange: str) -> dict[str, object]:
    """Profit and returns of the rows after ``start``; nothing where the history begins later."""
    if start is None or days["base_date"].iloc[0] > start:
        return _nothing(HISTORY_SHORT)
    rows = days[days["date"] > start]
    first, worth = rows.iloc[0], _worth_before(days, rows.index[0])
    own, other = (_compounded(rows[name]) for name in ("return", "benchmark_return"))
    inside = len(sessions(start + pd.Timedelta(days=1), first["date"], exchange))
    earlier = bool(first["sessions"] > inside)
    flags = {PERIOD_EARLIER: earlier, NO_RETURN: np.isnan(own), absent: np.isnan(other)}
    return {
        "start": first["base_date"],
        "end": rows["date"].iloc[-1],
        "profit": rows["profit"].sum(min_count=1),
        "return": own,
        "benchmark_profit": worth * other if worth > 0 else np.nan,
        "benchmark_return": other,
        "rows_real": int((~rows["replayed"]).sum()),
        "rows_replayed": int(rows["replayed"].sum()),
        "flags": codes.cell(code for code, holds in flags.items() if holds),
    }


def _worth_before(days: pd.DataFrame, place: int) -> float:
    """Net asset value before the row at ``place``: that of the row before, or its own less its profit."""
    if place > 0:
        return float(days["nav"].iloc[place - 1])
    return float(days["nav"].iloc[0] - np.nan_to_num(days["profit"].iloc[0]))


def _compounded(returns: pd.Series) -> float:
    """The returns of the rows as one; NaN where one is not known."""
    return float((1 + returns).prod(skipna=False) - 1)


def _nothing(reason: str) -> dict[str, object]:
    empty = dict.fromkeys(("start", "end"), pd.NaT)
    money = dict.fromkeys(("profit", "return", "benchmark_profit", "benchmark_return"), np.nan)
    return {**empty, **money, "rows_real": 0, "rows_replayed": 0, "flags": reason}


def _since_entry(
    positions: pd.DataFrame, prices: pd.DataFrame, as_of: str, benchmark: str | None
) -> dict[str, object]:
    """Profit of every row of the file from its entry on, and of the same money in the benchmark."""
    profit = positions["unrealized_pnl"].where(positions["quantity"] != 0, positions["realized_pnl"])
    known = positions[profit.notna()]
    if not len(known):
        return _nothing(NO_PROFIT)
    put_in = known["file_quantity"] * known["multiplier"] * known["entry_price"]
    whole, earned = float(put_in.abs().sum()), float(profit.sum())
    other = _same_money(known, put_in, prices, as_of, benchmark)
    absent = NO_BENCHMARK if benchmark is None else BENCHMARK_MISSING
    flags = {NO_PROFIT: len(known) < len(positions), absent: np.isnan(other)}
    return {
        "start": known["entry_date"].min(),
        "end": pd.Timestamp(as_of),
        "profit": earned,
        "return": earned / whole,
        "benchmark_profit": other,
        "benchmark_return": other / whole,
        "rows_real": 0,
        "rows_replayed": 0,
        "flags": codes.cell(code for code, holds in flags.items() if holds),
    }


def _same_money(
    known: pd.DataFrame, put_in: pd.Series, prices: pd.DataFrame, as_of: str, benchmark: str | None
) -> float:
    """What the money of each entry, signed, would have made in the benchmark until its exit or ``as_of``."""
    if benchmark is None:
        return float("nan")
    until = known["exit_date"].fillna(pd.Timestamp(as_of))
    ends = [benchmark_level(prices, benchmark, on) for on in (known["entry_date"], until)]
    return float((put_in * (ends[1] / ends[0] - 1)).sum(skipna=False))
