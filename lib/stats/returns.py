"""Prices to returns, returns to wealth.

Simple returns for profit, portfolios, performance and betas, since they add over positions; log returns only
where a method asks for them. Wealth starts at 1 before the first return. A return of -100 % or less ends the
path: wealth is 0 from there on, whatever follows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lib.conventions import STALE_AFTER_DAYS
from lib.stats.series import counts, filled, over_series


def simple_returns(prices: Any, *, span_gaps: bool = True) -> pd.Series | pd.DataFrame:
    """Price over the price before, less one; decimals, on the dates of ``prices`` (Series or DataFrame).

    Each symbol on its own dates: the price before is its last one, and a day without a price has no return.
    With ``span_gaps=False`` a return over more than one row is missing too. Prices that are not positive
    count as missing. The first price of a symbol has no return.
    """
    good, before = _pairs(prices, span_gaps)
    return good / before - 1.0


def log_returns(prices: Any, *, span_gaps: bool = True) -> pd.Series | pd.DataFrame:
    """Natural logarithm of price over the price before; otherwise as ``simple_returns``."""
    good, before = _pairs(prices, span_gaps)
    return np.log(good / before)


def _pairs(prices: Any, span_gaps: bool) -> tuple[Any, Any]:
    good = prices.sort_index().where(lambda price: price > 0)
    return good, (good.ffill() if span_gaps else good).shift(1)


def asof_value(series: pd.Series, date: Any, *, max_stale_days: int = STALE_AFTER_DAYS) -> float:
    """Last observation on or before ``date``; NaN when it is older than ``max_stale_days`` calendar days.

    ``series`` is indexed by date, in any order; missing values are no observations.
    """
    day = pd.Timestamp(date)
    known = series.dropna().sort_index().loc[:day]
    if known.empty or (day - known.index[-1]).days > max_stale_days:
        return float("nan")
    return float(known.iloc[-1])


def wealth(returns: Any) -> np.ndarray:
    """Value of 1 invested before the first return: n + 1 rows, the first 1; missing returns change nothing.

    1-D in, 1-D out; n x k in, (n + 1) x k out. Once at 0 it stays there.
    """
    values = np.asarray(returns, dtype="float64")
    path = np.ones((len(values) + 1, *values.shape[1:]))
    path[1:] += np.nan_to_num(values) if np.isnan(values.sum()) else values
    np.maximum(path, 0.0, out=path)
    return np.cumprod(path, axis=0, out=path)


@over_series
def cumulative_return(returns: np.ndarray) -> np.ndarray:
    """Compound return over the whole series, decimal; -1 when wiped out, NaN for an empty series."""
    growth = np.maximum(1.0 + filled(returns), 0.0)
    return np.where(counts(returns) == 0, np.nan, growth.prod(axis=0) - 1.0)


@over_series
def wiped_out(returns: np.ndarray) -> np.ndarray:
    """Whether any return is -100 % or less, so that nothing is left to compound."""
    return np.any(returns <= -1.0, axis=0, keepdims=True)[0]


def monthly_returns(returns: Any) -> pd.Series | pd.DataFrame:
    """Daily returns (Series or DataFrame by date) compounded by calendar month, labelled by its last day.

    A month without any observation is missing; the first and last month may be incomplete.
    """
    growth = (1.0 + returns).clip(lower=0.0)
    return growth.groupby(growth.index.to_period("M")).prod(min_count=1).rename(_month_end) - 1.0


def _month_end(month: pd.Period) -> pd.Timestamp:
    return month.end_time.normalize()
