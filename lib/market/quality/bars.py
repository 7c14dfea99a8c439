"""Which bars can be trusted: every rule over all symbols at once.

A bar that cannot be right is quarantined: it is left out of ``prices``. A bar that is only unusual is kept
and reported, since great moves do happen. A few faults that leave no doubt are repaired, each logged with the
figures before and after (``lib.market.quality.repair``).

Codes of repairs: ``DUP_KEY DUP_CONFLICT SWAPPED_RANGE REPAIRED_RANGE``. Quarantined: ``BAD_PRICE`` a price
that is missing, not finite or not positive; ``BAD_RANGE`` open, high, low and close contradict each other;
``BAD_VOLUME`` negative or not finite; ``NOT_TRADING_DAY`` the exchange was closed (kept with a warning on
NSE, which holds sessions that no calendar lists); ``PRICE_SPIKE`` an extreme move that the next bars take
back. Kept and named: ``PRICE_JUMP`` and ``SPLIT_SUSPECT`` (``jumps``); ``STALE_REPEAT`` the same
close many times over; ``ZERO_VOLUME`` a range without a trade; ``STALE_LAST`` the last bar is older than the
as-of session; ``STALE_ANSWER`` an older answer of the source was taken. ``MISSING_SYMBOL`` no bar at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.conventions import EXCHANGE
from lib.market import calendar
from lib.market.quality import repair
from lib.market.quality.details import figures_of, moves_of
from lib.market.quality.issues import gathered, issues
from lib.market.quality.jumps import jumps, spikes
from lib.market.quality.staleness import ends_early, no_volume, repeats

ANSWERED = ("ok", "stale")
QUOTED = ["open", "high", "low", "close"]
UNLISTED_SESSIONS = ("XNSE",)
"""Exchanges on which a bar outside the calendar may be a special session: kept, with a warning."""


class Checked(NamedTuple):
    """Bars that passed (unique by symbol and day, sorted), what was found, and what was repaired."""

    prices: pd.DataFrame
    issues: pd.DataFrame
    repairs: pd.DataFrame


def check_bars(
    bars: pd.DataFrame,
    *,
    as_of: str | pd.Timestamp,
    jump_limit: float,
    stale_repeats: int,
    exchange: str = EXCHANGE,
) -> Checked:
    """Every rule on ``bars`` (raw_prices).

    ``jump_limit`` is a log move a day, ``stale_repeats`` a number of equal closes in a row.
    """
    exchange, day = calendar.known_exchange(exchange), pd.Timestamp(as_of)
    bars, latest, told = repair.one_a_day(bars)
    good, found = _set_aside(bars, exchange)
    good, mended, more = repair.mend_ranges(good, jump_limit=jump_limit)
    good, bad = _without(good, _contradictory(good), "BAD_RANGE", _figures(good, good[QUOTED].notna()))
    spike = spikes(good, jump_limit)
    good, wild = _without(good, spike, "PRICE_SPIKE", _taken_back(good, spike))
    found += [
        bad,
        wild,
        jumps(good, jump_limit),
        repeats(good, stale_repeats),
        no_volume(good),
        ends_early(good, day, exchange),
    ]
    return Checked(good, gathered([told, more, *found]), repair.gathered_repairs([latest, mended]))


def sync_issues(sync_log: pd.DataFrame) -> pd.DataFrame:
    """One issue for each symbol that the provider gave nothing of, or only an older answer."""
    log = sync_log.assign(date=pd.NaT)
    detail = log["detail"].fillna("no reason")
    detail = detail.where(log["status"] == "missing", log["status"] + ": " + detail)
    absent, old = ~log["status"].isin(ANSWERED), log["status"] == "stale"
    return gathered(
        [
            issues(log[absent], "MISSING_SYMBOL", "error", detail[absent], "missing"),
            issues(log[old], "STALE_ANSWER", "warning", detail[old], "kept"),
        ]
    )


def _set_aside(bars: pd.DataFrame, exchange: str) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """The bars that can be right, and issues for the others, each with one reason."""
    closed = ~calendar.trading_days(bars["date"], exchange)
    extra = closed & (exchange in UNLISTED_SESSIONS)
    day = bars["date"].dt.day_name() + ", not in the calendar of " + exchange
    details = {
        "BAD_PRICE": _figures(bars, _wrong_prices(bars)),
        "BAD_VOLUME": "volume " + figures_of(bars["volume"]),
        "NOT_TRADING_DAY": day,
    }
    bad = pd.Series("", index=bars.index, dtype="str")
    for check, wrong in {**_impossible(bars), "NOT_TRADING_DAY": closed & ~extra}.items():
        bad = bad.mask((bad == "") & wrong, check)
    found = [_quarantine(bars[bad == check], check, details[check]) for check in sorted(set(bad) - {""})]
    extra &= bad == ""
    found.append(issues(bars[extra], "NOT_TRADING_DAY", "warning", day[extra], "kept"))
    return bars[bad == ""].reset_index(drop=True), found


def _without(
    bars: pd.DataFrame, wrong: pd.Series, check: str, detail: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The bars without the wrong ones, and issues for these."""
    return bars[~wrong].reset_index(drop=True), _quarantine(bars[wrong], check, detail)


