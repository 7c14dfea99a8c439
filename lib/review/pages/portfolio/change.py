"""What changed since the snapshot before: profit, trades, and the last snapshots."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.review.pages.portfolio.review import Review, made_or_lost, said, starting
from lib.review.section import Section
from lib.tables.columns import date, fraction, money, number, text

HALF_A_CENT = 0.005
LAST_SNAPSHOTS = 30
TRADED = {"new": "opened", "increased": "increased", "reduced": "reduced", "exited": "closed"}


def profit_words(review: Review) -> str:
    """What the book made or lost and since when; empty where it is not known."""
    profit = review.value("change", "snapshot", "profit")
    if not wording.is_missing(profit):
        since = wording.date(review.note("change", "snapshot", "profit").removeprefix("since "))
        return f"{made_or_lost(profit, review.currency)} since {since}"
    profit = review.value("value", "book", "daily_pnl")
    if wording.is_missing(profit):
        return ""
    return f"{made_or_lost(profit, review.currency)} on the last trading day"


def change_sentence(review: Review) -> str:
    """What the time since the snapshot before brought, and from what."""
    profit = review.value("change", "snapshot", "profit")
    if wording.is_missing(profit):
        return _last_day(review)
    days = int(review.value("change", "snapshot", "days"))
    text = f"In {wording.plural(days, 'day')} the portfolio {made_or_lost(profit, review.currency)}"
    other = review.value("change", "snapshot", "other")
    if abs(other) >= HALF_A_CENT:
        text += f", and {review.money(abs(other))} was {'put in' if other > 0 else 'taken out'}"
    return f"{text}.{_most(review)}"


def _last_day(review: Review) -> str:
    first = review.value("change", "snapshot", "snapshots") <= 1
    text = "There is no snapshot before this one." if first else "The profit since the snapshot is not known."
    profit = review.value("value", "book", "daily_pnl")
    if wording.is_missing(profit):
        return text
    moved = made_or_lost(profit, review.currency)
    return f"{text} On the last trading day the holdings {moved}.{_most(review)}"


def _most(review: Review) -> str:
    movers = review.figures("mover", ["item", "note", "profit"]).head(2)
    names = [
        f"{said(one.item, one.note)} ({wording.money(one.profit, signed=True)})"
        for one in movers.itertuples(index=False)
    ]
    return f" {starting(wording.joined(names))} moved most." if names else ""


def trades_sentence(review: Review) -> str:
    """What was bought, sold and closed since the snapshot before."""
    counts = review.figures("trade")["note"].value_counts()
    if counts.empty:
        return "No position was opened, changed or closed."
    parts = [
        f"{wording.plural(int(counts[kind]), 'position')} {word}"
        for kind, word in TRADED.items()
        if kind in counts
    ]
    return f"{wording.sentence_case(wording.joined(parts))}."


def history(review: Review) -> pd.DataFrame:
    """Value and profit at the last snapshots, newest first."""
    return review.tables.snapshots.sort_values("snapshot_date", ascending=False).head(LAST_SNAPSHOTS)


def history_sentence(review: Review) -> str:
    """From where to where the value went over the snapshots that are shown."""
    shown = history(review)
    if len(shown) < 2:
        return "There is one snapshot so far."
    last, first = shown.iloc[0], shown.iloc[-1]
    since = f"{wording.plural(len(shown), 'snapshot')} since {wording.date(first['snapshot_date'])}"
    moved = f"went from {review.money(first['nav'])} to {review.money(last['nav'])}"
    earned = made_or_lost(last["cumulative_pnl"], review.currency)
    return f"Over {since} the value {moved}; since the first of all, the positions {earned}."


SECTIONS = (
    Section(
        "change",
        "movers",
        "What moved the value most",
        change_sentence,
        "snapshot_positions",
        "mover",
        (
            text("item", label="Holding"),
            text("note", label="What it is"),
            money("profit", label="Profit, {currency}"),
        ),
        bars=("profit",),
    ),
    Section(
        "change",
        "trades",
        "What was bought and sold",
        trades_sentence,
        "snapshot_positions",
        "trade",
        (
            text("item", label="Position"),
            text("note", label="What happened"),
            number("quantity", label="Shares or contracts"),
        ),
    ),
    Section(
        "change",
        "history",
        f"Value and profit at the last {LAST_SNAPSHOTS} snapshots",
        history_sentence,
        "snapshots",
        history,
        (
            date("snapshot_date", label="Day"),
            money("nav", label="Net asset value"),
            money("daily_pnl", label="Profit", absent="first snapshot"),
            fraction("daily_return", label="Return", absent="first snapshot"),
            money("cumulative_pnl", label="Profit since the first"),
        ),
        first=5,
    ),
)
