"""The page risk/stress: what each scenario does, how far correlations carry it, and who makes it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from lib import codes, stress_order, wording
from lib.book import BASE_WORDS
from lib.checks import CENT
from lib.contracts import KeyFigure
from lib.conventions import FACTORS
from lib.risk.factor_state import RATES, FactorState
from lib.risk.pages.stress_checks import PROFITS
from lib.risk.pages.stress_checks import checks as checks
from lib.risk.pages.stress_notes import long_sentence
from lib.risk.scenario_files import ScenarioSet
from lib.risk.stress import FAR_SIGMAS
from lib.tables.columns import count, money, text

LACKING = ("no_factor_", "no_yields")
A_TENTH = 0.1
SILENT = {
    "generated_data": "rest{s} on generated yields or volatilities",
    "implausible_yield": "ask{s} for a yield that cannot be",
    "outlived_options": "owe{s} most to options that would have expired",
}
STORY, UNCOVERED, MORE_THAN_WORTH = "far_outside", "window_not_covered", "exceeds_nav"
BOUNDED = "below_zero"

VARIABLES = (
    text("variable"),
    text("loading", label="Move for +1% of the market"),
    text("daily", label="Standard deviation of a day"),
)
REMARKS = text("reason", label="Remarks")
REPLAYS = (
    "name",
    "conditional_pnl",
    "conditional_unbounded",
    "pnl_fraction",
    "own_share",
    "by_betas_pnl",
    "sigmas",
    REMARKS,
)
SCENARIOS = (
    "name",
    "severity",
    *PROFITS,
    "conditional_unbounded",
    "correlation_effect",
    "pnl_fraction",
    "volatility_factor",
    "sigmas",
    REMARKS,
)
CATEGORIES = (
    text("category"),
    count("scenarios"),
    money("worst"),
    money("best"),
    money("mean"),
    money("median"),
    money("deviation", label="Standard deviation", absent="one scenario"),
    money("mean_effect", label="Mean correlation effect"),
    count("losses", label="Losing"),
)
LEADERS = (
    text("name", label="Scenario"),
    money("conditional_pnl", label="Profit or loss"),
    text("positions"),
    text("factors"),
)


def variables(state: FactorState) -> pd.DataFrame:
    """Each variable: what it does when the market rises 1 %, and its standard deviation of a day, as text."""
    daily = np.sqrt(np.diag(state.covariance))
    along = np.append(1.0, state.loadings[1:]) * 0.01
    rows = zip(state.names, along, daily, strict=True)
    return pd.DataFrame(
        [(wording.sentence_case(name), _move(name, one), _move(name, other)) for name, one, other in rows],
        columns=["variable", "loading", "daily"],
    )


def _move(name: str, value: float) -> str:
    return f"{wording.number(value, 1)}\u00a0bp" if name == RATES else wording.percent(value, 2)


def written(pnl: pd.DataFrame) -> pd.DataFrame:
    """Scenarios as they were written, the worst first, those without a result last; ``reason`` in words."""
    return _by_loss(pnl[pnl["category"] != "replay"])


def replays(pnl: pd.DataFrame) -> pd.DataFrame:
    """The replayed windows, ordered as ``written``."""
    return _by_loss(pnl[pnl["category"] == "replay"])


def computed(pnl: pd.DataFrame) -> pd.DataFrame:
    """The written scenarios that have a result, the worst first."""
    return written(pnl).dropna(subset="conditional_pnl")


def _by_loss(rows: pd.DataFrame) -> pd.DataFrame:
    shown = rows.assign(reason=rows["flags"].map(codes.all_words).astype("str"))
    return shown.sort_values("conditional_pnl", na_position="last", kind="stable").reset_index(drop=True)


def categories(pnl: pd.DataFrame) -> pd.DataFrame:
    """Worst, best, mean, median and deviation of the conditional profit by category, and over all."""
    rows = pnl[(pnl["category"] != "replay") & pnl["conditional_pnl"].notna()]
    groups = pd.concat([rows, rows.assign(category="all")]).groupby("category", sort=False)
    profit = groups["conditional_pnl"]
    table = profit.agg(
        scenarios="size", worst="min", best="max", mean="mean", median="median", deviation="std"
    )
    losses = profit.agg(lambda values: int((values < 0).sum()))
    table = table.assign(mean_effect=groups["correlation_effect"].mean(), losses=losses).reset_index()
    return table.assign(category=table["category"].str.capitalize())


def contributors(
    positions: pd.DataFrame, scenario: pd.Series | None, names: Mapping[str, str]
) -> pd.DataFrame:
    """The ten positions that make up most of the conditional profit of a row of ``written``, in ``words``."""
    wanted = None if scenario is None else scenario["scenario"]
    rows = _by_size(positions[positions["scenario"] == wanted]).head(10)
    return rows.assign(words=_named(rows["position_id"], names)).reset_index(drop=True)


def leaders(
    pnl: pd.DataFrame, positions: pd.DataFrame, factors: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    """The three positions and factors that weigh most in each scenario, with their money, as text."""
    known = computed(pnl)
    columns = {
        name: known["scenario"].map(_leaders(table, key, names))
        for name, table, key in (("positions", positions, "position_id"), ("factors", factors, "factor"))
    }
    return known[["scenario", "name", "conditional_pnl"]].assign(**columns).reset_index(drop=True)


def _leaders(table: pd.DataFrame, key: str, names: Mapping[str, str]) -> pd.Series:
    first = _by_size(table).groupby("scenario", sort=False).head(3)
    profit = first["conditional_pnl"].map(lambda one: wording.money(one, signed=True)).astype("str")
    words = _named(first[key], names) + " " + profit
    return words.groupby(first["scenario"], sort=False).agg("; ".join)


def _by_size(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a conditional profit of a cent or more, the largest first."""
    sizes = table["conditional_pnl"].abs()
    return table.loc[sizes[sizes > CENT].sort_values(ascending=False, kind="stable").index]


