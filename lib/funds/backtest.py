"""What choosing funds by their scores would have earned: rebalanced on fixed dates, held in between.

A decision of day t is carried out at the NAVs of the first business day after t, so that nothing that
happened up to and on t is earned. Between two such days every fund keeps its units and weights drift; what
ended is cash, or units of its successor, from the day on which that is known. Cash earns nothing. Wealth is
1 before the first purchase, whose day is the first row: its return is its cost. The loop goes over rebalance
dates only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from lib.funds.choosing import Decision
from lib.funds.fund_ends import FundEnds
from lib.funds.holding_costs import LoadOfSales, Orders, Terms, orders
from lib.funds.known_navs import KnownNavs

DUST = 1e-12
"""Money below this share of the portfolio is rounding."""


@dataclass(frozen=True)
class Carried:
    """A backtest carried out: its days, one number a day or a fund, and what was traded.

    ``rows`` are the business days of the purchases, ``decisions`` those carried out, in the same order.
    ``contribution`` and ``weight_days`` (sum over days of the weight), ``days_held``, ``first`` and ``last``
    (rows, -1 where never held) are by column of the NAVs; ``cost_contribution`` is what costs took.
    """

    days: pd.DatetimeIndex
    daily: pd.DataFrame
    trades: pd.DataFrame
    rows: list[int]
    decisions: list[Decision]
    contribution: np.ndarray
    cost_contribution: float
    weight_days: np.ndarray
    days_held: np.ndarray
    first: np.ndarray
    last: np.ndarray


@dataclass
class _Book:
    """The portfolio while it is carried forward: money by fund and by lot, cash, and the record so far."""

    value: np.ndarray
    lots: np.ndarray
    bought_on: np.ndarray
    cash: float = 1.0
    previous: float = 1.0
    cost_contribution: float = 0.0
    parts: list[dict[str, np.ndarray]] = field(default_factory=list)
    trades: list[dict[str, np.ndarray]] = field(default_factory=list)

    @property
    def worth(self) -> float:
        """Everything in it."""
        return float(self.value.sum()) + self.cash


def carried_out(decisions: Sequence[Decision], navs: KnownNavs) -> tuple[list[Decision], list[int]]:
    """The decisions that were carried out and the rows of their purchases.

    One whose next business day is not there yet waits; of two with the same next business day the later
    counts.
    """
    rows = [navs.row_after(one.day) for one in decisions]
    done = [(one, row) for one, row in zip(decisions, rows, strict=True) if row < len(navs.days)]
    last = {row: one for one, row in done}
    return list(last.values()), list(last)


def carry(
    decisions: Sequence[Decision],
    navs: KnownNavs,
    ends: FundEnds,
    terms: Terms,
    *,
    switch_cost: float = 0.0,
) -> Carried:
    """Carry decisions out from the first purchase to the last day; ``terms`` has a row for each of them.

    ``decisions`` are those of ``carried_out``, whose rows follow from their days.
    """
    done, rows = carried_out(decisions, navs)
    book = _Book(np.zeros(len(navs.funds)), np.zeros((len(rows), len(navs.funds))), navs.numbers[rows])
    sums = {name: np.zeros(len(navs.funds)) for name in ("contribution", "weight_days", "days_held")}
    first, last = np.full(len(navs.funds), -1), np.full(len(navs.funds), -1)
    stops = [*rows, len(navs.days) - 1]
    for number, (begin, end) in enumerate(pairwise(stops)):
        order = _trade(book, done[number], navs, terms, number, begin, switch_cost)
        columns, worth = _hold(book, order, done[number], navs, ends, number, begin, end)
        total = worth.sum(axis=1) + order.cash
        share = worth[:-1] / total[:-1, None]
        sums["contribution"][columns] += (np.diff(worth, axis=0) / total[:-1, None]).sum(axis=0)
        sums["weight_days"][columns] += share.sum(axis=0)
        sums["days_held"][columns] += (share > DUST).sum(axis=0)
        first[columns] = np.where(first[columns] < 0, begin, first[columns])
        last[columns] = end
        if len(total) > 1:
            book.previous = float(total[-2])
    return Carried(
        navs.days[rows[0] :] if rows else navs.days[:0],
        _daily(book, navs.days[rows[0] :] if rows else navs.days[:0]),
        _trades(book, navs),
        rows,
        done,
        sums["contribution"],
        book.cost_contribution,
        sums["weight_days"],
        sums["days_held"].astype(np.int64),
        first,
        last,
    )


def _trade(
    book: _Book,
    decision: Decision,
    navs: KnownNavs,
    terms: Terms,
    number: int,
    row: int,
    switch_cost: float,
) -> Orders:
    """Sell and buy at the NAVs of ``row``; lots and the record follow, money is moved by ``_hold``."""
    target = np.zeros(len(book.value))
    target[decision.columns[decision.picks]] = decision.weights
    age = navs.numbers[row] - book.bought_on[:number]
    held = np.flatnonzero(book.value > 0)
    parts = (one[:number, held] for one in (book.lots, terms.load, terms.lasts))
    sales = LoadOfSales(held, next(parts), age, *parts)
    order = orders(book.value, book.cash, target, switch_cost=switch_cost, load_of_sales=sales)
    worth = book.worth
    book.lots[:number, held] -= sales.taken(order.sold)
    book.lots[number] = order.bought
    book.value = book.value - order.sold
    book.cost_contribution -= order.cost / book.previous
    book.trades.append(_trades_of(order, decision, navs, row, worth))
    book.parts.append(
        {
            "cost": np.array([order.cost / worth]),
            "turnover": np.array([max(order.sold.sum(), order.bought.sum()) / worth]),
        }
    )
    return order


def _hold(
    book: _Book,
    order: Orders,
    decision: Decision,
    navs: KnownNavs,
    ends: FundEnds,
    number: int,
    begin: int,
    end: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Hold from ``begin`` to ``end``: the funds held and their worth by day; the book is left at its end."""
    columns = np.flatnonzero(book.value + order.bought > 0)
    old = ends.continued(navs.held(columns, first=begin, last=end), columns, navs, first=begin, last=end)
    new = navs.bought(columns, after=decision.number, first=begin, last=end)
    new = ends.continued(new, columns, navs, first=begin, last=end)
    kept, bought = book.value[columns], order.bought[columns]
    worth = np.where(kept > 0, old, 0.0) * kept + new * bought
    over = (ends.row[columns] <= end) & (ends.successor[columns] < 0)
    out = over & (np.arange(begin, end + 1)[:, None] >= ends.row[columns])
    total = worth.sum(axis=1) + order.cash
    book.parts[-1] |= {
        "total": total,
        "cash": (np.where(out, worth, 0.0).sum(axis=1) + order.cash) / total,
        "n_funds": (~out & (worth > DUST * total[:, None])).sum(axis=1),
    }
    book.trades.append(_ended(columns, worth / total[:, None], navs, ends, begin, end))
    book.lots[:number, columns] *= np.where(kept > 0, old[-1], 0.0)
    book.lots[number, columns] *= new[-1]
    book.value = np.zeros_like(book.value)
    book.value[columns] = worth[-1]
    unfilled = (bought > 0) & (navs.day[end, columns] <= decision.number) & ~(ends.row[columns] <= end)
    book.cash = order.cash + float(worth[-1, over].sum()) + float((bought * unfilled)[~over].sum())
    book.value[columns[unfilled]] -= bought[unfilled]
    book.lots[number, columns[unfilled]] = 0.0
    book.value[columns[over]], book.lots[:, columns[over]] = 0.0, 0.0
    _move(book, columns, ends, end)
    return columns, worth


