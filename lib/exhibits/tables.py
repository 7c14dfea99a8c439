"""A finished frame as a table for people: right units, ten rows first, small bars, totals set apart.

Numbers are right-aligned with their unit in the header. Rows beyond the tenth are in a second table one
click away, which needs no script; a page with our script joins both and lets the reader sort and filter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from pandas.api import types

from lib import wording
from lib.contracts import Column
from lib.errors import StageError
from lib.exhibits.cells import BY_UNIT, FORMATS, Cells, bar
from lib.exhibits.frame import Exhibit, Source, escape, wrap

FIRST_ROWS = 10
MOST_ROWS = 500
SIGNS = {"percent": "%", "fine percent": "%", "bp": "bp"}


def table_exhibit(
    frame: pd.DataFrame,
    *,
    title: str,
    reading: str = "",
    source: Source | None = None,
    declared: Sequence[Column] = (),
    columns: Sequence[str | Column] | None = None,
    labels: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    bars: Sequence[str] = (),
    total: Mapping[str, Any] | None = None,
    missing: Mapping[str, str] | None = None,
    sort_note: str = "",
    first: int = FIRST_ROWS,
    most: int = MOST_ROWS,
) -> Exhibit:
    """``frame`` in its given order, which should be by what matters; its index is not shown.

    Label, format and the reason of an n/a come from the column's declaration: one of ``columns`` or else of
    ``declared`` (the schema of the table that the frame comes from); an undeclared column is formatted by its
    dtype and headed by its name in words. ``columns`` chooses and orders what is shown, by name or by
    declaration. What differs is said by ``labels``, ``formats`` (money, percent, number, count, date, moment,
    text, ratio, price, bp; figure and difference by each row's ``unit``) and ``missing`` (a text, or the name
    of a column of ``frame`` that holds each row's reason); ``units`` stand behind the headers (default: % and
    bp). ``bars`` are the columns to be compared by eye. ``total`` is a last row set apart, by column. At most
    ``most`` rows are shown, the first ``first`` of them without a click.

    Raises StageError for an unknown column or format.
    """
    labels, formats, cells = looks_of(frame, declared, columns, labels, formats, missing)
    _refuse_unknown(frame, [*bars, *(total or {})])
    bar_of = {name: bar(frame[name]) for name in bars}
    rows = [row_of(cells, bar_of, position) for position in range(min(len(frame), most))]
    head = head_of(cells, labels, {**default_units(formats), **(units or {})})
    content = _content(head, rows, _foot(cells, total), title, first)
    notes = [sort_note.rstrip(".")]
    if len(frame) > most:
        notes.append(f"first {wording.count(most)} of {wording.count(len(frame))} rows, the rest in the file")
    page = wrap("table", content, title=title, reading=reading, source=source, notes=notes)
    return Exhibit(page, plain_of(frame, list(cells), title, reading))


def looks_of(
    frame: pd.DataFrame,
    declared: Sequence[Column] = (),
    columns: Sequence[str | Column] | None = None,
    labels: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    missing: Mapping[str, str] | None = None,
) -> tuple[dict[str, str], dict[str, str], dict[str, Cells]]:
    """Label, format and cells of each shown column, in order; arguments as of ``table_exhibit``."""
    chosen = list(frame.columns if columns is None else columns)
    shown = [one.name if isinstance(one, Column) else one for one in chosen]
    _refuse_unknown(frame, [*shown, *(labels or {})])
    known = {one.name: one for one in (*declared, *(one for one in chosen if isinstance(one, Column)))}
    formats = {name: (formats or {}).get(name) or _format(frame[name], known.get(name)) for name in shown}
    for name, kind in formats.items():
        if kind not in FORMATS:
            raise StageError(f"column {name!r}: no format {kind!r}; there are {', '.join(FORMATS)}")
    labels = {name: one.label for name, one in known.items()} | dict(labels or {})
    labels = {name: labels.get(name) or wording.sentence_case(str(name)) for name in shown}
    missing = {name: one.absent for name, one in known.items()} | dict(missing or {})
    cells = {
        name: Cells(frame[name], formats[name], _reason(frame, name, missing), _units(frame, formats[name]))
        for name in shown
    }
    return labels, formats, cells


def _format(column: pd.Series, declared: Column | None) -> str:
    """The declared format; by dtype where nothing is declared, or where words stand for its numbers."""
    if declared is None or (declared.format != "text" and types.is_string_dtype(column.dtype)):
        return _guess(column)
    return declared.format


def _guess(column: pd.Series) -> str:
    if types.is_bool_dtype(column):
        return "text"
    if types.is_integer_dtype(column):
        return "count"
    if types.is_numeric_dtype(column):
        return "number"
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return "moment"
    return "date" if types.is_datetime64_any_dtype(column) else "text"


def _refuse_unknown(frame: pd.DataFrame, named: Sequence) -> None:
    if unknown := [name for name in named if name not in frame]:
        raise StageError(
            f"the table has no column {unknown[0]!r}; it has {', '.join(map(str, frame.columns))}"
        )


def _reason(frame: pd.DataFrame, name: str, missing: Mapping[str, str]) -> str | pd.Series:
    reason = missing.get(name, "")
    return frame.get(reason, reason)


def _units(frame: pd.DataFrame, kind: str) -> list[str]:
    """The unit of each row's value where the format asks for it. Raises StageError where none is named."""
    if kind not in BY_UNIT:
        return []
    _refuse_unknown(frame, ["unit"])
    return frame["unit"].tolist()


