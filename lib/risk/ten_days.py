"""What ten trading days can cost: rows of table ``risk_metrics``, as positive decimals of the base.

Two ways, and both are given. ``overlapping`` takes the returns that the underlyings really had over ten
sessions, one ending on every day, and reprices options at them, ten trading days older: days that follow
each other may be alike, and options bend. ``root_time`` is the figure of one day times the root of ten, right
for independent days and straight lines only. The first is the one to use where there are five years: windows
that overlap share nine days of ten with the next, so that n of them are worth n / 10, and a tail of fewer
than five of those is flagged ``thin_tail``. The factor model knows one day alone, so its value at risk is
taken times the root of ten. Reference: Hull, "Options, Futures, and Other Derivatives", ch. 22.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lib.risk.backtest import LEVELS, WINDOWS
from lib.risk.historical_simulation import HORIZON, HistoricalSimulation
from lib.stats import tails

OVERLAPPING, ROOT_TIME = "overlapping", "root_time"
SUFFIX = f"_{HORIZON}d"
COLUMNS = ["metric", "window", "method", "value", "unit", "observations", "flag"]


def ten_day_metrics(past: HistoricalSimulation, factor: pd.DataFrame) -> pd.DataFrame:
    """Value at risk and expected shortfall over ten days by window and method.

    ``factor`` are the one-day rows of ``lib.risk.factor_var``.
    """
    rows = [
        row
        for level in LEVELS
        for window, size in WINDOWS.items()
        for method in (OVERLAPPING, ROOT_TIME)
        for row in _losses(past, level, window, size, method)
    ]
    scaled = factor.assign(metric=factor["metric"] + SUFFIX, value=factor["value"] * math.sqrt(HORIZON))
    return pd.concat([pd.DataFrame(rows, columns=COLUMNS), scaled[COLUMNS]], ignore_index=True)


def _losses(
    past: HistoricalSimulation, level: float, window: str, size: int | None, method: str
) -> list[list]:
    series, scale, worth = past.returns, math.sqrt(HORIZON), 1
    if method == OVERLAPPING:
        series, scale, worth = past.ten_days, 1.0, HORIZON
    part = series if size is None else series.tail(size)
    missing = "no_returns" if part.empty else "short_history" if size and len(part) < size else ""
    found = (np.nan, np.nan) if missing else tails.tail_losses(part, level=level)
    thin = "thin_tail" if tails.thin_tail(len(part) // worth, level=level) else ""
    return [
        [
            f"{name}_{round(100 * level)}{SUFFIX}",
            window,
            method,
            scale * value,
            "fraction",
            len(part),
            missing or thin,
        ]
        for name, value in zip(("var", "cvar"), found, strict=True)
    ]
