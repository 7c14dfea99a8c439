"""What the book is worth and what changed: the figures to be seen first, profit, trades, history."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.review.pages.portfolio.review import (
    HOLDING,
    MARKET,
    NOT_NAMED,
    Review,
    made_or_lost,
    said,
    side,
    starting,
)
from lib.review.section import Section
from lib.tables.columns import date, fraction, money, number, text

HALF_A_CENT = 0.005
LAST_SNAPSHOTS = 30
TRADED = {"new": "opened", "increased": "increased", "reduced": "reduced", "exited": "closed"}


def glance(review: Review) -> pd.DataFrame:
    """Lines of what, how much, and what stands beside it."""
    change, loss = review.value("change", "snapshot", "return"), review.value("risk", "1y", "var_95")
    lines = [
        ("Net asset value", _book(review, "nav"), f"of which cash {cash_words(review)}"),
        (
            "Profit since the snapshot before",
            review.text("change", "snapshot", "profit"),
            _unless_missing(change, f"{wording.percent(change, 2, signed=True)} of the value then"),
        ),
        ("Profit of the last trading day", _book(review, "daily_pnl"), ""),
        ("Profit since entry", _book(review, "unrealized_pnl"), "of what is held"),
        ("Gross and net exposure", _book(review, "gross"), f"net {_book(review, 'net')}"),
        ("Long and short", *(_side(review, name) for name in ("long", "short"))),
        ("Market beta", *_beta(review)),
        (
            "A bad day, one in twenty",
            review.text("risk", "1y", "var_95_money"),
            _unless_missing(loss, f"a loss of {wording.percent(loss)} of {review.base_words}, or more"),
        ),
        ("Worst stress scenario", *_worst(review)),
        ("Average correlation", *_correlation(review)),
    ]
    return pd.DataFrame(lines, columns=["figure", "value", "beside"], dtype="str")


def glance_sentence(review: Review) -> str:
    """How large the book is beside what it is worth."""
    leverage, nav = review.value("value", "book", "leverage"), review.value("value", "book", "nav")
    if wording.is_missing(leverage):
        return (
            f"{NOT_NAMED}exposure in parts of net asset value; {review.reason('value', 'book', 'leverage')}."
        )
    net = wording.ratio(review.value("value", "book", "net") / nav)
    return f"Gross exposure is {wording.ratio(leverage)} times net asset value, net exposure {net} times."


def cash_words(review: Review) -> str:
    """Cash, and what of it is free once all that is short is bought back, where something is."""
    free, short = review.value("value", "book", "free_cash"), review.value("value", "book", "short")
    cash = _book(review, "cash")
    if wording.is_missing(free) or not short:
        return cash
    left = f"{review.money(free)} once what is short is bought back"
    return (
        f"{cash}, {left}"
        if free >= 0
        else f"{cash}, {review.money(-free)} short of buying back what is short"
    )


def _book(review: Review, measure: str) -> str:
    return review.text("value", "book", measure)


def _side(review: Review, name: str) -> str:
    return side(review.value("value", "book", name), review.currency, name)


def _unless_missing(value: float, words: str) -> str:
    return "" if wording.is_missing(value) else words


def _beta(review: Review) -> tuple[str, str]:
    beta = review.value("beta", MARKET, "beta")
    beside = f"percent of {review.base_words} for 1% in the market"
    return wording.ratio(beta, reason="no position has one"), _unless_missing(beta, beside)


def _worst(review: Review) -> tuple[str, str]:
    known = review.figures("stress", ["note", "conditional_pnl"]).dropna(subset="conditional_pnl")
    if known.empty:
        return wording.not_available("none computed"), ""
    return review.money(known["conditional_pnl"].iloc[0]), str(known["note"].iloc[0])


def _correlation(review: Review) -> tuple[str, str]:
    mean = review.value("concentration", "book", "average_correlation")
    signed = review.value("concentration", "book", "signed_average_correlation")
    shorts = not wording.is_missing(signed) and signed != mean
    beside = f"{wording.ratio(signed)} with shorts counted as opposites" if shorts else ""
    reason = review.reason("concentration", "book", "average_correlation")
    return wording.ratio(mean, reason=reason), beside


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


GLANCE = (
    Section("glance", "{name}", glance_sentence, "portfolio_report",
        (text("figure", label="Figure"), text("value", label="Amount"), text("beside", label="Beside it")),
        glance),
)  # fmt: skip
CHANGE = (
    Section("mover", "What moved the value most", change_sentence, "snapshot_positions",
        (*HOLDING, money("profit", label="Profit, {currency}")), bars=("profit",)),
    Section("trade", "What was bought and sold", trades_sentence, "snapshot_positions",
        (text("item", label="Position"), text("note", label="What happened"),
         number("quantity", label="Shares or contracts"))),
    Section("history", f"Value and profit at the last {LAST_SNAPSHOTS} snapshots", history_sentence,
        "snapshots",
        (date("snapshot_date", label="Day"), money("nav", label="Net asset value"),
         money("daily_pnl", label="Profit", absent="first snapshot"),
         fraction("daily_return", label="Return", absent="first snapshot"),
         money("cumulative_pnl", label="Profit since the first")), history, first=5),
)  # fmt: skip
