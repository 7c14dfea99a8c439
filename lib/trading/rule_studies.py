"""How much of a result hangs on its execution: delay, costs, and whether limits fill at a touch.

Each study repeats the backtest with one thing changed and answers with a frame; nothing is fitted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from lib.trading.account_record import AccountRecord
from lib.trading.account_rules import AccountRules
from lib.trading.bars import Bars
from lib.trading.costs import ENGINE, FREE, Costs
from lib.trading.decisions import Decisions, delayed
from lib.trading.rule_backtest import backtest
from lib.trading.walk_forward import sharpe_of


def delay_curve(
    bars: Bars,
    decisions: Decisions,
    *,
    delays: Iterable[int] = range(21),
    rules: AccountRules | None = None,
    costs: Costs = ENGINE,
    trail: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> pd.DataFrame:
    """The account when every order waits ``delay`` sessions longer; 0 is the next open.

    ``trail`` and ``groups`` as in ``backtest``, here and below. Columns ``delay total_return sharpe trades
    costs``. Stops and targets keep their percent distance.
    """
    rows = []
    for delay in delays:
        late = delayed(decisions, sessions=delay, close=bars.close)
        rows.append(
            {
                "delay": delay,
                **_figures(backtest(bars, late, rules=rules, costs=costs, trail=trail, groups=groups)),
            }
        )
    return pd.DataFrame(rows)


def break_even_cost(
    bars: Bars,
    decisions: Decisions,
    *,
    rules: AccountRules | None = None,
    trail: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> float:
    """The cost of each purchase and sale, as a share of its value, at which the profit without costs is gone.

    Profit of the same trades without costs over the value that they traded; sizes are held as they are.
    Negative when the trades lose without costs, NaN when there are none.
    """
    free = backtest(bars, decisions, rules=rules, costs=FREE, trail=trail, groups=groups)
    traded = free.traded_value
    return float(free.equity[-1] - free.capital) / traded if traded else float("nan")


def limit_bracket(
    bars: Bars,
    decisions: Decisions,
    *,
    limit_below: float = 0.0,
    rules: AccountRules | None = None,
    costs: Costs = ENGINE,
    trail: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> pd.DataFrame:
    """The account with market entries, and with limits that fill at a touch or only when traded through.

    What a limit order would have earned lies between the last two. Columns ``entry total_return sharpe trades
    costs filled``; ``filled`` is the share of entry orders carried out among those and limits not reached.
    """
    base, rows = rules or AccountRules(), []
    for entry in ("open", "touch", "through"):
        own = replace(base, entry=entry, limit_below=limit_below)
        record = backtest(bars, decisions, rules=own, costs=costs, trail=trail, groups=groups)
        missed = int((record.refused["reason"] == "LIMIT_NOT_REACHED").sum())
        orders = len(record.trades) + missed
        filled = len(record.trades) / orders if orders else np.nan
        rows.append({"entry": entry, **_figures(record), "filled": filled})
    return pd.DataFrame(rows)


def _figures(record: AccountRecord) -> dict[str, float]:
    return {
        "total_return": float(record.equity[-1] / record.capital - 1.0),
        "sharpe": float(sharpe_of(record.returns)),
        "trades": len(record.trades),
        "costs": float(record.fills["fee"].sum()),
    }
