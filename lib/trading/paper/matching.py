"""At what price a bar fills an order, if it does.

Market: the open. Limit: the open where that is at the limit or better, else the limit once a price touches it
(or goes through it). Stop market (SL-M): at the worse of open and trigger once the trigger is touched. Stop
limit (SL): a limit from the trigger on; one that is woken inside a bar fills at the trigger where its limit
allows that, else on later bars, since whether the price came back after the trigger a bar does not tell.
Where only the close is known, a market order fills there, a stop at the worse of trigger and close, and a
limit at its own price. Only market orders and stop market orders pay slippage.
"""

from __future__ import annotations

import math
from typing import NamedTuple

BUY, SELL = 1, -1


class Bar(NamedTuple):
    """Prices and volume of a symbol in a session; NaN where they are not known, ``close`` always is."""

    open: float
    high: float
    low: float
    close: float
    volume: float


class Match(NamedTuple):
    """A price before slippage; whether slippage is paid, and whether it was made at the open."""

    price: float
    slips: bool
    at_open: bool


def filled(
    kind: str, side: int, bar: Bar, *, limit: float, trigger: float, awake: bool, queue: str = "touch"
) -> tuple[Match | None, bool]:
    """How ``bar`` fills an order of ``kind``, and whether a stop order is awake after it.

    ``awake`` says whether a stop limit was triggered by an earlier bar.
    """
    known = not math.isnan(bar.open)
    first = bar.open if known else bar.close
    if kind == "MARKET":
        return Match(first, True, known), awake
    if kind == "LIMIT" or (kind == "SL" and awake):
        return _at_limit(side, bar, first, known, limit, queue), awake
    reach = _high(bar) if side == BUY else _low(bar)
    if side * (reach - trigger) < 0:
        return None, False
    at_open = known and side * (first - trigger) >= 0
    if kind == "SL-M":
        return Match(side * max(side * first, side * trigger), True, at_open), True
    if at_open:
        return _at_limit(side, bar, first, known, limit, queue), True
    reached = trigger if known else side * max(side * first, side * trigger)
    return (Match(reached, False, False) if side * (limit - reached) >= 0 else None), True


def _at_limit(side: int, bar: Bar, first: float, known: bool, limit: float, queue: str) -> Match | None:
    if known and side * (limit - first) >= 0:
        return Match(first, False, True)
    reach = _low(bar) if side == BUY else _high(bar)
    beyond = side * (limit - reach)
    return Match(limit, False, False) if beyond > 0 or (beyond == 0 and queue == "touch") else None


def _high(bar: Bar) -> float:
    return bar.close if math.isnan(bar.high) else bar.high


def _low(bar: Bar) -> float:
    return bar.close if math.isnan(bar.low) else bar.low


def capacity(volume: float, participation: float) -> float:
    """Shares that a bar's volume gives to all orders of its symbol; infinite where it is not known."""
    if math.isinf(participation):
        return math.inf
    return math.inf if math.isnan(volume) else math.floor(volume * participation * (1.0 + 1e-12))