def default_units(formats: Mapping[str, str]) -> dict[str, str]:
    """What stands behind the header of a column that is no plain number."""
    return {name: SIGNS[kind] for name, kind in formats.items() if kind in SIGNS}


def head_of(cells: dict[str, Cells], labels: Mapping[str, str], units: Mapping[str, str]) -> str:
    """HTML of the headers."""
    headers = []
    for name, column in cells.items():
        label, unit = labels[name], units.get(name, "")
        unit = f' <span class="unit">{escape(unit)}</span>' if unit and unit not in label.split() else ""
        headers.append(f'<th scope="col"{column.attributes}>{escape(label)}{unit}</th>')
    return f"<thead><tr>{''.join(headers)}</tr></thead>"


def row_of(cells: dict[str, Cells], bar_of: dict[str, Any], position: int) -> str:
    """HTML of one row."""
    parts = []
    for name, column in cells.items():
        picture = bar_of[name](position) if name in bar_of else ""
        parts.append(column.html(position, picture))
    return f"<tr>{''.join(parts)}</tr>"


def _foot(cells: dict[str, Cells], total: Mapping[str, Any] | None) -> str:
    if not total:
        return ""
    first = next(iter(cells))
    values = total if first in total else {first: "Total", **total}
    parts = [column.alone(values[name]) if name in values else "<td></td>" for name, column in cells.items()]
    return f"<tfoot><tr>{''.join(parts)}</tr></tfoot>"


def _content(head: str, rows: list[str], foot: str, title: str, first: int) -> str:
    name = escape(title)
    if not rows:
        return '<p class="empty">No rows.</p>'
    shown, rest = rows[:first], rows[first:]
    table = (
        f'<div class="wide"><table aria-label="{name}">{head}<tbody>\n'
        + "\n".join(shown)
        + f"\n</tbody>{foot}</table></div>"
    )
    if not rest:
        return table
    return (
        f'{table}\n<details class="rest"><summary>{wording.plural(len(rest), "more row")}</summary>'
        f'<div class="wide"><table aria-label="{name}, continued">{head}<tbody>\n'
        + "\n".join(rest)
        + "\n</tbody></table></div></details>"
    )


def plain_of(frame: pd.DataFrame, shown: list, title: str, reading: str) -> str:
    """A table as a console shows it."""
    body = frame[shown].head(FIRST_ROWS).to_string(index=False) if len(frame) else "No rows."
    more = len(frame) - FIRST_ROWS
    rest = [f"... and {wording.plural(more, 'more row')}"] if more > 0 else []
    return "\n".join([title, body, *rest, *([reading] if reading else [])])
