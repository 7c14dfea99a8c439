"""The file of a signal: what it may look like, what of it is accepted, and what is said about the rest.

One row is what was known of one firm at one moment: ``entity``, ``known_at`` (ISO, with its zone) and
``value``, and perhaps ``component``, ``symbol``, ``period_end`` and ``predicts_from``. A cell that cannot be
read, a contradiction and a value that was known only after the return it foretells stop a run before
anything is written. Rows that are merely of no use are counted by cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.errors import InputError, InputFaults
from lib.signals.raw import end_of
from lib.tables.signals import TOTAL
from lib.user_tables import cells
from lib.user_tables.sheet import Sheet

NEEDED = ("entity", "known_at", "value")
OPTIONAL = ("component", "symbol", "period_end", "predicts_from")
COLUMNS = ("entity", "known_at", "component", "value", "symbol", "period_end", "predicts_from")
KEY = ["entity", "known_at", "component"]
TWICE, AFTER = "ROW_TWICE", "KNOWN_LATER"
TEMPLATE = "see params/signals/template/values.csv for an example"


@dataclass(frozen=True)
class Given:
    """What a file gave: ``frame`` (``COLUMNS``) that can be seen, how many rows it has, and the rest.

    ``lost`` has the rows that are left out with their ``cause`` (``ROW_TWICE``, ``KNOWN_LATER``).
    """

    frame: pd.DataFrame
    rows: int
    lost: pd.DataFrame


def read_values(path: Path | str, name: str, as_of: str | pd.Timestamp) -> Given:
    """The values in the CSV or Parquet file at ``path``, which messages call ``name``.

    Values known after the end of ``as_of`` (UTC) are left out. Raises InputError for every fault at once.
    """
    try:
        sheet = cells.read(Path(path), required=NEEDED, optional=OPTIONAL)
    except InputError as fault:
        raise InputFaults([InputError(**{**one.as_dict(), "file": name}) for one in fault.each]) from None
    sheet.name = name
    frame = values_of(sheet)
    sheet.check()
    return sorted_out(frame, name, as_of)


def values_of(sheet: Sheet, *, more: dict[str, pd.Series] | None = None) -> pd.DataFrame:
    """The typed rows of a sheet, in its order; faults are noted in it. ``more`` are columns of the key."""
    frame = pd.DataFrame(
        {
            **(more or {}),
            "entity": sheet.texts("entity"),
            "known_at": sheet.moments("known_at"),
            "component": sheet.texts("component").fillna(TOTAL),
            "value": sheet.numbers("value"),
            "symbol": sheet.texts("symbol"),
            "period_end": sheet.dates("period_end", required=False),
            "predicts_from": sheet.dates("predicts_from", required=False),
        }
    )
    sheet.refuse(frame["entity"].isna(), "entity", "empty", "write the id of the firm")
    sheet.refuse(np.isinf(frame["value"]), "value", "infinite", "write a finite number, or leave it empty")
    mend = "a value can foretell only returns of days after it was known; correct known_at or predicts_from"
    sheet.refuse(too_late(frame), "known_at", "known after the return that it foretells began", mend)
    period = frame["period_end"].dt.tz_localize("UTC") > frame["known_at"]
    sheet.refuse(period, "period_end", "the period ends after its value was known", "correct one of the two")
    sheet.refuse_conflicts(frame, [*(more or {}), *KEY])
    return frame


def too_late(frame: pd.DataFrame) -> pd.Series:
    """Which values were known only on or after the first day of the return that they are to foretell.

    The return of a day runs from the close before it, so that what is known during the day is too late.
    """
    return frame["known_at"] >= frame["predicts_from"].dt.tz_localize("UTC")


def sorted_out(frame: pd.DataFrame, name: str, as_of: str | pd.Timestamp) -> Given:
    """The rows that can be seen at ``as_of``, each once; refused where nothing can be learnt from them."""
    twice = frame.duplicated(KEY)
    after = ~twice & (frame["known_at"] >= end_of(pd.Timestamp(as_of), frame["known_at"]))
    cause = np.where(twice, TWICE, np.where(after, AFTER, ""))
    lost = frame.assign(cause=cause).loc[twice | after].reset_index(drop=True)
    seen = frame.loc[~twice & ~after].reset_index(drop=True)
    refuse_useless(seen, name, int(after.sum()))
    return Given(seen, len(frame), lost)


def refuse_useless(seen: pd.DataFrame, name: str, after: int = 0) -> None:
    """InputError for values that no test can use: none, one firm, one moment, or always the same."""
    whole = seen.loc[(seen["component"] == TOTAL) & seen["value"].notna()]
    if seen.empty:
        found = f"all {after:,} values are known after the as-of date" if after else "no value"
        raise InputError(found, mend="give older values or a later as-of date", file=name, field="known_at")
    if whole.empty:
        found = f"no value of the component `{TOTAL}`, which is the signal itself"
        raise InputError(found, mend=f"add its rows, or leave component empty; {TEMPLATE}", file=name)
    for column, what in (("entity", "firm"), ("known_at", "moment")):
        if (whole[column] == whole[column].iloc[0]).all():
            found = f"all values are of one {what}, {whole[column].iloc[0]}"
            mend = "a signal orders several firms at several moments; give more of them"
            raise InputError(found, mend=mend, file=name, field=column)
    if (whole["value"] == whole["value"].iloc[0]).all():
        found = f"the signal is constant: all {len(whole):,} values are {whole['value'].iloc[0]:g}"
        raise InputError(found, mend="give values that differ between firms", file=name, field="value")


def validate(request: dict[str, Any]) -> dict[str, Any]:
    """Refuse a file of values that cannot be used; say how many rows count, and why others do not.

    ``request`` has ``as_of`` and, where the signal names one, ``files["values_file"]`` with ``path`` and
    ``name``. Raises InputError.
    """
    file = request.get("files", {}).get("values_file")
    if not file:
        return {"rows": 0, "accepted": 0, "notes": []}
    given = read_values(file["path"], file["name"], request["as_of"])
    count = given.lost["cause"].value_counts()
    notes = []
    if twice := int(count.get(TWICE, 0)):
        notes.append(InputError(f"{twice:,} rows stand twice alike and are kept once", file=file["name"]))
    if after := int(count.get(AFTER, 0)):
        told = f"{after:,} values are known after the as-of date and are left out"
        notes.append(InputError(told, file=file["name"]))
    return {"rows": given.rows, "accepted": len(given.frame), "notes": [one.as_dict() for one in notes]}
