"""A paper account from its start to the last bar, as a pure function of its ledger, the bars and its rules.

Where the ledger has the decisions of a session, these hold; where it has none, the account decides at that
close what its rules say, and says that it did so late. So a run a day and one run of all days end alike.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lib.account_ledger import Line
from lib.trading.bars import Bars
from lib.trading.paper import phases
from lib.trading.paper.account import Account
from lib.trading.paper.breaker import Breaker, Trip
from lib.trading.paper.deciding import Decider, carried_out
from lib.trading.paper.lots import Position
from lib.trading.paper.matching import Match
from lib.trading.paper.settings import YEAR, PaperRules

BY_HAND = ("order", "cancel", "trade", "breaker_reset")


@dataclass(frozen=True)
class Decided:
    """What was decided at the close of ``row``, and whether that was known too late for the next open."""

    row: int
    body: dict[str, Any]
    late: bool
    recorded: bool


@dataclass(frozen=True)
class Day:
    """The account at the close of ``row``, in money; sums run from the start."""

    row: int
    cash: float
    unsettled: float
    reserved: float
    invested: float
    realised: float
    costs: float
    dividends: float
    breaker: bool
    positions: int


@dataclass(frozen=True)
class Holding:
    """A position at the close of ``row``."""

    row: int
    column: int
    strategy: str
    quantity: int
    cost: float
    price: float
    stop: float
    target: float
    stale: bool


@dataclass
class AccountBook:
    """All that an account did: its state at the end, and what it was at every close."""

    account: Account
    rules: PaperRules
    first: int
    days: list[Day] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    trips: list[Trip] = field(default_factory=list)
    lacking: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def sessions(self) -> pd.DatetimeIndex:
        """Sessions of the account, from its first."""
        return self.account.bars.sessions[self.first :]

    @property
    def equity(self) -> np.ndarray:
        """Money at each close of ``sessions``."""
        return np.array([one.cash + one.invested for one in self.days])


def replay(
    bars: Bars,
    lines: Iterable[Line],
    rules: PaperRules,
    *,
    stamp: dict[str, Any] | None = None,
    others: Mapping[pd.Timestamp, PaperRules] | None = None,
) -> AccountBook:
    """The account from its start to the last of ``bars``, whose columns are the symbols that it may trade.

    ``lines`` are of its ledger, in order. ``stamp`` is kept with new decisions, such as what the rules were
    set to. ``others`` are the rules of sessions that others than ``rules`` decide. The first decisions are
    those of the close of its first session. Raises ValueError where no session from its start on has a bar.
    """
    lines = list(lines)
    first = int(bars.sessions.searchsorted(_start(lines, rules)))
    if first >= len(bars.sessions):
        raise ValueError(f"no session from {rules.start:%Y-%m-%d} on has a bar")
    decider = Decider(bars, rules)
    by_others = _deciders(bars, others or {})
    account = Account(bars, rules)
    breaker = Breaker(rules.limits, rules.matching.breaker_reset == "manual")
    book = AccountBook(account, rules, first, trips=breaker.trips, lacking=decider.lacking)
    recorded = {pd.Timestamp(one.session): one for one in lines if one.kind == "decisions"}
    by_row = _by_row(lines, bars, first)
    for row in range(first, len(bars.sessions)):
        own = by_row.get(row, [])
        _until_close(account, breaker, row, own)
        _close(account, breaker, book)
        found = recorded.get(bars.sessions[row])
        body = (
            found.body
            if found
            else decided(by_others.get(bars.sessions[row], decider), account, breaker, stamp)
        )
        late = row < len(bars.sessions) - 1 and (found is None or _is_late(found, bars, row))
        book.decided.append(Decided(row, body, late, found is not None))
        breaker.block(sum(one["outcome"] == "BREAKER" for one in body["refused"]))
        carried_out(account, body)
        book.days.append(_day(account, breaker))
    return book


def _deciders(bars: Bars, others: Mapping[pd.Timestamp, PaperRules]) -> dict[pd.Timestamp, Decider]:
    """One for each distinct set of rules, under every session that has it."""
    made = {id(one): Decider(bars, one) for one in {id(one): one for one in others.values()}.values()}
    return {day: made[id(one)] for day, one in others.items()}


def _start(lines: list[Line], rules: PaperRules) -> pd.Timestamp:
    """The first day: that of the rules, or a later one from which a person began anew."""
    opened = [pd.Timestamp(one.body["start"]) for one in lines if one.kind in ("open", "reset")]
    return max([rules.start, *opened])


def _by_row(lines: list[Line], bars: Bars, first: int) -> dict[int, list[Line]]:
    """Lines of persons by the first row at whose bar they count."""
    found: dict[int, list[Line]] = {}
    for line in lines:
        if line.kind in BY_HAND:
            row = max(int(bars.sessions.searchsorted(pd.Timestamp(line.session))), first)
            found.setdefault(row, []).append(line)
    return found


def _is_late(line: Line, bars: Bars, row: int) -> bool:
    """Whether decisions were written by a run that already saw the next session."""
    return line.as_of is not None and pd.Timestamp(line.as_of) >= bars.sessions[row + 1]


def _until_close(account: Account, breaker: Breaker, row: int, lines: list[Line]) -> None:
    phases.begin(account, row)
    breaker.opened(row)
    for line in lines:
        if line.kind == "breaker_reset":
            breaker.let_go(row, str(line.body.get("note", "")))
    phases.act(account, row)
    phases.admit(account, lines, blocked=breaker.on)
    if account.working:
        phases.at_open(account, blocked=breaker.on)
        phases.resting(account, blocked=breaker.on)
    if account.positions:
        phases.during(account)
    if account.working:
        phases.expire(account)


def _close(account: Account, breaker: Breaker, book: AccountBook) -> None:
    """Sell what has no bars any more, charge what is borrowed, value the account, watch the day's loss."""
    row = account.row
    for key, position in list(account.positions.items()):
        _seen(account, position)
        if position.absent >= account.rules.sizes.patience:
            _give_up(account, key, position)
    _borrow(account)
    before, account.worth = account.worth, account.cash + account.invested()
    breaker.closed(row, before, account.worth)
    last = account.last[row]
    for position in account.positions.values():
        book.holdings.append(
            Holding(
                row,
                position.column,
                position.strategy,
                position.quantity,
                position.cost,
                last[position.column],
                position.stop,
                position.target,
                position.absent > 0,
            )
        )


