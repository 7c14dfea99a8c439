"""Bars of many symbols as arrays, sessions x symbols, and what a symbol lacks for a rule.

Either all fields are in one basis, adjusted alike, so that a split is no jump; or they are as printed on
their day and ``split`` and ``dividend`` say what happened at each open. Then ``chained`` puts them on the
basis of the first session, which no later split changes. A session on which a symbol did not trade is NaN in
every field. A source that knows closes only leaves the other fields NaN: fills are then made
at the close of their session, and stops are seen at closes only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

FIELDS = ("open", "high", "low", "close", "volume")
ACTIONS = ("split", "dividend")


@dataclass(frozen=True)
class Bars:
    """Sessions (T), symbols (N) and arrays (T, N): prices in one currency, volume in shares.

    ``split`` is the ratio with which a share becomes several at the open (1 for none), ``dividend`` money for
    a share held before it; both are None where prices are in one basis.
    """

    sessions: pd.DatetimeIndex
    symbols: pd.Index
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray
    split: np.ndarray | None = None
    dividend: np.ndarray | None = None

    def __post_init__(self) -> None:
        shape = (len(self.sessions), len(self.symbols))
        for name in FIELDS:
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} is {getattr(self, name).shape}; sessions x symbols is {shape}")

    @property
    def has_bar(self) -> np.ndarray:
        """Where a symbol has a bar: its close is known; (T, N)."""
        return np.isfinite(self.close)

    @property
    def fill(self) -> np.ndarray:
        """What an order for the open is filled at: the open, or the close where only that is known."""
        return np.where(self.has_bar, np.where(np.isfinite(self.open), self.open, self.close), np.nan)

    @property
    def chain(self) -> np.ndarray | None:
        """Shares of each session that one of the first session has become; (T, N), None without splits."""
        return None if self.split is None else np.cumprod(self.split, axis=0)

    @property
    def chained(self) -> Bars:
        """The bars on the basis of the first session: prices times, volume over the splits so far."""
        chain = self.chain
        if chain is None:
            return self
        prices = {name: getattr(self, name) * chain for name in FIELDS[:-1]}
        return replace(self, **prices, volume=self.volume / chain, split=None, dividend=None)

    def rows(self, first: int, last: int) -> Bars:
        """The bars of the sessions from ``first`` up to but without ``last``, as positions."""
        cut = slice(first, last)
        actions = {name: getattr(self, name) for name in ACTIONS}
        arrays = {name: getattr(self, name)[cut] for name in FIELDS}
        arrays |= {name: one[cut] for name, one in actions.items() if one is not None}
        return replace(self, sessions=self.sessions[cut], **arrays)

    def columns(self, chosen: np.ndarray, names: Iterable[str]) -> Bars:
        """The bars of the columns ``chosen``, as positions, under new names; one may stand several times."""
        arrays = {name: getattr(self, name) for name in (*FIELDS, *ACTIONS)}
        taken = {name: one[:, chosen] for name, one in arrays.items() if one is not None}
        return replace(self, symbols=pd.Index(list(names)), **taken)

    def lacking(self, needs: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """By symbol, the fields among ``needs`` that no bar of it has; only symbols that lack one."""
        known = {name: np.isfinite(getattr(self, name)).any(axis=0) for name in needs}
        missed = {
            symbol: tuple(name for name in known if not known[name][column])
            for column, symbol in enumerate(self.symbols)
        }
        return {symbol: names for symbol, names in missed.items() if names}


def bars_of_closes(closes: pd.DataFrame) -> Bars:
    """Bars that know closes only, from a frame of sessions x symbols."""
    values = closes.to_numpy(dtype=float)
    empty = np.full(values.shape, np.nan)
    return Bars(
        pd.DatetimeIndex(closes.index), pd.Index(closes.columns), empty, empty, empty, values, empty.copy()
    )


def bars_of_table(rows: pd.DataFrame) -> Bars:
    """Bars from a long table with ``date symbol close`` and any of the other fields.

    Sessions are the dates that any symbol has. Raises ValueError when a symbol has a date twice.
    """
    sessions, symbols = np.sort(rows["date"].unique()), np.sort(rows["symbol"].unique())
    at = (np.searchsorted(sessions, rows["date"]), np.searchsorted(symbols, rows["symbol"]))
    flat = at[0] * len(symbols) + at[1]
    if len(np.unique(flat)) < len(flat):
        raise ValueError("a symbol has two bars of one date; keep one")
    arrays = {name: np.full((len(sessions), len(symbols)), np.nan) for name in FIELDS}
    for name in arrays:
        if name in rows:
            arrays[name][at] = rows[name].to_numpy(dtype=float)
    return Bars(pd.DatetimeIndex(sessions), pd.Index(symbols), **arrays)


def changed(bars: Bars, **arrays: np.ndarray) -> Bars:
    """The bars with other arrays under the names of fields. Raises TypeError for an unknown field."""
    unknown = set(arrays) - {one.name for one in fields(Bars)}
    if unknown:
        raise TypeError(f"bars have no {', '.join(sorted(unknown))}")
    return replace(bars, **arrays)
