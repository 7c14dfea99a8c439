"""What does not move or does not come: repeated closes, days without volume, series that end too early."""

from __future__ import annotations

import pandas as pd

from lib.conventions import EXCHANGE, STALE_AFTER_DAYS
from lib.market import calendar, occ
from lib.market.quality.details import days_of, figures_of
from lib.market.quality.issues import issues


def due(symbols: pd.Series, as_of: pd.Timestamp, exchange: str = EXCHANGE) -> pd.Series:
    """The day of which a bar is due: the last session, or the expiry of an option that is earlier."""
    session = calendar.last_session(as_of, exchange)
    expiry = occ.parse_all(symbols)["expiry"]
    return expiry.where(expiry < session, session).astype("datetime64[us]")


def repeats(bars: pd.DataFrame, least: int) -> pd.DataFrame:
    """One issue a run of at least so many equal closes, dated on its last day."""
    same = bars["symbol"].eq(bars["symbol"].shift()) & bars["close"].eq(bars["close"].shift())
    run = (~same).cumsum()
    runs = bars.groupby(run).agg(
        symbol=("symbol", "first"), first=("date", "min"), date=("date", "max"), closes=("close", "size")
    )
    runs = runs[runs["closes"] >= least]
    detail = runs["closes"].astype("str") + " equal closes since " + days_of(runs["first"])
    return issues(runs, "STALE_REPEAT", "warning", detail, "kept")


def no_volume(bars: pd.DataFrame) -> pd.DataFrame:
    """Bars with a range and no volume, in series that have a volume on other days."""
    traded = bars["volume"].groupby(bars["symbol"]).transform("max") > 0
    empty = bars[traded & (bars["volume"] == 0) & (bars["high"] > bars["low"])]
    detail = "volume 0, high " + figures_of(empty["high"]) + ", low " + figures_of(empty["low"])
    return issues(empty, "ZERO_VOLUME", "warning", detail, "kept")


def ends_early(bars: pd.DataFrame, as_of: pd.Timestamp, exchange: str = EXCHANGE) -> pd.DataFrame:
    """Symbols whose last bar is before the session that as-of asks for, or before the option's last day."""
    last = bars.groupby("symbol", as_index=False)["date"].max()
    wanted = due(last["symbol"], as_of, exchange)
    last = last[last["date"] < wanted]
    age = (wanted[last.index] - last["date"]).dt.days
    severity = age.gt(STALE_AFTER_DAYS).map({True: "error", False: "warning"})
    detail = "last bar " + age.astype("str") + " days before " + days_of(wanted[last.index])
    return issues(last, "STALE_LAST", severity, detail, "kept")
