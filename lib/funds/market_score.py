"""The market score at every month's end: points by indicator, blocks scaled to what is known, the stance.

A figure counts at a date if it was released by then and its period ended at most ``max_stale_days`` before.
Of several releases of a period the newest by then counts; an older period never replaces a newer one.
A block is scaled to the points that could be won in it, and one without any is left out of the total's points
available. Below ``complete`` points available the score is incomplete and has no stance. Everything is
computed for all dates at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.conventions import ORIGINS
from lib.funds.ladder import WHOLE, Condition, Indicator, Ladder
from lib.tables import TABLES

TOTAL = "total"
POINTS = "points"
CLOSE = 1e-9
SIGNS = {
    ">=": lambda left, bound: left >= bound - CLOSE,
    "<=": lambda left, bound: left <= bound + CLOSE,
    ">": lambda left, bound: left > bound + CLOSE,
    "<": lambda left, bound: left < bound - CLOSE,
}
FIELDS = ("value", "period_end", "released", "origin")


def score_dates(macro: pd.DataFrame, sessions: pd.DatetimeIndex, as_of: str) -> pd.DatetimeIndex:
    """The last session of each month since the first release, and the as-of date."""
    day = pd.Timestamp(as_of).as_unit("us")
    if macro.empty:
        return pd.DatetimeIndex([day])
    known = sessions[(sessions >= macro["released"].min()) & (sessions <= day)]
    month = known.year * 12 + known.month
    last = known[np.append(month[1:] != month[:-1], True)] if len(known) else known
    return last.union(pd.DatetimeIndex([day])).as_unit("us")


def market_score(macro: pd.DataFrame, ladder: Ladder, dates: Sequence[pd.Timestamp]) -> pd.DataFrame:
    """The table ``market_score``: rows of indicators, of blocks and of the total for each date."""
    days = pd.DatetimeIndex(dates).as_unit("us")
    seen = observations(macro, ladder, days)
    rows = pd.concat([_indicator(one, ladder, seen, days) for one in ladder.indicators], ignore_index=True)
    blocks = _blocks(rows, ladder)
    total = _total(blocks, ladder)
    table = pd.concat([rows, blocks, total], ignore_index=True)
    rank = {name: place for place, name in enumerate([*ladder.blocks, TOTAL])}
    order = (
        table.assign(rank=table["block"].map(rank)).sort_values(["score_date", "rank"], kind="stable").index
    )
    return conform(table.loc[order], TABLES["market_score"])


def observations(macro: pd.DataFrame, ladder: Ladder, days: pd.DatetimeIndex) -> pd.DataFrame:
    """What is known of each series on each day: ``FIELDS`` and ``status`` (ok, stale or missing).

    The index is series and day. A figure in another unit than the ladder's is missing.
    """
    units = {name: one.unit for name, one in ladder.series.items()}
    known = macro[macro["unit"] == macro["series"].map(units)]
    known = known.sort_values(["series", "released", "period_end"], kind="stable")
    newest = known.groupby("series")["period_end"].cummax()
    known = known[known["period_end"] >= newest].drop_duplicates(["series", "released"], keep="last")
    asked = pd.MultiIndex.from_product([days, list(ladder.series)], names=["day", "series"]).to_frame(
        index=False
    )
    found = pd.merge_asof(
        asked.astype({"series": known["series"].dtype}),
        known[["series", *FIELDS]].sort_values("released", kind="stable"),
        left_on="day",
        right_on="released",
        by="series",
    )
    limit = found["series"].map({name: one.max_stale_days for name, one in ladder.series.items()})
    age = (found["day"] - found["period_end"]).dt.days
    status = np.select([found["value"].isna(), age > limit], ["missing", "stale"], "ok")
    return found.assign(status=status).set_index(["series", "day"]).sort_index()


def _indicator(one: Indicator, ladder: Ladder, seen: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """The rows of one indicator, all dates."""
    frame = pd.DataFrame({"score_date": days, "block": one.block, "indicator": one.name, "stance": None})
    unit = ladder.series[one.series].unit if one.series else POINTS
    if one.series is None:
        nothing = {"value": np.nan, "points": np.nan, "period_end": pd.NaT, "released": pd.NaT}
        return frame.assign(unit=unit, max_points=0.0, status="missing", origin=ORIGINS[0], **nothing)
    parts = {name: seen.loc[name].reindex(days) for name in one.needs}
    states = np.stack([part["status"].to_numpy(dtype=str) for part in parts.values()])
    status = np.select(
        [(states == "missing").any(axis=0), (states == "stale").any(axis=0)], ["missing", "stale"], "ok"
    )
    values = {name: part["value"].to_numpy() for name, part in parts.items()}
    held = [
        np.logical_and.reduce([_holds(c, values) for c in rung.when] or [np.ones(len(days), bool)])
        for rung in one.rungs
    ]
    points = np.select(held, [rung.points for rung in one.rungs], 0.0)
    shown = [parts[name] for name in (one.series, one.less) if name]
    ok, there = status == "ok", status != "missing"
    value = values[one.series] - (values[one.less] if one.less else 0.0)
    period = np.minimum.reduce([part["period_end"].to_numpy() for part in shown])
    released = np.maximum.reduce([part["released"].to_numpy() for part in shown])
    return frame.assign(
        value=np.where(there, value, np.nan),
        unit=unit,
        points=np.where(ok, points, np.nan),
        max_points=np.where(ok, one.points, 0.0),
        period_end=pd.Series(period).where(there),
        released=pd.Series(released).where(there),
        status=status,
        origin=worst([part["origin"].to_numpy(dtype=object) for part in parts.values()]),
    )


def _holds(condition: Condition, values: dict[str, np.ndarray]) -> np.ndarray:
    left = values[condition.series] - (values[condition.less] if condition.less else 0.0)
    return SIGNS[condition.sign](left, condition.bound)


def worst(origins: list[np.ndarray]) -> np.ndarray:
    """The least trusted of several columns of origins; real where nothing is known."""
    rank = {name: place for place, name in enumerate(ORIGINS)}
    places = [pd.Series(one).map(rank).fillna(0).to_numpy(dtype=int) for one in origins]
    return np.array(ORIGINS, dtype=object)[np.maximum.reduce(places)]


def _blocks(rows: pd.DataFrame, ladder: Ladder) -> pd.DataFrame:
    """A row for each block and date: its points scaled to the block's whole, null without any available."""
    ranked = rows.assign(rank=rows["origin"].map({name: place for place, name in enumerate(ORIGINS)}))
    ranked["rank"] = ranked["rank"].where(ranked["status"] == "ok", 0)
    sums = ranked.groupby(["score_date", "block"], sort=False, as_index=False).agg(
        won=("points", "sum"), max_points=("max_points", "sum"), rank=("rank", "max")
    )
    whole = sums["block"].map(ladder.blocks)
    points = (sums["won"] / sums["max_points"] * whole).where(sums["max_points"] > 0)
    return sums.assign(
        indicator=TOTAL,
        value=points,
        unit=POINTS,
        points=points,
        period_end=pd.NaT,
        released=pd.NaT,
        status=np.where(sums["max_points"] > 0, "ok", "missing"),
        stance=None,
        origin=np.array(ORIGINS, dtype=object)[sums["rank"].astype(int)],
    ).drop(columns=["won", "rank"])


