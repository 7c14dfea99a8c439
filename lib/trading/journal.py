"""The journal of trades: each lot with its sale, what it earned after both sides' costs, and how it went.

Trades come matched from the account (``account_trades``): a sale of part of a position is a trade of its own.
A result of no more than half a cent, or of what the caller says, is neither a win nor a loss.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from lib.contracts import conform, empty
from lib.tables.trade_analytics import BINS, JOURNAL
from lib.trading.excursions import excursions

HALF_A_CENT = 0.005


def journal(
    trades: pd.DataFrame,
    fills: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    sessions: pd.Series,
    breakeven: float = HALF_A_CENT,
) -> pd.DataFrame:
    """The table ``trade_journal`` of the account's trades; ``sessions`` are those of its equity, in order."""
    if trades.empty:
        return empty(JOURNAL)
    days = pd.DatetimeIndex(sessions)
    left = trades["exit_date"].fillna(days[-1])
    found = trades.join(excursions(trades, prices, fills, end=days[-1]))
    held = np.searchsorted(days, left) - np.searchsorted(days, trades["entry_date"])
    risk = ((trades["entry_price"] - trades["stop"]).abs() * trades["quantity"].abs()).replace(0.0, np.nan)
    net = trades["net"]
    outcome = np.select([net > breakeven, net < -breakeven], ["win", "loss"], "breakeven")
    found = found.assign(
        sessions_held=held,
        days_held=(left - trades["entry_date"]).dt.days.astype(float),
        r_multiple=net / risk,
        result=np.where(trades["status"].eq("OPEN"), "open", outcome),
    )
    return conform(found[JOURNAL.column_names], JOURNAL)


def closed(rows: pd.DataFrame) -> pd.DataFrame:
    """Trades of a journal that are over, in the order in which they ended."""
    over = rows.loc[rows["result"] != "open"]
    return over.sort_values(["exit_date", "trade"], ignore_index=True)


def bins(rows: pd.DataFrame, *, edges: list[float]) -> pd.DataFrame:
    """The table ``trade_bins``: closed trades by net profit, ``edges`` of profits mirrored for losses.

    Breakeven trades have a bin of their own. Raises ValueError when the edges do not rise from above 0.
    """
    if not edges or edges[0] <= 0 or any(b <= a for a, b in pairwise(edges)):
        raise ValueError(f"edges {edges} must rise from above 0")
    over = closed(rows)
    size = np.searchsorted([0.0, *edges], over["net"].abs().to_numpy(), side="left").clip(1)
    sign = over["result"].map({"win": 1, "loss": -1, "breakeven": 0}).to_numpy(int)
    place = sign * size
    steps = [0.0, *edges, np.inf]
    most = len(edges) + 1
    table = []
    for at in range(-most, most + 1):
        low, high = (steps[abs(at) - 1], steps[abs(at)]) if at else (0.0, 0.0)
        mine = place == at
        table.append(
            {
                "bin": _named(at, low, high),
                "low": low if at >= 0 else (-high if np.isfinite(high) else np.nan),
                "high": -low if at < 0 else (high if np.isfinite(high) else np.nan),
                "trades": int(mine.sum()),
                "net": float(over["net"].to_numpy()[mine].sum()),
            }
        )
    return conform(pd.DataFrame(table), BINS)


def _named(at: int, low: float, high: float) -> str:
    if not at:
        return "breakeven"
    kind = "profit" if at > 0 else "loss"
    return f"{kind} above {low:,.0f}" if np.isinf(high) else f"{kind} from {low:,.0f} to {high:,.0f}"
