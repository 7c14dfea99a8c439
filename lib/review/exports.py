"""The review for other programs: JSON of every section and table, and CSV of one section, as text.

Numbers are as stored, without thousands separators; a missing one is empty or null. Text in CSV that a
spreadsheet would run as a formula gets an apostrophe in front (CWE-1236); numbers stay numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import pandas as pd

from lib.contracts import BY_ROW, Column
from lib.review.readiness import readiness
from lib.review.sources import Tables

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
BREAKS = re.compile(r"[\r\n\0]")
MOST_JSON_ROWS = 50_000


def file_names(portfolio: str, as_of: str) -> dict[str, str]:
    """Names of the three files by kind: report, data and positions."""
    endings = {"report": "md", "data": "json", "positions": "csv"}
    return {kind: f"{portfolio}_{kind}_{as_of}.{ending}" for kind, ending in endings.items()}


def csv(frame: pd.DataFrame, columns: Sequence[Column], **looks: Any) -> str:
    """A section as CSV under its labels: dates as ISO text, numbers as stored, text made harmless.

    ``looks`` are what else a section declares and a CSV has no room for.
    """
    table = _iso_dates(frame[[one.name for one in columns]])
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name]):
            table[name] = table[name].map(harmless, na_action="ignore")
    labels = {one.name: one.label or one.name for one in columns}
    return str(table.rename(columns=labels).to_csv(index=False, lineterminator="\n"))


def harmless(text: Any) -> str:
    """Text that no spreadsheet takes for a formula, on one line.

    An apostrophe goes before = + - @ and control signs; a break within would begin a row of its own, so it
    becomes a space.
    """
    text = str(text)
    mark = "'" if text.startswith(FORMULA_STARTS) else ""
    return mark + BREAKS.sub(" ", text)


def data_json(
    report: pd.DataFrame,
    tables: Tables,
    about: Mapping[str, str],
    parts: Mapping[str, Sequence[Mapping[str, Any]]],
) -> str:
    """Everything that the page shows and is made from: what it is about, its parts, its tables as records.

    ``parts`` are the sections by heading, each as ``Section.table`` gives it, with ``name``. A table of more
    than 50,000 rows is named with its number of rows only; the run keeps it as Parquet.
    """
    made = {"portfolio_report": report, "readiness": readiness(tables)}
    frames = {**made, **{one.name: getattr(tables, one.name) for one in fields(tables)}}
    kept = {name: frame for name, frame in frames.items() if len(frame) <= MOST_JSON_ROWS}
    content = {
        "about": about,
        "parts": [
            {"heading": heading, "sections": [_section(**one) for one in sections]}
            for heading, sections in parts.items()
        ],
        "tables": {name: _records(frame) for name, frame in kept.items()},
        "rows_of_tables_left_out": {name: len(frame) for name, frame in frames.items() if name not in kept},
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _section(
    *,
    name: str,
    title: str,
    reading: str,
    source: str,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    **looks: Any,
) -> dict[str, Any]:
    """A section with its columns' labels and units, and its rows by column; ``unit`` where each has one."""
    own = ["unit"] if any(one.unit in BY_ROW for one in columns) else []
    shown = frame[[*(one.name for one in columns), *own]].head(MOST_JSON_ROWS)
    declared = [{"name": one.name, "label": one.label or one.name, "unit": one.unit} for one in columns]
    told = {"name": name, "title": title, "reading": reading, "source": source}
    return told | {"columns": declared, "row_count": len(frame), "rows": _records(shown) if declared else []}


def _records(frame: pd.DataFrame) -> list[dict]:
    plain = _iso_dates(frame)
    missing = plain.isna()
    return plain.astype("object").mask(missing, None).to_dict("records")


def _iso_dates(frame: pd.DataFrame) -> pd.DataFrame:
    plain = frame.copy()
    for name in plain.columns:
        if pd.api.types.is_datetime64_any_dtype(plain[name]):
            plain[name] = plain[name].dt.strftime("%Y-%m-%d")
    return plain
