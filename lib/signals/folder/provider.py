"""The folder provider of signals: your own files, each row with the moment at which it was known.

``returns``, ``entities`` and ``memberships`` must be there; ``delistings``, ``facts``, ``benchmarks``,
``factors``, ``portfolios``, ``events``, ``designs``, ``texts`` and ``values`` may be, each as ``.csv`` or
``.parquet``; ``params/signals/template`` holds one of each. What a file must hold follows from the contract
of its table. ``french`` names files of the library of Kenneth French in its own format, in the same folder.
Cells that cannot be read are refused by line; rows that are doubtful are kept for the stage to set aside.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from lib.contracts import Column
from lib.conventions import ORIGINS
from lib.errors import Faults
from lib.prepare_request import PrepareRequest
from lib.signals import raw
from lib.signals.folder import french
from lib.tables.signals import PARTS, TOTAL, VALUE
from lib.user_tables import cells, folders
from lib.user_tables.sheet import Sheet

FILES = {
    "entities": "signal_entities",
    "memberships": "signal_memberships",
    "returns": "signal_returns",
    "delistings": "signal_delistings",
    "facts": "signal_facts",
    "benchmarks": "signal_benchmarks",
    "factors": "factor_sets",
    "portfolios": "test_portfolios",
    "events": "signal_events",
    "designs": "designs",
    "texts": "signal_texts",
    "values": "signal_values",
}
NEEDED = ("entities", "memberships", "returns")
KNOWN_SINCE = {"entities": "valid_from", "memberships": "date", "delistings": "date"}
"""Files whose rows are known since this day where they do not say."""
SUPPOSED: dict[str, dict[str, Any]] = {
    "designs": {"weight": 1.0},
    "portfolios": {"excess": False},
    "values": {"component": TOTAL},
}
"""What an optional column holds where it is absent or empty."""
DECIMALS = "write decimals: 0.012 for 1.2 %"


def fetch(request: PrepareRequest) -> raw.Raw:
    """The raw tables; InputError names file, line and field of all that cannot be read."""
    folder = folders.folder_of(
        request.settings,
        request.params_file,
        field="signal_data.path",
        holds="entities.csv, memberships.csv and returns.csv",
        whose="the folder provider",
    )
    shown, faults, answer = request.settings.get("path_shown"), Faults(), raw.Raw()
    today = folders.last_day(request.now, request.as_of)
    for name, table in FILES.items():
        frame = folders.read(faults, shown, read_file, folder, name, today)
        if frame is not None:
            answer.add(f"raw_{table}", frame)
    for name in request.settings.get("french") or ():
        found = folders.read(faults, shown, french.read_file, folder / name)
        for table, frame in (found or {}).items():
            answer.add(f"raw_{table}", frame)
    faults.refuse()
    answer.warnings += [folders.in_folder(one, shown) for one in cells.unread(folder, tuple(FILES))]
    for name, frames in answer.frames.items():
        last = pd.NaT if name == "raw_designs" else _last(frames)
        answer.tell(name.removeprefix("raw_"), rows=sum(map(len, frames)), last_date=last)
    return answer


def read_file(folder: Path, name: str, today: pd.Timestamp | None = None) -> pd.DataFrame | None:
    """The rows of ``<name>.csv`` or ``.parquet``, typed as its table's contract says; None for no file."""
    path = cells.find(folder, name, required=name in NEEDED)
    if path is None:
        return None
    columns = VALUE if name == "values" else PARTS[FILES[name]][1]
    key = raw.ORDER[f"raw_{FILES[name]}"]
    needed, optional = _split(name, columns)
    sheet = cells.read(path, required=needed, optional=optional)
    frame = pd.DataFrame(
        {one.name: _column(sheet, one, name, today) for one in columns if one.name != "source"}
    )
    if name in KNOWN_SINCE:
        since = frame[KNOWN_SINCE[name]]
        frame["known_at"] = frame["known_at"].fillna(since)
    sheet.refuse_conflicts(frame, [one for one in key if one in frame])
    sheet.check()
    return frame.drop_duplicates().reset_index(drop=True).assign(source=sheet.name)


def _split(name: str, columns: tuple[Column, ...]) -> tuple[list[str], list[str]]:
    """Names of the columns that a file must have, and of those that it may have."""
    optional = {one.name for one in columns if one.null} | {"source", "origin"} | set(SUPPOSED.get(name, ()))
    optional |= {"known_at"} if name in KNOWN_SINCE else set()
    names = [one.name for one in columns]
    return [one for one in names if one not in optional], [one for one in names if one in optional]


def _column(sheet: Sheet, column: Column, name: str, today: pd.Timestamp | None) -> pd.Series:
    """One column by the type that the contract declares, wrong cells noted in the sheet."""
    supposed, label = SUPPOSED.get(name, {}).get(column.name), column.name
    if label == "origin":
        return sheet.choices(label, ORIGINS, required=False).fillna("real")
    must = not column.null and supposed is None
    if column.type == "date":
        dated = must and not (label == "known_at" and name in KNOWN_SINCE)
        return sheet.dates(label, required=dated, today=today if label == "date" else None)
    if column.type == "moment":
        return sheet.moments(label)
    if column.type == "float":
        low = -1.0 if label == "return" and name in ("returns", "delistings", "benchmarks") else float("-inf")
        mend = DECIMALS if column.unit == "fraction" else ""
        found = sheet.numbers(label, low=low, mend=mend, required=must)
        return found if supposed is None else found.fillna(supposed)
    if column.type == "bool":
        words = sheet.choices(label, ("true", "false"), required=must)
        return words.eq("true")
    if column.values:  # noqa: PD011
        return sheet.choices(label, column.values, required=must)
    found = sheet.texts(label)
    if must:
        sheet.refuse(found.isna() | (found == ""), label, "empty", f"write the {label}")
    return found if supposed is None else found.fillna(str(supposed))


def _last(frames: list[pd.DataFrame]) -> pd.Timestamp:
    clock = next(one for one in ("known_at", "date", "valid_from") if one in frames[0])
    return max(pd.Timestamp(frame[clock].dt.tz_localize(None).max()) for frame in frames).normalize()
