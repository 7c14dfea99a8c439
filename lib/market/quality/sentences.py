"""The sentences of the quality page, its verdict and its key figures, built from the numbers."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.conventions import STALE_AFTER_DAYS

MOST_NAMED = 5


def score_sentence(quality: pd.DataFrame) -> str:
    """The mean score, and the series with the lowest one."""
    if quality.empty:
        return "No symbol was asked for."
    lowest = quality.loc[quality["score"].idxmin()]
    if lowest["score"] == 100:
        return f"{_series(len(quality))}, each with the full score of 100."
    return (
        f"The mean score of {_series(len(quality))} is {wording.number(quality['score'].mean(), 1)} of 100; "
        f"the lowest is {wording.number(lowest['score'], 1)}, of {lowest['symbol']}."
    )


def coverage_sentence(quality: pd.DataFrame, share: pd.Series) -> str:
    """How many of the owed bars are there, and in which month the share was lowest."""
    owed, missing = _sessions(quality)
    if not owed:
        return "No session is owed, so there is nothing to cover."
    head = f"{wording.count(owed - missing)} of {wording.plural(owed, 'owed bar')} are there"
    if not missing:
        return f"{head}: no session is missing inside any series."
    month = share.idxmin()
    name = f"{wording.MONTHS[month.month - 1]} {month.year}"
    return f"{head}; the lowest month is {name} with {wording.percent(share.min(), 2)}."


def worst_sentence(missing: pd.DataFrame) -> str:
    """Which symbol and year lacks the largest share of its sessions; the first row is that of all symbols."""
    symbols, blank = missing.iloc[1:], " Grey: no session was owed." if missing.isna().any(axis=None) else ""
    worst = symbols.max()
    if not worst.max() > 0:
        return f"No symbol lacks a session in any year shown.{blank}"
    year = worst.idxmax()
    symbol, most = symbols[year].idxmax(), wording.percent(worst[year])
    return f"{symbol} lacks the most in one year: {most} of its sessions in {year}.{blank}"


def gap_sentence(gaps: pd.DataFrame) -> str:
    """How many gaps there are of each kind, and how many sessions are missing."""
    if gaps.empty:
        return "No series has a gap between its first and its last bar."
    counts = gaps.groupby("status")["sessions"].agg(["size", "sum"])
    words = {
        "open": "open",
        "quarantined": "made by a bar that was set aside",
        "filled": "filled by asking again",
    }
    parts = [
        f"{wording.plural(counts.loc[status, 'size'], 'gap')} of "
        f"{wording.plural(counts.loc[status, 'sum'], 'session')} {how}"
        for status, how in words.items()
        if status in counts.index
    ]
    return f"{wording.joined(parts)}."


def repair_sentence(repairs: pd.DataFrame) -> str:
    """How many figures were repaired, in how many bars, and whether a close is among them."""
    if repairs.empty:
        return "Nothing was repaired."
    bars = wording.plural(len(repairs.drop_duplicates(["symbol", "date"])), "bar")
    figures = wording.plural(len(repairs), "figure")
    closes = repairs.loc[repairs["column"].isin(["close", "adj_close"]), ["symbol", "date"]].drop_duplicates()
    if closes.empty:
        return f"{figures} of {bars} repaired; no close was altered."
    later = wording.plural(len(closes), "close")
    return f"{figures} of {bars} repaired; {later} taken from the later of two rows of a day."


def fresh_sentence(quality: pd.DataFrame) -> str:
    """Which series do not reach the day that is due, and which are too old to count as a price."""
    late = quality[quality["stale_days"] != 0]
    if late.empty:
        return "Every series reaches the session that is due."
    old = _without_fresh(quality)
    head = f"{_series(len(late))} {'does' if len(late) == 1 else 'do'} not reach the session that is due"
    if not old:
        return f"{head}, none by more than {STALE_AFTER_DAYS} days."
    return f"{head}; without a price of the last {STALE_AFTER_DAYS} days: {_named(old)}."


def history_sentence(history: pd.DataFrame) -> str:
    """How many series changed in their past."""
    if history.empty:
        return "No change of past bars is on record; a provider without a price store keeps none."
    symbols = wording.plural(history["symbol"].nunique(), "symbol")
    return f"{wording.plural(len(history), 'change')} in {symbols}; runs before them used the older figures."


def oddity_sentence(oddities: pd.DataFrame) -> str:
    """What was odd in the answers of the source, by kind."""
    if oddities.empty:
        return "No answer of the source was odd."
    kinds = oddities["event"].value_counts()
    parts = [f"{kind} ({wording.count(number)})" for kind, number in kinds.items()]
    return f"{wording.sentence_case(wording.joined(parts))}."


def verdict(quality: pd.DataFrame, gaps: pd.DataFrame) -> str:
    """The one sentence of the page: how many series are faultless, what the others lack, the worst first."""
    owed, missing = _sessions(quality)
    whole, poor = int((quality["score"] == 100).sum()), _without_fresh(quality)
    aside, repaired = int(quality["quarantined"].sum()), int(quality["repaired"].sum())
    open_gaps = gaps[gaps["status"] == "open"]
    every = whole == len(quality)
    head = "Every series has" if every else f"{whole} of {_series(len(quality))} have"
    parts = [f"{head} the full score of 100"]
    if poor:
        parts.append(f"no fresh price for {_named(poor)}")
    if len(open_gaps):
        named = _named(open_gaps["symbol"].unique().tolist())
        parts.append(f"{wording.plural(len(open_gaps), 'gap')} stayed open ({named})")
    if aside or repaired:
        parts.append(f"{wording.plural(aside, 'bar')} quarantined and {wording.count(repaired)} repaired")
    parts.append(
        f"{wording.count(missing)} of {wording.plural(owed, 'owed session')} "
        f"{'has' if missing == 1 else 'have'} no bar"
        if missing
        else "every session that is owed has its bar"
    )
    return f"{'; '.join(parts)}."


def key_figures(quality: pd.DataFrame, gaps: pd.DataFrame, history: pd.DataFrame) -> list[dict]:
    """What the run's front page shows of this stage."""
    owed, missing = _sessions(quality)
    mean, covered = float(quality["score"].mean()), 1.0 - missing / owed if owed else float("nan")
    still, behind = gaps["status"] == "open", int((quality["stale_days"] != 0).sum())
    sessions = wording.plural(int(gaps.loc[still, "sessions"].sum()), "session")
    gaps_open = (
        f"{wording.plural(int(still.sum()), 'gap')} of {sessions} open." if still.any() else "No gap is open."
    )
    rows = [
        ("data_score", mean, "ratio", "higher", score_sentence(quality)),
        (
            "sessions_covered",
            covered,
            "fraction",
            "higher",
            f"{wording.percent(covered, 2)} of the owed bars are there.",
        ),
        (
            "open_gaps",
            int(still.sum()),
            "count",
            "lower",
            gaps_open,
        ),
        ("series_behind", behind, "count", "lower", fresh_sentence(quality)),
        ("changes_of_the_past", len(history), "count", "neither", history_sentence(history)),
    ]
    names = ("name", "value", "unit", "better", "sentence")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _sessions(quality: pd.DataFrame) -> tuple[int, int]:
    """Sessions owed and missing over all series."""
    return int(quality["expected_sessions"].sum()), int(quality["missing_sessions"].sum())


def _without_fresh(quality: pd.DataFrame) -> list[str]:
    """Symbols of which no series, of any source, is fresh."""
    fresh = quality.groupby("symbol", sort=False)["fresh"].any()
    return fresh.index[~fresh].tolist()


def _series(number: int) -> str:
    return wording.plural(number, "series", "series")


def _named(symbols: list[str]) -> str:
    more = len(symbols) - MOST_NAMED
    first = symbols[:MOST_NAMED]
    return wording.joined(first if more <= 0 else [*first, wording.plural(more, "other")])
