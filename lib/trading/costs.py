"""What trading costs: a commission by value and by order, and slippage against the one who trades at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Costs:
    """Commission and slippage as shares of the value, and a fixed commission an order in money.

    0.0005 is 5 basis points. Slippage is charged to market orders and touched stops, not to limits.
    """

    commission: float = 0.0005
    per_order: float = 0.0
    slippage: float = 0.001

    def __post_init__(self) -> None:
        if not (0 <= self.commission < 1 and 0 <= self.slippage < 1 and 0 <= self.per_order < np.inf):
            raise ValueError(f"{self} has a cost below 0, or a share of 1 or more")

    def price(self, price: Any, *, side: Any) -> Any:
        """What a market order is filled at: more for a buyer (side 1), less for a seller (-1)."""
        return price * (1.0 + side * self.slippage)

    def fee(self, value: Any) -> Any:
        """Commission of one order that trades ``value`` of money; nothing where nothing trades."""
        return (value > 0.0) * (self.per_order + self.commission * value)

    def affordable(self, cash: float, price: float) -> int:
        """The most shares at ``price`` whose value and commission leave no less than 0 of ``cash``."""
        most = max(int((cash - self.per_order) // (price * (1.0 + self.commission))), 0)
        while most and most * price + self.fee(most * price) > cash:
            most -= 1
        return most


FREE = Costs(0.0, 0.0, 0.0)
ENGINE = Costs()
"""5 basis points of commission and 10 of slippage."""
PAPER = Costs(commission=0.0003, per_order=20.0, slippage=0.0005)
"""A discount broker in rupees: 20 an order and 3 basis points, 5 of slippage."""
