"""What a person types for an account, checked: each fault is one message with the field and its mend."""

from __future__ import annotations

import math
import re
from argparse import Namespace
from typing import Any

import pandas as pd

from lib.errors import InputError
from lib.market import calendar
from lib.nearest import nearest
from lib.trading.paper.orders import DAY, GTC, SIDES, TYPES
from lib.trading.paper.standing import Standing

MOST_NOTE = 300
MOST_SHARES = 10**9
LIMITED, WOKEN = ("LIMIT", "SL"), ("SL", "SL-M")


def order_of(asked: Namespace, at: Standing) -> dict[str, Any]:
    """The body of an order. Raises InputError for whatever it cannot be."""
    symbol = _symbol(asked.symbol, at)
    side = _choice(asked.side.upper(), tuple(SIDES), "buy|sell")
    kind = _choice(asked.type.upper(), TYPES, "--type")
    validity = _choice(asked.validity.upper(), (DAY, GTC), "--validity")
    prices = {name: _price(getattr(asked, name), f"--{name}") for name in ("limit", "trigger", "at")}
    for name, kinds in (("limit", LIMITED), ("trigger", WOKEN)):
        _needed(name, prices[name], kind, kinds)
    _right_side(side, kind, prices, symbol, at)
    body: dict[str, Any] = {
        "symbol": symbol,
        "side": side,
        "quantity": _quantity(asked.quantity),
        "type": kind,
        "limit": prices["limit"],
        "trigger": prices["trigger"],
        "validity": validity,
        "strategy": "manual",
        "note": note_of(asked),
    }
    if prices["at"] is not None:
        body["price"] = prices["at"]
    return {**body, "lots": list(asked.lots)} if asked.lots else body


def _symbol(symbol: str, at: Standing) -> str:
    known = at.subject["symbols"]
    if symbol not in known:
        mend = nearest(symbol, known) or f"the account may trade {', '.join(known)}"
        raise InputError(f"unknown symbol {symbol!r}", field="SYMBOL", mend=mend)
    if math.isnan(at.last_close(symbol)):
        raise InputError(f"no price of {symbol} is known", field="SYMBOL", mend="order it once it has traded")
    return symbol


def _choice(value: str, choices: tuple[str, ...], field: str) -> str:
    if value not in choices:
        raise InputError(f"found {value!r}", field=field, mend=f"take one of {', '.join(choices)}")
    return value


