"""What trading funds costs: a share of what is bought, and the exit load of units that are sold too young.

Units of a fund are sold in the order in which they were bought. Their load is that of the terms known when
they were bought; where no terms are known there is none, which the page says. What is bought and its cost
are paid from the money that sales leave and the cash that is there; where this is not enough for all, every
purchase is made smaller in the same proportion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.funds.known_navs import KnownNavs


@dataclass(frozen=True)
class Terms:
    """Exit load (decimal) and the days it lasts, decisions x funds; NaN where not known."""

    load: np.ndarray
    lasts: np.ndarray


@dataclass(frozen=True)
class Orders:
    """One rebalance: money sold and bought of each fund, what both cost by fund, and the cash after it."""

    sold: np.ndarray
    bought: np.ndarray
    load: np.ndarray
    switch: np.ndarray
    cash: float

    @property
    def cost(self) -> float:
        """Loads and switch costs together."""
        return float(self.load.sum() + self.switch.sum())


@dataclass(frozen=True)
class LoadOfSales:
    """Exit load of selling: of the funds held (``columns``) the lots (purchases in order of time x funds,
    money), their age in days and their terms.
    """

    columns: np.ndarray
    lots: np.ndarray
    age: np.ndarray
    load: np.ndarray
    lasts: np.ndarray

    def __call__(self, sold: np.ndarray) -> np.ndarray:
        """Load in money by fund, of what is sold of each."""
        young = (self.age[:, None] < self.lasts) & (self.load > 0)
        result = np.zeros_like(sold)
        result[self.columns] = (self.taken(sold) * np.where(young, self.load, 0.0)).sum(axis=0)
        return result

    def taken(self, sold: np.ndarray) -> np.ndarray:
        """What each lot gives of a sale, the oldest first: lots x ``columns``."""
        before = np.cumsum(self.lots, axis=0) - self.lots
        return np.clip(sold[self.columns] - before, 0.0, self.lots)


def exit_terms(facts: pd.DataFrame, navs: KnownNavs, days: pd.DatetimeIndex) -> Terms:
    """The terms of each fund as they were known and held on each of ``days``."""
    return Terms(*(_as_known(facts, item, navs, days) for item in ("exit_load", "exit_load_days")))


def orders(
    held: np.ndarray, cash: float, target: np.ndarray, *, switch_cost: float, load_of_sales: LoadOfSales
) -> Orders:
    """From what is ``held`` (money by fund) and ``cash`` to the ``target`` weights of the whole."""
    worth = float(held.sum()) + cash
    wanted = target * worth
    sold = np.maximum(held - wanted, 0.0)
    wish = np.maximum(wanted - held, 0.0)
    load = load_of_sales(sold)
    money = cash + float(sold.sum() - load.sum())
    need = float(wish.sum()) * (1.0 + switch_cost)
    bought = wish * min(1.0, money / need) if need > 0 else wish
    switch = bought * switch_cost
    return Orders(sold, bought, load, switch, money - float(bought.sum() + switch.sum()))


def _as_known(facts: pd.DataFrame, item: str, navs: KnownNavs, days: pd.DatetimeIndex) -> np.ndarray:
    """Days x funds: the value that held on each day and was known by then; NaN where there is none."""
    own = facts[facts["item"] == item]
    since = own[["valid_from", "known_at"]].max(axis=1)
    own = own.assign(since=since, column=navs.columns_of(own["fund_id"]))
    own = own[own["column"] >= 0].sort_values(["valid_from", "known_at"], kind="stable")
    known, column, value = (own[name].to_numpy() for name in ("since", "column", "value"))
    result = np.full((len(days), len(navs.funds)), np.nan)
    for row, day in enumerate(days.to_numpy()):
        result[row, column[known <= day]] = value[known <= day]
    return result
