"""Read a CSV or Parquet file that people hand in into text cells with their lines, or refuse it.

CSV is UTF-8 (a byte-order mark is accepted), comma-separated, quoted as RFC 4180 says; header names are read
without regard to case, spaces count as underscores, blank lines below the header are passed over. In
messages about a Parquet file the line is the row, counted from 1. A file above the caps is refused before it
is read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lib import user_files
from lib.errors import Faults, InputError, InputFaults, first_named
from lib.nearest import nearest_name
from lib.user_tables.parquet import Parquet
from lib.user_tables.sheet import Sheet

MAX_BYTES = user_files.LARGEST
MAX_ROWS = 10_000_000
MAX_COLUMNS = 1000
MEANT = ("csv", "parquet", "pq", "xlsx", "xls", "tsv", "txt", "csv.gz", "csv.zip")
"""Endings, in any letters, of a file that was meant to be read."""
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
WORKBOOK = b"PK\x03\x04"
"""The first bytes of an Excel file, which is a zip."""


def find(folder: Path, name: str, *, required: bool = False) -> Path | None:
    """``name.csv`` or ``name.parquet``; refused when both are there, or neither and it is required.

    A file of that name that was meant (``MEANT``) and would be passed over is refused too.
    """
    meant = {f"{name}.{end}" for end in MEANT}
    named = [path for path in user_files.listed(folder, folder.name) if path.name.lower() in meant]
    there = [path for path in named if path.name in (f"{name}.csv", f"{name}.parquet")]
    if len(there) == 2:
        raise InputError(f"{name}.csv and {name}.parquet are both there", mend="keep one", file=f"{name}.csv")
    if there:
        user_files.check(there[0], there[0].name, most=MAX_BYTES)
    if not there and named:
        raise _refusal(named[0], "not a name that is read", f"save it as {name}.csv or {name}.parquet")
    if not there and required:
        raise InputError(
            f"no {name}.csv and no {name}.parquet in the data folder", mend="add one", file=f"{name}.csv"
        )
    return there[0] if there else None


def unread(folder: Path, names: Sequence[str]) -> list[InputError]:
    """What a person should know of the tables of a folder that nobody reads: each with the nearest name."""
    found = []
    for path in user_files.listed(folder, folder.name):
        stem, _, ending = path.name.lower().partition(".")
        if stem not in names and ending in MEANT and ending != "txt" and stem:
            near = nearest_name(stem, names)
            meant = f"is {near}.{'parquet' if ending in ('parquet', 'pq') else 'csv'} meant? Rename it"
            mend = meant if near else f"what is read is called {', '.join(names)}"
            found.append(InputError("nobody reads this file", mend=mend, file=path.name))
    return found


def read(path: Path, *, required: Sequence[str], optional: Sequence[str] = ()) -> Sheet:
    """The named columns of the file; others are passed over, unless they look like a missing one misspelt."""
    content = user_files.read(path, path.name, most=MAX_BYTES).content
    if path.suffix == ".parquet":
        file = Parquet(content, path.name)
        names = _names(path, file.names, required, optional)
        _check_rows(path, file.rows)
        wanted = {name: file.names[names.index(name)] for name in (*required, *optional) if name in names}
        cells = file.frame(wanted.values()).set_axis(pd.Index(wanted), axis=1)
        return Sheet(path.name, cells, np.arange(1, len(cells) + 1))
    header, cells, lines = _read_csv(path, content)
    names = _names(path, header, required, optional)
    _check_rows(path, len(cells))
    cells.columns = pd.Index(names)
    return Sheet(path.name, cells[[name for name in (*required, *optional) if name in names]], lines)


def _names(path: Path, header: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> list[str]:
    """The names of the header as they are compared; InputError where one is missing or there twice."""
    names = [re.sub(r"\s+", "_", name.strip().lower()) for name in header]
    if len(names) > MAX_COLUMNS:
        raise _refusal(path, f"{len(names):,} columns", f"keep what is needed, at most {MAX_COLUMNS:,}")
    _check_header(path, names, required, optional)
    return names


def _check_rows(path: Path, rows: int) -> None:
    if rows > MAX_ROWS:
        raise _refusal(path, f"{rows:,} rows", f"at most {MAX_ROWS:,} are read")
    if not rows:
        raise _refusal(path, "no rows below the header", "add rows or remove the file")


def _read_csv(path: Path, data: bytes) -> tuple[list[str], pd.DataFrame, np.ndarray]:
    """Header, text cells and the line on which each row starts."""
    _check_bytes(path, data)
    data = data.rstrip(b" \t\r\n")
    _check_first_line(path, data)
    try:
        cells = pd.read_csv(
            io.BytesIO(data),
            header=None,
            dtype="str",
            encoding="utf-8-sig",
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
        )
    except pd.errors.EmptyDataError:
        if data.strip():
            raise _refusal(path, "the first line is blank", "begin the file with its header", 1) from None
        raise _refusal(path, "the file is empty", "give it a header and rows") from None
    except pd.errors.ParserError as fault:
        if "Expected" in str(fault):
            _refuse_widths(path, data)
        raise _unclosed(path, str(fault)) from None
    filled = cells.notna().any(axis=1).to_numpy()
    lines = np.arange(1, len(cells) + 1)
    if b'"' in data:
        inside = sum(cells[column].str.count("\n").fillna(0).to_numpy() for column in cells)
        lines = lines + np.concatenate([[0], np.cumsum(inside)[:-1]]).astype(int)
    _check_lengths(path, data, cells.shape[1], int(filled.sum()))
    header = cells.iloc[0].fillna("").tolist()
    body = filled & (np.arange(len(cells)) > 0)
    return header, cells[body].reset_index(drop=True), lines[body]


def _check_bytes(path: Path, data: bytes) -> None:
    """UTF-8 without NUL."""
    if data.startswith(WORKBOOK):
        raise _refusal(path, "an Excel file under the name of a CSV", "save it as CSV (UTF-8)")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise _refusal(path, "not UTF-8", "save the file as UTF-8", line) from None
    if (at := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, at) + 1
        raise _refusal(path, "a NUL byte", "the file is damaged; write it again", line)


def _check_first_line(path: Path, data: bytes) -> None:
    """A header without a comma and with another separator is that of another format; so is an endless one."""
    first = data.partition(b"\n")[0]
    if (columns := first.count(b",") + 1) > MAX_COLUMNS:
        raise _refusal(path, f"{columns:,} columns", f"keep what is needed, at most {MAX_COLUMNS:,}", 1)
    header = first.decode("utf-8-sig")
    found = [words for sign, words in OTHER_SEPARATORS.items() if sign in header]
    if found and "," not in header:
        mend = "save it as CSV with commas, and with a point in decimals"
        raise _refusal(path, f"the columns are separated by {found[0]}", mend, 1)


def _check_lengths(path: Path, data: bytes, width: int, rows: int) -> None:
    """Every row that is not blank has as many fields as the header."""
    if b'"' not in data and data.count(b",") == (width - 1) * rows:
        return
    _refuse_widths(path, data)


def _refuse_widths(path: Path, data: bytes) -> None:
    """InputError for every row that has more or fewer fields than the header."""
    faults = []
    try:
        widths = _widths(data)
        _, width = next(widths)
        for line, fields in widths:
            if fields != width:
                mend = "quote texts with commas" if fields > width else "complete the row"
                faults.append(_refusal(path, f"{fields} fields where the header has {width}", mend, line))
    except csv.Error as fault:
        raise _refusal(path, "cannot be read as CSV", f"write it again ({fault})") from None
    if faults:
        raise InputFaults(first_named(faults, path.name))


def _widths(data: bytes) -> Iterator[tuple[int, int]]:
    """The first line of each row that is not blank, and its number of fields."""
    line, rows = 1, csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    for row in rows:
        if "".join(row).strip() or len(row) > 1:
            yield line, len(row)
        line = rows.line_num + 1


def _check_header(path: Path, names: list[str], required: Sequence[str], optional: Sequence[str]) -> None:
    line = 1 if path.suffix == ".csv" else None
    missing = [name for name in required if name not in names]
    if len(missing) == len(required):
        mend = "begin the file with the names of its columns"
        raise _refusal(path, "no such column in the header", mend, line, ", ".join(missing))
    faults, known = Faults(), {*required, *optional}
    for name in missing:
        near = nearest_name(name, [one for one in names if one not in known])
        mend = f"is `{near}` meant? Rename it" if near else "add it"
        faults.add(_refusal(path, "no such column in the header", mend, line, name))
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        faults.add(_refusal(path, "the header names it twice", "keep one of the columns", line, name))
    absent = [name for name in optional if name not in names]
    for name in sorted(set(names) - known):
        if near := nearest_name(name, absent, cutoff=0.8):
            found = f"no column of the format, but near to {near}"
            faults.add(_refusal(path, found, "rename or remove it", line, name))
    faults.refuse()


def _unclosed(path: Path, fault: str) -> InputError:
    """What the parser said of an open quote, in our words."""
    match = re.search(r"starting at row (\d+)", fault)
    opened = int(match.group(1)) + 1 if match else None
    return _refusal(path, "a quote is opened and never closed", "close it", opened)


def _refusal(
    path: Path, found: str, mend: str, line: int | None = None, column: str | None = None
) -> InputError:
    return InputError(found, mend=mend, file=path.name, line=line, field=column)
