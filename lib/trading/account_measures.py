"""How the account did over time, from its equity at every close, beside holding and beside the benchmark.

Days without a trade count like any other. What is held for comparison is bought at the first close of the
account's record in equal parts, without costs, dividends kept; a symbol without a price then waits as cash
for its first one, and one whose prices end keeps its last.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contracts import conform, empty
from lib.conventions import TRADING_DAYS
from lib.stats import performance, sharpe_inference
from lib.stats.drawdowns import drawdown_table, max_drawdown
from lib.stats.returns import cumulative_return
from lib.tables.trade_analytics import CURVE, DRAWDOWNS, PERFORMANCE, PERIODS

Z = 1.959963984540054


def held(prices: pd.DataFrame, symbols: list[str], days: pd.DatetimeIndex, *, capital: float) -> pd.Series:
    """Value at each close of ``capital`` in equal parts of ``symbols``; NaN where none has a price."""
    own = prices.loc[prices["symbol"].isin(symbols), ["date", "symbol", "adj_close"]].dropna()
    if own.empty:
        return pd.Series(np.nan, index=days)
    wide = own.pivot(index="date", columns="symbol", values="adj_close")  # noqa: PD010
    wide = wide.reindex(wide.index.union(days)).ffill().reindex(days).reindex(columns=list(symbols))
    started = wide / wide.bfill().iloc[0]
    return capital * started.fillna(1.0).mean(axis=1).where(wide.notna().any(axis=1).cummax())


def curve(
    equity: pd.DataFrame, prices: pd.DataFrame, *, symbols: list[str], benchmark: str | None
) -> pd.DataFrame:
    """The table ``account_curve``; the others start with the account's equity at its first close."""
    days = pd.DatetimeIndex(equity["date"])
    start = float(equity["equity"].iloc[0])
    beside = held(prices, [benchmark] if benchmark else [], days, capital=start)
    found = pd.DataFrame(
        {
            "date": days,
            "account": equity["equity"].to_numpy(float),
            "hold": held(prices, symbols, days, capital=start).to_numpy(float),
            "benchmark": beside.to_numpy(float),
            "drawdown": equity["drawdown"].to_numpy(float),
        }
    )
    return conform(found, CURVE)


def performance_table(equity: pd.DataFrame, path: pd.DataFrame, *, risk_free: float) -> pd.DataFrame:
    """The table ``account_performance``; ``risk_free`` is a year's rate, decimal."""
    exposure = (equity["invested"] / equity["equity"]).replace([np.inf, -np.inf], np.nan)
    own = _figures(equity["return"].to_numpy(float), equity["equity"].to_numpy(float), risk_free) | {
        "in_market": float((equity["positions"] > 0).mean()),
        "mean_exposure": float(exposure.mean()),
    }
    rows = [{"series": "account", **own}]
    for name in ("hold", "benchmark"):
        value = path[name].to_numpy(float)
        found = _figures(value[1:] / value[:-1] - 1.0, value, risk_free)
        rows.append({"series": name, **found, "in_market": np.nan, "mean_exposure": np.nan})
    return conform(pd.DataFrame(rows), PERFORMANCE)


def _figures(returns: np.ndarray, value: np.ndarray, risk_free: float) -> dict[str, float | int | str]:
    known = returns[np.isfinite(returns)]
    year = {"periods": TRADING_DAYS}
    moments = sharpe_inference.sharpe_moments(known - risk_free / TRADING_DAYS)
    ratio, error = (
        np.sqrt(TRADING_DAYS) * one for one in (moments.sharpe, sharpe_inference.sharpe_error(moments))
    )
    path = value[np.isfinite(value)]
    fall = path - np.maximum.accumulate(path) if len(path) else np.array([np.nan])
    reason = "SERIES_NOT_KNOWN" if not len(known) else "UNDER_A_YEAR" if len(known) < TRADING_DAYS else ""
    return {
        "sessions": len(known),
        "total_return": float(cumulative_return(known)) if len(known) else np.nan,
        "annual_return": float(performance.annual_return(known, **year)) if len(known) else np.nan,
        "volatility": float(performance.annual_volatility(known, **year)),
        "sharpe": float(ratio),
        "sharpe_low": float(ratio - Z * error),
        "sharpe_high": float(ratio + Z * error),
        "sortino": float(performance.sortino(known, target=risk_free, **year)),
        "max_drawdown": float(max_drawdown(known)),
        "max_drawdown_money": float(fall.min()),
        "reason": reason or ("CONSTANT_SERIES" if np.isnan(ratio) else ""),
    }


def falls(equity: pd.DataFrame, *, capital: float, top: int) -> pd.DataFrame:
    """The table ``account_drawdowns``: the ``top`` deepest falls; the first peak is the capital."""
    series = equity.set_index("date")["return"]
    found = drawdown_table(series, top=top)
    if found.empty:
        return empty(DRAWDOWNS)
    value = equity.set_index("date")["equity"]
    peak = found["start"].map(value).to_numpy(float)
    first = found["start"].eq(equity["date"].iloc[0]) & (equity["return"].iloc[0] < 0)
    peak = np.where(first, capital, peak)
    found = found.assign(loss=np.minimum(found["trough"].map(value).to_numpy(float) - peak, 0.0))
    return conform(found, DRAWDOWNS)


def periods(
    equity: pd.DataFrame, path: pd.DataFrame, closed: pd.DataFrame, *, all_sessions: pd.DatetimeIndex
) -> pd.DataFrame:
    """The table ``account_periods``; ``all_sessions`` are all of the exchange in those years."""
    daily = equity.set_index("date")[["day_pnl", "return"]]
    others = path.set_index("date")[["hold", "benchmark"]].pct_change(fill_method=None)
    both = daily.join(others)
    found = [_by(both, closed, all_sessions, kind) for kind in ("month", "year")]
    return conform(pd.concat(found, ignore_index=True), PERIODS)


def _by(daily: pd.DataFrame, closed: pd.DataFrame, all_sessions: pd.DatetimeIndex, kind: str) -> pd.DataFrame:
    letter = kind[0].upper()
    label = daily.index.to_period(letter)
    growth = (1.0 + daily[["return", "hold", "benchmark"]]).groupby(label).prod(min_count=1) - 1.0
    ended = pd.DatetimeIndex(closed["exit_date"]).to_period(letter)
    trades = closed.groupby(ended)["net"].agg(["size", "sum"]).reindex(growth.index)
    possible = pd.Series(1, index=all_sessions).groupby(all_sessions.to_period(letter)).sum()
    there = daily["return"].groupby(label).size()
    return pd.DataFrame(
        {
            "kind": kind,
            "period": growth.index.to_timestamp(how="end").normalize(),
            "complete": (there >= possible.reindex(there.index)).to_numpy(),
            "profit": daily["day_pnl"].groupby(label).sum().to_numpy(),
            "return": growth["return"].to_numpy(),
            "hold_return": growth["hold"].to_numpy(),
            "benchmark_return": growth["benchmark"].to_numpy(),
            "trades": trades["size"].fillna(0).astype(int).to_numpy(),
            "net": trades["sum"].fillna(0.0).to_numpy(),
        }
    )
