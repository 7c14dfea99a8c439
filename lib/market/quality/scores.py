"""How good the data of each symbol and source are: counts, and a score from 0 to 100 made of three parts.

- Completeness, up to 50 points: the share of owed sessions that have a bar. All points at 100 %, none at
  ``MISSING_LIMIT`` missing or more, in a straight line between. Of options no session is owed; they get all.
- Soundness, up to 30 points: the share of bars received that were neither quarantined nor repaired, a
  repaired one counting half. None at ``FAULTY_LIMIT`` faulty or more.
- Freshness, up to 20 points: none when the last bar is ``STALE_AFTER_DAYS`` calendar days or more older than
  the session that is due.

Without a bar the score is 0. Jumps and repeated closes do not count: they may be true.
"""

from __future__ import annotations

import pandas as pd

from lib.conventions import EXCHANGE, STALE_AFTER_DAYS
from lib.market.quality.gaps import on_sessions
from lib.market.quality.jumps import options
from lib.market.quality.staleness import due

POINTS = {"completeness": 50.0, "soundness": 30.0, "freshness": 20.0}
MISSING_LIMIT, FAULTY_LIMIT = 0.10, 0.05
KEY = ["symbol", "source"]


def data_quality(
    received: pd.DataFrame,
    prices: pd.DataFrame,
    issues: pd.DataFrame,
    repairs: pd.DataFrame,
    sync_log: pd.DataFrame,
    *,
    as_of: str,
    exchange: str = EXCHANGE,
) -> pd.DataFrame:
    """The table ``data_quality``: one row a symbol and source, and one a symbol of which nothing came.

    ``received`` is raw_prices.
    """
    table = _counts(received, prices, issues, repairs, sync_log, exchange)
    late = (due(table["symbol"], pd.Timestamp(as_of), exchange) - table["last_date"]).dt.days.clip(lower=0)
    table = table.assign(stale_days=late.astype("float64"), fresh=(late <= STALE_AFTER_DAYS))
    parts = _parts(table)
    score = sum(parts[name] * points for name, points in POINTS.items())
    table = table.assign(**parts, score=score.where(table["bars"] > 0, 0.0))
    return table.drop(columns="received").sort_values(["symbol", "source"], ignore_index=True)


def _counts(
    received: pd.DataFrame,
    prices: pd.DataFrame,
    issues: pd.DataFrame,
    repairs: pd.DataFrame,
    sync_log: pd.DataFrame,
    exchange: str,
) -> pd.DataFrame:
    """Bars, sessions, faults and last day by symbol and source; sessions are null where none is owed."""
    days = received.drop_duplicates(["symbol", "date"], keep="last")[["symbol", "date", "source"]]
    aside = issues.loc[issues["action"] == "quarantined", ["symbol", "date"]].drop_duplicates()
    placed = on_sessions(prices, exchange)
    parts = {
        "received": received.groupby(KEY).size(),
        "bars": prices.groupby(KEY).size(),
        "on_sessions": placed.groupby(KEY).size(),
        "missing_sessions": placed.groupby(KEY)["missing"].sum(),
        "quarantined": aside.merge(days, on=["symbol", "date"]).groupby(KEY).size(),
        "repaired": repairs.drop_duplicates([*KEY, "date"]).groupby(KEY).size(),
    }
    counts = pd.DataFrame(parts).fillna(0.0).rename_axis(KEY)
    table = counts.join(prices.groupby(KEY)["date"].max().rename("last_date")).reset_index()
    absent = sync_log.loc[~sync_log["symbol"].isin(table["symbol"]), ["symbol"]]
    table = pd.concat([table, absent], ignore_index=True) if len(absent) else table
    table = table.assign(**table[list(parts)].fillna(0.0))
    owed = ~table["symbol"].isin(options(table["symbol"]))
    table["expected_sessions"] = (table.pop("on_sessions") + table["missing_sessions"]).where(owed)
    table["missing_sessions"] = table["missing_sessions"].where(owed)
    return table.astype(dict.fromkeys(["bars", "quarantined", "repaired"], "int64"))


def _parts(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Completeness, soundness and freshness of each row, between 0 and 1; null without a bar."""
    missing = (table["missing_sessions"] / table["expected_sessions"]).fillna(0.0)
    faulty = (table["quarantined"] + 0.5 * table["repaired"]) / table["received"]
    parts = {
        "completeness": 1.0 - missing / MISSING_LIMIT,
        "soundness": 1.0 - faulty / FAULTY_LIMIT,
        "freshness": 1.0 - table["stale_days"] / STALE_AFTER_DAYS,
    }
    return {name: part.clip(0.0, 1.0).where(table["bars"] > 0) for name, part in parts.items()}
