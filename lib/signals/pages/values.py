"""The page of signals/values: rows lost by cause, coverage and age of the values, their spread."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.checks import Check, counts_add_up, holds, none
from lib.contracts import KeyFigure, MadeUp
from lib.signals.files import Given
from lib.signals.linking import KEPT, LATER, Linked, lost_share
from lib.signals.pages import universe
from lib.signals.raw import end_of
from lib.tables.columns import count, number, text

MISMATCH = 0.01
"""Difference between a signal and its recomputed sum above which it is named."""
LOSSES = ("step", text("meaning", label="What happened"), count("rows"), "share", "example")
PARTS = (
    text("component", label="Component"),
    count("values"),
    count("firms"),
    number("mean"),
    number("deviation", label="Standard deviation", null=True, absent="one value"),
    number("weight", null=True, absent="not given"),
)


def losses(table: pd.DataFrame) -> pd.DataFrame:
    """Each step with its cause in words."""
    return table.assign(
        meaning=table["cause"].map(codes.words).astype("str"), rows=table["rows"].astype("int64")
    )


def losses_sentence(table: pd.DataFrame) -> str:
    """How many rows were kept, and the causes of the others by size."""
    kept, total = int(_rows(table, KEPT)), int(table["rows"].sum())
    lost = table[(table["cause"] != KEPT) & (table["rows"] > 0)].sort_values("rows", ascending=False)
    head = f"Of {wording.plural(total, 'row')} {wording.count(kept)} can be used"
    if lost.empty:
        return f"{head}; none was lost."
    parts = [f"{wording.count(row.rows)} ({codes.words(row.cause)})" for row in lost.itertuples()]
    return f"{head}; not used: {wording.joined(parts)}."


def coverage_line(covered: pd.DataFrame) -> pd.Series:
    """Coverage by month."""
    return covered.set_index("date")["coverage"].rename("covered")


def coverage_sentence(covered: pd.DataFrame) -> str:
    """Coverage now, and at its lowest."""
    if covered.empty:
        return "No month's end has a value."
    last, least = covered.iloc[-1], covered.loc[covered["coverage"].idxmin()]
    return (
        f"{wording.percent(last['coverage'])} of {wording.plural(int(last['members']), 'firm')} at "
        f"{wording.date(last['date'])}; the least was {wording.percent(least['coverage'])} at "
        f"{wording.date(least['date'])}."
    )


def ages(covered: pd.DataFrame) -> pd.DataFrame:
    """Median and least age by month."""
    names = {"median_age": "median", "newest_age": "newest"}
    return covered.set_index("date")[list(names)].rename(columns=names)


def ages_sentence(covered: pd.DataFrame, rhythm_days: float) -> str:
    """How old the median value is at the last month's end, against the rhythm."""
    if covered.empty or pd.isna(covered["median_age"].iloc[-1]):
        return "No value is young enough at the last month's end."
    last = covered.iloc[-1]
    return (
        f"At {wording.date(last['date'])} the median value is "
        f"{wording.number(last['median_age'], 0)} days old "
        f"and the newest {wording.number(last['newest_age'], 0)}; new ones are expected after "
        f"{wording.number(rhythm_days, 0)}."
    )


def spread_sentence(spread: pd.DataFrame) -> str:
    """Where the median and the ends of the band lie at the last month's end."""
    if spread.empty:
        return "No month's end has a value."
    last = spread.iloc[-1]
    low, middle, high = (wording.number(last[name]) for name in ("lowest 5 %", "median", "highest 5 %"))
    day = wording.date(spread.index[-1])
    return f"At {day} nine of ten values lie between {low} and {high}, the median is {middle}."


def parts(values: pd.DataFrame, mismatch: pd.Series, weights: dict[str, float]) -> pd.DataFrame:
    """One row a component: values, firms, mean, standard deviation and its weight where one is given."""
    table = values.groupby("component", as_index=False).agg(
        values=("value", "size"),
        firms=("entity", "nunique"),
        mean=("value", "mean"),
        deviation=("value", "std"),
    )
    return table.assign(weight=table["component"].map(weights).astype("float64"))


