"""Return and risk of a signal's spread, before and after costs, and of its two sides.

Measures are those of ``lib.stats``: excess of nothing, since the spread costs nothing; the periods a year are
those of the series, stated in each row. A measure that cannot be had is missing, with its reason.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contracts import conform, empty
from lib.signals.explained import base_sort
from lib.signals.factor_models import PERIODS, frequency_of
from lib.stats import drawdowns, performance, relative, returns, tails
from lib.tables import TABLES

COLUMNS = {"long_short": "return", "net": "net", "long": "long_return", "short": "short_return"}
UNITS = {
    "cumulative_return": "fraction",
    "annual_return": "fraction",
    "annual_volatility": "fraction",
    "sharpe": "ratio",
    "sortino": "ratio",
    "calmar": "ratio",
    "max_drawdown": "fraction",
    "var_95": "fraction",
    "parametric_var_95": "fraction",
    "cvar_95": "fraction",
    "tail_ratio": "ratio",
    "skewness": "ratio",
    "excess_kurtosis": "ratio",
    "omega": "ratio",
    "hit_rate": "fraction",
    "recent_volatility": "fraction",
    "beta": "ratio",
    "information_ratio": "ratio",
    "up_capture": "ratio",
    "down_capture": "ratio",
}
WHY = {
    "sortino": "no_shortfall",
    "calmar": "no_drawdown",
    "omega": "no_shortfall",
    "tail_ratio": "zero_variance",
}
AGAINST = ("beta", "information_ratio", "up_capture", "down_capture")
RECENT = 21
"""Periods of the volatility of late."""


def spread_risk(
    long_short: pd.DataFrame, daily: pd.DataFrame, benchmark: pd.Series, *, weighting: str
) -> pd.DataFrame:
    """Table ``signal_risk``; ``benchmark`` are daily returns by date, empty for no comparison.

    The information ratio of the spread is against nothing, and so its Sharpe ratio; that of the long side is
    against the benchmark.
    """
    held = base_sort(long_short, weighting)
    frequency = frequency_of(held["start"], held["date"])
    frames = []
    if frequency in PERIODS and len(held):
        index = _over(benchmark, held)
        frames += _measured(held, "holding", PERIODS[frequency], index)
    if len(daily):
        days = daily.sort_values("date", kind="stable")
        index = benchmark.reindex(pd.DatetimeIndex(days["date"])).to_numpy("float64")
        frames += _measured(days, "day", PERIODS["daily"], index)
    if not frames:
        return empty(TABLES["signal_risk"])
    return conform(pd.concat(frames, ignore_index=True), TABLES["signal_risk"])


def _over(benchmark: pd.Series, held: pd.DataFrame) -> np.ndarray:
    """The benchmark compounded over each holding period; NaN where it does not reach over all of it."""
    days = pd.DatetimeIndex(benchmark.index)
    if not len(days):
        return np.full(len(held), np.nan)
    start, end = pd.DatetimeIndex(held["start"]), pd.DatetimeIndex(held["date"])
    path = np.concatenate([[0.0], np.cumsum(np.log1p(benchmark.to_numpy("float64")))])
    first, last = days.searchsorted(start, side="right"), days.searchsorted(end, side="right")
    reaches = (last > first) & (start >= days[0] - pd.Timedelta(days=5)) & (end <= days[-1])
    return np.where(reaches, np.expm1(path[last] - path[first]), np.nan)


def _measured(frame: pd.DataFrame, series: str, periods: int, benchmark: np.ndarray) -> list[pd.DataFrame]:
    """The measures of each portfolio of one series, a frame each."""
    found = []
    for portfolio, column in COLUMNS.items():
        values = frame[column].to_numpy("float64")
        measured = _measures(values, periods, benchmark)
        rows = pd.DataFrame({"metric": list(measured), "value": list(measured.values())})
        code = rows["metric"].map(WHY).fillna("zero_variance")
        code = code.mask(rows["metric"].isin(AGAINST), "no_benchmark")
        if np.count_nonzero(~np.isnan(values)) < periods:
            code = code.mask(rows["metric"].isin(("annual_return", "calmar")), "under_one_year")
        minded = pd.Series("", index=rows.index)
        thin = tails.thin_tail(int(np.count_nonzero(~np.isnan(values))), level=0.95)
        minded = minded.mask(rows["metric"].isin(("var_95", "cvar_95")) & thin, "thin_tail")
        minded = minded.mask(rows["metric"].isin(("cumulative_return",)) & _ruined(values), "wiped_out")
        found.append(
            rows.assign(
                portfolio=portfolio,
                series=series,
                unit=rows["metric"].map(UNITS),
                observations=int(np.count_nonzero(~np.isnan(values))),
                periods_a_year=periods,
                code=code.where(rows["value"].isna(), minded),
            )
        )
    return found


def _ruined(values: np.ndarray) -> bool:
    return bool(returns.wiped_out(values))


def _measures(values: np.ndarray, periods: int, benchmark: np.ndarray) -> dict[str, float]:
    """All measures of one series of returns, NaN where one cannot be had."""
    return {
        "cumulative_return": returns.cumulative_return(values),
        "annual_return": performance.annual_return(values, periods=periods),
        "annual_volatility": performance.annual_volatility(values, periods=periods),
        "sharpe": performance.sharpe(values, periods=periods),
        "sortino": performance.sortino(values, periods=periods),
        "calmar": performance.calmar(values, periods=periods),
        "max_drawdown": drawdowns.max_drawdown(values),
        "var_95": tails.var_hist(values),
        "parametric_var_95": tails.parametric_var(values),
        "cvar_95": tails.cvar(values),
        "tail_ratio": tails.tail_ratio(values),
        "skewness": tails.skewness(values),
        "excess_kurtosis": tails.excess_kurtosis(values),
        "omega": performance.omega(values, periods=periods),
        "hit_rate": performance.hit_rate(values),
        "recent_volatility": performance.annual_volatility(values[-RECENT:], periods=periods),
        "beta": relative.beta(values, benchmark),
        "information_ratio": relative.information_ratio(values, benchmark, periods=periods),
        "up_capture": relative.up_capture(values, benchmark),
        "down_capture": relative.down_capture(values, benchmark),
    }
