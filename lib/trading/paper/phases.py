"""One session of an account before its close: actions, a person's lines, the open, resting orders, stops.

The order is that of the rules' own backtest: splits and dividends; exits at the open; entries at the open, a
person's first and then by confidence; resting orders, sales first; stops and targets of what is held.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from lib.trading.paper.account import Account, Fill
from lib.trading.paper.lots import Position
from lib.trading.paper.matching import BUY, SELL, Bar, Match, capacity, filled
from lib.trading.paper.orders import DAY, GTC, Order, read
from lib.trading.paper.settings import MANUAL
from lib.trading.stops import bar_exit

PRICE_MISSED = {True: "LIMIT_NOT_REACHED", False: "TRIGGER_NOT_REACHED"}
NO_OPEN, NO_VOLUME, TRIMMED, AMBIGUOUS = "NO_OPEN", "NO_VOLUME", "TRIMMED", "AMBIGUOUS_BAR"


def begin(account: Account, row: int) -> None:
    """A new session: money that is due is settled, and every bar has its volume to give."""
    account.row, account.room = row, {}
    while account.unsettled and account.unsettled[0][0] <= row:
        account.unsettled.popleft()


def act(account: Account, row: int) -> None:
    """Pay dividends on what was held over night, then split it; what is beyond whole shares is paid out."""
    bars = account.bars
    if bars.split is None or bars.dividend is None:
        return
    for key, position in list(account.positions.items()):
        paid, ratio = float(bars.dividend[row, key[1]]), float(bars.split[row, key[1]])
        if paid:
            for lot in position.lots:
                lot.dividends += lot.quantity * paid
            account.cash += position.quantity * paid
            account.dividends += position.quantity * paid
        if ratio != 1.0:
            _split(account, key, position, ratio)
    for order in list(account.working.values()):
        ratio = float(bars.split[row, order.column])
        if ratio != 1.0:
            order.split(ratio)
            if order.open_quantity < 1:
                account.finish(order, "EXPIRED", "SIZE_ZERO")


def _split(account: Account, key: tuple[str, int], position: Position, ratio: float) -> None:
    entry = position.lots[-1].order
    beyond = position.split(ratio)
    if not beyond:
        return
    row, size = account.row, abs(beyond)
    price = account.last[row - 1][key[1]] / ratio
    order = Order(
        f"{entry.order_id}-fraction-{row}",
        row - 1,
        key[1],
        SELL if beyond > 0 else BUY,
        0,
        strategy=key[0],
        reason="FRACTION_PAID",
        filled=size,
        value=size * price,
    )
    account.known.add(order.order_id)
    account.orders.append(order)
    order.end(row, "COMPLETE")
    account.cash += beyond * price
    made = (size, price, 0.0, 0.0, 0.0, order.reason, "")
    account.fills.append(Fill(row, order, key[0], order.side, *made))
    account.end(key, size, price, 0.0, order.reason, False)


def admit(account: Account, lines: Iterable[Any], *, blocked: bool) -> None:
    """What a person wrote for this session: orders that may stand, cancels, trades made elsewhere."""
    for line in lines:
        if line.kind == "cancel":
            order = account.working.get(line.body["order_id"])
            if order:
                account.finish(order, "CANCELLED", "BY_HAND")
        elif line.kind in ("order", "trade"):
            _admit(account, line, blocked=blocked)


def _admit(account: Account, line: Any, *, blocked: bool) -> None:
    said, row = line.body, account.row
    column = account.column.get(said["symbol"], -1)
    order = read({"strategy": MANUAL, "reason": "BY_HAND", **said}, row=row - 1, column=column)
    if order.order_id in account.known:
        order.order_id = f"{order.order_id}-{line.number}"
        account.refuse(order, "DOUBLE_ID", row)
    elif column < 0 or math.isnan(account.last[row][column]):
        account.refuse(order, "NO_SUCH_SYMBOL", row)
    elif line.kind == "trade":
        account.place(order)
        _at_price(account, order, float(said["price"]))
    else:
        _stand(account, order, blocked=blocked)


def _stand(account: Account, order: Order, *, blocked: bool) -> None:
    """Let a person's order stand, or say why not."""
    row = account.row
    if order.side == BUY:
        covers = max(-account.held(MANUAL, order.column), 0) >= order.quantity
        places = len(account.positions) + sum(one.side == BUY for one in account.working.values())
        order_row, account.row = row, max(row - 1, 0)
        needed, free = account.worst(order), account.free()
        account.row = order_row
        if blocked and not covers:
            account.refuse(order, "BREAKER", row)
        elif not covers and places >= account.rules.limits.positions:
            account.refuse(order, "NO_PLACE", row)
        elif not needed <= free and not covers:
            account.refuse(order, "NO_CASH", row)
        else:
            order.reserved = 0.0 if covers else needed
            account.place(order)
        return
    selling = sum(
        one.open_quantity
        for one in account.working.values()
        if one.side == SELL and one.column == order.column and one.strategy == MANUAL
    )
    holds = sum(max(one.quantity, 0) for one in account.positions.values() if one.column == order.column)
    if order.quantity + selling > holds and not account.rules.matching.short:
        account.refuse(order, "NO_SHARES", row)
    elif blocked and order.quantity + selling > holds:
        account.refuse(order, "BREAKER", row)
    else:
        account.place(order)


