"""The page of market/quality: scores of series, gaps, freshness, repairs, and changes of the past."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, close, counts_add_up, none, within
from lib.codes.market import CHANGES, GAPS, ODDITIES
from lib.contracts import KeyFigure
from lib.conventions import EXCHANGE, STALE_AFTER_DAYS
from lib.market.quality.gaps import bridged, on_sessions, overlapping
from lib.market.quality.scores import POINTS
from lib.tables.columns import count, number, text

MOST_NAMED = 5

SCORES = (
    "symbol",
    "source",
    "score",
    "bars",
    number("expected_sessions", unit="count", label="Sessions owed", absent="why"),
    number("missing_sessions", unit="count", label="Missing", absent="why"),
    "quarantined",
    "repaired",
    "last_date",
    "stale_days",
)
SOURCES = (
    "source",
    count("symbols"),
    count("bars"),
    number("mean_score", unit="ratio", label="Mean score of 100"),
    number("lowest_score", unit="ratio", label="Lowest score of 100"),
    text("lowest", label="Lowest series"),
)
REPAIRS = ("date", "symbol", text("meaning", label="Why"), "column", "before", "after", "source", "rule")


def scores(quality: pd.DataFrame) -> pd.DataFrame:
    """The table ``data_quality``, the lowest score first; ``why`` says why no session is owed."""
    table = quality.sort_values(["score", "symbol"], ignore_index=True)
    owing, there = ["expected_sessions", "missing_sessions"], table["bars"] > 0
    table[owing] = table[owing].where(there)
    return table.assign(why=there.map({True: "option", False: "no bar"}).astype("str"))


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


def sources(quality: pd.DataFrame) -> pd.DataFrame:
    """One row a source: symbols, bars, mean and lowest score, the symbol with the lowest."""
    named = quality.assign(source=quality["source"].fillna("none")).sort_values("score", kind="stable")
    table = named.groupby("source", as_index=False).agg(
        symbols=("symbol", "size"),
        bars=("bars", "sum"),
        mean_score=("score", "mean"),
        lowest_score=("score", "min"),
        lowest=("symbol", "first"),
    )
    return table.sort_values("mean_score", ignore_index=True)


def coverage_limits(share: pd.Series) -> tuple[float, float]:
    """Ends of the axis of the share of owed bars: from 95%, or from below the lowest month, to 100%."""
    return (min(0.95, float(np.floor(share.min() * 20) / 20)) if len(share) else 0.95), 1.0


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


def missing_sentence(missing: pd.DataFrame) -> str:
    """Which symbol and year lacks the largest share of its sessions; the first row is that of all symbols."""
    symbols, blank = missing.iloc[1:], " Grey: no session was owed." if missing.isna().any(axis=None) else ""
    worst = symbols.max()
    if not worst.max() > 0:
        return f"No symbol lacks a session in any year shown.{blank}"
    year = worst.idxmax()
    symbol, most = symbols[year].idxmax(), wording.percent(worst[year])
    return f"{symbol} lacks the most in one year: {most} of its sessions in {year}.{blank}"


def gaps(found: pd.DataFrame) -> pd.DataFrame:
    """The table ``gaps`` in words: the open ones first, then by length."""
    rank = {one.name: place for place, one in enumerate(GAPS)}
    table = found.assign(rank=found["status"].map(rank)).sort_values(
        ["rank", "sessions", "symbol", "gap_start"], ascending=[True, False, True, False], ignore_index=True
    )
    rule = table["detail"].str.removeprefix("set aside: ").map(codes.words)
    detail = table["detail"].mask(table["status"] == "quarantined", rule)
    return table.assign(status=table["status"].map(codes.words).astype("str"), detail=detail)


def gaps_sentence(found: pd.DataFrame) -> str:
    """How many gaps there are of each kind, and how many sessions are missing."""
    if found.empty:
        return "No series has a gap between its first and its last bar."
    parts = [
        f"{wording.plural(len(part), 'gap')} of {wording.plural(part.sum(), 'session')} {one.words}"
        for one in GAPS
        if len(part := found.loc[found["status"] == one.name, "sessions"])
    ]
    return f"{wording.joined(parts)}."


def late(quality: pd.DataFrame) -> pd.DataFrame:
    """Series whose last bar is not of the day that is due, or that have none, the oldest first."""
    table = quality[quality["stale_days"] != 0]
    return table.sort_values("stale_days", ascending=False, na_position="first", ignore_index=True)


def late_sentence(quality: pd.DataFrame) -> str:
    """Which series do not reach the day that is due, and which are too old to count as a price."""
    behind, old = len(late(quality)), _without_fresh(quality)
    if not behind:
        return "Every series reaches the session that is due."
    head = f"{_series(behind)} {'does' if behind == 1 else 'do'} not reach the session that is due"
    if not old:
        return f"{head}, none by more than {STALE_AFTER_DAYS} days."
    return f"{head}; without a price of the last {STALE_AFTER_DAYS} days: {wording.named(old, MOST_NAMED)}."


def repairs(made: pd.DataFrame) -> pd.DataFrame:
    """The table ``repairs``, the newest first, with ``meaning``, the rule in words."""
    return _newest_first(made.assign(meaning=made["rule"].map(codes.words).astype("str")))


def repairs_sentence(made: pd.DataFrame) -> str:
    """How many figures were repaired, in how many bars, and whether a close is among them."""
    if made.empty:
        return "Nothing was repaired."
    bars = wording.plural(len(made.drop_duplicates(["symbol", "date"])), "bar")
    figures = wording.plural(len(made), "figure")
    closes = made.loc[made["column"].isin(["close", "adj_close"]), ["symbol", "date"]].drop_duplicates()
    if closes.empty:
        return f"{figures} of {bars} repaired; no close was altered."
    later = wording.plural(len(closes), "close")
    return f"{figures} of {bars} repaired; {later} taken from the later of two rows of a day."


def changes(events: pd.DataFrame) -> pd.DataFrame:
    """Events that changed a series' past, in words, the newest first; gaps have a table of their own."""
    return _told(events, CHANGES)


