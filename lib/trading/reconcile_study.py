"""All that the stage ``trading/reconcile`` computes: the chain of replays from the account to the backtest.

1. the account as recorded: its decisions, a person's orders, bars as they were seen, costs and matching as
   they were set on the last evening that was written down;
2. decided anew by today's code, from the first session that another code decided, as it was set then;
3. the same as the rules are set today;
4. the same on bars as they are now, every session decided anew;
5. without what a person said;
6. without the breaker and the limits of sectors;
7. filled whole at any volume, both sides paying the same charges;
8. without reserved or unsettled cash: only the cash at the open limits a purchase;
9. the backtest of the rules, a program of its own, which must equal the eighth to the cent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from lib.account_ledger import Line
from lib.tables.reconciliation import CAUSES, REPLAYS
from lib.trading import as_recorded
from lib.trading.bars import Bars
from lib.trading.charges import CostTable
from lib.trading.paper.replay import BY_HAND, AccountBook, replay
from lib.trading.paper.settings import PaperRules
from lib.trading.reconciled_pieces import pieces
from lib.trading.reconciliation import reconciled, replays
from lib.trading.rule_backtest import backtest
from lib.trading.rule_decisions import together, told
from lib.trading.rule_files import MOST_MONEY


@dataclass(frozen=True)
class Today:
    """The code and the parameters of the run, as lines of the ledger have them."""

    code: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Reconciled:
    """The tables of the stage by name, and what its page needs beside them.

    ``standing`` is the account's equity on bars as they are now, which ``equity``, the account's own, must
    be; ``noted`` is what was noted each evening.
    """

    tables: dict[str, pd.DataFrame]
    sessions: pd.DatetimeIndex
    standing: pd.Series
    equity: pd.Series
    noted: pd.Series
    currency: str
    origins: tuple[str, ...]

    @property
    def wide(self) -> pd.DataFrame:
        """Amounts so far, sessions down and causes across."""
        table = self.tables["account_reconciliation"]
        return table.pivot(index="date", columns="cause", values="amount")[list(CAUSES)]  # noqa: PD010

    @property
    def paths(self) -> pd.DataFrame:
        """Equity of every replay, sessions down."""
        table = self.tables["account_replays"]
        return table.pivot(index="date", columns="replay", values="equity")[list(REPLAYS)]  # noqa: PD010

    @property
    def backtest(self) -> float:
        """Equity of the backtest at the last close."""
        return float(self.paths["backtest"].iloc[-1])

    def last(self) -> pd.Series:
        """Amounts at the last close by cause."""
        return self.wide.iloc[-1]

    def nameless(self, least: float) -> list[str]:
        """Causes that made something and have no piece; what is unexplained is another matter."""
        named = set(self.tables["account_differences"]["cause"])
        made = self.wide.abs().max() >= least
        return [one for one in CAUSES[:-1] if made[one] and one not in named]


def reconcile(
    bars: Bars,
    lines: Iterable[Line],
    rules: PaperRules,
    today: Today,
    *,
    equity: pd.DataFrame,
    currency: str = "USD",
    origins: tuple[str, ...] = (),
) -> Reconciled:
    """The chain for one account; ``equity`` are its rows of ``account_equity``."""
    lines = list(lines)
    decisions = as_recorded.decisions_of(lines)
    seen = as_recorded.bars_as_seen(bars, decisions)
    books = _recorded(seen, lines, decisions, rules, today)
    books |= _now(bars, lines, rules)
    record = backtest_since(bars, rules, first=books["cash"].first)
    sessions = books["paper"].sessions
    paths = {name: book.equity for name, book in books.items()} | {"backtest": record}
    tables = {
        "account_reconciliation": reconciled(paths, sessions),
        "account_replays": replays(paths, sessions),
        "account_differences": pieces(bars, seen, lines, books, rules, today.code, today.parameters),
    }
    return Reconciled(
        tables,
        sessions,
        pd.Series(replay(bars, lines, rules).equity, index=sessions),
        equity.set_index("date")["equity"].reindex(sessions),
        pd.Series(as_recorded.noted_equity(sessions, decisions), index=sessions),
        currency,
        origins,
    )


def _recorded(
    seen: Bars,
    lines: list[Line],
    decisions: Mapping[pd.Timestamp, Mapping[str, Any]],
    rules: PaperRules,
    today: Today,
) -> dict[str, AccountBook]:
    """The replays on bars as they were seen: as recorded, by today's code, as rules are set today."""
    then = _as_last_set(rules, decisions, today)
    others = _by_session(then, decisions)
    code = as_recorded.first_that_differs(decisions, "code", today.code)
    setting = as_recorded.first_that_differs(decisions, "parameters", dict(today.parameters))
    either = min((one for one in (code, setting) if one is not None), default=None)
    paper = replay(seen, lines, then)
    by_code = paper
    if code is not None:
        by_code = replay(seen, as_recorded.before(lines, code), then, others=others)
    by_setting = by_code
    if setting is not None:
        by_setting = replay(seen, as_recorded.before(lines, either), rules)
    return {"paper": paper, "code": by_code, "parameters": by_setting}


