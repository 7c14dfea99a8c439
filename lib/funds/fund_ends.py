"""When funds end, since when that is known, and what becomes of the money that is in them.

A fund that closes is redeemed at its last NAV. One that merges is too, or its units become those of its
successor at the NAVs of that day. A change of code, or a house that takes a scheme over, changes nothing for
who holds it: the units go on under the successor's id at the successor's NAV.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.funds.known_navs import KnownNavs, day_numbers

ENDS = ("closed", "merged", "taken_over", "code_changed")
SAME_UNITS = ("taken_over", "code_changed")
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class FundEnds:
    """By column of the NAVs: ``since`` when the fund has ended and this is known (days since 1970), the
    ``row`` of that day among the business days, the column of the ``successor`` that its units become (-1:
    redeemed), and whether they go on one for one (``same_units``). ``NEVER`` for a fund that goes on.
    """

    since: np.ndarray
    row: np.ndarray
    successor: np.ndarray
    same_units: np.ndarray

    def continued(
        self, growth: np.ndarray, columns: np.ndarray, navs: KnownNavs, *, first: int, last: int
    ) -> np.ndarray:
        """Growth of ``columns`` over rows ``first`` to ``last``, with successors in the place of what ended.

        What was moved twice within these rows stays at the second end's NAV.
        """
        moved = np.flatnonzero((self.successor[columns] >= 0) & (self.row[columns] <= last))
        if not len(moved):
            return growth
        old, new = columns[moved], self.successor[columns[moved]]
        at = np.maximum(self.row[old], first)
        nav = navs.nav[first : last + 1, new]
        after = np.arange(first, last + 1)[:, None] > at
        entry = np.where(self.same_units[old], navs.nav[at, old], navs.nav[at, new])
        known = after & ~np.isnan(nav)
        later = np.where(known.any(axis=0), nav[known.argmax(axis=0), np.arange(len(new))], np.nan)
        entry = np.where(np.isnan(entry), later, entry)
        factor = np.where(known, nav / entry, 1.0)
        result = growth.copy()
        stopped = growth[at - first, moved]
        result[:, moved] = np.where(after, stopped * factor, growth[:, moved])
        return result


def fund_ends(events: pd.DataFrame, navs: KnownNavs, *, at_merger: str = "cash") -> FundEnds:
    """The ends in a table ``fund_events``; at a merger money goes to ``cash`` or to the ``successor``.

    Of several ends of one fund the first to be known counts. One that is taken over, or whose code changes,
    with no successor named goes on as it is.
    """
    goes_on = events["event"].isin(SAME_UNITS) & events["successor"].isna()
    ends = events[events["event"].isin(ENDS) & ~goes_on]
    ends = ends.assign(since=ends[["date", "known_at"]].max(axis=1), column=navs.columns_of(ends["fund_id"]))
    ends = ends[ends["column"] >= 0].sort_values(["since", "date", "fund_id"], kind="stable")
    ends = ends.drop_duplicates("fund_id")
    column, size = ends["column"].to_numpy(), len(navs.funds)
    since, row = np.full(size, NEVER), np.full(size, NEVER)
    since[column] = day_numbers(ends["since"])
    row[column] = np.searchsorted(navs.numbers, since[column])
    same = np.zeros(size, dtype=bool)
    same[column] = ends["event"].isin(SAME_UNITS)
    moves = same[column] | ((ends["event"] == "merged").to_numpy() & (at_merger == "successor"))
    successor = np.full(size, -1)
    successor[column] = np.where(moves, navs.columns_of(ends["successor"]), -1)
    return FundEnds(since, row, successor, same)
