"""The child's side: what each rule sees in the tables of a run. Runs in a process of its own.

Rules of a table are answered here; rules over bars by the hook that the pipeline names. An answer has, by
rule and subject, ``seen`` (days in order, each with value, threshold, held and what) or ``lacks``, why there
is none of today.
"""

from __future__ import annotations

import importlib
import math

import pandas as pd

from lib import table_file, wording
from lib.contracts import Table
from lib.nearest import nearest
from lib.tables import TABLES

MOST_DAYS = 400
"""Days of bars that are told; a rule that was asked longer ago than that begins anew."""


def observe(payload: dict) -> dict:
    """What every rule sees; ``payload`` is made by ``lib.run.alerts.evaluation``."""
    found = {key: _of_table(one, payload["as_of"]) for key, one in payload["tables"].items()}
    for hook in payload["hooks"]:
        found |= _of_bars(hook)
    return found


def _of_table(asked: dict, as_of: str) -> dict:
    table = TABLES[asked["table"]]
    rows = _rows(asked, table, asked["now"])
    if rows.empty:
        return {"lacks": f"no row of {table.name}{_condition(asked)}"}
    column = asked["column"]
    values = rows[column].astype(float)
    if asked["measure"] != "value":
        if asked["before"] is None:
            return {"lacks": "there is no run of an earlier day to compare with"}
        values = _changes(values, rows, _rows(asked, table, asked["before"]), asked, table)
    values = values[values.map(math.isfinite)]
    if values.empty:
        return {"lacks": f"{column} of {table.name}{_condition(asked)} has no value"}
    above = asked["side"] == "above"
    at = values.idxmax() if above else values.idxmin()
    value, threshold = float(values.loc[at]), asked["threshold"]
    what = _words(rows.loc[at], asked, table)
    held = value > threshold if above else value < threshold
    return {"seen": [{"day": as_of, "value": value, "threshold": threshold, "held": held, "what": what}]}


def _rows(asked: dict, table: Table, file: dict) -> pd.DataFrame:
    """The rows that a rule is about: where its columns say so, and of a table by days those of the last."""
    rows = table_file.read(file["path"], file["sha256"])
    types = {one.name: one.type for one in table.columns}
    for name, wanted in asked["where"].items():
        days = types[name] in ("date", "moment")
        values = rows[name].dt.strftime("%Y-%m-%d") if days else rows[name]
        rows = rows[(values == wanted).fillna(False).astype(bool)]
    if (day := day_of(table)) and len(rows):
        rows = rows[rows[day] == rows[day].max()]
    return rows


def day_of(table: Table) -> str:
    """The column of the day that a row speaks of; empty where rows have none."""
    days = [one.name for one in table.columns if one.type == "date" and one.name in table.key]
    by_name = [one.name for one in table.columns if one.type == "date" and one.name == "date"]
    return table.dated or next(iter([*days, *by_name]), "")


def _changes(
    values: pd.Series, rows: pd.DataFrame, then: pd.DataFrame, asked: dict, table: Table
) -> pd.Series:
    """How the values changed since the run before, row by row; NaN for a row that was not there."""
    names = [name for name in table.key if name != day_of(table)]
    if names:
        before = then.drop_duplicates(names).set_index(names)[asked["column"]].astype(float)
        index = pd.MultiIndex.from_frame(rows[names]) if len(names) > 1 else pd.Index(rows[names[0]])
        former = before.reindex(index).to_numpy()
    elif len(rows) == len(then) == 1:
        former = then[asked["column"]].astype(float).to_numpy()
    else:
        return values * math.nan
    change = values - former
    return change if asked["measure"] == "change" else change / abs(former)


def _words(row: pd.Series, asked: dict, table: Table) -> str:
    """Which row it is, by what identifies it and was not asked for."""
    day = day_of(table)
    names = [*table.key] or [one.name for one in table.columns if one.type == "str"][:2]
    named = [(name, row[name]) for name in names if name not in asked["where"] and name != day]
    return ", ".join(f"{wording.measure(name).lower()} {value}" for name, value in named)


def _condition(asked: dict) -> str:
    """The rows that a rule asks for, in words."""
    said = [f"{name} is {value}" for name, value in asked["where"].items()]
    return f" where {' and '.join(said)}" if said else ""


def _of_bars(hook: dict) -> dict[str, dict]:
    """What the hook answers about its rules, as observations of days."""
    bars = table_file.read(hook["file"]["path"], hook["file"]["sha256"])
    rules, known = hook["rules"], set(bars["symbol"])
    asked = {key: one for key, one in rules.items() if one["symbol"] in known}
    found: dict[str, dict] = {
        key: {"lacks": " ".join([f"there are no bars of {one['symbol']};", _mend(one["symbol"], known)])}
        for key, one in rules.items()
        if key not in asked
    }
    if not asked:
        return found
    module, _, name = hook["target"].partition(":")
    own = bars[bars["symbol"].isin({one["symbol"] for one in asked.values()})]
    answer = getattr(importlib.import_module(module), name)(own, asked)
    for key, one in asked.items():
        days = answer[(answer["rule"] == key) & answer["value"].notna() & answer["threshold"].notna()]
        last = own.loc[own["symbol"] == one["symbol"], "date"].max()
        found[key] = {"seen": _days(days.tail(MOST_DAYS), one["symbol"])}
        if days.empty or days["date"].max() < last:
            measured = f"{hook['measures'][key]} of {one['symbol']}"
            found[key]["lacks"] = f"{measured} is not known on {last:%Y-%m-%d}"
    return found


def _mend(symbol: str, known: set[str]) -> str:
    return nearest(symbol, sorted(known)) or "rules watch symbols that the run has anyway"


def _days(rows: pd.DataFrame, symbol: str) -> list[dict]:
    told = rows.assign(day=rows["date"].dt.strftime("%Y-%m-%d"), held=rows["held"].astype(bool), what=symbol)
    return told[["day", "value", "threshold", "held", "what"]].to_dict("records")
