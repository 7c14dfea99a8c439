"""From the answers of FRED to figures with the day on which each became known.

ALFRED keeps every vintage: an observation holds from ``realtime_start`` on, which is the day of its release.
An answer covers a window of such days, and what was known before the window carries its first day; windows
follow one another, so that a figure which only crosses a border is told by its equal value before it. Of the
first window, and of a series whose archive begins later, old figures carry that first day: later than they
were really known, never earlier.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lib.market.macro.fred.client import Client
from lib.market.macro.fred.series import Series
from lib.policy import Refused

FREQUENCIES = {"D": "daily", "W": "weekly", "BW": "weekly", "M": "monthly", "Q": "quarterly", "A": "annual"}
ENDS = {"monthly": "M", "quarterly": "Q", "annual": "Y"}
WINDOW = pd.DateOffset(years=5)
"""Of one request: a daily series has about 1,300 vintages in it, and at most 2,000 are given."""
PAGE = 100_000
BEFORE = pd.DateOffset(years=2)
"""Observations are asked from so long before the start, for changes over a year."""
MISSING = "."
LEVEL_UNITS = {"percent": "percent", "index": "level", "dollars per barrel": "dollars a barrel"}


def fetch_series(client: Client, one: Series, start: pd.Timestamp, today: pd.Timestamp) -> pd.DataFrame:
    """Every figure of a series with its release (``period_end value unit frequency released``).

    ``attrs["skipped"]`` counts observations without a value. Raises Refused.
    """
    described = client.ask("series", series_id=one.id)
    frequency, unit = _described(described)
    windows = pd.date_range(start, today, freq=WINDOW).union([start])
    answers = [
        _window(client, one, first, min(first + WINDOW - pd.Timedelta(days=1), today), start - BEFORE)
        for first in windows
    ]
    rows = pd.concat(answers, ignore_index=True)
    given = rows["value"] != MISSING
    value = pd.to_numeric(rows["value"].where(given), errors="coerce")
    if (value.isna() & given).any():
        raise Refused("invalid", "a value that is no number")
    rows = rows.assign(value=value).dropna(subset="value")
    rows = rows.sort_values(["date", "realtime_start"], kind="stable")
    same = rows["date"].eq(rows["date"].shift()) & rows["value"].eq(rows["value"].shift())
    figures = pd.DataFrame(
        {
            "period_end": _period_end(rows["date"], frequency),
            "value": rows["value"],
            "released": rows["realtime_start"],
        }
    )[~same]
    figures = over_a_year(figures) if one.how == "yoy" else figures
    found = figures[figures["period_end"] >= start - pd.Timedelta(days=120)].reset_index(drop=True)
    found = found.assign(unit="percent" if one.how == "yoy" else unit, frequency=frequency)
    found.attrs["skipped"] = int((~given).sum())
    return found


def over_a_year(figures: pd.DataFrame) -> pd.DataFrame:
    """Change over the same period a year before, percent, both as they were known on the day of release.

    A row's base is the newest vintage of that period by its own release; without one there is no row. Weekly
    periods take the period at most six days before.
    """
    left = figures.assign(then=figures["period_end"] - pd.DateOffset(years=1))
    periods = pd.DataFrame({"period": np.sort(figures["period_end"].unique())})
    left = pd.merge_asof(
        left.sort_values("then"),
        periods,
        left_on="then",
        right_on="period",
        tolerance=pd.Timedelta(days=6),
    ).dropna(subset="period")
    base = figures.rename(columns={"period_end": "period", "value": "base"}).sort_values("released")
    found = pd.merge_asof(
        left.sort_values("released"), base, on="released", by="period", direction="backward"
    ).dropna(subset="base")
    change = (found["value"] / found["base"] - 1.0) * 100.0
    return found.assign(value=change.round(6))[["period_end", "value", "released"]]


def _described(answer: dict[str, Any]) -> tuple[str, str]:
    """Frequency and unit of a series, in the words of the tables."""
    try:
        one = answer["seriess"][0]
        frequency, unit = FREQUENCIES[one["frequency_short"]], str(one["units"]).strip().lower()
    except (KeyError, IndexError, TypeError):
        raise Refused("invalid", "no description of the series with a frequency that is known") from None
    known = next((ours for theirs, ours in LEVEL_UNITS.items() if unit.startswith(theirs)), unit)
    return frequency, known


def _window(
    client: Client, one: Series, first: pd.Timestamp, last: pd.Timestamp, since: pd.Timestamp
) -> pd.DataFrame:
    """Observations that were known between two days, all pages of them."""
    asked = {
        "series_id": one.id,
        "realtime_start": f"{first:%Y-%m-%d}",
        "realtime_end": f"{last:%Y-%m-%d}",
        "observation_start": f"{since:%Y-%m-%d}",
        "limit": str(PAGE),
    }
    rows: list[dict[str, Any]] = []
    while True:
        answer = client.ask("series/observations", **asked, offset=str(len(rows)))
        try:
            page, count = answer["observations"], int(answer["count"])
            rows += page
        except (KeyError, TypeError, ValueError):
            raise Refused("invalid", "no list of observations") from None
        if len(rows) >= count or not page:
            break
    frame = pd.DataFrame(rows, columns=["realtime_start", "date", "value"])
    for name in ("realtime_start", "date"):
        days = pd.to_datetime(frame[name], format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
        if days.isna().any():
            raise Refused("invalid", f"a {name} that is no date")
        frame[name] = days
    return frame.assign(value=frame["value"].astype("str"))


def _period_end(first: pd.Series, frequency: str) -> pd.Series:
    """The last day of the period that starts on a day; daily and weekly figures carry their last day."""
    if frequency not in ENDS:
        return first
    return first.dt.to_period(ENDS[frequency]).dt.end_time.dt.normalize().astype("datetime64[us]")
