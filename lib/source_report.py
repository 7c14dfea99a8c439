"""What the page of a chapter's data says of its source: what was asked, what came, what was set aside."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lib import codes, wording
from lib.found_issues import Checked
from lib.tables.columns import count, text

MADE = ("generated", "constructed")
"""Origins of what no market and no person gave."""
MOST_NAMED = 3
MEANING = text("meaning", label="What was found")
ASKED = (
    text("item", label="Asked for"),
    text("status", label="How it ended"),
    count("rows"),
    count("skipped"),
    "last_date",
    "detail",
)
ROWS = (
    text("table"),
    count("received"),
    count("kept"),
    count("aside", label="Set aside"),
    text("origin", label="Origins"),
)


def asked(log: pd.DataFrame) -> pd.DataFrame:
    """What was asked of the source and how each ended, in words."""
    counts = {name: log[name].astype("int64") for name in ("rows", "skipped")}
    return log.assign(status=log["status"].map(codes.words).astype("str"), **counts)


def asked_sentence(log: pd.DataFrame) -> str:
    """What did not come, and how many rows could not be read."""
    if log.empty:
        return "The source keeps no log of what was asked."
    failed, skipped = log[log["status"] != "ok"], int(log["skipped"].sum())
    unread = f"{wording.plural(skipped, 'row')} could not be read" if skipped else "every row could be read"
    if failed.empty:
        return f"All that was asked for came, and {unread}."
    return f"Not as asked: {failures(failed)}; of what came {unread}."


def failures(failed: pd.DataFrame) -> str:
    """What did not come, each with its reason."""
    reasons = failed["detail"].where(failed["detail"].notna(), failed["status"].map(codes.words))
    return wording.named(failed["item"] + " (" + reasons.astype("str") + ")", MOST_NAMED)


def found(issues: pd.DataFrame, *, subject: str, subjects: str) -> pd.DataFrame:
    """One row a check and action with an example: the gravest first, then by number.

    ``subject`` is the column that says whom an issue is about, ``subjects`` that of how many there are.
    """
    own = issues[subject].fillna("all").astype("str")
    table = issues.assign(example=own + ": " + issues["detail"])
    table = table.groupby(["check", "severity", "action"], as_index=False).agg(
        issues=("detail", "size"), example=("example", "first"), **{subjects: (subject, "nunique")}
    )
    rank = table["severity"].map({"error": 0, "warning": 1, "info": 2})
    order = table.assign(rank=rank).sort_values(["rank", "issues", "check"], ascending=[True, False, True])
    return every_issue(order)


def found_sentence(checked: Checked, nouns: Mapping[str, str], *, subject: str) -> str:
    """How many rows of each table of ``nouns`` (table: what a row of it is) were set aside."""
    parts = [
        f"{wording.count(checked.set_aside(table))} of {wording.plural(checked.received[table], noun)}"
        for table, noun in nouns.items()
    ]
    return f"Set aside: {wording.joined(parts)}. One issue tells all rows of a {subject} that a check found."


def every_issue(issues: pd.DataFrame) -> pd.DataFrame:
    """Issues with their meaning in words."""
    return issues.assign(meaning=issues["check"].map(codes.words).astype("str")).reset_index(drop=True)


def rows(checked: Checked) -> pd.DataFrame:
    """Rows received, kept and set aside by table, with the origins in it."""
    kept = checked.tables
    return pd.DataFrame(
        {
            "table": list(kept),
            "received": [checked.received[name] for name in kept],
            "kept": [len(frame) for frame in kept.values()],
            "aside": [checked.set_aside(name) for name in kept],
            "origin": [", ".join(sorted(frame["origin"].unique())) or "no row" for frame in kept.values()],
        }
    )


def rows_sentence(checked: Checked) -> str:
    """Which tables hold made-up rows, and which of them generated ones."""
    origins = {name: set(frame["origin"].unique()) for name, frame in checked.tables.items()}
    made = [name for name, own in origins.items() if own & set(MADE)]
    if not made:
        return "Every row was observed or handed in."
    generated = [name for name in made if "generated" in origins[name]]
    more = f"; generated rows are in {wording.joined(generated)}" if generated else ""
    return f"Rows computed by a model are in {wording.joined(made)}{more}."
