"""What a chart answer of Yahoo says itself, checked: its meta data, its days, its dividends and splits.

yfinance's frame hides three things that matter. An answer without ``adjclose`` gives raw prices under the
name of adjusted ones; a day given twice loses one of its rows; and an action on a day without a bar is put on
the bar *before* it, on the wrong side of the ex-date. So days and actions are read here as they came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

META = ("currency", "instrumentType", "exchangeTimezoneName")
PRICES = ("open", "high", "low", "close")


class BrokenAnswer(Exception):
    """The answer lacks what it must have; the text says what."""


@dataclass(frozen=True)
class Chart:
    """One chart answer: rows as they came, actions by ex-date.

    ``rows`` has a row for each time stamp: date (exchange-local midnight), open, high, low, close, volume,
    restated for splits as Yahoo does. ``dividends`` are money a share, restated too; ``splits`` are new
    shares for one old. ``open_day`` is the first day whose session had not ended when the answer came.
    """

    rows: pd.DataFrame
    dividends: pd.Series
    splits: pd.Series
    open_day: pd.Timestamp = pd.Timestamp.max


def chart_of(payload: Any, symbol: str, exchange_timezone: str, now: pd.Timestamp) -> Chart:
    """The chart in a JSON answer that came ``now`` (UTC, naive), empty where it has no days.

    Raises BrokenAnswer where the answer breaks its form or is for another symbol, interval or time zone. An
    index (``^``) may be dated in a zone of its own, as Yahoo dates Treasury indices in Chicago.
    """
    result = _first_result(payload)
    meta = result.get("meta")
    if not isinstance(meta, dict):
        raise BrokenAnswer("the answer has no meta data")
    absent = [name for name in META if name not in meta]
    if absent:
        raise BrokenAnswer(f"the answer's meta data lack {', '.join(absent)}")
    if meta.get("symbol", symbol) != symbol:
        raise BrokenAnswer("the answer is for another symbol")
    if meta.get("dataGranularity", "1d") != "1d":
        raise BrokenAnswer("the answer is not daily")
    zone = _zone(meta["exchangeTimezoneName"], symbol, exchange_timezone)
    rows, actions = _rows(result, zone), _actions(result.get("events"), zone, meta["currency"])
    return Chart(rows, *actions, _open_day(meta, zone, now))


def local_days(stamps: Any, zone: str) -> pd.DatetimeIndex:
    """Exchange-local days, midnight without a zone, of seconds since 1970.

    A bar stamped in the last two hours of a day belongs to the next one: Yahoo misses midnight by an hour
    where summer time begins or ends.
    """
    local = pd.to_datetime(np.asarray(stamps, dtype="int64"), unit="s", utc=True).tz_convert(zone)
    wall = local.tz_localize(None)
    late = (wall.hour >= 22) & (wall.minute == 0)
    return (wall.normalize() + pd.to_timedelta(late.astype("int64"), unit="D")).as_unit("us")


def _first_result(payload: Any) -> dict[str, Any]:
    chart = payload.get("chart") if isinstance(payload, dict) else None
    results = chart.get("result") if isinstance(chart, dict) else None
    if not isinstance(results, list) or not results or not isinstance(results[0], dict):
        raise BrokenAnswer("the answer has no result")
    return results[0]


def _zone(named: Any, symbol: str, exchange: str) -> str:
    """The zone in which the answer is dated; BrokenAnswer when that is not the exchange's."""
    if named == exchange:
        return exchange
    try:
        zone = str(ZoneInfo(str(named)))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BrokenAnswer("the answer names no time zone that exists") from None
    if not symbol.startswith("^"):
        raise BrokenAnswer(f"the answer is dated in {zone}, the exchange is in {exchange}")
    return zone


def _open_day(meta: dict[str, Any], zone: str, now: pd.Timestamp) -> pd.Timestamp:
    """The day of the session that the meta data call current, if it has not ended; else the end of time."""
    period = meta.get("currentTradingPeriod")
    regular = period.get("regular") if isinstance(period, dict) else None
    if not isinstance(regular, dict):
        return pd.Timestamp.max
    start, end = _numbers(lambda: (int(regular["start"]), int(regular["end"])))
    return local_days([start], zone)[0] if now.timestamp() < end else pd.Timestamp.max


def _rows(result: dict[str, Any], zone: str) -> pd.DataFrame:
    stamps = result.get("timestamp") or []
    indicators = result.get("indicators")
    quotes = indicators.get("quote") if isinstance(indicators, dict) else None
    quote = quotes[0] if isinstance(quotes, list) and quotes and isinstance(quotes[0], dict) else {}
    if stamps and not _adjusted_closes(indicators):
        raise BrokenAnswer("the answer has no adjusted closes")

    def values(name: str) -> np.ndarray:
        if len(quote.get(name) or []) != len(stamps):
            raise BrokenAnswer(f"the answer has not as many values of {name} as days")
        found = np.array(quote.get(name) or [], dtype="float64")
        return np.where(np.isfinite(found), found, np.nan)

    def read() -> pd.DataFrame:
        columns = {name: values(name) for name in (*PRICES, "volume")}
        return pd.DataFrame({"date": local_days(stamps, zone), **columns})

    rows = _numbers(read)
    _refuse_contradictions(rows)
    return rows


def _adjusted_closes(indicators: Any) -> bool:
    found = indicators.get("adjclose") if isinstance(indicators, dict) else None
    return bool(isinstance(found, list) and found and isinstance(found[0], dict) and found[0].get("adjclose"))


def _refuse_contradictions(rows: pd.DataFrame) -> None:
    """A day may come twice with the same values; the last day may also come as a live row of its own."""
    settled = rows[rows["date"] < rows["date"].max()]
    distinct = settled.drop_duplicates()
    again = distinct.loc[distinct["date"].duplicated(), "date"]
    if len(again):
        raise BrokenAnswer(f"the answer has {again.iloc[0]:%Y-%m-%d} twice with different values")


def _actions(events: Any, zone: str, currency: Any) -> tuple[pd.Series, pd.Series]:
    """Dividends and splits by ex-date, each day once: dividends of a day added, splits multiplied."""

    def of(kind: str) -> list[dict[str, Any]]:
        found = events.get(kind) if isinstance(events, dict) else None
        return list(found.values()) if isinstance(found, dict) else []

    def series(kind: str, value: Callable[[dict[str, Any]], float]) -> pd.Series:
        stamps = [int(one["date"]) for one in of(kind)]
        values = [float(value(one)) for one in of(kind)]
        return pd.Series(values, index=local_days(stamps, zone), dtype="float64")

    foreign = {one.get("currency") for one in of("dividends")} - {None, "", currency}
    if foreign:
        raise BrokenAnswer(f"a dividend is in {min(map(str, foreign))}, the prices are in {currency}")
    dividends = _numbers(lambda: series("dividends", lambda one: one["amount"]))
    splits = _numbers(lambda: series("splits", lambda one: one["numerator"] / one["denominator"]))
    if not np.isfinite(dividends).all() or not (np.isfinite(splits) & (splits > 0)).all():
        raise BrokenAnswer("the answer has a dividend or split that is no amount")
    return dividends.groupby(level=0).sum(), splits.groupby(level=0).prod()


def _numbers(read: Callable[[], Any]) -> Any:
    """What ``read`` gives; BrokenAnswer where a number is none."""
    try:
        return read()
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, ZeroDivisionError) as fault:
        raise BrokenAnswer(f"the answer holds values that are no numbers ({type(fault).__name__})") from None
