"""What an account decides at a close: exits and entries for the next open, and where stops stand.

Decisions are plain data, as the ledger keeps them. They are computed from what is known at the close and then
carried out as if they had been read, so that it makes no difference whether they were.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lib.trading.bars import Bars
from lib.trading.decisions import LEAVE, REASONS, Decisions
from lib.trading.indicators import sma
from lib.trading.own_bars import carried
from lib.trading.paper.account import Account
from lib.trading.paper.matching import BUY, SELL
from lib.trading.paper.orders import DAY, GTC, Order, read, written
from lib.trading.paper.settings import PaperRules
from lib.trading.rule_files import RuleBook
from lib.trading.sizing import position_size
from lib.trading.stop_rules import with_stops
from lib.trading.stops import trailed
from lib.trading.strategies import said

BETWEEN = "/"
"""Between strategy and symbol in the name of a position."""


class Decider:
    """What every rule of an account says of every session, and the orders that follow at one close."""

    def __init__(self, bars: Bars, rules: PaperRules):
        self.bars, self.rules, self.sizes = bars, rules, rules.sizes
        self.said: dict[str, tuple[Decisions, np.ndarray | None]] = {}
        self.lacking: dict[str, dict[str, tuple[str, ...]]] = {}
        if (book := rules.book) is None:
            book = RuleBook({}, {})
        for name in rules.strategies:
            found = said(name, bars, **book.settings[name])
            self.said[name] = with_stops(found.decisions, bars, book.stops)
            self.lacking[name] = found.lacking
        self.busy = {name: (one.action != 0).any(axis=1) for name, (one, _) in self.said.items()}
        volume, chain = bars.chained.volume, bars.chain
        usual = carried(sma(volume, period=self.sizes.volume_period))
        counted = np.maximum.accumulate(np.isfinite(volume), axis=0)
        self.usual = np.where(counted, usual if chain is None else usual * chain, np.inf)

    def at(self, account: Account, *, blocked: bool) -> dict[str, Any]:
        """Orders, refusals, cancels and stops of this session's close, as JSON has them.

        ``blocked`` says whether the breaker lets no entry through. Nothing of the account is changed.
        """
        row = account.row
        body: dict[str, Any] = {"orders": [], "refused": [], "cancels": [], "stops": self._stops(account)}
        entries: list[Order] = []
        for name, (decisions, _) in self.said.items():
            if not self.busy[name][row]:
                continue
            for column in np.flatnonzero(decisions.action[row]).tolist():
                self._one(account, name, column, body, entries)
        entries.sort(key=lambda one: -one.confidence)
        self._sized(account, entries, body, blocked)
        return body

    def _one(self, account: Account, name: str, column: int, body: dict, entries: list[Order]) -> None:
        """An exit into ``body``, or an entry among ``entries``."""
        row, decisions = account.row, self.said[name][0]
        held = account.held(name, column)
        standing = [one for one in account.working.values() if (one.strategy, one.column) == (name, column)]
        body["cancels"] += [one.order_id for one in standing if one.side == BUY]
        leaves = decisions.action[row, column] == LEAVE
        if leaves and held > 0 and not any(one.side == SELL for one in standing):
            order = self._order(account, name, column, SELL)
            order.quantity = held
            body["orders"].append(written(order, account.symbols[column]))
        elif not leaves and not held:
            entries.append(self._order(account, name, column, BUY))

    def _order(self, account: Account, name: str, column: int, side: int) -> Order:
        row, of = account.row, self.said[name][0]
        day, symbol = account.bars.sessions[row], account.symbols[column]
        return Order(
            f"{day:%Y%m%d}-{name}-{symbol}-{'buy' if side == BUY else 'sell'}",
            row,
            column,
            side,
            0,
            validity=DAY if side == BUY else GTC,
            strategy=name,
            confidence=float(of.confidence[row, column]),
            stop=float(of.stop[row, column]),
            target=float(of.target[row, column]),
            reason=REASONS[of.reason[row, column]] or "RULE_SAYS",
        )

    def _sized(self, account: Account, entries: list[Order], body: dict, blocked: bool) -> None:
        """Entries by confidence while there is money, the others refused."""
        if not entries:
            return
        freed = math.fsum(one.reserved for name, one in account.working.items() if name in body["cancels"])
        money = account.free(account.row + 1) + freed
        sectors = self._by_sector(account)
        for order in entries:
            price, symbol = account.last[account.row][order.column], account.symbols[order.column]
            outcome = "BREAKER" if blocked else self._size(account, order, price)
            sector = self.rules.sectors.get(symbol, symbol)
            if not outcome:
                outcome = self._within(account, order, price, money, sectors.get(sector, 0.0))
            if outcome:
                order.quantity = 0
                body["refused"].append({**written(order, symbol), "outcome": outcome})
                continue
            sectors[sector] = sectors.get(sector, 0.0) + order.quantity * price
            money -= account.worst(order)
            body["orders"].append(written(order, symbol))

    def _size(self, account: Account, order: Order, price: float) -> str:
        """Give an entry its shares by the account's method under its caps; why there are none."""
        sizes, worth = self.sizes, account.worth
        if order.confidence < sizes.gate:
            return "LOW_CONFIDENCE"
        usual = float(self.usual[account.row, order.column])
        if sizes.method == "risk":
            found = position_size(
                entry=price,
                stop=order.stop,
                balance=worth,
                risk=sizes.risk,
                caps=sizes.caps,
                usual_volume=usual,
            )
            order.quantity = int(found.quantity)
            return str(found.rejected)
        caps = sizes.caps
        volume = 0.0 if math.isnan(usual) else usual * caps.volume_share
        wanted = sizes.shares if sizes.method == "shares" else worth * sizes.share / price
        most = min(wanted, caps.most_value / price, max(worth, 0.0) * caps.leverage / price, volume)
        order.quantity = int(most // caps.lot) * caps.lot
        return "" if order.quantity else "SIZE_ZERO"

    def _within(self, account: Account, order: Order, price: float, money: float, in_sector: float) -> str:
        """Cut an entry to what its sector and the money leave; why nothing is left."""
        lot = self.sizes.caps.lot
        room = self.rules.limits.sector * account.worth - in_sector
        if self.rules.limits.sector < 1.0:
            order.quantity = min(order.quantity, max(int(room / price * (1 + 1e-12)), 0) // lot * lot)
            if not order.quantity:
                return "SECTOR_FULL"
        if not self.rules.matching.reserve:
            return "" if order.quantity else "SIZE_ZERO"
        fits = account.affordable(order, account.slipped(price, BUY), money, order.quantity)
        order.quantity = fits // lot * lot
        return "" if order.quantity else "NO_CASH"

    def _by_sector(self, account: Account) -> dict[str, float]:
        """Value of what is held and ordered by sector."""
        found: dict[str, float] = {}
        last = account.last[account.row]
        held = [(one.column, abs(one.quantity)) for one in account.positions.values()]
        ordered = [(one.column, one.open_quantity) for one in account.working.values() if one.side == BUY]
        for column, quantity in (*held, *ordered):
            symbol = account.symbols[column]
            sector = self.rules.sectors.get(symbol, symbol)
            found[sector] = found.get(sector, 0.0) + quantity * last[column]
        return found

    def _stops(self, account: Account) -> dict[str, float]:
        """Where trailing stops stand after this close, by position."""
        found = {}
        for (name, column), position in account.positions.items():
            trail = self.said[name][1] if name in self.said else None
            if trail is None:
                continue
            side = 1 if position.quantity > 0 else -1
            distance = float(trail[account.row, column])
            level = float(trailed(stop=position.stop, extreme=position.best, distance=distance, side=side))
            if not math.isnan(level) and level != position.stop:
                found[f"{name}{BETWEEN}{account.symbols[column]}"] = level
        return found


def carried_out(account: Account, body: dict[str, Any]) -> None:
    """Let stand what was decided at this session's close, and keep what was refused."""
    row = account.row
    for name in body["cancels"]:
        if name in account.working:
            account.finish(account.working[name], "CANCELLED", "RULE_CHANGED")
    for name, level in body["stops"].items():
        strategy, _, symbol = name.partition(BETWEEN)
        position = account.positions.get((strategy, account.column.get(symbol, -1)))
        if position:
            position.stop = level
    for said_ in body["refused"]:
        account.refuse(_read(account, said_, row), said_["outcome"], row)
    for said_ in body["orders"]:
        order = _read(account, said_, row)
        if order.column < 0:
            account.refuse(order, "NO_SUCH_SYMBOL", row)
        elif order.order_id in account.known:
            account.refuse(order, "DOUBLE_ID", row)
        else:
            if order.side == BUY and account.rules.matching.reserve:
                order.reserved = min(account.worst(order), max(account.free(row + 1), 0.0))
            account.place(order)


def _read(account: Account, said_: dict[str, Any], row: int) -> Order:
    return read(said_, row=row, column=account.column.get(said_["symbol"], -1))
