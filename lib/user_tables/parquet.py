"""Read the asked columns of a Parquet file that people hand in: plain columns of bounded size, or a refusal.

Only what is asked is read: names, types and sizes are asked of the file's own footer before. Texts are read
as a dictionary of their distinct values, so that a small file cannot unfold into gigabytes unseen; dates and
moments become moments in microseconds, whatever they are stored as. In messages the line is the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lib.errors import InputError

MOST_UNFOLDED = 1_000_000_000
"""Bytes of the asked columns, and of the text in each of them, once they are unfolded."""
LONGEST_TEXT = 1000
FIRST_DAY, LAST_DAY = "1678-01-01", "2261-12-31"
PLAIN_TYPES = "store plain text, numbers or dates"
AGAIN = "write the file again"
BROKEN = (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError, KeyError)
"""What the library raises for a file that is damaged, encrypted or none."""


class Parquet:
    """A Parquet file that has been opened: its ``names``, its number of ``rows``, and columns on demand."""

    def __init__(self, content: bytes, name: str):
        """Raises InputError when ``content`` is no Parquet file; messages call it ``name``."""
        self.content, self.name = pa.py_buffer(content), name
        try:
            self.file = pq.ParquetFile(pa.BufferReader(self.content))
            self.schema = self.file.schema_arrow
            self.names = list(self.schema.names)
        except BROKEN as fault:
            raise self._damaged(fault) from None
        self.rows = self.file.metadata.num_rows

    def frame(self, columns: Iterable[str]) -> pd.DataFrame:
        """The columns of these names, which must be in the file once. Raises InputError."""
        columns = list(columns)
        for column in columns:
            self._check_type(column)
        try:
            self._check_sizes(columns)
            texts = [column for column in columns if _is_text(self.schema.field(column).type)]
            file = pq.ParquetFile(pa.BufferReader(self.content), read_dictionary=texts)
            table = file.read(columns=columns, use_threads=False)
            found = {column: self._series(column, table[column]) for column in columns}
        except BROKEN as fault:
            raise self._damaged(fault) from None
        return pd.DataFrame(found)

    def _check_type(self, column: str) -> None:
        kind = self.schema.field(column).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if not any(is_kind(kind) for is_kind in PLAIN_KINDS):
            raise self._refusal(f"a column of {kind}", PLAIN_TYPES, column)

    def _check_sizes(self, columns: list[str]) -> None:
        """Ask the footer for sizes: first of everything, and of single columns only where that is too much.

        The library ends the process when it is asked for the size of an encrypted column; a footer that is
        longer than what is in it has a signature, as that of a file with such columns.
        """
        metadata = self.file.metadata
        groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) <= MOST_UNFOLDED:
            return
        if int.from_bytes(self.content[-8:-4].to_pybytes(), "little") != metadata.serialized_size:
            raise self._refusal("an encrypted or damaged file", AGAIN)
        for leaf in range(metadata.num_columns):
            path = self.file.schema.column(leaf).path
            size = sum(group.column(leaf).total_uncompressed_size for group in groups)
            if path in columns and size > MOST_UNFOLDED:
                raise self._too_large(size, path)

    def _series(self, column: str, found: pa.ChunkedArray) -> pd.Series:
        kind = found.type
        if pa.types.is_dictionary(kind):
            if _is_text(kind.value_type):
                self._check_texts(column, found)
            found = found.cast(kind.value_type)
        if pa.types.is_temporal(found.type):
            found = self._moments(column, found)
        elif pa.types.is_decimal(found.type):
            found = found.cast(pa.float64())
        elif _is_text(found.type):
            found = found.cast(pa.string())
        return pd.Series(found.to_pandas(), name=column)

    def _check_texts(self, column: str, found: pa.ChunkedArray) -> None:
        """Distinct texts are UTF-8 and short, and all rows together are not too much."""
        size, row = 0, 0
        for chunk in found.chunks:
            lengths = pc.binary_length(chunk.dictionary)
            long = pc.greater(lengths, LONGEST_TEXT)
            if pc.any(long).as_py():
                found_row = row + self._row_of(chunk, long.index(True).as_py()) + 1
                raise self._refusal(
                    f"a text of more than {LONGEST_TEXT:,} bytes", "shorten it", column, found_row
                )
            for place, text in enumerate(chunk.dictionary.cast(pa.large_binary()).to_pylist()):
                if text is not None and not _is_utf8(text):
                    at = row + self._row_of(chunk, place) + 1
                    raise self._refusal("a text that is not UTF-8", AGAIN, column, at)
            size += pc.sum(pc.take(lengths, chunk.indices)).as_py() or 0
            row += len(chunk)
        if size > MOST_UNFOLDED:
            raise self._too_large(size, column)

    @staticmethod
    def _row_of(chunk: pa.DictionaryArray, place: int) -> int:
        """The first row of a chunk that holds the value at a place of its dictionary; 0 when none does."""
        return max(chunk.indices.index(place).as_py(), 0)

    def _moments(self, column: str, found: pa.ChunkedArray) -> pa.ChunkedArray:
        """Dates and moments in microseconds, of UTC where the file names a zone; none out of reach."""
        kind: Any = found.type
        zone = "UTC" if pa.types.is_timestamp(kind) and kind.tz else None
        unit: Any = "D" if pa.types.is_date32(kind) else "ms" if pa.types.is_date64(kind) else kind.unit
        bits = found.cast(pa.int32()).cast(pa.int64()) if unit == "D" else found.cast(pa.int64())
        low, high = (np.datetime64(day, unit).astype("int64") for day in (FIRST_DAY, LAST_DAY))
        wrong = pc.or_(pc.less(bits, int(low)), pc.greater(bits, int(high)))
        if pc.any(wrong).as_py():
            line = wrong.index(True).as_py() + 1
            found_words = f"a moment before {FIRST_DAY} or after {LAST_DAY}"
            raise self._refusal(found_words, "correct the year", column, line)
        if unit == "D":
            return found.cast(pa.timestamp("s")).cast(pa.timestamp("us"))
        return bits.cast(pa.timestamp(unit, zone)).cast(pa.timestamp("us", zone), safe=False)

    def _too_large(self, size: int, column: str) -> InputError:
        found = f"{size / 1024**2:,.0f} MB once it is unfolded (FILE_TOO_LARGE)"
        return self._refusal(found, "split the file or store fewer rows", column)

    def _damaged(self, fault: BaseException) -> InputError:
        said = re.sub(r"\s+", " ", str(fault)).strip()[:200]
        return self._refusal("cannot be read as Parquet", f"{AGAIN} ({said or type(fault).__name__})")

    def _refusal(
        self, found: str, mend: str, column: str | None = None, line: int | None = None
    ) -> InputError:
        return InputError(found, mend=mend, file=self.name, line=line, field=column)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


PLAIN_KINDS = (
    _is_text,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_boolean,
    pa.types.is_date,
    pa.types.is_timestamp,
    pa.types.is_null,
)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
