"""From the bytes of a portfolio file to text columns, with the line on which each record starts.

What is wrong with the file as a whole is refused here: nothing in it can be trusted then. What is wrong
with single rows is left to ``lib.portfolio.row_rules``.
"""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib import user_files
from lib.errors import Faults, InputError
from lib.nearest import nearest_name

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 10_000
MAX_LINES = 100_000
MAX_COLUMNS = 100
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}
"""What columns may be separated by instead of commas, where the header has no comma."""

REQUIRED = ("ticker", "quantity", "entry_price", "entry_date")
OPTIONAL = ("tags", "strategy", "price", "price_date", "exit_date", "exit_price")
ALIASES = {"symbol": "ticker", "qty": "quantity", "trade date": "entry_date", "trade_date": "entry_date"}


@dataclass(frozen=True)
class Records:
    """Data rows of the file: trimmed text by column, first line of each, fields counted; its separator."""

    cells: pd.DataFrame
    lines: np.ndarray
    blank: np.ndarray
    fields: np.ndarray
    surplus: pd.Series
    width: int
    ignored: tuple[str, ...]
    separator: str = ","


def read_records(path: Path, name: str) -> Records:
    """The records of the CSV file at ``path``; messages call it ``name``. Blank lines at its end are no data.

    Raises InputError when the file is missing, too large, empty, not UTF-8, wrongly quoted, or its header
    lacks a column or names one twice.
    """
    text = read_text(path, name)
    ends, rows = split_records(text, name)
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise InputError(
            "the first line is blank", mend="write the header in the first line", file=name, line=1
        )
    header = _header(rows[0], name)
    lines = np.asarray(ends[:-1], dtype="int64") + 1
    rows = rows[1:]
    fields = np.fromiter(map(len, rows), dtype="int64", count=len(rows))
    cells, surplus = _columns(rows, header)
    blank = _blank_rows(cells)
    filled = np.flatnonzero(~blank | (fields > len(header)))
    used = int(filled[-1]) + 1 if len(filled) else 0
    if used > MAX_ROWS:
        raise InputError(
            f"{used:,} data rows (TOO_MANY_ROWS)",
            mend=f"split the portfolio into files of at most {MAX_ROWS:,} rows",
            file=name,
        )
    ignored = tuple(column for column in header if column not in (*REQUIRED, *OPTIONAL))
    return Records(
        cells[:used],
        lines[:used],
        blank[:used],
        fields[:used],
        surplus[:used],
        len(header),
        ignored,
        separator_of(text),
    )


def read_text(path: Path, name: str, required: tuple[str, ...] = REQUIRED) -> str:
    """The text of a CSV file, which messages call ``name``; ``required`` are the columns its header needs.

    Raises InputError when it is missing, too large, not UTF-8 or empty.
    """
    raw = user_files.read(path, name, most=MAX_BYTES, mend="check the path in the params file").content
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        raise InputError(
            f"byte 0x{raw[fault.start]:02x} is not UTF-8 (BAD_ENCODING)",
            mend="save the file as “CSV UTF-8”",
            file=name,
            line=line,
        ) from None
    if not text.strip():
        raise InputError(
            "the file is empty (EMPTY_FILE)", mend=f"write a header: {', '.join(required)}", file=name
        )
    return text


def split_records(text: str, name: str) -> tuple[list[int], list[list[str]]]:
    """The last physical line of each record, and its fields; the header is the first record and shows what
    separates them (``separator_of``).

    Blank lines at the end are left out. Raises InputError where the quoting is broken, and for a file of more
    lines than any that is read can have.
    """
    lines = io.StringIO(_without_blank_end(text), newline="")
    reader = csv.reader(lines, strict=True, delimiter=separator_of(text))
    try:
        records = [(reader.line_num, row) for row in itertools.islice(reader, MAX_LINES + 1)]
    except csv.Error as fault:
        raise InputError(
            f"the quoting is broken ({fault}) (BAD_QUOTING)",
            mend="put a field with commas in double quotes, and double every quote inside it",
            file=name,
            line=reader.line_num,
        ) from None
    if len(records) > MAX_LINES:
        raise InputError(
            f"more than {MAX_LINES:,} lines (TOO_MANY_ROWS)",
            mend="remove the blank lines, or split the file",
            file=name,
        )
    ends, rows = ([list(part) for part in zip(*records, strict=True)]) if records else ([], [])
    return ends, rows


def separator_of(text: str) -> str:
    """A comma, or the semicolon or tab of a header that has no comma."""
    header = text.partition("\n")[0]
    return "," if "," in header else next((sign for sign in OTHER_SEPARATORS if sign in header), ",")


def _without_blank_end(text: str) -> str:
    """The text up to the end of its last line that is not blank."""
    end = text.find("\n", len(text.rstrip(" \t\r\n")))
    return text if end < 0 else text[: end + 1]


def _header(row: list[str], name: str) -> list[str]:
    """Canonical column names; unknown ones stay as they are written, in lower case."""
    if len(row) > MAX_COLUMNS:
        raise InputError(
            f"{len(row):,} columns (TOO_MANY_COLUMNS)",
            mend=f"keep the header within {MAX_COLUMNS} columns",
            file=name,
            line=1,
        )
    written = [" ".join(cell.lower().split()) for cell in row]
    names = [ALIASES.get(cell, cell.replace(" ", "_")) for cell in written]
    if "price" in names and "entry_price" not in names and "price_date" not in names:
        names[names.index("price")] = "entry_price"
    missing, faults = [one for one in REQUIRED if one not in names], Faults()
    if missing:
        strange = [one for one in names if one not in (*REQUIRED, *OPTIONAL)]
        meant = [f"{one} for `{near}`" for one in missing if (near := nearest_name(one, strange, cutoff=0.6))]
        mend = f"write {', '.join(meant)}" if meant else f"the first line must name {', '.join(REQUIRED)}"
        found = f"no column {', '.join(missing)} (MISSING_COLUMN)"
        faults.add(InputError(found, mend=mend, file=name, line=1, field=missing[0]))
    repeated = sorted({one for one in names if one and names.count(one) > 1})
    if repeated and len(missing) < len(REQUIRED):
        found = f"the header names {', '.join(repeated)} twice (DUPLICATE_HEADER)"
        mend = "keep one column of each name (symbol and ticker are one, qty and quantity too)"
        faults.add(InputError(found, mend=mend, file=name, line=1, field=repeated[0]))
    faults.refuse()
    return [one or f"column {place}" for place, one in enumerate(names, start=1)]


def _columns(rows: list[list[str]], header: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    """Trimmed text by column, short rows filled with empty text; and the first surplus field of each row."""
    width = len(header)
    columns = list(itertools.zip_longest(*(row[: width + 1] for row in rows), fillvalue=""))
    blank = ("",) * len(rows)
    columns += [blank] * (width + 1 - len(columns))
    texts = [pd.Series(column, dtype="str").str.strip() for column in columns]
    return pd.DataFrame(dict(zip(header, texts[:width], strict=True))), texts[width]


def _blank_rows(cells: pd.DataFrame) -> np.ndarray:
    """Which rows hold no text at all."""
    blank = np.ones(len(cells), dtype=bool)
    for column in cells:
        blank &= (cells[column] == "").to_numpy()
    return blank
