"""What is unusual in the accepted rows and can be told from the file alone: warnings, never rejections."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes
from lib.portfolio.csv_records import OTHER_SEPARATORS, Records
from lib.portfolio.row_issues import RowIssues
from lib.portfolio.row_rules import shown_tags, with_optional
from lib.portfolio.tags import MAX_DISTINCT, Tags

OLD_AFTER_YEARS = 5
FORMULA_SIGNS = ("=", "+", "@")


def add_warnings(
    rows: pd.DataFrame, tags: Tags, records: Records, issues: RowIssues, as_of: pd.Timestamp
) -> pd.Series:
    """Add the warnings to ``issues``; return the flags that stay with each row, comma separated."""
    cells, symbol = with_optional(records.cells), rows["symbol"]
    accepted = ~issues.rejected
    old = rows["entry_date"] < as_of - pd.DateOffset(years=OLD_AFTER_YEARS)
    lasting = (
        ("OPTION_EXPIRED", rows["expiry"] <= as_of, symbol, "ticker"),
        ("FRACTIONAL_CONTRACTS", rows["option"] & (rows["quantity"] % 1 != 0), cells["quantity"], "quantity"),
        ("ADJUSTED_CONTRACT", rows["adjusted"], symbol, "ticker"),
        ("MIXED_LONG_SHORT_SAME_SYMBOL", _mixed(rows, accepted, as_of), symbol, "ticker"),
    )
    passing = (
        ("DATE_TOO_OLD", old, cells["entry_date"], "entry_date"),
        ("REPEATED_FILL", _repeats(rows, accepted) > 0, symbol, "ticker"),
        ("TAG_LONG", pd.Series(tags.long, index=rows.index), shown_tags(cells), "tags"),
    )
    for code, mask, values, column in (*lasting, *passing):
        issues.add(code, accepted & mask, values, column)
    _warn_of_file(records, tags, issues)
    return codes.flags_of({code: accepted & mask for code, mask, _, _ in lasting}, rows.index)


def _warn_of_file(records: Records, tags: Tags, issues: RowIssues) -> None:
    if records.separator in OTHER_SEPARATORS:
        issues.add_whole("OTHER_SEPARATOR", OTHER_SEPARATORS[records.separator], line=1)
    for column in records.ignored:
        issues.add_whole("IGNORED_COLUMN", column, line=1, column=column)
    if tags.distinct > MAX_DISTINCT:
        issues.add_whole("TOO_MANY_DISTINCT_TAGS", str(tags.distinct), column="tags")
    if not len(records.lines):
        issues.add_whole("NO_ROWS", "")
    waiting = np.ones(len(records.lines), dtype=bool)
    for column in records.cells:
        text = records.cells[column]
        mask = waiting & text.str.startswith(FORMULA_SIGNS).to_numpy(dtype=bool)
        issues.add("FORMULA_PREFIX", mask, text, column)
        waiting = waiting & ~mask


def _repeats(rows: pd.DataFrame, accepted: np.ndarray) -> pd.Series:
    """How many accepted rows of the same symbol and entry date come before each accepted row."""
    return rows[accepted].groupby(["symbol", "entry_date"]).cumcount().reindex(rows.index, fill_value=0)


def _mixed(rows: pd.DataFrame, accepted: np.ndarray, as_of: pd.Timestamp) -> pd.Series:
    """Rows still open whose symbol is held both long and short."""
    held = rows[accepted & ~(rows["exit_date"] <= as_of)]
    sides = np.sign(held["quantity"]).groupby(held["symbol"]).transform("nunique")
    return (sides > 1).reindex(rows.index, fill_value=False)
