"""What an order must be before anything is done with it: symbol, side, quantity, type, prices, validity.

Types are those of Indian brokers: MARKET, LIMIT, SL (a limit order from the trigger on) and SL-M (a market
order from the trigger on). Symbols such as M&M and BAJAJ-AUTO are symbols. A quantity is a whole number:
1.9 is refused, not cut to 1.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from lib.errors import Faults, InputError
from lib.nearest import nearest

SYMBOL = re.compile(r"[A-Z0-9&-]{1,20}")
SIDES = ("BUY", "SELL")
TYPES = ("MARKET", "LIMIT", "SL", "SL-M")
PRODUCTS = ("CNC", "INTRADAY", "MARGIN")
VALIDITIES = ("DAY", "GTC")
STATUSES = ("PENDING", "OPEN", "PARTIAL", "COMPLETE", "CANCELLED", "REJECTED", "EXPIRED")
PRICED = ("LIMIT", "SL")
TRIGGERED = ("SL", "SL-M")
MOST_UNITS = 10**9


@dataclass(frozen=True)
class Order:
    """An order that keeps the rules; prices in money a unit, null where its type has none."""

    symbol: str
    side: str
    quantity: int
    type: str = "MARKET"
    price: float | None = None
    trigger: float | None = None
    validity: str = "DAY"
    product: str = "CNC"


def order(
    *,
    symbol: Any,
    side: Any,
    quantity: Any,
    type: Any = "MARKET",
    price: Any = None,
    trigger: Any = None,
    validity: Any = "DAY",
    product: Any = "CNC",
) -> Order:
    """The order of these words and numbers, which may be text as a person types it.

    A price or trigger of null, empty text or 0 counts as none. Raises InputError, or InputFaults with every
    fault, each with its field and the mend.
    """
    faults = Faults()
    with faults.noted():
        symbol = _symbol(symbol)
    words = {"side": (side, SIDES), "type": (type, TYPES), "validity": (validity, VALIDITIES)}
    words["product"] = (product, PRODUCTS)
    read: dict[str, Any] = {}
    for name, (value, known) in words.items():
        with faults.noted():
            read[name] = _one_of(name, value, known)
    with faults.noted():
        read["quantity"] = _quantity(quantity)
    for name, value, wanted in (("price", price, PRICED), ("trigger", trigger, TRIGGERED)):
        with faults.noted():
            read[name] = _money(name, value, read.get("type"), wanted)
    faults.refuse()
    return Order(symbol=symbol, **read)


def _symbol(value: Any) -> str:
    if not (isinstance(value, str) and SYMBOL.fullmatch(value)):
        mend = "write 1 to 20 capitals, digits, & and -, as M&M or BAJAJ-AUTO"
        raise InputError(f"{value!r} is no symbol", field="symbol", mend=mend)
    return value


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        mend = nearest(str(value), known) or f"write one of {', '.join(known)}"
        raise InputError(f"found {value!r}", field=name, mend=mend)
    return value


def _quantity(value: Any) -> int:
    found = _number(value)
    if found is None or found != math.floor(found) or not 1 <= found <= MOST_UNITS:
        mend = f"write a whole number from 1 to {MOST_UNITS:,}"
        raise InputError(f"found {value!r}", field="quantity", mend=mend)
    return int(found)


def _money(name: str, value: Any, kind: str | None, wanted: tuple[str, ...]) -> float | None:
    """The price or trigger of an order of a kind; a kind that is not known wants nothing."""
    given = None if value is None or value == "" else _number(value)
    none = value is None or value == "" or given == 0
    if kind in wanted and (given is None or given <= 0):
        raise InputError(f"found {value!r}", field=name, mend=f"a {kind} order needs a {name} above 0")
    if kind is not None and kind not in wanted and not none:
        mend = f"leave it out, or take {' or '.join(wanted)}"
        raise InputError(f"found {value!r}, and a {kind} order has no {name}", field=name, mend=mend)
    return None if none else given


def _number(value: Any) -> float | None:
    """A finite number, of a number or of its text; None for anything else, truth values among it."""
    if isinstance(value, bool) or (isinstance(value, str) and "_" in value):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
