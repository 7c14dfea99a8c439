"""The identities that must hold of gaps, counts and scores, whatever the provider gave."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.conventions import EXCHANGE
from lib.market import calendar
from lib.market.quality.gaps import bars_within, on_sessions
from lib.market.quality.scores import POINTS

Check = tuple[str, bool, str]


def quality_identities(
    quality: pd.DataFrame,
    gaps: pd.DataFrame,
    prices: pd.DataFrame,
    issues: pd.DataFrame,
    repairs: pd.DataFrame,
    exchange: str = EXCHANGE,
) -> list[Check]:
    """Name, whether it holds, and the numbers."""
    placed = on_sessions(prices, exchange)
    owed, missing = quality["expected_sessions"].sum(), quality["missing_sessions"].sum()
    in_gaps = int(gaps.loc[gaps["status"] != "filled", "sessions"].sum())
    aside = len(issues.loc[issues["action"] == "quarantined", ["symbol", "date"]].drop_duplicates())
    repaired = len(repairs.drop_duplicates(["symbol", "source", "date"]))
    sums = sum(quality[name] * points for name, points in POINTS.items()).fillna(0.0)
    off = float((sums - quality["score"]).abs().max()) if len(quality) else 0.0
    crossing, bridged = _crossing(gaps, exchange), _bridged(gaps, placed)
    count = wording.count
    return [
        (
            "Owed sessions are bars and missing ones",
            owed == len(placed) + missing,
            f"{count(owed)} owed, {count(len(placed))} bars, {count(missing)} missing",
        ),
        (
            "The gaps hold every missing session once",
            in_gaps == missing,
            f"{count(in_gaps)} in gaps, {count(missing)} missing",
        ),
        ("No gap overlaps another of its symbol", crossing == 0, f"{count(crossing)} do"),
        ("No bar lies in a gap that is not filled", bridged == 0, f"{count(bridged)} do"),
        (
            "Every bar is counted in one series",
            quality["bars"].sum() == len(prices),
            f"{count(quality['bars'].sum())} counted, {count(len(prices))} in prices",
        ),
        (
            "Every bar set aside or repaired is counted in one series",
            (quality["quarantined"].sum(), quality["repaired"].sum()) == (aside, repaired),
            f"{count(aside)} set aside, {count(repaired)} repaired",
        ),
        (
            "Scores are the sum of their parts, between 0 and 100",
            off < 1e-9 and bool(quality["score"].between(0, 100).all()),
            f"off by {off:.1g} at most",
        ),
    ]


def _crossing(gaps: pd.DataFrame, exchange: str) -> int:
    """Gaps that do not begin after the end of the one before, or whose length is not that of the calendar."""
    known = calendar.sessions(calendar.FIRST, calendar.LAST, exchange)
    length = known.searchsorted(gaps["gap_end"], "right") - known.searchsorted(gaps["gap_start"], "left")
    before = gaps["gap_end"].groupby(gaps["symbol"]).shift()
    return int(((gaps["gap_start"] <= before) | (length != gaps["sessions"])).sum())


def _bridged(gaps: pd.DataFrame, placed: pd.DataFrame) -> int:
    """Bars on days of gaps that are said to be without one."""
    return int(bars_within(placed, gaps[gaps["status"] != "filled"]).sum())
