"""Orders for other programs: FIX 4.4 messages ``NewOrderSingle``, and CSV.

Tags and values as the FIX Protocol Specification, Version 4.4, has them (FIX Trading Community, 2003, Volume
4); body length and checksum are made by simplefix. Every moment is the order's own and the clock is not
asked, so equal orders are equal bytes.

A frame of orders has ``order_id symbol side quantity type price trigger validity moment``: side BUY, SELL or
SHORT (a sale of what is not held, which FIX tells apart); type MARKET, LIMIT, SL (a limit from the trigger
on) or SL-M (a market order from the trigger on); price and trigger in money a unit, null where the type has
none; validity DAY or GTC; moment in UTC.
"""

from __future__ import annotations

import re

import pandas as pd

from lib.errors import InputError
from lib.market import occ

COLUMNS = ["order_id", "symbol", "side", "quantity", "type", "price", "trigger", "validity", "moment"]
SIDES = {"BUY": "1", "SELL": "2", "SHORT": "5"}
TYPES = {"MARKET": "1", "LIMIT": "2", "SL-M": "3", "SL": "4"}
VALIDITIES = {"DAY": "0", "GTC": "1"}
PRICED = ("LIMIT", "SL")
TRIGGERED = ("SL", "SL-M")
WORDS = {"side": SIDES, "type": TYPES, "validity": VALIDITIES}
UNSEEN = re.compile("[\x00-\x1f\x7f]")
FORMULA_STARTS = ("=", "+", "-", "@")


def orders_as_fix(orders: pd.DataFrame, *, sender: str = "WORKBENCH", target: str = "BROKER") -> bytes:
    """One message an order, numbered from 1 in their order; nothing for no orders.

    ``sender`` and ``target`` are the ids of the two parties. Raises InputError for an order that FIX has no
    message for.
    """
    import simplefix

    _check(orders)
    parts = []
    for number, one in enumerate(orders.itertuples(index=False), start=1):
        message = simplefix.FixMessage()
        moment = f"{one.moment:%Y%m%d-%H:%M:%S}.{one.moment.microsecond // 1000:03d}"
        pairs = [(8, "FIX.4.4"), (35, "D"), (49, sender), (56, target), (34, number), (52, moment)]
        pairs += [(11, one.order_id), *_instrument(one.symbol), (54, SIDES[one.side]), (60, moment)]
        pairs += [(38, _plain(one.quantity)), (40, TYPES[one.type])]
        pairs += [(44, _plain(one.price))] if one.type in PRICED else []
        pairs += [(99, _plain(one.trigger))] if one.type in TRIGGERED else []
        pairs += [(59, VALIDITIES[one.validity])]
        for tag, value in pairs:
            message.append_pair(tag, value, header=tag in (8, 35))
        parts.append(message.encode())
    return b"".join(parts)


def orders_as_csv(orders: pd.DataFrame) -> str:
    """The orders under the names of their columns; moments in ISO form, text that no spreadsheet runs.

    Raises InputError for what ``orders_as_fix`` refuses, so that both files hold the same.
    """
    _check(orders)
    table = orders[COLUMNS].assign(
        moment=orders["moment"].map(lambda one: f"{one:%Y-%m-%dT%H:%M:%S}Z").astype("str"),
        **{name: orders[name].map(_plain).astype("str") for name in ("quantity", "price", "trigger")},
    )
    for name in ("order_id", "symbol"):
        formula = table[name].str.startswith(FORMULA_STARTS)
        table[name] = table[name].mask(formula, "'" + table[name])
    return table.to_csv(index=False, lineterminator="\n")


def _instrument(symbol: str) -> list[tuple[int, str]]:
    """Symbol of a share; of an option in OCC form its underlying, kind, expiry and strike."""
    option = occ.parse(symbol)
    if not isinstance(option, occ.Option):
        return [(55, symbol)]
    kind = [(461, f"O{option.right}XXXX"), (167, "OPT")]
    return [(55, option.underlying), *kind, (541, f"{option.expiry:%Y%m%d}"), (202, _plain(option.strike))]


def _check(orders: pd.DataFrame) -> None:
    """Raise InputError for the first order that cannot be written down."""
    kind = orders["type"]
    sound = orders["quantity"].gt(0) & orders["quantity"].lt(float("inf"))
    _refuse(orders, ~sound, "quantity", "take a number above 0")
    for name, known in WORDS.items():
        _refuse(orders, ~orders[name].isin(list(known)), name, f"take one of {', '.join(known)}")
    for name, needing in (("price", PRICED), ("trigger", TRIGGERED)):
        wrong = kind.isin(needing) & ~(orders[name].gt(0) & orders[name].lt(float("inf")))
        _refuse(orders, wrong, name, f"an order of type {' or '.join(needing)} needs it above 0")
    for name in ("order_id", "symbol"):
        text = orders[name].astype("str")
        _refuse(orders, text.eq("") | text.str.contains(UNSEEN), name, "write it in signs that are seen")
    _refuse(orders, orders["moment"].isna(), "moment", "give the moment of the decision")
    _refuse(orders, orders["order_id"].duplicated(), "order_id", "give each order an id of its own")


def _refuse(orders: pd.DataFrame, wrong: pd.Series, name: str, mend: str) -> None:
    if wrong.any():
        first = orders[wrong].iloc[0]
        raise InputError(f"order {first['order_id']!r}: found {first[name]!r}", field=name, mend=mend)


def _plain(value: float) -> str:
    """A number without exponent and without zeros that say nothing; empty for none."""
    return "" if pd.isna(value) else f"{value:.8f}".rstrip("0").rstrip(".")
