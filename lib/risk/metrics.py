"""The measures of table ``risk_metrics``: by window and method, each figure with its reason when missing.

Definitions and names are those of ``docs/conventions.md``. One-day losses are positive decimals of the base;
drawdowns are negative. A window that is longer than the history is missing with ``short_history`` and is
never filled with a shorter one. Value at risk and shortfall are ``historical``, or
``historical_revaluation`` where options were repriced for them; the factor value at risk comes from
``lib.risk.factor_var``.

Losses of one day and the shape of days take options at today's time to expiry; what compounds or averages
over years (``PERFORMANCE``) takes them a day older, so that it is charged their time value
(``lib.risk.historical_simulation``).

The codes of ``flag`` are in ``lib.codes.risk``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from lib import codes
from lib.conventions import TRADING_DAYS
from lib.risk.backtest import FIGURES, FORECAST_WINDOW, WINDOWS, backtest_table
from lib.stats import drawdowns, performance, returns, tails

PERFORMANCE = (
    "cumulative_return",
    "annual_return",
    "annual_volatility",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",
    "omega",
    "hit_rate",
)
"""Measures of what the book would have earned, not of what a day can cost."""
HISTORICAL, REVALUED = "historical", "historical_revaluation"


@dataclass(frozen=True)
class Measure:
    """One measure of a series of daily returns; ``undefined`` says why it can be missing."""

    metric: str
    method: str
    unit: str
    compute: Callable[[pd.Series], float]
    undefined: str = "no_returns"
    level: float | None = None


def measures(risk_free: float, historical: str = HISTORICAL) -> tuple[Measure, ...]:
    """Every measure that needs no benchmark, in reading order.

    ``risk_free`` is an annual decimal, ``historical`` the method of value at risk and shortfall.
    """
    days = TRADING_DAYS
    annual = partial(performance.annual_return, periods=days)
    return (
        Measure("cumulative_return", "compound", "fraction", returns.cumulative_return),
        Measure("annual_return", "compound", "fraction", annual, "under_one_year"),
        Measure(
            "annual_volatility", "sample_sd", "fraction", partial(performance.annual_volatility, periods=days)
        ),
        Measure(
            "sharpe",
            "arithmetic",
            "ratio",
            partial(performance.sharpe, risk_free=risk_free, periods=days),
            "zero_variance",
        ),
        Measure("sortino", "full_n", "ratio", partial(performance.sortino, periods=days), "no_shortfall"),
        Measure("calmar", "compound", "ratio", partial(performance.calmar, periods=days), "no_drawdown"),
        Measure("max_drawdown", "compound", "fraction", drawdowns.max_drawdown),
        *(_tail(name, level, historical) for level in (0.95, 0.99) for name in ("var", "cvar")),
        Measure("parametric_var_95", "normal", "fraction", tails.parametric_var),
        Measure("parametric_var_95", "cornish_fisher", "fraction", tails.modified_var, "zero_variance"),
        Measure("skewness", "population", "ratio", tails.skewness, "zero_variance"),
        Measure("excess_kurtosis", "population", "ratio", tails.excess_kurtosis, "zero_variance"),
        Measure("tail_ratio", "historical", "ratio", tails.tail_ratio, "zero_tail"),
        Measure("omega", "target_0", "ratio", partial(performance.omega, periods=days), "no_shortfall"),
        Measure("hit_rate", "daily", "fraction", performance.hit_rate),
        Measure("best_day", "daily", "fraction", performance.best_day),
        Measure("worst_day", "daily", "fraction", performance.worst_day),
    )


def _tail(name: str, level: float, historical: str) -> Measure:
    compute = partial(tails.var_hist if name == "var" else tails.cvar, level=level)
    return Measure(f"{name}_{round(100 * level)}", historical, "fraction", compute, level=level)


def risk_metrics(
    series: pd.Series,
    *,
    relative: pd.DataFrame,
    compounding: pd.Series,
    factor: pd.DataFrame | None = None,
    ten_days: pd.DataFrame | None = None,
    risk_free: float = 0.0,
    flags: Sequence[str] = (),
    revalued: bool = False,
) -> pd.DataFrame:
    """Table ``risk_metrics`` of daily ``series``.

    ``relative`` are the rows of ``lib.risk.benchmark``, ``factor`` those of ``lib.risk.factor_var``,
    ``ten_days`` those of ``lib.risk.ten_days``.
    ``compounding`` are the returns that measures of ``PERFORMANCE`` take.
    ``flags`` hold of every row, such as those of a historical simulation; ``revalued`` says that options were
    repriced.
    """
    rows = [
        _row(measure, window, size, compounding if measure.metric in PERFORMANCE else series)
        for measure in measures(risk_free, REVALUED if revalued else HISTORICAL)
        for window, size in WINDOWS.items()
    ]
    given = [one for one in (factor, ten_days) if one is not None]
    parts = [pd.DataFrame(rows), *given, relative, _tests(series)]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(flag=[codes.cell((own, *flags)) for own in table["flag"]])


def look_up(metrics: pd.DataFrame, metric: str, window: str, method: str | None = None) -> float:
    """One value of table ``risk_metrics``; NaN when missing. The first method where none is named."""
    rows = metrics[(metrics["metric"] == metric) & (metrics["window"] == window)]
    rows = rows if method is None else rows[rows["method"] == method]
    return float(rows["value"].iloc[0]) if len(rows) else float("nan")


def sharpe_error(series: pd.Series) -> float:
    """Standard error of the Sharpe ratio a year of daily ``series``, over no rate; NaN where it has none."""
    per_day = performance.sharpe(series, periods=1)
    return float(performance.sharpe_error(per_day, observations=len(series)) * math.sqrt(TRADING_DAYS))


def _row(measure: Measure, window: str, size: int | None, series: pd.Series) -> dict:
    part = series if size is None else series.tail(size)
    short = size is not None and len(part) < size
    value = float("nan") if short else measure.compute(part)
    missing = math.isnan(value)
    row = {"metric": measure.metric, "window": window, "method": measure.method, "value": value}
    return {
        **row,
        "unit": measure.unit,
        "observations": len(part),
        "flag": "short_history" if short else _flag(measure, part, missing),
    }


def _flag(measure: Measure, part: pd.Series, missing: bool) -> str:
    if missing:
        under_a_year = measure.metric == "calmar" and len(part) < TRADING_DAYS
        return "no_returns" if part.empty else "under_one_year" if under_a_year else measure.undefined
    if measure.level is not None and tails.thin_tail(len(part), level=measure.level):
        return "thin_tail"
    compounds = measure.metric in ("cumulative_return", "annual_return", "calmar", "max_drawdown")
    return "wiped_out" if compounds and returns.wiped_out(part) else ""


def _tests(series: pd.Series) -> pd.DataFrame:
    """Rows of the backtest: exceedances, statistics and probabilities by level, as long rows."""
    table = backtest_table(series)
    table = table.rename(columns={"chance": "exceedances_p"})
    names = ["exceedances", "exceedances_p", *(name for name in FIGURES if "_" in name)]
    long = table.melt(["level", "window", "forecasts", "flag"], names, "metric", "value")
    thin = long["level"].eq(0.99) & long["value"].notna()
    return pd.DataFrame(
        {
            "metric": long["metric"],
            "window": long["window"],
            "method": [f"rolling_{FORECAST_WINDOW}_var_{round(100 * level)}" for level in long["level"]],
            "value": long["value"],
            "unit": [_unit(name) for name in long["metric"]],
            "observations": long["forecasts"],
            "flag": long["flag"].where(~(thin & long["flag"].eq("")), "thin_tail"),
        }
    )


def _unit(name: str) -> str:
    return "count" if name == "exceedances" else "probability" if name.endswith("_p") else "ratio"
