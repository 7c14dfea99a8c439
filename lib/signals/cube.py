"""Returns as an array of sessions by firms, and values of a signal as they were known on each of them.

Every test of a signal stands on these two arrays, so that one value of a signal is used on the same day by
all. A value is used from the session at whose close it was known plus a lag in sessions, and until it is too
old; a firm is there while it is a member of the universe; a delisting is a return of its last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.market import calendar
from lib.tables.signals import TOTAL

LAG, MAX_AGE, DELISTING_RETURN = 1, 200, -0.30
"""Unless it is said otherwise: sessions from the one at whose close a value was known to the close at which
it is used, days after which it is too old, and the return at a delisting whose return is not known."""


@dataclass(frozen=True)
class Cube:
    """Arrays of one universe: sessions (T), entities (N); returns, market_cap and traded_value are (T, N).

    Missing is NaN. ``member`` (T, N) says who was in the universe, as known at that close; ``delisted``
    (T, N) marks returns that are what holders got at the end (``assumed`` (N,): the source did not say).
    """

    sessions: pd.DatetimeIndex
    entities: pd.Index
    returns: np.ndarray
    market_cap: np.ndarray
    traded_value: np.ndarray
    member: np.ndarray
    delisted: np.ndarray
    assumed: np.ndarray

    def positions(self, dates: Any) -> np.ndarray:
        """The last session at or before each date, as a position; -1 before the first session."""
        return self.sessions.searchsorted(pd.DatetimeIndex(dates), side="right") - 1


def cube(
    returns: pd.DataFrame,
    memberships: pd.DataFrame,
    delistings: pd.DataFrame,
    *,
    universe: str,
    as_of: str,
    delisting_return: float = DELISTING_RETURN,
) -> Cube:
    """The arrays of ``universe`` up to ``as_of`` from the tables of ``lib.tables.signals``.

    Sessions are the days on which any firm of the universe has a return. A delisting without a known return
    gets ``delisting_return`` on its day, or on the first session after it.
    """
    end = pd.Timestamp(as_of)
    own = memberships.loc[(memberships["universe"] == universe) & (memberships["known_at"] <= end)]
    entities = pd.Index(np.sort(own["entity"].unique()), name="entity")
    rows = returns.loc[returns["entity"].isin(entities) & (returns["date"] <= end)]
    gone = delistings.loc[delistings["entity"].isin(entities) & (delistings["known_at"] <= end)]
    gone = gone.loc[gone["date"] <= end]
    sessions = pd.DatetimeIndex(np.sort(rows["date"].unique()))
    day, firm = sessions.get_indexer(rows["date"]), entities.get_indexer(rows["entity"])

    def spread(column: str) -> np.ndarray:
        out = np.full((len(sessions), len(entities)), np.nan)
        out[day, firm] = rows[column].to_numpy("float64")
        return out

    wide = spread("return")
    last, who = sessions.searchsorted(gone["date"]), entities.get_indexer(gone["entity"])
    there = last < len(sessions)
    last, who, final = last[there], who[there], gone["return"].to_numpy("float64")[there]
    delisted, assumed = np.zeros(wide.shape, dtype=bool), np.zeros(len(entities), dtype=bool)
    delisted[last, who] = True
    assumed[who] = np.isnan(final)
    wide[last, who] = np.where(np.isnan(final), delisting_return, final)
    after = np.cumsum(delisted, axis=0) - delisted > 0
    wide[after] = np.nan
    member = _membership(own, sessions, entities) & ~after & ~delisted
    return Cube(
        sessions, entities, wide, spread("market_cap"), spread("traded_value"), member, delisted, assumed
    )


def _membership(rows: pd.DataFrame, sessions: pd.DatetimeIndex, entities: pd.Index) -> np.ndarray:
    """Who is in, by session: each row holds from its date or from when it was known, whichever is later."""
    state = np.full((len(sessions), len(entities)), np.nan)
    since = rows[["date", "known_at"]].max(axis=1)
    order = np.lexsort((rows["known_at"], rows["date"], since))
    at = sessions.searchsorted(pd.DatetimeIndex(since))[order]
    who, member = entities.get_indexer(rows["entity"])[order], rows["member"].to_numpy()[order]
    inside = at < len(sessions)
    state[at[inside], who[inside]] = member[inside]
    return pd.DataFrame(state).ffill().fillna(0.0).to_numpy() > 0.0


def session_of(moments: pd.Series, sessions: pd.DatetimeIndex, *, exchange: str) -> pd.Series:
    """The first of ``sessions`` at whose close each moment (UTC) is past; NaT after the last one."""
    closes = calendar.closes(sessions[0], sessions[-1], exchange).reindex(sessions)
    at = closes.to_numpy().searchsorted(moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
    found = np.append(sessions.to_numpy(), np.datetime64("NaT"))
    return pd.Series(found[at], index=moments.index).astype("datetime64[us]")


def as_known(
    values: pd.DataFrame,
    cube: Cube,
    at: np.ndarray,
    *,
    lag: int = 0,
    max_age: int | None = None,
    component: str = TOTAL,
) -> np.ndarray:
    """The newest value of each firm that can be used at the close of the sessions ``at``: (len(at), N).

    ``values`` is the table ``signal_values``. A value counts ``lag`` sessions after its session; it is too
    old when more than ``max_age`` calendar days lie between. NaN where there is none. Of the values of one
    session the one known last counts.
    """
    rows = values.loc[(values["component"] == component) & values["entity"].isin(cube.entities)]
    first = cube.sessions.searchsorted(pd.DatetimeIndex(rows["session"]))
    firm = cube.entities.get_indexer(rows["entity"])
    order = np.lexsort((rows["known_at"].to_numpy(), first, firm))
    span = len(cube.sessions) + 1
    keys = firm[order] * span + first[order]
    numbers = np.append(rows["value"].to_numpy("float64")[order], np.nan)
    wanted = np.arange(len(cube.entities)) * span + (np.asarray(at)[:, None] - lag)
    found = keys.searchsorted(wanted, side="right") - 1
    hit = (found >= 0) & (np.asarray(at)[:, None] - lag >= 0)
    hit &= np.append(firm[order], -1)[found] == np.arange(len(cube.entities))
    if max_age is not None:
        born = np.append(cube.sessions.to_numpy(), np.datetime64("NaT"))[np.append(first[order], -1)[found]]
        age = cube.sessions.to_numpy()[np.asarray(at)][:, None] - born
        hit &= age <= np.timedelta64(max_age, "D")
    return np.where(hit, numbers[found], np.nan)
