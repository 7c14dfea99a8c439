"""The part of a page on what stands beside the score: spread of returns, loads, plans, tracking, overlap."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.tables.columns import count, fraction, text

YEARS = {"1y": "1 year", "3y": "3 years", "5y": "5 years"}
ROLLING = (
    text("name", label="Fund"),
    text("years", label="Held for"),
    fraction("lowest", label="Worst", absent="too young"),
    fraction("quarter", label="A quarter below", absent="too young"),
    fraction("median", label="Median", absent="too young"),
    fraction("three_quarters", label="A quarter above", absent="too young"),
    fraction("highest", label="Best", absent="too young"),
    fraction("below_zero", label="Lost money", absent="too young"),
    count("observations", label="Periods"),
)
HAD = (
    text("name", label="Fund"),
    text("years", label="Over"),
    fraction("load_adjusted_return", label="After loads", absent="loads not known"),
    fraction("plan_return", label="Monthly plan", absent="too young"),
)
TRACKING = (
    text("name", label="Index fund"),
    fraction("1y", label="1 year", absent="too young"),
    fraction("3y", label="3 years", absent="too young"),
    fraction("5y", label="5 years", absent="too young"),
)
OVERLAP = (
    text("fund", label="Fund"),
    text("other", label="Other fund"),
    fraction("overlap", label="In common"),
    count("common", label="Holdings in both"),
)


def rolling(extras: pd.DataFrame, names: pd.Series, first: int = 10) -> pd.DataFrame:
    """The distributions of the first funds of ``names`` (name by id), the longest windows last."""
    own = _of(extras[extras["measure"] == "rolling_return"], names, first)
    wide = own.pivot_table(
        index=["place", "window", "fund_id", "observations"], columns="statistic", values="value"
    )
    wide = wide.reindex(columns=["lowest", "quarter", "median", "three_quarters", "highest", "below_zero"])
    frame = wide.reset_index()
    return frame.assign(
        name=frame["fund_id"].map(names).astype("str"), years=frame["window"].map(YEARS).astype("str")
    )


def rolling_sentence(frame: pd.DataFrame) -> str:
    """The best fund's year: its median and its worst."""
    if frame.empty:
        return "No fund has the two years that a first distribution needs."
    first = frame.iloc[0]
    return (
        f"Of the {wording.plural(int(first['observations']), 'period')} of {first['years']} that "
        f"{first['name']} has behind it, half brought more than {wording.percent(first['median'])} "
        f"and the worst {wording.percent(first['lowest'])}."
    )


def had(extras: pd.DataFrame, names: pd.Series, first: int = 10) -> pd.DataFrame:
    """What an investor had: after loads, and by a monthly plan."""
    columns = ["load_adjusted_return", "plan_return"]
    own = _of(extras[extras["measure"].isin(columns)], names, first)
    wide = own.pivot_table(index=["place", "window", "fund_id"], columns="measure", values="value")
    frame = wide.reindex(columns=columns).reset_index()
    return frame.assign(
        name=frame["fund_id"].map(names).astype("str"), years=frame["window"].map(YEARS).astype("str")
    )


def had_sentence(frame: pd.DataFrame) -> str:
    """What a monthly plan in the best fund brought."""
    known = frame[frame["plan_return"].notna()]
    if known.empty:
        return "No fund has the year of month ends that a plan needs."
    first = known.iloc[0]
    return (
        f"A plan of the same amount at each month end over {first['years']} in {first['name']} earned "
        f"{wording.percent(first['plan_return'])} a year on the money while it was in."
    )


def tracking(extras: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """By how much each index fund was above its benchmark, a year, the best ranked first."""
    own = _of(extras[extras["measure"] == "tracking_difference"], names, len(names))
    wide = own.pivot_table(index=["place", "fund_id"], columns="window", values="value")
    frame = wide.reindex(columns=list(YEARS)).reset_index()
    return frame.assign(name=frame["fund_id"].map(names).astype("str"))


def tracking_sentence(frame: pd.DataFrame) -> str:
    """What an index fund cost its investors, at least and at most."""
    known = frame[list(YEARS)].melt()["value"].dropna()
    if known.empty:
        return "No index fund has a benchmark to be compared with."
    low, high = (wording.basis_points(one, signed=True) for one in (known.min(), known.max()))
    funds = wording.plural(len(frame), "index fund")
    return (
        f"Against their index, {funds} had {low} to {high} a year: below zero is what costs and trading took."
    )


def overlap(table: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Pairs by name, the largest overlap first."""
    return table.assign(
        fund=table["fund_id"].map(names).astype("str"), other=table["other_id"].map(names).astype("str")
    )


def overlap_sentence(frame: pd.DataFrame) -> str:
    """The pair that has most in common."""
    if frame.empty:
        return "Fewer than two of the best funds have disclosed what they hold."
    first = frame.iloc[0]
    return (
        f"{first['fund']} and {first['other']} have {wording.percent(first['overlap'])} in common: "
        "holding both spreads little more than holding one."
        if first["overlap"] > 0.5
        else f"No two of the best funds have more than {wording.percent(first['overlap'])} in common."
    )


def _of(extras: pd.DataFrame, names: pd.Series, first: int) -> pd.DataFrame:
    """Rows of the first funds, with their place among them."""
    place = pd.Series(range(len(names)), index=names.index).head(first)
    own = extras[extras["fund_id"].isin(place.index)]
    return own.assign(place=own["fund_id"].map(place))
