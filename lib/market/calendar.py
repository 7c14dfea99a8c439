"""On which days the exchange trades; dates are midnight without a time zone.

A thin layer over exchange_calendars with fixed bounds, so that no answer depends on today's date. The
library is imported at the first question only, since importing it takes a second.
"""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from lib.conventions import EXCHANGE

FIRST, LAST = "1962-01-02", "2049-12-31"


@lru_cache(maxsize=4)
def _sessions(exchange: str) -> pd.DatetimeIndex:
    import exchange_calendars

    known = exchange_calendars.get_calendar(exchange, start=FIRST, end=LAST).sessions
    return pd.DatetimeIndex(known.tz_localize(None).astype("datetime64[us]"), name="date")


def sessions(
    start: str | pd.Timestamp, end: str | pd.Timestamp, exchange: str = EXCHANGE
) -> pd.DatetimeIndex:
    """Trading days from start to end, both included, in order; empty when there are none."""
    known = _sessions(exchange)
    first = known.searchsorted(_known_day(start), side="left")
    return known[first : known.searchsorted(_known_day(end), side="right")]


def is_trading_day(day: str | pd.Timestamp, exchange: str = EXCHANGE) -> bool:
    """Whether the exchange trades on that day."""
    return _known_day(day) in _sessions(exchange)


def previous_trading_day(day: str | pd.Timestamp, exchange: str = EXCHANGE) -> pd.Timestamp:
    """The last trading day strictly before the day."""
    known = _sessions(exchange)
    return _at(known, known.searchsorted(_known_day(day), side="left") - 1)


def next_trading_day(day: str | pd.Timestamp, exchange: str = EXCHANGE) -> pd.Timestamp:
    """The first trading day strictly after the day."""
    known = _sessions(exchange)
    return _at(known, known.searchsorted(_known_day(day), side="right"))


def last_session(day: str | pd.Timestamp, exchange: str = EXCHANGE) -> pd.Timestamp:
    """The day itself when the exchange trades on it, else the last trading day before it."""
    known = _sessions(exchange)
    return _at(known, known.searchsorted(_known_day(day), side="right") - 1)


def trading_days(days: pd.Series, exchange: str = EXCHANGE) -> pd.Series:
    """For each date of the series, whether the exchange trades on it; weekdays count outside the bounds."""
    known = _sessions(exchange)
    inside = (days >= known[0]) & (days <= known[-1])
    return days.isin(known).where(inside, days.dt.day_of_week < 5)


def _known_day(day: str | pd.Timestamp) -> pd.Timestamp:
    """The day at midnight; ValueError outside the years that the calendar covers."""
    stamp = pd.Timestamp(day).normalize()
    if not pd.Timestamp(FIRST) <= stamp <= pd.Timestamp(LAST):
        raise ValueError(f"{stamp:%Y-%m-%d} is outside the trading calendar, {FIRST} to {LAST}")
    return stamp


def _at(known: pd.DatetimeIndex, position: int) -> pd.Timestamp:
    """The trading day at a position; ValueError when the answer lies outside the calendar."""
    if not 0 <= position < len(known):
        raise ValueError(f"the answer is outside the trading calendar, {FIRST} to {LAST}")
    return known[position]
