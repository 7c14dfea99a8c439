"""Identities that must hold of this very what-if: name, whether it holds, the numbers."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.portfolio.trade_sizes import LEFT_OUT
from lib.portfolio.trades import held_quantities
from lib.portfolio.what_if import Changed

Identity = tuple[str, bool, str]
CENT = 0.005


def what_if_identities(
    table: pd.DataFrame,
    changed: Changed,
    positions: pd.DataFrame,
    greeks: tuple[pd.DataFrame, pd.DataFrame],
    *,
    cash: float,
) -> list[Identity]:
    """What must hold of table ``what_if``; ``greeks`` are those of the book's own stage and of this one."""
    return [
        _carried_out(changed.trades),
        _units(changed, positions),
        _value(changed, positions, cash),
        _same_greeks(*greeks),
        _nothing_from_nothing(table, changed),
    ]


def suggestion_identities(effects: pd.DataFrame) -> list[Identity]:
    """Each suggestion reaches its goal on the recomputed book, within the rest of whole shares."""
    return [
        (
            f"{row.suggestion}: the suggestion does what it says",
            bool(row.reached),
            f"{wording.figure(row.before, row.unit)} becomes {wording.figure(row.after, row.unit)}, "
            f"goal {wording.figure(row.goal, row.unit)}",
        )
        for row in effects.itertuples()
    ]


def _carried_out(trades: pd.DataFrame) -> Identity:
    left = trades[trades["flags"].isin(LEFT_OUT)]
    named = wording.joined(f"{row.symbol} {row.flags}" for row in left.itertuples())
    return (
        "Every trade that is asked for is carried out",
        left.empty,
        named or f"{len(trades)} of {len(trades)}",
    )


def _units(changed: Changed, positions: pd.DataFrame) -> Identity:
    """Units after are units before and the trade, symbol by symbol."""
    before, after = (held_quantities(book) for book in (positions, changed.positions))
    moved = (after["long"] - after["short"]).sub(before["long"] - before["short"], fill_value=0.0)
    asked = changed.trades.set_index("symbol")["quantity"]
    off = float(moved.sub(asked, fill_value=0.0).abs().max()) if len(moved) else 0.0
    return "Units after are units before and the trades", off < 1e-6, f"largest gap {wording.number(off, 6)}"


def _value(changed: Changed, positions: pd.DataFrame, cash: float) -> Identity:
    """Net asset value moves by the cost, and by what a trade's own price differs from the last one."""
    before, after = positions["exposure"].sum() + cash, changed.positions["exposure"].sum() + changed.cash
    every = pd.concat([changed.positions, positions]).drop_duplicates("symbol").set_index("symbol")["price"]
    trades = changed.trades[changed.trades["quantity"] != 0]
    last = trades["symbol"].map(every).astype("float64")
    gap = (trades["notional"] * (last / trades["price"] - 1)).sum()
    expected = before + gap - changed.cost
    detail = f"{wording.money(after)} and {wording.money(expected)}"
    return "Net asset value moves by cost and price gaps alone", bool(abs(after - expected) < CENT), detail


def _same_greeks(given: pd.DataFrame, recomputed: pd.DataFrame) -> Identity:
    """The base here is the base on the other pages."""
    one, other = float(given["delta_dollars"].sum()), float(recomputed["delta_dollars"].sum())
    detail = f"{wording.money(one)} and {wording.money(other)}"
    return "Dollar deltas of today's options are those of the Greeks stage", abs(one - other) < 1.0, detail


def _nothing_from_nothing(table: pd.DataFrame, changed: Changed) -> Identity:
    name = "Without a trade nothing changes"
    if len(changed.trades):
        return name, True, f"{wording.plural(len(changed.trades), 'trade')} asked for"
    widest = float(table["change"].abs().max())
    return name, not widest > 0, f"largest change {wording.number(widest, 6)}"