def _at_price(account: Account, order: Order, price: float) -> None:
    """A trade that a person made elsewhere, at its own price."""
    if order.side == BUY and account.cost(order, order.quantity, price) > account.free():
        account.finish(order, "REJECTED", "NO_CASH")
    elif order.side == SELL and account.held(MANUAL, order.column) < order.quantity:
        account.finish(order, "REJECTED", "NO_SHARES")
    else:
        account.carry_out(order, MANUAL, Match(price, False, True), order.quantity, reason="BY_HAND")


def at_open(account: Account, *, blocked: bool) -> None:
    """Market orders: sales, then purchases, a person's before the rules' and these by confidence."""
    orders = [one for one in account.working.values() if one.type == "MARKET"]
    for order in [one for one in orders if one.side == SELL]:
        _try(account, order, blocked=blocked)
    bought = [one for one in orders if one.side == BUY]
    for order in sorted(bought, key=_turn):
        _try(account, order, blocked=blocked)


def _turn(order: Order) -> tuple:
    return (order.strategy != MANUAL, -order.confidence if order.confidence == order.confidence else 0.0)


def resting(account: Account, *, blocked: bool) -> None:
    """Limits and stop orders, sales first, in the order in which they were placed."""
    orders = [one for one in account.working.values() if one.type != "MARKET"]
    for order in sorted(orders, key=lambda one: one.side):
        _try(account, order, blocked=blocked)


def expire(account: Account) -> None:
    """Orders of the day whose symbol had a bar, and those whose symbol has had none for too long."""
    patience = account.rules.sizes.patience
    for order in list(account.working.values()):
        if order.seen and order.validity == DAY:
            priced = order.type == "LIMIT" or order.awake
            outcome = "NOT_FILLED" if order.type == "MARKET" else PRICE_MISSED[priced]
            account.finish(order, "EXPIRED", "REST_NOT_FILLED" if order.filled else outcome)
        elif not order.seen and account.row - order.decided > patience:
            account.finish(order, "EXPIRED", "BARS_ENDED")


def _try(account: Account, order: Order, *, blocked: bool) -> None:
    bar = account.bar(order.column)
    if bar is None or not order.stands:
        return
    order.seen = True
    opens = order.side == BUY and account.held(order.strategy, order.column) >= 0
    if opens and blocked:
        if order.validity == DAY:
            account.finish(order, "CANCELLED", "BREAKER")
        return
    match, order.awake = filled(
        order.type,
        order.side,
        bar,
        limit=order.limit,
        trigger=order.trigger,
        awake=order.awake,
        queue=account.rules.matching.queue,
    )
    if match is None:
        return
    if opens:
        _buy(account, order, bar, match)
    else:
        _sell(account, order, bar, match)


def _buy(account: Account, order: Order, bar: Bar, match: Match) -> None:
    refused = "" if order.strategy == MANUAL else _no_entry(account, order, match)
    if refused:
        account.finish(order, "CANCELLED", refused)
        return
    price = account.slipped(match.price, BUY) if match.slips else match.price
    order.reserved, kept = 0.0, order.reserved
    free = min(account.free(), account.cash)
    room = _room(account, order.column, bar)
    lot = account.rules.sizes.caps.lot if order.strategy != MANUAL else 1
    wanted = min(order.open_quantity, room)
    quantity = account.affordable(order, price, free, wanted)
    quantity -= quantity % lot
    if quantity < 1:
        order.reserved = kept
        if room >= 1:
            account.finish(order, "CANCELLED", "NO_CASH")
        return
    flags = _flags(bar, *((TRIMMED,) if quantity < wanted - wanted % lot else ()))
    if quantity < order.open_quantity and TRIMMED not in flags:
        flags = (*flags, "PARTIAL")
    order.reserved = 0.0
    _fill(account, order, order.strategy, match, quantity, flags, bar)
    if order.stands:
        if TRIMMED in flags:
            account.finish(order, "CANCELLED", "NO_CASH")
        else:
            order.reserved = min(account.worst(order), max(account.free(), 0.0))


def _no_entry(account: Account, order: Order, match: Match) -> str:
    limits = account.rules.limits
    held = account.positions
    if (order.strategy, order.column) not in held:
        if len(held) >= limits.positions:
            return "NO_PLACE"
        if sum(one.strategy == order.strategy for one in held.values()) >= limits.strategy_positions:
            return "RULE_FULL"
    if not math.isnan(order.stop) and order.side * (match.price - order.stop) <= 0:
        return "GAP_BEYOND_STOP"
    return ""