def parts_sentence(mismatch: pd.Series, weights: dict[str, float]) -> str:
    """Whether the signal is the weighted sum of its parts."""
    if not weights:
        return "No weights are given, so the signal is not recomputed from its parts."
    if mismatch.empty:
        return "No value has all the parts that the weights name, so none could be recomputed."
    wrong = int((mismatch.abs() > MISMATCH).sum())
    return (
        f"{wording.count(wrong)} of {wording.plural(len(mismatch), 'value')} differ from the weighted sum of "
        f"their parts by more than {MISMATCH}; the largest difference is "
        f"{wording.number(mismatch.abs().max(), 4)}."
    )


def checks(given: Given, linked: Linked, covered: pd.DataFrame, as_of: str) -> list[Check]:
    """What must hold of this result."""
    values, table = linked.frame, linked.losses
    late = int((values["known_at"] >= end_of(pd.Timestamp(as_of), values["known_at"])).sum())
    early = int((values["session"].dt.tz_localize("UTC") + pd.Timedelta(days=2) < values["known_at"]).sum())
    aside = int(table["rows"].sum() - _rows(table, KEPT))
    more = int((covered["covered"] > covered["members"]).sum())
    return [
        counts_add_up(
            "every row is counted once", {"rows": given.rows}, {"kept": len(values), "others": aside}
        ),
        none("nothing known after the as-of date", late, "known later"),
        none("no value is used before it was known", early, "used early"),
        none("not more firms covered than there are", more, "months"),
        holds("some value can be used", len(values) > 0, f"{wording.count(len(values))} values"),
    ]


def faults(
    linked: Linked,
    covered: pd.DataFrame,
    mismatch: pd.Series,
    rhythm_days: float,
    as_of: str,
    *,
    left: bool = True,
) -> list[str]:
    """What a reader must know first: made-up values, losses, old values, thin cover, wrong sums.

    ``left`` says whether any firm of the universe left the market.
    """
    told: list[str] = []
    origins = set(linked.frame["origin"]) - {"real"}
    if origins:
        told.append(MadeUp(f"These values are {wording.joined(sorted(origins))}: no result is evidence."))
    told += universe.survivors(linked.frame["entity"].nunique(), left=left, real=not origins)
    if share := lost_share(linked.losses):
        told.append(f"{wording.percent(share)} of the rows that could be used by now were lost.")
    if len(linked.frame):
        newest = linked.frame["known_at"].max()
        age = (end_of(pd.Timestamp(as_of), linked.frame["known_at"]) - newest).days
        if age > rhythm_days:
            told.append(f"The newest value is {age} days old; one was expected after {rhythm_days:g}.")
    if len(covered) and covered["coverage"].iloc[-1] < 0.8:
        told.append(f"Only {wording.percent(covered['coverage'].iloc[-1])} of the firms have a value.")
    if wrong := int((mismatch.abs() > MISMATCH).sum()):
        told.append(f"{wording.plural(wrong, 'value')} differ from the weighted sum of their parts.")
    return told


def verdict(linked: Linked, covered: pd.DataFrame) -> str:
    """The page in one sentence, after its faults."""
    firms = linked.frame["entity"].nunique()
    head = f"{wording.plural(len(linked.frame), 'value')} of {wording.plural(firms, 'firm')} can be used"
    return f"{head}; covered: {coverage_sentence(covered)}" if len(covered) else f"{head}."


def key_figures(linked: Linked, covered: pd.DataFrame) -> list[KeyFigure]:
    """What the run's front page shows of this stage."""
    kept, lost = len(linked.frame), lost_share(linked.losses)
    later = int(linked.losses.loc[linked.losses["cause"].isin(LATER), "rows"].sum())
    told = f"{wording.plural(kept, 'value')} can be used; {wording.count(later)} come later."
    found = [
        KeyFigure("usable_values", kept, "count", "higher", told),
        KeyFigure("lost_rows", lost, "fraction", "lower", f"{wording.percent(lost)} of the rows lost."),
    ]
    if len(covered):
        share = float(covered["coverage"].iloc[-1])
        found.append(KeyFigure("coverage", share, "fraction", "higher", coverage_sentence(covered)))
    return found


def _rows(table: pd.DataFrame, cause: str) -> float:
    return float(table.loc[table["cause"] == cause, "rows"].sum())
