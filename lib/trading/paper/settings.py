"""What a paper account obeys: its money and rules, and how its orders are matched and settled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from lib.trading.account_rules import AccountRules
from lib.trading.charges import CostTable
from lib.trading.costs import PAPER
from lib.trading.rule_files import Limits, RuleBook

MANUAL = "manual"
"""The strategy of what a person ordered."""
QUEUES = ("touch", "through")
LOT_METHODS = ("fifo", "lifo", "average", "specific")
RESETS = ("session", "manual")
YEAR = 365.0


@dataclass(frozen=True)
class Matching:
    """How orders meet bars, and how trades are settled.

    ``participation`` is the largest share of a bar's volume that all orders of a symbol get, infinite for no
    limit. Without ``reserve`` purchases keep no cash back and only the cash at the open limits them.
    ``queue`` says whether a limit fills when a price touches it or only when one goes through. Money of a
    sale pays for purchases ``settlement`` sessions later. ``lots`` says which are sold first. ``short`` lets
    a person sell what is not held, at ``borrow`` a year of its value. ``breaker_reset``: entries are let
    through again with the next session, or when a person says so.
    """

    participation: float = 0.10
    queue: str = "touch"
    settlement: int = 1
    lots: str = "fifo"
    short: bool = False
    borrow: float = 0.03
    breaker_reset: str = "session"
    reserve: bool = True

    def __post_init__(self) -> None:
        named = (
            ("queue", self.queue, QUEUES),
            ("lots", self.lots, LOT_METHODS),
            ("breaker_reset", self.breaker_reset, RESETS),
        )
        for name, value, choices in named:
            if value not in choices:
                raise ValueError(f"{name} is {value!r}; take one of {', '.join(choices)}")
        some = 0 < self.participation <= 1 or self.participation == math.inf
        if not some or self.settlement < 0 or not 0 <= self.borrow <= 1:
            raise ValueError(f"{self} has a number out of its range")


@dataclass(frozen=True)
class PaperRules:
    """One account: money, first session, rules by name with their book, costs, matching, sectors by symbol.

    A symbol without a sector has that limit for itself. Without strategies only a person's orders are
    followed.
    """

    capital: float
    start: pd.Timestamp
    strategies: tuple[str, ...] = ()
    book: RuleBook | None = None
    costs: CostTable = field(default_factory=lambda: CostTable(PAPER))
    matching: Matching = field(default_factory=Matching)
    sectors: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.capital > 0:
            raise ValueError(f"capital is {self.capital}; give money above 0")
        if self.strategies and self.book is None:
            raise ValueError("strategies need the book of their rules")

    @cached_property
    def sizes(self) -> AccountRules:
        """How positions are sized, and how long a symbol may be without a bar."""
        return self.book.account(self.capital) if self.book else AccountRules(self.capital)

    @cached_property
    def limits(self) -> Limits:
        """The most that it may hold, and the loss of a day that stops its entries."""
        return self.book.limits if self.book else Limits(positions=1000, daily_loss=1.0)
