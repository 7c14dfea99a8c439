"""The part of a page that says why a fund has its score, and what the next step up would take."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.funds.pages import grades
from lib.tables.columns import number, text

WHY = (
    text("leaf", label="Sub-score"),
    text("value", label="Measure"),
    number("points", label="Points", absent="too young"),
    number("max_points", unit="count", label="Of"),
    number("lost", label="Lost", absent="too young"),
    text("judged", label="Judged"),
    text("next", label="What the next step would take"),
)
GIVEN = "half the points, with nothing to judge by"


def rows(why: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The frame of ``lib.funds.explaining.why`` in words."""
    told = [_row(one, currency) for one in why.to_dict("records")]
    return pd.DataFrame(told, columns=[column.name for column in WHY])


def _row(one: dict, currency: str) -> dict:
    name = grades.LEAVES[one["leaf"]]
    value = one["value"]
    return {
        "leaf": name[:1].upper() + name[1:],
        "value": "n/a" if wording.is_missing(value) else grades.amount(one["leaf"], value, currency),
        "points": one["points"],
        "max_points": one["max_points"],
        "lost": one["lost"],
        "judged": _judged(one),
        "next": _next(one, currency),
    }


def _judged(one: dict) -> str:
    if one["rule"] == "peers":
        place = wording.number(one["position"], 0 if one["position"] % 1 == 0 else 1)
        return f"rank {place} of {wording.count(one['peers'])}"
    return {
        "bands": "by bands",
        "share": "as measured",
        "given": GIVEN,
        "none": "not counted",
    }[one["rule"]]


def _next(one: dict, currency: str) -> str:
    if one["rule"] == "none":
        return "history, which only time gives"
    if one["rule"] == "given":
        return "data, where there are any"
    if one["rule"] == "share":
        return f"each 10% more for {wording.number(one['max_points'] / 10, 0)} more"
    if wording.is_missing(one["next_value"]):
        return "none above it" if one["rule"] in ("peers", "bands") and one["lost"] <= 1e-9 else "no step"
    goal = grades.amount(one["leaf"], one["next_value"], currency)
    return f"{goal} for {wording.number(one['next_points'], 2)} more"


def sentence(why: pd.DataFrame, name: str, goal: float, gap: float) -> str:
    """What a fund lost most by, and what its next quarter asks for."""
    lost = why[why["lost"].notna()]
    most = lost[lost["lost"] > 0].head(2)
    named = [
        f"{wording.number(one.lost, 1)} points by its {grades.LEAVES[one.leaf]}" for one in most.itertuples()
    ]
    said = f"{name} lost {wording.number(float(lost['lost'].sum()), 1)} points"
    said += f", most of them {wording.joined(named)}." if named else "."
    if absent := int(why["lost"].isna().sum()):
        said += f" {wording.plural(absent, 'sub-score')} could not be measured, which scaling leaves out."
    if wording.is_missing(goal):
        return said
    goes = f"{wording.number(goal, 1)}, {wording.number(gap, 1)} points above it"
    return f"{said} The next quarter begins at {goes}."
