"""What each symbol is, by Yahoo's profile: name, kind, sector, country, size; asked for once a month.

All but the market capitalisation holds still enough to be taken as it was told last. The capitalisation
follows the price, and Yahoo tells today's alone, so it is of the session in which it was fetched: a run of an
earlier day has none, and neither has one of a day more than a month later. Only the last one is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from lib.market.sync import Need
from lib.market.yahoo import client, quotes

AGE = pd.Timedelta(days=30)


def due(
    instruments: pd.DataFrame, symbols: Sequence[str], unpriced: Collection[str], need: Need
) -> list[str]:
    """Symbols without a profile younger than a month; none for those that Yahoo has no price for."""
    told = instruments["told_at"].fillna(instruments["fetched_at"])
    young = set(instruments.loc[told > need.now - AGE, "symbol"])
    return [symbol for symbol in symbols if symbol not in young and symbol not in unpriced]


def asks(symbols: Sequence[str]) -> list[client.Ask]:
    """One ask a symbol."""
    return [client.Ask(symbol, "profile") for symbol in symbols]


def found(profiles: pd.DataFrame, need: Need) -> pd.DataFrame:
    """Rows for the store's instruments."""
    return profiles.assign(source=need.source, origin="real", fetched_at=need.now, told_at=need.now)


def dated(instruments: pd.DataFrame, need: Need) -> pd.DataFrame:
    """The rows with ``market_cap_date``; it and ``market_cap`` are null outside the wanted session's month.

    The date is the session under way at ``told_at``, else the last one closed. It is never after the wanted
    session, so that no run sees what was known only later, nor more than a month before it.
    """
    moments = instruments["told_at"].where(instruments["market_cap"].notna())
    sessions = {moment: quotes.session_of(moment, need.exchange) for moment in moments.dropna().unique()}
    session = moments.map(sessions).astype("datetime64[us]")
    fits = (session <= need.target) & (session >= need.target - AGE)
    return instruments.assign(
        market_cap=instruments["market_cap"].where(fits), market_cap_date=session.where(fits)
    )
