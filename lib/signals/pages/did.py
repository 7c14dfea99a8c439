"""What the page of ``signals/did`` says: what the treatment did, and whether trends ran parallel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, adds_up, close, none, nothing, ordered, within
from lib.contracts import Column, KeyFigure, MadeUp
from lib.signals.did_study import FEW_TREATED, DesignStudy, tables
from lib.signals.pages.did_words import MENDS, REFUSALS, design_words, outcome_words
from lib.tables.columns import number, text

ESTIMATOR_WORDS = {
    "two_by_two": "Two by two",
    "two_way_effects": "Two-way effects",
    "staggered": "By group and time, not yet treated as controls",
    "staggered_by_group": "Group first treated in",
    "event_study": "Two-way effects, leads and lags",
}
KIND_WORDS = {
    "treated_never": "Treated against never treated",
    "earlier_later": "Earlier against later treated",
    "later_earlier": "Later against treated already",
}
RESTRICTION_WORDS = {
    "relative_magnitudes": "times the largest change before",
    "smoothness": "change of slope a period",
}
REFUSED: tuple[Column, ...] = (
    text("why", label="Why nothing is estimated"),
    text("mend", label="What would give an answer"),
)
SUFFICIENT_POWER = 0.8
MAIN = "staggered"
NUMBERS = ("estimate", "se", "low", "high", "set_low", "set_high", "slope_50", "slope_80", "p")
"""Columns in the unit of the outcome, and p: three decimals."""


def _three(*names: str) -> tuple[Column, ...]:
    labels = {"se": "Its error", "low": "From", "high": "To", "set_low": "Set from", "set_high": "Set to"}
    labels |= {"slope_50": "Trend found in half", "slope_80": "Trend found in 80%", "p": "p"}
    return tuple(text(name, label=labels.get(name, "")) for name in names)


ESTIMATES: tuple[str | Column, ...] = (
    text("words", label="Estimator"),
    *_three("estimate", "se", "p", "low", "high"),
    "units",
    "treated",
    "clusters",
    text("flag", label="Note"),
)
COMPARISONS: tuple[str | Column, ...] = (
    text("words", label="Comparison"),
    number("pairs", unit="count", label="Pairs"),
    "weight",
    text("estimate", label="Mean estimate"),
)
PRETRENDS: tuple[str | Column, ...] = (
    text("words", label="Estimator"),
    "leads",
    "statistic",
    *_three("p"),
    "power",
    *_three("slope_50", "slope_80"),
    text("flag", label="Note"),
)
BOUNDS: tuple[str | Column, ...] = (
    "m",
    text("words", label="M counts"),
    *_three("set_low", "set_high", "low", "high"),
    text("zero", label="Zero"),
)
PLACEBOS: tuple[str | Column, ...] = ("shift", *_three("estimate", "se", "p", "low", "high"), "flag")


def faults(own: DesignStudy, check: DesignStudy) -> list[str]:
    """What is wrong with the data or stops the answer, a sentence each."""
    found = []
    if own.code:
        found.append(REFUSALS[own.code])
    elif own.origin != "real":
        found.append(
            MadeUp(
                f"The outcomes of the signal's own design are {own.origin}: nothing here is evidence of a "
                "real effect."
            )
        )
    design = own.design
    if design is not None and not own.code:
        clusters = len(np.unique(design.cluster[design.treated]))
        if clusters < FEW_TREATED:
            few = wording.plural(clusters, "treated cluster")
            found.append(f"{few} only: errors by cluster are too small then.")
        if design.always:
            units = wording.plural(design.always, "unit")
            found.append(f"{units} treated from the first period on are left out: nothing is known before.")
    if check.code and check.name:
        named = design_words(check.name)
        found.append(f"The check on published data ({named}) has no answer: {codes.words(check.code)}.")
    return found


def verdict(own: DesignStudy, check: DesignStudy) -> str:
    """The effect of the own design, whether trends ran parallel; or what the check says."""
    if own.code:
        beside = f" The same estimators on published data: {_lower(effect_sentence(check))}"
        return f"No effect of this signal is estimated.{beside if not check.code else ''}"
    return f"{effect_sentence(own)} {trend_sentence(own)}"


def effect_sentence(study: DesignStudy) -> str:
    """The overall effect with its interval, beside that of two-way effects."""
    row = study.estimate(MAIN)
    if row is None:
        return _refused(study)
    said = (
        f"In the study of {design_words(study.name)} the treatment moved {outcome_words(study.outcome)} by "
        f"{_number(row['estimate'])} "
        f"(95% interval {_number(row['low'])} to {_number(row['high'])})"
    )
    told = "not to be told from zero" if row["low"] <= 0.0 <= row["high"] else "told from zero"
    other = study.estimate("two_way_effects")
    beside = f"; two-way effects say {_number(other['estimate'])}" if other is not None else ""
    return f"{said}, {told}{beside}."


def _lower(said: str) -> str:
    return said[:1].lower() + said[1:]


def refusal(study: DesignStudy) -> pd.DataFrame:
    """Why a design has no answer, and what would give it one."""
    return pd.DataFrame({"why": [_refused(study)], "mend": [MENDS.get(study.code, "")]})


def estimates_title(study: DesignStudy) -> str:
    """What the effect is on and of, for the heads of exhibits."""
    return f"Effect on {outcome_words(study.outcome)}: {design_words(study.name)}"


def path_title(study: DesignStudy) -> str:
    """The same by distance."""
    return f"Effect by distance to the first treated period: {design_words(study.name)}"


def _refused(study: DesignStudy) -> str:
    return REFUSALS.get(study.code, "There is no effect over all groups.")


def _number(value: Any) -> str:
    return wording.number(value, 3, signed=True)


def trend_sentence(study: DesignStudy) -> str:
    """What the test of the leads found, and whether it could have found anything."""
    table = study.frame("did_pretrends")
    own = table.loc[table["estimator"] == MAIN].dropna(subset="p")
    if own.empty:
        return "Whether trends ran parallel before cannot be tested."
    row = own.iloc[0]
    p = wording.p_value(row["p"])
    if row["p"] < 0.05:
        return f"Trends did not run parallel before (p {p}): the effect is in doubt."
    power = wording.probability(row["power"])
    if row["power"] < SUFFICIENT_POWER:
        return (
            f"The test of trends before finds nothing (p {p}), but would have found "
            f"a trend that makes up the whole effect in {power} of samples only: it clears nothing."
        )
    return (
        f"Trends before do not differ (p {p}), and one that makes up the whole "
        f"effect would have been found in {power} of samples."
    )


def estimates(study: DesignStudy) -> pd.DataFrame:
    """The estimates in words, those of groups by their first treated period."""
    table = study.frame("did_estimates")
    words = table["estimator"].map(ESTIMATOR_WORDS).astype("str")
    return _written(table.assign(words=words.where(table["term"] == "all", words + " " + table["term"])))


def _written(table: pd.DataFrame) -> pd.DataFrame:
    """The frame with its numbers and codes as texts for people."""
    own = {name: [wording.number(one, 3) for one in table[name]] for name in NUMBERS if name in table.columns}
    if "p" in own:
        own["p"] = [wording.p_value(one).replace("below ", "<\u00a0") for one in table["p"]]
    flags = {"flag": [codes.all_words(one) for one in table["flag"]]} if "flag" in table.columns else {}
    return table.assign(**own, **flags)


def estimates_sentence(study: DesignStudy) -> str:
    """Agreement of the estimators, and whether weights are used."""
    if study.code:
        return _refused(study)
    table = study.frame("did_estimates")
    whole = table.loc[table["term"] == "all"].dropna(subset="estimate")
    spread = f"{_number(whole['estimate'].min())} to {_number(whole['estimate'].max())}"
    used = "count by their weights" if bool(table["weighted"].iloc[0]) else "all count alike"
    errors = "; ".join(dict.fromkeys(table["flavour"]))
    return (
        f"{effect_sentence(study)} Estimators over all units range from {spread}; units {used}. Errors, in "
        f"the order of the rows: {errors}."
    )


def path(study: DesignStudy) -> dict[str, list[Any]]:
    """Effects by distance for the figure, the period left out included."""
    table = study.frame("did_paths")
    own = table.loc[table["estimator"] == MAIN].sort_values("distance", ascending=False)
    return {
        "labels": [wording.number(one, 0, signed=bool(one)) for one in own["distance"]],
        "values": own["estimate"].tolist(),
        "low": own["band_low"].tolist(),
        "high": own["band_high"].tolist(),
    }


def path_sentence(study: DesignStudy) -> str:
    """How many distances leave zero out, before and after."""
    if study.code:
        return _refused(study)
    table = study.frame("did_paths")
    own = table.loc[table["estimator"] == MAIN]
    outside = (own["band_low"] > 0.0) | (own["band_high"] < 0.0)
    after = own["distance"] >= 0
    return (
        "Distance from the first treated period, the one before it being zero by definition; the band holds "
        f"all distances at once. {int((outside & after).sum())} of {int(after.sum())} after it and "
        f"{int((outside & ~after).sum())} of {int((~after).sum())} before it leave zero out."
    )


def comparisons(study: DesignStudy) -> pd.DataFrame:
    """Goodman-Bacon's comparisons by kind in words: weight, and mean estimate under these weights."""
    return _written(_by_kind(study))


