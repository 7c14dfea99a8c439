"""What is wrong or unusual in a portfolio file, as rows of the table ``row_issues``.

Every rule has a fixed code; its severity and its sentence stand here and nowhere else. A sentence says
what was found and what to do, and may hold one ``{value}``, the text that was found.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.contracts import conform, empty
from lib.tables import TABLES

LONGEST_VALUE = 80

REJECTED = {
    "BLANK_ROW": "The row is blank; delete it.",
    "UNEXPECTED_FIELDS": "The row has more fields than the header, the first surplus one being "
    "“{value}”; put lists of tags in double quotes and write numbers without thousands commas.",
    "EMPTY_TICKER": "The ticker is empty; write the symbol.",
    "BAD_TICKER": "“{value}” is no ticker; use up to 24 letters, digits and . - ^ = & _ without spaces.",
    "BAD_OCC_ROOT": "“{value}” looks like an option whose root is longer than six letters; check the root.",
    "BAD_OCC_DATE": "“{value}” looks like an option with an impossible expiry; write the expiry as YYMMDD.",
    "BAD_OCC_TYPE": "“{value}” looks like an option that is neither C nor P; write C for a call, P for "
    "a put.",
    "BAD_OCC_STRIKE": "“{value}” looks like an option with a bad strike; write the strike times 1,000 "
    "as eight digits, above zero.",
    "QTY_NOT_NUMBER": "The quantity “{value}” is not a number; write it like -1200 or 12.5.",
    "QTY_ZERO": "The quantity is zero; delete the row or write the quantity, negative when short.",
    "PRICE_NOT_NUMBER": "The price “{value}” is not a number; write it like 1234.50.",
    "PRICE_NOT_POSITIVE": "The price “{value}” is not above zero; shorts have a positive price and a "
    "negative quantity.",
    "PRICE_NEGATIVE": "The exit price “{value}” is below zero; write zero or more.",
    "BAD_DATE_FORMAT": "The date “{value}” is not a calendar day written YYYY-MM-DD; write it like "
    "2022-01-31.",
    "DATE_IN_FUTURE": "The date “{value}” is after the as-of date; correct it, or run a later as-of date.",
    "ENTRY_AFTER_EXPIRY": "The option was entered on {value}, after it expired; check both dates.",
    "EXIT_INCOMPLETE": "An exit needs both exit_date and exit_price; write both or neither.",
    "EXIT_BEFORE_ENTRY": "The exit on {value} is before the entry; check both dates.",
    "MANUAL_INCOMPLETE": "A manual valuation needs both price and price_date; write both or neither.",
    "MANUAL_SHORT": "A manual valuation must be long, and the quantity is “{value}”; write a positive one.",
    "MANUAL_OPTION": "The option “{value}” has a manual valuation; leave price and price_date empty.",
    "BAD_TAG": "“{value}” is no list of tags; a tag has letters, digits and underscores, and the part "
    "after #strategy: may also have spaces and hyphens.",
    "TAG_TOO_LONG": "One of the tags “{value}” is longer than 50 characters; shorten it.",
    "TOO_MANY_TAGS": "The position has {value} tags; 20 are allowed.",
    "DUPLICATE_ROW": "The row repeats an earlier one in every field and was left out; delete one of the"
    " two, or add the quantities when both are real.",
}

WARNING = {
    "DATE_TOO_OLD": "The entry on {value} is more than five years before the as-of date; check the year.",
    "REPEATED_FILL": "{value} was entered more than once on that day; each row is kept as a position of"
    " its own.",
    "TAG_LONG": "A tag in “{value}” is longer than 20 characters; tables will cut it.",
    "TOO_MANY_DISTINCT_TAGS": "The file uses {value} different tags; more than 100 cannot be read at a "
    "glance.",
    "FORMULA_PREFIX": "“{value}” starts like a spreadsheet formula; remove the leading sign.",
    "OPTION_EXPIRED": "{value} has expired by the as-of date: after expiry day it counts as settled at its "
    "value of that day, with nothing held; remove the row once the cash is booked.",
    "FRACTIONAL_CONTRACTS": "{value} contracts are not a whole number; check the quantity.",
    "ADJUSTED_CONTRACT": "{value} is an adjusted contract; a multiplier of 100 is assumed and may be wrong.",
    "MIXED_LONG_SHORT_SAME_SYMBOL": "{value} is held long and short; both are kept, and both count in gross.",
    "NO_ROWS": "The file has a header and no rows: the book is empty.",
    "OPTION_PREMIUM_IMPLAUSIBLE": "{value} cost more than an option can be worth; write the premium a "
    "share, not a contract.",
    "ENTRY_NOT_TRADING_DAY": "The exchange was closed on {value}; check the entry date.",
    "UNKNOWN_SYMBOL": "{value} is unknown to the data: neither an instrument nor a price; check the ticker.",
    "UNPRICED": "{value} has no price within seven days of the as-of date; it is left out of every total.",
    "STALE": "{value} has no price on the last trading day; an older one is used and it has no daily profit.",
    "CURRENCY": "{value} trades in another currency than the portfolio; it is left out of every total.",
    "SPLIT_SINCE_ENTRY": "{value} was split after entry; the quantity is read as today's, and the entry"
    " price was divided by the split ratio.",
    "MANUAL_STALE": "The manual valuation of {value} is more than 100 days old; ask for a newer one.",
    "NO_PREVIOUS": "{value} has no price in the ten days before its last one; it has no daily profit.",
}

INFO = {
    "IGNORED_COLUMN": "The column “{value}” is not used.",
}

SENTENCES = {**REJECTED, **WARNING, **INFO}
SEVERITY = (
    dict.fromkeys(REJECTED, "rejected") | dict.fromkeys(WARNING, "warning") | dict.fromkeys(INFO, "info")
)

HINTS = {
    r"[$€£¥₹]": " Leave out currency signs.",
    r",": " Leave out thousands commas.",
    r"^\(.*\)$": " Write a minus sign instead of brackets.",
    r"−": " Type a plain hyphen as the minus sign.",
    r"%": " Leave out the percent sign.",
}


@dataclass
class Findings:
    """Issues collected over the records of one file, and which records they reject.

    ``lines`` holds the physical line on which each record starts.
    """

    lines: np.ndarray
    parts: list[pd.DataFrame] = field(default_factory=list)
    rejected: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.rejected = np.zeros(len(self.lines), dtype=bool)

    def add(
        self, code: str, mask: np.ndarray | pd.Series, values: pd.Series, column: str | None = None
    ) -> None:
        """Note ``code`` for the records of ``mask``; ``values`` is the text found, one a record."""
        chosen = np.asarray(mask, dtype=bool)
        if not chosen.any():
            return
        self.parts.append(issue_rows(code, self.lines[chosen], values[chosen], column))
        if SEVERITY[code] == "rejected":
            self.rejected = self.rejected | chosen

    def add_whole(self, code: str, value: str, line: int = 0, column: str | None = None) -> None:
        """Note ``code`` once, for the whole file (line 0) or its header (line 1)."""
        self.parts.append(issue_rows(code, np.array([line]), pd.Series([value], dtype="str"), column))

    def table(self) -> pd.DataFrame:
        """Everything noted so far, as the table ``row_issues`` in the order of the file."""
        return join_issues(*self.parts)


def issue_rows(code: str, lines: np.ndarray, values: pd.Series, column: str | None = None) -> pd.DataFrame:
    """Rows of ``row_issues`` for one code: ``lines`` and the texts found there, aligned."""
    value = values.astype("str").reset_index(drop=True).str.slice(0, LONGEST_VALUE)
    before, slot, after = SENTENCES[code].partition("{value}")
    message = before + value + after if slot else pd.Series(before, index=value.index, dtype="str")
    if code in ("QTY_NOT_NUMBER", "PRICE_NOT_NUMBER"):
        message = message + _hints(value)
    return pd.DataFrame(
        {
            "line": np.asarray(lines, dtype="int64"),
            "severity": SEVERITY[code],
            "code": code,
            "column": column,
            "value": value,
            "message": message,
        }
    ).astype({"severity": "str", "code": "str", "column": "str", "message": "str"})


def join_issues(*parts: pd.DataFrame) -> pd.DataFrame:
    """Several sets of issues as one table ``row_issues``, in the order of the file."""
    table = TABLES["row_issues"]
    kept = [part for part in parts if len(part)]
    if not kept:
        return empty(table)
    return conform(pd.concat(kept, ignore_index=True).sort_values("line", kind="stable"), table)


def _hints(value: pd.Series) -> pd.Series:
    hint = pd.Series("", index=value.index, dtype="str")
    for pattern, sentence in HINTS.items():
        hint = hint + np.where(value.str.contains(pattern, regex=True), sentence, "")
    return hint
