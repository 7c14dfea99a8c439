"""What each symbol is, by Yahoo's profile: name, kind, sector, industry, currency; asked for once a month."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from lib.market.sync import Need
from lib.market.yahoo import client

AGE = pd.Timedelta(days=30)


def due(
    instruments: pd.DataFrame, symbols: Sequence[str], unpriced: Collection[str], need: Need
) -> list[str]:
    """Symbols without a profile younger than a month; none for those that Yahoo has no price for."""
    young = set(instruments.loc[instruments["fetched_at"] > need.now - AGE, "symbol"])
    return [symbol for symbol in symbols if symbol not in young and symbol not in unpriced]


def asks(symbols: Sequence[str]) -> list[client.Ask]:
    """One ask a symbol."""
    return [client.Ask(symbol, "profile") for symbol in symbols]


def found(profiles: pd.DataFrame, need: Need) -> pd.DataFrame:
    """Rows for the store's instruments."""
    return profiles.assign(source=need.source, origin="real", fetched_at=need.now)
