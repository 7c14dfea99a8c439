"""NAVs as they were known at the end of each day: the newest one by day and fund, and which day it is of.

A row of ``fund_navs`` counts from its ``known_at`` on. Where a fund has ended its last NAV stays, which is
what its units were redeemed at. A purchase is made at the first NAV that is of a later day than the decision,
however late that NAV comes: until then the money waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from lib.conventions import STALE_AFTER_DAYS

NO_DAY = -(2**31)
WEEKEND = 5


@dataclass(frozen=True)
class KnownNavs:
    """Days x funds: ``nav`` is the newest NAV known at the end of the day (NaN before the first) and ``day``
    the day that it is of, as a number of days since 1970.

    ``days`` are weekdays on which any NAV of the list became known.
    """

    days: pd.DatetimeIndex
    funds: pd.Index
    nav: np.ndarray
    day: np.ndarray

    @cached_property
    def numbers(self) -> np.ndarray:
        """Days since 1970, one a row."""
        return day_numbers(self.days)

    def row_after(self, day: pd.Timestamp) -> int:
        """The row of the first business day after ``day``; the number of rows where there is none."""
        return int(self.days.searchsorted(day, side="right"))

    def row_at(self, day: pd.Timestamp) -> int:
        """The row of the last business day on or before ``day``; -1 where there is none."""
        return int(self.days.searchsorted(day, side="right")) - 1

    def columns_of(self, funds: pd.Series | list[str]) -> np.ndarray:
        """Where funds stand among the columns; -1 for one that has no NAV."""
        return self.funds.get_indexer(pd.Index(funds))

    def bought(self, columns: np.ndarray, *, after: int, first: int, last: int) -> np.ndarray:
        """Value of 1 put into each fund at its first NAV of a day later than ``after`` (days since 1970).

        Rows ``first`` to ``last``, both included. 1 until that NAV is known, and throughout for a fund that
        has none; a fund that ends stays at its last NAV.
        """
        nav = self.nav[first : last + 1, columns]
        fresh = self.day[first : last + 1, columns] > after
        if fresh[0].all():
            return nav / nav[0]
        base = np.where(fresh.any(axis=0), nav[fresh.argmax(axis=0), np.arange(len(columns))], np.nan)
        return np.where(fresh, nav / base, 1.0)

    def held(self, columns: np.ndarray, *, first: int, last: int) -> np.ndarray:
        """Value of 1 that is in each fund at row ``first``, from there to ``last``, both included.

        1 until the first NAV of a fund that has none yet.
        """
        return self.bought(columns, after=NO_DAY, first=first, last=last)

    def gain(self, columns: np.ndarray, *, after: int, first: int, last: int) -> np.ndarray:
        """Return at row ``last`` of what ``bought`` buys; NaN where there was no NAV to buy at."""
        base, end = self.entry(columns, after=after, row=first), self.nav[last, columns]
        late = np.flatnonzero(np.isnan(base))
        if len(late):
            fresh = self.day[first : last + 1, columns[late]] > after
            found = self.nav[first + fresh.argmax(axis=0), columns[late]]
            base[late] = np.where(fresh.any(axis=0), found, np.nan)
        return end / base - 1.0

    def entry(self, columns: np.ndarray, *, after: int, row: int) -> np.ndarray:
        """The NAV of a day later than ``after`` that is known at ``row``; NaN where there is none yet."""
        return np.where(self.day[row, columns] > after, self.nav[row, columns], np.nan)


def known_navs(navs: pd.DataFrame) -> KnownNavs:
    """``fund_navs`` as arrays, by the day on which each NAV was known.

    Of NAVs that become known on one day the one of the latest day holds. A NAV that becomes known on a day
    that is no business day counts from the next one on; an older day's NAV never takes the place of a newer.
    """
    codes, funds = pd.factorize(navs["fund_id"].array, sort=True)
    dates, known = day_numbers(navs["date"]), day_numbers(navs["known_at"])
    known = np.maximum(known, dates)
    candidates = np.unique(known)
    business = candidates[(candidates + 3) % 7 < WEEKEND]
    rows = np.searchsorted(business, known)
    kept = rows < len(business)
    shape = (len(business), len(funds))
    flat = rows[kept] * shape[1] + codes[kept]
    order: np.ndarray | slice = slice(None)
    if not _unique(flat):
        order = np.argsort(dates[kept], kind="stable")
    nav = np.full(shape[0] * shape[1], np.nan)
    day = np.full(shape[0] * shape[1], NO_DAY, dtype=np.int32)
    nav[flat[order]] = navs["nav"].to_numpy()[kept][order]
    day[flat[order]] = dates[kept][order]
    nav, day = nav.reshape(shape), day.reshape(shape)
    _keep_the_newest(nav, day)
    days = pd.DatetimeIndex(business.astype("datetime64[D]").astype("datetime64[us]"))
    return KnownNavs(days, pd.Index(funds), nav, day)


def day_numbers(days: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """Days since 1970."""
    return days.to_numpy().astype("datetime64[D]").astype(np.int64)


def day_number(day: pd.Timestamp) -> int:
    """Days since 1970."""
    return int(day.to_datetime64().astype("datetime64[D]").astype(np.int64))


def levels_on(levels: pd.DataFrame, benchmark: str | None, days: pd.DatetimeIndex) -> pd.Series:
    """The newest level of a benchmark known at each day, NaN where there is none or it is stale."""
    own = levels[levels["benchmark"] == benchmark] if benchmark else levels.iloc[:0]
    known = own.assign(known=own[["date", "known_at"]].max(axis=1)).sort_values(["known", "date"])
    newest = known[known["date"] == known["date"].cummax()].drop_duplicates("known", keep="last")
    place = newest["known"].searchsorted(days, side="right") - 1
    if newest.empty:
        return pd.Series(np.nan, index=days)
    age = (days - pd.DatetimeIndex(newest["date"].to_numpy()[place])).days
    fresh = (place >= 0) & (age <= STALE_AFTER_DAYS)
    return pd.Series(np.where(fresh, newest["level"].to_numpy()[place], np.nan), index=days)


def _unique(places: np.ndarray) -> bool:
    """Whether no place stands twice, which costs nothing to see where they ascend."""
    steps = np.diff(places)
    return bool((steps > 0).all()) or len(np.unique(places)) == len(places)


def _keep_the_newest(nav: np.ndarray, day: np.ndarray) -> None:
    """Carry each fund's newest NAV forward, in place, row by row of both arrays."""
    for row in range(1, len(nav)):
        older = day[row] < day[row - 1]
        np.copyto(nav[row], nav[row - 1], where=older)
        np.copyto(day[row], day[row - 1], where=older)
