"""The trades file: what a what-if may ask, read and held against the book before anything is computed.

A CSV with a row a symbol and the columns ``action`` and ``symbol``, one of ``quantity``, ``notional`` and
``weight``, and if wanted ``price`` (of the trade, a share), ``tags`` and ``purpose``. Actions:

- ``BUY`` adds to what is long or opens it, ``SELL`` reduces it; ``SHORT`` and ``COVER`` the same below zero;
- ``CLOSE`` takes the holding to zero and has no size;
- ``SET`` takes it to a target: ``quantity`` held (negative for short, 0 closes), ``notional`` its exposure,
  ``weight`` its share of net asset value. A weight is a target and so goes with ``SET`` only.

Sizes of the other actions have no sign. All rows are carried out at once, so a symbol stands in one only.
Whatever could not be meant is refused with its line: nothing of a faulty file is carried out.
"""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

import numpy as np
import pandas as pd

from lib.errors import Faults, InputError, InputFaults, first_named
from lib.portfolio.csv_records import MAX_COLUMNS, read_text, split_records
from lib.portfolio.files import read_positions
from lib.portfolio.row_rules import read_numbers
from lib.portfolio.tickers import read_tickers
from lib.portfolio.trade_rules import SIZES, find_faults

REQUIRED = ("action", "symbol")
FIELDS = (*REQUIRED, *SIZES, "price", "tags", "purpose")
ALIASES = {"ticker": "symbol", "qty": "quantity", "side": "action"}
COLUMNS = [
    "line",
    "action",
    "symbol",
    "underlying",
    "option",
    "adjusted",
    "expiry",
    "strike",
    "right",
    *SIZES,
    "price",
    "tags",
    "purpose",
]
MAX_TRADES = 1000


def read_trades(
    path: Path | str, name: str, *, held: pd.DataFrame | None, as_of: str | pd.Timestamp
) -> pd.DataFrame:
    """The trades of the file at ``path`` (``COLUMNS``, in its order); what a cell does not give is null.

    ``held`` as ``held_quantities`` gives it, None where it is not known; messages call the file ``name``.
    Raises InputError with line, field and mend for every row that cannot be meant.
    """
    ends, records = split_records(read_text(Path(path), name, REQUIRED), name)
    header = _header(records[0], name)
    cells, lines, surplus = _cells(ends, records, header)
    if len(cells) > MAX_TRADES:
        raise InputError(f"{len(cells):,} trades (TOO_MANY_ROWS)", mend=f"keep to {MAX_TRADES:,}", file=name)
    tickers = read_tickers(cells["symbol"])
    numbers = {column: read_numbers(cells[column]) for column in (*SIZES, "price")}
    rows = tickers.assign(
        line=lines,
        action=cells["action"].str.upper(),
        tags=cells["tags"],
        purpose=cells["purpose"],
        **numbers,
    )
    faults = [
        InputError(fault.found, mend=fault.mend, file=name, line=fault.line, field=fault.field)
        for fault in find_faults(cells, rows, surplus, held, pd.Timestamp(as_of).normalize())
    ]
    if faults:
        raise InputFaults(first_named(faults, name))
    return rows[COLUMNS]


def no_trades() -> pd.DataFrame:
    """What a portfolio without a trades file asks: no rows, columns as of ``read_trades``."""
    header = pd.DataFrame({column: pd.Series([], dtype="str") for column in FIELDS})
    rows = read_tickers(header["symbol"]).assign(line=np.array([], dtype="int64"))
    numbers = {column: pd.Series([], dtype="float64") for column in (*SIZES, "price")}
    return rows.assign(**{name: header[name] for name in ("action", "tags", "purpose")}, **numbers)[COLUMNS]


def held_quantities(positions: pd.DataFrame) -> pd.DataFrame:
    """Units long and short (both positive) of each symbol held; index symbol, columns ``long``, ``short``.

    Of any frame with symbol and signed quantity, 0 for what is exited or expired.
    """
    quantity, symbol = positions["quantity"].astype("float64"), positions["symbol"]
    sides = pd.DataFrame({"long": quantity.clip(lower=0.0), "short": (-quantity).clip(lower=0.0)})
    return sides.groupby(symbol).sum()


def symbols_of(trades: pd.DataFrame) -> list[str]:
    """Symbols whose prices the trades need, underlyings of options included, sorted."""
    return sorted({*trades["symbol"], *trades["underlying"]})


def validate(request: dict) -> dict:
    """Refuse trades files that the book cannot carry out; say which symbols they need and how many trades.

    ``request`` has ``as_of`` and ``files`` with ``positions_file`` and, where the portfolio names some,
    ``trades_files[0]`` and so on (``path``, and ``name`` as written in the params file). Raises InputError.
    """
    book = request["files"].get("positions_file")
    files = [one for name, one in request["files"].items() if name.startswith("trades_files[")]
    if not files or not book:
        return {"symbols": [], "trades": 0}
    faults, held = Faults(), None
    with faults.noted():
        rows, _ = read_positions(book["path"], book["name"], request["as_of"])
        held = held_quantities(_still_held(rows, pd.Timestamp(request["as_of"]).normalize()))
    read = []
    for file in files:
        with faults.noted():
            read.append(read_trades(file["path"], file["name"], held=held, as_of=request["as_of"]))
    faults.refuse()
    symbols = sorted({symbol for trades in read for symbol in symbols_of(trades)})
    return {"symbols": symbols, "trades": sum(map(len, read))}


def _still_held(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    gone = (rows["exit_date"] <= day) | (rows["expiry"] < day)
    return rows.assign(quantity=rows["quantity"].mask(gone, 0.0))


def _header(row: list[str], name: str) -> list[str]:
    """Canonical column names; a repeated, missing or unknown one is refused."""
    if len(row) > MAX_COLUMNS:
        raise InputError(
            f"{len(row):,} columns (TOO_MANY_COLUMNS)",
            mend="keep the columns of a trades file alone",
            file=name,
            line=1,
        )
    written = [" ".join(cell.lower().split()) for cell in row]
    names = [ALIASES.get(cell, cell) for cell in written]
    repeated = [one for one in names if names.count(one) > 1]
    missing = [one for one in REQUIRED if one not in names]
    unknown = [one for one in names if one not in FIELDS]
    mend = f"the first line names {', '.join(REQUIRED)} and, as needed, {', '.join(FIELDS[2:])}, each once"
    for found, words in (
        (missing, "no column {} (MISSING_COLUMN)"),
        (repeated, "the header names {} twice (DUPLICATE_HEADER)"),
        (unknown, "{!r} is no column of a trades file (UNKNOWN_COLUMN)"),
    ):
        if found:
            raise InputError(words.format(found[0]), mend=mend, file=name, line=1, field=found[0] or None)
    return names


def _cells(
    ends: list[int], records: list[list[str]], header: list[str]
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Trimmed text by column, first line of each row, and whether it has too many fields; no blank rows."""
    starts = np.asarray(ends[:-1], dtype="int64") + 1
    width = len(header)
    surplus = np.array([any(map(str.strip, row[width:])) for row in records[1:]], dtype=bool)
    columns = zip_longest(*(row[:width] for row in records), fillvalue="")
    texts = [pd.Series(column[1:], dtype="str").str.strip() for column in columns]
    cells = pd.DataFrame(dict(zip(header, texts, strict=True)))
    kept = (cells != "").any(axis=1).to_numpy() | surplus
    absent = {
        column: pd.Series("", index=cells.index, dtype="str") for column in FIELDS if column not in cells
    }
    return cells.assign(**absent)[kept].reset_index(drop=True), starts[kept], surplus[kept]