def changes_sentence(changed: pd.DataFrame) -> str:
    """How many series changed in their past."""
    if changed.empty:
        return "No change of past bars is on record; a provider without a price store keeps none."
    symbols = wording.plural(changed["symbol"].nunique(), "symbol")
    return f"{wording.plural(len(changed), 'change')} in {symbols}; runs before them used the older figures."


def oddities(events: pd.DataFrame) -> pd.DataFrame:
    """Days that the source's answers did not give as they should, in words, the newest first."""
    return _told(events, ODDITIES)


def oddities_sentence(odd: pd.DataFrame) -> str:
    """What was odd in the answers of the source, by kind."""
    if odd.empty:
        return "No answer of the source was odd."
    kinds = odd["event"].value_counts()
    parts = [f"{kind} ({wording.count(times)})" for kind, times in kinds.items()]
    return f"{wording.sentence_case(wording.joined(parts))}."


def checks(
    quality: pd.DataFrame,
    found: pd.DataFrame,
    prices: pd.DataFrame,
    issues: pd.DataFrame,
    made: pd.DataFrame,
    exchange: str = EXCHANGE,
) -> list[Check]:
    """What must hold of counts, gaps ``found``, repairs ``made`` and scores, whatever the provider gave."""
    placed, (owed, missing) = on_sessions(prices, exchange), _sessions(quality)
    in_gaps = int(found.loc[found["status"] != "filled", "sessions"].sum())
    aside = len(issues.loc[issues["action"] == "quarantined", ["symbol", "date"]].drop_duplicates())
    repaired = len(made.drop_duplicates(["symbol", "source", "date"]))
    counted = {name: {"counted": int(quality[name].sum())} for name in ("bars", "quarantined", "repaired")}
    points = sum(quality[name] * weight for name, weight in POINTS.items()).fillna(0.0)
    return [
        counts_add_up(
            "Owed sessions are bars and missing ones",
            {"owed": owed},
            {"bars": len(placed), "missing": missing},
        ),
        counts_add_up("The gaps hold every missing session once", {"missing": missing}, {"in gaps": in_gaps}),
        none("No gap overlaps another of its symbol", overlapping(found, exchange), "do"),
        none("No bar lies in a gap that is not filled", bridged(found, placed), "do"),
        counts_add_up("Every bar is counted in one series", counted["bars"], {"in prices": len(prices)}),
        counts_add_up(
            "Every bar set aside is counted in one series", counted["quarantined"], {"set aside": aside}
        ),
        counts_add_up(
            "Every repaired bar is counted in one series", counted["repaired"], {"repaired": repaired}
        ),
        close("Scores are the sum of their parts", points, quality["score"]),
        within("Scores lie between 0 and 100", quality["score"], 0.0, 100.0, tolerance=0.0, noun="score"),
    ]


