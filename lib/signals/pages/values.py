"""The page of signals/values: how much of a signal can be used, how old it is, what was lost on the way."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.checks import Check, counts_add_up, holds, none
from lib.contracts import KeyFigure
from lib.signals.files import KEY
from lib.signals.values import EXPECTED, Usable
from lib.tables.columns import count, fraction, text
from lib.tables.signals import TOTAL

LOSSES = (
    count("step", label="Step"),
    text("meaning", label="What became of them"),
    count("rows"),
    fraction("share"),
    text("example", label="For instance", null=True, absent="none"),
    text("cause", label="Code"),
)
LATE = 1.5
"""Times the expected rhythm after which the next values are overdue."""


def losses(found: Usable) -> pd.DataFrame:
    """The losses in words."""
    table = found.losses
    words = table["cause"].map(codes.words).astype("str")
    return table.assign(meaning=words, step=table["step"].astype("int64"), rows=table["rows"].astype("int64"))


def losses_sentence(found: Usable) -> str:
    """How many rows are kept, and what cost the most."""
    kept = found.losses.loc[found.losses["cause"] == "KEPT"].iloc[0]
    lost = found.losses.loc[(found.losses["cause"] != "KEPT") & (found.losses["rows"] > 0)]
    head = f"{wording.count(kept['rows'])} of {wording.plural(found.received, 'row')} can be used"
    if lost.empty:
        return f"{head}; none is lost."
    worst = lost.loc[lost["rows"].idxmax()]
    return f"{head}; most are lost because: {codes.words(worst['cause'])} ({wording.count(worst['rows'])})."


def shares(found: Usable) -> tuple[list[str], list[float]]:
    """Labels and shares of rows for a bar chart, in the order of the steps."""
    rows = found.losses.loc[found.losses["rows"] > 0]
    return [codes.words(one) for one in rows["cause"]], list(rows["share"])


def coverage_sentence(table: pd.DataFrame) -> str:
    """How much of the universe is covered, at best, at worst and today."""
    known = table.dropna(subset="coverage")
    begun = known.loc[known["covered"] > 0]
    if begun.empty:
        return "No firm of the universe has a value at any month's end."
    last = known.iloc[-1]
    return (
        f"From {wording.date(begun['date'].iloc[0])} on, {wording.percent(begun['coverage'].median())} of "
        f"the universe has a value at a month's end in the middle; today {wording.count(last['covered'])} of "
        f"{wording.plural(int(last['members']), 'firm')}."
    )


def spread(values: pd.DataFrame) -> pd.DataFrame:
    """Tenth, half and nine tenths of the values by month in which they were known."""
    total = values.loc[values["component"] == TOTAL]
    months = total["session"].dt.to_period("M").dt.to_timestamp(how="end").dt.normalize()
    by_month = total.groupby(months)["value"]
    return pd.DataFrame(
        {
            "One in ten is below": by_month.quantile(0.1),
            "Half are below": by_month.median(),
            "One in ten is above": by_month.quantile(0.9),
        }
    )


def spread_sentence(values: pd.DataFrame) -> str:
    """Whether the level of the values wanders, which a pooled cut would mistake for news."""
    table = spread(values)
    if len(table) < 2:
        return "The values of one month say nothing of a drift."
    first, last = table.iloc[0, 1], table.iloc[-1, 1]
    width = (table.iloc[:, 2] - table.iloc[:, 0]).median()
    moved = abs(last - first) / width if width else 0.0
    return (
        f"The middle value was {first:,.3g} at first and is {last:,.3g} now, "
        f"{wording.ratio(moved)} times the width of a usual month. Firms are compared within a date only."
    )


def freshness(table: pd.DataFrame, rhythm_days: float) -> str:
    """Whether the newest value is as new as the rhythm of the file promises."""
    age = table["newest_age"].iloc[-1]
    if pd.isna(age):
        return "There is no value that is young enough to be used today."
    told = f"The newest value is {age:,.0f} days old; new ones are expected every {rhythm_days:,.0f} days."
    return f"{told} It is overdue." if age > LATE * rhythm_days else told


def faults(
    found: Usable, table: pd.DataFrame, *, rhythm_days: float, gaps: int, origins: list[str]
) -> list[str]:
    """What is wrong, to be read before all else."""
    told = []
    if "generated" in origins:
        told.append("The values are generated: what follows shows how a test works and tells of no market.")
    if found.lost > 0:
        told.append(
            f"{wording.percent(found.lost)} of the rows are lost for a reason that no sound file has."
        )
    if gaps:
        told.append(f"{wording.plural(gaps, 'total')} not the weighted sum of the components.")
    age = table["newest_age"].iloc[-1]
    if pd.isna(age) or age > LATE * rhythm_days:
        told.append(freshness(table, rhythm_days))
    return told


def checks(found: Usable) -> list[Check]:
    """What must hold of the values that are handed on."""
    rows = found.losses.set_index("cause")["rows"].astype("int64")
    kept = found.kept
    session = kept["session"] + pd.Timedelta(days=1)
    early = int((kept["known_at"].dt.tz_localize(None) >= session + pd.Timedelta(days=1)).sum())
    return [
        counts_add_up("Every row is kept or accounted for", {"received": found.received}, dict(rows)),
        none("One value a firm, moment and component", int(kept.duplicated(KEY).sum()), "twice"),
        none("No value is used before it was known", early, "are"),
        holds("Some values can be used", len(kept) > 0, wording.plural(len(kept), "value")),
    ]


def verdict(found: Usable, table: pd.DataFrame) -> str:
    """The page in one sentence, after its faults."""
    firms = found.kept["entity"].nunique()
    return (
        f"{wording.plural(len(found.kept), 'value')} of {wording.plural(firms, 'firm')} can be used; "
        f"{coverage_sentence(table)[0].lower()}{coverage_sentence(table)[1:]}"
    )


def key_figures(found: Usable, table: pd.DataFrame) -> list[KeyFigure]:
    """What the run's front page shows of this stage."""
    covered = float(table["coverage"].iloc[-1])
    expected = found.losses.loc[found.losses["cause"].isin(EXPECTED), "share"].sum()
    said = f"{wording.percent(covered)} of the universe has a value that can be used today."
    lost = (
        f"{wording.percent(found.lost)} of the rows are lost for bad reasons, "
        f"{wording.percent(float(expected))} for good ones."
    )
    return [
        KeyFigure("coverage", covered, "fraction", "higher", said),
        KeyFigure("rows_lost", found.lost, "fraction", "lower", lost),
    ]
