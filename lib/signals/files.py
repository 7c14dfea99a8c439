"""The file of a signal's values: what it may look like, and what of it is refused before anything runs.

Columns ``entity``, ``known_at`` (a moment with its zone, not a day) and ``value``; ``component``,
``period_end`` and ``predicts_from`` may be there. A moment is asked for because a report that comes after
the close cannot be traded at that close. Templates are in ``params/signals/template``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.errors import InputError
from lib.tables.signals import TOTAL
from lib.user_tables import cells
from lib.user_tables.sheet import Sheet

REQUIRED = ("entity", "known_at", "value")
OPTIONAL = ("component", "period_end", "predicts_from")
KEY = ["entity", "known_at", "component"]


@dataclass(frozen=True)
class SignalFile:
    """Rows that can be read (``KEY``, value, period_end, predicts_from) and how many stood there twice."""

    rows: pd.DataFrame
    repeated: int


def read_values(path: Path | str, name: str) -> SignalFile:
    """The values in the file at ``path``, which messages call ``name``.

    Raises InputError, with line, column and mend, for a column that is missing, a cell that cannot be read, a
    moment without a zone, two values of one firm and moment that differ, a value that was known only after
    the return that it is meant to foretell began, and for a file of one firm, of one moment or of one value.
    """
    sheet = cells.read(Path(path), required=REQUIRED, optional=OPTIONAL)
    sheet.name = name
    component = sheet.texts("component").fillna(TOTAL)
    frame = pd.DataFrame(
        {
            "entity": sheet.texts("entity"),
            "known_at": sheet.moments("known_at"),
            "component": component.where(component != "", TOTAL),
            "value": sheet.numbers("value", required=True),
            "period_end": sheet.dates("period_end", required=False),
            "predicts_from": sheet.dates("predicts_from", required=False),
        }
    )
    nobody = frame["entity"].isna() | (frame["entity"] == "")
    sheet.refuse(nobody, "entity", "empty", "write the id of the firm")
    infinite = pd.Series(np.isinf(frame["value"].to_numpy()), index=frame.index)
    sheet.refuse(infinite, "value", "not finite", "write a number, or leave the row out")
    _refuse_hindsight(frame, sheet)
    sheet.refuse_conflicts(frame, KEY)
    sheet.check()
    kept = frame.drop_duplicates(KEY)
    _refuse_poor(kept, name)
    return SignalFile(kept.reset_index(drop=True), len(frame) - len(kept))


def validate(request: dict[str, Any]) -> dict[str, Any]:
    """Refuse the file of a signal that cannot be read, and say how many values and firms it has.

    ``request`` has the subject under its kind and ``files["values_file"]`` where it names one.
    """
    file = request["files"].get("values_file")
    hypothesis = request["signal"]["hypothesis"]
    if hypothesis not in ("higher", "lower"):
        raise InputError(
            f"found {hypothesis!r}",
            mend="say which returns a higher value foretells: higher or lower",
            field="hypothesis",
        )
    if file is None:
        return {}
    found = read_values(file["path"], file["name"])
    return {"values": len(found.rows), "firms": int(found.rows["entity"].nunique())}


def _refuse_hindsight(frame: pd.DataFrame, sheet: Sheet) -> None:
    """A value that was known only after the return that it is to foretell began is no forecast."""
    start = frame["predicts_from"] + pd.Timedelta(days=1)
    late = frame["known_at"].dt.tz_localize(None) >= start
    told = "before the value was known: it would foretell what had happened"
    sheet.refuse(late, "predicts_from", told, "correct known_at, or begin the return after it")


def _refuse_poor(frame: pd.DataFrame, name: str) -> None:
    """A signal that cannot order anything: one firm, one moment, or the same value everywhere."""
    total = frame.loc[frame["component"] == TOTAL]
    if total.empty:
        mend = f"leave component out, or call one of them {TOTAL}"
        raise InputError(f"no row of the component {TOTAL}", mend=mend, file=name, field="component")
    if len(total["entity"].unique()) == 1:
        raise InputError("one firm", mend="a signal orders firms: give several", file=name, field="entity")
    if len(total["known_at"].unique()) == 1:
        mend = "give the values of several dates; one cross-section tests nothing"
        raise InputError("one moment", mend=mend, file=name, field="known_at")
    if len(total["value"].unique()) == 1:
        raise InputError(
            "the same value everywhere", mend="a constant orders nothing", file=name, field="value"
        )