def verdict(quality: pd.DataFrame, found: pd.DataFrame) -> str:
    """The one sentence of the page: how many series are faultless, what the others lack, the worst first."""
    owed, missing = _sessions(quality)
    whole, poor = int((quality["score"] == 100).sum()), _without_fresh(quality)
    aside, repaired = int(quality["quarantined"].sum()), int(quality["repaired"].sum())
    still = found.loc[found["status"] == "open", "symbol"]
    head = "Every series has" if whole == len(quality) else f"{whole} of {_series(len(quality))} have"
    parts = [f"{head} the full score of 100"]
    if poor:
        parts.append(f"no fresh price for {wording.named(poor, MOST_NAMED)}")
    if len(still):
        named = wording.named(still.unique(), MOST_NAMED)
        parts.append(f"{wording.plural(len(still), 'gap')} stayed open ({named})")
    if aside or repaired:
        parts.append(f"{wording.plural(aside, 'bar')} quarantined and {wording.count(repaired)} repaired")
    parts.append(
        f"{wording.count(missing)} of {wording.plural(owed, 'owed session')} "
        f"{'has' if missing == 1 else 'have'} no bar"
        if missing
        else "every session that is owed has its bar"
    )
    return f"{'; '.join(parts)}."


def key_figures(quality: pd.DataFrame, found: pd.DataFrame, changed: pd.DataFrame) -> list[KeyFigure]:
    """What the run's front page shows of this stage; ``changed`` is what ``changes`` gives."""
    owed, missing = _sessions(quality)
    mean, covered = float(quality["score"].mean()), 1.0 - missing / owed if owed else float("nan")
    still = found.loc[found["status"] == "open", "sessions"]
    gaps_open = f"{wording.plural(len(still), 'gap')} of {wording.plural(still.sum(), 'session')} open."
    there, past = f"{wording.percent(covered, 2)} of the owed bars are there.", changes_sentence(changed)
    return [
        KeyFigure("data_score", mean, "ratio", "higher", score_sentence(quality)),
        KeyFigure("sessions_covered", covered, "fraction", "higher", there),
        KeyFigure("open_gaps", len(still), "count", "lower", gaps_open if len(still) else "No gap is open."),
        KeyFigure("series_behind", len(late(quality)), "count", "lower", late_sentence(quality)),
        KeyFigure("changes_of_the_past", len(changed), "count", "neither", past),
    ]


def _told(events: pd.DataFrame, kinds: Iterable[codes.Code]) -> pd.DataFrame:
    """The events of these kinds, in words."""
    known = events[events["event"].isin([one.name for one in kinds])]
    return _newest_first(known.assign(event=known["event"].map(codes.words).astype("str")))


def _newest_first(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(["date", "symbol"], ascending=[False, True], kind="stable", ignore_index=True)


def _sessions(quality: pd.DataFrame) -> tuple[int, int]:
    """Sessions owed and missing over all series."""
    return int(quality["expected_sessions"].sum()), int(quality["missing_sessions"].sum())


def _without_fresh(quality: pd.DataFrame) -> list[str]:
    """Symbols of which no series, of any source, is fresh."""
    fresh = quality.groupby("symbol", sort=False)["fresh"].any()
    return fresh.index[~fresh].tolist()


def _series(amount: int) -> str:
    return wording.plural(amount, "series", "series")
