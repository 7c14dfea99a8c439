"""What is unusual in the accepted rows and can be told from the file alone: warnings, never rejections."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.portfolio.findings import Findings
from lib.portfolio.records import Records
from lib.portfolio.rows import shown_tags, with_optional
from lib.portfolio.tags import MAX_DISTINCT, Tags

OLD_AFTER_YEARS = 5
FORMULA_SIGNS = ("=", "+", "@")


def note_remarks(
    rows: pd.DataFrame, tags: Tags, records: Records, found: Findings, as_of: pd.Timestamp
) -> pd.Series:
    """Add the warnings to ``found``; return the flags that stay with each row, comma separated."""
    cells, symbol = with_optional(records.cells), rows["symbol"]
    accepted = ~found.rejected
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
        found.add(code, accepted & mask, values, column)
    _note_whole(records, tags, found)
    return join_flags({code: accepted & mask for code, mask, _, _ in lasting}, rows.index)


def with_ids(rows: pd.DataFrame) -> pd.DataFrame:
    """Position ids: symbol and entry date, numbered from 2 on where a fill of the same day repeats them."""
    base = rows["symbol"] + "-" + rows["entry_date"].dt.strftime("%Y-%m-%d").astype("str")
    repeat = rows.groupby(["symbol", "entry_date"]).cumcount()
    return rows.assign(position_id=base.where(repeat == 0, base + "-" + (repeat + 1).astype("str")))


def join_flags(masks: dict[str, np.ndarray | pd.Series], index: pd.Index) -> pd.Series:
    """Codes whose mask holds, comma separated, one text a row; empty when none."""
    flags = np.full(len(index), "", dtype=object)
    for code, mask in masks.items():
        chosen = np.asarray(mask, dtype=bool)
        flags[chosen] = flags[chosen] + ("," + code)
    return pd.Series(flags, index=index, dtype="str").str.lstrip(",")


def _note_whole(records: Records, tags: Tags, found: Findings) -> None:
    for column in records.ignored:
        found.add_whole("IGNORED_COLUMN", column, line=1, column=column)
    if tags.distinct > MAX_DISTINCT:
        found.add_whole("TOO_MANY_DISTINCT_TAGS", str(tags.distinct), column="tags")
    if not len(records.lines):
        found.add_whole("NO_ROWS", "")
    waiting = np.ones(len(records.lines), dtype=bool)
    for column in records.cells:
        text = records.cells[column]
        mask = waiting & text.str.startswith(FORMULA_SIGNS).to_numpy(dtype=bool)
        found.add("FORMULA_PREFIX", mask, text, column)
        waiting = waiting & ~mask


def _repeats(rows: pd.DataFrame, accepted: np.ndarray) -> pd.Series:
    """How many accepted rows of the same symbol and entry date come before each accepted row."""
    return rows[accepted].groupby(["symbol", "entry_date"]).cumcount().reindex(rows.index, fill_value=0)


def _mixed(rows: pd.DataFrame, accepted: np.ndarray, as_of: pd.Timestamp) -> pd.Series:
    """Rows still open whose symbol is held both long and short."""
    held = rows[accepted & ~(rows["exit_date"] <= as_of)]
    sides = np.sign(held["quantity"]).groupby(held["symbol"]).transform("nunique")
    return (sides > 1).reindex(rows.index, fill_value=False)
