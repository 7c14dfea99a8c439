"""What the page of ``funds/backtest`` says of luck and skill: random choices, what scores foretell, tries."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.contracts import Column
from lib.funds.backtest_study import Study
from lib.tables.columns import count, fraction, ratio, text
from lib.tables.fund_backtests import NEXT

LUCK = 0.05
"""Below this share of random choices that do as well, luck is no good explanation."""
SKILLS = {
    "rank_ic": "Rank correlation, all funds",
    "rank_ic_in_category": "Rank correlation within categories",
    "quartile_spread": "Quartile 1 less quartile 4",
}
LATER = {**{number: f"Quartile {number}" for number in "1234"}, "unranked": "No rank", "ended": "Ended"}
SKILL: tuple[str | Column, ...] = (
    text("words", label="Measure"),
    "horizon_months",
    "mean",
    "low",
    "high",
    "dates",
    "independent",
    "positive",
)
PLACE: tuple[str | Column, ...] = (
    text("measure"),
    text("own", label="Chosen by score"),
    text("median", label="Median of random"),
    text("low", label="2.5% of random below"),
    text("high", label="2.5% of random above"),
    fraction("luck", label="Random as good or better", absent="no draw"),
)
TRIED: tuple[str | Column, ...] = (
    text("chosen", label="This page"),
    "rebalance",
    count("top_n", label="Funds"),
    "selection",
    "weighting",
    "annual_return",
    ratio("sharpe", label="Sharpe", absent="no variation"),
    "max_drawdown",
)


def luck_sentence(study: Study) -> str:
    """How many random choices did as well, and what that says given the tries."""
    luck = study.by_luck()
    if wording.is_missing(luck):
        return "It was not compared with random choices."
    where = "the same categories" if study.random_from == "picked" else "all allowed categories"
    said = f"{_share(luck)} of random choices from {where} did as well or better before costs"
    tries = study.by_luck_of_tries
    if study.tries > 1:
        said += f"; for the best of {wording.plural(study.tries, 'try', 'tries')} that is {_share(tries)}"
    if tries < LUCK:
        held = set(study.origins) - {"real"}
        whom = " of what these made-up funds did, and says nothing of real ones" if held else ""
        return f"{said}: luck is a poor explanation{whom}."
    return f"{said}: luck explains it well enough."


def place(study: Study) -> pd.DataFrame:
    """Where the scores' choice lies among random ones, by measure."""
    table = study.tables["fund_backtest_random"]
    rows = []
    for name, written in (
        ("cumulative_return", wording.percent),
        ("sharpe", wording.ratio),
        ("max_drawdown", wording.percent),
    ):
        others = table[name].iloc[1:]
        low, middle, high = others.quantile([0.025, 0.5, 0.975]) if len(others) else (np.nan,) * 3
        figures = {"own": table[name].iloc[0], "median": middle, "low": low, "high": high}
        rows.append(
            {
                "measure": wording.measure(name),
                **{key: written(value) for key, value in figures.items()},
                "luck": study.by_luck(name),
            }
        )
    return pd.DataFrame(rows)


def place_sentence(study: Study) -> str:
    """How far the choice by score stands from the middle of the random ones."""
    table = study.tables["fund_backtest_random"]["cumulative_return"]
    if len(table) < 2:
        return "No random choice was asked for."
    gap = float(table.iloc[0]) - float(table.iloc[1:].median())
    return (
        f"Before costs the choice by score returned {wording.percent(abs(gap))} of the money put in "
        f"{'more' if gap >= 0 else 'less'} than the median of {wording.count(len(table) - 1)} random ones."
    )


def yardstick(study: Study) -> dict[str, list]:
    """The cumulative return of the scores' choice and of random ones, as arguments of dots with intervals."""
    table = study.tables["fund_backtest_random"]["cumulative_return"]
    own, others = float(table.iloc[0]), table.iloc[1:]
    low, middle, high = others.quantile([0.025, 0.5, 0.975]) if len(others) else (np.nan,) * 3
    return {
        "labels": ["Chosen by score", "Random, middle 95%"],
        "values": [own, middle],
        "low": [own, low],
        "high": [own, high],
    }


def skill(study: Study) -> pd.DataFrame:
    """Table ``fund_score_skill`` in words."""
    table = study.tables["fund_score_skill"]
    return table.assign(words=table["measure"].map(SKILLS))