def _by_kind(study: DesignStudy) -> pd.DataFrame:
    table = study.frame("did_comparisons")
    table = table.assign(product=table["weight"] * table["estimate"])
    kinds = table.groupby("kind", sort=False)
    frame = kinds.agg(pairs=("weight", "size"), weight=("weight", "sum"), product=("product", "sum"))
    frame = frame.loc[frame["weight"] > 0.0].reset_index()
    return frame.assign(
        pairs=frame["pairs"].astype("float64"),
        estimate=frame["product"] / frame["weight"],
        words=frame["kind"].map(KIND_WORDS).astype("str"),
    )


def comparisons_sentence(study: DesignStudy) -> str:
    """How much of two-way effects rests on units treated already."""
    if study.code:
        return _refused(study)
    frame = _by_kind(study).set_index("kind")
    forbidden = float(frame["weight"].get("later_earlier", 0.0))
    whole = _number((frame["weight"] * frame["estimate"]).sum())
    return (
        f"They add up to {whole}, the two-way effects of units that all count alike; "
        f"{wording.percent(forbidden)} of the weight compares with units that are treated already."
    )


def pretrends(study: DesignStudy) -> pd.DataFrame:
    """The tests of leads in words."""
    table = study.frame("did_pretrends")
    return _written(table.assign(words=table["estimator"].map(ESTIMATOR_WORDS).astype("str")))


