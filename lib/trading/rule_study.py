"""Everything that ``trading/signals`` asks of the rules of an account, over the whole history of its symbols.

Each rule alone with the account's money, all of them out of one cash, the same from the account's start, a
search for parameters that only looks back, and holding the symbols. Beside the results: what delay, costs,
limit orders and the choice of days have to do with them, and what the number of tries leaves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lib.contracts import conform, empty
from lib.errors import DataError
from lib.tables import TABLES
from lib.trading import rule_frames as frames
from lib.trading.account_bars import bars_of_prices
from lib.trading.account_record import AccountRecord
from lib.trading.account_rules import AccountRules
from lib.trading.bars import Bars
from lib.trading.charges import CostTable
from lib.trading.costs import Costs
from lib.trading.decisions import Decisions
from lib.trading.held_symbols import bought_and_held
from lib.trading.random_entries import random_entries
from lib.trading.rule_backtest import backtest
from lib.trading.rule_decisions import Together, Told, together, told
from lib.trading.rule_deflation import deflation, effective, tries_of
from lib.trading.rule_files import RuleBook
from lib.trading.rule_studies import break_even_cost, delay_curve, limit_bracket
from lib.trading.search_grids import GRIDS
from lib.trading.walk_forward import WalkForward, walk_forward

ALL, START, HELD, SEARCH = "all_rules", "since_start", "held", "walk_forward"
TAIL = 0.05


@dataclass(frozen=True)
class Choice:
    """Settings of the study: lengths in sessions, ``limit_below`` a share of the close."""

    train: int = 504
    test: int = 126
    embargo: int = 5
    delays: tuple[int, ...] = (0, 1, 2, 3, 5, 10, 20)
    limit_below: float = 0.005
    draws: int = 1000
    seed: int = 7
    risk_free: float = 0.0


@dataclass(frozen=True)
class RuleStudy:
    """The tables by name, and what the page needs beside them."""

    tables: dict[str, pd.DataFrame]
    bars: Bars
    by_rule: dict[str, Told]
    record: AccountRecord
    capital: float
    book: RuleBook
    choice: Choice
    origins: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    searched: dict[str, int] = field(default_factory=dict)

    def row(self, table: str, series: str) -> pd.Series:
        """The row of a series, or of a rule, in one of the tables."""
        frame = self.tables[table]
        key = "series" if "series" in frame else "strategy"
        return frame.loc[frame[key] == series].iloc[0]


@dataclass(frozen=True)
class _Account:
    """One account over the history and what it was given."""

    bars: Bars
    decisions: Decisions
    record: AccountRecord
    trail: np.ndarray | None
    groups: np.ndarray

    @property
    def how(self) -> dict[str, Any]:
        """What its backtest was given beside rules and costs."""
        return {"trail": self.trail, "groups": self.groups}


def rule_study(
    prices: pd.DataFrame,
    trials: pd.DataFrame,
    trial_returns: pd.DataFrame,
    *,
    symbols: Sequence[str],
    strategies: Sequence[str],
    book: RuleBook,
    costs: CostTable,
    capital: float,
    start: str,
    as_of: str,
    choice: Choice,
) -> RuleStudy:
    """Carry the study out. Raises DataError where no symbol has a bar."""
    bars = bars_of_prices(prices, symbols)
    if not bars.has_bar.any():
        raise DataError("none of the account's symbols has a price; see the page of market/prices")
    paid, rules = costs.even_costs, book.account(capital)
    by_rule = {name: told(name, bars, book) for name in strategies}
    side = together(bars, by_rule)
    alone = {
        name: _Account(
            bars,
            one.decisions,
            backtest(bars, one.decisions, rules=rules, costs=paid, trail=one.trail, groups=_one_group(bars)),
            one.trail,
            _one_group(bars),
        )
        for name, one in by_rule.items()
    }
    joined = backtest(
        side.bars, side.decisions, rules=rules, costs=paid, trail=side.trail, groups=side.groups
    )
    accounts = {**alone, ALL: _Account(side.bars, side.decisions, joined, side.trail, side.groups)}
    since = _since_start(side, rules, paid, pd.Timestamp(start))
    searches = {
        name: found for name in strategies if (found := _search(name, bars, book, rules, paid, choice))
    }
    held = bought_and_held(bars, capital=capital, costs=paid)
    own = prices.loc[prices["symbol"].isin(list(symbols))]
    known = np.asarray(bars.has_bar.any(axis=0))
    missing = tuple(symbol for symbol, there in zip(symbols, known, strict=True) if not there)
    tables = {
        "rule_signals": frames.signals(bars, by_rule),
        "rule_signals_today": frames.today(bars, by_rule, as_of=pd.Timestamp(as_of), gate=rules.gate),
        "rule_equity": _equity(accounts, since, searches, held, bars, capital),
        "rule_trades": _trades(alone, joined),
        "rule_measures": _measures(accounts, since, searches, held, bars, capital, choice, rules),
        "rule_walk_forward": _folds(searches),
        "rule_delays": _delays(accounts, rules, paid, choice),
        "rule_brackets": _brackets(accounts, rules, paid, choice),
        "rule_random": _random(alone, paid, choice),
        "rule_deflation": _deflation(accounts, searches, bars, trials, trial_returns),
    }
    return RuleStudy(
        {name: conform(frame, TABLES[name]) for name, frame in tables.items()},
        bars,
        by_rule,
        joined,
        capital,
        book,
        choice,
        tuple(sorted(own["origin"].unique())),
        tuple(sorted(own["price_basis"].unique())),
        missing,
        {name: len(one.settings) for name, one in searches.items()},
    )


def _one_group(bars: Bars) -> np.ndarray:
    return np.zeros(len(bars.symbols), dtype=int)


def _since_start(
    side: Together, rules: AccountRules, costs: Costs, start: pd.Timestamp
) -> tuple[int, AccountRecord] | None:
    """The account as if it had begun on its first day; None where that lies after the last session."""
    first = int(side.bars.sessions.searchsorted(start))
    if first >= len(side.bars.sessions):
        return None
    after = np.arange(len(side.bars.sessions)) >= first
    decisions = side.decisions.only(np.broadcast_to(after[:, None], side.decisions.action.shape))
    record = backtest(side.bars, decisions, rules=rules, costs=costs, trail=side.trail, groups=side.groups)
    return first, record


def _search(
    name: str, bars: Bars, book: RuleBook, rules: AccountRules, costs: Costs, choice: Choice
) -> WalkForward | None:
    """The search of a rule; None where the history is too short for a test or the rule lacks its data."""
    settings = book.settings[name]
    if len(bars.sessions) <= choice.train + choice.embargo:
        return None
    grid = {**{key: (value,) for key, value in settings.items()}, **GRIDS.get(name, {})}
    found = walk_forward(
        name,
        bars,
        grid,
        train=choice.train,
        test=choice.test,
        embargo=choice.embargo,
        rules=rules,
        costs=costs,
    )
    return found if (found.returns != 0.0).any() else None


def _equity(accounts, since, searches, held, bars: Bars, capital: float) -> pd.DataFrame:
    parts = [
        frames.equity(name, bars.sessions, one.record.equity, capital, one.record)
        for name, one in accounts.items()
    ]
    if since:
        first, record = since
        parts.append(frames.equity(START, bars.sessions, record.equity, capital, record).iloc[first:])
    for name, found in searches.items():
        record = found.record
        rows = frames.equity(f"{SEARCH}:{name}", bars.sessions, record.equity, capital, record)
        parts.append(rows.loc[found.tested])
    parts.append(frames.equity(HELD, bars.sessions, held, capital, None))
    return pd.concat(parts, ignore_index=True)


def _trades(alone: dict[str, _Account], joined: AccountRecord) -> pd.DataFrame:
    parts = [frames.trades("alone", one.record, strategy=name) for name, one in alone.items()]
    return pd.concat([*parts, frames.trades("together", joined)], ignore_index=True)


def _measures(
    accounts, since, searches, held, bars: Bars, capital: float, choice: Choice, rules: AccountRules
) -> pd.DataFrame:
    more: dict[str, Any] = {"capital": capital, "risk_free": choice.risk_free}
    rows = [
        frames.measures(
            name,
            "together" if name == ALL else "rule",
            bars.sessions,
            one.record.equity,
            record=one.record,
            break_even=break_even_cost(one.bars, one.decisions, rules=rules, **one.how),
            **more,
        )
        for name, one in accounts.items()
    ]
    if since:
        first, record = since
        rows.append(
            frames.measures(START, START, bars.sessions, record.equity, first=first, record=record, **more)
        )
    for name, found in searches.items():
        first, record = int(np.argmax(found.tested)), found.record
        series = f"{SEARCH}:{name}"
        rows.append(
            frames.measures(series, SEARCH, bars.sessions, record.equity, first=first, record=record, **more)
        )
    rows.append(frames.measures(HELD, HELD, bars.sessions, held, **more))
    return pd.DataFrame(rows)


def _folds(searches: dict[str, WalkForward]) -> pd.DataFrame:
    parts = []
    for name, found in searches.items():
        folds = found.folds
        named = [json.dumps(found.settings[at], sort_keys=True) if at >= 0 else "" for at in folds["chosen"]]
        parts.append(
            folds.assign(
                strategy=name,
                fold=np.arange(1, len(folds) + 1),
                chosen=pd.Series(named, index=folds.index, dtype="str"),
                combinations=len(found.settings),
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else empty(TABLES["rule_walk_forward"])


def _delays(accounts: dict[str, _Account], rules: AccountRules, costs: Costs, choice: Choice) -> pd.DataFrame:
    parts = []
    for name, one in accounts.items():
        found = delay_curve(
            one.bars, one.decisions, delays=choice.delays, rules=rules, costs=costs, **one.how
        )
        parts.append(found.assign(series=name))
    return pd.concat(parts, ignore_index=True)


def _brackets(
    accounts: dict[str, _Account], rules: AccountRules, costs: Costs, choice: Choice
) -> pd.DataFrame:
    more: dict[str, Any] = {"limit_below": choice.limit_below, "rules": rules, "costs": costs}
    parts = []
    for name, one in accounts.items():
        found = limit_bracket(one.bars, one.decisions, **more, **one.how)
        parts.append(found.assign(series=name))
    return pd.concat(parts, ignore_index=True)


def _random(alone: dict[str, _Account], costs: Costs, choice: Choice) -> pd.DataFrame:
    rows = []
    for name, one in alone.items():
        level = one.bars.chained
        found = random_entries(one.record.trades, level, draws=choice.draws, seed=choice.seed, costs=costs)
        low, high = np.quantile(found.drawn, [TAIL, 1.0 - TAIL])
        rows.append(
            {
                "strategy": name,
                "actual": found.actual,
                "drawn": float(found.drawn.mean()),
                "low": float(low),
                "high": float(high),
                "p": found.p_value,
                "trades": found.trades,
                "left_out": found.left_out,
                "draws": choice.draws,
            }
        )
    return pd.DataFrame(rows)


def _deflation(
    accounts: dict[str, _Account],
    searches: dict[str, WalkForward],
    bars: Bars,
    trials: pd.DataFrame,
    trial_returns: pd.DataFrame,
) -> pd.DataFrame:
    own = [one.record.returns for one in accounts.values()]
    tries = tries_of(
        [*own, *(one.returns for one in searches.values())], bars.sessions, trials, trial_returns
    )
    independent = effective(tries)
    rows = [
        {"series": name, **deflation(one.record.returns, tries, independent)}
        for name, one in accounts.items()
    ]
    found = pd.DataFrame(rows)
    return found.assign(code=np.where(found["sharpe"].isna(), "zero_variance", ""))
