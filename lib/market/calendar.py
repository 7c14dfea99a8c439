"""On which days an exchange trades and when its sessions close; days are midnight without a time zone.

A thin layer over exchange_calendars with fixed bounds, so that no answer depends on today's date. XNYS is New
York. XNSE is the library's Bombay calendar, whose holidays NSE shares, with the sessions of
``lib.market.nse_sessions`` added; the library knows its holidays up to the end of a year, which is the last
bound. The library is imported at the first question only, since importing it takes a second.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import Any

import pandas as pd

from lib.conventions import EXCHANGE
from lib.errors import InputError
from lib.market.nse_sessions import ORDINARY_CLOSE, SPECIAL_SESSIONS

FIRST, LAST = "1962-01-02", "2049-12-31"
"""Bounds of New York; ``bounds`` gives those of any exchange."""
EXCHANGES = {"XNYS": "XNYS", "NYSE": "XNYS", "XNSE": "XNSE", "NSE": "XNSE"}
INDIA = "Asia/Kolkata"


@dataclass(frozen=True)
class Days:
    """Sessions of one exchange, when each closes (UTC without a zone), and which are short ones."""

    sessions: pd.DatetimeIndex
    closes: pd.Series
    short: pd.DatetimeIndex


def known_exchange(name: str) -> str:
    """The code of an exchange (XNYS or XNSE) from its code or name; InputError for an unknown one."""
    code = EXCHANGES.get(str(name).strip().upper())
    if code is None:
        known = "XNYS (or NYSE), XNSE (or NSE)"
        raise InputError(f"no exchange {name!r}", mend=f"take one of {known}", field="exchange")
    return code


def bounds(exchange: str = EXCHANGE) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last session that the calendar of the exchange knows."""
    known = _days(known_exchange(exchange)).sessions
    return known[0], known[-1]


def sessions(
    start: str | pd.Timestamp, end: str | pd.Timestamp, exchange: str = EXCHANGE
) -> pd.DatetimeIndex:
    """Trading days from start to end, both included, in order; none outside the bounds of the calendar."""
    known = _days(known_exchange(exchange)).sessions
    first = known.searchsorted(_midnight(start), side="left")
    return known[first : known.searchsorted(_midnight(end), side="right")]


def closes(start: str | pd.Timestamp, end: str | pd.Timestamp, exchange: str = EXCHANGE) -> pd.Series:
    """When each session from start to end closes: UTC without a zone, by session."""
    return _days(known_exchange(exchange)).closes.loc[_midnight(start) : _midnight(end)]


def half_days(
    start: str | pd.Timestamp, end: str | pd.Timestamp, exchange: str = EXCHANGE
) -> pd.DatetimeIndex:
    """Sessions from start to end that are shorter than an ordinary one."""
    short = _days(known_exchange(exchange)).short
    return short[(short >= _midnight(start)) & (short <= _midnight(end))]


def is_trading_day(day: str | pd.Timestamp, exchange: str = EXCHANGE) -> bool:
    """Whether the exchange trades on that day."""
    known = _days(known_exchange(exchange)).sessions
    return _known_day(day, known, exchange) in known


def previous_trading_day(day: str | pd.Timestamp, exchange: str = EXCHANGE) -> pd.Timestamp:
    """The last trading day strictly before the day."""
    known = _days(known_exchange(exchange)).sessions
    return _at(known, known.searchsorted(_known_day(day, known, exchange), side="left") - 1, exchange)


def next_trading_day(day: str | pd.Timestamp, exchange: str = EXCHANGE) -> pd.Timestamp:
    """The first trading day strictly after the day."""
    known = _days(known_exchange(exchange)).sessions
    return _at(known, known.searchsorted(_known_day(day, known, exchange), side="right"), exchange)


def last_session(day: str | pd.Timestamp, exchange: str = EXCHANGE) -> pd.Timestamp:
    """The day itself when the exchange trades on it, else the last trading day before it."""
    known = _days(known_exchange(exchange)).sessions
    return _at(known, known.searchsorted(_known_day(day, known, exchange), side="right") - 1, exchange)


def last_closed_session(now: str | pd.Timestamp, exchange: str = EXCHANGE) -> pd.Timestamp:
    """The last session whose close is not after ``now``, a moment with a zone, or in UTC without one."""
    return _closed(now, exchange)[0]


