"""What is wrong or unusual in a portfolio file, as rows of the table ``row_issues``.

Every rule has a fixed code, whose severity and sentence are in ``lib.codes.row_issues``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.codes import CODES
from lib.contracts import conform, empty
from lib.tables import TABLES

LONGEST_VALUE = 80

HINTS = {
    r"[$€£¥₹]": " Leave out currency signs.",
    r",": " Leave out thousands commas.",
    r"^\(.*\)$": " Write a minus sign instead of brackets.",
    r"−": " Type a plain hyphen as the minus sign.",
    r"%": " Leave out the percent sign.",
}


@dataclass
class RowIssues:
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
        if CODES[code].severity == "rejected":
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
    before, slot, after = CODES[code].message.partition("{value}")
    message = before + value + after if slot else pd.Series(before, index=value.index, dtype="str")
    if code in ("QTY_NOT_NUMBER", "PRICE_NOT_NUMBER"):
        message = message + _hints(value)
    return pd.DataFrame(
        {
            "line": np.asarray(lines, dtype="int64"),
            "severity": CODES[code].severity,
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
