"""The generated parts of the documentation: data dictionary, pipeline of the README, settings of the guide.

``python -m lib.run.pages.data_dictionary`` says which are out of date (exit 1), with
``--write`` it writes them anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from lib.contracts import RUN_SETTINGS, Column, Table
from lib.pipeline import PIPELINE
from lib.run.planning.graph import print_pipeline
from lib.run.request.parameter_cell import read_notebook
from lib.subjects import KINDS
from lib.tables import TABLES

ROOT = Path(__file__).resolve().parents[3]
DICTIONARY, README, GUIDE = "docs/data-dictionary.md", "README.md", "docs/guide.md"
PIPELINE_MARKS = ("<!-- pipeline -->", "<!-- /pipeline -->")
SETTINGS_MARKS = ("<!-- settings -->", "<!-- /settings -->")
TYPE_WORDS = {
    "bool": "true or false",
    "str": "text",
    "str | None": "text, or nothing",
    "list[str]": "a list of texts",
    "dict[str, str]": "texts by name",
}
TYPES = {
    "date": "date",
    "moment": "moment",
    "str": "text",
    "float": "number",
    "int": "whole number",
    "whole": "whole number",
    "bool": "yes or no",
}
HEAD = """\
# Data dictionary

Every table that crosses the border of a stage. This page is written from `lib/tables` by
`python -m lib.run.pages.data_dictionary --write`; change it there.

All tables are Parquet files, in long format, one row a fact. Dates are midnight without a time zone, moments
are in UTC. Returns, rates, weights and volatilities are decimals: 0.05 is five percent. Money is in the
portfolio's currency. A value that cannot be computed is null, with its reason in a column of flags or notes.
Units and signs are defined in [conventions](conventions.md).

In a run's folder a table is `tables/<table>.parquet`, or `tables/<kind>=<id>/<table>.parquet` where its
stage runs once for each subject of a kind, such as `tables/portfolio=<id>/<table>.parquet`.
"""


def generated(root: Path = ROOT) -> dict[str, str]:
    """Path to the text that it should hold."""
    readme, guide = ((root / name).read_text(encoding="utf-8") for name in (README, GUIDE))
    return {DICTIONARY: data_dictionary(), README: with_pipeline(readme), GUIDE: with_settings(guide, root)}


def data_dictionary() -> str:
    """The page that lists every table, column by column."""
    names = list(TABLES)
    listed = ["| table | meaning | written by |", "|---|---|---|"]
    listed += [f"| [{name}](#{name}) | {TABLES[name].meaning} | {_writer(name)} |" for name in names]
    return "\n".join([HEAD, *listed, "", *(_section(TABLES[name]) for name in names)])


def with_pipeline(text: str) -> str:
    """The README with the printed pipeline between its marks."""
    return _between(text, PIPELINE_MARKS, f"```text\n{print_pipeline(PIPELINE)}\n```")


def with_settings(text: str, root: Path = ROOT) -> str:
    """The guide with a table of every setting of every stage between its marks."""
    rows = ["| stage | setting | default | may be | meaning |", "|---|---|---|---|---|"]
    for row in PIPELINE:
        notebook = read_notebook(root / "notebooks" / f"{row.name}.ipynb")
        for one in notebook.parameters:
            if one.name not in (*RUN_SETTINGS, *(KINDS[row.per].settings if row.per else ())):
                limits = one.limits or TYPE_WORDS.get(one.type, one.type)
                cells = [f"`{row.name}`", f"`{one.name}`", f"`{one.default!r}`", limits, one.help]
                rows.append(f"| {' | '.join(_escaped(cell) for cell in cells)} |")
    return _between(text, SETTINGS_MARKS, "\n".join(rows))


def _between(text: str, marks: tuple[str, str], block: str) -> str:
    start, end = (text.index(mark) for mark in marks)
    return f"{text[:start]}{marks[0]}\n{block}\n{text[end:]}"


def main(arguments: Sequence[str]) -> int:
    """Write what is out of date with ``--write``, else name it."""
    stale = [name for name, text in generated().items() if not _holds(ROOT / name, text)]
    for name in stale:
        if "--write" in arguments:
            (ROOT / name).write_text(generated()[name], encoding="utf-8")
            print(f"{name} written")
        else:
            print(f"{name} is out of date; `python -m lib.run.pages.data_dictionary --write` writes it")
    return 1 if stale and "--write" not in arguments else 0


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _section(table: Table) -> str:
    lines = [f"## {table.name}", "", table.meaning, ""]
    lines += [f"- written by: {_writer(table.name)}"]
    readers = [f"`{stage.name}`" for stage in PIPELINE.readers(table.name)]
    lines += [f"- read by: {', '.join(readers) or 'people and other programs'}"]
    lines += [f"- a row is identified by: {_names(table.key)}"] if table.key else []
    lines += [f"- a row was known on the day in: `{table.known_at}`"] if table.known_at else []
    lines += [f"- a history, by the day in: `{table.dated}`"] if table.dated else []
    lines += ["- may have no row"] if table.may_be_empty else []
    lines += ["", "| column | type | meaning | may hold |", "|---|---|---|---|"]
    lines += [
        f"| `{c.name}` | {TYPES[c.type]} | {_escaped(c.meaning)} | {_escaped(_limits(c))} |"
        for c in table.columns
    ]
    return "\n".join([*lines, ""])


def _writer(name: str) -> str:
    if stage := PIPELINE.writer(name):
        return f"`{stage.name}`" + (f", once per {KINDS[stage.per].singular}" if stage.per else "")
    maker = next((row for row in PIPELINE if row.prepare and name in row.prepare.makes), None)
    return f"the prepare hook of `{maker.name}`" if maker else "every stage"


def _limits(column: Column) -> str:
    """Allowed values, range and null, as a reader needs them."""
    parts = [" ".join(f"`{value}`" for value in column.values)] if column.values else []
    if column.low is not None and column.high is not None:
        parts.append(f"{column.low:g} to {column.high:g}")
    elif column.low is not None:
        parts.append(f"from {column.low:g}")
    elif column.high is not None:
        parts.append(f"up to {column.high:g}")
    return ", ".join([*parts, *(["null"] if column.null else [])])


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in columns)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
