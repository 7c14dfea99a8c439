"""Sentences and key figures of the stress scenarios, written from their numbers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lib import wording
from lib.risk.factor_state import RATES, FactorState
from lib.risk.scenario_display import by_loss, contributors, worst_of
from lib.risk.scenario_files import ScenarioSet
from lib.risk.stress import FAR_SIGMAS


def nothing_sentence(pnl: pd.DataFrame) -> str:
    """That there is no result, and why: what holds of most scenarios."""
    reasons = by_loss(pnl)["reason"].mode()
    return f"No scenario could be computed{': ' + reasons[0] if len(reasons) and reasons[0] else ''}."


def files_sentence(found: ScenarioSet) -> str:
    """How many scenarios there are, and how many are switched off."""
    off = f", {wording.count(found.inactive)} more switched off" if found.inactive else ""
    return f"{wording.plural(len(found.scenarios), 'scenario')}{off}."


def state_sentence(state: FactorState, rate_tenor: str) -> str:
    """On how much the conditional moves rest, and what takes no part in them."""
    rates = "" if RATES in state.names else f" There are too few {rate_tenor} yields, so rates take no part."
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
        return nothing_sentence(pnl)
    word = "would cost" if row["conditional_pnl"] < 0 else "would still gain"
    base = "gross exposure" if "base_gross" in row["flags"] else "net asset value"
    share = wording.percent(abs(row["pnl_fraction"]), reason="no base")
    over = " That is more than the book is worth." if "exceeds_nav" in row["flags"] else ""
    if "far_outside" in row["flags"]:
        over += (
            f" At {wording.number(row['sigmas'], 0)} daily standard deviations it is a story, not a forecast."
        )
    written = by_loss(pnl)
    if lost := int(written["conditional_pnl"].isna().sum()):
        over += f" {lost} of {wording.plural(len(written), 'scenario')} could not be computed."
    return (
        f"The worst of the scenarios, {row['name']}, {word} "
        f"{wording.money(abs(row['conditional_pnl']), currency)}, {share} of {base}; the shocks as named "
        f"alone come to {wording.money(row['direct_pnl'], signed=True)}.{over}"
    )


def size_sentence(pnl: pd.DataFrame) -> str:
    """How unusual the scenarios are, in days of today's volatility."""
    shown = by_loss(pnl).dropna(subset="sigmas")
    if not len(shown):
        return "No scenario has a size."
    known, far = shown["sigmas"], shown[shown["flags"].str.contains("far_outside", regex=False)]
    text = (
        f"Measured by today's volatility and one day, the scenarios are {wording.number(known.min(), 0)} to "
        f"{wording.number(known.max(), 0)} standard deviations: they are stories of weeks and months."
    )
    if not len(far):
        return text
    plain = "asks" if len(far) == 1 else "each ask"
    return (
        f"{text} {wording.joined(far['name'])} {plain} for more than {FAR_SIGMAS:.0f} and "
        "is called a story: not because the market falls so far, but because factors that have moved as one "
        "part by tens of percent. No beta is measured in such a world: read direction and who carries it, "
        "not the money. The replays below show what factors did when markets really fell."
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


def parts_sentence(table: pd.DataFrame, key: str, worst: pd.Series | None, names: Mapping[str, str]) -> str:
    """What weighs most in the worst scenario."""
    if worst is None:
        return "No scenario could be computed, so nothing weighs anything."
    first = contributors(table, key, worst, names, top=1)
    if not len(first):
        return "Nothing moves in this scenario."
    row = first.iloc[0]
    money = wording.money(row["conditional_pnl"], signed=True)
    return f"{worst['name']}: {row['words']} weighs most, {money}."


def factors_sentence(shares: pd.DataFrame) -> str:
    """Which factor weighs most in most scenarios; ``shares`` as ``factor_shares`` gives them."""
    known = shares.dropna(how="all")
    if not len(known):
        return "No scenario could be computed, so nothing weighs anything."
    counts = known.abs().idxmax(axis=1).value_counts()
    return (
        f"{counts.index[0]} is the largest part of {counts.iloc[0]} of "
        f"{wording.plural(len(known), 'scenario')}; the sizes of a row add up to 100%."
    )


def leaders_sentence(pnl: pd.DataFrame, positions: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Which position weighs most, and in how many of the scenarios."""
    scenarios = by_loss(pnl).dropna(subset="conditional_pnl")["scenario"]
    rows = positions[positions["scenario"].isin(scenarios) & (positions["conditional_pnl"].abs() > 0)]
    if not len(rows):
        return nothing_sentence(pnl)
    largest = rows["conditional_pnl"].abs().groupby(rows["scenario"]).idxmax()
    counts = rows.loc[largest, "position_id"].value_counts()
    every = wording.plural(len(scenarios), "scenario")
    first = names.get(counts.index[0], counts.index[0])
    return f"{first} is the largest part of {counts.iloc[0]} of {every}."


def category_sentence(pnl: pd.DataFrame) -> str:
    """How many scenarios lose, and the mean effect of correlations."""
    known = by_loss(pnl).dropna(subset="conditional_pnl")
    if not len(known):
        return nothing_sentence(pnl)
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
    if worst is None or best is None:
        names = ("worst_stress", "worst_stress_money", "best_stress", "mean_correlation_effect")
        units = ("fraction", "money", "fraction", "money")
        why = nothing_sentence(pnl)
        found = [_figure(name, nan, unit, why) for name, unit in zip(names, units, strict=True)]
    else:
        named = f"Shocks as named alone: {wording.money(worst['direct_pnl'], currency, signed=True)}."
        top = f"{best['name']}: {wording.money(best['conditional_pnl'], currency, signed=True)}."
        effect = by_loss(pnl)["correlation_effect"].mean()
        mean = "What the factors that are not named do, mean of all scenarios."
        found = [
            _figure("worst_stress", worst["pnl_fraction"], "fraction", _name_and_size(worst)),
            _figure("worst_stress_money", worst["conditional_pnl"], "money", named),
            _figure("best_stress", best["pnl_fraction"], "fraction", top),
            _figure("mean_correlation_effect", effect, "money", mean, better="neither"),
        ]
    worst_past = replays["pnl_fraction"].min() if len(replays) else nan
    past = replays["name"].iloc[0] + "." if worst_past == worst_past else replay_sentence(pnl, currency)
    return [*found, _figure("worst_replay", worst_past, "fraction", past)]


def _name_and_size(row: pd.Series) -> str:
    story = ", a story" if "far_outside" in row["flags"] else ""
    return f"{row['name']}: {wording.number(row['sigmas'], 0)} daily standard deviations{story}."


def _figure(name: str, value: float, unit: str, sentence: str, better: str = "higher") -> dict:
    return {"name": name, "value": value, "unit": unit, "better": better, "sentence": sentence}
