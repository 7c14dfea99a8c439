"""Closes adjusted for dividends and splits, computed from the actions known on the day.

On an ex-date with dividend d (a share held before that day's split) and split ratio s, holding a share from
the close before is worth P s + d. Every earlier close is multiplied by P / (P s + d), so that the return of
adjusted closes is exactly the return (P s + d) / P_before - 1 that a holder earned. Data vendors often take
1 - d / P_before instead, which differs in the second order.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def adjust(bars: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """The bars (``symbol date close``) with ``adj_close``, ``dividend`` and ``split``, same index and order.

    ``actions`` has ``date symbol dividend split``, nulls meaning none; the caller leaves out what lies after
    the as-of date. An ex-date without a sound bar counts on the next sound bar; one before the first bar or
    after the last counts for nothing. Bars may repeat and may be faulty: a faulty close has a null adj_close.
    """
    sound = bars[np.isfinite(bars["close"]) & (bars["close"] > 0)]
    days = sound.drop_duplicates(["symbol", "date"]).sort_values(["symbol", "date"])[
        ["symbol", "date", "close"]
    ]
    days = days.merge(_on_bars(days, actions), on=["symbol", "date"], how="left")
    days["dividend"] = days["dividend"].fillna(0.0)
    days["split"] = days["split"].fillna(1.0)
    kept = days["close"] / (days["close"] * days["split"] + days["dividend"])
    later = kept[::-1].groupby(days["symbol"][::-1]).cumprod()[::-1]
    days["factor"] = later.groupby(days["symbol"]).shift(-1).fillna(1.0)
    known = bars[["symbol", "date"]].merge(days.drop(columns="close"), on=["symbol", "date"], how="left")
    known.index = bars.index
    return bars.assign(
        adj_close=(bars["close"] * known["factor"]).where(bars.index.isin(sound.index)),
        dividend=known["dividend"],
        split=known["split"],
    )


def _on_bars(days: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Actions moved to the first bar on or after their ex-date; several on one bar are put together."""
    first = days.groupby("symbol")["date"].min().reindex(actions["symbol"]).to_numpy()
    asked = actions[actions["date"].to_numpy() >= first].sort_values("date")
    bars = days[["symbol", "date"]].rename(columns={"date": "bar"}).sort_values("bar")
    placed = pd.merge_asof(
        asked, bars, left_on="date", right_on="bar", by="symbol", direction="forward"
    ).dropna(subset="bar")
    placed = placed.assign(
        dividend=placed["dividend"].fillna(0.0), split=placed["split"].fillna(1.0), date=placed["bar"]
    )
    return placed.groupby(["symbol", "date"], as_index=False).agg(
        dividend=("dividend", "sum"), split=("split", "prod")
    )