def trading_days(days: pd.Series, exchange: str = EXCHANGE) -> pd.Series:
    """For each date of the series, whether the exchange trades on it; weekdays count outside the bounds."""
    known = _days(known_exchange(exchange)).sessions
    inside = (days >= known[0]) & (days <= known[-1])
    return days.isin(known).where(inside, days.dt.day_of_week < 5)


def latest(request: dict[str, Any]) -> dict[str, str]:
    """What ``as_of: latest`` means: ``{"as_of", "until"}`` for ``{"exchange", "now"}``.

    ``now`` and ``until`` are moments in ISO form, UTC; ``as_of`` is the day of the last session that has
    closed, and holds until the next one closes.
    """
    session, until = _closed(request["now"], request["exchange"])
    return {"as_of": f"{session:%Y-%m-%d}", "until": until.tz_localize(UTC).isoformat()}


def _closed(now: str | pd.Timestamp, exchange: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The last session closed at a moment, and when the next one closes."""
    moment = pd.Timestamp(now)
    moment = moment if moment.tzinfo is None else moment.tz_convert(None)
    known = _days(known_exchange(exchange)).closes
    after = int(known.searchsorted(moment, side="right"))
    if not 0 < after < len(known):
        raise _outside(moment, known.index, exchange)
    return known.index[after - 1], known.iloc[after]


@lru_cache(maxsize=4)
def _days(code: str) -> Days:
    return _new_york() if code == "XNYS" else _india()


def _new_york() -> Days:
    library = _library("XNYS", FIRST, LAST)
    closing = _closes(library)
    return Days(closing.index, closing, _naive(library.early_closes))


def _india() -> Days:
    """Bombay's sessions and the special ones; one that does not last the ordinary day is short."""
    from exchange_calendars.exchange_calendar_xbom import XBOMExchangeCalendar as Bombay

    library = _library("XBOM", f"{Bombay.bound_min():%Y-%m-%d}", f"{Bombay.bound_max():%Y-%m-%d}")
    special = pd.Series({day: f"{day} {close}" for day, close, _ in SPECIAL_SESSIONS})
    special.index = _naive(pd.DatetimeIndex(special.index))
    ends = pd.to_datetime(special).dt.tz_localize(INDIA).dt.tz_convert(None).astype("datetime64[us]")
    closing = pd.concat([_closes(library), ends]).sort_index().rename_axis("date").rename("close")
    short = special.index[~special.str.endswith(f" {ORDINARY_CLOSE}")]
    return Days(_naive(closing.index), closing, short)


def _library(code: str, start: str, end: str) -> Any:
    """A calendar of exchange_calendars; the one warning of pandas that it causes is silenced."""
    import exchange_calendars

    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Series.values returning an ndarray that drops", pd.errors.Pandas4Warning
        )
        return exchange_calendars.get_calendar(code, start=start, end=end)


def _closes(library: Any) -> pd.Series:
    ends = library.closes.dt.tz_convert(None).astype("datetime64[us]")
    return ends.set_axis(_naive(library.sessions)).rename("close")


def _naive(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.tz_localize(None).astype("datetime64[us]"), name="date", freq=None)


def _midnight(day: str | pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(day).normalize()


def _known_day(day: str | pd.Timestamp, known: pd.DatetimeIndex, exchange: str) -> pd.Timestamp:
    """The day at midnight; InputError outside the years that the calendar covers."""
    stamp = _midnight(day)
    if not known[0].year <= stamp.year <= known[-1].year:
        raise _outside(stamp, known, exchange)
    return stamp


def _at(known: pd.DatetimeIndex, position: int, exchange: str) -> pd.Timestamp:
    """The trading day at a position; InputError when the answer lies outside the calendar."""
    if not 0 <= position < len(known):
        raise _outside(known[0] if position < 0 else known[-1], known, exchange)
    return known[position]


def _outside(day: pd.Timestamp, known: pd.DatetimeIndex, exchange: str) -> InputError:
    return InputError(
        f"{day:%Y-%m-%d} or its answer is outside the trading calendar of {known_exchange(exchange)}",
        mend=f"it knows {known[0]:%Y-%m-%d} to {known[-1]:%Y-%m-%d}; later days come with a newer release "
        "of exchange_calendars",
    )
