"""An account that follows decisions over the whole history: fills at the next open, stops, shared cash.

The order of a session: splits and dividends of what is held; exits decided at an earlier close, then entries
in the order of their confidence (of equal ones, in the order of symbols), both at the open; then stops and
targets of what is held; then the close, at which stops are trailed, the account is valued and the next orders
are decided. A symbol has at most one position. The loop goes over sessions; within one, only symbols that
are held or ordered are touched. Cash earns nothing and is never below 0 (but for shorts that lose more than
there is).
"""

from __future__ import annotations

import numpy as np

from lib.trading.account_record import (
    AccountRecord,
    Fill,
    Refusal,
    Trade,
    fill_frame,
    refusal_frame,
    trade_frame,
)
from lib.trading.account_rules import AccountRules
from lib.trading.bars import Bars
from lib.trading.costs import ENGINE, Costs
from lib.trading.decisions import ENTER, LEAVE, REASONS, Decisions
from lib.trading.indicators import sma
from lib.trading.own_bars import carried
from lib.trading.sizing import LONG, SHORT, size_of_one
from lib.trading.stops import bar_exit, trailed


def backtest(
    bars: Bars,
    decisions: Decisions,
    *,
    rules: AccountRules | None = None,
    costs: Costs = ENGINE,
    trail: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> AccountRecord:
    """What an account under ``rules`` made of ``decisions``, whose arrays are those of ``bars`` (T, N).

    ``trail`` (T, N) is how far below the best price so far a trailing stop stands after each close, in money;
    NaN for none. ``groups`` (N,) are whole numbers from 0 on that say which columns count together under
    ``most_in_group``. Raises ValueError when the arrays do not match.
    """
    if decisions.action.shape != bars.close.shape:
        raise ValueError(f"decisions are {decisions.action.shape} and bars {bars.close.shape}")
    account = _Account(bars, decisions, rules or AccountRules(), costs, trail, groups)
    for row in range(len(bars.sessions)):
        account.act(row)
        account.open(row)
        account.during(row)
        account.close(row)
    return account.record()


class _Account:
    """The account while it is carried from session to session, and what it has done so far."""

    def __init__(
        self,
        bars: Bars,
        decisions: Decisions,
        rules: AccountRules,
        costs: Costs,
        trail: np.ndarray | None,
        groups: np.ndarray | None,
    ):
        self.bars, self.decisions, self.rules, self.costs, self.trail = bars, decisions, rules, costs, trail
        self.groups, self.chain, self.dividends = groups, bars.chain, 0.0
        self.there, self.fill, self.last = bars.has_bar, bars.fill, carried(bars.chained.close)
        self.high, self.low = (np.where(np.isfinite(one), one, bars.close) for one in (bars.high, bars.low))
        counted = np.maximum.accumulate(np.isfinite(bars.volume), axis=0)
        usual = carried(sma(bars.chained.volume, period=rules.volume_period))
        if self.chain is not None:
            self.last, usual = self.last / self.chain, usual * self.chain
        self.usual = np.where(counted, usual, np.inf)
        self.acting = _acting(bars)
        self.busy = (decisions.action != 0).any(axis=1)
        count, length = len(bars.symbols), len(bars.sessions)
        self.cash, self.worth = rules.capital, rules.capital
        self.quantity, self.absent = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.stop, self.target, self.best = (np.full(count, np.nan) for _ in range(3))
        self.leaving: dict[int, str] = {}
        self.waiting: dict[int, tuple[int, int]] = {}
        self.entries: dict[int, Fill] = {}
        self.fills: list[Fill] = []
        self.trades: list[Trade] = []
        self.refused: list[Refusal] = []
        self.daily = np.empty((length, 2))
        self.overnight = np.zeros((length, count), np.int64)

    def act(self, row: int) -> None:
        """Pay dividends on what was held over night, and split it; the fraction of a share is paid out."""
        if not self.acting[row]:
            return
        for column in np.flatnonzero(self.quantity).tolist():
            paid = self._action("dividend", row, column, 0.0) * int(self.quantity[column])
            self.cash += paid
            self.dividends += paid
            ratio = self._action("split", row, column, 1.0)
            if ratio != 1.0:
                exact = float(self.quantity[column]) * ratio
                self.quantity[column] = int(exact)
                self.cash += (exact - int(exact)) * float(self.last[row, column])
                entry = self.entries[column]
                self.entries[column] = entry._replace(quantity=abs(int(exact)), price=entry.price / ratio)
                for held in (self.stop, self.target, self.best):
                    held[column] /= ratio
        for column, (decided, wanted) in self.waiting.items():
            self.waiting[column] = (decided, int(wanted * self._action("split", row, column, 1.0)))

    def _action(self, name: str, row: int, column: int, none: float) -> float:
        values = getattr(self.bars, name)
        return none if values is None else float(values[row, column])

    def _since(self, decided: int, row: int, column: int) -> float:
        """What a price of the session of a decision is multiplied by to be one of ``row``."""
        return 1.0 if self.chain is None else float(self.chain[decided, column] / self.chain[row, column])

    def open(self, row: int) -> None:
        """Carry out the orders that wait for this session's open."""
        if self.leaving:
            for column in [one for one in self.leaving if self.there[row, one]]:
                side = -int(np.sign(self.quantity[column]))
                price = self.costs.price(float(self.fill[row, column]), side=side)
                self._end(row, column, price, self.leaving[column], self._flags(row, column))
        if self.waiting:
            ready = [one for one in self.waiting if self.there[row, one]]
            sure = self.decisions.confidence
            for column in sorted(ready, key=lambda one: (-sure[self.waiting[one][0], one], one)):
                decided, wanted = self.waiting.pop(column)
                reason = self._enter(row, column, decided, wanted)
                if reason:
                    self.refused.append(Refusal(row, column, reason))
            stale = [one for one, order in self.waiting.items() if row - order[0] > self.rules.patience]
            for column in stale:
                del self.waiting[column]
                self.refused.append(Refusal(row, column, "BARS_ENDED"))

    def _enter(self, row: int, column: int, decided: int, wanted: int) -> str:
        """Open a position, or say why not."""
        said, rules = self.decisions, self.rules
        side = LONG if said.action[decided, column] == ENTER else SHORT
        if len(self.entries) >= rules.most_positions:
            return "NO_PLACE"
        if self.groups is not None:
            group = self.groups[column]
            if sum(self.groups[one] == group for one in self.entries) >= rules.most_in_group:
                return "RULE_FULL"
        price, at_once = self._entry_price(row, column, decided, side)
        if np.isnan(price):
            return "LIMIT_NOT_REACHED"
        basis = self._since(decided, row, column)
        stop, target = (float(one[decided, column]) * basis for one in (said.stop, said.target))
        if side * (price - stop) <= 0:
            return "GAP_BEYOND_STOP"
        if at_once:
            price = float(self.costs.price(price, side=side))
        if rules.sized_at == "open":
            wanted, reason = self._size(row - 1, column, price, stop, side, self._worth_at_open(row))
            if reason:
                return reason
        quantity = min(wanted, self.costs.affordable(self.cash, price)) if side == LONG else wanted
        if quantity < rules.caps.lot:
            return "SIZE_ZERO"
        quantity -= quantity % rules.caps.lot
        reason = REASONS[said.reason[decided, column]] or "RULE_SAYS"
        filled = self._book(row, column, side * quantity, price, reason, self._flags(row, column))
        self.entries[column] = filled
        self.stop[column], self.target[column], self.best[column] = stop, target, price
        return ""

    def _entry_price(self, row: int, column: int, decided: int, side: int) -> tuple[float, bool]:
        """Price before slippage, and whether it is a market order's; NaN where a limit is not reached."""
        opened = float(self.fill[row, column])
        if self.rules.entry == "open":
            return opened, True
        limit = float(self.last[decided, column]) * (1.0 - side * self.rules.limit_below)
        limit *= self._since(decided, row, column)
        if side * (limit - opened) >= 0:
            return opened, False
        reach = self.bars.low if side == LONG else self.bars.high
        worst = float(reach[row, column])
        beyond = side * (limit - worst)
        filled = beyond > 0 if self.rules.entry == "through" else beyond >= 0
        return (limit if filled else np.nan), False

    def _size(
        self, row: int, column: int, price: float, stop: float, side: int, worth: float
    ) -> tuple[int, str]:
        """Shares by the account's method under its caps, as known at the close of ``row``; or why none."""
        rules = self.rules
        usual = float(self.usual[row, column])
        if rules.method == "risk":
            return size_of_one(
                entry=price,
                stop=stop,
                side=side,
                balance=worth,
                risk=rules.risk,
                caps=rules.caps,
                usual_volume=usual,
            )
        if not price > 0:
            return 0, "ENTRY_NOT_POSITIVE"
        caps = rules.caps
        wanted = rules.shares if rules.method == "shares" else worth * rules.share / price
        volume = 0.0 if np.isnan(usual) else usual * caps.volume_share
        most = min(wanted, caps.most_value / price, max(worth, 0.0) * caps.leverage / price, volume)
        quantity = int(most // caps.lot) * caps.lot
        return quantity, "" if quantity else "SIZE_ZERO"

    def _worth_at_open(self, row: int) -> float:
        held = list(self.entries)
        prices = np.where(self.there[row, held], self.fill[row, held], self.last[max(row - 1, 0), held])
        return self.cash + float(self.quantity[held] @ prices)

    def during(self, row: int) -> None:
        """End what the session's bar stops or brings to its target."""
        held = list(self.entries)
        if not held:
            return
        touched = (self.low[row, held] <= self.stop[held]) | (self.high[row, held] >= self.target[held])
        if not self.rules.short and not touched.any():
            return
        held = [one for one in held if self._watched(row, one, self.entries[one])]
        if held:
            self._stop(row, held)

    def _stop(self, row: int, held: list[int]) -> None:
        """End the positions of ``held`` whose stop or target the bar touches."""
        bars = self.bars
        fresh = np.array([self.entries[one].row == row for one in held])
        inside = fresh & (self.rules.entry != "open") & (self.best[held] != bars.open[row, held])
        sides = np.sign(self.quantity[held])
        found = bar_exit(
            side=sides,
            stop=self.stop[held],
            target=np.where(inside, np.nan, self.target[held]),
            opened=np.where(inside, self.best[held], bars.open[row, held]),
            high=bars.high[row, held],
            low=bars.low[row, held],
            close=bars.close[row, held],
        )
        for at in np.flatnonzero(found.stopped | found.reached):
            column, stopped, price = held[at], bool(found.stopped[at]), float(found.price[at])
            if stopped:
                price = float(self.costs.price(price, side=-int(sides[at])))
            flags = "AMBIGUOUS_BAR" if found.ambiguous[at] else ""
            self._end(row, column, price, "STOP_TOUCHED" if stopped else "TARGET_TOUCHED", flags)

    def _watched(self, row: int, column: int, entry: Fill) -> bool:
        """Whether the bar can end a position: it is there, and the entry was not at its close."""
        return bool(self.there[row, column]) and not (entry.row == row and entry.flags == "NO_OPEN")

    def close(self, row: int) -> None:
        """Trail stops, sell what has no bars any more, value the account, decide the next orders."""
        held = list(self.entries)
        if held:
            self._trail(row, held)
            self._give_up(row, held)
            held = list(self.entries)
        invested = float(self.quantity[held] @ self.last[row, held]) if held else 0.0
        self.worth = self.cash + invested
        self.daily[row] = self.cash, invested
        self.overnight[row] = self.quantity
        if self.busy[row]:
            self._decide(row)

    def _give_up(self, row: int, held: list[int]) -> None:
        """Sell what has had no bar for too long."""
        there = self.there[row, held]
        self.absent[held] = 0 if there.all() else np.where(there, 0, self.absent[held] + 1)
        for column in [one for one in held if self.absent[one] >= self.rules.patience]:
            side = -int(np.sign(self.quantity[column]))
            price = float(self.costs.price(float(self.last[row, column]), side=side))
            self._end(row, column, price, "BARS_ENDED", "")

    def _trail(self, row: int, held: list[int]) -> None:
        """Note the best price so far and move the stops that trail."""
        if self.trail is None:
            return
        bars, sides = self.bars, np.sign(self.quantity[held])
        seen = np.where(sides > 0, bars.high[row, held], bars.low[row, held])
        late = np.array([self.entries[one].row == row and self.rules.entry != "open" for one in held])
        seen = np.where(np.isfinite(seen) & ~late, seen, bars.close[row, held])
        self.best[held] = sides * np.fmax(sides * self.best[held], sides * seen)
        self.stop[held] = trailed(
            stop=self.stop[held], extreme=self.best[held], distance=self.trail[row, held], side=sides
        )

    def _decide(self, row: int) -> None:
        said, rules = self.decisions, self.rules
        for column in np.flatnonzero(said.action[row]).tolist():
            action, held = int(said.action[row, column]), int(self.quantity[column])
            if held * action < 0:
                self.leaving[column] = REASONS[said.reason[row, column]] or "RULE_SAYS"
            if action == LEAVE and not rules.short:
                self.waiting.pop(column, None)
            elif held * action <= 0:
                self._order(row, column, action)

    def _order(self, row: int, column: int, action: int) -> None:
        """Put an entry among the orders for the next open, or note why not."""
        said, rules = self.decisions, self.rules
        if said.confidence[row, column] < rules.gate:
            self.refused.append(Refusal(row, column, "LOW_CONFIDENCE"))
            return
        wanted, reason = 0, ""
        if rules.sized_at == "close":
            price, stop = float(self.last[row, column]), float(said.stop[row, column])
            wanted, reason = self._size(row, column, price, stop, action, self.worth)
        if reason:
            self.refused.append(Refusal(row, column, reason))
        else:
            self.waiting[column] = (row, wanted)

    def _flags(self, row: int, column: int) -> str:
        return "" if np.isfinite(self.bars.open[row, column]) else "NO_OPEN"

    def _book(self, row: int, column: int, signed: int, price: float, reason: str, flags: str) -> Fill:
        fee = float(self.costs.fee(abs(signed) * price))
        self.cash -= signed * price + fee
        self.quantity[column] += signed
        filled = Fill(row, column, 1 if signed > 0 else -1, abs(signed), price, fee, reason, flags)
        self.fills.append(filled)
        return filled

    def _end(self, row: int, column: int, price: float, reason: str, flags: str) -> None:
        entry = self.entries.pop(column)
        out = self._book(row, column, -int(self.quantity[column]), price, reason, flags)
        self.trades.append(_trade(entry, row, price, out.fee, reason, "AMBIGUOUS_BAR" in flags))
        self.leaving.pop(column, None)
        self.absent[column] = 0
        self.stop[column] = self.target[column] = self.best[column] = np.nan

    def record(self) -> AccountRecord:
        """What was done, as arrays and frames; what is still held is valued at the last close."""
        end = len(self.daily) - 1
        still = [
            _trade(entry, end, float(self.last[end, column]), 0.0, "STILL_OPEN", False)
            for column, entry in self.entries.items()
        ]
        cash, invested = self.daily.T
        return AccountRecord(
            self.bars.sessions,
            self.bars.symbols,
            cash + invested,
            cash.copy(),
            invested.copy(),
            self.overnight,
            fill_frame(self.fills, self.bars),
            trade_frame([*self.trades, *still], self.bars),
            refusal_frame(self.refused, self.bars),
            self.rules.capital,
            self.dividends,
        )


def _acting(bars: Bars) -> np.ndarray:
    """Sessions on which any symbol is split or pays a dividend; (T,)."""
    found = np.zeros(len(bars.sessions), dtype=bool)
    if bars.split is not None:
        found |= (bars.split != 1.0).any(axis=1)
    if bars.dividend is not None:
        found |= (bars.dividend != 0.0).any(axis=1)
    return found


def _trade(entry: Fill, row: int, price: float, fee: float, reason: str, ambiguous: bool) -> Trade:
    return Trade(
        entry.column,
        entry.side,
        entry.quantity,
        entry.row,
        entry.price,
        entry.fee,
        row,
        price,
        fee,
        entry.reason,
        reason,
        ambiguous,
    )
