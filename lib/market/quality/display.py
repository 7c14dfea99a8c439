"""What the quality page shows: frames for its tables and figures, the worst first."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lib import figures
from lib.market.quality.gaps import sessions_by_period
from lib.market.quality.issues import MEANINGS

MOST_SYMBOLS, MOST_YEARS = 11, 12
ALL = "all symbols"
NO_SOURCE = "none"
SCORE_COLUMNS = (
    "symbol",
    "source",
    "score",
    "bars",
    "expected_sessions",
    "missing_sessions",
    "quarantined",
    "repaired",
    "last_date",
    "stale_days",
)
RANK = {"open": 0, "quarantined": 1, "filled": 2}
CHANGES = {"restated": "past bars changed", "split": "new split"}
ODDITIES = {
    "given_twice": "day given twice",
    "no_close": "row without a close",
    "moved_action": "dividend or split moved to the next bar",
    "source_repair": "the source would repair",
}


def score_table(quality: pd.DataFrame) -> pd.DataFrame:
    """The table ``data_quality``, the lowest score first; ``why`` says why no session is owed."""
    table = quality.sort_values(["score", "symbol"], ignore_index=True)
    owing = ["expected_sessions", "missing_sessions"]
    table[owing] = table[owing].where(table["bars"] > 0)
    return table.assign(why=(table["bars"] > 0).map({True: "option", False: "no bar"}).astype("str"))


def by_source(quality: pd.DataFrame) -> pd.DataFrame:
    """One row a source: symbols, bars, mean and lowest score, the symbol with the lowest."""
    named = quality.assign(source=quality["source"].fillna(NO_SOURCE)).sort_values("score", kind="stable")
    table = named.groupby("source", as_index=False).agg(
        symbols=("symbol", "size"),
        bars=("bars", "sum"),
        mean_score=("score", "mean"),
        lowest_score=("score", "min"),
        lowest=("symbol", "first"),
    )
    return table.sort_values("mean_score", ignore_index=True)


def coverage_by_month(placed: pd.DataFrame, exchange: str) -> pd.Series:
    """Share of the owed bars that are there, by month (its first day), over all symbols but options."""
    owed, there = sessions_by_period(placed, "M", exchange)
    if owed.empty:
        return pd.Series(dtype="float64", index=pd.DatetimeIndex([]), name="coverage")
    share = (there.sum() / owed.sum().replace(0, np.nan)).dropna().rename("coverage")
    return share.set_axis(share.index.to_timestamp())


def coverage_figure(share: pd.Series) -> Figure:
    """The share of owed bars as a line under 100%, on an axis from 95%, or from below the lowest month."""
    figure = figures.line(share, unit="percent")
    low = min(0.95, np.floor(share.min() * 20) / 20) if len(share) else 0.95
    figure.axes[0].set_ylim(low, 1.0 + (1.0 - low) / 50)
    figure.axes[0].set_yticks(np.linspace(low, 1.0, 6))
    return figure


def missing_by_year(placed: pd.DataFrame, exchange: str) -> pd.DataFrame:
    """Share of the owed sessions without a bar by year, over all symbols and of those that lack the most.

    Null where no session is owed. At most ``MOST_SYMBOLS`` symbols and the last ``MOST_YEARS`` years.
    """
    owed, there = sessions_by_period(placed, "Y", exchange)
    if owed.empty:
        return pd.DataFrame(np.nan, index=[ALL], columns=["none"])
    lacking = owed - there
    total = lacking.sum(axis=1)
    worst = total[total > 0].sort_values(ascending=False, kind="stable").index[:MOST_SYMBOLS]
    share = (lacking / owed.where(owed > 0)).loc[worst]
    share = pd.concat([(lacking.sum() / owed.sum()).to_frame(ALL).T, share]).iloc[:, -MOST_YEARS:]
    return share.set_axis(share.columns.astype("str"), axis=1)


def missing_figure(missing: pd.DataFrame) -> Figure:
    """``missing_by_year`` as a heat map that is as high as it has rows."""
    figure = figures.heat_map(missing, unit="percent")
    figure.set_size_inches(figures.WIDTH, 0.8 + 0.52 * len(missing))
    return figure


def gap_table(gaps: pd.DataFrame) -> pd.DataFrame:
    """Gaps for the eye: the open ones first, then by length; the rule that made one in words."""
    table = gaps.assign(rank=gaps["status"].map(RANK)).sort_values(
        ["rank", "sessions", "symbol", "gap_start"], ascending=[True, False, True, False], ignore_index=True
    )
    rule = table["detail"].str.removeprefix("set aside: ").map(MEANINGS)
    return table.assign(detail=("set aside: " + rule).fillna(table["detail"])).drop(columns="rank")


def repair_table(repairs: pd.DataFrame) -> pd.DataFrame:
    """Repairs, the newest first, with ``meaning``, the rule in words."""
    return newest_first(repairs).assign(meaning=lambda table: table["rule"].map(MEANINGS).astype("str"))


def newest_first(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with a date, the newest first."""
    return table.sort_values(["date", "symbol"], ascending=[False, True], kind="stable", ignore_index=True)


def history(events: pd.DataFrame) -> pd.DataFrame:
    """Events that changed a series' past, in words, the newest first; gaps have a table of their own."""
    return _told(events, CHANGES)


def oddities(events: pd.DataFrame) -> pd.DataFrame:
    """Days that the source's answers did not give as they should, in words, the newest first."""
    return _told(events, ODDITIES)


def _told(events: pd.DataFrame, words: dict[str, str]) -> pd.DataFrame:
    """The events that have words, in these."""
    known = events[events["event"].isin(words)]
    return newest_first(known.assign(event=known["event"].map(words).astype("str")))


def late(quality: pd.DataFrame) -> pd.DataFrame:
    """Series whose last bar is not of the day that is due, or that have none, the oldest first."""
    table = quality[quality["stale_days"] != 0]
    return table.sort_values("stale_days", ascending=False, na_position="first", ignore_index=True)
