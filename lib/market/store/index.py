"""The index of the price store: which files hold the bars and the small tables now, and which symbols.

``index.json`` is the only file of the store whose content changes, and it is replaced atomically: who reads
it once reads one commit, whole. The newest calendar year is a partition of its own, so that a daily sync
rewrites no other; years before it lie in partitions of five, so that a history is in few files. A partition
is a row of files in the order of their symbols: a symbol is found by bisection. Needs nothing but the
standard library.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lib.errors import StoreError

INDEX = "index.json"
DATA = "data"
FORMAT = 2
BLOCK_YEARS = 5
MEND = (
    "put {folder} back from a copy, or keep it and name another folder as `store` under `data:`, into which "
    "what the source still gives is fetched"
)
ANEW = "the next sync with the network fetches what it held anew"


@dataclass(frozen=True)
class File:
    """A data file as it was written, and what is in it.

    ``footer`` is the number of bytes of the Parquet footer and ``crc32`` their checksum; the pages carry
    their own. ``groups`` names the first symbol of each row group (bars only); no symbol is in two groups.
    """

    name: str
    rows: int
    size: int
    sha256: str
    footer: int
    crc32: int
    first_date: str = ""
    last_date: str = ""
    groups: tuple[str, ...] = ()
    last_symbol: str = ""

    @property
    def holds(self) -> str:
        """The content in words, for messages."""
        if not self.groups:
            return f"{self.rows:,} rows"
        return f"{self.groups[0]} to {self.last_symbol}, {self.first_date} to {self.last_date}"


@dataclass(frozen=True)
class Index:
    """One commit: files of bars by partition, in order, and of each small table.

    ``head`` is the newest year that the store has ever had; its partition is that year alone.
    """

    head: int = 0
    bars: Mapping[str, tuple[File, ...]] = field(default_factory=dict)
    tables: Mapping[str, File] = field(default_factory=dict)
    version: str = ""

    def files(self) -> list[File]:
        """Every data file of the commit."""
        return [one for files in self.bars.values() for one in files] + list(self.tables.values())

    def dump(self) -> tuple[str, bytes]:
        """The version (digest of the content; "" of an empty store) and the text of the index file."""
        content = {
            "format": FORMAT,
            "head": self.head,
            "bars": {name: [vars(one) for one in self.bars[name]] for name in sorted(self.bars)},
            "tables": {name: vars(self.tables[name]) for name in sorted(self.tables)},
        }
        body = json.dumps(content, separators=(",", ":"))[1:].encode()
        digest = hashlib.sha256(body).hexdigest()
        return (digest if self.files() else ""), b'{"digest":"%s",' % digest.encode() + body


def read_bytes(folder: Path) -> bytes:
    """The file as it lies there; b"" where nothing was written yet. StoreError when it is gone or empty."""
    try:
        content = (folder / INDEX).read_bytes()
    except FileNotFoundError:
        if any((folder / DATA).glob("*.parquet")):
            raise damaged(folder, folder / INDEX, "it is missing") from None
        return b""
    except OSError as fault:
        raise StoreError(f"{folder / INDEX} cannot be read: {fault.strerror}") from None
    if not content:
        raise damaged(folder, folder / INDEX, "it is empty")
    return content


def parse(folder: Path, text: bytes) -> Index:
    """The index of that text; StoreError when a single byte of it is not as it was written."""
    if not text:
        return Index()
    prefix = len(b'{"digest":"",') + 64
    digest = hashlib.sha256(text[prefix:]).hexdigest()
    if text[:prefix] != b'{"digest":"%s",' % digest.encode():
        raise damaged(folder, folder / INDEX, "its checksum does not fit")
    content = json.loads(text)
    if content["format"] != FORMAT:
        newer = "use the version that wrote it, or name another folder as `store` under `data:`"
        raise StoreError(
            f"{folder} has the format {content['format']}, this version of the workbench knows {FORMAT}; "
            + (newer if content["format"] > FORMAT else MEND.format(folder=folder))
        )
    bars = {name: tuple(map(_file, files)) for name, files in content["bars"].items()}
    tables = {name: _file(one) for name, one in content["tables"].items()}
    return Index(content["head"], bars, tables, digest if bars or tables else "")


def damaged(folder: Path, path: Path, reason: str, holds: str = "") -> StoreError:
    """The error that names a file of the store which cannot be trusted, and the mend."""
    what = f" ({holds})" if holds else ""
    mend = MEND.format(folder=folder) if path.name == INDEX else ANEW
    return StoreError(f"{path}{what} is damaged: {reason}; {mend}")


def partition(year: int, head: int) -> str:
    """The name of the partition of a year: the year itself when it is the head, else a block of years."""
    first = year - year % BLOCK_YEARS
    return f"{year}" if year == head else f"{first}-{first + BLOCK_YEARS - 1}"


def places(files: Sequence[File], symbols: Iterable[str]) -> list[int]:
    """The file of a partition to which each symbol belongs, whether or not it holds it yet."""
    firsts = [one.groups[0] for one in files]
    return [max(bisect_right(firsts, symbol) - 1, 0) for symbol in symbols]


def locate(files: Sequence[File], symbols: Iterable[str]) -> list[tuple[File, list[int]]]:
    """The files and row groups of a partition that can hold the symbols, in order."""
    firsts = [one.groups[0] for one in files]
    found: dict[int, set[int]] = {}
    for symbol in symbols:
        at = bisect_right(firsts, symbol) - 1
        if at >= 0 and symbol <= files[at].last_symbol:
            found.setdefault(at, set()).add(bisect_right(files[at].groups, symbol) - 1)
    return [(files[at], sorted(found[at])) for at in sorted(found)]


def _file(content: dict) -> File:
    return File(**{**content, "groups": tuple(content["groups"])})
