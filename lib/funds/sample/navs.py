"""From the wealth of a portfolio to the NAVs of its plans: fees by the day, payouts, and the day of the end.

A plan starts at a NAV of 100, or at that of the fund whose units it takes over. Its expense ratio is taken
out by calendar days, the one that holds on each day; each first of April it falls by ``CUT`` of itself,
rounded to a basis point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.conventions import DAYS_A_YEAR
from lib.funds.sample.portfolios import paths
from lib.funds.sample.rules import Scheme, Sleeve

FIRST_NAV = 100.0
CUT = 0.02
DECIMALS = 8


@dataclass(frozen=True)
class Plan:
    """One plan and option of a scheme: a fund of the tables."""

    scheme: Scheme
    plan: str
    option: str
    expense: float

    @property
    def id(self) -> str:
        """Its fund_id."""
        return f"{self.scheme.id}-{self.plan}-{self.option}"

    @property
    def suffix(self) -> str:
        """What its name adds to that of the scheme."""
        return {"direct-growth": "", "regular-growth": ", regular plan", "direct-idcw": ", payout"}[
            f"{self.plan}-{self.option}"
        ]


def plans(schemes: dict[str, Scheme]) -> list[Plan]:
    """All plans and options, the direct plan with growth of each scheme first."""
    found = []
    for one in schemes.values():
        found.append(Plan(one, "direct", "growth", one.expense))
        if one.regular is not None:
            found.append(Plan(one, "regular", "growth", one.regular))
        if one.idcw is not None:
            found.append(Plan(one, "direct", "idcw", one.expense))
    return found


def portfolios(
    schemes: dict[str, Scheme], prices: pd.DataFrame, shown: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Wealth of the schemes (days x schemes) since the first day, and weights (schemes x shown x assets)."""
    groups = pd.Series({one.id: one.rebalance for one in schemes.values()})
    wealth = np.empty((len(schemes), len(prices)))
    weights = np.empty((len(schemes), len(shown), prices.shape[1]))
    for rebalance in groups.unique():
        own = (groups == rebalance).to_numpy()
        found = paths([schemes[name].hold for name in groups.index[own]], prices, rebalance, shown)
        wealth[own], weights[own] = found.wealth, found.weights
    return pd.DataFrame(wealth.T, index=prices.index, columns=groups.index), weights


def levels(holds: dict[str, tuple[Sleeve, ...]], prices: pd.DataFrame) -> pd.DataFrame:
    """Levels of the model benchmarks, days x benchmarks, 1,000 on the first day."""
    wealth = paths(list(holds.values()), prices, "quarterly").wealth
    return pd.DataFrame(1000.0 * wealth.T, index=prices.index, columns=list(holds))


def expense_ratios(funds: list[Plan], days: pd.DatetimeIndex) -> np.ndarray:
    """The expense ratio that holds on each day, days x funds, decimal a year."""
    april = days.year.to_numpy() - (days.month.to_numpy() < 4)
    launched = np.array([one.scheme.start.year - (one.scheme.start.month < 4) for one in funds])
    cuts = np.maximum(april[:, None] - launched, 0)
    return np.round(np.array([one.expense for one in funds]) * (1.0 - CUT) ** cuts, 4)


def navs(funds: list[Plan], wealth: pd.DataFrame) -> pd.DataFrame:
    """NAV of each fund, days x fund ids; null outside its life."""
    days = wealth.index
    passed = days.to_series().diff().dt.days.fillna(0.0).to_numpy()
    fees = np.cumsum(np.log1p(-expense_ratios(funds, days)) * passed[:, None] / DAYS_A_YEAR, axis=0)
    quarter = days.year.to_numpy() * 4 + days.quarter.to_numpy()
    paid = np.cumsum(np.diff(quarter, prepend=quarter[0]))
    share = np.array([one.scheme.idcw if one.option == "idcw" else 0.0 for one in funds])
    gross = wealth[[one.scheme.id for one in funds]].to_numpy()
    log = np.log(gross) + fees + np.log1p(-share) * paid[:, None]
    start = days.searchsorted([one.scheme.start for one in funds])
    values = FIRST_NAV * np.exp(log - log[start, np.arange(len(funds))])
    place = {one.id: column for column, one in enumerate(funds)}
    for one in funds:
        if one.scheme.continues:
            column, before = place[one.id], place[f"{one.scheme.continues}-{one.plan}-{one.option}"]
            values[:, column] *= _taken_over(values[:, before], log[:, column], start[column])
    ends = [one.scheme.end.day if one.scheme.end else days[-1] for one in funds]
    last = days.get_indexer(pd.DatetimeIndex(ends)) + 1
    rows = np.arange(len(days))[:, None]
    alive = (rows >= start) & (rows < last)
    return pd.DataFrame(np.where(alive, values, np.nan).round(DECIMALS), index=days, columns=list(place))


def _taken_over(former: np.ndarray, log: np.ndarray, start: int) -> float:
    """By what NAVs are scaled to go on, in their first session, from the last NAV of the former fund."""
    return former[start - 1] * np.exp(log[start] - log[start - 1]) / FIRST_NAV
