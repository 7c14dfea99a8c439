"""Sentences and key figures of the stress scenarios, written from their numbers."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.risk.factor_state import RATES, FactorState
from lib.risk.scenario_display import by_loss, contributors, worst_of
from lib.risk.scenario_files import ScenarioSet

NONE = "No scenario could be computed: no position takes part."


def files_sentence(found: ScenarioSet) -> str:
    """How many scenarios there are, and how many are switched off."""
    off = f", {wording.count(found.inactive)} more switched off" if found.inactive else ""
    return f"{wording.plural(len(found.scenarios), 'scenario')}{off}."


def state_sentence(state: FactorState) -> str:
    """On how much the conditional moves rest."""
    rates = "" if RATES in state.names else " There are too few yields, so rates take no part."
    return (
        f"Covariances of {wording.plural(len(state.names), 'variable')} from "
        f"{wording.plural(state.observations, 'day')} that weigh like "
        f"{wording.number(state.effective_observations, 0)} equal ones; condition number "
        f"{wording.number(state.condition_number, 0)}.{rates}"
    )


def worst_sentence(pnl: pd.DataFrame, currency: str) -> str:
    """The worst scenario, what it costs, and how much of that comes through correlations."""
    row = worst_of(pnl)
    if row is None:
        return NONE
    word = "would cost" if row["conditional_pnl"] < 0 else "would still gain"
    base = "gross exposure" if "base_gross" in row["flags"] else "net asset value"
    share = wording.percent(abs(row["pnl_fraction"]), reason="no base")
    over = " That is more than the book is worth." if "exceeds_nav" in row["flags"] else ""
    return (
        f"The worst of the scenarios, {row['name']}, {word} "
        f"{wording.money(abs(row['conditional_pnl']), currency)}, {share} of {base}; the shocks as named "
        f"alone come to {wording.money(row['direct_pnl'], signed=True)}.{over}"
    )


def size_sentence(pnl: pd.DataFrame) -> str:
    """How unusual the scenarios are, in days of today's volatility."""
    known = by_loss(pnl)["sigmas"].dropna()
    if not len(known):
        return "No scenario has a size."
    return (
        f"Measured by today's volatility and one day, the scenarios are {wording.number(known.min(), 0)} to "
        f"{wording.number(known.max(), 0)} standard deviations: they are stories of weeks and months, and "
        "those that pull apart factors which move together are the least likely."
    )


def replay_sentence(pnl: pd.DataFrame, currency: str) -> str:
    """What the replays say, and which windows the data do not cover."""
    rows = by_loss(pnl, replays=True)
    if not len(rows):
        return "No scenario has a window to replay."
    known = rows[rows["conditional_pnl"].notna()]
    lost = int((rows["flags"] == "window_not_covered").sum())
    missing = f" The data do not cover {wording.plural(lost, 'window')}." if lost else ""
    if not len(known):
        return f"No window could be replayed.{missing}"
    row = known.iloc[0]
    return (
        f"{row['name']}: the factors' real moves would have meant "
        f"{wording.money(row['conditional_pnl'], currency, signed=True)} for today's book, "
        f"{wording.percent(row['pnl_fraction'], signed=True)}.{missing}"
    )


def parts_sentence(table: pd.DataFrame, key: str, worst: pd.Series | None) -> str:
    """What weighs most in the worst scenario."""
    if worst is None:
        return NONE
    first = contributors(table, key, worst, top=1)
    if not len(first):
        return "Nothing moves in this scenario."
    row = first.iloc[0]
    money = wording.money(row["conditional_pnl"], signed=True)
    return f"{worst['name']}: {row['words']} weighs most, {money}."


def leaders_sentence(pnl: pd.DataFrame, positions: pd.DataFrame) -> str:
    """Which position weighs most, and in how many of the scenarios."""
    scenarios = by_loss(pnl).dropna(subset="conditional_pnl")["scenario"]
    rows = positions[positions["scenario"].isin(scenarios) & (positions["conditional_pnl"].abs() > 0)]
    if not len(rows):
        return NONE
    largest = rows["conditional_pnl"].abs().groupby(rows["scenario"]).idxmax()
    counts = rows.loc[largest, "position_id"].value_counts()
    every = wording.plural(len(scenarios), "scenario")
    return f"{counts.index[0]} is the largest part of {counts.iloc[0]} of {every}."


def category_sentence(pnl: pd.DataFrame) -> str:
    """How many scenarios lose, and the mean effect of correlations."""
    known = by_loss(pnl).dropna(subset="conditional_pnl")
    if not len(known):
        return NONE
    losing = int((known["conditional_pnl"] < 0).sum())
    return (
        f"{losing} of {wording.plural(len(known), 'scenario')} lose money; what the factors that are not "
        f"named do adds {wording.money(known['correlation_effect'].mean(), signed=True)} on average."
    )


def stress_figures(pnl: pd.DataFrame, currency: str) -> list[dict]:
    """Key figures of the stage risk/stress."""
    worst, best = worst_of(pnl), worst_of(pnl, best=True)
    replays = by_loss(pnl, replays=True)
    nan = float("nan")
    reading = worst_sentence(pnl, currency)
    top = (
        NONE
        if best is None
        else (
            f"The best of the scenarios, {best['name']}: "
            f"{wording.money(best['conditional_pnl'], currency, signed=True)}."
        )
    )
    effect = by_loss(pnl)["correlation_effect"].mean()
    return [
        _figure("worst_stress", nan if worst is None else worst["pnl_fraction"], "fraction", reading),
        _figure("worst_stress_money", nan if worst is None else worst["conditional_pnl"], "money", reading),
        _figure("best_stress", nan if best is None else best["pnl_fraction"], "fraction", top),
        _figure("mean_correlation_effect", effect, "money", category_sentence(pnl), better="neither"),
        _figure(
            "worst_replay",
            replays["pnl_fraction"].min() if len(replays) else nan,
            "fraction",
            replay_sentence(pnl, currency),
        ),
    ]


def _figure(name: str, value: float, unit: str, sentence: str, better: str = "higher") -> dict:
    return {"name": name, "value": value, "unit": unit, "better": better, "sentence": sentence}