def skill_dots(study: Study) -> dict[str, list]:
    """Mean rank correlations by horizon with their intervals, as arguments of dots with intervals."""
    table = study.tables["fund_score_skill"]
    own = table[table["measure"] != "quartile_spread"]
    names = own["measure"].map(SKILLS) + ", " + own["horizon_months"].astype(str) + " months"
    columns = {"values": "mean", "low": "low", "high": "high"}
    return {"labels": names.tolist(), **{key: own[name].tolist() for key, name in columns.items()}}


def skill_sentence(study: Study) -> str:
    """Whether scores foretold the returns of a year, and on how much that rests."""
    table = study.tables["fund_score_skill"]
    own = table[(table["measure"] == "rank_ic") & (table["horizon_months"] == table["horizon_months"].max())]
    row = own.iloc[0]
    months = wording.plural(int(row["horizon_months"]), "month")
    if wording.is_missing(row["mean"]):
        return f"No window of {months} is complete, so nothing can be said."
    rests = f"{wording.number(row['independent'], 1)} windows that do not overlap"
    said = f"Over {months} the rank correlation averages {wording.ratio(row['mean'], signed=True)}"
    if wording.is_missing(row["low"]):
        return f"{said}; {rests} are too few for an interval."
    span = f"{wording.ratio(row['low'], signed=True)} to {wording.ratio(row['high'], signed=True)}"
    told = "the scores foretold returns" if row["low"] > 0 else "which cannot be told from none"
    if row["high"] < 0:
        told = "the scores pointed the wrong way"
    return f"{said} (95% interval {span}, {rests}): {told}."


def spread_sentence(study: Study) -> str:
    """How much more the best quartile returned than the worst over the longest horizon."""
    table = study.tables["fund_score_skill"]
    own = table[table["measure"] == "quartile_spread"].sort_values("horizon_months").iloc[-1]
    months = wording.plural(int(own["horizon_months"]), "month")
    if wording.is_missing(own["mean"]):
        return f"No window of {months} is complete."
    span = ""
    if not wording.is_missing(own["low"]):
        low, high = (wording.percent(own[name], signed=True) for name in ("low", "high"))
        span = f", 95% interval {low} to {high}"
    return (
        f"Over the {months} after a score date the best quartile returned "
        f"{wording.percent(own['mean'], signed=True)} against the worst{span}; the spread is a decimal here."
    )


def transitions(study: Study, months: int = 12) -> pd.DataFrame:
    """Shares of one horizon as a square: quartile at first by what it was later."""
    table = study.tables["fund_quartile_transitions"]
    own = table[table["horizon_months"] == months]
    wide = own.pivot_table(index="quartile", columns="later", values="share").reindex(columns=list(NEXT))
    return wide.rename(index=lambda number: f"Quartile {number}", columns=LATER).rename_axis(None)


def transitions_sentence(square: pd.DataFrame) -> str:
    """How many of the best stayed the best, beside the quarter that chance gives."""
    if square.empty:
        return "No pair of dates lies so far apart."
    first = square.iloc[0]
    stayed, fell, ended = (first[LATER[name]] for name in ("1", "4", "ended"))
    return (
        f"Of funds in the best quartile {wording.percent(stayed)} were in it a year later, "
        f"{wording.percent(fell)} in the worst and {wording.percent(ended)} had ended; chance gives a "
        "quarter to each."
    )


def tried(study: Study) -> pd.DataFrame:
    """Table ``fund_backtest_settings`` in words."""
    table = study.tables["fund_backtest_settings"]
    words = table["selection"].str.replace("_", " ")
    mark = pd.Series(np.where(table["chosen"], "yes", ""), index=table.index, dtype="str")
    return table.assign(selection=words, chosen=mark)


def tried_sentence(study: Study) -> str:
    """Where the chosen settings stand among their neighbours, and how many were looked at before."""
    table = study.tables["fund_backtest_settings"]
    before = len(study.tables["fund_backtest_trials"]) - 1
    seen = (
        f"The list of earlier days holds {wording.plural(before, 'other choice')} of settings; tries of one "
        "day overwrite each other and are not seen."
    )
    if table.empty:
        return seen
    rank = int(np.flatnonzero(table["chosen"])[0]) + 1
    low, high = table["sharpe"].min(), table["sharpe"].max()
    return (
        f"By Sharpe ratio these settings are number {rank} of {len(table)} neighbours, from "
        f"{wording.ratio(low)} to {wording.ratio(high)}. {seen}"
    )


def _share(value: float) -> str:
    """A share for people; small ones with the digits that they need."""
    return wording.percent(value, 1 if value >= 0.01 else 2)
