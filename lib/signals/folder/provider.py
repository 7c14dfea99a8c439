"""The folder provider of signals: your own files, each row with the day or moment at which it was known.

``entities``, ``memberships`` and ``returns`` must be there; the others of ``FILES`` may be; each as ``.csv``
or ``.parquet``; ``params/signals/template`` holds one of each. ``french`` names files of the folder in the
layout of Kenneth French's library. Cells that cannot be read are refused by line, percent in a factor file
by its size.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib import user_files
from lib.errors import Faults, InputError
from lib.prepare_request import PrepareRequest
from lib.signals import files, raw
from lib.signals.folder.french import Block, read_french
from lib.signals.folder.layout import LAYOUT, origin, text
from lib.user_tables import cells, folders

NEEDED = ("entities", "memberships", "returns")
FILES = (*LAYOUT, "values")
LARGEST = {"daily": 0.03, "monthly": 0.25, "quarterly": 0.5, "annual": 1.0}
"""Median size of a factor's return above which it is percent: no market moves so much in a usual period."""
FACTORS = ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "MOM", "RF")
SPELT = {"mom": "MOM", "wml": "MOM", "umd": "MOM"} | {name.lower(): name for name in FACTORS}


def fetch(request: PrepareRequest) -> raw.Raw:
    """The raw tables; InputError names file, line and field of all that cannot be read."""
    settings = request.settings
    folder = folders.folder_of(
        settings,
        request.params_file,
        field="signal_data.path",
        holds="entities.csv, memberships.csv and returns.csv",
        whose="the folder provider",
    )
    shown, faults, answer = settings.get("path_shown"), Faults(), raw.Raw()
    found = {name: folders.read(faults, shown, _table, folder, name) for name in LAYOUT}
    values = folders.read(faults, shown, _values, folder)
    named = settings.get("french") or []
    blocks = {one: folders.read(faults, shown, _french, folder, one) for one in named}
    faults.refuse()
    for name, frame in found.items():
        _add(answer, LAYOUT[name][0], frame)
    _add(answer, raw.VALUES, values)
    for name, several in blocks.items():
        for block in several:
            _add(answer, *_long(block, name, settings.get("french_set") or "french"))
    passed = [one for one in cells.unread(folder, FILES) if one.file not in named]
    answer.warnings += [folders.in_folder(one, shown) for one in passed]
    return answer


def _add(answer: raw.Raw, table: str, frame: pd.DataFrame | None) -> None:
    if frame is None:
        return
    answer.add(table, frame)
    clock = frame[raw.CLOCK[table]].max() if raw.CLOCK[table] else pd.NaT
    last = pd.Timestamp(clock)
    last = (last.tz_localize(None) if last.tzinfo else last).normalize() if pd.notna(last) else pd.NaT
    answer.tell(table, rows=len(frame), last_date=last)


def _table(folder: Path, name: str) -> pd.DataFrame | None:
    """One table of ``LAYOUT``, None where there is no file and none is needed."""
    path = cells.find(folder, name, required=name in NEEDED)
    if path is None:
        return None
    table, needed, optional = LAYOUT[name]
    sheet = cells.read(path, required=list(needed), optional=[*optional, "origin"])
    frame = pd.DataFrame({column: reader(sheet, column) for column, reader in {**needed, **optional}.items()})
    frame = _filled(name, frame).assign(origin=origin(sheet))
    if name == "factors":
        sheet.check()
        _refuse_percent(frame, sheet.name, sheet.lines)
    sheet.refuse_conflicts(frame, raw.ORDER[table])
    sheet.check()
    return frame.drop_duplicates().reset_index(drop=True).assign(source=sheet.name)


def _filled(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """What is not given follows from the rest: known on its day, named as its id, each of weight one."""
    if name in ("entities", "memberships", "delistings"):
        frame["known_at"] = frame["known_at"].fillna(frame["valid_from" if name == "entities" else "date"])
    if name == "entities":
        frame["name"] = frame["name"].fillna(frame["entity"])
    if name == "designs":
        frame["weight"] = frame["weight"].fillna(1.0)
        frame["cluster"] = frame["cluster"].fillna(frame["unit"])
    return frame


def _refuse_percent(frame: pd.DataFrame, name: str, lines: pd.Series) -> None:
    """InputError for the factors whose usual size is that of percent."""
    size = frame["return"].abs().groupby([frame["factor_set"], frame["frequency"], frame["factor"]])
    faults = Faults()
    for (collection, frequency, factor), median in size.median().items():
        if median > LARGEST[frequency]:
            rows = (
                frame[["factor_set", "frequency", "factor"]].eq([collection, frequency, factor]).all(axis=1)
            )
            found = f"{factor} of {collection} has a usual {frequency} size of {median:.3g}, which is percent"
            line = int(lines[rows.to_numpy().argmax()])
            mend = "write decimals: 0.0296 for 2.96 %"
            faults.add(InputError(found, mend=mend, file=name, line=line, field="return"))
    faults.refuse()


def _values(folder: Path) -> pd.DataFrame | None:
    """The values of the signals, a file as ``lib.signals.files`` reads it with one more column ``signal``."""
    path = cells.find(folder, "values")
    if path is None:
        return None
    sheet = cells.read(path, required=["signal", *files.NEEDED], optional=[*files.OPTIONAL, "origin"])
    frame = files.values_of(sheet, more={"signal": text(sheet, "signal")})
    empty = "an empty value"
    sheet.refuse(frame["value"].isna(), "value", empty, "write a number, or remove the row")
    frame = frame.assign(origin=origin(sheet))
    sheet.check()
    return frame.drop_duplicates().drop(columns="symbol").assign(source=sheet.name)


def _french(folder: Path, name: str) -> list[Block]:
    if Path(name).name != name:
        raise InputError("not the name of a file in the folder", mend="write its name alone", file=name)
    user_files.check(folder / name, name)
    return read_french(folder / name, name)


def _long(block: Block, name: str, collection: str) -> tuple[str, pd.DataFrame | None]:
    """A block as rows of factors where its series are factors, else of portfolios; none for counts."""
    spelt = [SPELT.get(str(one).lower()) for one in block.frame.columns]
    frame = block.frame.rename_axis(index="date", columns="series")
    long = frame.melt(ignore_index=False, value_name="return").dropna().reset_index()
    long = long.assign(frequency=block.frequency, source=name, origin="real")
    if all(spelt):
        factor = long["series"].str.lower().map(SPELT)
        return "raw_factor_sets", long.assign(factor_set=collection, factor=factor).drop(columns="series")
    if not block.percent:
        return "raw_test_portfolios", None
    title = f"{Path(name).stem}: {block.heading}" if block.heading else Path(name).stem
    return "raw_test_portfolios", long.rename(columns={"series": "portfolio"}).assign(
        portfolio_set=title, excess=False
    )