def _total(blocks: pd.DataFrame, ladder: Ladder) -> pd.DataFrame:
    """The row of each date: points of 100, scaled to the blocks that are known, and the stance."""
    there = blocks["points"].notna()
    ranked = blocks.assign(
        whole=blocks["block"].map(ladder.blocks).where(there, 0.0),
        rank=blocks["origin"].map({name: place for place, name in enumerate(ORIGINS)}),
    )
    sums = ranked.groupby("score_date", as_index=False).agg(
        won=("points", "sum"), whole=("whole", "sum"), max_points=("max_points", "sum"), rank=("rank", "max")
    )
    points = (sums["won"] / sums["whole"] * WHOLE).where(sums["whole"] > 0)
    complete = sums["max_points"] >= ladder.stance["complete"] - CLOSE
    stance = np.select(
        [points >= ladder.stance["bullish"] - CLOSE, points >= ladder.stance["neutral"] - CLOSE],
        ["bullish", "neutral"],
        "bearish",
    )
    return sums.assign(
        block=TOTAL,
        indicator=TOTAL,
        value=points,
        unit=POINTS,
        points=points,
        period_end=pd.NaT,
        released=pd.NaT,
        status=np.where(complete, "ok", "incomplete"),
        stance=pd.Series(stance, dtype="str").where(complete),
        origin=np.array(ORIGINS, dtype=object)[sums["rank"].astype(int)],
    ).drop(columns=["won", "whole", "rank"])
