"""Was it the timing? The same symbols held as long, entered on days drawn at random.

Each draw gives every closed trade another entry session of its own symbol, with the same side, holding time
in sessions, value and costs. So what a rising market gives to whoever is in it is in the draws as well, and
what is left over is the choice of the day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.trading.bars import Bars
from lib.trading.costs import ENGINE, Costs


@dataclass(frozen=True)
class RandomEntries:
    """Mean net return a trade, decimal: of the rule, and of each draw (D,).

    ``p_value`` is (b + 1) / (D + 1), b the draws that did at least as well as the rule; NaN without trades.
    ``trades`` are those compared, ``left_out`` those still open.
    """

    actual: float
    drawn: np.ndarray
    p_value: float
    trades: int
    left_out: int


def random_entries(
    trades: pd.DataFrame, bars: Bars, *, draws: int = 1_000, seed: int, first: int = 0, costs: Costs = ENGINE
) -> RandomEntries:
    """Compare closed ``trades`` of a record with ``draws`` random ones, entered from position ``first`` on.

    Entries and exits are market orders at opens (``Bars.fill``); a trade of one session ends at its close.
    Raises ValueError when a symbol has no session that could be drawn.
    """
    if draws < 1:
        raise ValueError(f"{draws} draws; give 1 or more")
    closed = trades.loc[trades["exit_reason"] != "STILL_OPEN"]
    if closed.empty:
        return RandomEntries(np.nan, np.full(draws, np.nan), np.nan, 0, len(trades))
    generator, total = np.random.default_rng(seed), np.zeros(draws)
    fill = bars.fill
    for (column, held, side), group in closed.groupby(["column", "sessions_held", "side"]):
        enter, leave = _prices(fill[:, column], bars.close[:, column], int(held), int(side), first, costs)
        chosen = generator.integers(len(enter), size=(len(group), draws))
        growth = leave[chosen] / enter[chosen]
        value = (group["entry_price"] * group["quantity"]).to_numpy()[:, None]
        fees = (costs.fee(value) + costs.fee(value * growth)) / value
        total += (side * (growth - 1.0) - fees).sum(axis=0)
    actual, drawn = float(closed["return"].mean()), total / len(closed)
    beaten = int((drawn >= actual).sum())
    return RandomEntries(actual, drawn, (beaten + 1) / (draws + 1), len(closed), len(trades) - len(closed))


def _prices(
    fill: np.ndarray, close: np.ndarray, held: int, side: int, first: int, costs: Costs
) -> tuple[np.ndarray, np.ndarray]:
    """Entry and exit prices, slippage included, of every session on which such a trade could begin."""
    enter, leave = (fill[first:-held], fill[first + held :]) if held else (fill[first:], close[first:])
    there = np.isfinite(enter) & np.isfinite(leave)
    if not there.any():
        raise ValueError(f"no session from which {held} sessions could be held")
    return costs.price(enter[there], side=side), costs.price(leave[there], side=-side)
