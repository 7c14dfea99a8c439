"""One stop for all rules: where the stop of every entry stands, whatever the strategy itself proposes.

``own`` keeps the strategy's stop, ``none`` takes it away. ``fixed`` is an amount of money below the close of
the decision, ``percent`` a share of it, ``atr`` a multiple of the average true range. ``trailing`` starts as
``percent`` or, where a multiple is given, as ``atr``, and follows the best price at that distance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lib.trading.bars import Bars
from lib.trading.decisions import ENTER, Decisions
from lib.trading.indicators import atr
from lib.trading.own_bars import carried
from lib.trading.sizing import LONG, SHORT
from lib.trading.stops import atr_stop, fixed_stop, percent_stop

KINDS = ("own", "none", "fixed", "percent", "atr", "trailing")


@dataclass(frozen=True)
class StopRule:
    """A kind and its size: ``distance`` is money, ``share`` of the close, ``multiple`` of the true range."""

    kind: str = "own"
    distance: float = 0.0
    share: float = 0.0
    multiple: float = 0.0
    period: int = 14

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is {self.kind!r}; take one of {', '.join(KINDS)}")
        needed = {"fixed": self.distance, "percent": self.share, "atr": self.multiple}
        needed["trailing"] = max(self.share, self.multiple)
        if not needed.get(self.kind, 1.0) > 0:
            raise ValueError(f"a {self.kind} stop needs its size above 0")
        if not 0 <= self.share < 1 or self.distance < 0 or self.multiple < 0 or self.period < 1:
            raise ValueError(f"{self} has a size out of its range")


def with_stops(decisions: Decisions, bars: Bars, rule: StopRule) -> tuple[Decisions, np.ndarray | None]:
    """The decisions with the stops of ``rule``, and how far a trailing stop stands away at each close (T, N).

    The second is for ``backtest(trail=)``; None where nothing trails. An entry whose range is not known yet
    has no stop, which an account that sizes by risk refuses.
    """
    if rule.kind == "own":
        return decisions, None
    placed, trail = _placed(decisions, bars.chained, rule)
    chain = bars.chain
    if chain is None:
        return placed, trail
    of_day = replace(placed, stop=placed.stop / chain)
    return of_day, None if trail is None else trail / chain


def _placed(decisions: Decisions, bars: Bars, rule: StopRule) -> tuple[Decisions, np.ndarray | None]:
    """The same on bars of one basis."""
    close, side = bars.close, np.where(decisions.action == ENTER, LONG, SHORT)
    usual = atr(bars.high, bars.low, close, period=rule.period)
    by_range = rule.kind == "atr" or (rule.kind == "trailing" and rule.multiple > 0)
    if rule.kind == "none":
        stop = np.full(close.shape, np.nan)
    elif rule.kind == "fixed":
        stop = fixed_stop(entry=close, distance=rule.distance, side=side)
    elif by_range:
        stop = atr_stop(entry=close, atr=usual, multiple=rule.multiple, side=side)
    else:
        stop = percent_stop(entry=close, share=rule.share, side=side)
    placed = Decisions(decisions.action, decisions.confidence, stop, decisions.target, decisions.reason).only(
        decisions.action != 0
    )
    if rule.kind != "trailing":
        return placed, None
    return placed, carried(usual * rule.multiple if by_range else close * rule.share)
