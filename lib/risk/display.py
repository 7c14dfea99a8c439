"""The risk figures arranged for people: labels, tables by window, frames for the charts.

Nothing is computed here that is not in ``HistoricalSimulation`` or ``risk_metrics``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.risk.backtest import WINDOWS
from lib.risk.historical_simulation import COVERED, HistoricalSimulation
from lib.risk.metrics import look_up
from lib.stats.drawdowns import drawdown
from lib.stats.returns import wealth

FRACTIONS = {
    "cumulative_return": "Return of the window",
    "annual_return": "Return a year",
    "annual_volatility": "Volatility a year",
    "max_drawdown": "Deepest fall",
    "hit_rate": "Days with a gain",
    "best_day": "Best day",
    "worst_day": "Worst day",
    "alpha": "Alpha a year",
    "tracking_error": "Tracking error a year",
}
LOSSES = {
    "var_95": "Value at risk 95%",
    "cvar_95": "Expected shortfall 95%",
    "var_99": "Value at risk 99%",
    "cvar_99": "Expected shortfall 99%",
    "parametric_var_95/normal": "Value at risk 95%, normal",
    "parametric_var_95/cornish_fisher": "Value at risk 95%, Cornish-Fisher",
    "factor_var_95": "Value at risk 95%, factor model",
    "factor_var_99": "Value at risk 99%, factor model",
}
METHODS = {
    "var_95": "By history",
    "parametric_var_95/normal": "Normal",
    "parametric_var_95/cornish_fisher": "Normal, corrected for skewness and tails (Cornish-Fisher)",
    "factor_var_95": "Factor model",
}
RATIOS = {
    "sharpe": "Sharpe ratio",
    "sortino": "Sortino ratio",
    "calmar": "Calmar ratio",
    "omega": "Omega",
    "tail_ratio": "Tail ratio",
    "skewness": "Skewness",
    "excess_kurtosis": "Excess kurtosis",
}
RELATIVE = {
    "beta": "Beta",
    "information_ratio": "Information ratio",
    "up_capture": "Up capture",
    "down_capture": "Down capture",
}

REASONS = {
    COVERED: "Covered",
    "no_greeks": "Option that cannot be priced",
    "manual": "Valued by hand: no market history",
    "unpriced": "No price",
    "short_history": "History too short",
}
FLAGS = {
    "short_history": "history too short",
    "under_one_year": "under a year",
    "zero_variance": "no variation",
    "no_shortfall": "no loss",
    "no_drawdown": "no fall",
    "zero_tail": "no tail",
    "no_returns": "no returns",
    "no_benchmark": "no benchmark",
    "benchmark_missing": "benchmark has no prices",
    "short_benchmark": "benchmark incomplete",
    "few_months": "too few months",
    "too_few_forecasts": "too few forecasts",
    "no_exceedance": "no exceedance",
    "no_betas": "no position has betas",
    "short_factor_history": "too few days of factors",
}

OTHER_WINDOW = "not for this window"
REASON_OF = {window: f"{window}_reason" for window in WINDOWS}
WINDOW_LABELS = {"measure": "Measure", "1y": "1 year", "3y": "3 years", "5y": "5 years", "all": "All days"}


def by_window(metrics: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """Measures down, windows across, for people; columns ``<window>_reason`` say why a value is missing.

    ``labels`` maps a metric, or ``metric/method`` where a metric has several, to its name for people.
    """
    several = metrics["metric"].eq("parametric_var_95")
    keys = metrics["metric"].where(~several, metrics["metric"] + "/" + metrics["method"])
    chosen = metrics.assign(key=keys)[keys.isin(list(labels))].set_index(["window", "key"])
    table = pd.DataFrame({"measure": list(labels.values())})
    for window in WINDOWS:
        rows = chosen.loc[window].reindex(list(labels))
        table[window] = rows["value"].to_numpy()
        reason = rows["flag"].str.split(",").str[0].map(FLAGS)
        table[REASON_OF[window]] = reason.mask(rows["metric"].isna(), OTHER_WINDOW).to_numpy()
    return table


def growth(
    book: HistoricalSimulation, benchmark: pd.Series | None, *, names: tuple[str, str]
) -> pd.DataFrame:
    """Value of 1 put into the book, and into the benchmark, before the first day; for a line chart."""
    own, other = names
    days = book.returns.index
    index = days if book.base_date is None else days.insert(0, book.base_date)
    path = {own: wealth(book.returns)[-len(index) :]}
    if benchmark is not None:
        path[other] = wealth(benchmark)[-len(index) :]
    return pd.DataFrame(path, index=index)


def underwater(book: HistoricalSimulation) -> pd.Series:
    """Fall from the last peak on every day; for a chart below zero."""
    return pd.Series(drawdown(book.returns.to_numpy())[1:], index=book.returns.index, name="Fall")


def tail_marks(metrics: pd.DataFrame, window: str) -> dict[str, float]:
    """Returns at the 95 % and 99 % value at risk and at the worst day, for marks on a histogram."""
    marks = {
        "VaR 95%": -look_up(metrics, "var_95", window),
        "VaR 99%": -look_up(metrics, "var_99", window),
        "Worst": look_up(metrics, "worst_day", window),
    }
    return {name: place for name, place in marks.items() if np.isfinite(place)}
