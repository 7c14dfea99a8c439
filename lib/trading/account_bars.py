"""Bars of an account's symbols from the checked prices, as printed, with splits and dividends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lib.trading.bars import FIELDS, Bars, bars_of_table

RAW = "raw"


def bars_of_prices(prices: pd.DataFrame, symbols: Sequence[str]) -> Bars:
    """Bars of ``symbols`` in their order; one without prices is a column without bars.

    Where any price is raw the bars are as printed, with splits and dividends; an adjusted series among them
    has none. Where all are adjusted there is nothing to act on. Sessions are days that any symbol has.
    """
    own = prices.loc[prices["symbol"].isin(list(symbols))]
    found = bars_of_table(own)
    raw = own["price_basis"] == RAW
    if raw.any():
        split, dividend = (_actions(own.loc[raw], found, *one) for one in (("split", 1.0), ("dividend", 0.0)))
        found = replace(found, split=split, dividend=dividend)
    return _in_order(found, symbols)


def _actions(rows: pd.DataFrame, bars: Bars, name: str, none: float) -> np.ndarray:
    values = np.full(bars.close.shape, none)
    at = (
        np.searchsorted(bars.sessions, rows["date"]),
        np.searchsorted(np.asarray(bars.symbols, dtype=object), np.asarray(rows["symbol"], dtype=object)),
    )
    given = rows[name].to_numpy(dtype=float)
    values[at] = np.where(np.isfinite(given), given, none)
    return values


def _in_order(bars: Bars, symbols: Sequence[str]) -> Bars:
    """The bars with a column for every symbol, empty where there is none."""
    known = {symbol: place for place, symbol in enumerate(bars.symbols)}
    missing = [symbol for symbol in symbols if symbol not in known]
    if missing:
        empty = np.full((len(bars.sessions), len(missing)), np.nan)
        wide = {name: np.hstack([getattr(bars, name), empty]) for name in FIELDS}
        for name, none in (("split", 1.0), ("dividend", 0.0)):
            if (given := getattr(bars, name)) is not None:
                wide[name] = np.hstack([given, np.full(empty.shape, none)])
        bars = replace(bars, symbols=pd.Index([*bars.symbols, *missing]), **wide)
        known |= {symbol: len(known) + place for place, symbol in enumerate(missing)}
    return bars.columns(np.array([known[one] for one in symbols]), symbols)