def _as_last_set(
    rules: PaperRules, decisions: Mapping[pd.Timestamp, Mapping[str, Any]], today: Today
) -> PaperRules:
    """The rules as they were set on the last evening that was written down."""
    last = decisions[max(decisions)]["parameters"] if decisions else dict(today.parameters)
    return rules if last == dict(today.parameters) else as_recorded.rules_as_recorded(rules, last)


def _by_session(
    then: PaperRules, decisions: Mapping[pd.Timestamp, Mapping[str, Any]]
) -> dict[pd.Timestamp, PaperRules]:
    """The rules of every session that was set otherwise than the last; equal ones are one object."""
    if not decisions:
        return {}
    last = decisions[max(decisions)]["parameters"]
    found: dict[str, PaperRules] = {}
    by_session = {}
    for day, body in decisions.items():
        if body["parameters"] != last:
            name = repr(body["parameters"])
            if name not in found:
                found[name] = as_recorded.rules_as_recorded(then, body["parameters"])
            by_session[day] = found[name]
    return by_session


def _now(bars: Bars, lines: list[Line], rules: PaperRules) -> dict[str, AccountBook]:
    """The replays on bars as they are now, every session decided anew, a cause fewer in each."""
    by_person = [one for one in lines if one.kind != as_recorded.DECISIONS]
    nobody = [one for one in by_person if one.kind not in BY_HAND]
    free = without_limits(rules)
    whole = with_whole_fills(free)
    return {
        "restated_data": replay(bars, by_person, rules),
        "manual_orders": replay(bars, nobody, rules),
        "limits": replay(bars, nobody, free),
        "fills": replay(bars, nobody, whole),
        "cash": replay(bars, nobody, without_reserves(whole)),
    }


def without_limits(rules: PaperRules) -> PaperRules:
    """The same without breaker and sectors, which the backtest of rules does not know."""
    if rules.book is None:
        return rules
    limits = replace(rules.book.limits, sector=1.0, daily_loss=math.inf, daily_loss_money=MOST_MONEY)
    return replace(rules, book=replace(rules.book, limits=limits))


def with_whole_fills(rules: PaperRules) -> PaperRules:
    """The same with orders filled whole at any volume, and charges halved on both sides."""
    matching = replace(rules.matching, participation=math.inf)
    return replace(rules, matching=matching, costs=CostTable(rules.costs.even_costs))


def without_reserves(rules: PaperRules) -> PaperRules:
    """The same with money of a sale at hand at once, and only the cash at the open limiting a purchase."""
    return replace(rules, matching=replace(rules.matching, settlement=0, reserve=False))


def backtest_since(bars: Bars, rules: PaperRules, *, first: int) -> np.ndarray:
    """Equity of the rules' backtest from session ``first`` on, begun there with the account's money."""
    if rules.book is None or not rules.strategies:
        return np.full(len(bars.sessions) - first, rules.capital)
    side = together(bars, {name: told(name, bars, rules.book) for name in rules.strategies})
    after = np.arange(len(bars.sessions)) >= first
    decisions = side.decisions.only(np.broadcast_to(after[:, None], side.decisions.action.shape))
    record = backtest(
        side.bars,
        decisions,
        rules=rules.sizes,
        costs=rules.costs.even_costs,
        trail=side.trail,
        groups=side.groups,
    )
    return record.equity[first:]
