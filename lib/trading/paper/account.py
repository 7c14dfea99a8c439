"""The account's money, positions and orders, and how one fill changes all three.

Cash is never spent twice: what open purchases may need is reserved, and money of a sale pays for purchases
only once it is settled. Equity is cash and holdings; equity less the capital is what was realised and is not
realised yet, less costs, with dividends.
"""

from __future__ import annotations

import math
from collections import deque
from typing import NamedTuple

from lib.trading.bars import Bars
from lib.trading.own_bars import carried
from lib.trading.paper.lots import Lot, Position
from lib.trading.paper.matching import BUY, SELL, Bar, Match
from lib.trading.paper.orders import Order
from lib.trading.paper.settings import PaperRules

COLLATERAL = 1.5
"""Cash that is kept for a short position, over its value."""


class Fill(NamedTuple):
    """One fill; ``row`` is the session's position, money as in the table of fills."""

    row: int
    order: Order
    strategy: str
    side: int
    quantity: float
    price: float
    slippage: float
    commission: float
    charges: float
    reason: str
    flags: str


class Closed(NamedTuple):
    """A lot and what ended it: shares positive, ``side`` 1 for a long, costs of both sides."""

    lot: Lot
    strategy: str
    column: int
    side: int
    quantity: float
    row: int
    price: float
    fees: float
    reason: str
    ambiguous: bool


