"""What AMFI publishes beside the NAVs: the scheme master (CSV), expense ratios and average assets (JSON).

Expense ratios stand by the name of a scheme and the plan, not by a code; they are joined by that name.
Average assets of a quarter are in lakh rupees by code. Cells that cannot be read are null and counted.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pandas as pd

from lib.funds.amfi.nav_text import BadAnswer, days, decoded, numbers

LAKH = 100_000.0
MONTHS = [day.strftime("%B").lower() for day in pd.date_range("2000-01-01", periods=12, freq="MS")]
MASTER = {
    "amc": "house",
    "code": "code",
    "schemenavname": "name",
    "schememinimumamount": "minimum",
    "launchdate": "launched",
    "closuredate": "closed",
}


def master(content: bytes) -> tuple[pd.DataFrame, int]:
    """``code house name minimum launched closed`` and how many rows were skipped. Raises BadAnswer."""
    rows = list(csv.reader(io.StringIO(decoded(content), newline="")))
    names = [MASTER.get(re.sub(r"[^a-z]", "", name.lower()), "") for name in (rows[0] if rows else [])]
    missing = [name for name in ("code", "launched", "closed") if name not in names]
    if missing:
        raise BadAnswer(f"the scheme master has no column for {', '.join(missing)}")
    whole = [row[: len(names)] for row in rows[1:] if len(row) >= len(names)]
    cells = pd.DataFrame(whole, columns=range(len(names)), dtype="str")
    found = pd.DataFrame(
        {name: cells[names.index(name)] if name in names else None for name in MASTER.values()}
    )
    found = found.astype("str").apply(lambda column: column.str.strip())
    found = found[found["code"].str.fullmatch(r"\d{1,9}").eq(True)]
    skipped = sum(any(cell.strip() for cell in row) for row in rows[1:]) - len(found)
    _refuse_many(skipped, len(found), "scheme master")
    found = found.assign(
        launched=days(found["launched"]),
        closed=days(found["closed"]),
        minimum=numbers(found["minimum"].str.extract(r"([\d,]+(?:\.\d+)?)")[0].fillna("")),
    )
    return found.drop_duplicates("code", keep="last").reset_index(drop=True), skipped


def expense_page(content: bytes) -> tuple[pd.DataFrame, int]:
    """``name plan date ratio`` of one page of expense ratios, and how many pages there are.

    Raises BadAnswer.
    """
    answer = _json(content)
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise BadAnswer("expense ratios without a list `data`")
    meta = answer.get("meta")
    pages = int(meta.get("pageCount") or 1) if isinstance(meta, dict) else 1
    told = [row for row in rows if isinstance(row, dict)]
    parts = [
        pd.DataFrame(
            {
                "name": [_text(row.get("Scheme_Name")) for row in told],
                "plan": plan,
                "date": [_text(row.get("TER_Date"))[:10] for row in told],
                "ratio": [_text(row.get(key)) for row in told],
            },
            dtype="str",
        )
        for plan, key in (("regular", "R_TER"), ("direct", "D_TER"))
    ]
    found = pd.concat(parts, ignore_index=True)
    day = pd.to_datetime(found["date"], format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    found = found.assign(ratio=numbers(found["ratio"]) / 100, date=day)
    return found, pages


def financial_years(content: bytes) -> dict[str, str]:
    """The id of each financial year by its words, such as ``April 2025 - March 2026``."""
    rows = _rows(_json(content))
    return {
        _text(row["financial_year"]): _text(row["id"])
        for row in rows
        if {"id", "financial_year"} <= row.keys()
    }


def periods(content: bytes) -> dict[pd.Timestamp, str]:
    """The id of each quarter of a financial year by its last day."""
    answer = _json(content)
    inner = answer.get("data") if isinstance(answer, dict) else answer
    if isinstance(inner, list) and inner and isinstance(inner[0], dict):
        inner = inner[0]
    rows = inner.get("periods", []) if isinstance(inner, dict) else []
    found = {quarter_end(_text(row.get("period"))): _text(row.get("id")) for row in rows}
    return {day: one for day, one in found.items() if day is not None}


def assets(content: bytes) -> tuple[pd.DataFrame, int]:
    """``code assets`` in rupees, and how many rows were skipped. Raises BadAnswer."""
    schemes = [
        scheme
        for group in _rows(_json(content))
        for scheme in group.get("schemes") or []
        if isinstance(scheme, dict)
    ]
    found = pd.DataFrame(
        {
            "code": [_text(one.get("AMFI_Code")) for one in schemes],
            "assets": [_average(one.get("AverageAumForTheMonth")) for one in schemes],
        },
        dtype="str",
    )
    found = found.assign(assets=numbers(found["assets"]) * LAKH)
    good = found["code"].str.fullmatch(r"\d{1,9}").eq(True) & found["assets"].notna()
    _refuse_many(int((~good).sum()), len(found), "average assets")
    return found[good].drop_duplicates("code", keep="last").reset_index(drop=True), int((~good).sum())


def quarter_end(words: str) -> pd.Timestamp | None:
    """The last day of ``October - December 2024``; None for what is no such quarter."""
    match = re.search(r"-\s*([a-z]+)\s+(\d{4})\s*$", words.lower())
    if not match or match[1] not in MONTHS:
        return None
    return pd.Timestamp(int(match[2]), MONTHS.index(match[1]) + 1, 1) + pd.offsets.MonthEnd(0)


def _average(value: Any) -> str:
    if not isinstance(value, dict):
        return _text(value)
    return _text(next((one for key, one in value.items() if key.startswith("Excluding")), None))


def _refuse_many(skipped: int, total: int, what: str) -> None:
    if total + skipped and skipped > 0.02 * (total + skipped):
        raise BadAnswer(
            f"{skipped:,} of {total + skipped:,} rows of the {what} cannot be read; at most 2% may be"
        )


def _json(content: bytes) -> Any:
    text = decoded(content)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadAnswer(f"no JSON; it begins with {text.strip()[:60]!r}") from None


def _rows(answer: Any) -> list[dict]:
    rows = answer.get("data") if isinstance(answer, dict) else answer
    if not isinstance(rows, list):
        raise BadAnswer("JSON without a list `data`")
    return [row for row in rows if isinstance(row, dict)]


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
