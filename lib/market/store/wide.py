"""From long bars to dates x symbols by arithmetic on positions: no pivot, no sort, no hash of a row.

The runs of a file say where each of its numbers belongs, so that symbols and days are not read at all. pandas
holds a table of floats as columns x rows, which is how the numbers are set.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.market.store.day_runs import DayRuns


@dataclass(frozen=True)
class Block:
    """Numbers of one file as symbols x days (from 1970), NaN where there is no bar; every day has one."""

    symbols: np.ndarray
    days: np.ndarray
    numbers: np.ndarray


def block(numbers: np.ndarray, runs: DayRuns, symbols: Set[str] | None, span: tuple[int, int]) -> Block:
    """The numbers of the runs as a block, of these symbols (None: all) and days (the last included)."""
    first, end = np.searchsorted(runs.days, [span[0], span[1] + 1])
    low, high = np.maximum(runs.at, first), np.minimum(runs.at + runs.rows, end)
    kept = high > low
    if symbols is not None:
        kept &= np.array([name in symbols for name in runs.symbols.tolist()], dtype=bool)[runs.of]
    begin = (np.cumsum(runs.rows) - runs.rows + low - runs.at)[kept]
    low, lengths = low[kept], (high - low)[kept]
    if not len(low):
        return Block(runs.symbols[:0], runs.days[:0], np.empty((0, 0)))
    first, end = low.min(), (low + lengths).max()
    used, row = np.unique(runs.of[kept], return_inverse=True)
    shape = (len(used), end - first)
    to = row * shape[1] + low - first
    found = _placed(numbers, begin, to, lengths, shape)
    there = _covered(low - first, lengths, shape[1])
    days = runs.days[first:end]
    return Block(runs.symbols[used], *((days, found) if there.all() else (days[there], found[:, there])))


def _placed(
    numbers: np.ndarray, begin: np.ndarray, to: np.ndarray, lengths: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Runs of numbers, each from ``begin``, in a table of that shape, each at ``to``."""
    total = int(lengths.sum())
    if total == len(numbers) == shape[0] * shape[1]:
        return numbers.reshape(shape)
    before = np.cumsum(lengths) - lengths
    each = np.arange(total)
    found = np.full(shape, np.nan)
    found.ravel()[np.repeat(to - before, lengths) + each] = numbers[np.repeat(begin - before, lengths) + each]
    return found


def _covered(low: np.ndarray, lengths: np.ndarray, width: int) -> np.ndarray:
    """Which of the places any run covers."""
    change = np.bincount(low, minlength=width + 1) - np.bincount(low + lengths, minlength=width + 1)
    return np.cumsum(change)[:width] > 0


def assemble(blocks: list[Block]) -> pd.DataFrame:
    """All blocks, which have no cell in common, as one table of dates x symbols."""
    blocks = [one for one in blocks if len(one.symbols)]
    symbols = sorted(set().union(*(one.symbols.tolist() for one in blocks)))
    days = np.unique(np.concatenate([one.days for one in blocks])) if blocks else np.empty(0, dtype=np.int64)
    place = {name: number for number, name in enumerate(symbols)}
    full = sum(one.numbers.size for one in blocks) == len(symbols) * len(days)
    numbers = np.empty((len(symbols), len(days))) if full else np.full((len(symbols), len(days)), np.nan)
    for one in blocks:
        rows = np.array([place[name] for name in one.symbols.tolist()])
        _set(numbers, rows, np.searchsorted(days, one.days), one.numbers)
    return pd.DataFrame(
        numbers.T,
        index=pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[us]"), name="date"),
        columns=pd.Index(symbols, dtype="str", name="symbol"),
        copy=False,
    )


def _set(table: np.ndarray, rows: np.ndarray, columns: np.ndarray, numbers: np.ndarray) -> None:
    """Set the crossings of rows and columns, as a slice where they lie together."""
    if rows[-1] - rows[0] + 1 == len(rows) and columns[-1] - columns[0] + 1 == len(columns):
        table[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = numbers
    else:
        table[np.ix_(rows, columns)] = numbers
