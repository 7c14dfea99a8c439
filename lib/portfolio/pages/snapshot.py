"""What the page of ``portfolio/snapshot`` shows and says: the day's profit, the history, its Greeks."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.book import totals_of
from lib.checks import CENT, Check, holds, same_money
from lib.contracts import KeyFigure
from lib.portfolio.snapshots import (
    BASE_GROSS,
    CLOSED,
    FIRST_SNAPSHOT,
    GREEKS,
    GREEKS_INCOMPLETE,
    MULTI_DAY,
    History,
    unexplained_change,
)

CHANGES = {"first": "first seen", "exited": "left"}
OF_BOOK = (MULTI_DAY, BASE_GROSS, GREEKS_INCOMPLETE)
MOVES = ("symbol", "change", "quantity", "price", "exposure", "pnl", "flags")
HISTORY = ("snapshot_date", "nav", "daily_pnl", "daily_return", "cumulative_pnl", "gross", "positions")
GREEK_HISTORY = ("snapshot_date", *GREEKS)


def moves(history: History) -> pd.DataFrame:
    """Positions of the newest snapshot, the largest profit or loss first, change and flags in words."""
    table = history.moves
    order = table["pnl"].abs().sort_values(ascending=False, na_position="last", kind="stable").index
    change = table["change"].map(CHANGES).fillna(table["change"]).astype("str")
    flags = table["flags"].map(codes.all_words).astype("str")
    return table.assign(change=change, flags=flags).loc[order].reset_index(drop=True)


def newest_first(history: History) -> pd.DataFrame:
    """The table ``snapshots`` from the newest day on."""
    return history.snapshots.sort_values("snapshot_date", ascending=False).reset_index(drop=True)


def skipped_sentence(history: History) -> str:
    """Why the day of the run added no snapshot."""
    if history.skipped == CLOSED:
        return f"{wording.date(history.day)} is no trading day, so there is no snapshot of it."
    newest = wording.date(history.snapshots["snapshot_date"].max())
    return f"The history reaches {newest} already and stays as it is."


def since_sentence(history: History, currency: str) -> str:
    """The profit since the snapshot before, and which position moved it most."""
    if history.skipped:
        return skipped_sentence(history)
    today = history.today
    if _is_first(history):
        return "This is the first snapshot: there is nothing yet to compare it with."
    before = history.snapshots["snapshot_date"].iloc[-2]
    known, by = history.moves.dropna(subset="pnl"), ""
    if len(known):
        most = known.loc[known["pnl"].abs().idxmax()]
        by = f", most of it from {most['symbol']} ({wording.money(most['pnl'], signed=True)})"
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
    if abs(flow) < CENT:
        return "The whole change of net asset value is profit."
    return (
        f"Of the change of net asset value, {wording.money(flow, currency, signed=True)} is no profit: trades"
        " that cash does not show yet, dividends, or money put in or taken out."
    )


def worth_sentence(history: History, currency: str) -> str:
    """Where net asset value stands between its lowest and its highest in the history."""
    if not len(history.snapshots):
        return skipped_sentence(history)
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


def warnings_sentence(history: History) -> str:
    """The warnings of the newest snapshot in words: those of the book, then those of some position."""
    if history.skipped:
        return skipped_sentence(history)
    found = [code for code in history.today["warnings"].split(",") if code and code != FIRST_SNAPSHOT]
    of_book = [codes.words(code) for code in found if code in OF_BOOK]
    of_positions = [codes.words(code) for code in found if code not in OF_BOOK]
    if not found:
        return "The newest snapshot has no warning about its positions."
    said = [f"To know about the newest snapshot: {wording.joined(of_book)}."] if of_book else []
    said += [f"To look at in one position at least: {wording.joined(of_positions)}."] if of_positions else []
    return " ".join(said)


def greeks_sentence(history: History, currency: str) -> str:
    """The Greeks of the book at the newest snapshot, and how its delta changed."""
    if not len(history.snapshots):
        return skipped_sentence(history)
    deltas = history.snapshots["delta_dollars"]
    now, missing = deltas.iloc[-1], "not known"
    said = f"Delta of the book is {wording.money(now, currency, reason=missing)}"
    if len(deltas) > 1 and not wording.is_missing(now - deltas.iloc[-2]):
        said += f", {wording.money(now - deltas.iloc[-2], signed=True)} since the snapshot before"
    theta = wording.money(history.snapshots["theta"].iloc[-1], signed=True, reason=missing)
    return f"{said}; a day that passes without a move is worth {theta}."


def checks(history: History, exposures: pd.DataFrame) -> list[Check]:
    """What must hold of the tables ``snapshots`` and ``snapshot_positions``."""
    table = history.snapshots
    days, run = table["snapshot_date"], table["cumulative_pnl"]
    last = float(run.iloc[-1] - run.iloc[0]) if len(table) else 0.0
    nav = float(table["nav"].iloc[-1]) if len(table) and not history.skipped else float("nan")
    now = nav if history.skipped else float(totals_of(exposures)["nav"])
    today = float(table["daily_pnl"].fillna(0.0).iloc[-1]) if len(table) else 0.0
    earned, moved = float(table["daily_pnl"].iloc[1:].sum()), float(history.moves["pnl"].sum())
    return [
        holds(
            "Days rise and none repeats",
            days.is_monotonic_increasing and days.is_unique,
            wording.plural(len(days), "day"),
        ),
        same_money("Cumulative profit grows by the daily profits", last, earned),
        same_money("The day's profit is that of its positions", today, moved),
        same_money("The newest net asset value is that of the book", nav, now),
    ]


def verdict(history: History, currency: str) -> str:
    """The day in one sentence."""
    if history.skipped:
        return skipped_sentence(history)
    today = history.today
    day = wording.date(today["snapshot_date"])
    value = f"Net asset value is {wording.money(today['nav'], currency)} on {day}"
    if _is_first(history):
        return f"{value}, the first snapshot of the book."
    return (
        f"{value}; {wording.money(today['daily_pnl'], signed=True)} since the snapshot before and "
        f"{wording.money(today['cumulative_pnl'], signed=True)} since the first."
    )


def key_figures(history: History, currency: str) -> list[KeyFigure]:
    """Profits of the newest snapshot and how many there are; null where there is none."""
    last = history.snapshots.iloc[-1] if len(history.snapshots) else pd.Series(dtype="float64")
    since, days = since_sentence(history, currency), len(history.snapshots)
    profit, since_first = last.get("daily_pnl"), verdict(history, currency)
    chain = f"The history has {wording.plural(days, 'snapshot')}."
    return [
        KeyFigure("daily_pnl", profit, "money", "higher", since),
        KeyFigure("daily_return", last.get("daily_return"), "fraction", "higher", since),
        KeyFigure("cumulative_pnl", last.get("cumulative_pnl"), "money", "higher", since_first),
        KeyFigure("snapshots", days, "count", "neither", chain),
    ]


def _is_first(history: History) -> bool:
    """Whether the newest snapshot is the first there ever was."""
    return bool(codes.has(history.snapshots["warnings"].tail(1), FIRST_SNAPSHOT).any())
