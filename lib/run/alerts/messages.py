"""The words of an alert: the sentence that is told, by rule and by what was seen."""

from __future__ import annotations

from lib import wording
from lib.contracts import Column
from lib.errors import printable
from lib.run.alerts.crossing import Observation
from lib.run.request.alerts import OF_A_RUN, OF_A_TABLE, Rule, conditions
from lib.tables import TABLES

LONGEST = 500


def message(rule: Rule, subject: str | None, seen: Observation, as_of: str) -> str:
    """One sentence without its full stop: the rule's own, else what was found and the level it passed."""
    unit = _unit(rule)
    value, threshold = _figure(seen.value, unit), _figure(seen.threshold, unit)
    if not rule.message:
        return printable(_usual(rule, subject, seen, value, threshold), LONGEST)
    known = {
        "value": value,
        "threshold": threshold,
        "what": seen.what,
        "subject": subject or "",
        "as_of": as_of,
        "rule": rule.id,
        "priority": rule.priority,
    }
    text = rule.message
    for name, word in known.items():
        text = text.replace(f"{{{name}}}", word)
    return printable(text, LONGEST)


def _usual(rule: Rule, subject: str | None, seen: Observation, value: str, threshold: str) -> str:
    if rule.type == OF_A_RUN:
        return f"{wording.plural(round(seen.value), 'stage')} failed: {seen.what}"
    if rule.type != OF_A_TABLE:
        says = conditions()[rule.type][1].says
        words = {"value": value, "threshold": threshold, "side": rule.side}
        found = says.format_map({**rule.asks, **words})
        return f"{rule.asks['symbol']} on {wording.date(seen.day)}: {found}"
    asks, column = rule.asks, _column(rule)
    row = ", ".join([*(str(one) for one in asks["where"].values()), *([seen.what] if seen.what else [])])
    whose = f" of {subject}" if subject else ""
    head = f"{column.label or wording.measure(column.name)} in {asks['table']}{whose}"
    measured = f"is {value}" if asks["measure"] == "value" else f"changed by {value} since the run before"
    return f"{head}{f' ({row})' if row else ''} {measured}, {rule.side} {threshold}"


def _column(rule: Rule) -> Column:
    """The column that a rule of a table watches."""
    columns = TABLES[rule.asks["table"]].columns
    return next(one for one in columns if one.name == rule.asks["column"])


def _unit(rule: Rule) -> str:
    """The unit in which value and level are told."""
    if rule.type == OF_A_RUN:
        return "count"
    if rule.type != OF_A_TABLE:
        return conditions()[rule.type][1].unit
    if rule.asks["measure"] == "relative_change":
        return "fraction"
    return _column(rule).unit


def _figure(value: float, unit: str) -> str:
    """A number with as many digits as tell it from the level that it passed."""
    if unit in ("fraction", "probability"):
        return wording.percent(value, 2)
    if unit == "count" and value == round(value):
        return wording.count(value)
    return f"{value:,.6g}"
