"""Which firms an event concerns, which of them can be studied, and their returns around it.

The event day is the first session at whose close the event was public. A firm that stops trading inside the
window is not lost: what its holders got at the end is its return of that day or, where the end came after the
window, of the first day without a price; the study of that event is then complete only on the day on which
that was known. A firm that stood still at the end of the window and of which nothing more is known yet waits.
What cannot be studied is listed with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.codes import flags_of
from lib.errors import InputError
from lib.signals.cube import Cube, session_of

OVERLAPS = ("first", "all")
REASONS = (
    "window_not_over",
    "before_first_price",
    "no_member",
    "unknown_firm",
    "left_before",
    "not_a_member",
    "same_session",
    "short_estimation",
    "no_variation",
    "halted",
    "few_days",
    "no_market_return",
    "overlapping_window",
)


@dataclass(frozen=True)
class EventRules:
    """Days of the window and of estimation, from the event day; what is asked of a firm.

    ``least`` days of estimation must be known, and ``least_share`` of the window. Of events of one firm whose
    windows overlap the first is kept, or ``all``. Raises InputError where the estimation reaches the window.
    """

    window: tuple[int, int] = (-1, 5)
    estimation: tuple[int, int] = (-120, -11)
    least: int = 60
    least_share: float = 0.8
    overlaps: str = "first"

    def __post_init__(self) -> None:
        days = self.estimation[1] - self.estimation[0] + 1
        if self.window[0] > self.window[1]:
            raise InputError("the window ends before it begins", field="window_end")
        if self.estimation[1] >= self.window[0]:
            raise InputError(
                f"the days of estimation end on day {self.estimation[1]}, the window begins on day "
                f"{self.window[0]}",
                mend="let the estimation end before the window, or it learns what it is to judge",
                field="estimation_end",
            )
        if days < self.least:
            raise InputError(
                f"{days} days of estimation cannot hold the least of {self.least}", field="estimation_start"
            )

    @property
    def days(self) -> np.ndarray:
        """Days of the window, 0 for the event day."""
        return np.arange(self.window[0], self.window[1] + 1)

    @property
    def estimation_days(self) -> np.ndarray:
        """Days of estimation."""
        return np.arange(self.estimation[0], self.estimation[1] + 1)


@dataclass(frozen=True)
class Windows:
    """Events that can be studied, one a row of every array, and those that cannot.

    ``rows`` holds event, entity, known_at, session (the event day), date (by which all of it was known) and
    flags; ``at`` and ``firm`` are positions in the cube. ``estimation`` and ``window`` are returns with the
    market's beside them; ``held`` says which days of the window count as known, ``named`` whether the event
    names the firm.
    """

    rows: pd.DataFrame
    at: np.ndarray
    firm: np.ndarray
    estimation: np.ndarray
    market_estimation: np.ndarray
    window: np.ndarray
    market_window: np.ndarray
    held: np.ndarray
    named: np.ndarray
    drops: pd.DataFrame


def gathered(values: np.ndarray, at: np.ndarray, days: np.ndarray, firm: np.ndarray | None) -> np.ndarray:
    """Values of sessions (T,) or sessions by firms (T, N) on ``days`` from each ``at``; NaN outside."""
    place = at[:, None] + days
    inside = (place >= 0) & (place < len(values))
    if inside.all():
        return values[place] if firm is None else values[place, firm[:, None]]
    place = np.clip(place, 0, max(len(values) - 1, 0))
    own = values[place] if firm is None else values[place, firm[:, None]]
    return np.where(inside, own, np.nan)


def windows(
    events: pd.DataFrame,
    own: Cube,
    market: np.ndarray,
    delistings: pd.DataFrame,
    *,
    rules: EventRules,
    exchange: str,
) -> Windows:
    """The windows of ``events`` (rows of one list of the table ``signal_events``) in the cube.

    ``market`` is the return of the market by session of the cube.
    """
    rows = concerned(events, own, rules=rules, exchange=exchange)
    at, firm = rows.pop("at").to_numpy(), rows.pop("firm").to_numpy()
    end = Ends(own, delistings)
    place = np.where(firm >= 0, firm, 0)
    got = returns_around(own, end, at, place, rules)
    arrays = {
        "estimation": gathered(own.returns, at, rules.estimation_days, place),
        "market_estimation": gathered(market, at, rules.estimation_days, None),
        "window": got.window,
        "market_window": gathered(market, at, rules.days, None),
        "held": got.held,
    }
    reason = _reason(rows, own, end, at, firm, got, arrays, rules)
    kept = reason == ""
    kept &= ~_overlapping(at, firm, kept, len(rules.days), rules.overlaps, reason)
    flags = _flags(own, at, firm, kept, got, rules)
    chosen = rows.loc[kept, ["event", "entity", "known_at", "origin"]].reset_index(drop=True)
    chosen["session"] = own.sessions[at[kept]]
    chosen["date"] = own.sessions[got.complete[kept]]
    chosen["flags"] = flags[kept]
    drops = rows.loc[~kept, ["event", "entity", "known_at"]].reset_index(drop=True)
    drops["reason"] = pd.array(reason[~kept], dtype="str")
    return Windows(
        rows=chosen,
        at=at[kept],
        firm=firm[kept],
        named=rows["named"].to_numpy(dtype=bool)[kept],
        drops=drops,
        **{name: one[kept] for name, one in arrays.items()},
    )


def concerned(events: pd.DataFrame, own: Cube, *, rules: EventRules, exchange: str) -> pd.DataFrame:
    """A row a firm and event: those named, and every member of an event that concerns all.

    Members are those known at the close before the window. A firm that is named and concerned by an event
    for all counts once. ``at`` is the position of the event day (-1 before the first session, the number of
    sessions after the last), ``firm`` that of the firm (-1 where it is unknown).
    """
    rows = events.sort_values(["known_at", "event", "entity"], na_position="last").reset_index(drop=True)
    session = session_of(rows["known_at"], own.sessions, exchange=exchange)
    at = own.sessions.searchsorted(session)
    at[session.isna().to_numpy()] = len(own.sessions)
    day = rows["known_at"].dt.tz_convert(None).dt.normalize()
    at[(at == 0) & (day < own.sessions[0]).to_numpy()] = -1
    rows["at"], rows["named"] = at, rows["entity"].notna()
    every = rows.loc[~rows["named"]]
    before = np.clip(every["at"].to_numpy() + rules.window[0] - 1, 0, len(own.sessions) - 1)
    event, firm = np.nonzero(own.member[before])
    spread = every.iloc[event].assign(entity=own.entities.to_numpy()[firm])
    lonely = every.iloc[np.setdiff1d(np.arange(len(every)), event)]
    rows = pd.concat([rows.loc[rows["named"]], spread, lonely])
    rows = rows.drop_duplicates(["event", "entity"]).sort_values(["known_at", "event", "entity"])
    rows["entity"] = rows["entity"].astype("str")
    rows["firm"] = own.entities.get_indexer(rows["entity"])
    return rows.reset_index(drop=True)


class Ends:
    """Of each firm of a cube the first and last session with a return, its end and when that was known."""

    def __init__(self, own: Cube, delistings: pd.DataFrame):
        count = len(own.sessions)
        traded = np.isfinite(own.returns) & ~own.delisted
        self.traded = traded
        self.first = np.where(traded.any(axis=0), traded.argmax(axis=0), count)
        self.last = np.where(traded.any(axis=0), count - 1 - traded[::-1].argmax(axis=0), -1)
        self.end = np.where(own.delisted.any(axis=0), own.delisted.argmax(axis=0), count)
        known = delistings.drop_duplicates("entity").set_index("entity")["known_at"].reindex(own.entities)
        at = own.sessions.searchsorted(pd.DatetimeIndex(known.fillna(own.sessions[0])))
        self.known = np.where(self.end < count, np.maximum(np.minimum(at, count - 1), self.end), count)
        following = np.where(traded, np.arange(count)[:, None], count)
        self.following = np.minimum.accumulate(following[::-1], axis=0)[::-1]
        """Of each session and firm the next session, itself included, with a price."""


@dataclass(frozen=True)
class Around:
    """Returns of windows with the ends of firms in them, a row an event.

    ``complete`` is the session at whose close all of it was known; ``still``: not trading at the window's
    end and nothing known since; ``ended``: the firm's end is counted; ``moved``: it came after the window.
    """

    window: np.ndarray
    held: np.ndarray
    complete: np.ndarray
    still: np.ndarray
    ended: np.ndarray
    moved: np.ndarray


def returns_around(own: Cube, end: Ends, at: np.ndarray, firm: np.ndarray, rules: EventRules) -> Around:
    """Returns of the windows with the ends of firms in them, and when each of them was complete."""
    last_day = at + rules.window[1]
    count = len(own.sessions)
    window = gathered(own.returns, at, rules.days, firm)
    gone, silent = end.end[firm], end.last[firm] + 1
    inside = np.clip(last_day, 0, count - 1)
    trades = gathered(end.traded.astype("float64"), at, rules.days, firm)[:, -1] == 1.0
    ended = (gone < count) & (silent <= last_day) & ~trades
    moved = ended & (gone > last_day) & (silent >= at + rules.window[0])
    row = np.flatnonzero(moved)
    window[row, silent[row] - at[row] - rules.window[0]] = own.returns[gone[row], firm[row]]
    days = at[:, None] + rules.days
    held = np.isfinite(window) | (ended[:, None] & (days >= silent[:, None]))
    resumed = end.following[inside, firm]
    complete = np.where(ended, np.maximum(last_day, end.known[firm]), np.where(trades, last_day, resumed))
    still = ~trades & ~ended & (resumed >= count)
    return Around(window, held, np.clip(complete, 0, count - 1), still, ended, moved)


def _reason(
    rows: pd.DataFrame,
    own: Cube,
    end: Ends,
    at: np.ndarray,
    firm: np.ndarray,
    got: Around,
    arrays: dict[str, np.ndarray],
    rules: EventRules,
) -> np.ndarray:
    """Why an event of a firm cannot be studied, the first reason that holds; empty where it can."""
    count = len(own.sessions)
    place = np.where(firm >= 0, firm, 0)
    before = np.clip(at + rules.window[0] - 1, 0, count - 1)
    known = np.isfinite(arrays["estimation"]) & np.isfinite(arrays["market_estimation"])
    spread = np.where(known, arrays["estimation"], np.nan)
    with np.errstate(invalid="ignore"):
        varies = np.nanmax(np.nan_to_num(spread, nan=-np.inf), axis=1, initial=-np.inf) > np.nanmin(
            np.nan_to_num(spread, nan=np.inf), axis=1, initial=np.inf
        )
    start = at + rules.window[0]
    gone = (end.end[place] < start) | (
        (end.last[place] + 1 < start) & (end.end[place] > at + rules.window[1])
    )
    gone &= end.end[place] < count
    repeated = pd.DataFrame({"firm": firm, "at": at}).duplicated().to_numpy() & (firm >= 0)
    lacks = ~np.isfinite(arrays["market_window"]) & np.isfinite(arrays["window"])
    found = {
        "window_not_over": at + rules.window[1] >= count,
        "before_first_price": (at < 0) | ((firm >= 0) & (at < end.first[place])),
        "no_member": rows["entity"].isna().to_numpy(),
        "unknown_firm": firm < 0,
        "left_before": gone,
        "not_a_member": ~own.member[before, place],
        "same_session": repeated,
        "short_estimation": known.sum(axis=1) < rules.least,
        "no_variation": ~varies,
        "halted": got.still,
        "few_days": got.held.mean(axis=1) < rules.least_share,
        "no_market_return": lacks.any(axis=1),
    }
    return np.select(list(found.values()), list(found), default="").astype(object)


def _overlapping(
    at: np.ndarray, firm: np.ndarray, kept: np.ndarray, span: int, overlaps: str, reason: np.ndarray
) -> np.ndarray:
    """Events whose window overlaps that of an earlier one of the firm that is kept; ``reason`` is filled."""
    if overlaps == "all":
        return np.zeros(len(at), dtype=bool)
    out = kept & ~apart(at, firm, kept, span)
    reason[out] = "overlapping_window"
    return out


def apart(at: np.ndarray, firm: np.ndarray, among: np.ndarray, span: int) -> np.ndarray:
    """Which of the rows ``among`` are kept when of windows of one firm that overlap the first one counts."""
    row = np.flatnonzero(among)
    row = row[np.lexsort((at[row], firm[row]))]
    who = firm[row]
    number = np.arange(len(row)) - np.searchsorted(who, who)
    last = np.full(int(firm.max(initial=0)) + 1, -(10**9))
    keep = np.zeros(len(at), dtype=bool)
    for turn in range(int(number.max(initial=-1)) + 1):
        own = row[number == turn]
        free = own[at[own] - last[firm[own]] >= span]
        keep[free] = True
        last[firm[free]] = at[free]
    return keep


def _flags(
    own: Cube, at: np.ndarray, firm: np.ndarray, kept: np.ndarray, got: Around, rules: EventRules
) -> np.ndarray:
    """Codes of each event: its firm's end, and what is in the days of estimation."""
    place = np.where(firm >= 0, firm, 0)
    span = len(own.sessions) + 1000
    keys = np.sort((firm * span + at)[kept])
    low = firm * span + at + rules.estimation[0] - rules.window[1]
    high = firm * span + at + rules.estimation[1] - rules.window[0]
    earlier = np.searchsorted(keys, np.maximum(low, firm * span), "left") < np.searchsorted(
        keys, high, "right"
    )
    masks = {
        "ended_in_window": got.ended,
        "end_after_window": got.moved,
        "end_assumed": got.ended & own.assumed[place],
        "earlier_event": earlier & (high >= firm * span),
    }
    return flags_of(masks, pd.RangeIndex(len(at))).to_numpy(dtype=object)
