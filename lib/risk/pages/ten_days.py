"""What ten days could cost: by the stretches that were, and by the root of time, side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import checks as check
from lib import wording
from lib.book import BASE_WORDS
from lib.checks import Check
from lib.risk.backtest import WINDOWS
from lib.risk.historical_simulation import HORIZON, HistoricalSimulation
from lib.risk.metrics import look_up
from lib.risk.pages.measures import OVER
from lib.risk.ten_days import OVERLAPPING, ROOT_TIME, SUFFIX

PREFERRED = ("5y", "all")
A_TENTH = 0.1
VAR, SHORTFALL = f"var_95{SUFFIX}", f"cvar_95{SUFFIX}"


def window_of(metrics: pd.DataFrame) -> str:
    """The window that ten-day figures are told for: five years, or all days where there are fewer."""
    known = [name for name in PREFERRED if np.isfinite(look_up(metrics, VAR, name, OVERLAPPING))]
    return (known or PREFERRED)[0]


def sentence(past: HistoricalSimulation, metrics: pd.DataFrame, currency: str) -> str:
    """What ten days could cost, which way is used, and what the other says."""
    window = window_of(metrics)
    actual, scaled = (look_up(metrics, VAR, window, method) for method in (OVERLAPPING, ROOT_TIME))
    if not np.isfinite(actual):
        return "There are too few returns for a loss over ten days."
    size = WINDOWS[window] or len(past.ten_days)
    shortfall = look_up(metrics, SHORTFALL, window, OVERLAPPING)
    lost = wording.money(actual * past.amount, currency)
    return (
        f"One stretch of {HORIZON} days in twenty of {OVER[window]} would have lost more than "
        f"{wording.percent(actual)} of {BASE_WORDS[past.base]} ({lost}), and {wording.percent(shortfall)} on "
        f"average of those. Told are the stretches that were{_repriced(past)}; they overlap, and "
        f"{wording.count(size)} of them are worth {wording.count(size // HORIZON)} apart. "
        f"{_other(actual, scaled, options=past.options > 0)}"
    )


def _repriced(past: HistoricalSimulation) -> str:
    return f", with options repriced and {HORIZON} days older" if past.options else ""


def _other(actual: float, scaled: float, *, options: bool) -> str:
    """What the root of time says, and why it may differ."""
    said = f"The loss of one day times the root of {HORIZON} says {wording.percent(scaled)}"
    if abs(scaled - actual) <= A_TENTH * max(abs(actual), abs(scaled)):
        return f"{said}, within a tenth of it."
    side = "more" if scaled > actual else "less"
    lines = ", options to be straight lines, and gives them no time to pass" if options else ""
    return f"{said}, {side} by over a tenth: it takes days to be independent{lines}."


def checks(metrics: pd.DataFrame) -> list[Check]:
    """That the figures of ten days are ordered, and that the root of time is that of the one-day figure."""
    rows = metrics.set_index(["metric", "window", "method"])["value"]
    actual = rows.xs(OVERLAPPING, level="method")
    low, high = (actual.loc[f"{name}_95{SUFFIX}"] for name in ("var", "cvar"))
    one_day = metrics[metrics["metric"].isin(["var_95", "cvar_95", "var_99", "cvar_99"])]
    expected = one_day.set_index(["metric", "window"])["value"] * np.sqrt(HORIZON)
    scaled = rows.xs(ROOT_TIME, level="method").rename(lambda name: name.removesuffix(SUFFIX), level=0)
    return [
        check.ordered("Over ten days too, value at risk is not above shortfall", low, high, noun="window"),
        check.close(
            "The root of time is that of the loss of one day", scaled, expected.reindex(scaled.index)
        ),
    ]
