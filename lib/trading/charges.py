"""Statutory charges of an exchange: what a purchase or a sale pays beside the broker, row by row of a table.

A row takes its rate of the value traded, of the number of shares, of the broker's commission, or of all fees
before it in the table (a tax on services). Rates are decimals, those on shares are money a share.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.trading.costs import Costs

SIDES = ("buy", "sell", "both")
BASES = ("value", "shares", "commission", "fees")


@dataclass(frozen=True)
class Charge:
    """One row: its name, the side that pays it, what it is a rate of, the rate, and who says so."""

    name: str
    side: str
    base: str
    rate: float
    source: str

    def falls_on(self, side: int) -> bool:
        """Whether a purchase (1) or a sale (-1) pays it."""
        return self.side == "both" or (self.side == "buy") == (side > 0)


@dataclass(frozen=True)
class CostTable:
    """Commission and slippage of the broker, and the charges of one exchange in the order of its table."""

    costs: Costs
    charges: tuple[Charge, ...] = ()

    def charged(self, *, side: int, quantity: float, value: float) -> dict[str, float]:
        """Charges of one order by name, in money; ``side`` is 1 to buy, -1 to sell, ``value`` is positive."""
        commission = float(self.costs.fee(value))
        found: dict[str, float] = {}
        for one in self.charges:
            if one.falls_on(side):
                fees = commission + sum(found.values())
                bases = {"value": value, "shares": quantity, "commission": commission, "fees": fees}
                found[one.name] = found.get(one.name, 0.0) + one.rate * bases[one.base]
        return found

    @property
    def even_costs(self) -> Costs:
        """Costs for an account that charges both sides alike: half of the charges of a purchase and a sale.

        Charges on shares are left out, since they are no share of the value. A round trip at one price
        costs the same as by the table.
        """
        plain = CostTable(self.costs, tuple(one for one in self.charges if one.base != "shares"))
        at_one, at_two = (
            sum(sum(plain.charged(side=side, quantity=0.0, value=value).values()) for side in (1, -1)) / 2.0
            for value in (1.0, 2.0)
        )
        share, fixed = at_two - at_one, 2.0 * at_one - at_two
        return Costs(self.costs.commission + share, self.costs.per_order + fixed, self.costs.slippage)
