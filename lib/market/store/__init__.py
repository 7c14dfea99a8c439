"""The price store: daily bars as traded in Parquet files, many readers and one writer at a time.

A folder that any Parquet reader can read too. The bars of the newest calendar year are a partition, those of
the years before it lie in blocks of five years, each in files of at most 131,072 rows, sorted by symbol and
day: a daily sync rewrites the newest year only, a restated symbol one file a partition. A commit is one
atomic replacement of ``index.json``: a reader sees all of it or nothing, a killed writer leaves the last
commit, and a read that has begun ends with what it began with. Asking for the version needs nothing but the
standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lib.market.store import index
from lib.market.store.index import Index

if TYPE_CHECKING:
    import pandas as pd

    from lib.market.store.reading import Day, Snapshot
    from lib.market.store.writing import Writer

GRACE_SECONDS = 3600.0
"""How long a file that no commit mentions any more stays for those who are reading it."""


class PriceStore:
    """Bars and what is known about their symbols, in a folder that need not exist yet.

    Every read is of one commit; several reads of the same commit go through ``snapshot()``. A file that is
    damaged is a StoreError that names it.
    """

    def __init__(self, folder: str | Path, *, grace_seconds: float = GRACE_SECONDS):
        self.folder, self.grace_seconds = Path(folder), grace_seconds
        self._known: tuple[bytes, Index] = (b"", Index())

    def version(self) -> str:
        """Digest of the content; "" when the store is empty."""
        return self._index().version

    def snapshot(self) -> Snapshot:
        """The last commit, for reads that belong together whatever is committed meanwhile."""
        from lib.market.store.reading import Snapshot

        return Snapshot(self.folder, self._index())

    def bars(
        self,
        symbols: Iterable[str] | str | None = None,
        *,
        start: Day = None,
        end: Day = None,
        columns: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Bars sorted by symbol and date, see ``Snapshot.bars``."""
        return self.snapshot().bars(symbols, start=start, end=end, columns=columns)

    def day(self, date: Day, columns: Iterable[str] | None = None) -> pd.DataFrame:
        """The bars of one day, sorted by symbol, see ``Snapshot.day``."""
        return self.snapshot().day(date, columns)

    def wide(
        self,
        column: str = "close",
        symbols: Iterable[str] | str | None = None,
        *,
        start: Day = None,
        end: Day = None,
    ) -> pd.DataFrame:
        """One numeric column as dates x symbols, see ``Snapshot.wide``."""
        return self.snapshot().wide(column, symbols, start=start, end=end)

    def series(self) -> pd.DataFrame:
        """What the sync knows, one row a symbol."""
        return self.snapshot().small("series")

    def instruments(self) -> pd.DataFrame:
        """What each symbol is, one row a symbol."""
        return self.snapshot().small("instruments")

    def events(self, symbols: Iterable[str] | None = None) -> pd.DataFrame:
        """What happened to the series, sorted by symbol and date."""
        found = self.snapshot().small("events")
        return found if symbols is None else found[found["symbol"].isin([*symbols])].reset_index(drop=True)

    def damage(self) -> pd.DataFrame:
        """Every file that is not what was written (file, reason, holds); reads the whole store."""
        return self.snapshot().damage()

    @contextmanager
    def writing(self, *, wait: float = 0.0, told: Callable[[str], None] | None = None) -> Iterator[Writer]:
        """A writer whose work becomes visible at once on leaving, and not at all after an exception.

        Waits up to ``wait`` seconds for another writer, of which ``told`` is told once; LockHeld after that.
        """
        from lib.market.store.writing import Writer, locked

        with locked(self.folder, wait=wait, told=told):
            writer = Writer(self.folder, self.grace_seconds)
            yield writer
            writer.commit()

    def _index(self) -> Index:
        text = index.read_bytes(self.folder)
        if text != self._known[0]:
            self._known = (text, index.parse(self.folder, text))
        return self._known[1]


__all__ = ["GRACE_SECONDS", "PriceStore"]
