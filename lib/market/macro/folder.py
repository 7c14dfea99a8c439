"""Indicators from a file of your own: ``macro.csv`` or ``macro.parquet`` in a folder, or the file itself.

Columns are ``series,period_end,value,unit,frequency,released``, and ``origin`` where not all rows are real.
A value stands in the unit that its row names: percent as 4.5, not 0.045, where the unit is percent. Cells
that cannot be read are refused by line; a release before the end of its period and figures that contradict
each other are left to the stage, which sets them aside and says so.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib import user_files
from lib.conventions import ORIGINS
from lib.errors import InputError, InputFaults
from lib.market.macro import raw
from lib.market.macro.cleaning import LATE
from lib.prepare_request import PrepareRequest
from lib.user_tables import cells

REQUIRED = ("series", "period_end", "value", "unit", "frequency", "released")
FREQUENCIES = tuple(LATE)
MEND = "name a folder that holds macro.csv, or the file itself"


def fetch(request: PrepareRequest) -> raw.Raw:
    """The figures of the file. Raises InputError with file, line and field."""
    path = _path(request)
    shown = request.settings.get("path_shown", path.name)
    try:
        return raw.Raw([_read(path)])
    except InputError as fault:
        raise _under(shown, path, fault) from None


def _path(request: PrepareRequest) -> Path:
    given = Path(request.settings["path"])
    shown = request.settings.get("path_shown", str(given))
    if user_files.is_folder(given):
        try:
            found = cells.find(given, "macro")
        except InputError as fault:
            raise _under(shown, given / "macro.csv", fault) from None
        if found is None:
            words = f"no macro.csv and no macro.parquet in {shown}"
            raise InputError(words, mend=MEND, file=request.params_file, field="macro.path")
        return found
    if given.suffix not in (".csv", ".parquet") or not given.exists():
        words = f"no folder and no CSV or Parquet file {shown}"
        raise InputError(words, mend=MEND, file=request.params_file, field="macro.path")
    return given


def _under(shown: str, path: Path, fault: InputError) -> InputError:
    """The faults with the file as the params name it."""
    name = shown if shown.endswith(path.name) else f"{shown.rstrip('/')}/{path.name}"
    told = [InputError(**{**one.as_dict(), "file": name}) for one in fault.each]
    return told[0] if len(told) == 1 else InputFaults(told)


def _read(path: Path) -> pd.DataFrame:
    sheet = cells.read(path, required=REQUIRED, optional=["origin", "source"])
    frame = pd.DataFrame(
        {
            "series": sheet.texts("series"),
            "period_end": sheet.dates("period_end"),
            "value": sheet.numbers("value", required=True),
            "unit": sheet.texts("unit"),
            "frequency": sheet.choices("frequency", FREQUENCIES),
            "released": sheet.dates("released"),
            "source": sheet.texts("source").fillna(sheet.name),
            "origin": sheet.choices("origin", ORIGINS, required=False).fillna("real"),
        }
    )
    for name in ("series", "unit"):
        sheet.refuse(frame[name].isna(), name, "empty", "write its name")
    sheet.check()
    return frame