def placebos(study: DesignStudy) -> pd.DataFrame:
    """The placebos in words."""
    return _written(study.frame("did_placebos"))


def bounds(study: DesignStudy) -> pd.DataFrame:
    """The bounds in words."""
    table = study.frame("did_bounds")
    inside = (table["low"] <= 0.0) & (table["high"] >= 0.0)
    frame = table.assign(
        words=table["restriction"].map(RESTRICTION_WORDS).astype("str"),
        zero=inside.map({True: "inside", False: "left out"}).astype("str"),
    )
    return _written(frame)


def bounds_sentence(study: DesignStudy) -> str:
    """How far trends may part before the effect is lost."""
    table = study.frame("did_bounds")
    own = table.loc[table["restriction"] == "relative_magnitudes"].sort_values("m")
    if own.empty:
        return "There are no bounds: no period before the treatment but the one that is left out."
    outside = (own["low"] > 0.0) | (own["high"] < 0.0)
    if not outside.any():
        return "The interval of the mean effect holds zero even if trends ran exactly parallel."
    if outside.all():
        largest = wording.number(own["m"].max(), 2)
        return f"The effect is told from zero even if trends part {largest} times as fast as ever before."
    lost = wording.number(own.loc[~outside, "m"].min(), 2)
    if not own.loc[outside, "m"].max():
        return (
            "The effect is told from zero only if trends ran exactly parallel; it is lost when they may part "
            f"{lost} times as fast as ever before."
        )
    last = wording.number(own.loc[outside, "m"].max(), 2)
    return (
        f"The effect is told from zero while trends part at most {last} times as fast as ever before, and no "
        f"longer at {lost} times."
    )