def _move(book: _Book, columns: np.ndarray, ends: FundEnds, end: int) -> None:
    """Money and lots of what went over to a successor are the successor's from here on."""
    moved = columns[(ends.row[columns] <= end) & (ends.successor[columns] >= 0)]
    new = ends.successor[moved]
    value, lots = book.value[moved], book.lots[:, moved]
    book.value[moved], book.lots[:, moved] = 0.0, 0.0
    np.add.at(book.value, new, value)
    np.add.at(book.lots.T, new, lots.T)


def _daily(book: _Book, days: pd.DatetimeIndex) -> pd.DataFrame:
    """The record by day: each period's first day is the last one of the period before, after trading."""
    if not book.parts:
        columns = ["gross_return", "portfolio_return", "turnover", "cost", "cash", "n_funds"]
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in columns}, index=days).astype(
            {"n_funds": "int64"}
        )
    last = len(book.parts) - 1
    gross, at = [np.zeros(1)], [0]
    for number, part in enumerate(book.parts):
        gross.append(part["total"][1:] / part["total"][:-1] - 1.0)
        at.append(at[-1] + len(part["total"]) - 1)
        for name in ("cash", "n_funds"):
            part[name] = part[name] if number == last else part[name][:-1]
    cost, turnover = np.zeros(len(days)), np.zeros(len(days))
    cost[at[:-1]] = np.concatenate([part["cost"] for part in book.parts])
    turnover[at[:-1]] = np.concatenate([part["turnover"] for part in book.parts])
    before = np.concatenate(gross)
    return pd.DataFrame(
        {
            "gross_return": before,
            "portfolio_return": (1.0 + before) * (1.0 - cost) - 1.0,
            "turnover": turnover,
            "cost": cost,
            "cash": np.clip(np.concatenate([part["cash"] for part in book.parts]), 0.0, None),
            "n_funds": np.concatenate([part["n_funds"] for part in book.parts]),
        },
        index=days,
    )


