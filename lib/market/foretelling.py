"""What the raw tables foretell: would market/prices stop for them, and for which symbols?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from lib.conventions import STALE_AFTER_DAYS
from lib.errors import DataError, InputError
from lib.market.quality import limits
from lib.market.quality.bars import check_bars
from lib.market.quality.coverage import coverage_of

MOST_NAMED = 12
"""Symbols that are named for one reason."""


def coverage(request: dict[str, Any]) -> dict[str, Any]:
    """Refuse raw tables that break the rules of the stage market/prices.

    ``request`` has ``as_of``, ``exchange``, ``stage`` and its ``settings``, ``params_file``, and the raw
    ``tables``. Raises InputError that names the symbols and the mend.
    """
    settings, tables = request["settings"], request["tables"]
    rules = {name: settings[name] for name in ("jump_limit", "stale_repeats")}
    day, exchange = request["as_of"], request["exchange"]
    checked = check_bars(tables["raw_prices"], as_of=day, exchange=exchange, **rules)
    covered = coverage_of(tables["raw_sync_log"], checked.prices, day, exchange)
    try:
        limits.require_any(covered, told=_told(covered, day))
        limits.require_sound(checked.issues, strict=settings["strict"])
    except DataError as fault:
        found = f"{request['stage']} would stop: {fault}"
        raise InputError(found, file=request["params_file"], field="data") from None
    return {}


def _told(covered: pd.DataFrame, day: str) -> str:
    """Which symbols have no price near the day and why, and how far the data reach."""
    if covered.empty:
        return "No symbol was asked for: no portfolio, factor or benchmark names one."
    without = covered[~covered["fresh"]]
    last = covered["last_date"].max()
    reach = "" if pd.isna(last) else f"; the newest price is of {last:%Y-%m-%d}"
    reasons = without["detail"].fillna("no price so late")
    named = "; ".join(
        f"{_names(symbols)}: {reason}" for reason, symbols in without["symbol"].groupby(reasons)
    )
    return (
        f"{len(without)} of {len(covered)} symbols have no price within {STALE_AFTER_DAYS} days of "
        f"{day}{reach} ({named})."
    )


def _names(symbols: pd.Series) -> str:
    more = len(symbols) - MOST_NAMED
    return ", ".join(symbols[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
