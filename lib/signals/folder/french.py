"""Files in the CSV format of Kenneth French's data library: several blocks of dated rows under headings.

A file begins with sentences about itself. A block has perhaps a heading line, a line of names that begins
with a comma, and rows of a period (YYYYMMDD a day, YYYYMM a month, YYYY a year) and numbers in percent;
-99.99 and -999 stand for missing. Percent become decimals here, once; numbers of firms and sizes stay.
Source: the layout of the files at mba.tuck.dartmouth.edu/pages/faculty/ken.french/data_library.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib import user_files
from lib.errors import Faults, InputError

FREQUENCIES = {8: "daily", 6: "monthly", 4: "annual"}
MISSING = (-99.99, -999.0)
ROW = re.compile(r"\s*(\d{8}|\d{6}|\d{4})\s*,")
PLAIN_HEADING = re.compile(r"number of firms|average (firm )?size|average market cap|sum of be|ratio", re.I)
SHOWN = "rows are a period and numbers, as in `192607,  2.96, -2.56`"


@dataclass(frozen=True)
class Block:
    """One block: ``heading`` ("" for none), ``frequency``, ``line`` of names, ``frame`` (periods x series).

    The index holds the last day of each period; returns are decimals
    (``percent`` says that they were percent).
    """

    heading: str
    frequency: str
    line: int
    frame: pd.DataFrame
    percent: bool


def read_french(path: Path | str, name: str) -> list[Block]:
    """The blocks of a file, in its order. Raises InputError for all rows that cannot be read, by line."""
    content = user_files.read(path, name, most=user_files.LARGEST).content
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    lines = text.splitlines()
    blocks, faults, at = [], Faults(), 0
    while at < len(lines):
        if ROW.match(lines[at]) is None:
            at += 1
            continue
        end = at
        while end < len(lines) and ROW.match(lines[end]):
            end += 1
        with faults.noted():
            blocks.append(_block(lines, at, end, name))
        at = end
    faults.refuse()
    if not blocks:
        raise InputError("no block of dated rows", mend=SHOWN, file=name)
    return blocks


def _block(lines: list[str], start: int, end: int, name: str) -> Block:
    """The block whose rows are lines ``start`` to ``end`` (exclusive, from 0)."""
    names = [one.strip() for one in lines[start - 1].split(",")][1:] if start else []
    if not names or lines[start - 1].split(",")[0].strip() or "" in names:
        found = "no line of names before the first row"
        raise InputError(found, mend="begin it with a comma: `,Mkt-RF,SMB`", file=name, line=start + 1)
    rows = [line.split(",") for line in lines[start:end]]
    for offset, row in enumerate(rows):
        if len(row) != len(names) + 1:
            found = f"{len(row)} fields where the line of names has {len(names) + 1}"
            raise InputError(found, mend="complete the row", file=name, line=start + offset + 1)
    periods = pd.Series([row[0].strip() for row in rows], dtype="str")
    cells = pd.DataFrame([row[1:] for row in rows], columns=names, dtype="str")
    numbers = cells.apply(lambda one: pd.to_numeric(one.str.strip(), errors="coerce")).astype("float64")
    _refuse_cells(cells, numbers, start, name)
    days, frequency = _days(periods, start, name)
    heading = _heading(lines, start - 2)
    percent = PLAIN_HEADING.search(heading) is None
    known = numbers.mask(numbers.isin(MISSING))
    known = known / 100.0 if percent else known
    return Block(heading, frequency, start, known.set_axis(days), percent)


def _refuse_cells(cells: pd.DataFrame, numbers: pd.DataFrame, start: int, name: str) -> None:
    wrong = np.argwhere(~np.isfinite(numbers.to_numpy()))
    if len(wrong):
        row, column = wrong[0]
        found = f"“{cells.iloc[row, column].strip()[:40]}” is not a number"
        raise InputError(
            found, mend=SHOWN, file=name, line=start + int(row) + 1, field=str(cells.columns[column])
        )


def _days(periods: pd.Series, start: int, name: str) -> tuple[pd.DatetimeIndex, str]:
    """The last day of each period, which rise, and how long the periods are."""
    length = periods.str.len()
    if (other := length != length.iloc[0]).any():
        line = start + int(other.to_numpy().argmax()) + 1
        raise InputError(
            "a period of another length", mend="part blocks by an empty line", file=name, line=line
        )
    size = int(length.iloc[0])
    text = periods + {8: "", 6: "01", 4: "1231"}[size]
    days = pd.to_datetime(text, format="%Y%m%d", errors="coerce")
    steps = days.diff().dt.days.fillna(1)
    wrong = days.isna() | (steps <= 0)
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        found = f"“{periods.iloc[at]}” is no period that follows the row before"
        raise InputError(found, mend="write rising YYYYMM, YYYYMMDD or YYYY", file=name, line=start + at + 1)
    days = days + pd.offsets.MonthEnd(0) if size == 6 else days
    return pd.DatetimeIndex(days, name="date").as_unit("us"), FREQUENCIES[size]


def _heading(lines: list[str], at: int) -> str:
    """The line before the names, past blank ones at most one; "" for a sentence of the preamble."""
    while at >= 0 and not lines[at].strip():
        at -= 1
    found = lines[at].strip() if at >= 0 else ""
    return "" if ROW.match(found) or found.endswith(".") else found
