"""The page of funds/market_score: the gauge, the blocks, the indicators, what would change the stance."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.checks import Check, close, holds, within
from lib.contracts import KeyFigure, MadeUp
from lib.funds.ladder import Ladder
from lib.funds.market_score import TOTAL
from lib.funds.score_steps import next_steps
from lib.tables.columns import date, days, number, text

MOST_NAMED = 5
SHAPES = {"bullish": "▲", "neutral": "◆", "bearish": "▼"}
INDICATORS = (
    "block",
    "indicator",
    number("value", label="Observed", absent="reason"),
    "unit",
    number("points", label="Points won", absent="reason"),
    number("of", label="Of"),
    date("period_end", label="Period", absent="reason"),
    date("released", label="Released", absent="reason"),
    days("age", label="Days old", absent="reason"),
    text("status", label="State"),
)
STEPS = (
    "indicator",
    text("way", label="Step"),
    text("needed", label="What it would have to be"),
    number("value", label="Now"),
    number("change", label="Points of the total"),
    number("total", label="Total then"),
    text("stance", label="Stance then", absent="incomplete"),
    text("moves", label="Changes the stance"),
)


def last(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows of the last date."""
    return scores[scores["score_date"] == scores["score_date"].max()].reset_index(drop=True)


def _total(scores: pd.DataFrame) -> pd.Series:
    rows = last(scores)
    return rows[rows["block"] == TOTAL].iloc[0]


def total(scores: pd.DataFrame) -> float:
    """The score of the last date; null without a single block."""
    return float(_total(scores)["points"])


def bounds(ladder: Ladder) -> dict[str, float]:
    """The least score of each stance, the lowest first."""
    return {"bearish": 0.0, "neutral": ladder.stance["neutral"], "bullish": ladder.stance["bullish"]}


def gauge_title(scores: pd.DataFrame) -> str:
    """The stance in words with its shape."""
    row = _total(scores)
    if row["status"] != "ok":
        return "The score is incomplete, so there is no stance"
    return f"{SHAPES[row['stance']]} {wording.sentence_case(row['stance'])}"


def total_sentence(scores: pd.DataFrame, ladder: Ladder) -> str:
    """The score, its stance, how far the next stance is, and what could be won."""
    row = _total(scores)
    available = wording.number(row["max_points"], 0)
    if row["status"] != "ok":
        least = wording.number(ladder.stance["complete"], 0)
        return (
            f"No stance: only {available} of 100 points could be won, "
            f"and fewer than {least} are not enough ({ladder.name})."
        )
    score, stance = float(row["points"]), row["stance"]
    said = f"{wording.sentence_case(stance)}: {wording.number(score, 1)} of 100 points ({ladder.name})"
    up = [bound for bound in bounds(ladder).values() if bound > score + 1e-9]
    gap = f", {wording.number(min(up) - score, 1)} below the next stance" if up else ""
    return f"{said}{gap}; {available} points could be won."


def blocks(scores: pd.DataFrame, ladder: Ladder) -> pd.DataFrame:
    """Each block of the last date: share of its points, null where nothing is known."""
    rows = last(scores)
    table = rows[(rows["indicator"] == TOTAL) & (rows["block"] != TOTAL)].reset_index(drop=True)
    return table.assign(share=table["points"] / table["block"].map(ladder.blocks))


def blocks_sentence(table: pd.DataFrame) -> str:
    """The strongest and the weakest block."""
    known = table.dropna(subset="share")
    if known.empty:
        return "No block has an indicator that counts."
    best, least = known.loc[known["share"].idxmax()], known.loc[known["share"].idxmin()]
    return (
        f"{best['block']} won the largest part of its points, {wording.percent(best['share'], 0)}; "
        f"{least['block']} the smallest, {wording.percent(least['share'], 0)}."
    )


def indicators(scores: pd.DataFrame, ladder: Ladder, as_of: str) -> pd.DataFrame:
    """Every indicator of the last date with its age, and why a value or points are missing."""
    rows = last(scores)
    rows = rows[rows["indicator"] != TOTAL].reset_index(drop=True)
    own = {one.name: one for one in ladder.indicators}
    limit = {
        name: min((ladder.series[need].max_stale_days for need in one.needs), default=0)
        for name, one in own.items()
    }
    held = rows["indicator"].map({name: "placeholder" for name, one in own.items() if one.series is None})
    return rows.assign(
        of=rows["indicator"].map({name: one.points for name, one in own.items()}),
        age=(pd.Timestamp(as_of) - rows["period_end"]).dt.days.astype("float64"),
        limit=rows["indicator"].map(limit).astype("float64"),
        reason=held.astype("str").fillna(rows["status"]),
    )


