"""An order of the account while it stands and after it, and how the ledger writes it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from lib.trading.paper.matching import BUY, SELL

SIDES = {"BUY": BUY, "SELL": SELL}
TYPES = ("MARKET", "LIMIT", "SL", "SL-M")
DAY, GTC = "DAY", "GTC"
STANDING = ("OPEN", "PARTIAL")


@dataclass(slots=True)
class Order:
    """What is ordered, of which column, and what has become of it so far.

    ``decided`` is the row at whose close it was decided (for a person's, the row before its first bar).
    ``stop`` and ``target`` are those of the position that it opens. Prices are on the basis of the day and
    NaN where there is none. ``lots`` are the orders whose lots are sold first. ``symbol`` is
    as it was written, where that is no column.
    """

    order_id: str
    decided: int
    column: int
    side: int
    quantity: int
    type: str = "MARKET"
    limit: float = math.nan
    trigger: float = math.nan
    validity: str = DAY
    strategy: str = ""
    confidence: float = math.nan
    stop: float = math.nan
    target: float = math.nan
    reason: str = ""
    lots: tuple[str, ...] = ()
    status: str = "OPEN"
    filled: float = 0.0
    value: float = 0.0
    commission: float = 0.0
    charges: float = 0.0
    ended: int = -1
    outcome: str = ""
    awake: bool = False
    reserved: float = 0.0
    seen: bool = False
    symbol: str = ""

    @property
    def open_quantity(self) -> float:
        """Shares that are not filled yet."""
        return self.quantity - self.filled

    @property
    def stands(self) -> bool:
        """Whether it may still be filled."""
        return self.status in STANDING

    def end(self, row: int, status: str, outcome: str = "") -> None:
        """It is done with."""
        self.status, self.ended, self.outcome, self.reserved = status, row, outcome, 0.0

    def split(self, ratio: float) -> None:
        """On the basis after a split: shares times ``ratio`` (a fraction is dropped), prices over it."""
        self.quantity = int(self.quantity * ratio + 1e-9)
        self.filled *= ratio
        for name in ("limit", "trigger", "stop", "target"):
            setattr(self, name, getattr(self, name) / ratio)


def written(order: Order, symbol: str) -> dict[str, Any]:
    """What the ledger keeps of an order that was decided."""
    prices = {name: _or_none(getattr(order, name)) for name in PRICES}
    return {
        "order_id": order.order_id,
        "strategy": order.strategy,
        "symbol": symbol,
        "side": "BUY" if order.side == BUY else "SELL",
        "quantity": order.quantity,
        "type": order.type,
        "validity": order.validity,
        "reason": order.reason,
        **prices,
    }


PRICES = ("limit", "trigger", "confidence", "stop", "target")


def read(said: dict[str, Any], *, row: int, column: int) -> Order:
    """The order that ``written`` wrote, or that a person typed."""
    return Order(
        str(said["order_id"]),
        row,
        column,
        SIDES[said["side"]],
        int(said["quantity"]),
        type=said.get("type", "MARKET"),
        validity=said.get("validity", DAY),
        strategy=said["strategy"],
        reason=said.get("reason", ""),
        lots=tuple(said.get("lots", ())),
        limit=_or_nan(said.get("limit")),
        trigger=_or_nan(said.get("trigger")),
        confidence=_or_nan(said.get("confidence")),
        stop=_or_nan(said.get("stop")),
        target=_or_nan(said.get("target")),
        symbol=str(said["symbol"]) if column < 0 else "",
    )


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else float(value)
