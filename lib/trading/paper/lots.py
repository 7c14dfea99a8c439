"""Lots of a position: what was bought when and for what, and which of them a sale takes.

FIFO takes the oldest first, LIFO the newest, ``specific`` those that the order names and then the oldest.
``average`` keeps one lot at the mean price, entered with the first purchase.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from lib.trading.paper.orders import Order


@dataclass(slots=True)
class Lot:
    """Shares (negative when sold short) at a price, with the fees of the entry and dividends so far."""

    quantity: float
    price: float
    entered: int
    fees: float
    order: Order
    dividends: float = 0.0

    def part(self, share: float) -> Lot:
        """A share of the lot, which loses it."""
        taken = Lot(
            self.quantity * share,
            self.price,
            self.entered,
            self.fees * share,
            self.order,
            self.dividends * share,
        )
        self.quantity -= taken.quantity
        self.fees -= taken.fees
        self.dividends -= taken.dividends
        return taken


@dataclass(slots=True)
class Position:
    """What is held of a column under a strategy, where its stop and target stand, and its last entry.

    ``quantity`` is whole and signed. ``best`` is the best price since the entry. ``entered`` is the row of
    the last entry, made at the open, inside the bar or at its close (``when``).
    """

    strategy: str
    column: int
    quantity: int = 0
    lots: list[Lot] = field(default_factory=list)
    stop: float = math.nan
    target: float = math.nan
    best: float = math.nan
    entered: int = -1
    when: str = "open"
    entry_price: float = math.nan
    absent: int = 0

    @property
    def cost(self) -> float:
        """What is held at the prices of its entries, signed as the quantity."""
        return math.fsum(lot.quantity * lot.price for lot in self.lots)

    def add(self, lot: Lot, *, method: str) -> None:
        """Put a lot beside those that are there, or into the one at the mean price."""
        if method == "average" and self.lots:
            one = self.lots[0]
            shares = one.quantity + lot.quantity
            one.price = (one.quantity * one.price + lot.quantity * lot.price) / shares
            one.quantity, one.fees = shares, one.fees + lot.fees
        else:
            self.lots.append(lot)
        self.quantity += round(lot.quantity)

    def take(self, quantity: float, *, method: str, named: Iterable[str] = ()) -> list[Lot]:
        """Lots of ``quantity`` shares in all (signed as the position), the last one cut where it must be.

        ``quantity`` is at most what is held; the position's own count is the caller's to change.
        """
        if abs(quantity) >= abs(math.fsum(lot.quantity for lot in self.lots)) * (1.0 - 1e-9):
            taken, self.lots = self.lots, []
            return taken
        chosen = self._order(method, set(named))
        taken, left = [], abs(quantity)
        for lot in chosen:
            if left <= 0:
                break
            size = abs(lot.quantity)
            if size <= left * (1.0 + 1e-12):
                taken.append(lot)
                self.lots.remove(lot)
            else:
                taken.append(lot.part(left / size))
            left -= size
        return taken

    def _order(self, method: str, named: set[str]) -> list[Lot]:
        lots = list(self.lots)
        if method == "lifo":
            return lots[::-1]
        if method == "specific":
            return sorted(lots, key=lambda lot: lot.order.order_id not in named)
        return lots

    def split(self, ratio: float) -> float:
        """The basis after a split; shares beyond whole ones, which are paid out and not held any more."""
        for lot in self.lots:
            lot.quantity, lot.price = lot.quantity * ratio, lot.price / ratio
        for name in ("stop", "target", "best", "entry_price"):
            setattr(self, name, getattr(self, name) / ratio)
        exact = self.quantity * ratio
        whole = math.trunc(exact + math.copysign(1e-9, exact))
        beyond = exact - whole
        self.quantity = whole
        return beyond if abs(beyond) > 1e-9 else 0.0
