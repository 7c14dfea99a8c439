"""What a rule of alerts says of a table: which column, of which rows, of whom, and against what.

Everything is checked against the table's schema and the pipeline, so that a rule which could never hold is
refused before anything runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lib import ledger
from lib.contracts import Column, Stage, Table
from lib.errors import Faults
from lib.nearest import nearest
from lib.pipeline import PIPELINE
from lib.run.request.settings import is_day
from lib.settings import Setting
from lib.subjects import KINDS
from lib.tables import TABLES

if TYPE_CHECKING:
    from lib.run.request.alerts import Alerts
    from lib.run.request.params import Checker, Request

KEYS = ("table", "column", "where", "subject", "measure")
MEASURES = ("value", "change", "relative_change")
"""The value itself, or how it changed since the run of an earlier day, in its unit or as a decimal of it."""
THRESHOLD = Setting("number", above=-1e15, least=True, most=1e15)
NUMERIC = ("float", "int", "whole", "bool")


def read(
    check: Checker, value: dict, path: tuple, subjects: dict[str, tuple[dict, ...]]
) -> dict[str, Any] | None:
    """Table, column, rows, subject and measure, checked, defaults filled in; None where one is not given.

    Raises InputError.
    """
    if not check.required(value, ("table", "column"), path):
        return None
    table = _table(check, value.get("table"), (*path, "table"))
    column = _column(check, table, value.get("column"), (*path, "column"))
    if column.type not in NUMERIC:
        mend = f"numbers: {', '.join(one.name for one in table.columns if one.type in NUMERIC)}"
        raise check.fault(f"{column.name} holds {column.type}", mend, *path, "column")
    measure = value.get("measure", "value")
    if measure not in MEASURES or not isinstance(measure, str):
        mend = nearest(measure, MEASURES) or f"one of {', '.join(MEASURES)}"
        raise check.fault(f"found {measure!r}", mend, *path, "measure")
    return {
        "table": table.name,
        "column": column.name,
        "where": _where(check, table, value.get("where"), (*path, "where")),
        "subject": _subject(check, table, value.get("subject"), subjects, (*path, "subject")),
        "measure": measure,
    }


def note_unmade(request: Request, alerts: Alerts, rows: Sequence[Stage], faults: Faults) -> None:
    """Note the rules that look at what no stage of the whole run makes."""
    made = {table for row in rows for table in row.writes}
    made |= {table for row in PIPELINE.hooks_for(rows) if row.prepare for table in row.prepare.makes}
    for rule in alerts.rules:
        if not rule.table or rule.table in made:
            continue
        writer = PIPELINE.writer(rule.table)
        mend = f"add {writer.name} to `run_stages:`" if writer else "leave the rule out"
        if writer and writer.per and writer.per not in request.subjects:
            mend = f"add the section `{KINDS[writer.per].section}:`, or leave the rule out"
        place = ("alerts", "rules", rule.place, "table" if "table" in rule.asks else "type")
        faults.add(request.refuse(f"no stage of this run makes {rule.table}", mend, *place))


def _table(check: Checker, name: Any, path: tuple) -> Table:
    known = [one for one in TABLES if PIPELINE.writer(one) or PIPELINE.hook(one)]
    if name not in known or name in ledger.TABLES:
        mend = nearest(name, known) or "docs/data-dictionary.md lists the tables"
        raise check.fault(f"found {name!r}", mend, *path)
    return TABLES[name]


def _column(check: Checker, table: Table, name: Any, path: tuple) -> Column:
    found = next((one for one in table.columns if one.name == name), None)
    if found is None:
        mend = nearest(name, table.column_names) or f"columns: {', '.join(table.column_names)}"
        raise check.fault(f"{table.name} has no column {name!r}", mend, *path)
    return found


def _where(check: Checker, table: Table, value: Any, path: tuple) -> dict[str, Any]:
    """By column the value of the rows that count."""
    if value is None:
        return {}
    check.kind(value, dict, "a mapping of columns to values", *path)
    for name, wanted in value.items():
        column = _column(check, table, name, (*path, name))
        choices = column.values
        if choices and wanted not in choices:
            mend = nearest(wanted, choices) or f"one of {', '.join(choices)}"
            raise check.fault(f"found {wanted!r}", mend, *path, name)
        if not _fits(column, wanted):
            mend = "give a date as YYYY-MM-DD" if column.type in ("date", "moment") else f"give {column.type}"
            raise check.fault(f"found {wanted!r}, {column.name} holds {column.type}", mend, *path, name)
    return dict(value)


def _fits(column: Column, wanted: Any) -> bool:
    if column.type in ("date", "moment"):
        return is_day(wanted)
    if column.type == "str":
        return isinstance(wanted, str) and wanted != ""
    if column.type == "bool":
        return type(wanted) is bool
    return type(wanted) is int or (type(wanted) is float and column.type == "float")


def _subject(
    check: Checker, table: Table, value: Any, subjects: dict[str, tuple[dict, ...]], path: tuple
) -> str | None:
    """The subject that is watched; None for every one of the table's kind, or a table of the run."""
    writer = PIPELINE.writer(table.name)
    kind = KINDS[writer.per] if writer and writer.per else None
    if value is None:
        return None
    if kind is None:
        raise check.fault(f"{table.name} is of the whole run", "leave `subject:` out", *path)
    known = [one["id"] for one in subjects.get(kind.name, ())]
    if value not in known:
        mend = nearest(value, known) or f"{kind.plural}: {', '.join(known) or 'none'}"
        raise check.fault(f"no {kind.singular} {value!r}", mend, *path)
    return value
