"""The pieces behind each cause: which bar, parameter, order or rule differs, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lib.account_ledger import Line
from lib.codes import words
from lib.contracts import conform, empty
from lib.tables.reconciliation import DIFFERENCES
from lib.trading.as_recorded import decisions_of
from lib.trading.bars import FIELDS, Bars
from lib.trading.paper.orders import Order
from lib.trading.paper.replay import BY_HAND, AccountBook
from lib.trading.paper.settings import PaperRules

SAME = 1e-9
MOST = 150
"""Pieces of one cause that are kept."""
HELD_BACK = ("BREAKER", "SECTOR_FULL")
FOR_CASH = ("NO_CASH",)
UNFILLED = ("NOT_FILLED", "NO_VOLUME")


class Piece(NamedTuple):
    """One difference; ``date`` is None where it concerns all sessions."""

    cause: str
    date: pd.Timestamp | None
    item: str
    was: str
    now: str


def pieces(
    bars: Bars,
    seen: Bars,
    lines: list[Line],
    books: Mapping[str, AccountBook],
    rules: PaperRules,
    code: str,
    parameters: Mapping[str, Any],
) -> pd.DataFrame:
    """The table ``account_differences`` for the replays ``books``."""
    decisions = decisions_of(lines)
    groups = (
        _code(decisions, code, books),
        _parameters(decisions, parameters),
        _restated(bars, seen, books),
        _by_hand(lines),
        _held_back(books["manual_orders"], books["limits"]),
        _fills(books["limits"], books["fills"], rules),
        _cash(books["fills"], books["cash"]),
    )
    found = [one for group in groups for one in _first(group)]
    if not found:
        return empty(DIFFERENCES)
    frame = pd.DataFrame(found).assign(number=np.arange(1, len(found) + 1))
    frame["date"] = pd.to_datetime(frame["date"])
    return conform(frame, DIFFERENCES)


def _first(group: Iterator[Piece]) -> Iterator[Piece]:
    for at, one in enumerate(group):
        if at == MOST:
            return
        yield one


def _code(
    decisions: Mapping[pd.Timestamp, Mapping[str, Any]], code: str, books: Mapping[str, AccountBook]
) -> Iterator[Piece]:
    """Digests that are not today's, and the orders that today's code decides otherwise."""
    others = {day: str(body.get("code")) for day, body in decisions.items() if body.get("code") != code}
    if not others:
        return
    for name in dict.fromkeys(others.values()):
        day = min(one for one, own in others.items() if own == name)
        yield Piece("code", day, "code of the rules", name[:12], code[:12])
    yield from _orders("code", books["paper"], books["code"])


def _orders(cause: str, was: AccountBook, now: AccountBook) -> Iterator[Piece]:
    for one, other in zip(was.decided, now.decided, strict=True):
        before, after = _ordered(one.body), _ordered(other.body)
        if before != after:
            day = was.account.bars.sessions[one.row]
            yield Piece(cause, day, "orders decided", before or "none", after or "none")


def _ordered(body: Mapping[str, Any]) -> str:
    said = (f"{one['side'].lower()} {one['quantity']} {one['symbol']}" for one in body["orders"])
    return ", ".join(sorted(said))


def _parameters(
    decisions: Mapping[pd.Timestamp, Mapping[str, Any]], now: Mapping[str, Any]
) -> Iterator[Piece]:
    """Every parameter that a line has otherwise than today, with the first session that had it."""
    today, told = _flat(now), set()
    for day, body in sorted(decisions.items()):
        if body["parameters"] == now:
            continue
        then = _flat(body["parameters"])
        for name in sorted(today.keys() | then.keys()):
            was, value = then.get(name, "none"), today.get(name, "none")
            if was != value and (name, was) not in told:
                told.add((name, was))
                yield Piece("parameters", day, name, was, value)


def _flat(given: Any, name: str = "") -> dict[str, str]:
    """Every single value by its place, such as ``rules.average_cross.fast`` or ``costs.charges.0.rate``."""
    if isinstance(given, Mapping):
        parts = list(given.items())
    elif isinstance(given, list):
        parts = list(enumerate(given))
    else:
        return {name: str(given)}
    found: dict[str, str] = {}
    for key, value in parts:
        found |= _flat(value, f"{name}.{key}" if name else str(key))
    return found


def _restated(bars: Bars, seen: Bars, books: Mapping[str, AccountBook]) -> Iterator[Piece]:
    """Bars that are not as they were seen; where there are none, orders decided otherwise."""
    some = False
    for name in FIELDS:
        was, now = getattr(seen, name), getattr(bars, name)
        same = (np.abs(was - now) <= SAME * np.abs(now)) | (np.isnan(was) & np.isnan(now))
        for row, column in np.argwhere(~same):
            some = True
            item = f"{bars.symbols[column]} {name}"
            yield Piece(
                "restated_data",
                bars.sessions[row],
                item,
                _number(was[row, column]),
                _number(now[row, column]),
            )
    if not some:
        yield from _orders("restated_data", books["parameters"], books["restated_data"])


def _number(value: float) -> str:
    return "none" if np.isnan(value) else f"{value:,.10g}"


def _by_hand(lines: list[Line]) -> Iterator[Piece]:
    for line in lines:
        if line.kind in BY_HAND:
            yield Piece("manual_orders", pd.Timestamp(line.session), _said(line), "carried out", "left out")


def _said(line: Line) -> str:
    """What a person said, in a few words."""
    side = str(line.body.get("side", "")).lower()
    parts = (line.body.get(name) for name in ("quantity", "symbol", "type", "order_id", "note"))
    return " ".join([line.kind.replace("_", " "), side, *(str(one) for one in parts if one)]).replace(
        "  ", " "
    )


def _outcomes(cause: str, book: AccountBook, freed: AccountBook, codes: tuple[str, ...]) -> Iterator[Piece]:
    """Orders with such an outcome that ``freed``, which knows the cause no more, did not end alike."""
    sessions = book.account.bars.sessions
    other = {one.order_id: one for one in freed.account.orders}
    for order in book.account.orders:
        now = other.get(order.order_id)
        if order.outcome in codes and not (now and now.outcome == order.outcome):
            filled = f"{now.filled:g} filled" if now else "not decided"
            yield Piece(cause, sessions[order.ended], _named(book, order), words(order.outcome), filled)


def _parts(cause: str, flag: str, book: AccountBook, freed: AccountBook) -> Iterator[Piece]:
    """Fills of a part of an order that ``freed`` did not fill alike."""
    sessions = book.account.bars.sessions
    there = {(one.order.order_id, one.row, one.quantity) for one in freed.account.fills}
    for fill in book.account.fills:
        own = (fill.order.order_id, fill.row, fill.quantity)
        if flag in fill.flags.split(",") and own not in there:
            was = f"{fill.quantity:g} of {fill.order.quantity:g} filled"
            now = sum(one.quantity for one in freed.account.fills if one.order.order_id == own[0])
            yield Piece(cause, sessions[fill.row], _named(book, fill.order), was, f"{now:g} filled")


def _named(book: AccountBook, order: Order) -> str:
    way = "buy" if order.side > 0 else "sell"
    return f"{way} {book.account.symbols[order.column]} ({order.strategy.replace('_', ' ')})"


def _held_back(book: AccountBook, freed: AccountBook) -> Iterator[Piece]:
    """Entries that the breaker or a sector's limit held back, then orders that a limit cut."""
    yield from _outcomes("limits", book, freed, HELD_BACK)
    yield from _orders("limits", book, freed)


def _fills(book: AccountBook, freed: AccountBook, rules: PaperRules) -> Iterator[Piece]:
    """Orders that were filled in part or not at all, and charges that the two sides do not share."""
    if rules.costs.charges:
        names = ", ".join(dict.fromkeys(one.name for one in rules.costs.charges))
        yield Piece("fills", None, f"charges: {names}", "by side", "half on each side")
    yield from _parts("fills", "PARTIAL", book, freed)
    yield from _outcomes("fills", book, freed, UNFILLED)


def _cash(book: AccountBook, freed: AccountBook) -> Iterator[Piece]:
    """Purchases that were refused, cut or cancelled for want of free cash."""
    yield from _outcomes("cash", book, freed, FOR_CASH)
    yield from _parts("cash", "TRIMMED", book, freed)
    yield from _orders("cash", book, freed)
