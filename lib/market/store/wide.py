"""From long bars to dates x symbols by arithmetic on positions: no pivot, no sort, no hash of a row.

Bars of a file lie in runs of one symbol, so a row's place in the file's block is (number of the run, days
since the block's first day). The blocks are then set into the whole. pandas holds a table of floats as
columns x rows, which is how they are made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from lib.market.store.files import decoded, run_starts


@dataclass(frozen=True)
class Block:
    """Bars of one file: ``numbers`` are symbols x calendar days from ``first``, counted from 1970.

    ``there`` says which of the days have any bar.
    """

    first: int
    symbols: np.ndarray
    numbers: np.ndarray
    there: np.ndarray


def block(bars: pa.Table, column: str) -> Block:
    """Sorted bars as a block."""
    codes, names = decoded(bars["symbol"])
    days = bars["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    if not len(days):
        return Block(0, names[:0], np.empty((0, 0)), np.empty(0, dtype=bool))
    starts = run_starts(codes)
    first, width = int(days.min()), int(days.max() - days.min()) + 1
    there = np.zeros(width, dtype=bool)
    there[days - first] = True
    lengths = np.diff(starts, append=len(codes))
    numbers = np.full((len(starts), width), np.nan)
    of_run = np.repeat(np.arange(len(starts)) * width - first, lengths)
    numbers.ravel()[of_run + days] = bars[column].to_numpy()
    return Block(first, names[codes[starts]], numbers, there)


def assemble(blocks: list[Block]) -> pd.DataFrame:
    """All blocks as one table of dates x symbols."""
    blocks = [one for one in blocks if len(one.symbols)]
    symbols = np.unique(np.concatenate([one.symbols for one in blocks])) if blocks else np.empty(0, object)
    days = _days(blocks)
    numbers = np.full((len(symbols), len(days)), np.nan)
    for one in blocks:
        at, to = np.searchsorted(days, [one.first, one.first + len(one.there)])
        rows = np.searchsorted(symbols, one.symbols)
        together = rows[-1] - rows[0] + 1 == len(rows)
        target = numbers[rows[0] : rows[-1] + 1, at:to] if together else numbers[:, at:to]
        found = one.numbers[:, days[at:to] - one.first]
        target[... if together else rows] = found
    return pd.DataFrame(
        numbers.T,
        index=pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[us]"), name="date"),
        columns=pd.Index(symbols, dtype="str", name="symbol"),
        copy=False,
    )


def _days(blocks: list[Block]) -> np.ndarray:
    """Every day of which any block has a bar, in order."""
    if not blocks:
        return np.empty(0, dtype=np.int64)
    first = min(one.first for one in blocks)
    there = np.zeros(max(one.first + len(one.there) for one in blocks) - first, dtype=bool)
    for one in blocks:
        there[one.first - first :][: len(one.there)] |= one.there
    return np.flatnonzero(there) + first
