"""What the same money in the same symbols would have become: bought once and held."""

from __future__ import annotations

import numpy as np

from lib.trading.bars import Bars
from lib.trading.costs import Costs
from lib.trading.own_bars import carried


def bought_and_held(bars: Bars, *, capital: float, first: int = 0, costs: Costs) -> np.ndarray:
    """Value at each close (T,) of equal parts of ``capital`` put into every symbol at its first open.

    Fractions of shares are bought; a part waits in cash until its symbol is listed and dividends stay in
    cash, which earns nothing. Before position ``first`` it is the capital.
    """
    there = bars.has_bar & (np.arange(len(bars.sessions)) >= first)[:, None]
    listed = there.any(axis=0)
    start = np.argmax(there, axis=0)
    part = capital / max(len(bars.symbols), 1)
    columns = np.flatnonzero(listed)
    chain = np.ones(bars.close.shape) if bars.chain is None else bars.chain
    price = costs.price(bars.fill[start[columns], columns], side=1)
    shares = np.zeros(len(bars.symbols))
    shares[columns] = (part - costs.per_order) / (price * (1.0 + costs.commission))
    held = np.arange(len(bars.sessions))[:, None] >= start
    held &= listed
    ratio = chain / chain[start, np.arange(len(start))]
    value = np.where(held, shares * ratio * np.nan_to_num(carried(bars.chained.close) / chain), part)
    cash = np.zeros(len(bars.sessions))
    if bars.dividend is not None:
        before = np.vstack([np.ones((1, len(start))), ratio[:-1]])
        over_night = np.arange(len(bars.sessions))[:, None] > start
        cash = np.where(held & over_night, shares * before * bars.dividend, 0.0).sum(axis=1).cumsum()
    return value.sum(axis=1) + cash
