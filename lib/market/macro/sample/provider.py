"""The embedded sample of indicators: generated from fixed seeds, with days of release and units.

Each figure is known from its release on; quarterly and some monthly ones are revised once. See the head of
``indicators.yaml`` for how they are made.
"""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from lib.market.macro import raw
from lib.prepare_request import PrepareRequest

INDICATORS = Path(__file__).parent / "indicators.yaml"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FIRST_YEAR = 2009
SOURCE = "sample"
DECIMALS = 4


def fetch(request: PrepareRequest) -> raw.Raw:
    """Every indicator of the sample, as far as it was released by the as-of date."""
    return raw.Raw([_everything()])


@cache
def _everything() -> pd.DataFrame:
    written = yaml.load(INDICATORS.read_text(encoding="utf-8"), Loader=LOADER)
    frequencies = written["frequencies"]
    parts = [_figures(name, one, frequencies) for name, one in written["indicators"].items()]
    return pd.concat(parts, ignore_index=True)


def _figures(name: str, one: dict[str, Any], frequencies: dict[str, str]) -> pd.DataFrame:
    """The rows of one indicator: its figures, and their revisions."""
    since = one.get("since", FIRST_YEAR)
    years = np.arange(since, since + len(one["ends"]))
    ends = pd.to_datetime([f"{year}-12-31" for year in years])
    periods = pd.date_range(ends[0], ends[-1], freq=frequencies[one["frequency"]], unit="us")
    draws = np.random.default_rng(zlib.crc32(name.encode()))
    level = np.interp(periods.to_julian_date(), ends.to_julian_date(), one["ends"])
    value = level + _reverting(draws.standard_normal(len(periods)) * one["noise"], one["kept"])
    first = pd.DataFrame({"period_end": periods, "value": value, "released": _released(periods, one["lag"])})
    parts = [first]
    if revised := one.get("revised"):
        moved = value + draws.standard_normal(len(periods)) * revised["by"]
        parts.append(first.assign(value=moved, released=_released(periods, revised["after"])))
    rows = pd.concat(parts, ignore_index=True)
    least = one.get("least", -np.inf)
    return rows.assign(
        series=name,
        value=np.maximum(rows["value"], least).round(DECIMALS),
        unit=one["unit"],
        frequency=one["frequency"],
        source=SOURCE,
        origin="generated",
    )


def _released(periods: pd.DatetimeIndex, lag: int) -> pd.DatetimeIndex:
    """The day of release: so many days later, on a day of the week."""
    later = periods + pd.Timedelta(days=lag)
    weekend = np.array([0, 0, 0, 0, 0, 2, 1])[later.day_of_week]
    return later + pd.to_timedelta(weekend, unit="D")


def _reverting(shocks: np.ndarray, kept: float) -> np.ndarray:
    """Running sum of shocks of which a share ``kept`` lasts."""
    from scipy.signal import lfilter

    return lfilter([1.0], [1.0, -kept], shocks)
