"""Did the book's value at risk hold? Each day's forecast from the 252 days before it, against that day.

Returns are of today's book in constant mix, so the test is of the method on this book, not of forecasts that
were ever made.
"""

from __future__ import annotations

import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.stats import backtests

FORECAST_WINDOW = 252
LEAST_FORECASTS = 250
LEVELS = (0.95, 0.99)
FIGURES = (
    "exceedances",
    "expected",
    "kupiec_lr",
    "kupiec_p",
    "christoffersen_lr",
    "christoffersen_p",
    "chance",
)
WINDOWS = {"1y": TRADING_DAYS, "3y": 3 * TRADING_DAYS, "5y": 5 * TRADING_DAYS, "all": None}
"""Trading days looked back; None is all there are."""


def backtest_table(returns: pd.Series) -> pd.DataFrame:
    """Exceedances by level and window, with Kupiec's and Christoffersen's tests and the Basel zone.

    Columns: level, window, forecasts, exceedances, expected, kupiec_lr, kupiec_p, christoffersen_lr,
    christoffersen_p, chance (of so many exceedances or fewer, were the value at risk right), zone, flag. A
    window for which there are fewer forecasts than days, or than 250, has missing figures and the flag
    ``too_few_forecasts``.
    """
    rows = []
    for level in LEVELS:
        forecasts = backtests.rolling_var(returns, level=level, window=FORECAST_WINDOW)
        hits = backtests.exceedances(returns, forecasts)
        rows += [
            _row(hits if size is None else hits.tail(size), level, name) for name, size in WINDOWS.items()
        ]
    return pd.DataFrame(rows)


def worst_first(tested: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``backtest_table`` that were tested, those first that speak most for too low a figure."""
    return tested.dropna(subset="chance").sort_values("chance", ascending=False, kind="stable")


def _row(hits: pd.Series, level: float, window: str) -> dict:
    forecasts = len(hits)
    row = {"level": level, "window": window, "forecasts": forecasts}
    if forecasts < max(LEAST_FORECASTS, WINDOWS[window] or 0):
        return {**row, **dict.fromkeys(FIGURES, float("nan")), "zone": "", "flag": "too_few_forecasts"}
    count = int(hits.sum())
    share = backtests.kupiec(count, forecasts=forecasts, level=level)
    order = backtests.christoffersen(hits)
    return {
        **row,
        "exceedances": float(count),
        "expected": forecasts * (1.0 - level),
        "kupiec_lr": share.statistic,
        "kupiec_p": share.p_value,
        "christoffersen_lr": order.statistic,
        "christoffersen_p": order.p_value,
        "chance": (chance := backtests.cumulative_chance(count, forecasts=forecasts, level=level)),
        "zone": backtests.zone_of(chance),
        "flag": "" if count else "no_exceedance",
    }
