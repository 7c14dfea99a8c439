"""The portfolio file: what it may look like, what of it is accepted, and what is said about the rest.

A fault of the file as a whole stops a run before anything is written; a fault of a row rejects the row,
and every rejected or unusual row is in the table ``row_issues`` with its physical line.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib import table_file
from lib.errors import MOST_NAMED, InputError, InputFaults, first_named
from lib.portfolio.csv_records import read_records
from lib.portfolio.formerly_held import symbols_left
from lib.portfolio.preview import preview
from lib.portfolio.row_rules import read_rows
from lib.portfolio.row_warnings import add_warnings

COLUMNS = [
    "line",
    "position_id",
    "symbol",
    "underlying",
    "option",
    "adjusted",
    "expiry",
    "strike",
    "right",
    "quantity",
    "entry_price",
    "entry_date",
    "manual_price",
    "manual_date",
    "exit_date",
    "exit_price",
    "tags",
    "flags",
]


def read_positions(
    path: Path | str, name: str, as_of: str | pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accepted rows (``COLUMNS``, in the file's order) and the table ``row_issues`` of the file at ``path``.

    ``name`` is what messages call the file. Raises InputError for a fault of the file as a whole, and, for
    every row, when it has rows and all are rejected.
    """
    records = read_records(Path(path), name)
    day = pd.Timestamp(as_of).normalize()
    rows, tags, noted = read_rows(records, day)
    flags = add_warnings(rows, tags, records, noted, day)
    rows = _with_ids(rows.assign(flags=flags)[~noted.rejected].reset_index(drop=True))
    issues = noted.table()
    if len(records.lines) and not len(rows):
        raise _nothing_left(issues, name)
    return rows[COLUMNS], issues


def _with_ids(rows: pd.DataFrame) -> pd.DataFrame:
    """Position ids: symbol and entry date, numbered from 2 on where a fill of the same day repeats them."""
    base = rows["symbol"] + "-" + rows["entry_date"].dt.strftime("%Y-%m-%d").astype("str")
    repeat = rows.groupby(["symbol", "entry_date"]).cumcount()
    return rows.assign(position_id=base.where(repeat == 0, base + "-" + (repeat + 1).astype("str")))


def _nothing_left(issues: pd.DataFrame, name: str) -> InputError:
    """The refusal of a file whose every row is rejected: the faults by number, and each row with its own."""
    rows = rejected_rows(issues, name)
    counts = issues.loc[issues["severity"] == "rejected", "code"].value_counts()
    found = f"every row is rejected ({', '.join(f'{code} {count:,}' for code, count in counts.items())})"
    whole = InputError(found, mend=f"begin with line {rows[0].line}", file=name)
    return InputFaults([whole, *rows])


def rejected_rows(issues: pd.DataFrame, name: str) -> list[InputError]:
    """Why rows are left out: each fault with its line, its value and the mend; of more than 50 the first."""
    rejected = issues[issues["severity"] == "rejected"].sort_values("line", kind="stable")
    faults = [
        InputError(
            f"{one.message} ({one.code})",
            file=name,
            line=int(one.line),
            field=one.column if isinstance(one.column, str) else None,
        )
        for one in rejected.head(MOST_NAMED).itertuples()
    ]
    return first_named(faults, name, len(rejected))


def data_rows(path: Path | str, name: str) -> int:
    """How many data rows the file has, blank lines at its end left out."""
    return len(read_records(Path(path), name).lines)


def count_rows(rows: pd.DataFrame, issues: pd.DataFrame) -> dict[str, int]:
    """Data rows of the file, accepted and rejected ones; accepted + rejected = rows."""
    rejected = int(issues.loc[issues["severity"] == "rejected", "line"].nunique())
    return {"rows": len(rows) + rejected, "accepted": len(rows), "rejected": rejected}


def symbols_of(rows: pd.DataFrame, benchmark: str | None = None) -> list[str]:
    """Symbols whose prices the rows need, underlyings of options and the benchmark included, sorted."""
    quoted = rows[rows["manual_price"].isna()]
    needed = {*quoted["symbol"], *quoted["underlying"]} | ({benchmark} if benchmark else set())
    return sorted(needed)


def validate(request: dict) -> dict:
    """Refuse a portfolio file that cannot be read; say which symbols it needs, how many rows count, and why
    others do not (``notes``), and what each row is read as (``preview``).

    ``request`` has ``as_of``, ``portfolio``, ``files["positions_file"]`` with ``path`` and ``name`` (as
    written in the params file), and ``histories["snapshot_positions"]``, the file of what was held before the
    day or None: what left the file since then is asked for as well. Raises InputError.
    """
    file = request["files"]["positions_file"]
    rows, issues = read_positions(file["path"], file["name"], request["as_of"])
    symbols = symbols_of(rows, request["portfolio"].get("benchmark"))
    if before := request["histories"]["snapshot_positions"]:
        symbols = sorted({*symbols, *symbols_left(table_file.read(before, None), rows)})
    notes = [one.as_dict() for one in rejected_rows(issues, file["name"])]
    seen = preview(read_records(Path(file["path"]), file["name"]), rows, issues)
    return {"symbols": symbols, **count_rows(rows, issues), "notes": notes, "preview": seen}