def _named(keys: pd.Series, names: Mapping[str, str]) -> pd.Series:
    return keys.map(names).astype("str").fillna(keys.str.replace("_", " ", regex=False)).astype("str")


def factor_shares(pnl: pd.DataFrame, factors: pd.DataFrame) -> pd.DataFrame:
    """What each factor does to the book, over the sum of all their sizes: scenarios x factors, worst first.

    Names for people; what options add beyond their deltas is the last column, absent where there is nothing.
    One missing number where no scenario could be computed.
    """
    known = computed(pnl)
    if known.empty:
        return pd.DataFrame({"Nothing moves": [np.nan]}, index=["No scenario"])
    parts = factors.pivot(index="scenario", columns="factor", values="conditional_pnl")  # noqa: PD010
    parts = parts.reindex(index=known["scenario"], columns=list(dict.fromkeys(factors["factor"])))
    parts = parts.loc[:, parts.columns.isin(FACTORS) | (parts.abs() > CENT).any()]
    sizes = parts.abs().sum(axis=1)
    shares = parts.div(sizes.where(sizes > CENT), axis=0).set_axis(known["name"].tolist())
    return shares.rename(columns=wording.sentence_case).rename_axis(columns=None)


def state_sentence(found: ScenarioSet, state: FactorState, rate_tenor: str) -> str:
    """How many scenarios there are, on how much their conditional moves rest, and what takes no part."""
    off = f", {wording.count(found.inactive)} more switched off" if found.inactive else ""
    rates = "" if RATES in state.names else f" There are too few {rate_tenor} yields, so rates take no part."
    return (
        f"{wording.plural(len(found.scenarios), 'scenario')}{off}. "
        f"Covariances of {wording.plural(len(state.names), 'variable')} from "
        f"{wording.plural(state.observations, 'day')} that weigh like "
        f"{wording.number(state.effective_observations, 0)} equal ones; condition number "
        f"{wording.number(state.condition_number, 0)}.{rates}"
    )


def nothing_sentence(pnl: pd.DataFrame) -> str:
    """That there is no result, and why: what holds of most scenarios."""
    reasons = written(pnl)["reason"].mode()
    return f"No scenario could be computed{': ' + reasons[0] if len(reasons) and reasons[0] else ''}."


