"""Collects what checks of fund data found: a row a fund and check, with how many, the last, an example."""

from __future__ import annotations

import pandas as pd

from lib.errors import printable

COLUMNS = ("fund_id", "date", "table", "check", "severity", "detail", "action")
DATES = ("date", "valid_from", "holding_date")
SHOWN = {"fund_navs": "nav", "benchmark_levels": "level"}


class Issues:
    """The rows of the table ``fund_issues``, as they are found."""

    def __init__(self) -> None:
        self.parts: list[pd.DataFrame] = []

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
        """Rows that a check speaks about, told together for each fund; ``shown`` is the column quoted."""
        if bad.empty:
            return
        day = next((name for name in DATES if name in bad), None)
        ordered = bad.sort_values(["fund_id", day] if day else "fund_id", kind="stable")
        last = ordered.drop_duplicates("fund_id", keep="last")
        many = ordered.groupby("fund_id", sort=False).size().reindex(last["fund_id"]).to_numpy()
        quoted = shown or SHOWN.get(table, "")
        example = ", the last " + last[quoted].map(_plain) if quoted in last else pd.Series("", last.index)
        counted = "" if told.startswith("fund ") else pd.Series([f": {one:,}" for one in many], last.index)
        detail = told + counted + example
        self.parts.append(
            pd.DataFrame(
                {
                    "fund_id": last["fund_id"],
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
        self.parts.append(pd.DataFrame([row], columns=list(COLUMNS)))

    def frame(self) -> pd.DataFrame:
        """All of them, the gravest first."""
        if not self.parts:
            return pd.DataFrame({name: pd.Series([], dtype="str") for name in COLUMNS}).assign(
                date=pd.Series([], dtype="datetime64[us]")
            )
        typed = [
            part.astype({**dict.fromkeys(COLUMNS, "str"), "date": "datetime64[us]"}) for part in self.parts
        ]
        found = pd.concat(typed, ignore_index=True)
        rank = found["severity"].map({"error": 0, "warning": 1, "info": 2})
        order = found.assign(rank=rank).sort_values(["rank", "check", "fund_id"], kind="stable").index
        return found.loc[order].reset_index(drop=True)


def _plain(value: object) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else str(value)
