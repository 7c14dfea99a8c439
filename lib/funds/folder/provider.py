"""The folder provider of funds: your own files, each row with the day from which it holds and was known.

``funds`` and ``navs`` must be there; ``attributes``, ``facts``, ``holdings``, ``benchmarks`` and ``events``
may be; each as ``.csv`` or ``.parquet``; ``params/funds/template`` holds one of each. Where ``funds`` itself
has columns such as ``name``, ``category`` or ``expense_ratio``, they are taken for held and known since the
fund's launch, which is no history: the log and a warning say so. Cells that cannot be read are refused by
line; faulty NAVs, ratios and lists are kept for the stage to set aside.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pandas as pd

from lib.conventions import BASE_CURRENCY, ORIGINS
from lib.errors import Faults, InputError
from lib.funds import identity, raw
from lib.prepare_request import PrepareRequest
from lib.tables.funds import ATTRIBUTES, BASES, EVENTS, FACTS, HOLDING_KINDS, OPTIONS, PLANS
from lib.user_tables import cells, folders
from lib.user_tables.sheet import Sheet

FILES = ("funds", "attributes", "facts", "navs", "holdings", "benchmarks", "events")
BESIDE = tuple(name for name in FILES if name not in ("funds", "navs"))
CURRENCIES = {"XNSE": "INR", "XBOM": "INR"}
BACKDATED = "backdated"
ID = "write the id of the fund"
RATIO = "write decimals: 0.0125 for 1.25 %"
WHOLE = {"expense_ratio": RATIO}


def fetch(request: PrepareRequest) -> raw.Raw:
    """The raw tables; InputError names file, line and field of all that cannot be read."""
    folder = folders.folder_of(
        request.settings,
        request.params_file,
        field="fund_data.path",
        holds="funds.csv and navs.csv",
        whose="the folder provider",
    )
    shown, faults, answer = request.settings.get("path_shown"), Faults(), raw.Raw()
    today = folders.last_day(request.now, request.as_of)
    navs = folders.read(faults, shown, _navs, folder, today)
    told = {"raw_fund_navs": navs, **_told(folder, shown, today, faults)}
    funds = folders.read(faults, shown, _funds, folder, request.exchange)
    faults.refuse()
    _add(answer, told)
    _add_funds(answer, funds, navs, shown)
    answer.warnings += [folders.in_folder(one, shown) for one in cells.unread(folder, FILES)]
    for name, frames in answer.frames.items():
        answer.tell(name, rows=sum(map(len, frames)), last_date=_last(name, frames))
    return answer


def add_beside(answer: raw.Raw, request: PrepareRequest) -> None:
    """Adds to the answer of another provider what the folder of its setting ``beside`` holds.

    Funds and NAVs are not read there. So come benchmarks, holdings and managers to funds whose source has
    none. Raises InputError.
    """
    given = {"path": request.settings["beside"], "path_shown": request.settings.get("beside_shown")}
    folder = folders.folder_of(
        given,
        request.params_file,
        field="fund_data.beside",
        holds="benchmarks.csv or others of the template",
        whose="the provider",
    )
    shown, faults = given["path_shown"], Faults()
    told = _told(folder, shown, folders.last_day(request.now, request.as_of), faults)
    faults.refuse()
    _add(answer, told)
    for name, frame in told.items():
        if frame is not None:
            answer.tell(f"{name} beside", rows=len(frame), last_date=_last(name, [frame]))
    answer.warnings += [folders.in_folder(one, shown) for one in cells.unread(folder, BESIDE)]


def _told(
    folder: Path, shown: str | None, today: pd.Timestamp | None, faults: Faults
) -> dict[str, pd.DataFrame | None]:
    """The tables beside funds and NAVs, None where there is no file or it was refused."""
    read = partial(folders.read, faults, shown)
    return {
        "raw_fund_attributes": read(_attributes, folder),
        "raw_fund_facts": read(_facts, folder),
        "raw_fund_holdings": read(_holdings, folder, today),
        "raw_benchmark_levels": read(_levels, folder, today),
        "raw_fund_events": read(_events, folder),
    }


def _add(answer: raw.Raw, told: dict[str, pd.DataFrame | None]) -> None:
    for name, frame in told.items():
        if frame is not None:
            answer.add(name, frame)


def _add_funds(answer: raw.Raw, given: pd.DataFrame, navs: pd.DataFrame, shown: str | None) -> None:
    """The master, and what its wide columns say as attributes and facts since each fund's launch."""
    first = given["fund_id"].map(navs.groupby("fund_id")["date"].min()).astype("datetime64[us]")
    since = given["inception_date"].fillna(first).fillna(given["known_at"])
    unknown = since.fillna(navs["date"].min())
    funds = given.assign(known_at=given["known_at"].fillna(unknown))
    wide = [name for name in (*ATTRIBUTES, *FACTS) if name in given]
    answer.add("raw_funds", funds.drop(columns=wide))
    for table, names in (("raw_fund_attributes", ATTRIBUTES), ("raw_fund_facts", FACTS)):
        here = [name for name in names if name in given]
        if not here:
            continue
        long = funds.assign(since=funds["known_at"]).melt(
            ["fund_id", "since", "source", "origin"], here, "item", "value"
        )
        long = long.dropna(subset=["value"]).rename(columns={"since": "valid_from"})
        dated = pd.concat([f[["fund_id", "item"]] for f in answer.frames.get(table, [])] or [long[:0]])
        pairs = pd.MultiIndex.from_frame(dated[["fund_id", "item"]])
        long = long[~pd.MultiIndex.from_frame(long[["fund_id", "item"]]).isin(pairs)]
        if len(long):
            items = ", ".join(sorted(long["item"].unique()))
            answer.add(table, long, known_at=long["valid_from"])
            answer.tell(
                BACKDATED, rows=len(long), detail=f"{items}: one value a fund, taken since its launch"
            )
            file = table.removeprefix("raw_fund_")
            mend = f"give {file}.csv with valid_from and known_at"
            fault = f"{items} stand without a day and are taken since each launch, which is not point in time"
            answer.warnings.append(folders.in_folder(InputError(fault, mend=mend, file="funds.csv"), shown))


