"""Parameters chosen on the past and used on what follows: the only result of a search that counts.

Every combination of a grid is carried out once over the whole history. Before each stretch of test sessions
the one with the best daily Sharpe ratio in the training sessions is chosen, an embargo lying between the two,
and its decisions are used in the test. One account follows the decisions so joined; a position that is held
when the choice changes goes on under the new one. References: Pardo (2008), "The Evaluation and Optimization
of Trading Strategies", chapter 11; López de Prado (2018), chapter 7, for the embargo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.errors import InputError
from lib.trading.account_record import AccountRecord
from lib.trading.account_rules import AccountRules
from lib.trading.bars import Bars
from lib.trading.costs import ENGINE, Costs
from lib.trading.decisions import Decisions, stitched
from lib.trading.rule_backtest import backtest
from lib.trading.strategies import STRATEGIES, Strategy, said


@dataclass(frozen=True)
class WalkForward:
    """A search and what came after it.

    ``settings`` are the combinations tried, ``returns`` (C, T) their daily returns, all trials of one search;
    ``left_out`` those that the strategy does not allow. ``folds`` has for each test its sessions, those of
    its training, the combination chosen (-1 where none traded) and the Sharpe ratios of both. ``record`` is
    the account that followed, ``tested`` (T,) the sessions that lie in a test.
    """

    settings: list[dict[str, Any]]
    returns: np.ndarray
    left_out: list[dict[str, Any]]
    folds: pd.DataFrame
    record: AccountRecord
    tested: np.ndarray


def walk_forward(
    strategy: Strategy | str,
    bars: Bars,
    grid: Mapping[str, Sequence[Any]],
    *,
    train: int = 504,
    test: int = 126,
    embargo: int = 5,
    expanding: bool = True,
    rules: AccountRules | None = None,
    costs: Costs = ENGINE,
) -> WalkForward:
    """Choose among ``grid`` every ``test`` sessions on all sessions before, or on the last ``train`` of them.

    Raises InputError when no combination is allowed, ValueError when the history is too short for one test.
    """
    row = strategy if isinstance(strategy, Strategy) else STRATEGIES[strategy]
    settings, left_out = _combinations(row, grid)
    spans = folds_of(len(bars.sessions), train=train, test=test, embargo=embargo, expanding=expanding)
    every = [said(row, bars, **one).decisions for one in settings]
    returns = np.stack([backtest(bars, one, rules=rules, costs=costs).returns for one in every])
    nothing = every[0].only(np.zeros(bars.close.shape, dtype=bool))
    parts, rows = [nothing.rows(0, spans[0][2])], []
    for begin, end, first, last in spans:
        ratios = sharpe_of(returns[:, begin:end])
        best = int(np.nanargmax(ratios)) if np.isfinite(ratios).any() else -1
        parts.append((every[best] if best >= 0 else nothing).rows(first, last))
        rows.append((begin, end, first, last, best, ratios[best] if best >= 0 else np.nan))
    record = backtest(bars, _whole(parts), rules=rules, costs=costs)
    tested = np.zeros(len(bars.sessions), dtype=bool)
    tested[spans[0][2] :] = True
    return WalkForward(settings, returns, left_out, _folds(rows, bars, record), record, tested)


def folds_of(
    sessions: int, *, train: int, test: int, embargo: int, expanding: bool
) -> list[tuple[int, int, int, int]]:
    """Positions (training begin, end, test begin, end), ends not included; tests follow each other.

    Training ends ``embargo`` sessions before its test. The last test may be shorter. Raises ValueError when
    there is no session to test, or a length is below 1.
    """
    if train < 1 or test < 1 or embargo < 0:
        raise ValueError(f"train {train} and test {test} must be 1 or more, embargo {embargo} 0 or more")
    starts = range(train + embargo, sessions, test)
    if not starts:
        raise ValueError(f"{sessions} sessions leave none to test after {train} and an embargo of {embargo}")
    return [
        (0 if expanding else first - embargo - train, first - embargo, first, min(first + test, sessions))
        for first in starts
    ]


def sharpe_of(returns: np.ndarray) -> np.ndarray:
    """Mean over standard deviation (ddof 1) of each row, annualised; NaN for a row that does not move."""
    deviation = returns.std(axis=-1, ddof=1)
    mean = returns.mean(axis=-1) * np.sqrt(TRADING_DAYS)
    return np.divide(mean, deviation, out=np.full(mean.shape, np.nan), where=deviation > 0.0)


def _combinations(row: Strategy, grid: Mapping[str, Sequence[Any]]) -> tuple[list[dict], list[dict]]:
    allowed, refused, fault = [], [], None
    for values in product(*grid.values()):
        given = dict(zip(grid, values, strict=True))
        try:
            row.settings(given)
            allowed.append(given)
        except InputError as found:
            refused.append(given)
            fault = found
    if not allowed and fault:
        raise fault
    return allowed, refused


def _whole(parts: list[Decisions]) -> Decisions:
    return stitched([part for part in parts if len(part.action)])


def _folds(rows: list[tuple], bars: Bars, record: AccountRecord) -> pd.DataFrame:
    days, returns = bars.sessions, record.returns
    return pd.DataFrame(
        {
            "train_from": days[[one[0] for one in rows]],
            "train_to": days[[one[1] - 1 for one in rows]],
            "test_from": days[[one[2] for one in rows]],
            "test_to": days[[one[3] - 1 for one in rows]],
            "chosen": [one[4] for one in rows],
            "train_sharpe": [one[5] for one in rows],
            "test_sharpe": [
                float(sharpe_of(returns[one[2] : one[3]])) if one[3] - one[2] > 1 else np.nan for one in rows
            ],
        }
    )
