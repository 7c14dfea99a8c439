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


def code_changes(events: pd.DataFrame) -> pd.DataFrame:
    """Old code, new code, and the day on which the change was known, in the order of that day.

    Of two that name the same old or the same new code the one that was known first counts, so that what is
    learned later changes no earlier score.
    """
    changes = events[(events["event"] == "code_changed") & events["successor"].notna()]
    changes = changes[changes["successor"] != changes["fund_id"]]
    changes = changes.sort_values(["known_at", "date", "fund_id"], kind="stable")
    changes = changes.drop_duplicates("fund_id").drop_duplicates("successor")
    return changes[["fund_id", "successor", "known_at"]].reset_index(drop=True)


def continued(navs: pd.DataFrame, events: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Timestamp]]:
    """NAVs with those of old codes under the new ones, and since when each new code has such a history.

    The rows that are added come last; the table is the given one where no code changed.
    """
    changes = code_changes(events)
    concerned = navs["fund_id"].isin({*changes["fund_id"], *changes["successor"]})
    by_fund = dict(list(navs[concerned].groupby("fund_id", sort=False)))
    every, since = [], {}
    for old, new, known in zip(*(changes[name] for name in changes), strict=True):
        if old not in by_fund or new not in by_fund:
            continue
        earlier = _earlier(by_fund[old], by_fund[new], new, known)
        if len(earlier):
            every.append(earlier)
            since[new] = known
            by_fund[new] = pd.concat([earlier, by_fund[new]])
    return (pd.concat([navs, *every], ignore_index=True) if every else navs), since


def _earlier(before: pd.DataFrame, after: pd.DataFrame, new: str, known: pd.Timestamp) -> pd.DataFrame:
    """The NAVs of the old code under the new one; no rows where they do not go on into it."""
    first = after.loc[after["date"].idxmin()]
    before = before[before["date"] < first["date"]]
    if before.empty:
        return before
    last = before.loc[before["date"].idxmax()]
    follows = (first["date"] - last["date"]).days <= WITHIN_DAYS
    alike = last["nav"] > 0 and abs(first["nav"] / last["nav"] - 1) <= WITHIN_SHARE
    if not (follows and alike):
        return before.head(0)
    seen = np.maximum(before["known_at"].to_numpy(), known.to_datetime64())
    return before.assign(fund_id=new, known_at=seen)
