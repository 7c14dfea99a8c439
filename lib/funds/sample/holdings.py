"""Lists of what the model funds held, as disclosed some weeks after the day that they are of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.funds.sample.assets import BILL, BONDS, NAMES, TOTAL_RETURN, instruments
from lib.funds.sample.rules import Scheme

LAG = {"monthly": pd.Timedelta(days=10), "quarterly": pd.Timedelta(days=38)}
MONTHS = {"monthly": 1, "quarterly": 3}
SMALLEST = 5e-7
"""Weights are disclosed to a millionth; what is less is not in the list."""


def month_ends(days: pd.DatetimeIndex) -> np.ndarray:
    """Positions of the last session of each whole month."""
    place = pd.Series(np.arange(len(days)), index=days)
    return place.resample("ME").last().to_numpy()[:-1]


def holdings(schemes: dict[str, Scheme], prices: pd.DataFrame, weights: np.ndarray) -> pd.DataFrame:
    """Holdings of the direct growth plan, which stands for its scheme.

    ``weights`` are schemes x month ends x assets.
    """
    dates = prices.index[month_ends(prices.index)]
    listed, parts = list(schemes.values()), []
    for often, months in MONTHS.items():
        own = [place for place, one in enumerate(listed) if one.discloses == often]
        due = dates.month.to_numpy() % months == 0
        part = _long([listed[place] for place in own], dates[due], weights[own][:, due], prices)
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["fund_id", "holding_date", "symbol"], ignore_index=True)


def _long(
    listed: list[Scheme], dates: pd.DatetimeIndex, weights: np.ndarray, prices: pd.DataFrame
) -> pd.DataFrame:
    start = np.array([one.start for one in listed], dtype="datetime64[us]")
    end = np.array([one.end.day if one.end else dates[-1] for one in listed], dtype="datetime64[us]")
    on = dates.to_numpy()
    alive = (on >= start[:, None]) & (on <= end[:, None])
    scheme, day, asset = np.nonzero((weights >= SMALLEST) & alive[:, :, None])
    ids = np.array([f"{one.id}-direct-growth" for one in listed])
    lag = np.array([LAG[one.discloses] for one in listed], dtype="timedelta64[us]")
    symbol = prices.columns.to_numpy()[asset]
    described = describe(list(prices.columns)).loc[symbol].reset_index(names="symbol")
    return described.assign(
        fund_id=ids[scheme],
        holding_date=on[day],
        known_at=on[day] + lag[scheme],
        weight=weights[scheme, day, asset].round(6),
        source="sample",
    )


def describe(assets: list[str]) -> pd.DataFrame:
    """Name, kind, sector, size and origin of each asset."""
    known = instruments().reindex(assets)
    debt, basket = np.isin(assets, BONDS), np.isin(assets, [TOTAL_RETURN])
    kind = np.select([np.isin(assets, [BILL]), debt], ["cash", "debt"], "equity")
    return pd.DataFrame(
        {
            "name": known["name"].astype("str").fillna(pd.Series(NAMES)),
            "kind": kind,
            "sector": known["sector"].where(known["kind"] == "stock"),
            "cap": pd.Series("large", index=known.index).where(~debt),
            "origin": np.select([debt, basket], ["generated", "constructed"], "real"),
        },
        index=pd.Index(assets),
    )
