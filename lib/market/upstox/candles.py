"""Daily candles of an instrument, asked in pieces of ten years, as bars of the exchange's days.

``GET /v3/historical-candle/{key}/days/1/{to}/{from}`` gives at most the decade up to ``to``, newest first,
each candle a list of moment, open, high, low, close, volume and open interest (Upstox Developer API,
"Historical Candle Data V3"). A candle's moment is the midnight in India that its day begins with.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pandas as pd

from lib.market.upstox.client import Client
from lib.policy import Refused

FIRST_DAY = pd.Timestamp("2000-01-01")
DECADE = pd.DateOffset(years=10)
ONE_DAY = pd.Timedelta(days=1)
ZONE = "Asia/Kolkata"
NUMBERS = ["open", "high", "low", "close", "volume"]
COLUMNS = ["date", "symbol", *NUMBERS]


def fetch_bars(client: Client, symbol: str, key: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Bars (``date symbol open high low close volume``) from start to end, days without a zone, oldest first.

    Numbers are as they came, faults included; what is no number is null. Raises Refused and ReauthRequired.
    """
    rows: list[Any] = []
    for first, last in pieces(max(start, FIRST_DAY), end):
        path = f"/v3/historical-candle/{quote(key, safe='')}/days/1/{last:%Y-%m-%d}/{first:%Y-%m-%d}"
        rows += _candles(client.ask(path, symbol))
    bars = bars_of(rows, symbol)
    return bars[(bars["date"] >= start) & (bars["date"] <= end)].reset_index(drop=True)


def pieces(start: pd.Timestamp, end: pd.Timestamp) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """First and last day of each question from start to end, none longer than ten years; none for no days."""
    found = []
    while start <= end:
        last = min(start + DECADE - ONE_DAY, end)
        found.append((start, last))
        start = last + ONE_DAY
    return found


def bars_of(rows: list[Any], symbol: str) -> pd.DataFrame:
    """Bars of candles. Raises Refused for what is no candle; two of a day that differ are both kept."""
    if not all(isinstance(row, list) and len(row) >= 6 for row in rows):
        raise Refused("invalid", "a candle that is no list of six values")
    frame = pd.DataFrame([row[:6] for row in rows], columns=["moment", *NUMBERS], dtype="object")
    moment = pd.to_datetime(frame["moment"], format="ISO8601", utc=True, errors="coerce")
    if moment.isna().any():
        raise Refused("invalid", "a candle whose moment is none")
    day = moment.dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize().astype("datetime64[us]")
    numbers = {name: pd.to_numeric(frame[name], errors="coerce").astype("float64") for name in NUMBERS}
    bars = pd.DataFrame({"date": day, "symbol": pd.Series(symbol, index=frame.index, dtype="str"), **numbers})
    return bars.drop_duplicates().sort_values("date", kind="stable", ignore_index=True)


def _candles(answer: dict[str, Any]) -> list[Any]:
    data = answer.get("data")
    found = data.get("candles") if isinstance(data, dict) else None
    if not isinstance(found, list):
        raise Refused("invalid", "an answer without candles")
    return found
