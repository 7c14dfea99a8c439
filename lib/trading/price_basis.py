"""Prices of different days on one basis: what splits did between them.

``C`` is the product of a symbol's split ratios up to and including a session. A raw price of session t is
worth ``C_t / C_u`` of itself on the basis of session u; one that the source adjusted to its last session
``C_end / C_u``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

FIELDS = ("open", "high", "low", "close")


@dataclass(frozen=True)
class Sessions:
    """Bars of all symbols below one another, by symbol and date, with the product of splits at each.

    ``first`` and ``last`` (exclusive) are a symbol's rows by its code in ``symbols``. ``growth`` is C of each
    row, ``stated`` that of the session on whose basis the row's prices are.
    """

    rows: pd.DataFrame
    symbols: pd.Index
    first: np.ndarray
    last: np.ndarray
    growth: np.ndarray
    stated: np.ndarray

    def codes(self, symbols: pd.Series) -> np.ndarray:
        """The code of each symbol, -1 for one without bars."""
        return self.symbols.get_indexer(pd.Index(symbols))

    def at(self, codes: np.ndarray, dates: pd.Series, *, after: bool = False) -> np.ndarray:
        """The row of each symbol's first session on or after its date (with ``after``: after it)."""
        days = self.rows["date"].to_numpy()
        place = np.empty(len(codes), dtype=np.int64)
        wanted = pd.to_datetime(dates).to_numpy().astype(days.dtype)
        for code in np.unique(codes):
            own = codes == code
            cut = slice(self.first[code], self.last[code]) if code >= 0 else slice(0, 0)
            side: Literal["left", "right"] = "right" if after else "left"
            place[own] = cut.start + np.searchsorted(days[cut], wanted[own], side=side)
        return place

    def growth_at(self, codes: np.ndarray, dates: pd.Series) -> np.ndarray:
        """C of each symbol at the close of its date; 1 before its first session and without bars."""
        place = self.at(codes, dates, after=True) - 1
        known = (codes >= 0) & (place >= np.append(self.first, 0)[codes])
        return np.append(self.growth, 1.0)[np.where(known, place, -1)]

    def final_growth(self, codes: np.ndarray) -> np.ndarray:
        """C of each symbol at its last session; 1 without bars."""
        return np.append(self.growth, 1.0)[np.append(self.last - 1, -1)[codes]]


def sessions_of(prices: pd.DataFrame) -> Sessions:
    """Rows of ``prices`` by symbol and date; those without a close are left out."""
    rows = prices.loc[prices["close"].notna()].sort_values(["symbol", "date"], ignore_index=True)
    codes, symbols = pd.factorize(rows["symbol"], sort=True)
    first = np.searchsorted(codes, np.arange(len(symbols)), side="left")
    last = np.searchsorted(codes, np.arange(len(symbols)), side="right")
    split = rows["split"].fillna(1.0)
    growth = split.groupby(codes).cumprod().to_numpy(dtype=float)
    whole = growth[last - 1][codes] if len(rows) else growth
    stated = np.where(rows["price_basis"].eq("adjusted"), whole, growth)
    return Sessions(rows, pd.Index(symbols), first, last, growth, stated)