def _seen(account: Account, position: Position) -> None:
    """Note the best price of a position so far, and for how long it has had no bar."""
    bar = account.bar(position.column)
    position.absent = 0 if bar else position.absent + 1
    if bar is None:
        return
    side = 1 if position.quantity > 0 else -1
    extreme = bar.high if side > 0 else bar.low
    late = position.entered == account.row and position.when != "open"
    price = bar.close if late or math.isnan(extreme) else extreme
    position.best = side * max(side * position.best, side * price)


def _give_up(account: Account, key: tuple[str, int], position: Position) -> None:
    order = phases.exit_order(account, position, kind="MARKET", reason="BARS_ENDED")
    account.place(order)
    match = Match(account.last[account.row][key[1]], True, False)
    account.carry_out(order, key[0], match, order.quantity, reason="BARS_ENDED", when="close")


def _borrow(account: Account) -> None:
    """A day's cost of shares that are borrowed, for every calendar day since the session before."""
    row, rate = account.row, account.rules.matching.borrow
    for position in account.positions.values():
        if position.quantity < 0 and row:
            days = (account.bars.sessions[row] - account.bars.sessions[row - 1]).days
            cost = -position.quantity * account.last[row][position.column] * rate * days / YEAR
            account.cash -= cost
            account.costs += cost
            for lot in position.lots:
                lot.fees += cost * lot.quantity / position.quantity


def decided(
    decider: Decider, account: Account, breaker: Breaker, stamp: dict[str, Any] | None
) -> dict[str, Any]:
    """What the rules say at this close, as the ledger keeps it: with what was seen and how they were set."""
    body = decider.at(account, blocked=breaker.on)
    return {**body, "equity": account.worth, "bars": _as_seen(account), **(stamp or {})}


def _as_seen(account: Account) -> dict[str, list[float | None]]:
    """Open, high, low, close and volume of each symbol that had a bar in this session."""
    row, symbols = account.row, account.symbols
    values = (account.open_, account.high, account.low, account.close_, account.volume)
    found = zip(symbols, *(one[row] for one in values), strict=True)
    return {one[0]: [x if x == x else None for x in one[1:]] for one in found if one[4] == one[4]}


def _day(account: Account, breaker: Breaker) -> Day:
    return Day(
        account.row,
        account.cash,
        account.waiting(account.row),
        account.reserved,
        account.invested(),
        account.realised,
        account.costs,
        account.dividends,
        breaker.on,
        len(account.positions),
    )


def text_of(body: dict[str, Any]) -> str:
    """Decisions as the text that the table and the ledger hold."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