def verdict(pnl: pd.DataFrame, currency: str) -> str:
    """The worst scenario by the rule of ``lib.stress_order``, what it costs, and what it leaves out."""
    worst = stress_order.worst(pnl)
    if worst is None:
        silent = pnl["conditional_pnl"].notna().any()
        return generated_sentence(pnl) if silent else nothing_sentence(pnl)
    word = "would cost" if worst["conditional_pnl"] < 0 else "would still gain"
    base = BASE_WORDS["gross" if codes.has(worst["flags"], "base_gross") else "nav"]
    far = codes.has(worst["flags"], STORY)
    text = (
        f"The worst of the {'stories' if far else 'plausible scenarios, replays included'}, {worst['name']}, "
        f"{word} {wording.money(abs(worst['conditional_pnl']), currency)}, "
        f"{wording.percent(abs(worst['pnl_fraction']), reason='no base')} of {base}"
        f"{_two_readings(worst)}."
    )
    if codes.has(worst["flags"], MORE_THAN_WORTH):
        text += " That is more than the book is worth."
    text += bound_sentence(worst)
    if far:
        sigmas = wording.number(worst["sigmas"], 0)
        text += f" At {sigmas} daily standard deviations it is a story, not a forecast."
    lost, every = len(written(pnl)) - len(computed(pnl)), len(written(pnl))
    text += f" {lost} of {wording.plural(every, 'scenario')} could not be computed." if lost else ""
    apart = ["" if far else _story_sentence(pnl, currency), long_sentence(pnl, currency)]
    rest = [*apart, generated_sentence(pnl)]
    return " ".join(filter(None, [text, *rest]))


def _two_readings(row: pd.Series) -> str:
    """By which reading a profit is, with the other one where they differ by more than a tenth."""
    if row["category"] == "replay":
        return ", as it happened"
    one, other = row["conditional_pnl"], row["direct_pnl"]
    if abs(one - other) <= A_TENTH * max(abs(one), abs(other)):
        return ""
    return (
        " with the other factors at their conditional mean; the shocks as named alone come to "
        f"{wording.money(other, signed=True)}"
    )


def _story_sentence(pnl: pd.DataFrame, currency: str) -> str:
    """The worst of the stories, ranked apart."""
    rows = stress_order.stories(pnl)
    if rows.empty:
        return ""
    row = rows.iloc[0]
    return (
        f"Ranked apart as far outside what factors ever did: {row['name']}, "
        f"{wording.money(row['conditional_pnl'], currency, signed=True)}{_two_readings(row)}."
    )


def generated_sentence(pnl: pd.DataFrame) -> str:
    """Which scenarios rest on generated data or a yield that cannot be, and so are in no headline."""
    told = []
    for code, words in SILENT.items():
        rows = pnl[codes.has(pnl["flags"], code)]
        if len(rows):
            ending = "s" if len(rows) == 1 else ""
            told.append(f"{wording.joined(rows['name'])} {words.format(s=ending)}")
    return f"{'; '.join(told)}: never the worst or the best." if told else ""


def bound_sentence(row: pd.Series) -> str:
    """That a share cannot lose more than its price, and the profit if it could; empty where none would."""
    if not codes.has(row["flags"], BOUNDED):
        return ""
    return (
        " A share loses at most all of its value here; by its betas alone the result would be "
        f"{wording.money(row['conditional_unbounded'], signed=True)}."
    )


def size_sentence(pnl: pd.DataFrame) -> str:
    """How unusual the scenarios are, in days of today's volatility."""
    shown = written(pnl).dropna(subset="sigmas")
    if not len(shown):
        return "No scenario has a size."
    sizes, far = shown["sigmas"], shown[codes.has(shown["flags"], STORY)]
    text = (
        f"Measured by today's volatility and one day, the scenarios are {wording.number(sizes.min(), 0)} to "
        f"{wording.number(sizes.max(), 0)} standard deviations: they are stories of weeks and months."
    )
    if not len(far):
        return text
    return (
        f"{text} {wording.joined(far['name'])} {'asks' if len(far) == 1 else 'each ask'} for more than "
        f"{FAR_SIGMAS:.0f} and is called a story: not because the market falls so far, but because factors "
        "that have moved as one part by tens of percent. No beta is measured in such a world: read direction "
        "and who carries it, not the money. The replays below show what factors did when markets really fell."
    )


def categories_sentence(pnl: pd.DataFrame) -> str:
    """How many scenarios lose, and the mean effect of correlations."""
    known = computed(pnl)
    if not len(known):
        return nothing_sentence(pnl)
    losing = int((known["conditional_pnl"] < 0).sum())
    return (
        f"{losing} of {wording.plural(len(known), 'scenario')} lose money; what the factors that are not "
        f"named do adds {wording.money(known['correlation_effect'].mean(), signed=True)} on average."
    )


