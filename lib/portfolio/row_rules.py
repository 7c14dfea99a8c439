"""Which rows of a portfolio file can be used: every rule on a row or a field, over whole columns at once.

A row with any fault is rejected and every fault of it is reported; a row with too many fields reports only
that, since its values stand in the wrong columns. Numbers are plain: no currency signs, no thousands commas.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.portfolio.csv_records import OPTIONAL, Records
from lib.portfolio.row_issues import RowIssues
from lib.portfolio.tags import Tags, read_tags
from lib.portfolio.tickers import LOOSE, read_tickers

NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
LARGEST = 1e12
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

# Column of the file, name of the value.
NUMBERS = {
    "quantity": "quantity",
    "entry_price": "entry_price",
    "price": "manual_price",
    "exit_price": "exit_price",
}
DAYS = {"entry_date": "entry_date", "price_date": "manual_date", "exit_date": "exit_date"}
STATED = ("symbol", *NUMBERS.values(), *DAYS.values(), "tags")


def read_rows(records: Records, as_of: pd.Timestamp) -> tuple[pd.DataFrame, Tags, RowIssues]:
    """Typed values of every record, their tags, and the issues; ``RowIssues.rejected`` says which rows fail.

    Columns: line, symbol, underlying, option, adjusted, expiry, strike, right, quantity, entry_price,
    entry_date, manual_price, manual_date, exit_date, exit_price, tags. Money and quantities are as the file
    writes them, dates are midnight; what a cell does not give is null.
    """
    issues = RowIssues(records.lines)
    cells = with_optional(records.cells)
    readable = _readable(records, issues)
    tickers = read_tickers(cells["ticker"])
    for code in ("EMPTY_TICKER", "BAD_TICKER", "BAD_OCC_STRIKE", *LOOSE):
        issues.add(code, readable & (tickers["code"] == code), cells["ticker"], "ticker")
    values = _numbers(cells, readable, issues) | _days(cells, readable, issues, as_of)
    _note_pairs(tickers.assign(**values), cells, readable, issues)
    tags = read_tags(cells["tags"], cells["strategy"])
    _note_tags(tags, cells, readable, issues)
    rows = tickers.assign(line=records.lines, tags=tags.text, **values).drop(columns="code")
    stated = pd.concat([rows[list(STATED)], records.cells[list(records.ignored)]], axis=1)
    issues.add("DUPLICATE_ROW", stated.duplicated() & ~issues.rejected, cells["ticker"], "ticker")
    return rows, tags, issues


def with_optional(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with the optional columns that the file lacks, empty."""
    absent = [column for column in OPTIONAL if column not in cells]
    return cells.assign(**{column: pd.Series("", index=cells.index, dtype="str") for column in absent})


def read_numbers(text: pd.Series) -> pd.Series:
    """Plain decimal numbers up to 1e12 in size; null for anything else (signs of currency, NaN, 1e309)."""
    if _all_empty(text):
        return pd.Series(np.nan, index=text.index)
    plain = text.where(text.str.fullmatch(NUMBER))
    number = pd.to_numeric(plain, errors="coerce").astype("float64")
    return number.where(number.abs() <= LARGEST)


def read_days(text: pd.Series) -> pd.Series:
    """Calendar days written YYYY-MM-DD; null for anything else."""
    if _all_empty(text):
        return pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    plain = text.where(text.str.fullmatch(DAY))
    return pd.to_datetime(plain, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")


def _all_empty(text: pd.Series) -> bool:
    """Whether a column holds no text, as optional ones mostly do: nothing is to be parsed then."""
    return bool((text == "").all())


def _readable(records: Records, issues: RowIssues) -> np.ndarray:
    """Rows whose fields stand in their columns; the others are rejected here."""
    surplus = records.fields > records.width
    blank = records.blank & ~surplus
    issues.add("BLANK_ROW", blank, records.cells["ticker"])
    issues.add("UNEXPECTED_FIELDS", surplus, records.surplus)
    return ~surplus & ~blank


def _numbers(cells: pd.DataFrame, readable: np.ndarray, issues: RowIssues) -> dict[str, pd.Series]:
    """Numbers by name, null where a cell is empty or faulty; required and filled cells must parse."""
    values = {}
    for column, name in NUMBERS.items():
        number = values[name] = read_numbers(cells[column])
        bad = "QTY_NOT_NUMBER" if column == "quantity" else "PRICE_NOT_NUMBER"
        issues.add(bad, readable & _unread(cells[column], number), cells[column], column)
    for column, name in (("entry_price", "entry_price"), ("price", "manual_price")):
        issues.add("PRICE_NOT_POSITIVE", readable & (values[name] <= 0), cells[column], column)
    issues.add("QTY_ZERO", readable & (values["quantity"] == 0), cells["quantity"], "quantity")
    issues.add("PRICE_NEGATIVE", readable & (values["exit_price"] < 0), cells["exit_price"], "exit_price")
    return values


def _days(
    cells: pd.DataFrame, readable: np.ndarray, issues: RowIssues, as_of: pd.Timestamp
) -> dict[str, pd.Series]:
    """Days by name; an exit after the as-of date is no fault, since an earlier date can be run again."""
    values = {}
    for column, name in DAYS.items():
        day = values[name] = read_days(cells[column])
        issues.add("BAD_DATE_FORMAT", readable & _unread(cells[column], day), cells[column], column)
        if column != "exit_date":
            issues.add("DATE_IN_FUTURE", readable & (day > as_of), cells[column], column)
    return values


def _unread(text: pd.Series, value: pd.Series) -> pd.Series:
    """Cells without a value that should have one: filled ones, and all of a required column."""
    return value.isna() & ((text != "") | (text.name not in OPTIONAL))


def _note_pairs(values: pd.DataFrame, cells: pd.DataFrame, readable: np.ndarray, issues: RowIssues) -> None:
    """Rules between two fields of one row."""
    manual, dated = cells["price"] != "", cells["price_date"] != ""
    exit_day, exit_price = cells["exit_date"] != "", cells["exit_price"] != ""
    early = values["exit_date"] < values["entry_date"]
    late = values["entry_date"] > values["expiry"]
    rules = (
        ("MANUAL_INCOMPLETE", manual != dated, "price"),
        ("MANUAL_SHORT", manual & (values["quantity"] < 0), "quantity"),
        ("MANUAL_OPTION", manual & values["option"], "ticker"),
        ("EXIT_INCOMPLETE", exit_day != exit_price, "exit_date"),
        ("EXIT_BEFORE_ENTRY", early, "exit_date"),
        ("ENTRY_AFTER_EXPIRY", late, "entry_date"),
    )
    for code, mask, column in rules:
        issues.add(code, readable & mask, cells[column], column)


def _note_tags(tags: Tags, cells: pd.DataFrame, readable: np.ndarray, issues: RowIssues) -> None:
    count = pd.Series(tags.count, index=cells.index).astype("str")
    issues.add("TOO_MANY_TAGS", readable & (tags.fault == "TOO_MANY_TAGS"), count, "tags")
    for code in ("TAG_TOO_LONG", "BAD_TAG"):
        issues.add(code, readable & (tags.fault == code), shown_tags(cells), "tags")


def shown_tags(cells: pd.DataFrame) -> pd.Series:
    """What the file says about tags: the tag cell, or the strategy cell where that is empty."""
    return cells["tags"].where(cells["tags"] != "", cells["strategy"])