def _funds(folder: Path, exchange: str) -> pd.DataFrame:
    optional = ["scheme", "isin", "isin_reinvest", "plan", "option", "currency", "inception_date", "known_at"]
    sheet = _sheet(folder, "funds", ["fund_id"], [*optional, "origin", *ATTRIBUTES, *FACTS])
    assert sheet is not None
    ids = _required(sheet, "fund_id", ID)
    wide = {name: sheet.texts(name) for name in ATTRIBUTES if name in sheet.cells}
    wide |= {name: _number(sheet, name) for name in FACTS if name in sheet.cells}
    name = wide.get("name", ids).fillna(ids)
    frame = pd.DataFrame(
        {
            "fund_id": ids,
            "isin": sheet.texts("isin"),
            "isin_reinvest": sheet.texts("isin_reinvest"),
            "plan": sheet.choices("plan", PLANS, required=False).fillna(identity.plans(name)),
            "option": sheet.choices("option", OPTIONS, required=False).fillna(identity.options(name)),
            "currency": _currency(sheet, exchange),
            "inception_date": sheet.dates("inception_date", required=False),
            "known_at": sheet.dates("known_at", required=False),
            "origin": _origin(sheet),
            **wide,
        }
    )
    blank = pd.Series("", index=ids.index, dtype="str")
    frame["scheme"] = sheet.texts("scheme").fillna(identity.schemes(wide.get("house", blank), name))
    sheet.refuse_conflicts(frame, ["fund_id"])
    sheet.check()
    return frame.drop_duplicates().reset_index(drop=True).assign(source=sheet.name)


def _attributes(folder: Path) -> pd.DataFrame | None:
    sheet = _sheet(folder, "attributes", ["fund_id", "item", "value", "valid_from"], ["known_at", "origin"])
    return None if sheet is None else _dated(sheet, ATTRIBUTES, _required(sheet, "value", "write the text"))


def _facts(folder: Path) -> pd.DataFrame | None:
    sheet = _sheet(folder, "facts", ["fund_id", "item", "value", "valid_from"], ["known_at", "origin"])
    return None if sheet is None else _dated(sheet, FACTS, sheet.numbers("value", required=True))


def _dated(sheet: Sheet, items: tuple[str, ...], value: pd.Series) -> pd.DataFrame:
    since = sheet.dates("valid_from")
    frame = pd.DataFrame(
        {
            "fund_id": _required(sheet, "fund_id", ID),
            "item": sheet.choices("item", items),
            "value": value,
            "valid_from": since,
            "known_at": sheet.dates("known_at", required=False).fillna(since),
            "origin": _origin(sheet),
        }
    )
    sheet.refuse_conflicts(frame, ["fund_id", "item", "valid_from"])
    sheet.check()
    return frame.drop_duplicates().assign(source=sheet.name)


def _navs(folder: Path, today: pd.Timestamp | None) -> pd.DataFrame:
    sheet = _sheet(folder, "navs", ["fund_id", "date", "nav"], ["known_at", "origin"], required=True)
    assert sheet is not None
    day = sheet.dates("date", today=today)
    known = sheet.dates("known_at", required=False).fillna(day)
    frame = {
        "fund_id": _required(sheet, "fund_id", ID),
        "date": day,
        "nav": sheet.numbers("nav", required=True),
    }
    sheet.refuse(known < day, "known_at", "known before its day", "write the day of publication")
    sheet.check()
    return pd.DataFrame({**frame, "known_at": known, "origin": _origin(sheet)}).assign(source=sheet.name)


