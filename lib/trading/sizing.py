"""How many shares a trade may have: by the money at risk and by every cap, the smallest of them.

Quantity = floor(budget / (|entry - stop| + costs per share)), budget = balance x risk; then no more than the
largest position, the balance with its leverage and a share of the usual volume allow, in whole lots. What is
reported as risked is the quantity's own risk, not the budget. All arguments broadcast against each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

LONG, SHORT = 1, -1
MOST_RISK = 0.10
SLACK = 1e-12
"""Relative slack of a floor: 66 lots worth 66.0 after rounding are 66, not 65."""


@dataclass(frozen=True)
class Caps:
    """Limits of one position, in the account's currency; infinite means none.

    ``leverage`` multiplies the balance that may be spent, ``volume_share`` is of the usual daily volume in
    shares, ``lot`` the shares that trade together.
    """

    most_value: float = np.inf
    leverage: float = 1.0
    volume_share: float = 0.01
    lot: int = 1

    def __post_init__(self) -> None:
        if self.most_value <= 0 or self.leverage <= 0 or not 0 < self.volume_share <= 1 or self.lot < 1:
            raise ValueError(f"{self} has a limit that is not above 0, or a share above 1")


class Sizes(NamedTuple):
    """Whole shares and what they come to, in money; arrays of one shape.

    ``risk`` is what the stop would lose, costs included, ``risk_share`` of the balance. ``limited_by`` is the
    code of the cap that bound (SIZE_BY_...); ``rejected`` a code where the quantity is 0, else empty.
    """

    quantity: np.ndarray
    value: np.ndarray
    budget: np.ndarray
    risk: np.ndarray
    risk_share: np.ndarray
    limited_by: np.ndarray
    rejected: np.ndarray


def position_size(
    *,
    entry: Any,
    stop: Any,
    side: Any = LONG,
    balance: Any,
    risk: Any = 0.01,
    caps: Caps | None = None,
    usual_volume: Any = np.inf,
    cost_per_share: Any = 0.0,
) -> Sizes:
    """Shares for an entry at ``entry`` with a stop at ``stop``; ``side`` is 1 long or -1 short.

    ``risk`` is the share of the balance that the stop may lose, above 0 and at most 0.10; ``cost_per_share``
    (entry and exit, or a buffer for gaps) is risked too. ``usual_volume`` is a day's in shares, infinite
    where it is not to bind; NaN allows nothing. A wrong input gives 0 shares and its code, no exception.
    """
    caps = caps or Caps()
    given = (entry, stop, side, balance, risk, usual_volume, cost_per_share)
    entry, stop, side, balance, risk, usual, cost = np.broadcast_arrays(
        *(np.asarray(one, dtype=float) for one in given)
    )
    faults = _faults(entry, stop, side, balance, risk)
    sound = np.select([fault for _, fault in faults], [False] * len(faults), default=True).astype(bool)
    safe_entry = np.where(sound, entry, 1.0)
    at_stake = np.where(sound, np.abs(entry - stop), 1.0) + cost
    budget = np.where(sound, balance * risk, 0.0)
    limits = {
        "SIZE_BY_RISK": budget / at_stake,
        "SIZE_BY_POSITION": np.broadcast_to(caps.most_value / safe_entry, entry.shape),
        "SIZE_BY_BALANCE": balance * caps.leverage / safe_entry,
        "SIZE_BY_VOLUME": np.where(np.isnan(usual), 0.0, usual * caps.volume_share),
    }
    lots = np.stack([np.floor(one / caps.lot * (1.0 + SLACK)) * caps.lot for one in limits.values()])
    quantity = np.where(sound, lots.min(axis=0), 0.0)
    rejected = np.select(
        [*(fault for _, fault in faults), quantity < 1], [*(code for code, _ in faults), "SIZE_ZERO"], ""
    )
    lost = quantity * at_stake
    return Sizes(
        quantity.astype(np.int64),
        quantity * safe_entry,
        budget,
        lost,
        np.divide(lost, balance, out=np.zeros(lost.shape), where=sound),
        np.where(sound, np.asarray(tuple(limits))[lots.argmin(axis=0)], ""),
        rejected,
    )


def size_of_one(
    *, entry: float, stop: float, side: int, balance: float, risk: float, caps: Caps, usual_volume: float
) -> tuple[int, str]:
    """Quantity and code of ``position_size`` for one trade without costs, in plain numbers, faster."""
    for code, wrong in (
        ("ENTRY_NOT_POSITIVE", not 0 < entry < math.inf),
        ("STOP_NOT_POSITIVE", not 0 < stop < math.inf),
        ("STOP_AT_ENTRY", entry == stop),
        ("STOP_WRONG_SIDE", side * (entry - stop) < 0),
        ("BALANCE_NOT_POSITIVE", not 0 < balance < math.inf),
        ("RISK_OUT_OF_RANGE", not 0 < risk <= MOST_RISK),
    ):
        if wrong:
            return 0, code
    volume = 0.0 if math.isnan(usual_volume) else usual_volume * caps.volume_share
    limits = (balance * risk / abs(entry - stop), caps.most_value / entry, balance * caps.leverage / entry)
    quantity = math.floor(min(*limits, volume) / caps.lot * (1.0 + SLACK)) * caps.lot
    return quantity, "" if quantity else "SIZE_ZERO"


def _faults(entry, stop, side, balance, risk) -> list[tuple[str, np.ndarray]]:
    """What makes a size meaningless, the first that holds being told; NaN is never above 0."""
    if not np.isin(side, (LONG, SHORT)).all():
        raise ValueError("a side is 1 (long) or -1 (short)")
    return [
        ("ENTRY_NOT_POSITIVE", ~((entry > 0) & np.isfinite(entry))),
        ("STOP_NOT_POSITIVE", ~((stop > 0) & np.isfinite(stop))),
        ("STOP_AT_ENTRY", entry == stop),
        ("STOP_WRONG_SIDE", side * (entry - stop) < 0),
        ("BALANCE_NOT_POSITIVE", ~((balance > 0) & np.isfinite(balance))),
        ("RISK_OUT_OF_RANGE", ~((risk > 0) & (risk <= MOST_RISK))),
    ]