def contributors_sentence(parts: pd.DataFrame, scenario: pd.Series | None) -> str:
    """What weighs most in a scenario; ``parts`` as ``contributors`` gives them."""
    if scenario is None:
        return "No scenario could be computed, so nothing weighs anything."
    if parts.empty:
        return "Nothing moves in this scenario."
    profit = wording.money(parts["conditional_pnl"].iloc[0], signed=True)
    return f"{scenario['name']}: {parts['words'].iloc[0]} weighs most, {profit}."


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
    scenarios = computed(pnl)["scenario"]
    rows = positions[positions["scenario"].isin(scenarios) & (positions["conditional_pnl"].abs() > 0)]
    if not len(rows):
        return nothing_sentence(pnl)
    largest = rows["conditional_pnl"].abs().groupby(rows["scenario"]).idxmax()
    counts = rows.loc[largest, "position_id"].value_counts()
    first = names.get(counts.index[0], counts.index[0])
    return f"{first} is the largest part of {counts.iloc[0]} of {wording.plural(len(scenarios), 'scenario')}."


def replays_sentence(pnl: pd.DataFrame, currency: str) -> str:
    """What the replays say, and which windows the data do not cover."""
    rows = replays(pnl)
    if not len(rows):
        return "No scenario has a window to replay."
    lost = int(codes.has(rows["flags"], UNCOVERED).sum())
    missing = f" The data do not cover {wording.plural(lost, 'window')}." if lost else ""
    known = rows.dropna(subset="conditional_pnl")
    if not len(known):
        return f"No window could be replayed.{missing}"
    row = known.iloc[0]
    return (
        f"{row['name']}: what really happened would have meant "
        f"{wording.money(row['conditional_pnl'], currency, signed=True)} for today's book, "
        f"{wording.percent(row['pnl_fraction'], signed=True)}. {_how_replayed(row)}{missing}"
    )


def _how_replayed(row: pd.Series) -> str:
    """How much of the book moved by its own prices, what betas alone would say, and which factors lack."""
    own = row["own_share"]
    rest = "" if wording.is_missing(own) or own >= 1.0 else ", the rest by betas"
    left = [code.removeprefix("no_factor_") for code in row["flags"].split(",") if code.startswith(LACKING)]
    named = wording.joined(RATES if code == "no_yields" else code.replace("_", " ") for code in left)
    out = f" Left out for want of days: {named}." if left else ""
    return (
        f"By exposure {wording.percent(own)} of it moves as its own prices did{rest}; by betas alone it "
        f"would be {wording.money(row['by_betas_pnl'], signed=True)}.{out}"
    )


def key_figures(pnl: pd.DataFrame, currency: str) -> list[KeyFigure]:
    """The figures to be seen first: the worst and the best scenario, correlations, the worst replay."""
    known, past, none = computed(pnl), replays(pnl), pd.Series(np.nan, index=pnl.columns)
    may = stress_order.speaking(pnl)
    worst, best = (may.iloc[0], may.iloc[-1]) if len(may) else (none, none)
    alone = f"shocks as named alone {wording.money(worst['direct_pnl'], currency, signed=True)}"
    named = f"{worst['name']}: {'as it happened' if worst['category'] == 'replay' else alone}."
    top = f"{best['name']}: {wording.money(best['conditional_pnl'], currency, signed=True)}."
    mean = "What the factors that are not named do, mean of all scenarios."
    effect, deepest = known["correlation_effect"].mean(), past["pnl_fraction"].min()
    replay = replays_sentence(pnl, currency) if np.isnan(deepest) else f"{past['name'].iloc[0]}."
    found = [
        KeyFigure("worst_stress", worst["pnl_fraction"], "fraction", "higher", _name_and_size(worst)),
        KeyFigure("worst_stress_money", worst["conditional_pnl"], "money", "higher", named),
        KeyFigure("best_stress", best["pnl_fraction"], "fraction", "higher", top),
        KeyFigure("mean_correlation_effect", effect, "money", "neither", mean),
    ]
    if may.empty:
        why = nothing_sentence(pnl) if known.empty else generated_sentence(pnl)
        found = [replace(figure, sentence=why) for figure in found]
    return [*found, KeyFigure("worst_replay", deepest, "fraction", "higher", replay)]


def _name_and_size(row: pd.Series) -> str:
    story = ", a story" if codes.has(str(row["flags"]), STORY) else ""
    return f"{row['name']}: {wording.number(row['sigmas'], 0)} daily standard deviations{story}."
