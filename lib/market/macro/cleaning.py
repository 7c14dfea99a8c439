"""Which figures of the economy stand, and which are set aside; how old each series is.

A figure that was released before its period ended, or after the as-of date, or that is not finite, is
dropped. Of two rows of one series, period and day of release the later one in the source's order stands.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.tables import TABLES

KEY = ["series", "period_end", "released"]
LATE = {"daily": 7, "weekly": 14, "monthly": 75, "quarterly": 140, "annual": 500}
"""Days after the end of its period beyond which the newest figure of a series is called stale."""


def clean(raw: pd.DataFrame, as_of: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables ``macro`` and ``macro_issues``."""
    day = pd.Timestamp(as_of)
    early = raw["released"] < raw["period_end"]
    future = raw["released"] > day
    broken = ~np.isfinite(raw["value"])
    twice = raw.duplicated([*KEY, "value", "unit", "frequency"], keep="last")
    conflict = raw.duplicated(KEY, keep="last") & ~twice
    faults = [
        _issues(raw[early], "RELEASED_EARLY", "error", _early),
        _issues(raw[future], "RELEASED_LATER", "error", lambda one: f"released {_day(one.released)}"),
        _issues(raw[broken], "NO_NUMBER", "error", lambda one: f"found {one.value}"),
        _issues(raw[twice], "FIGURE_TWICE", "info", lambda one: f"{one.value:g}, {_day(one.released)}"),
        _issues(
            raw[conflict], "FIGURE_CONFLICT", "warning", lambda one: f"{one.value:g} gave way to another"
        ),
    ]
    macro = raw[~(early | future | broken | twice | conflict)]
    faults += [_stale(ages(macro, as_of)), _mixed_units(macro)]
    found = pd.concat([one for one in faults if len(one)] or faults, ignore_index=True)
    return conform(macro, TABLES["macro"]), conform(found, TABLES["macro_issues"])


def ages(macro: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """One row a series: its newest figure, how old it is, how many figures and releases there are.

    ``age`` is in days from the end of the period; ``late`` says whether it is beyond ``LATE``.
    """
    rows = macro.sort_values(["series", "period_end", "released"], kind="stable")
    newest = rows.drop_duplicates("series", keep="last").set_index("series")
    counts = rows.groupby("series")["period_end"].agg(periods="nunique", figures="size", first="min")
    table = newest.join(counts).reset_index()
    age = (pd.Timestamp(as_of) - table["period_end"]).dt.days.astype("float64")
    limit = table["frequency"].map(LATE).astype("float64")
    return table.assign(age=age, limit=limit, late=age > limit)


def _early(one) -> str:
    return f"released {_day(one.released)}, before its period ended {_day(one.period_end)}"


def _day(value: pd.Timestamp) -> str:
    return f"{value:%Y-%m-%d}"


def _issues(rows: pd.DataFrame, check: str, severity: str, detail) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "series": rows["series"],
            "period_end": rows["period_end"],
            "check": check,
            "severity": severity,
            "detail": [detail(one) for one in rows.itertuples()],
            "action": "dropped",
        }
    ).astype({"detail": "str"})


def _stale(aged: pd.DataFrame) -> pd.DataFrame:
    late = aged[aged["late"]]
    detail = [
        f"{one.age:.0f} days old; {one.frequency} figures count for {one.limit:.0f}"
        for one in late.itertuples()
    ]
    return pd.DataFrame(
        {
            "series": late["series"],
            "period_end": late["period_end"],
            "check": "FIGURE_STALE",
            "severity": "warning",
            "detail": pd.Series(detail, index=late.index, dtype="str"),
            "action": "kept",
        }
    )


def _mixed_units(macro: pd.DataFrame) -> pd.DataFrame:
    units = macro.groupby("series")["unit"].agg(lambda found: ", ".join(sorted(set(found))))
    mixed = units[units.str.contains(", ")]
    return pd.DataFrame(
        {
            "series": mixed.index,
            "period_end": pd.Series(pd.NaT, index=range(len(mixed)), dtype="datetime64[us]"),
            "check": "UNIT_MIXED",
            "severity": "warning",
            "detail": mixed.to_numpy(),
            "action": "kept",
        }
    )