def _trades_of(
    order: Orders, decision: Decision, navs: KnownNavs, row: int, worth: float
) -> dict[str, np.ndarray]:
    sold, bought = (np.flatnonzero(one > DUST * worth) for one in (order.sold, order.bought))
    entry = navs.entry(bought, after=decision.number, row=row)
    return {
        "row": np.full(len(sold) + len(bought), row),
        "column": np.concatenate([sold, bought]),
        "action": np.repeat(["sell", "buy"], [len(sold), len(bought)]),
        "amount": np.concatenate([order.sold[sold], order.bought[bought]]) / worth,
        "cost": np.concatenate([order.load[sold], order.switch[bought]]) / worth,
        "nav": np.concatenate([navs.nav[row, sold], entry]),
        "successor": np.full(len(sold) + len(bought), -1),
    }


def _ended(
    columns: np.ndarray, share: np.ndarray, navs: KnownNavs, ends: FundEnds, begin: int, end: int
) -> dict[str, np.ndarray]:
    """What ended while it was held, on the day on which that was known."""
    place = np.flatnonzero(ends.row[columns] <= end)
    own = columns[place]
    at = np.maximum(ends.row[own], begin)
    new = ends.successor[own]
    return {
        "row": at,
        "column": own,
        "action": np.where(new >= 0, "moved", "redeemed"),
        "amount": share[at - begin, place],
        "cost": np.zeros(len(own)),
        "nav": navs.nav[at, own],
        "successor": new,
    }


def _trades(book: _Book, navs: KnownNavs) -> pd.DataFrame:
    """The table ``fund_backtest_trades``."""
    names = ("row", "column", "action", "amount", "cost", "nav", "successor")
    parts = {name: np.concatenate([[], *(one[name] for one in book.trades)]) for name in names[:2]}
    parts |= {name: np.concatenate([one[name] for one in book.trades] or [np.empty(0)]) for name in names[2:]}
    row, column = (parts[name].astype(np.int64) for name in ("row", "column"))
    new = parts["successor"].astype(np.int64)
    ids = navs.funds.to_numpy()
    return pd.DataFrame(
        {
            "date": navs.days[row],
            "fund_id": pd.array(ids[column], dtype="str"),
            "action": pd.array(parts["action"], dtype="str"),
            "amount": parts["amount"].astype("float64"),
            "cost": parts["cost"].astype("float64"),
            "nav": parts["nav"].astype("float64"),
            "successor": pd.Series(ids[new], dtype="str").where(new >= 0).astype("str"),
        }
    )
