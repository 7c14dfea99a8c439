"""Collects what checks of data found: a row a subject and check, with how many, the last, an example.

A chapter declares what its rows are about (a fund, a firm) and which column of a table is quoted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import pandas as pd

from lib.errors import printable


@dataclass(frozen=True)
class Checked:
    """The tables that passed the checks, and every issue; ``received`` counts rows by table."""

    tables: dict[str, pd.DataFrame]
    issues: pd.DataFrame
    received: dict[str, int] = field(default_factory=dict)

    def set_aside(self, table: str) -> int:
        """Rows of a table that were received and did not pass."""
        return self.received[table] - len(self.tables[table])


class FoundIssues:
    """The rows of a table of issues, as they are found."""

    SUBJECT: ClassVar[str] = ""
    """The column that says whom a row is about."""
    DATES: ClassVar[tuple[str, ...]] = ("date",)
    """The columns that may hold the day of a row; the first that is there counts."""
    SINGLE: ClassVar[str] = "\0"
    """How a text begins that is of one row, so that no number of rows is said."""
    SHOWN: ClassVar[Mapping[str, str]] = {}
    """The column of a table that is quoted."""

    def __init__(self) -> None:
        self.parts: list[pd.DataFrame] = []

    @property
    def _columns(self) -> list[str]:
        return [self.SUBJECT, "date", "table", "check", "severity", "detail", "action"]

    def rows(
        self,
        bad: pd.DataFrame,
        check: str,
        table: str,
        severity: str,
        action: str,
        told: str,
        *,
        shown: str = "",
    ) -> None:
        """Rows that a check speaks about, told together for each subject; ``shown`` is the column quoted."""
        if bad.empty:
            return
        subject = self.SUBJECT
        day = next((name for name in self.DATES if name in bad), None)
        ordered = bad.sort_values([subject, day] if day else subject, kind="stable")
        last = ordered.drop_duplicates(subject, keep="last")
        many = ordered.groupby(subject, sort=False).size().reindex(last[subject]).to_numpy()
        quoted = shown or self.SHOWN.get(table, "")
        example = ", the last " + last[quoted].map(_plain) if quoted in last else pd.Series("", last.index)
        counted = (
            "" if told.startswith(self.SINGLE) else pd.Series([f": {one:,}" for one in many], last.index)
        )
        detail = told + counted + example
        self.parts.append(
            pd.DataFrame(
                {
                    subject: last[subject],
                    "date": last[day] if day else pd.NaT,
                    "table": table,
                    "check": check,
                    "severity": severity,
                    "detail": detail,
                    "action": action,
                },
                index=last.index,
            )
        )

    def whole(self, check: str, table: str, severity: str, detail: str, action: str = "kept") -> None:
        """An issue of a whole table or source."""
        row = (None, pd.NaT, table, check, severity, printable(detail), action)
        self.parts.append(pd.DataFrame([row], columns=self._columns))

    def frame(self) -> pd.DataFrame:
        """All of them, the gravest first."""
        if not self.parts:
            return pd.DataFrame({name: pd.Series([], dtype="str") for name in self._columns}).assign(
                date=pd.Series([], dtype="datetime64[us]")
            )
        typed = [
            part.astype({**dict.fromkeys(self._columns, "str"), "date": "datetime64[us]"})
            for part in self.parts
        ]
        found = pd.concat(typed, ignore_index=True)
        rank = found["severity"].map({"error": 0, "warning": 1, "info": 2})
        order = found.assign(rank=rank).sort_values(["rank", "check", self.SUBJECT], kind="stable").index
        return found.loc[order].reset_index(drop=True)


def _plain(value: object) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
