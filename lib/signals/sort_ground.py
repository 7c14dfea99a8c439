"""What there was to sort at each formation date, whatever it is sorted by: firms, market values, returns.

A formation date is the last session of a week, month or quarter that is over by the exchange's calendar, so
that a longer history adds dates and changes none. A firm can be sorted when it was a member and traded that
day; it is bought at that close, or ``delay`` sessions later, and sold when the groups of the next date are
bought. Money of a firm that leaves the market lies still after its last return.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lib.market import calendar
from lib.signals.cube import Cube, as_known, session_of
from lib.tables.signals import TOTAL

PERIODS = {"weekly": "W-SUN", "monthly": "M", "quarterly": "Q"}
A_YEAR = {"weekly": 52, "monthly": 12, "quarterly": 4}
NOTHING_LEFT = 1e-22
"""Growth to which a loss of everything is cut, so that it has a logarithm."""


@dataclass(frozen=True)
class Ground:
    """Formation dates (D) and firms (N); ``formed``, ``start`` and ``end`` are positions in the sessions.

    ``end`` is len(sessions) where the next formation is yet to come. ``firms`` (D, N) says who can be sorted,
    ``members`` who was in the universe.
    """

    cube: Cube
    formed: np.ndarray
    start: np.ndarray
    end: np.ndarray
    firms: np.ndarray
    members: np.ndarray

    @property
    def dates(self) -> pd.DatetimeIndex:
        """Formation dates."""
        return self.cube.sessions[self.formed]

    @property
    def over(self) -> np.ndarray:
        """Holding periods that are over (D)."""
        return self.end < len(self.cube.sessions)

    @cached_property
    def growth_path(self) -> np.ndarray:
        """Logarithm of the growth of each firm from before the first session (T + 1, N)."""
        steps = np.log(np.maximum(1.0 + np.nan_to_num(self.cube.returns), NOTHING_LEFT))
        return np.vstack([np.zeros(steps.shape[1]), np.cumsum(steps, axis=0)])

    @cached_property
    def cap(self) -> np.ndarray:
        """Market value at the formation (D, N), NaN where unknown."""
        values = self.cube.market_cap[self.formed]
        return np.where(values > 0.0, values, np.nan)

    def held(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return of each firm from the close of ``start`` to that of ``end`` (positions): (len, N)."""
        return np.expm1(self.growth_path[end + 1] - self.growth_path[start + 1])

    @cached_property
    def earned(self) -> np.ndarray:
        """Returns of the holding periods (D, N); NaN where the period is not over."""
        found = np.full(self.firms.shape, np.nan)
        found[self.over] = self.held(self.start[self.over], self.end[self.over])
        return found

    @cached_property
    def gone(self) -> np.ndarray:
        """Firms that left the market by each session (T, N)."""
        return np.cumsum(self.cube.delisted, axis=0) > 0

    @cached_property
    def left(self) -> np.ndarray:
        """Firms that leave within the holding period, which is over (D, N)."""
        found = np.zeros(self.firms.shape, dtype=bool)
        found[self.over] = self.gone[self.end[self.over]] & ~self.gone[self.start[self.over]]
        return found

    @cached_property
    def vanished(self) -> np.ndarray:
        """Firms without a return after some session of the period, though no delisting is told (D, N)."""
        known = ~np.isnan(self.cube.returns)
        last = len(known) - 1 - np.argmax(known[::-1], axis=0)
        last = np.where(known.any(axis=0), last, -1)
        ended = (last < len(known) - 1) & ~self.cube.delisted.any(axis=0)
        within = (last >= self.start[:, None]) & (last < self.end[:, None])
        return ended & within & self.over[:, None]

    def later(self, delay: int) -> Ground:
        """The same formations, bought and sold ``delay`` sessions later; those that cannot yet be are left.

        A firm that left the market before it could be bought is not bought.
        """
        last = len(self.cube.sessions)
        fits = self.start + delay < last
        start, end = self.start[fits] + delay, np.minimum(self.end[fits] + delay, last)
        firms = self.firms[fits] & ~self.gone[start]
        return replace(
            self, formed=self.formed[fits], start=start, end=end, firms=firms, members=self.members[fits]
        )

    def known(
        self, values: pd.DataFrame, *, lag: int, max_age: int | None, component: str = TOTAL
    ) -> np.ndarray:
        """Values of ``signal_values`` that could be used at the formations, of firms to be sorted (D, N)."""
        wide = as_known(values, self.cube, self.formed, lag=lag, max_age=max_age, component=component)
        return np.where(self.firms, wide, np.nan)


def formation_positions(sessions: pd.DatetimeIndex, every: str, *, exchange: str) -> np.ndarray:
    """Positions of the last session of each week, month or quarter that is over by the calendar."""
    if not len(sessions):
        return np.zeros(0, dtype="int64")
    periods = sessions.to_period(PERIODS[every])
    lasts = np.flatnonzero(np.append(periods[1:] != periods[:-1], True))
    newest = periods[-1]
    close = calendar.sessions(sessions[-1], newest.end_time.normalize() + pd.Timedelta(days=10), exchange)
    open_still = len(close) > 0 and bool(
        ((close > sessions[-1]) & (close <= newest.end_time.normalize())).any()
    )
    return lasts[:-1] if open_still else lasts


def ground(cube: Cube, *, every: str, exchange: str, delay: int = 0) -> Ground:
    """Formation dates of ``cube`` and who could be sorted; ``every`` is weekly, monthly or quarterly."""
    at = formation_positions(cube.sessions, every, exchange=exchange)
    end = np.append(at[1:], len(cube.sessions))[: len(at)]
    members = cube.member[at]
    plain = Ground(cube, at, at.copy(), end, members & ~np.isnan(cube.returns[at]), members)
    return plain.later(delay) if delay else plain


def newest_ground(cube: Cube) -> Ground:
    """The last session as a formation date, for what would be held today."""
    at = np.array([len(cube.sessions) - 1])
    members = cube.member[at]
    return Ground(cube, at, at.copy(), at + 1, members & ~np.isnan(cube.returns[at]), members)


def sector_codes(entities: pd.DataFrame, own: Ground, *, universe: str) -> tuple[np.ndarray, list[str]]:
    """The sector of each firm as known at each formation: its number (D, N; NaN unknown), and the names."""
    rows = entities.loc[(entities["universe"] == universe) & entities["sector"].notna()]
    names = sorted(rows["sector"].unique())
    since = rows[["valid_from", "known_at"]].max(axis=1)
    numbers = rows.assign(
        session=since, value=rows["sector"].map({name: i for i, name in enumerate(names)}), component=TOTAL
    ).assign(known_at=rows["valid_from"])
    numbers["value"] = numbers["value"].astype("float64")
    return as_known(numbers, own.cube, own.formed), names


def facts_known(facts: pd.DataFrame, own: Ground, item: str, *, exchange: str, max_age: int) -> np.ndarray:
    """The newest figure ``item`` of each firm that was public at each formation (D, N)."""
    rows = facts.loc[facts["item"] == item]
    if rows.empty:
        return np.full(own.firms.shape, np.nan)
    sessions: Any = session_of(rows["known_at"], own.cube.sessions, exchange=exchange)
    dated = rows.assign(session=sessions, component=TOTAL).dropna(subset="session")
    return np.where(own.firms, as_known(dated, own.cube, own.formed, max_age=max_age), np.nan)
