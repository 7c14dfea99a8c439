"""One data file: how it is written, and how it is read without trusting the disk.

Plain Parquet, texts as plain strings, bars sorted by symbol and day, a row group for a few symbols. LZ4 takes
a third more room than zstd and halves the time of a read. The footer also says which symbol and day each row
has. Pages carry their checksums, the index holds that of the footer, and what is read is validated, since no
checksum covers the headers of pages: a bit that changes is found by whoever reads what it touches. The name
is made of the content, so that no name ever stands for two contents.
"""

from __future__ import annotations

import errno
import hashlib
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lib.errors import StoreError
from lib.market.store import day_runs
from lib.market.store.day_runs import DayRuns
from lib.market.store.index import DATA, File, damaged
from lib.market.store.tables import BARS, TEXTS, schema

GROUP_ROWS = 8192
"""Rows of a row group, about: thirty-two symbols of a year, six of five years."""
OPTIONS = {
    "compression": "lz4",
    "write_page_checksum": True,
    "write_statistics": ["symbol", "date"],
    "store_schema": False,
}
REPEATED = ["symbol", "date", "dividend", "split", "source", "origin", "fetched_at"]


def bars_file(partition: str, bars: pa.Table) -> tuple[File, pa.Buffer]:
    """Sorted bars (texts dictionary-encoded) as the bytes of a file, and its entry for the index."""
    bars = bars.unify_dictionaries().combine_chunks()
    codes, symbols = decoded(bars["symbol"])
    starts = run_starts(codes)
    cuts = starts[np.unique(starts // GROUP_ROWS, return_index=True)[1]] if len(starts) else starts
    parts = [_own_symbols(bars.slice(a, b - a)) for a, b in pairwise([*cuts, len(codes)])]
    days = bars["date"].to_numpy().astype("datetime64[D]")
    number = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(codes)))
    found = day_runs.runs_of(number, symbols[codes[starts]], days.astype(np.int64))
    return _encode(
        f"bars-{partition}",
        parts,
        {day_runs.KEY: found.dump()},
        first_date=str(days.min()),
        last_date=str(days.max()),
        groups=tuple(str(symbols[code]) for code in codes[cuts]),
        last_symbol=str(symbols[codes[-1]]),
    )


def small_file(name: str, table: pa.Table) -> tuple[File, pa.Buffer]:
    """A small table as the bytes of a file, and its entry for the index."""
    return _encode(name, [table], {})


def _own_symbols(bars: pa.Table) -> pa.Table:
    """Bars whose dictionary holds their own symbols and no others: the file is written with it."""
    codes, symbols = decoded_used(bars["symbol"])
    column = pa.DictionaryArray.from_arrays(codes, pa.array(symbols, pa.string()))
    return bars.set_column(0, "symbol", column)


def _encode(
    name: str, parts: Sequence[pa.Table], told: Mapping[str, str], **content
) -> tuple[File, pa.Buffer]:
    repeated = REPEATED if name.startswith("bars") else True
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, parts[0].schema, use_dictionary=repeated, **OPTIONS) as writer:
        for part in parts:
            writer.write_table(part, row_group_size=max(len(part), 1))
        writer.add_key_value_metadata(told)
    data = sink.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    footer = int.from_bytes(data[-8:-4].to_pybytes(), "little") + 8
    crc32 = zlib.crc32(data[-footer:])
    rows = sum(map(len, parts))
    return File(f"{name}-{digest[:24]}.parquet", rows, data.size, digest, footer, crc32, **content), data


def read(
    folder: Path, file: File, groups: Sequence[int] | None = None, columns: Sequence[str] | None = None
) -> pa.Table:
    """Row groups and columns of a file, checksums verified; texts of bars come dictionary-encoded.

    StoreError when the file is missing, shorter or longer, or a byte of what is read has changed.
    """
    with _opened(folder, file) as parquet:
        return _table(parquet, groups, columns)


def read_numbers(
    folder: Path, file: File, groups: Sequence[int] | None, column: str
) -> tuple[np.ndarray, DayRuns]:
    """A numeric column of row groups of a file of bars, and whose numbers these are; else as ``read``."""
    with _opened(folder, file) as parquet:
        numbers = _table(parquet, groups, [column])[column].to_numpy()
        found = day_runs.parse(parquet.metadata.metadata[day_runs.KEY.encode()])
        found = found if groups is None else found.of_groups(file.groups, groups)
        if found.rows.sum() != len(numbers):
            raise ValueError(f"it has {len(numbers):,} rows where its footer has {found.rows.sum():,}")
    return numbers, found


@contextmanager
def _opened(folder: Path, file: File) -> Iterator[pq.ParquetFile]:
    """The file with its footer verified; what is found to be damaged while it is open is a StoreError."""
    path = folder / DATA / file.name
    try:
        with pa.OSFile(str(path)) as handle:
            yield _verified(handle, file)
    except (OSError, pa.ArrowException, ValueError) as fault:
        if isinstance(fault, OSError) and fault.errno not in (None, errno.ENOENT):
            raise StoreError(f"{path} cannot be read: {os.strerror(fault.errno)}") from None
        raise damaged(folder, path, _reason(fault), file.holds) from None


def _verified(handle: pa.NativeFile, file: File) -> pq.ParquetFile:
    size = handle.size()
    if size != file.size:
        raise ValueError(f"it has {size:,} bytes instead of {file.size:,}")
    footer = handle.read_at(file.footer, size - file.footer)
    if zlib.crc32(footer) != file.crc32:
        raise ValueError("the checksum of its footer does not fit")
    return pq.ParquetFile(
        handle,
        page_checksum_verification=True,
        read_dictionary=TEXTS if file.groups else None,
        pre_buffer=False,
    )


def _table(parquet: pq.ParquetFile, groups: Sequence[int] | None, columns: Sequence[str] | None) -> pa.Table:
    """Row groups and columns, page checksums verified, and what they do not cover validated."""
    wanted = range(parquet.num_row_groups) if groups is None else groups
    table = parquet.read_row_groups(list(wanted), columns=columns, use_threads=False)
    table.validate(full=True)
    return table


def is_whole(folder: Path, file: File) -> str:
    """Why the file is not, byte for byte, what was written; "" when it is."""
    try:
        with open(folder / DATA / file.name, "rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as fault:
        return _reason(fault)
    return "" if digest == file.sha256 else "its checksum does not fit"


def decoded(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Codes, and the values that they stand for, of a dictionary-encoded column without nulls."""
    one = column.num_chunks == 1
    whole = column.chunk(0) if one else column.unify_dictionaries().combine_chunks()
    return whole.indices.to_numpy(), whole.dictionary.to_numpy(zero_copy_only=False)


def decoded_used(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """As ``decoded``, without values that no row has."""
    codes, values = decoded(column)
    used = np.unique(codes[run_starts(codes)])
    place = np.zeros(len(values), dtype=np.int32)
    place[used] = np.arange(len(used))
    return place[codes], values[used]


def run_starts(codes: np.ndarray) -> np.ndarray:
    """Where a new value begins in an array of runs."""
    if not len(codes):
        return np.empty(0, dtype=np.intp)
    return np.concatenate(([0], np.flatnonzero(codes[1:] != codes[:-1]) + 1))


def empty_bars() -> pa.Table:
    """No bars, as they are held in memory."""
    return schema(BARS, encoded=True).empty_table()


def _reason(fault: Exception) -> str:
    if isinstance(fault, FileNotFoundError):
        return "it is missing"
    return " ".join(str(fault).split())