class Account:
    """State between sessions; ``row`` is the session at hand."""

    def __init__(self, bars: Bars, rules: PaperRules):
        self.bars, self.rules, self.row = bars, rules, -1
        self.symbols = [str(one) for one in bars.symbols]
        self.column = {symbol: at for at, symbol in enumerate(self.symbols)}
        arrays = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        self.open_, self.high, self.low, self.close_, self.volume = (one.tolist() for one in arrays)
        chain = bars.chain
        last = carried(bars.chained.close)
        self.last = (last if chain is None else last / chain).tolist()
        self.cash = rules.capital
        self.unsettled: deque[tuple[int, float]] = deque()
        self.positions: dict[tuple[str, int], Position] = {}
        self.working: dict[str, Order] = {}
        self.orders: list[Order] = []
        self.known: set[str] = set()
        self.fills: list[Fill] = []
        self.closed: list[Closed] = []
        self.realised = self.costs = self.dividends = 0.0
        self.room: dict[int, float] = {}
        self.worth = rules.capital

    def bar(self, column: int) -> Bar | None:
        """The bar of a column in this session, if it has one."""
        row = self.row
        close = self.close_[row][column]
        if close != close:
            return None
        return Bar(
            self.open_[row][column],
            self.high[row][column],
            self.low[row][column],
            close,
            self.volume[row][column],
        )

    def waiting(self, row: int) -> float:
        """Cash of sales that is not settled at the open of session ``row``."""
        return math.fsum(amount for due, amount in self.unsettled if due > row)

    @property
    def reserved(self) -> float:
        """Cash that open purchases and short positions may need."""
        ordered = math.fsum(one.reserved for one in self.working.values())
        return ordered + COLLATERAL * self._sold_short() if self.rules.matching.short else ordered

    def _sold_short(self) -> float:
        last = self.last[self.row]
        return math.fsum(
            -one.quantity * last[one.column] for one in self.positions.values() if one.quantity < 0
        )

    def free(self, row: int | None = None) -> float:
        """Cash that a new purchase may use, in this session or at the open of session ``row``."""
        return self.cash - self.waiting(self.row if row is None else row) - self.reserved

    def held(self, strategy: str, column: int) -> int:
        """Shares of a column under a strategy."""
        position = self.positions.get((strategy, column))
        return position.quantity if position else 0

    def invested(self) -> float:
        """Value of what is held at the last closes."""
        last = self.last[self.row]
        return math.fsum(one.quantity * last[one.column] for one in self.positions.values())

    def fees(self, order: Order, quantity: float, price: float) -> tuple[float, float]:
        """Commission and charges of filling ``quantity`` more of an order, beside what it paid already."""
        table, value = self.rules.costs, order.value + quantity * price
        commission = float(table.costs.fee(value)) - order.commission
        charged = table.charged(side=order.side, quantity=order.filled + quantity, value=value)
        return max(commission, 0.0), max(math.fsum(charged.values()) - order.charges, 0.0)

    def cost(self, order: Order, quantity: float, price: float) -> float:
        """Money that filling ``quantity`` more of a purchase takes, fees included."""
        return quantity * price + math.fsum(self.fees(order, quantity, price))

    def affordable(self, order: Order, price: float, money: float, most: float) -> int:
        """The most shares up to ``most`` that ``money`` pays for at ``price``, fees included."""
        most = int(most)
        if most < 1 or self.cost(order, most, price) <= money:
            return max(most, 0)
        one, two = self.cost(order, 1, price), self.cost(order, 2, price)
        fixed = one - (two - one)
        found = max(min(int((money - fixed) // (two - one)) + 1, most), 0)
        while found and self.cost(order, found, price) > money:
            found -= 1
        return found

    def place(self, order: Order) -> None:
        """Let an order stand from the next matching on."""
        self.known.add(order.order_id)
        self.orders.append(order)
        self.working[order.order_id] = order

    def refuse(self, order: Order, outcome: str, row: int) -> None:
        """Keep an order that was never let stand."""
        self.known.add(order.order_id)
        order.end(row, "REJECTED", outcome)
        self.orders.append(order)

    def finish(self, order: Order, status: str, outcome: str = "") -> None:
        """An order that stands does so no more."""
        order.end(self.row, status, outcome)
        self.working.pop(order.order_id, None)

    def carry_out(
        self,
        order: Order,
        strategy: str,
        match: Match,
        quantity: float,
        *,
        reason: str,
        flags: tuple[str, ...] = (),
        when: str = "open",
        ambiguous: bool = False,
    ) -> None:
        """Fill ``quantity`` of an order: what it closes first, and what it opens."""
        side = order.side
        price = self.rules.costs.costs.price(match.price, side=side) if match.slips else match.price
        key = (strategy, order.column)
        held = self.held(*key)
        ending = min(max(-side * held, 0), quantity)
        commission, charges = self.fees(order, quantity, price)
        fees = commission + charges
        order.commission, order.charges = order.commission + commission, order.charges + charges
        order.filled, order.value = order.filled + quantity, order.value + quantity * price
        self._pay(-side * quantity * price - fees, settles=side == SELL)
        self.costs += fees
        self.fills.append(
            Fill(
                self.row,
                order,
                strategy,
                side,
                quantity,
                price,
                abs(price - match.price) * quantity,
                commission,
                charges,
                reason,
                ",".join(sorted(set(flags))),
            )
        )
        if ending:
            self.end(key, ending, price, fees * ending / quantity, reason, ambiguous, order.lots)
        if quantity > ending:
            self._enter(key, order, side * (quantity - ending), price, fees * (1 - ending / quantity), when)
        order.status = "PARTIAL" if order.open_quantity >= 1 else "COMPLETE"
        if order.status == "COMPLETE":
            order.end(self.row, "COMPLETE")
            self.working.pop(order.order_id, None)

    def _pay(self, amount: float, *, settles: bool) -> None:
        self.cash += amount
        if settles and amount > 0 and self.rules.matching.settlement:
            self.unsettled.append((self.row + self.rules.matching.settlement, amount))

    def end(
        self,
        key: tuple[str, int],
        quantity: float,
        price: float,
        fees: float,
        reason: str,
        ambiguous: bool,
        named: tuple[str, ...] = (),
    ) -> None:
        """Take lots of ``quantity`` shares out of a position, each a trade that is over."""
        position = self.positions[key]
        side = 1 if position.lots[0].quantity > 0 else -1
        taken = position.take(side * quantity, method=self.rules.matching.lots, named=named)
        position.quantity -= side * int(quantity)
        for lot in taken:
            size = abs(lot.quantity)
            self.realised += side * (price - lot.price) * size
            self.closed.append(
                Closed(
                    lot,
                    key[0],
                    key[1],
                    side,
                    size,
                    self.row,
                    price,
                    lot.fees + fees * size / quantity,
                    reason,
                    ambiguous,
                )
            )
        if not position.quantity:
            del self.positions[key]

    def _enter(
        self, key: tuple[str, int], order: Order, signed: float, price: float, fees: float, when: str
    ) -> None:
        position = self.positions.setdefault(key, Position(*key))
        fresh = not position.quantity
        position.add(Lot(signed, price, self.row, fees, order), method=self.rules.matching.lots)
        position.entered, position.when, position.entry_price = self.row, when, price
        side = 1 if signed > 0 else -1
        position.best = price if fresh else side * max(side * position.best, side * price)
        if fresh or not math.isnan(order.stop):
            position.stop = order.stop
        if fresh or not math.isnan(order.target):
            position.target = order.target

    def slipped(self, price: float, side: int) -> float:
        """What a market order pays at ``price``."""
        return float(self.rules.costs.costs.price(price, side=side))

    def worst(self, order: Order) -> float:
        """The most money that the open part of a purchase takes, as far as prices tell before its bar."""
        last = self.last[self.row][order.column]
        price = {
            "MARKET": self.slipped(last, BUY),
            "SL-M": self.slipped(max(order.trigger, last), BUY),
        }.get(order.type, order.limit)
        return self.cost(order, order.open_quantity, price)
