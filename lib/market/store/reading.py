"""What one commit of the store holds: a symbol's history, a day's cross-section, a column as dates x symbols.

A snapshot reads the files of the index that it was given, whatever is committed meanwhile; they stay on disk
for a grace period. Every byte that is used is verified.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date as Date
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from lib.errors import StoreError
from lib.market.store import files, index
from lib.market.store.index import File, Index
from lib.market.store.tables import BARS, NUMBERS, SMALL, completed, typed_empty
from lib.market.store.wide import Block, assemble, block

Day: TypeAlias = str | Date | pd.Timestamp | None
Piece: TypeAlias = tuple[File, list[int] | None]
T = TypeVar("T")
FEW = 40
"""Row groups up to this many are read one after another: threads would cost more than they save."""
MOST_THREADS = 8


class Snapshot:
    """One commit, for reading; ``version`` identifies its content."""

    def __init__(self, folder: Path, content: Index):
        self.folder, self.index = folder, content
        self.version = content.version

    def bars(
        self,
        symbols: Iterable[str] | str | None = None,
        *,
        start: Day = None,
        end: Day = None,
        columns: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Bars sorted by symbol and date: symbol, date and ``columns`` (all when None).

        ``symbols`` None means all; ``start`` and ``end`` are included. Unknown symbols have no rows.
        """
        names, wanted, span = _columns(columns), _symbols(symbols), _span(start, end)
        pieces = self._pieces(wanted, span)
        tables = self._each(lambda piece: _rows(self._read(piece, names), wanted, span), pieces)
        tables = [table for table in tables if len(table)]
        if not tables:
            return typed_empty(BARS, names)
        return _frame(_by_symbol(tables), names)

    def day(self, date: Day, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """The bars of one day, sorted by symbol; columns as in ``bars``."""
        if date is None:
            raise ValueError("a day is needed")
        return self.bars(start=date, end=date, columns=columns)

    def wide(
        self,
        column: str = "close",
        symbols: Iterable[str] | str | None = None,
        *,
        start: Day = None,
        end: Day = None,
    ) -> pd.DataFrame:
        """One numeric column as dates x symbols, both sorted; NaN where there is no bar or no value.

        Dates and symbols are those that have a bar in the range, as a pivot of ``bars`` would have them.
        """
        if column not in NUMBERS:
            raise ValueError(f"column {column}: a wide table is made of one of {', '.join(NUMBERS)}")
        wanted, span = _symbols(symbols), _span(start, end)
        first, last = (int(np.datetime64(day, "D").astype(np.int64)) for day in span)

        def one(piece: Piece) -> Block:
            file, groups = piece
            numbers, runs = self._guarded(lambda: files.read_numbers(self.folder, file, groups, column))
            return block(numbers, runs, wanted, (first, last))

        return assemble(self._each(one, self._pieces(wanted, span)))

    def small(self, name: str) -> pd.DataFrame:
        """A small table: series, instruments or events; columns younger than the store are null."""
        file = self.index.tables.get(name)
        if file is None:
            return typed_empty(SMALL[name])
        return completed(self._guarded(lambda: files.read(self.folder, file)), SMALL[name]).to_pandas()

    def damage(self) -> pd.DataFrame:
        """Files that are not, byte for byte, what was written (file, reason, holds). Reads everything."""
        reasons = [(one.name, files.is_whole(self.folder, one), one.holds) for one in self.index.files()]
        found = pd.DataFrame(reasons, columns=["file", "reason", "holds"], dtype="str")
        return found[found["reason"] != ""].reset_index(drop=True)

    def _pieces(self, symbols: set[str] | None, span: tuple[str, str]) -> list[Piece]:
        """Files, and row groups in them, that can hold the rows; by partition, then symbol."""
        found: list[Piece] = []
        for partition in self.index.bars.values():
            if symbols is None:
                found += [(one, None) for one in partition]
            else:
                found += index.locate(partition, symbols)
        return [one for one in found if one[0].first_date <= span[1] and span[0] <= one[0].last_date]

    def _read(self, piece: Piece, columns: Sequence[str]) -> pa.Table:
        return self._guarded(lambda: files.read(self.folder, piece[0], piece[1], columns))

    def _guarded(self, work: Callable[[], T]) -> T:
        """The work; where a file is gone because the store has long moved on, the error says that instead."""
        try:
            return work()
        except StoreError:
            now = index.parse(self.folder, index.read_bytes(self.folder))
            if now.version == self.version or not self._gone():
                raise
            raise StoreError(
                f"{self.folder} was written anew while it was read, and the old files are gone; read it again"
            ) from None

    def _gone(self) -> bool:
        return any(not (self.folder / index.DATA / one.name).exists() for one in self.index.files())

    def _each(self, work: Callable[[Piece], T], pieces: Sequence[Piece]) -> list[T]:
        """The work for every piece, in order; on all cores where there are more than a few."""
        cores = min(os.cpu_count() or 1, MOST_THREADS)
        if cores == 1 or _light(pieces):
            return [work(piece) for piece in pieces]
        with ThreadPoolExecutor(cores) as pool:
            return list(pool.map(work, pieces))


def _light(pieces: Sequence[Piece]) -> bool:
    return sum(len(file.groups if groups is None else groups) for file, groups in pieces) <= FEW


def _rows(table: pa.Table, symbols: set[str] | None, span: tuple[str, str]) -> pa.Table:
    """The rows of the symbols and days; a slice without a copy where they lie together."""
    keep = np.ones(len(table), dtype=bool)
    if symbols is not None:
        codes, names = files.decoded(table["symbol"])
        keep = np.array([name in symbols for name in names.tolist()], dtype=bool)[codes]
    days = table["date"].to_numpy()
    if len(days) and span != EVER:
        keep &= (days >= np.datetime64(span[0])) & (days <= np.datetime64(span[1]))
    rows = np.flatnonzero(keep)
    if not len(rows):
        return table.slice(0, 0)
    if rows[-1] - rows[0] + 1 == len(rows):
        return table.slice(rows[0], len(rows))
    return table.filter(pa.array(keep))


def _by_symbol(tables: list[pa.Table]) -> pa.Table:
    """Tables that come by partition, as one that is sorted by symbol, then day."""
    table = pa.concat_tables(tables).unify_dictionaries()
    codes, names = files.decoded(table["symbol"])
    ranks = np.empty(len(names), dtype=np.uint16 if len(names) < 1 << 16 else np.int64)
    ranks[np.argsort(names)] = np.arange(len(names))
    rank = ranks[codes]
    if (rank[1:] >= rank[:-1]).all():
        return table
    return table.combine_chunks().take(pa.array(np.argsort(rank, kind="stable")))


def _frame(table: pa.Table, columns: list[str]) -> pd.DataFrame:
    plain = [pa.string() if pa.types.is_dictionary(one.type) else one.type for one in table.schema]
    table = table.cast(pa.schema(list(zip(table.column_names, plain, strict=True)))).select(columns)
    return table.to_pandas(split_blocks=len(table) > 1_000_000, self_destruct=True)


EVER = ("0000-01-01", "9999-12-31")


def _span(start: Day, end: Day) -> tuple[str, str]:
    """First and last day as ISO text."""
    first = EVER[0] if start is None else f"{pd.Timestamp(start):%Y-%m-%d}"
    return first, (EVER[1] if end is None else f"{pd.Timestamp(end):%Y-%m-%d}")


def _symbols(symbols: Iterable[str] | str | None) -> set[str] | None:
    return {symbols} if isinstance(symbols, str) else symbols if symbols is None else set(symbols)


def _columns(columns: Iterable[str] | None) -> list[str]:
    """Symbol and date, then the columns asked for, each once."""
    names = list(BARS.column_names if columns is None else dict.fromkeys([*BARS.key, *columns]))
    unknown = [name for name in names if name not in BARS.column_names]
    if unknown:
        raise ValueError(f"column {unknown[0]}: bars have {', '.join(BARS.column_names)}")
    return names
