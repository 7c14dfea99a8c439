"""Rows of ``data_issues`` and the numbers in their details, shared by the rules on bars."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib import wording

ISSUE = ["date", "symbol", "check", "severity", "detail", "action"]
ASIDE = ("quarantined", "dropped")
"""Actions that leave a bar out of ``prices``."""


def issues(
    rows: pd.DataFrame, check: str, severity: str | pd.Series, detail: str | pd.Series, action: str
) -> pd.DataFrame:
    """One issue a row of ``rows``, which has date and symbol."""
    named = rows[["date", "symbol"]].assign(check=check, severity=severity, detail=detail, action=action)
    return named[ISSUE]


def gathered(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All issues, by symbol, day and check; typed even when there are none."""
    filled = [one for one in found if len(one)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=ISSUE)
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[us]")
    return table.sort_values(["symbol", "date", "check"], kind="stable", ignore_index=True)


def aside(found: pd.DataFrame) -> int:
    """How many bars the issues leave out of ``prices``."""
    return int(found["action"].isin(ASIDE).sum())


def figures_of(values: pd.Series) -> pd.Series:
    """Numbers of a detail as text, up to ten digits, with a proper minus sign."""
    return values.map("{:.10g}".format).astype("str").str.replace("-", wording.MINUS)