def _sell(account: Account, order: Order, bar: Bar, match: Match) -> None:
    """Sell, or buy back what was sold short."""
    left = math.floor(min(order.open_quantity, _room(account, order.column, bar)))
    if left < 1:
        return
    for strategy in _holders(account, order):
        size = min(left, abs(account.held(strategy, order.column)))
        if size >= 1:
            flags = _flags(bar, *(("PARTIAL",) if left < order.open_quantity else ()))
            _fill(account, order, strategy, match, size, flags, bar)
            left -= size
        if left < 1 or not order.stands:
            return
    if account.rules.matching.short and order.strategy == MANUAL and order.side == SELL:
        _fill(account, order, MANUAL, match, left, _flags(bar), bar)
    elif order.side == BUY:
        _buy(account, order, bar, match)
    elif order.stands:
        account.finish(order, "CANCELLED", "NO_SHARES")


def _holders(account: Account, order: Order) -> list[str]:
    """Whose shares an order takes: its own strategy's, a person's sale also those of the rules."""
    if order.strategy != MANUAL or order.side == BUY:
        return [order.strategy]
    held = [name for name, column in account.positions if column == order.column and name != MANUAL]
    return [MANUAL, *(name for name in held if account.held(name, order.column) > 0)]


def _fill(
    account: Account, order: Order, strategy: str, match: Match, quantity: float, flags: tuple, bar: Bar
) -> None:
    account.room[order.column] = _room(account, order.column, bar) - quantity
    when = "open" if match.at_open else "close" if math.isnan(bar.open) else "inside"
    account.carry_out(order, strategy, match, quantity, reason=order.reason, flags=flags, when=when)


def _room(account: Account, column: int, bar: Bar) -> float:
    if column not in account.room:
        account.room[column] = capacity(bar.volume, account.rules.matching.participation)
    return account.room[column]


def _flags(bar: Bar, *more: str) -> tuple[str, ...]:
    found = [name for name, value in ((NO_OPEN, bar.open), (NO_VOLUME, bar.volume)) if math.isnan(value)]
    return (*found, *more)


def during(account: Account) -> None:
    """End what the session's bar stops or brings to its target; what its volume leaves goes at an open."""
    for key, position in list(account.positions.items()):
        bar = account.bar(position.column)
        fresh = position.entered == account.row
        unset = math.isnan(position.stop) and math.isnan(position.target)
        if bar is None or unset or (fresh and position.when == "close"):
            continue
        low, high = (bar.close if math.isnan(one) else one for one in (bar.low, bar.high))
        long = position.quantity > 0
        worst, best = (low, high) if long else (-high, -low)
        side = 1 if long else -1
        if worst <= side * position.stop or best >= side * position.target:
            _stop(account, key, position, bar, inside=fresh and position.when == "inside")


def _stop(account: Account, key: tuple[str, int], position: Position, bar: Bar, *, inside: bool) -> None:
    side = 1 if position.quantity > 0 else -1
    found = bar_exit(
        side=side,
        stop=position.stop,
        target=math.nan if inside else position.target,
        opened=position.entry_price if inside else bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
    )
    if not found.stopped and not found.reached:
        return
    stopped, ambiguous = bool(found.stopped), bool(found.ambiguous)
    room = _room(account, position.column, bar)
    quantity = min(abs(position.quantity), room)
    order = exit_order(
        account,
        position,
        kind="SL-M" if stopped else "LIMIT",
        reason="STOP_TOUCHED" if stopped else "TARGET_TOUCHED",
    )
    account.place(order)
    order.awake = True
    if quantity >= 1:
        account.room[position.column] = room - quantity
        flags = _flags(bar, *((AMBIGUOUS,) if ambiguous else ()))
        if quantity < abs(position.quantity):
            flags = (*flags, "PARTIAL")
        match = Match(float(found.price), stopped, False)
        account.carry_out(
            order,
            key[0],
            match,
            quantity,
            reason=order.reason,
            flags=flags,
            when="inside",
            ambiguous=ambiguous,
        )
    if order.stands and stopped:
        order.type = "MARKET"
        position.stop = position.target = math.nan
    elif order.stands:
        account.finish(order, "EXPIRED", "REST_NOT_FILLED")


def exit_order(account: Account, position: Position, *, kind: str, reason: str) -> Order:
    """The order that ends a position, named after the entry of its newest lot."""
    name = f"{position.lots[-1].order.order_id}-{reason.split('_')[0].lower()}"
    if name in account.known:
        name = f"{name}-{account.row}"
    return Order(
        name,
        account.row,
        position.column,
        -1 if position.quantity > 0 else 1,
        abs(position.quantity),
        type=kind,
        limit=position.target if kind == "LIMIT" else math.nan,
        trigger=position.stop if kind == "SL-M" else math.nan,
        validity=GTC,
        strategy=position.strategy,
        reason=reason,
    )
