"""The measures of table ``risk_metrics`` by window, with their names for people."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from lib import codes
from lib.contracts import Column
from lib.tables.columns import fraction, ratio, text

OTHER_WINDOW = "not for this window"
PER_YEAR = "told a year"
COMPOUNDED = "cumulative_return"
"""What compounds over all days is a big number that nobody earned: it is told a year."""
WINDOWS = {"1y": "1 year", "3y": "3 years", "5y": "5 years", "all": "All days"}
OVER = {"1y": "1 year", "3y": "3 years", "5y": "5 years", "all": "all days"}
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
TEN_DAYS = {
    "var_95_10d/overlapping": "Value at risk 95%, actual ten days",
    "var_95_10d/root_time": "Value at risk 95%, one day times \u221a10",
    "cvar_95_10d/overlapping": "Expected shortfall 95%, actual ten days",
    "cvar_95_10d/root_time": "Expected shortfall 95%, one day times \u221a10",
    "var_99_10d/overlapping": "Value at risk 99%, actual ten days",
    "var_99_10d/root_time": "Value at risk 99%, one day times \u221a10",
    "cvar_99_10d/overlapping": "Expected shortfall 99%, actual ten days",
    "cvar_99_10d/root_time": "Expected shortfall 99%, one day times \u221a10",
    "factor_var_95_10d": "Value at risk 95%, factor model, one day times \u221a10",
    "factor_var_99_10d": "Value at risk 99%, factor model, one day times \u221a10",
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


def _by_window(measure: str, unit: Callable[..., Column], *windows: str) -> tuple[Column, ...]:
    """Columns of ``by_window``: the measure, and the windows with the reason of each missing value."""
    shown = [unit(name, label=WINDOWS[name], absent=f"{name}_reason") for name in windows]
    return (text("measure", label=measure), *shown)


PERCENT_BY_WINDOW = _by_window("Measure", fraction, *WINDOWS)
RATIO_BY_WINDOW = _by_window("Measure", ratio, *WINDOWS)
PERCENT_OF_A_YEAR = _by_window("Method", fraction, "1y")


def by_window(metrics: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """Measures down, windows across, for people; columns ``<window>_reason`` say why a value is missing.

    ``labels`` maps a metric, or ``metric/method`` where a metric has several, to its name for people.
    """
    alone = metrics["metric"].isin(list(labels))
    keys = metrics["metric"].where(alone, metrics["metric"] + "/" + metrics["method"])
    chosen = metrics.assign(key=keys)[keys.isin(list(labels))].set_index(["window", "key"])
    table = pd.DataFrame({"measure": list(labels.values())})
    for window in WINDOWS:
        rows = chosen.loc[window].reindex(list(labels))
        table[window] = rows["value"].to_numpy()
        reason = rows["flag"].map(first_reason, na_action="ignore")
        table[f"{window}_reason"] = reason.mask(rows["metric"].isna(), OTHER_WINDOW).to_numpy()
    if COMPOUNDED in labels:
        whole = list(labels).index(COMPOUNDED)
        table.loc[whole, ["all", "all_reason"]] = [float("nan"), PER_YEAR]
    return table


def first_reason(flags: str) -> str:
    """The first code of a cell of flags in words: why its value is missing."""
    return codes.words(flags.split(",")[0])
