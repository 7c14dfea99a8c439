"""The book against its benchmark: rows of table ``risk_metrics``, on the days on which both are known.

Captures are Morningstar's, over calendar months of at least 15 common days; the rest are daily.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from lib import codes
from lib.conventions import TRADING_DAYS
from lib.risk.backtest import WINDOWS
from lib.stats import relative
from lib.stats.returns import monthly_returns

KNOWN_SHARE = 0.95
"""Part of a window's days on which the benchmark must be known."""
DAYS_A_MONTH = 15
"""Common days that make a month count."""
FEW_MONTHS = 12
"""Rising or falling months below this number are flagged."""


def relative_metrics(
    returns: pd.Series,
    benchmark: pd.Series | None,
    *,
    risk_free: float,
    total_return: bool,
    symbol: str | None,
) -> pd.DataFrame:
    """Beta, alpha, tracking error, information ratio and captures by window.

    ``returns`` and ``benchmark`` are daily, on the same days, the latter with gaps; where there is none every
    value is missing, flagged ``no_benchmark``, or ``benchmark_missing`` when ``symbol`` names one. Rows are
    flagged ``price_index`` unless ``total_return``.
    """
    absent = "no_benchmark" if symbol is None else "benchmark_missing"
    note = "" if total_return else "price_index"
    days = TRADING_DAYS
    daily: dict[str, tuple[str, str, Callable[..., Any]]] = {
        "beta": ("daily", "ratio", relative.beta),
        "alpha": ("jensen", "fraction", partial(relative.alpha, risk_free=risk_free, periods=days)),
        "tracking_error": ("daily", "fraction", partial(relative.tracking_error, periods=days)),
        "information_ratio": ("arithmetic", "ratio", partial(relative.information_ratio, periods=days)),
    }
    captures = {"up_capture": relative.up_capture, "down_capture": relative.down_capture}
    rows = []
    for window, size in WINDOWS.items():
        own, other, reason = _window(returns, benchmark, size, absent)
        for metric, (method, unit, compute) in daily.items():
            value = float("nan") if reason else compute(own, other)
            flag = reason or ("zero_variance" if math.isnan(value) else note)
            rows.append([metric, window, method, value, unit, len(own), flag])
        for metric, compute in captures.items():
            value, months = (float("nan"), 0) if reason else _capture(compute, metric, own, other)
            few = "few_months" if months < FEW_MONTHS else ""
            flag = reason or codes.cell((few, note))
            rows.append([metric, window, "monthly_geometric", value, "ratio", months, flag])
    return pd.DataFrame(rows, columns=["metric", "window", "method", "value", "unit", "observations", "flag"])


def _window(
    returns: pd.Series, benchmark: pd.Series | None, size: int | None, absent: str
) -> tuple[pd.Series, pd.Series, str]:
    """Both series on their common days of the window, and the reason when they cannot be compared."""
    own = returns if size is None else returns.tail(size)
    if benchmark is None:
        return own.iloc[:0], own.iloc[:0], absent
    other = benchmark.reindex(own.index).dropna()
    common = own[other.index]
    if size is not None and len(own) < size:
        return common, other, "short_history"
    if len(own) == 0 or len(other) < KNOWN_SHARE * len(own):
        return common, other, "short_benchmark"
    return common, other, ""


def _capture(compute: Callable[..., Any], metric: str, own: pd.Series, other: pd.Series) -> tuple[float, int]:
    """Capture ratio and the number of months on its side."""
    months = monthly_returns(pd.DataFrame({"own": own, "other": other}))
    days = own.groupby(own.index.to_period("M")).size().to_numpy()
    months = months[days >= DAYS_A_MONTH]
    side = months["other"] > 0 if metric == "up_capture" else months["other"] < 0
    return compute(months["own"], months["other"]), int(side.sum())