def _impossible(bars: pd.DataFrame) -> dict[str, pd.Series]:
    """For each code the bars that cannot be right, in the order in which a bar gets its one reason."""
    quoted = bars[["open", "high", "low"]]
    priced = _positive(bars["close"]) & _positive(bars["adj_close"])
    priced &= (quoted.isna() | ((quoted > 0) & np.isfinite(quoted))).all(axis=1)
    volume = bars["volume"]
    return {"BAD_PRICE": ~priced, "BAD_VOLUME": volume.notna() & ~((volume >= 0) & np.isfinite(volume))}


def _contradictory(bars: pd.DataFrame) -> pd.Series:
    """High below, or low above, another of the four prices."""
    top, bottom = bars[["open", "low", "close"]].max(axis=1), bars[["open", "high", "close"]].min(axis=1)
    return (bars["high"] < top) | (bars["low"] > bottom)


def _positive(values: pd.Series) -> pd.Series:
    return (values > 0) & np.isfinite(values)


def _figures(bars: pd.DataFrame, shown: Mapping[str, pd.Series] | pd.DataFrame) -> pd.Series:
    """Of each bar the figures that are to be shown, in words: "high 99, low 101"; a null reads "no close"."""
    text = pd.Series("", index=bars.index, dtype="str")
    for name, wanted in shown.items():
        figure = (f", {name} " + figures_of(bars[name])).mask(bars[name].isna(), f", no {name}")
        text = text + figure.where(wanted, "")
    return text.str.removeprefix(", ")


def _wrong_prices(bars: pd.DataFrame) -> dict[str, pd.Series]:
    """Which prices of each bar are wrong; an adjusted close only where the close it is made from is right."""
    wrong = {name: bars[name].notna() & ~_positive(bars[name]) for name in ("open", "high", "low")}
    right = _positive(bars["close"])
    return wrong | {"close": ~right, "adj_close": right & ~_positive(bars["adj_close"])}


def _taken_back(bars: pd.DataFrame, spike: pd.Series) -> pd.Series:
    """Close and move of each spike: "close 490, +900.0% from the bar before, taken back"."""
    before = bars["adj_close"].mask(spike).groupby(bars["symbol"]).ffill()
    moved = moves_of(bars["adj_close"] / before - 1)
    return "close " + figures_of(bars["close"]) + ", " + moved + " from the bar before, taken back"


def _quarantine(bars: pd.DataFrame, check: str, detail: pd.Series) -> pd.DataFrame:
    severity = "warning" if check == "NOT_TRADING_DAY" else "error"
    return issues(bars, check, severity, detail[bars.index], "quarantined")
