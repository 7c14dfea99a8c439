"""An account as of a day: its bars, rules and ledger put together, replayed, and what is to be told of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.market import calendar
from lib.trading.account_bars import RAW, bars_of_prices
from lib.trading.charges import CostTable
from lib.trading.paper import book as books
from lib.trading.paper.replay import AccountBook, replay
from lib.trading.paper.settings import Matching, PaperRules
from lib.trading.rule_files import RuleBook

DECIDES = (
    "account_rules.py",
    "bars.py",
    "charges.py",
    "costs.py",
    "decisions.py",
    "indicator_rows.py",
    "indicators.py",
    "own_bars.py",
    "rules.py",
    "sizing.py",
    "stop_rules.py",
    "stops.py",
    "strategies.py",
    "paper/account.py",
    "paper/breaker.py",
    "paper/deciding.py",
    "paper/lots.py",
    "paper/matching.py",
    "paper/orders.py",
    "paper/phases.py",
    "paper/replay.py",
    "paper/settings.py",
)
"""The modules of this chapter that decisions and fills come from."""


@dataclass(frozen=True)
class PaperStudy:
    """An account as of a day. ``tomorrow`` is the session after its last, ``basis`` that of the prices.

    ``decided`` is the close of its last session in UTC, the moment of the orders for tomorrow.
    """

    book: AccountBook
    tables: dict[str, pd.DataFrame]
    lines: int
    opened: dict[str, Any]
    basis: tuple[str, ...]
    missing: tuple[str, ...]
    tomorrow: pd.Timestamp
    decided: pd.Timestamp
    lot_method: str

    @property
    def today(self) -> pd.Timestamp:
        """Its last session."""
        return self.book.sessions[-1]

    @property
    def standing(self) -> pd.DataFrame:
        """Orders for the next session."""
        found = self.tables["account_orders"]
        return found.loc[found["status"].isin(["OPEN", "PARTIAL"])]

    @property
    def last(self) -> pd.Series:
        """The account at its last close."""
        return self.tables["account_equity"].iloc[-1]


def paper_study(
    prices: pd.DataFrame,
    instruments: pd.DataFrame,
    ledger: pd.DataFrame,
    *,
    book: RuleBook,
    costs: CostTable,
    matching: Matching,
    symbols: Sequence[str],
    strategies: Sequence[str],
    capital: float,
    start: str,
    as_of: str,
    exchange: str,
) -> PaperStudy:
    """The account of a run from the tables ``prices``, ``instruments`` and ``account_ledger``."""
    bars = bars_of_prices(prices.loc[prices["date"] <= pd.Timestamp(as_of)], symbols)
    sector = instruments.dropna(subset="sector").set_index("symbol")["sector"]
    sectors = {str(name): str(sector[name]) for name in symbols if name in sector.index}
    rules = PaperRules(capital, pd.Timestamp(start), tuple(strategies), book, costs, matching, sectors)
    lines = books.lines_of_table(ledger)
    found = replay(bars, lines, rules, stamp=stamp(rules))
    basis = prices.loc[prices["symbol"].isin(list(symbols)), "price_basis"]
    known = np.any(bars.has_bar, axis=0).tolist()
    return PaperStudy(
        found,
        books.tables(found),
        len(lines),
        next((one.body for one in lines if one.kind in ("open", "reset")), {}),
        tuple(sorted(basis.unique())),
        tuple(name for name, there in zip(symbols, known, strict=True) if not there),
        calendar.next_trading_day(found.sessions[-1], exchange),
        calendar.closes(found.sessions[-1], found.sessions[-1], exchange).iloc[0],
        matching.lots,
    )


def stamp(rules: PaperRules) -> dict[str, Any]:
    """What is kept with every decision: how the rules were set, and by which code they were carried out."""
    of = rules.book
    parameters: dict[str, Any] = {
        "rules": of.settings if of else {},
        "sizing": of.sizing if of else {},
        "stops": asdict(of.stops) if of else {},
        "limits": asdict(rules.limits),
        "costs": asdict(rules.costs),
        "matching": asdict(rules.matching),
        "capital": rules.capital,
    }
    parameters = json.loads(json.dumps(parameters))
    return {"parameters": parameters, "parameters_digest": digest_of(parameters), "code": code_digest()}


def digest_of(parameters: Mapping[str, Any]) -> str:
    """Fingerprint of how rules are set."""
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()[:16]


def code_digest() -> str:
    """Fingerprint of the modules that decide and fill."""
    found, folder = hashlib.sha256(), Path(__file__).resolve().parents[1]
    for name in DECIDES:
        found.update((folder / name).read_bytes())
    return found.hexdigest()[:16]


def adjusted(study: PaperStudy) -> bool:
    """Whether prices are adjusted, so that splits and dividends are none of the account's."""
    return RAW not in study.basis
