"""``run_all.py paper order|cancel|show|history|reset|breaker``: what a person does with a paper account."""

from __future__ import annotations

import argparse
from argparse import Namespace
from pathlib import Path
from typing import Any

import pandas as pd

from lib.command_line import Parser
from lib.trading.paper import asking
from lib.trading.paper.standing import Standing, refuse_clock, standing


def main(arguments: list[str], outputs: Path) -> int:
    """Carry one of the six out; the exit code."""
    asked = _parser().parse_args(arguments)
    asked.do(asked, standing(outputs, asked.account))
    return 0


def _parser() -> Parser:
    parser = Parser(prog="run_all.py paper", description="Orders of a person for a paper account.")
    actions = parser.add_subparsers(metavar="ACTION", required=True, parser_class=Parser)

    def add(name: str, does: str, do: Any) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=does)
        action.add_argument("account", metavar="ACCOUNT")
        action.set_defaults(do=do)
        return action

    order = add("order", "order shares for the next session, or a later one", _order)
    order.add_argument("symbol", metavar="SYMBOL")
    order.add_argument("side", metavar="buy|sell")
    order.add_argument("quantity", metavar="QUANTITY")
    order.add_argument("--type", default="MARKET", metavar="TYPE", help="MARKET, LIMIT, SL or SL-M")
    order.add_argument("--limit", metavar="PRICE")
    order.add_argument("--trigger", metavar="PRICE", help="price that wakes an SL or SL-M order")
    order.add_argument("--validity", default="DAY", metavar="DAY|GTC")
    order.add_argument("--at", metavar="PRICE", help="it was traded elsewhere at this price")
    order.add_argument("--lots", nargs="+", default=[], metavar="ORDER", help="orders whose lots are sold")
    cancel = add("cancel", "take back an order that stands", _cancel)
    cancel.add_argument("order", metavar="ORDER")
    reset = add("reset", "put the ledger away and begin anew", _reset)
    breaker = add("breaker", "let entries through again", _breaker)
    breaker.add_argument("--reset", action="store_true")
    for one in (order, cancel, reset, breaker):
        one.add_argument("--on", metavar="SESSION", help="first session it counts for; default: the next")
        one.add_argument("--note", default="", metavar="TEXT")
    add("show", "money, positions and orders", _show)
    add("history", "every line of the ledger", _history)
    return parser


def _order(asked: Namespace, at: Standing) -> None:
    body, session = asking.order_of(asked, at), asking.session_of(asked, at)
    asking.refuse_unaffordable(body, at)
    line = at.ledger.say("trade" if asked.at else "order", session, body, check=refuse_clock)
    price = f" at {body.get('limit') or body.get('trigger')}" if body["type"] != "MARKET" else ""
    print(
        f"{line.body['order_id']}: {body['side'].lower()} {body['quantity']} {body['symbol']} "
        f"{body['type']}{price} {body['validity']}, from {session} on"
    )


def _cancel(asked: Namespace, at: Standing) -> None:
    session = asking.cancelled_from(asked, at)
    at.ledger.say(
        "cancel", session, {"order_id": asked.order, "note": asking.note_of(asked)}, check=refuse_clock
    )
    print(f"{asked.order}: cancelled from {session} on")


def _reset(asked: Namespace, at: Standing) -> None:
    note, session = asking.note_of(asked, needed=True), asking.session_of(asked, at)
    refuse_clock(at.lines)
    body = {"start": session, "capital": at.subject["capital"], "note": note}
    place = at.ledger.archive("reset", session, body)
    kept = f"; the ledger before it is {place}" if place else ""
    print(f"{at.account} begins anew on {session}{kept}")


def _breaker(asked: Namespace, at: Standing) -> None:
    note, session = asking.note_of(asked, needed=True), asking.session_of(asked, at)
    asking.refuse_quiet_breaker(asked, at)
    at.ledger.say("breaker_reset", session, {"note": note}, check=refuse_clock)
    print(f"{at.account}: entries are let through from {session} on")


def _show(asked: Namespace, at: Standing) -> None:
    last = at.table("account_equity").iloc[-1]
    currency = at.subject["currency"]
    print(f"{at.account} at the close of {last['date']:%Y-%m-%d} ({at.run.name})")
    for name in ("equity", "cash", "unsettled", "reserved", "invested", "realised", "costs", "dividends"):
        print(f"  {name:<11}{last[name]:>20,.2f} {currency}")
    print(f"  breaker    {'on' if last['breaker'] else 'off':>20}")
    held = at.table("account_holdings")
    _print(
        "held", held.loc[held["date"] == last["date"], ["symbol", "strategy", "quantity", "price", "stop"]]
    )
    orders = at.table("account_orders")
    columns = ["order_id", "side", "quantity", "symbol", "type", "limit", "trigger", "validity"]
    _print("ordered", orders.loc[orders["status"].isin(["OPEN", "PARTIAL"]), columns])
    _print(
        "said since",
        pd.DataFrame([{"session": one.session, "kind": one.kind, **one.body} for one in at.waiting]),
    )


def _print(title: str, frame: pd.DataFrame) -> None:
    print(f"{title}: {'nothing' if frame.empty else ''}")
    if not frame.empty:
        print(frame.to_string(index=False, na_rep=""))


def _history(asked: Namespace, at: Standing) -> None:
    for one in at.lines:
        by = f"run of {one.as_of}" if one.as_of else "person"
        said = {name: value for name, value in one.body.items() if name not in SILENT}
        told = ", ".join(
            f"{name} {_short(value)}" for name, value in said.items() if value not in (None, "", [], {})
        )
        print(f"{one.number} {one.session} {one.kind} ({by}, {one.moment}): {told}")


SILENT = ("bars", "parameters", "parameters_digest", "code")
"""Parts of decisions that ``show`` leaves to the table."""


def _short(value: Any) -> str:
    if isinstance(value, list):
        return (
            f"{len(value)} [{', '.join(one if isinstance(one, str) else one['order_id'] for one in value)}]"
        )
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
