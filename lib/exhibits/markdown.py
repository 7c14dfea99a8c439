"""Exhibits as Markdown: the tables of a page with the same labels and numbers, its charts by their sentences.

Whatever comes from data is escaped, so that it is shown as it is and begins no heading, link or cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from lib.contracts import Column
from lib.exhibits.tables import default_units, looks_of

MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~&])")
BREAKS = re.compile(r"[\r\n]")


def markdown(title: str, parts: Mapping[str, Sequence[Mapping[str, Any] | str]], *, lead: str = "") -> str:
    """A page as Markdown: title, one sentence, and under each heading tables, charts and points of a list.

    A table is what ``table_exhibit`` takes, a chart the same without ``frame``, a point of a list a text.
    """
    lines = [f"# {escape(title)}", "", *([escape(lead), ""] if lead else [])]
    for heading, blocks in parts.items():
        lines += [f"## {escape(heading)}", ""]
        for block in blocks:
            lines += [f"- {escape(block)}"] if isinstance(block, str) else _exhibit(**block)
    return "\n".join(lines).rstrip("\n") + "\n"


def escape(text: object) -> str:
    """Text that Markdown shows as it is, on one line."""
    return MARKUP.sub(r"\\\1", BREAKS.sub(" ", str(text)))


def _exhibit(*, title: str, reading: str = "", frame: pd.DataFrame | None = None, **looks: Any) -> list[str]:
    told = [f"### {escape(title)}", "", *([escape(reading), ""] if reading else [])]
    if frame is None:
        return told
    return [*told, *(_table(frame, **looks) if len(frame) else ["No rows."]), ""]


def _table(
    frame: pd.DataFrame,
    *,
    declared: Sequence[Column] = (),
    columns: Sequence[str | Column] | None = None,
    labels: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    missing: Mapping[str, str] | None = None,
    **_looks: Any,
) -> list[str]:
    labels, formats, cells = looks_of(frame, declared, columns, labels, formats, missing)
    units = default_units(formats)
    heads = [f"{label}, {units[name]}" if name in units else label for name, label in labels.items()]
    columns_of_text = [[column.plain(place) for place in range(len(frame))] for column in cells.values()]
    return [
        _line(heads),
        _line(["---"] * len(heads)),
        *(_line(row) for row in zip(*columns_of_text, strict=True)),
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell if cell == '---' else escape(cell) for cell in cells)} |"
