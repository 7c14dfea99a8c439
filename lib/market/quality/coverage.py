"""Which of the asked symbols have a price near the as-of date, and what came of the others."""

from __future__ import annotations

import pandas as pd

from lib.conventions import EXCHANGE, STALE_AFTER_DAYS
from lib.market.quality.staleness import due


def coverage_of(
    sync_log: pd.DataFrame, good: pd.DataFrame, as_of: str | pd.Timestamp, exchange: str = EXCHANGE
) -> pd.DataFrame:
    """One row an asked symbol: status, bars, first and last day, origin, freshness, the provider's remark.

    ``fresh`` means a bar within ``STALE_AFTER_DAYS`` calendar days of as-of, or up to its expiry for an
    option that has expired.
    """
    table = good.groupby("symbol").agg(
        bars=("date", "size"),
        first_date=("date", "min"),
        last_date=("date", "max"),
        origin=("origin", "last"),
    )
    table = sync_log[["symbol", "status", "detail"]].merge(table, on="symbol", how="left")
    table["bars"] = table["bars"].fillna(0).astype("int64")
    age = (due(table["symbol"], pd.Timestamp(as_of), exchange) - table["last_date"]).dt.days
    return table.assign(fresh=(age <= STALE_AFTER_DAYS))


def covered_share(coverage: pd.DataFrame) -> float:
    """Share of the asked symbols that have a fresh price; null when none was asked for."""
    return float(coverage["fresh"].mean())


def older_answers(coverage: pd.DataFrame) -> pd.DataFrame:
    """Symbols whose older answer was taken because that was asked for."""
    return coverage[(coverage["status"] == "stale") & (coverage["bars"] > 0)]