def placebos_sentence(study: DesignStudy) -> str:
    """How many placebos found an effect that never was."""
    table = study.frame("did_placebos")
    if table.empty:
        return "There is no period early enough for a placebo."
    found = int((table["p"] < 0.05).sum())
    times = wording.plural(len(table), "placebo date")
    return f"{found} of {times} show an effect where there was none; one in twenty would by chance."


def checks(own: DesignStudy, check: DesignStudy) -> list[Check]:
    """What must hold of this very result."""
    both = tables([own, check])
    cells, parts = both["did_group_times"], both["did_comparisons"]
    found = [
        ordered("Intervals are in order", both["did_estimates"]["low"], both["did_estimates"]["high"]),
        within("Probabilities lie between 0 and 1", both["did_estimates"]["p"], 0.0, 1.0),
        none(
            "A refused design has no estimate",
            sum(len(one.frame("did_estimates")) for one in (own, check) if one.code),
            "estimates",
        ),
        none(
            "No cell uses the group's own units as controls",
            int((cells["treated"] + cells["controls"] > _units(own, check)).sum()),
            "cells",
        ),
    ]
    for study in (own, check):
        name = f"Comparisons of {design_words(study.name)} weigh one together"
        weights = parts.loc[parts["role"] == study.role, "weight"]
        found.append(adds_up(name, weights, 1.0) if len(weights) else nothing(name))
        found.append(_same_two_way(study))
    return found


def _units(*studies: DesignStudy) -> int:
    return max((len(one.design.first) for one in studies if one.design is not None), default=0)


def _same_two_way(study: DesignStudy) -> Check:
    """The comparisons are the two-way effects, where units count alike and none is missing."""
    name = f"Comparisons of {design_words(study.name)} add up to two-way effects"
    row, design = study.estimate("two_way_effects"), study.design
    if row is None or design is None or design.weighted or not np.isfinite(design.outcome).all():
        return nothing(name)
    table = study.frame("did_comparisons")
    return close(name, float((table["weight"] * table["estimate"]).sum()), float(row["estimate"]))


def key_figures(own: DesignStudy, check: DesignStudy) -> list[KeyFigure]:
    """The effect, its p, the power of the test of trends; and the effect that published data show."""
    row, table = own.estimate(MAIN), own.frame("did_pretrends")
    trend = table.loc[table["estimator"] == MAIN]
    estimate = np.nan if row is None else float(row["estimate"])
    found = [KeyFigure("effect_of_treatment", estimate, "ratio", "neither", effect_sentence(own))]
    if row is not None:
        found.append(KeyFigure("p_of_effect", float(row["p"]), "p_value", "neither", _units_sentence(row)))
    if len(trend):
        power = float(trend["power"].iloc[0])
        found.append(KeyFigure("power_of_trend_test", power, "probability", "higher", trend_sentence(own)))
    other = check.estimate(MAIN)
    if other is not None:
        shown = float(other["estimate"])
        found.append(KeyFigure("effect_in_published_data", shown, "ratio", "neither", effect_sentence(check)))
    return found


def _units_sentence(row: pd.Series) -> str:
    """What the p-value of the effect rests on."""
    return (
        f"Of that effect: {wording.count(row['treated'])} of {wording.plural(int(row['units']), 'unit')} "
        f"were treated, errors by {wording.plural(int(row['clusters']), 'cluster')}."
    )