def _quantity(given: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", given, re.ASCII) or not 1 <= int(given) <= MOST_SHARES:
        mend = f"give a whole number of shares from 1 to {MOST_SHARES:,}"
        raise InputError(f"found {given!r}", field="QUANTITY", mend=mend)
    return int(given)


def _price(given: str | None, field: str) -> float | None:
    if given is None:
        return None
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not 0 < value < 1e9:
        raise InputError(f"found {given!r}", field=field, mend="give a price above 0")
    return value


def _needed(name: str, price: float | None, kind: str, kinds: tuple[str, ...]) -> None:
    if kind in kinds and price is None:
        raise InputError(f"an order of type {kind} has none", field=f"--{name}", mend=f"give --{name} PRICE")
    if kind not in kinds and price is not None:
        mend = f"take it away, or give --type {' or '.join(kinds)}"
        raise InputError(f"an order of type {kind} takes none", field=f"--{name}", mend=mend)


def _right_side(side: str, kind: str, prices: dict[str, float | None], symbol: str, at: Standing) -> None:
    """A stop order waits above the price to buy, below it to sell, and its limit lies beyond its trigger."""
    trigger, limit = prices["trigger"], prices["limit"]
    if kind not in WOKEN or trigger is None:
        return
    sign, close = SIDES[side], at.last_close(symbol)
    beyond = "above" if sign > 0 else "below"
    if not sign * (trigger - close) > 0:
        found = f"found {trigger:g}, and the last close of {symbol} is {close:g}"
        raise InputError(found, field="--trigger", mend=f"a {side} stop lies {beyond} the price")
    if limit is not None and sign * (limit - trigger) < 0:
        mend = f"give the trigger itself or a limit {beyond} it"
        raise InputError(f"found {limit:g} with a trigger of {trigger:g}", field="--limit", mend=mend)


def refuse_unaffordable(body: dict[str, Any], at: Standing) -> None:
    """Raise InputError for a purchase without the cash, or a sale without the shares."""
    if body["side"] == "BUY":
        needed, free = at.worst_cost(body), at.free_cash()
        if needed > free:
            money = at.subject["currency"]
            found = f"it may take {needed:,.2f} {money} and {free:,.2f} is free"
            raise InputError(found, field="QUANTITY", mend="order fewer shares, or cancel another order")
        return
    held = at.held(body["symbol"])
    if body["quantity"] > held and not at.settings["short"]:
        found = f"{held:,.0f} shares of {body['symbol']} are held and not on sale"
        raise InputError(found, field="QUANTITY", mend="sell no more; the setting `short` allows to")


def session_of(asked: Namespace, at: Standing) -> str:
    """The first session that it counts for. Raises InputError for one that was run, or is none."""
    if not asked.on:
        return f"{at.next_day:%Y-%m-%d}"
    day, exchange = _day(asked.on), at.settings["exchange"]
    if day <= at.last_day:
        found = f"the session {day:%Y-%m-%d} has been run, up to {at.last_day:%Y-%m-%d}"
        raise InputError(found, field="--on", mend=f"give {at.next_day:%Y-%m-%d} or a later session")
    if not calendar.is_trading_day(day, exchange):
        after = calendar.next_trading_day(day, exchange)
        raise InputError(
            f"{day:%Y-%m-%d} is no session of {exchange}", field="--on", mend=f"give {after:%Y-%m-%d}"
        )
    return f"{day:%Y-%m-%d}"


def _day(given: str) -> pd.Timestamp:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", given, re.ASCII):
        raise InputError(f"found {given!r}", field="--on", mend="give a day as YYYY-MM-DD")
    try:
        return pd.Timestamp(given)
    except ValueError:
        raise InputError(f"found {given!r}", field="--on", mend="give a day as YYYY-MM-DD") from None


def cancelled_from(asked: Namespace, at: Standing) -> str:
    """From which session an order is cancelled. Raises InputError where it does not stand."""
    orders = at.table("account_orders")
    stands = orders.loc[orders["status"].isin(["OPEN", "PARTIAL"]), "order_id"].tolist()
    typed = {one.body["order_id"]: one.session for one in at.waiting if one.kind == "order"}
    gone = {one.body["order_id"] for one in at.waiting if one.kind == "cancel"}
    known = [name for name in (*stands, *typed) if name not in gone]
    if asked.order not in known:
        mend = nearest(asked.order, known) or (f"there are {', '.join(known)}" if known else "none stands")
        raise InputError(f"no order {asked.order!r} stands", field="ORDER", mend=mend)
    return max(session_of(asked, at), typed.get(asked.order, ""))


def note_of(asked: Namespace, *, needed: bool = False) -> str:
    """What a person says beside it."""
    note = asked.note.strip()
    if needed and not note:
        raise InputError("no note", field="--note", mend="say in a few words why")
    if len(note) > MOST_NOTE:
        raise InputError(f"{len(note)} characters", field="--note", mend=f"give {MOST_NOTE} at most")
    return note


def refuse_quiet_breaker(asked: Namespace, at: Standing) -> None:
    """Raise InputError where there is nothing to reset, or that was not asked for."""
    if not asked.reset:
        raise InputError("nothing to do", field="--reset", mend="give --reset --note TEXT")
    if not bool(at.table("account_equity").iloc[-1]["breaker"]):
        raise InputError("the breaker is not on", field="--reset", mend="nothing has to be done")
