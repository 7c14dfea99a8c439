"""Writing: everything between entering and leaving ``writing()`` becomes visible at once, or not at all.

Bars are merged file by file, each file as soon as enough are waiting, so that memory stays bounded however
much is put. New files appear under names that no commit mentions yet. A commit forces them to the disk,
renews the time stamps of the files that it retires, replaces the index atomically and then removes files
that no index has mentioned for the grace period, those of killed writers among them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from lib import disk
from lib.errors import ContractError, StoreError
from lib.lock import Lock
from lib.market.store import files, index, merging
from lib.market.store.index import DATA, INDEX, File, Index
from lib.market.store.reading import Snapshot
from lib.market.store.tables import BARS, CLOCK, EVENTS, INSTRUMENTS, SERIES, SMALL, checked, schema

BUCKET_ROWS = 131_072
"""Most bars of a file; a fuller one is split in parts of about three quarters of it."""
WAITING_ROWS = 2_000_000
"""Bars that wait in memory before they are merged into files."""


def locked(folder: Path, *, wait: float, told: Callable[[str], None] | None) -> Lock:
    """The lock of the store, held; LockHeld after ``wait`` seconds, StoreError when the folder refuses."""
    with _disk(folder):
        return Lock(folder, held=f"the price store {folder} is being written by", wait=wait, told=told)


class Writer:
    """One transaction; made by ``PriceStore.writing``."""

    def __init__(self, folder: Path, grace_seconds: float):
        self.folder, self.grace_seconds = folder, grace_seconds
        self.before = index.parse(folder, index.read_bytes(folder))
        self.now = Snapshot(folder, self.before)
        self.waiting: list[pa.Table] = []
        self.cleared: set[str] = set()
        self.written: set[str] = set()

    def put(self, bars: pd.DataFrame) -> None:
        """Insert bars, or overwrite those of the same symbol and day.

        A bar that differs in nothing but ``fetched_at`` keeps its old row. ContractError when the columns do
        not fit, a key is null or is there twice.
        """
        self._wait(merging.encode(checked(bars, BARS)))

    def replace(self, symbols: Iterable[str], bars: pd.DataFrame) -> None:
        """Let ``bars`` be all that there is of the symbols; equal rows stay as in ``put``."""
        names = {symbols} if isinstance(symbols, str) else set(symbols)
        table = merging.encode(checked(bars, BARS))
        strange = table.filter(pa.array(~merging.of(table, names)))
        if len(strange):
            raise ContractError(f"bars of {strange['symbol'][0]} are not of the symbols to be replaced")
        self.waiting = [one.filter(pa.array(~merging.of(one, names))) for one in self.waiting]
        self.cleared |= names
        self._wait(table)

    def set_series(self, frame: pd.DataFrame) -> None:
        """What is known of the symbols of the frame; rows of other symbols stay."""
        self._set(SERIES.name, frame)

    def set_instruments(self, frame: pd.DataFrame) -> None:
        """What the symbols of the frame are; rows of other symbols stay, as do equal rows."""
        self._set(INSTRUMENTS.name, frame)

    def add_events(self, frame: pd.DataFrame) -> None:
        """Write down what happened; an event that is known already is not written down again."""
        self._set(EVENTS.name, frame)

    def discard_damaged(self) -> pd.DataFrame:
        """Give up the files that are damaged, and what ``series`` knows of the symbols that they may hold.

        Returns ``Snapshot.damage``. What the files held is lost until it is fetched anew.
        """
        lost = self.now.damage()
        broken = set(lost["file"])
        bars, tables = self.now.index.bars, self.now.index.tables
        gone = [one for files_ in bars.values() for one in files_ if one.name in broken]
        bars = {name: tuple(one for one in files_ if one not in gone) for name, files_ in bars.items()}
        bars = {name: files_ for name, files_ in bars.items() if files_}
        tables = {name: one for name, one in tables.items() if one.name not in broken}
        self._become(replace(self.now.index, bars=bars, tables=tables))
        self._forget_series(gone)
        return lost

    def _forget_series(self, gone: list[File]) -> None:
        series = self.now.small(SERIES.name)
        known = np.ones(len(series), dtype=bool)
        for one in gone:
            known &= ~series["symbol"].between(one.groups[0], one.last_symbol).to_numpy()
        if not known.all():
            self._store_small(SERIES.name, series[known])

    def commit(self) -> None:
        """Make everything visible at once. Does not touch the disk when nothing has changed."""
        self._merge()
        version, text = self.now.index.dump()
        current = {one.name for one in self.now.index.files()}
        if version == self.before.version and not current & self.written:
            return
        with _disk(self.folder):
            for name in sorted(current & self.written):
                disk.sync(self.folder / DATA / name)
            disk.sync(self.folder / DATA)
            for name in sorted({one.name for one in self.before.files()} - current):
                _renew(self.folder / DATA / name)
            self._refuse_if_overtaken()
            disk.write_whole(self.folder / INDEX, text)
        self.before, self.written = replace(self.now.index, version=version), set()
        self._become(self.before)
        with _disk(self.folder, "is written, but old files cannot be removed"):
            self._remove_old(current)

    def _wait(self, table: pa.Table) -> None:
        self.waiting.append(table)
        if sum(map(len, self.waiting)) >= WAITING_ROWS:
            self._merge()

    def _set(self, name: str, frame: pd.DataFrame) -> None:
        new = checked(frame, SMALL[name])
        old = self.now.small(name)
        compared = [column for column in SMALL[name].column_names if column not in CLOCK]
        both = pd.concat([old, new], ignore_index=True) if len(old) else new
        both = both.drop_duplicates(compared).drop_duplicates(list(SMALL[name].key), keep="last")
        both = both.sort_values(list(SMALL[name].key), kind="stable", ignore_index=True)
        if not both.equals(old):
            self._store_small(name, both)

    def _store_small(self, name: str, frame: pd.DataFrame) -> None:
        table = pa.Table.from_pandas(frame, schema=schema(SMALL[name]), preserve_index=False)
        file = self._store(*files.small_file(name, table.replace_schema_metadata(None)))
        self._become(replace(self.now.index, tables={**self.now.index.tables, name: file}))

    def _merge(self) -> None:
        """Merge what waits into the files that it concerns."""
        if not self.waiting and not self.cleared:
            return
        new = merging.latest(self.waiting) if self.waiting else files.empty_bars()
        years = new["date"].to_numpy().astype("datetime64[Y]").astype(int) + 1970
        found = np.unique(years).tolist()
        head = max([self.now.index.head, *found])
        bars = self._advanced(head)
        of_year = {year: index.partition(year, head) for year in found}
        for name in sorted({*of_year.values(), *(bars if self.cleared else ())}):
            mine = [year for year, partition in of_year.items() if partition == name]
            rows = new.filter(pa.array(np.isin(years, mine)))
            bars[name] = self._merged(name, bars.get(name, ()), rows, self.cleared)
        bars = {name: bars[name] for name in sorted(bars) if bars[name]}
        self._become(replace(self.now.index, head=head, bars=bars))
        self.waiting, self.cleared = [], set()

    def _advanced(self, head: int) -> dict[str, tuple[File, ...]]:
        """The partitions once ``head`` is the newest year: the one that was it joins its block."""
        bars, before = dict(self.now.index.bars), self.now.index.head
        year = bars.pop(str(before), ()) if head > before else ()
        if year:
            name = index.partition(before, head)
            rows = pa.concat_tables([files.read(self.folder, one) for one in year])
            bars[name] = self._merged(name, bars[name], rows, set()) if name in bars else year
        return bars

    def _merged(self, name: str, old: tuple[File, ...], new: pa.Table, cleared: set[str]) -> tuple[File, ...]:
        """The files of a partition with the new rows in them; files that do not change stay."""
        if not old:
            return tuple(self._bars(name, new))
        codes, names = files.decoded(new["symbol"])
        starts = files.run_starts(codes)
        of_run = index.places(old, names[codes[starts]].tolist())
        edges = np.append(starts, len(codes))[np.searchsorted(of_run, np.arange(len(old) + 1))]
        touched = set(index.places(old, cleared))
        found: list[File] = []
        for number, file in enumerate(old):
            rows = new.slice(edges[number], edges[number + 1] - edges[number])
            merged = None
            if len(rows) or number in touched:
                merged = merging.merge(files.read(self.folder, file), rows, cleared)
            found += [file] if merged is None else self._bars(name, merged)
        return tuple(found)

    def _bars(self, name: str, bars: pa.Table) -> list[File]:
        return [self._store(*files.bars_file(name, part)) for part in _parts(bars)]

    def _store(self, file: File, data: pa.Buffer) -> File:
        with _disk(self.folder):
            if not (self.folder / INDEX).exists():
                disk.write_whole(self.folder / INDEX, Index().dump()[1])
            disk.write_whole(self.folder / DATA / file.name, memoryview(data), synced=False)
        self.written.add(file.name)
        return file

    def _become(self, content: Index) -> None:
        """Read from here on what the files of this transaction hold."""
        self.now = Snapshot(self.folder, replace(content, version=self.before.version))

    def _refuse_if_overtaken(self) -> None:
        """Where the lock is not honoured (some network disks), the second of two commits is refused."""
        found = index.parse(self.folder, index.read_bytes(self.folder))
        if found.version != self.before.version:
            raise StoreError(
                f"{self.folder} was written by another process meanwhile, so nothing of this was kept; run "
                "again, and if it happens again move the folder to a disk that honours locks (flock)"
            )

    def _remove_old(self, current: set[str]) -> None:
        """Remove what no index has mentioned for the grace period; files of strange names stay."""
        limit, data = time.time() - self.grace_seconds, self.folder / DATA
        made = [*data.glob("*.parquet"), *data.glob(".*.parquet.*"), *self.folder.glob(f".{INDEX}.*")]
        for path in made:
            if path.name not in current and path.lstat().st_mtime < limit:
                path.unlink(missing_ok=True)


def _parts(bars: pa.Table) -> list[pa.Table]:
    """Bars of one partition, cut between symbols into parts that fit a file each."""
    count = 1 if len(bars) <= BUCKET_ROWS else -(-len(bars) * 4 // (BUCKET_ROWS * 3))
    starts = files.run_starts(files.decoded(bars["symbol"])[0])
    at = np.searchsorted(starts, np.linspace(0, len(bars), count, endpoint=False))
    cuts = np.unique(np.append(starts, len(bars))[np.append(at, len(starts))])
    return [bars.slice(a, b - a) for a, b in pairwise(cuts)]


@contextmanager
def _disk(folder: Path, what: str = "cannot be written") -> Iterator[None]:
    """A disk that is full or refuses is for the operator to see to, in one line."""
    try:
        yield
    except OSError as fault:
        raise StoreError(f"{folder} {what}: {fault.strerror or fault}") from None


def _renew(path: Path) -> None:
    """The grace period of a retired file begins now; one that is gone already needs none."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return
