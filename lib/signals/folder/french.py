"""Files of Kenneth French's data library, in the format in which they are published.

A few lines of prose, then blocks: a title (none for the first), a line of names that begins with a comma,
and rows of a date (YYYYMMDD, YYYYMM or YYYY) and numbers in percent, to the first line that is neither.
Missing is -99.99 or -999. Percent become decimals here, once. Blocks that are no returns (numbers of firms,
average sizes) are passed over. Factors go into the set ``french-<file>``, portfolios into one a block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib import user_files
from lib.errors import InputError

ROW = re.compile(r"\s*(\d{4}|\d{6}|\d{8})\s*,(.*)")
NAMES = re.compile(r"\s*,(.+)")
MISSING = (-99.99, -999.0)
PERCENT = 100.0
FREQUENCY = {8: "daily", 6: "monthly", 4: "annual"}
FORMAT = {8: "%Y%m%d", 6: "%Y%m", 4: "%Y"}
FACTOR_NAMES = {"Mkt-RF", "SMB", "HML", "RMW", "CMA", "RF", "MOM", "Mom", "WML", "ST_Rev", "LT_Rev"}
NO_RETURNS = re.compile(
    r"number of firms|average (firm|market)|sum of|value-weight average of", re.IGNORECASE
)
MEND = "give a file as the library publishes it, unzipped"


@dataclass(frozen=True)
class Block:
    """One table of a file: its title, names of the columns, dates as written, numbers, and its first line."""

    title: str
    names: list[str]
    dates: list[str]
    numbers: np.ndarray
    line: int


def read_file(path: Path) -> dict[str, pd.DataFrame]:
    """Rows of ``factor_sets`` and of ``test_portfolios`` in one file. Raises InputError with the line."""
    text = user_files.read(path, path.name, mend=MEND).content.decode("latin-1")
    found = [block for block in blocks(text, path.name) if not NO_RETURNS.search(block.title)]
    if not found:
        raise InputError("no table of returns", mend=MEND, file=path.name)
    stem = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    factors = [one for one in found if set(one.names) <= FACTOR_NAMES]
    portfolios = [one for one in found if one not in factors]
    tables = {}
    if factors:
        tables["factor_sets"] = pd.concat([_factors(one, stem, path.name) for one in factors])
    if portfolios:
        tables["test_portfolios"] = pd.concat([_portfolios(one, stem, path.name) for one in portfolios])
    return tables


def blocks(text: str, name: str) -> list[Block]:
    """The tables of a file in order. Raises InputError for a row whose numbers do not fit its names."""
    found: list[Block] = []
    title, start = "", 0
    names: list[str] = []
    dates: list[str] = []
    numbers: list[list[float]] = []
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if names and (row := ROW.fullmatch(line)):
            dates.append(row[1])
            numbers.append(_numbers(row[2], len(names), name, number))
            continue
        if dates:
            found.append(Block(title, names, dates, np.array(numbers), start))
            title, names, dates, numbers = "", [], [], []
        if header := NAMES.fullmatch(line):
            names, start = [re.sub(r"\s+", " ", one).strip() for one in header[1].split(",")], number
        elif line.strip():
            title, names = line.strip(), []
    return found


def _numbers(text: str, width: int, name: str, line: int) -> list[float]:
    parts = text.split(",")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        raise InputError(f"“{text.strip()[:40]}” holds no numbers", mend=MEND, file=name, line=line) from None
    if len(values) != width:
        found = f"{len(values)} numbers under {width} names"
        raise InputError(found, mend=MEND, file=name, line=line)
    return [np.nan if value in MISSING else value for value in values]


def _long(block: Block, column: str, file: str) -> pd.DataFrame:
    """Date (end of the period), frequency, name and return in decimals."""
    length = len(block.dates[0])
    if any(len(date) != length for date in block.dates):
        raise InputError("dates of several lengths in one table", mend=MEND, file=file, line=block.line)
    dates = pd.to_datetime(pd.Series(block.dates), format=FORMAT[length])
    if length < 8:
        dates = dates + (pd.offsets.MonthEnd(0) if length == 6 else pd.offsets.YearEnd(0))
    names = ["MOM" if name in ("Mom", "WML") else name for name in block.names]
    wide = pd.DataFrame(np.round(block.numbers / PERCENT, 10), columns=names)
    long = wide.assign(date=dates.astype("datetime64[us]")).melt("date", var_name=column, value_name="return")
    frequency = FREQUENCY[length]
    return long.dropna(subset="return").assign(frequency=frequency, source=file, origin="real")


def _factors(block: Block, stem: str, file: str) -> pd.DataFrame:
    return _long(block, "factor", file).assign(factor_set=f"french-{stem}")


def _portfolios(block: Block, stem: str, file: str) -> pd.DataFrame:
    kind = "-equal" if re.search("equal", block.title, re.IGNORECASE) else ""
    long = _long(block, "portfolio", file)
    return long.assign(portfolio_set=f"french-{stem}{kind}", excess=False)
