"""How many settings were tried: neighbouring ones side by side, and a list that grows from day to day.

Of many settings the best looks good by luck alone. Two things are known of it here. First, the backtest is
repeated under neighbouring settings, so that a reader sees whether the chosen ones are an island. Second,
every run keeps a list of the settings that runs of earlier days used; its length counts tries that nobody has
to remember. What it cannot see: tries of one and the same day, which overwrite each other, and tries in
another params file or outside; the setting ``tries`` says of these.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.funds.backtest import Carried
from lib.funds.backtest_inputs import BacktestInputs
from lib.funds.choosing import FREQUENCIES, Choice
from lib.stats import drawdowns, performance
from lib.stats.returns import cumulative_return

YEAR = 365.25


def neighbours(choice: Choice) -> Iterator[Choice]:
    """All frequencies, half and twice as many funds, both selections and both weightings."""
    sizes = sorted({max(choice.top_n // 2, 1), choice.top_n, choice.top_n * 2})
    for often, size, selection, weighting in product(
        FREQUENCIES, sizes, ("overall", "by_category"), ("equal", "score")
    ):
        yield Choice(often, size, selection, weighting, choice.stale_days)


def settings_table(inputs: BacktestInputs, choice: Choice, *, risk_free: float) -> pd.DataFrame:
    """The table ``fund_backtest_settings``, the best Sharpe ratio first."""
    rows = [
        {
            "rebalance": one.rebalance,
            "top_n": one.top_n,
            "selection": one.selection,
            "weighting": one.weighting,
            "chosen": one == choice,
            **_figures(inputs.carry(one), risk_free),
        }
        for one in neighbours(choice)
    ]
    table = pd.DataFrame([row for row in rows if row["cumulative_return"] is not None])
    if table.empty:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in rows[0]}).astype(
            {"top_n": "int64", "chosen": "bool"}
            | dict.fromkeys(("cumulative_return", "annual_return", "sharpe", "max_drawdown"), "float64")
        )
    return table.sort_values("sharpe", ascending=False, kind="stable", ignore_index=True)


def written(settings: Mapping[str, Any]) -> str:
    """Settings as one text, the same for the same settings."""
    return json.dumps(dict(settings), sort_keys=True, default=str)


def trials_table(
    before: pd.DataFrame, settings: Mapping[str, Any], *, as_of: str, sharpe: float
) -> pd.DataFrame:
    """The table ``fund_backtest_trials``: those of earlier days, and these settings where they are new."""
    text = written(settings)
    if text in set(before["settings"]):
        return before.reset_index(drop=True)
    own = pd.DataFrame({"settings": [text], "first_day": [pd.Timestamp(as_of)], "sharpe": [sharpe]})
    return pd.concat([before, own], ignore_index=True) if len(before) else own


def _figures(carried: Carried, risk_free: float) -> dict[str, float | None]:
    returns = carried.daily["portfolio_return"].to_numpy()
    names = ("cumulative_return", "annual_return", "sharpe", "max_drawdown")
    if len(returns) < 2:
        return dict.fromkeys(names)
    total = cumulative_return(returns)
    years = (carried.days[-1] - carried.days[0]).days / YEAR
    annual = (1.0 + total) ** (1.0 / years) - 1.0 if years >= 1.0 else np.nan
    sharpe = performance.sharpe(returns[1:], periods=TRADING_DAYS, risk_free=risk_free)
    return dict(zip(names, (total, annual, sharpe, drawdowns.max_drawdown(returns)), strict=True))
