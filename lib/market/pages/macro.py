"""The page of market/macro: how old each indicator is, what was set aside, what the source did not give."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.checks import Check, counts_add_up, none
from lib.contracts import KeyFigure
from lib.tables.columns import count, date, days, number, text

MOST_NAMED = 5
AGES = (
    text("series", label="Indicator"),
    number("value", label="Newest figure"),
    text("unit"),
    date("period_end", label="Period"),
    date("released", label="Released"),
    days("age", label="Days old"),
    days("limit", label="Counts for, days"),
    text("state"),
    text("frequency"),
    count("revisions"),
    text("origin"),
)


def ages(aged: pd.DataFrame) -> pd.DataFrame:
    """The series, the oldest against what its frequency allows first, their state in words."""
    table = aged.assign(
        state=aged["late"].map({True: "stale", False: "fresh"}).astype("str"),
        revisions=aged["figures"] - aged["periods"],
        rank=aged["age"] / aged["limit"],
    )
    return table.sort_values(["rank", "series"], ascending=[False, True], ignore_index=True)


def ages_sentence(aged: pd.DataFrame) -> str:
    """How many series are fresh, and which are not."""
    if aged.empty:
        return "There is no indicator."
    late = list(aged.loc[aged["late"], "series"])
    head = f"{len(aged) - len(late)} of {wording.plural(len(aged), 'indicator')} are fresh"
    return f"{head}; stale: {wording.named(late, MOST_NAMED)}." if late else f"{head}."


def issues(found: pd.DataFrame) -> pd.DataFrame:
    """The table ``macro_issues``, errors first, checks in words."""
    rank = found["severity"].map({"error": 0, "warning": 1, "info": 2})
    order = rank.sort_values(kind="stable").index
    return found.loc[order].assign(check=lambda one: one["check"].map(codes.words).astype("str"))


def issues_sentence(found: pd.DataFrame) -> str:
    """How many figures were set aside."""
    dropped = int((found["action"] == "dropped").sum())
    if found.empty:
        return "No check found anything."
    return f"{wording.plural(dropped, 'figure')} set aside; {len(found) - dropped} kept and named."


def log_sentence(log: pd.DataFrame) -> str:
    """What was asked for and did not come."""
    lacking = list(log.loc[log["status"] != "ok", "item"])
    if not lacking:
        return f"All {wording.plural(len(log), 'series', 'series')} that were asked for came."
    return f"Not as asked: {wording.named(lacking, MOST_NAMED)}."


def checks(raw: pd.DataFrame, macro: pd.DataFrame, found: pd.DataFrame, as_of: str) -> list[Check]:
    """What must hold of the figures, whatever the provider gave."""
    dropped = found[found["action"] == "dropped"]
    rows = {"kept": len(macro), "set aside": len(raw) - len(macro)}
    return [
        counts_add_up("Every figure is kept or set aside", {"received": len(raw)}, rows),
        none(
            "No figure is set aside without an issue", max(0, rows["set aside"] - len(dropped)), "without one"
        ),
        none(
            "No figure was released before its period ended",
            int((macro["released"] < macro["period_end"]).sum()),
            "early",
        ),
        none(
            "No figure was released after the as-of date",
            int((macro["released"] > pd.Timestamp(as_of)).sum()),
            "later",
        ),
    ]


def faults(aged: pd.DataFrame, found: pd.DataFrame, log: pd.DataFrame) -> list[str]:
    """What is wrong with the indicators, for the head of the page."""
    lacking = list(log.loc[log["status"] != "ok", "item"])
    late = list(aged.loc[aged["late"], "series"])
    errors = int((found["severity"] == "error").sum())
    return [
        *([f"{wording.plural(errors, 'figure')} set aside."] if errors else []),
        *([f"Stale: {wording.named(late, MOST_NAMED)}."] if late else []),
        *([f"Not given as asked: {wording.named(lacking, MOST_NAMED)}."] if lacking else []),
    ]


def verdict(aged: pd.DataFrame) -> str:
    """How many indicators there are and how fresh; generated ones are called so."""
    made = int((aged["origin"] == "generated").sum())
    said = f" {made} of them are generated and say nothing of an economy." if made else ""
    return f"{ages_sentence(aged)}{said}"


def key_figures(aged: pd.DataFrame, found: pd.DataFrame) -> list[KeyFigure]:
    """Fresh indicators, and figures that were set aside."""
    fresh = int((~aged["late"]).sum())
    dropped = int((found["action"] == "dropped").sum())
    said = f"{fresh} of {wording.plural(len(aged), 'indicator')} have a figure that is not stale."
    return [
        KeyFigure("fresh_indicators", float(fresh), "count", "higher", said),
        KeyFigure(
            "figures_set_aside",
            float(dropped),
            "count",
            "lower",
            f"{wording.plural(dropped, 'figure')} set aside.",
        ),
    ]
