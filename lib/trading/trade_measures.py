"""What closed trades came to: how often, how much, and how far that can be told from luck.

Results are net profits in money; what has no loss to divide by has no profit factor, rather than 0. The
interval of the win rate is Wilson's (1927), that of the mean trade a bootstrap of whole trades, which takes
them to be independent. Kelly's share is W - (1 - W) / payoff (Kelly 1956, in the form of a bet with two
outcomes); the system quality number is Tharp's (2008), without his cap at 100 trades.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.tables.trade_analytics import MEASURES
from lib.trading.journal import closed

FEW = 30
"""Closed trades below which a page says that they are few."""
Z = 1.959963984540054


def profit_factor(results: Any) -> float:
    """Profits together over losses together; NaN when there is no loss."""
    values = np.asarray(results, dtype=float)
    lost = -values[values < 0].sum()
    return float(values[values > 0].sum() / lost) if lost > 0 else float("nan")


def payoff(results: Any) -> float:
    """Mean profit over mean loss; NaN when there is none of either."""
    values = np.asarray(results, dtype=float)
    won, lost = values[values > 0], values[values < 0]
    return float(won.mean() / -lost.mean()) if len(won) and len(lost) else float("nan")


def kelly(results: Any) -> float:
    """Share of the money that grows it fastest, were all wins and all losses alike; NaN as payoff."""
    values = np.asarray(results, dtype=float)
    rate = float((values > 0).mean()) if len(values) else float("nan")
    return rate - (1.0 - rate) / payoff(values)


def system_quality(results: Any) -> float:
    """Root of the count times mean over standard deviation (ddof 1); NaN under two results or equal ones."""
    values = np.asarray(results, dtype=float)
    spread = values.std(ddof=1) if len(values) > 1 else 0.0
    return float(np.sqrt(len(values)) * values.mean() / spread) if spread > 0 else float("nan")


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); NaN without trials."""
    if not trials:
        return float("nan"), float("nan")
    share, square = hits / trials, Z * Z
    middle = share + square / (2 * trials)
    reach = Z * np.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    low, high = ((middle - reach) / (1 + square / trials), (middle + reach) / (1 + square / trials))
    return max(float(low), 0.0), min(float(high), 1.0)


def mean_interval(results: Any, *, draws: int, generator: np.random.Generator) -> tuple[float, float]:
    """95 % interval of the mean by drawing whole trades anew; NaN under two trades."""
    values = np.asarray(results, dtype=float)
    if len(values) < 2:
        return float("nan"), float("nan")
    means = values[generator.integers(0, len(values), (draws, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def longest_run(hits: Any) -> int:
    """Most true values one after another."""
    values = np.asarray(hits, dtype=bool)
    ends = np.flatnonzero(~np.concatenate([[False], values, [False]]))
    return int(np.diff(ends).max() - 1)


def trade_measures(rows: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """The table ``trade_measures`` of a journal: all trades, then strategies and symbols by net profit."""
    groups = [("all", "all", rows)]
    for scope in ("strategy", "symbol"):
        groups += [(scope, str(name), own) for name, own in rows.groupby(scope)]
    found = pd.DataFrame(
        [
            {"scope": scope, "name": name}
            | measures_of(own, draws=draws, generator=np.random.default_rng(seed))
            for scope, name, own in groups
        ]
    )
    order = found["scope"].map({"all": 0, "strategy": 1, "symbol": 2})
    found = found.assign(order=order).sort_values(["order", "net", "name"], ascending=[True, False, True])
    return conform(found.drop(columns="order"), MEASURES)


def measures_of(rows: pd.DataFrame, *, draws: int, generator: np.random.Generator) -> dict[str, Any]:
    """The figures of ``trade_measures`` for the trades of one part of a journal."""
    over = closed(rows)
    won, lost = over["result"].eq("win").to_numpy(), over["result"].eq("loss").to_numpy()
    net = over["net"].to_numpy(float)
    judged = np.where(won | lost, net, 0.0)
    low, high = wilson(int(won.sum()), len(over))
    least, most = mean_interval(net, draws=draws, generator=generator)
    some = len(over) > 0
    return {
        "trades": len(over),
        "open": int(rows["result"].eq("open").sum()),
        "wins": int(won.sum()),
        "losses": int(lost.sum()),
        "breakeven": len(over) - int(won.sum()) - int(lost.sum()),
        "win_rate": won.mean() if some else np.nan,
        "win_rate_low": low,
        "win_rate_high": high,
        "net": net.sum(),
        "costs": over["costs"].sum(),
        "gross_profit": net[won].sum(),
        "gross_loss": 0.0 - net[lost].sum(),
        "profit_factor": profit_factor(judged),
        "expectancy": net.mean() if some else np.nan,
        "expectancy_low": least,
        "expectancy_high": most,
        "mean_return": over["return"].mean(),
        "average_win": net[won].mean() if won.any() else np.nan,
        "average_loss": net[lost].mean() if lost.any() else np.nan,
        "payoff": payoff(judged),
        "largest_win": net[won].max() if won.any() else np.nan,
        "largest_loss": net[lost].min() if lost.any() else np.nan,
        "win_streak": longest_run(won),
        "loss_streak": longest_run(lost),
        "sessions_held": over["sessions_held"].mean(),
        "kelly": kelly(judged),
        "sqn": system_quality(net),
        "reason": _reason(len(over), won, lost),
        "few": len(over) < FEW,
    }


def _reason(trades: int, won: np.ndarray, lost: np.ndarray) -> str:
    if not trades:
        return "NO_CLOSED_TRADE"
    if not lost.any():
        return "NO_LOSING_TRADE"
    if not won.any():
        return "NO_WINNING_TRADE"
    return "ONE_CLOSED_TRADE" if trades == 1 else ""
