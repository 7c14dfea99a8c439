"""Which stress scenario is the worst, one rule for every page that names one.

By the profit with the other factors at their conditional mean, replays of past windows included. Stories,
whose shocks lie far outside what factors did together, are ranked apart and speak only where nothing else
does; so are replays of more than a year, since no book stands still so long.
What rests on generated yields or volatilities, implies a yield that cannot be, or replays options beyond
their expiry, is never worst or best.
"""

from __future__ import annotations

import pandas as pd

from lib import codes

STORY, LONG = "far_outside", "long_window"
SILENT = ("generated_data", "implausible_yield", "outlived_options")


def ranks(flags: pd.Series) -> pd.Series:
    """0 for a plausible scenario, 1 for one ranked apart, 2 for one in no ranking, by column ``flags``."""
    return codes.has_any(flags, (STORY, LONG)).astype("int64").mask(codes.has_any(flags, SILENT), 2)


def ordered(pnl: pd.DataFrame) -> pd.DataFrame:
    """Table ``stress_pnl`` with the plausible scenarios first, each rank the worst first, no result last."""
    by_rank = pnl.assign(rank=ranks(pnl["flags"]).where(pnl["conditional_pnl"].notna(), 3))
    found = by_rank.sort_values(["rank", "conditional_pnl"], na_position="last", kind="stable")
    return found.drop(columns="rank")


def speaking(pnl: pd.DataFrame) -> pd.DataFrame:
    """The scenarios that a headline may name, the worst first: the plausible, or else those ranked apart."""
    known = ordered(pnl.dropna(subset="conditional_pnl"))
    rank = ranks(known["flags"])
    return known[rank == min(rank.min(), 1)] if len(known) else known


def stories(pnl: pd.DataFrame) -> pd.DataFrame:
    """The stories that have a result and may speak, the worst first."""
    return _apart(pnl, STORY)


def long_windows(pnl: pd.DataFrame) -> pd.DataFrame:
    """The replays of more than a year that have a result and may speak, the worst first."""
    return _apart(pnl, LONG)


def _apart(pnl: pd.DataFrame, code: str) -> pd.DataFrame:
    known = ordered(pnl.dropna(subset="conditional_pnl"))
    return known[(ranks(known["flags"]) == 1) & codes.has(known["flags"], code)]


def worst(pnl: pd.DataFrame) -> pd.Series | None:
    """The row of the worst scenario; None where none may speak."""
    rows = speaking(pnl)
    return rows.iloc[0] if len(rows) else None
