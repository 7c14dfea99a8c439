"""A fund whose code changed is the same fund: its NAVs under the old code go on under the new one.

They are known under the new code from the day on which the change was known, and only where the first NAV
under the new code follows the last one under the old within a week and within a tenth of it: a fund whose
units were exchanged at another value is another series. A merger is no such change: what absorbs a fund keeps
its own history, and the absorbed one ends.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

WITHIN_DAYS, WITHIN_SHARE = 7, 0.1
LONGEST_CHAIN = 5


def code_changes(events: pd.DataFrame) -> pd.DataFrame:
    """Old code, new code, and the day on which the change was known; the last one of each old code."""
    changes = events[(events["event"] == "code_changed") & events["successor"].notna()]
    changes = changes[changes["successor"] != changes["fund_id"]].sort_values("date", kind="stable")
    changes = changes.drop_duplicates("fund_id", keep="last").drop_duplicates("successor", keep="last")
    return changes[["fund_id", "successor", "known_at"]].reset_index(drop=True)


def continued(navs: pd.DataFrame, events: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Timestamp]]:
    """NAVs with those of old codes under the new ones, and since when each new code has such a history.

    The rows that are added come last; the table is the given one where no code changed.
    """
    changes = code_changes(events)
    since: dict[str, pd.Timestamp] = {}
    own = navs[navs["fund_id"].isin({*changes["fund_id"], *changes["successor"]})]
    every: list[pd.DataFrame] = []
    for _ in range(LONGEST_CHAIN):
        waiting = changes[~changes["successor"].isin(list(since))]
        ready = waiting[~waiting["fund_id"].isin(waiting["successor"])]
        by_fund = dict(list(own.groupby("fund_id", sort=False)))
        added: list[pd.DataFrame] = []
        for old, new, known in zip(*(ready[name] for name in ready), strict=True):
            since[new] = known
            if old in by_fund and new in by_fund:
                added += _joined(by_fund[old], by_fund[new], new, known)
        every += added
        own = pd.concat([own, *added], ignore_index=True)
    there = {one["fund_id"].iloc[0] for one in every}
    whole = pd.concat([navs, *every], ignore_index=True) if every else navs
    return whole, {new: known for new, known in since.items() if new in there}


def _joined(before: pd.DataFrame, after: pd.DataFrame, new: str, known: pd.Timestamp) -> list[pd.DataFrame]:
    first = after.loc[after["date"].idxmin()]
    before = before[before["date"] < first["date"]]
    if before.empty:
        return []
    last = before.loc[before["date"].idxmax()]
    follows = (first["date"] - last["date"]).days <= WITHIN_DAYS
    alike = last["nav"] > 0 and abs(first["nav"] / last["nav"] - 1) <= WITHIN_SHARE
    if not (follows and alike):
        return []
    seen = np.maximum(before["known_at"].to_numpy(), known.to_datetime64())
    return [before.assign(fund_id=new, known_at=seen)]
