"""A long table that is searched, filtered and sorted on the page: its rows are data, not markup.

The first rows stand in the page as a table that needs no script; all rows follow as JSON text, folded. A page
with our script takes the text away and shows so many rows at a time, with a search box, a list for each
column to be filtered by, and a least value where one is asked for. A row is a list of cells: a text, or a
number with what is written of it. Ten thousand rows are a megabyte or two, and none of them a row of HTML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pandas as pd

from lib import wording
from lib.contracts import Column
from lib.errors import StageError
from lib.exhibits import tables
from lib.exhibits.cells import Cells
from lib.exhibits.frame import Exhibit, Source, escape, wrap

PAGE = 25
MOST_ROWS = 50_000
MOST_CHOICES = 200


def screener_exhibit(
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
    missing: Mapping[str, str] | None = None,
    filters: Sequence[str] = (),
    least: str | None = None,
    sort_note: str = "",
) -> Exhibit:
    """``frame`` in its given order; looks as of ``lib.exhibits.tables.table_exhibit``.

    ``filters`` are the columns that get a list of their values to choose from, in the order in which they
    first stand in ``frame``, numbers by size; ``least`` is a column of numbers that gets a box for its least
    value. Raises StageError for an unknown column, or more than 50,000 rows.
    """
    if len(frame) > MOST_ROWS:
        raise StageError(f"{wording.count(len(frame))} rows are too many to search on a page")
    labels, formats, cells = tables.looks_of(frame, declared, columns, labels, formats, missing)
    for name in (*filters, *([least] if least else [])):
        if name not in cells:
            raise StageError(f"the table shows no column {name!r}; it shows {', '.join(cells)}")
    units = {**tables.default_units(formats), **(units or {})}
    if frame.empty:
        page = wrap(
            "table", '<p class="empty">No rows.</p>', title=title, reading=reading, source=source, notes=[]
        )
        return Exhibit(page, f"{title}\nNo rows.")
    head = tables.head_of(cells, labels, units)
    shown = [tables.row_of(cells, {}, place) for place in range(min(len(frame), tables.FIRST_ROWS))]
    name = escape(title)
    content = (
        f'<div class="wide"><table aria-label="{name}">{head}<tbody>\n'
        + "\n".join(shown)
        + "\n</tbody></table></div>"
    )
    data = {
        "filters": [_choices(frame, cells, labels, column) for column in filters],
        "least": {"column": list(cells).index(least), "label": labels[least]} if least else None,
        "page": PAGE,
        "rows": rows_of(cells, len(frame)),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    content += (
        f'\n<details class="rows"><summary>All {wording.count(len(frame))} rows, as data</summary>'
        f"<pre>{escape(text)}</pre></details>"
    )
    page = wrap(
        "screener", content, title=title, reading=reading, source=source, notes=[sort_note.rstrip(".")]
    )
    return Exhibit(page, tables.plain_of(frame, list(cells), title, reading))


def rows_of(cells: Mapping[str, Cells], count: int) -> list[list]:
    """Each row as a list of cells: a text; a number with its text; or null with why there is none."""
    columns = [[_cell(column, place) for place in range(count)] for column in cells.values()]
    return [list(row) for row in zip(*columns, strict=True)]


def _cell(column: Cells, place: int) -> str | list:
    text, key = column.plain(place), column.key_at(place)
    if key is None:
        return [None, text]
    return [float(key), text] if key else text


def _choices(frame: pd.DataFrame, cells: Mapping[str, Cells], labels: Mapping[str, str], name: str) -> dict:
    """A column to be filtered by: its place, its label, and its values as they are written."""
    known = frame[name].dropna().drop_duplicates()
    if pd.api.types.is_numeric_dtype(known):
        known = known.sort_values()
    values = [cells[name].text(value) for value in known.tolist()]
    if len(values) > MOST_CHOICES:
        raise StageError(f"{name!r} has {len(values)} values, too many to choose from")
    return {"column": list(cells).index(name), "label": labels[name], "values": values}