def _holdings(folder: Path, today: pd.Timestamp | None) -> pd.DataFrame | None:
    needed = ["fund_id", "holding_date", "known_at", "name", "weight"]
    sheet = _sheet(folder, "holdings", needed, ["symbol", "kind", "sector", "cap", "origin"])
    if sheet is None:
        return None
    frame = pd.DataFrame(
        {
            "fund_id": _required(sheet, "fund_id", ID),
            "holding_date": sheet.dates("holding_date", today=today),
            "known_at": sheet.dates("known_at"),
            "symbol": sheet.texts("symbol"),
            "name": _required(sheet, "name", "write the name of the holding"),
            "kind": sheet.choices("kind", HOLDING_KINDS, required=False).fillna("equity"),
            "sector": sheet.texts("sector"),
            "cap": sheet.texts("cap"),
            "weight": sheet.numbers(
                "weight", low=-10.0, high=10.0, mend="write decimals: 0.05 for 5 %", required=True
            ),
            "origin": _origin(sheet),
        }
    )
    early = frame["known_at"] < frame["holding_date"]
    sheet.refuse(early, "known_at", "disclosed before its day", "write the day of disclosure")
    sheet.check()
    return frame.assign(source=sheet.name)


def _levels(folder: Path, today: pd.Timestamp | None) -> pd.DataFrame | None:
    sheet = _sheet(folder, "benchmarks", ["benchmark", "date", "level", "basis"], ["known_at", "origin"])
    if sheet is None:
        return None
    day = sheet.dates("date", today=today)
    frame = pd.DataFrame(
        {
            "benchmark": _required(sheet, "benchmark", "write the name that funds write"),
            "date": day,
            "level": sheet.numbers("level", low=1e-9, mend="write the level of the index", required=True),
            "basis": sheet.choices("basis", BASES),
            "known_at": sheet.dates("known_at", required=False).fillna(day),
            "origin": _origin(sheet),
        }
    )
    sheet.refuse_conflicts(frame, ["benchmark", "date"])
    sheet.check()
    return frame.drop_duplicates().assign(source=sheet.name)


def _events(folder: Path) -> pd.DataFrame | None:
    sheet = _sheet(
        folder, "events", ["fund_id", "event", "date"], ["successor", "detail", "known_at", "origin"]
    )
    if sheet is None:
        return None
    day = sheet.dates("date")
    frame = pd.DataFrame(
        {
            "fund_id": _required(sheet, "fund_id", ID),
            "event": sheet.choices("event", EVENTS),
            "date": day,
            "successor": sheet.texts("successor"),
            "detail": sheet.texts("detail"),
            "known_at": sheet.dates("known_at", required=False).fillna(day),
            "origin": _origin(sheet),
        }
    )
    itself = frame["successor"].eq(frame["fund_id"])
    sheet.refuse(itself, "successor", "the fund itself", "write the fund that its units became")
    sheet.check()
    return frame.drop_duplicates().assign(source=sheet.name)


def _sheet(
    folder: Path, name: str, needed: list[str], optional: list[str], *, required: bool = False
) -> Sheet | None:
    path = cells.find(folder, name, required=required or name == "funds")
    return None if path is None else cells.read(path, required=needed, optional=optional)


def _required(sheet: Sheet, column: str, mend: str) -> pd.Series:
    """Texts of which none may be empty."""
    found = sheet.texts(column)
    found = found.where(found.str.len() > 0)
    sheet.refuse(found.isna(), column, "empty", mend)
    return found


def _number(sheet: Sheet, name: str) -> pd.Series:
    return sheet.numbers(name, mend=WHOLE.get(name, ""))


def _currency(sheet: Sheet, exchange: str) -> pd.Series:
    if "currency" not in sheet.cells:
        home = CURRENCIES.get(exchange, BASE_CURRENCY)
        return pd.Series(home, index=sheet.cells.index, dtype="str")
    return sheet.matching("currency", re.compile("[A-Z]{3}"), "write an ISO code such as INR")


def _origin(sheet: Sheet) -> pd.Series:
    """Where each row comes from; real unless the file says otherwise."""
    return sheet.choices("origin", ORIGINS, required=False).fillna("real")


def _last(name: str, frames: list[pd.DataFrame]) -> pd.Timestamp:
    column = raw.ORDER[name][-1] if name != "raw_funds" else "known_at"
    return max(frame[column].max() for frame in frames)
