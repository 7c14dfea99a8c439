"""Which of the asked symbols have a price near the as-of date, and why the others have not."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.conventions import EXCHANGE, STALE_AFTER_DAYS
from lib.market.quality.staleness import due

MOST_NAMED = 10
REASONS = {
    "ok": "no bar passed the checks",
    "stale": "no bar passed the checks",
    "missing": "not in the data",
    "empty": "the source has no bars",
    "unknown": "not known to the source",
    "limited": "refused for now",
    "transport": "the source did not answer",
    "invalid": "the answer was not valid",
}
"""Why a symbol without bars has none, by its status."""
STATES = {"ok": "whole", "stale": "older answer"} | {
    state: words for state, words in REASONS.items() if state not in ("ok", "stale")
}


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


def coverage_table(coverage: pd.DataFrame) -> pd.DataFrame:
    """Coverage for the eye: status and ``fresh`` in words, the poorest first."""
    order = coverage.assign(whole=coverage["status"] == "ok")
    order = order.sort_values(["fresh", "whole", "bars", "symbol"], ignore_index=True)
    return order.assign(
        fresh=order["fresh"].map({True: "yes", False: "NO"}).astype("str"),
        status=order["status"].map(STATES).astype("str"),
        detail=order["detail"].fillna(""),
    ).drop(columns="whole")


def coverage_reading(coverage: pd.DataFrame, as_of: str) -> str:
    """How many symbols have a price near the as-of date, which have not and why, which are older answers."""
    if coverage.empty:
        return "No symbol was asked for: no portfolio, factor or benchmark names one."
    without = coverage[~coverage["fresh"]]
    fresh = len(coverage) - len(without)
    head = f"{fresh} of {wording.plural(len(coverage), 'symbol')} have a price within {STALE_AFTER_DAYS} days"
    parts = [f"{head} of {wording.date(as_of)}"]
    if len(without):
        parts.append(f"without one: {named_with_reasons(without)}")
    old = older_answers(coverage)
    if len(old):
        parts.append(f"older answers were taken, as asked, for {_grouped(old, _last_price(old))}")
    return "; ".join(parts) + "."


def named_with_reasons(rows: pd.DataFrame) -> str:
    """Symbols in groups of one reason: "AAA and BBB (not in the data), CCC (last price 5 Dec 2022)"."""
    why = rows["status"].map(REASONS).where(rows["bars"] == 0, _last_price(rows))
    return _grouped(rows, why)


def _last_price(rows: pd.DataFrame) -> pd.Series:
    return "last price " + rows["last_date"].map(wording.date).astype("str")


def _grouped(rows: pd.DataFrame, why: pd.Series) -> str:
    names = rows["symbol"].groupby(why, sort=False).agg(_some)
    return ", ".join(names + " (" + names.index + ")")


def _some(symbols: pd.Series) -> str:
    """At most ``MOST_NAMED`` names and the number of the others."""
    names, more = symbols.head(MOST_NAMED).tolist(), len(symbols) - MOST_NAMED
    return wording.joined(names if more <= 0 else [*names, wording.plural(more, "other")])
