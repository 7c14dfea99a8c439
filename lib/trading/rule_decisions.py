"""What every rule of an account says of every symbol, and the same side by side for one account.

Side by side a column is a rule and a symbol, so that two rules may hold the same symbol and leave it each for
itself, out of one cash.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.trading.bars import Bars
from lib.trading.decisions import Decisions
from lib.trading.own_bars import bar_numbers
from lib.trading.rule_files import RuleBook
from lib.trading.stop_rules import with_stops
from lib.trading.strategies import STRATEGIES, said

BETWEEN = "/"
"""Between the rule and the symbol in the name of a column."""


@dataclass(frozen=True)
class Told:
    """Decisions of one rule (T, N) with the account's stops, how far stops trail, and what symbols lack.

    ``settled`` (T, N) are the sessions after the warm-up of its indicators.
    """

    decisions: Decisions
    trail: np.ndarray | None
    lacking: dict[str, tuple[str, ...]]
    settled: np.ndarray


@dataclass(frozen=True)
class Together:
    """All rules side by side: bars, decisions and trails with a column for each rule and symbol."""

    bars: Bars
    decisions: Decisions
    trail: np.ndarray | None
    groups: np.ndarray


def told(strategy: str, bars: Bars, book: RuleBook) -> Told:
    """What a rule says under the settings of ``book``."""
    settings = book.settings[strategy]
    found = said(strategy, bars, **settings)
    decisions, trail = with_stops(found.decisions, bars, book.stops)
    settled = bar_numbers(bars.close) > STRATEGIES[strategy].warm_up(settings)
    return Told(decisions, trail, found.lacking, settled)


def together(bars: Bars, by_rule: dict[str, Told]) -> Together:
    """The rules side by side, in their order."""
    count = len(bars.symbols)
    chosen = np.tile(np.arange(count), len(by_rule))
    names = [f"{rule}{BETWEEN}{symbol}" for rule in by_rule for symbol in bars.symbols]
    every = [one.decisions for one in by_rule.values()]
    joined = Decisions(
        *(
            np.hstack([getattr(one, name) for one in every])
            for name in ("action", "confidence", "stop", "target", "reason")
        )
    )
    trails = [one.trail for one in by_rule.values()]
    known = [np.full(bars.close.shape, np.nan) if one is None else one for one in trails]
    trail = None if all(one is None for one in trails) else np.hstack(known)
    return Together(bars.columns(chosen, names), joined, trail, np.repeat(np.arange(len(by_rule)), count))


def parted(name: str) -> tuple[str, str]:
    """Rule and symbol of a column of ``together``."""
    rule, _, symbol = name.partition(BETWEEN)
    return rule, symbol
