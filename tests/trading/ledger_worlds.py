"""Ledgers as evenings would have written them, over generated bars, for tests of what reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from lib.account_ledger import Line
from lib.contracts import conform
from lib.tables.paper_account import EQUITY
from lib.trading.bars import Bars
from lib.trading.charges import CostTable
from lib.trading.costs import Costs
from lib.trading.paper.replay import AccountBook, replay
from lib.trading.paper.settings import Matching, PaperRules
from lib.trading.paper.study import stamp
from lib.trading.reconcile_study import Today
from lib.trading.rule_files import Limits, RuleBook, read_rules

CODE = "c" * 64
STRATEGIES = ("average_cross",)


def parameters_of(rules: PaperRules) -> dict:
    """What a line has of how an account is set."""
    return stamp(rules)["parameters"]


def book_of(*, limits: Limits | None = None, strategies=STRATEGIES, **settings) -> RuleBook:
    """Averages of 5 and 15 sessions at 2 % of risk, other settings by name."""
    book = read_rules(strategies=strategies)
    own = {name: dict(one) for name, one in book.settings.items()}
    own["average_cross"].update({"fast": 5, "slow": 15, **settings})
    sizing = {**book.sizing, "risk": 0.02, "volume_share": 1.0}
    loose = Limits(daily_loss=1.0)
    return replace(book, settings=own, sizing=sizing, limits=limits or loose)


def rules_of(bars: Bars, *, capital=100_000.0, start=20, book=None, **matching) -> PaperRules:
    """An account from session ``start`` on, with costs alike on both sides; ``matching`` as in Matching."""
    how = Matching(**{"participation": 1.0, "settlement": 0, "reserve": False, **matching})
    own = book or book_of()
    return PaperRules(
        capital, bars.sessions[start], tuple(own.settings), own, CostTable(Costs(0.0005, 1.0, 0.001)), how
    )


def today_of(rules: PaperRules, *, code=CODE) -> Today:
    """Code and parameters of a run by these rules."""
    return Today(code, parameters_of(rules))


def written(
    bars: Bars,
    rules: PaperRules,
    *,
    by_hand: tuple[Line, ...] = (),
    others: Mapping[pd.Timestamp, PaperRules] | None = None,
    code: str = CODE,
) -> list[Line]:
    """The ledger of an account whose every evening but the last was written down.

    What is decided at a close rests on nothing later, so that one replay writes what a run an evening would.
    """
    book = replay(bars, by_hand, rules, others=others)
    lines = [Line(1, f"{book.sessions[0]:%Y-%m-%d}", None, "open", {"start": f"{rules.start:%Y-%m-%d}"})]
    for one in book.decided[:-1]:
        day = bars.sessions[one.row]
        own = (others or {}).get(day, rules)
        body = {**one.body, "code": code, "parameters": parameters_of(own)}
        day_text = f"{day:%Y-%m-%d}"
        lines.append(
            Line(
                len(lines) + 1, day_text, day_text, "decisions", json.loads(json.dumps(body, sort_keys=True))
            )
        )
    return [*lines, *by_hand]


def order(bars: Bars, row: int, *, symbol="S0", side="BUY", quantity=50, number=900, **more) -> Line:
    """A person's market order for the session ``row``."""
    body = {"order_id": f"H{number}", "symbol": symbol, "side": side, "quantity": quantity, **more}
    return Line(number, f"{bars.sessions[row]:%Y-%m-%d}", None, "order", body)


def equity_of(book: AccountBook) -> pd.DataFrame:
    """``account_equity`` of a book, as far as it is needed."""
    frame = pd.DataFrame({"date": book.sessions, "equity": book.equity})
    floats = (one.name for one in EQUITY.columns if one.type == "float" and one.name != "equity")
    return conform(frame.assign(**dict.fromkeys(floats, 0.0), breaker=False, positions=0), EQUITY)
