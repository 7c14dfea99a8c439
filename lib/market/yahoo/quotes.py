"""Option quotes as bars: what the chain shows after the close of the session that a run wants.

Yahoo keeps no past chains, so a contract's history begins on the day of its first sync. The close is the
middle of bid and ask; without both it is the last trade, if that was on the session itself. While the
exchange is open the chain belongs to a session that has not ended, so then only last trades of the session
before are taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib.market import calendar, occ
from lib.market.sync import SETTLED, Need
from lib.market.yahoo import client

MIDDLE, TRADE = "yahoo middle of bid and ask", "yahoo last trade"
LONGEST_SESSION = pd.Timedelta(hours=6.5)
NO_PRICE = "no bid and ask, and no trade on the session"


def quotable(options: Sequence[occ.Option], need: Need) -> list[occ.Option]:
    """The options that Yahoo can still quote for the wanted session: alive, and the session is the last."""
    alive = [one for one in options if pd.Timestamp(one.expiry) >= need.target]
    return alive if need.target == need.closed else []


def due(series: pd.DataFrame, options: Sequence[occ.Option], need: Need) -> list[occ.Option]:
    """The quotable options that were not answered for the wanted session yet."""
    done = set(series.loc[series["asked_through"] >= need.target, "symbol"])
    return [one for one in quotable(options, need) if one.symbol not in done]


def under_way(need: Need) -> bool:
    """Whether the session after the last closed one may have begun: its close is less than a session away."""
    return session_of(need.now, need.exchange) > need.closed


def session_of(moment: pd.Timestamp, exchange: str) -> pd.Timestamp:
    """The session whose prices Yahoo shows at a moment (UTC): one that may be under way, else the last."""
    closed = calendar.last_closed_session(moment, exchange)
    following = calendar.next_trading_day(closed, exchange)
    begun = moment >= calendar.closes(following, following, exchange).iloc[0] - LONGEST_SESSION
    return following if begun else closed


def asks(options: Sequence[occ.Option]) -> list[client.Ask]:
    """One ask for each underlying and expiry among the options."""
    chains = sorted({(one.underlying, one.expiry) for one in options})
    return [client.Ask(underlying, "chain", expiry=expiry) for underlying, expiry in chains]


def found(
    options: Sequence[occ.Option], quotes: pd.DataFrame, outcomes: pd.DataFrame, need: Need
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bars of the asked options for the wanted session, and what the store is to know of each.

    ``quotes`` and ``outcomes`` are those of the client, chains only.
    """
    held = pd.DataFrame(
        [(one.symbol, one.underlying, pd.Timestamp(one.expiry)) for one in options],
        columns=["contract", "underlying", "expiry"],
    ).astype({"expiry": "datetime64[us]"})
    parts = ["contract", "bid", "ask", "last", "last_trade_date", "volume"]
    table = held.merge(quotes[parts].drop_duplicates("contract"), on="contract", how="left")
    priced = _priced(table, need)
    asked = outcomes.rename(columns={"symbol": "underlying"})[["underlying", "expiry", "status", "detail"]]
    table = priced.merge(asked.astype({"expiry": "datetime64[us]"}), on=["underlying", "expiry"], how="left")
    bars = _bars(table[table["close"].notna()], need)
    return bars, _series(table, need)


def _priced(table: pd.DataFrame, need: Need) -> pd.DataFrame:
    two_sided = (table["bid"] > 0) & (table["ask"] >= table["bid"]) & (not under_way(need))
    traded = (table["last"] > 0) & (table["last_trade_date"] == need.target)
    close = table["last"].where(traded).mask(two_sided, (table["bid"] + table["ask"]) / 2)
    source = pd.Series(TRADE, index=table.index, dtype="str").mask(two_sided, MIDDLE)
    return table.assign(close=close, source=source)


def _bars(table: pd.DataFrame, need: Need) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "symbol": table["contract"],
            "date": need.target,
            "open": float("nan"),
            "high": float("nan"),
            "low": float("nan"),
            "close": table["close"],
            "volume": table["volume"].astype("float64"),
            "dividend": 0.0,
            "split": 1.0,
            "source": table["source"],
            "origin": "real",
            "fetched_at": need.now,
        }
    ).reset_index(drop=True)


def _series(table: pd.DataFrame, need: Need) -> pd.DataFrame:
    came, asked = table["close"].notna(), table["status"].fillna("limited")
    unpriced = came.map({True: "ok", False: "empty"}).where(asked == "ok", asked)
    detail = table["detail"].where(asked != "ok", came.map({True: "", False: NO_PRICE}))
    answered = asked.isin(["ok", *SETTLED])
    return pd.DataFrame(
        {
            "symbol": table["contract"],
            "source": need.source,
            "status": unpriced,
            "detail": detail,
            "asked_from": need.start,
            "asked_through": pd.Series(need.target, index=table.index).where(answered),
            "checked_at": need.now,
        }
    )