def indicators_sentence(table: pd.DataFrame) -> str:
    """How many count, and which do not."""
    lacking = list(table.loc[table["status"] != "ok", "indicator"])
    head = f"{len(table) - len(lacking)} of {wording.plural(len(table), 'indicator')} count"
    return f"{head}; left out: {wording.named(lacking, MOST_NAMED)}." if lacking else f"{head}."


def steps(scores: pd.DataFrame, ladder: Ladder) -> pd.DataFrame:
    """The next steps in words."""
    table = next_steps(scores, ladder)
    return table.assign(moves=table["changes"].map({True: "yes", False: "no"}).astype("str"))


def steps_sentence(table: pd.DataFrame, scores: pd.DataFrame, ladder: Ladder) -> str:
    """Which single steps would change the stance."""
    row = _total(scores)
    if row["status"] != "ok":
        return "Without a stance there is none to change."
    moving = table[table["changes"].astype(bool)]
    if moving.empty:
        return f"No single step of one indicator would end the stance {row['stance']}."
    said = [
        f"{one.indicator} ({wording.number(one.change, 1, signed=True)} points, {one.stance})"
        for one in moving.head(MOST_NAMED).itertuples()
    ]
    return f"{wording.plural(len(moving), 'step')} would change the stance, first {wording.joined(said)}."


def history(scores: pd.DataFrame) -> pd.Series:
    """The total by date where there is a stance."""
    rows = scores[(scores["block"] == TOTAL) & (scores["status"] == "ok")]
    return rows.set_index("score_date")["points"].rename("Market score")


def history_sentence(scores: pd.DataFrame) -> str:
    """How often each stance held."""
    rows = scores[scores["block"] == TOTAL]
    counts = rows["stance"].value_counts()
    if counts.empty:
        return "No month has a stance."
    said = [f"{stance} at {wording.plural(int(number), 'date')}" for stance, number in counts.items()]
    none = int((rows["status"] != "ok").sum())
    more = f"; {wording.plural(none, 'date')} incomplete" if none else ""
    return f"{wording.sentence_case(wording.joined(said))}{more}."


def checks(scores: pd.DataFrame, ladder: Ladder, macro: pd.DataFrame) -> list[Check]:
    """What must hold of the score on every date."""
    rows = scores[scores["indicator"] != TOTAL]
    blocks_of = scores[(scores["indicator"] == TOTAL) & (scores["block"] != TOTAL)]
    available = rows.groupby("score_date")["max_points"].sum()
    totals = scores[scores["block"] == TOTAL].set_index("score_date")
    later = rows["released"] > rows["score_date"]
    over = (rows["points"] > rows["max_points"] + 1e-9).sum()
    return [
        close(
            "The indicators' points that could be won are those of the total", available, totals["max_points"]
        ),
        within("A total lies between 0 and 100", totals["points"], 0.0, 100.0),
        within(
            "A block lies between 0 and its points", blocks_of["points"], 0.0, max(ladder.blocks.values())
        ),
        holds("No indicator wins more than it can", over == 0, f"{over} of {len(rows)} rows"),
        holds(
            "No figure was released after the date of its score", not later.any(), f"{int(later.sum())} later"
        ),
    ]


def faults(scores: pd.DataFrame) -> list[str]:
    """What is wrong with the data under the score of the last date."""
    rows = last(scores)
    rows = rows[rows["indicator"] != TOTAL]
    named = [
        f"{wording.sentence_case(state)}: {wording.named(list(lacking), MOST_NAMED)}."
        for state in ("missing", "stale")
        if len(lacking := rows.loc[rows["status"] == state, "indicator"])
    ]
    generated = int((rows["origin"] == "generated").sum())
    said = f"{generated} of {wording.plural(len(rows), 'indicator')} are generated: an example, no view."
    return [*named, *([MadeUp(said)] if generated else [])]


def key_figures(scores: pd.DataFrame) -> list[KeyFigure]:
    """The score, the stance, and the points that could be won."""
    row = _total(scores)
    score, available = float(row["points"]), float(row["max_points"])
    stance = row["stance"] if row["status"] == "ok" else "none, since the score is incomplete"
    return [
        KeyFigure(
            "market_score", score, "number", "higher", f"The score is {wording.number(score, 1)} of 100."
        ),
        KeyFigure("stance", float("nan"), "text", "neither", f"The stance is {stance}."),
        KeyFigure(
            "points_available",
            available,
            "number",
            "higher",
            f"{wording.number(available, 0)} of 100 points could be won.",
        ),
    ]
