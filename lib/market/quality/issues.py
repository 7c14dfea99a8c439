"""Rows of ``data_issues``: made, gathered, and those that leave a bar out or in doubt."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

ISSUE = ["date", "symbol", "check", "severity", "detail", "action"]
ASIDE = ("quarantined", "dropped")
"""Actions that leave a bar out of ``prices``."""
DOUBTFUL = ("PRICE_JUMP", "SPLIT_SUSPECT")


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


def in_doubt(found: pd.DataFrame) -> pd.DataFrame:
    """Issues of bars that are kept since only later bars can tell: an extreme move on one of the newest."""
    grave = (found["action"] == "kept") & (found["severity"] == "error")
    return found[grave & found["check"].isin(DOUBTFUL)]
