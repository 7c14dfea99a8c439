"""Sentences about the history of the book and its newest day, written from the numbers."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.portfolio.snapshots import FIRST_SNAPSHOT, History, unexplained_change

WARNING_WORDS = {
    "MULTI_DAY": "more than one trading day lies between",
    "BASE_GROSS": "the return is on gross exposure, since net asset value was not positive",
    "LATE_ENTRY": "a position was entered before the last snapshot and counts from its entry price",
    "QUANTITY_CHANGED": "a quantity changed and is taken to have changed hands at the newest price",
    "EXIT_ASSUMED": "a position left the file and is taken as closed at its last price",
    "NO_PROFIT": "a position has no profit for want of a price",
    "UNPRICED": "a position has no price",
    "STALE": "a price is older than the last trading day",
    "CURRENCY": "a position is in another currency",
    "MANUAL_STALE": "a manual valuation is more than 100 days old",
    "GREEKS_INCOMPLETE": "an option has no Greeks, so those of the book lack it",
}


def since_sentence(history: History, currency: str) -> str:
    """The profit since the snapshot before, and which position moved it most."""
    if history.skipped:
        return history.skipped
    today = history.today
    if FIRST_SNAPSHOT in today["warnings"]:
        return "This is the first snapshot: there is nothing yet to compare it with."
    before = history.snapshots["snapshot_date"].iloc[-2]
    known = history.moves.dropna(subset="pnl")
    most = known.loc[known["pnl"].abs().idxmax()] if len(known) else None
    by = (
        f", most of it from {most['symbol']} ({wording.money(most['pnl'], signed=True)})"
        if most is not None
        else ""
    )
    return (
        f"Since {wording.date(before)} the book has {'lost' if today['daily_pnl'] < 0 else 'made'} "
        f"{wording.money(abs(today['daily_pnl']), currency)} "
        f"({wording.percent(today['daily_return'], 2, signed=True)}){by}."
    )


def flow_sentence(history: History, currency: str) -> str:
    """How far the change of net asset value is profit, and how far money put in or taken out."""
    flow = unexplained_change(history.snapshots)
    if history.skipped or wording.is_missing(flow):
        return "Money put in or taken out shows from the second snapshot on."
    if abs(flow) < 0.005:
        return "The whole change of net asset value is profit."
    return (
        f"Of the change of net asset value, {wording.money(flow, currency, signed=True)} is no profit: trades"
        " that cash does not show yet, dividends, or money put in or taken out."
    )


def worth_sentence(history: History, currency: str) -> str:
    """Where net asset value stands between its lowest and its highest in the history."""
    if not len(history.snapshots):
        return history.skipped
    nav, days = history.snapshots["nav"], history.snapshots["snapshot_date"]
    if len(nav) == 1:
        return (
            f"The history begins on {wording.date(days.iloc[0])} at {wording.money(nav.iloc[0], currency)}."
        )
    low, high = nav.idxmin(), nav.idxmax()
    return (
        f"Over {wording.plural(len(nav), 'snapshot')} net asset value was between "
        f"{wording.money(nav[low], currency)} ({wording.date(days[low])}) and {wording.money(nav[high])} "
        f"({wording.date(days[high])}); it is {wording.money(nav.iloc[-1])} now."
    )


def greeks_sentence(history: History, currency: str) -> str:
    """The Greeks of the book at the newest snapshot, and how its delta changed."""
    if not len(history.snapshots):
        return history.skipped
    deltas = history.snapshots["delta_dollars"]
    now, missing = deltas.iloc[-1], "not known"
    text = f"Delta of the book is {wording.money(now, currency, reason=missing)}"
    if len(deltas) > 1 and not wording.is_missing(now - deltas.iloc[-2]):
        text += f", {wording.money(now - deltas.iloc[-2], signed=True)} since the snapshot before"
    theta = wording.money(history.snapshots["theta"].iloc[-1], signed=True, reason=missing)
    return f"{text}; a day that passes without a move is worth {theta}."


def warnings_sentence(history: History) -> str:
    """The warnings of the newest snapshot in words."""
    if history.skipped:
        return history.skipped
    codes = [code for code in history.today["warnings"].split(",") if code in WARNING_WORDS]
    if not codes:
        return "The newest snapshot has no warning about its positions."
    return f"To know about the newest snapshot: {wording.joined([WARNING_WORDS[code] for code in codes])}."


def snapshot_verdict(history: History, currency: str) -> str:
    """The day in one sentence."""
    if history.skipped:
        return history.skipped
    today = history.today
    day = wording.date(today["snapshot_date"])
    value = f"Net asset value is {wording.money(today['nav'], currency)} on {day}"
    if FIRST_SNAPSHOT in today["warnings"]:
        return f"{value}, the first snapshot of the book."
    return (
        f"{value}; {wording.money(today['daily_pnl'], signed=True)} since the snapshot before and "
        f"{wording.money(today['cumulative_pnl'], signed=True)} since the first."
    )


def snapshot_figures(history: History, currency: str) -> list[dict]:
    """Key figures of the stage portfolio/snapshot; null where there is no snapshot."""
    last = history.snapshots.iloc[-1] if len(history.snapshots) else pd.Series(dtype="float64")
    since, days = since_sentence(history, currency), len(history.snapshots)
    chain = f"The history has {wording.plural(days, 'snapshot')}."
    rows = (
        ("daily_pnl", last.get("daily_pnl"), "money", "higher", since),
        ("daily_return", last.get("daily_return"), "fraction", "higher", since),
        (
            "cumulative_pnl",
            last.get("cumulative_pnl"),
            "money",
            "higher",
            snapshot_verdict(history, currency),
        ),
        ("snapshots", days, "count", "neither", chain),
    )
    names = ("name", "value", "unit", "better", "sentence")
    return [dict(zip(names, row, strict=True)) for row in rows]
