"""The folder provider: your own files, checked whole, cut to the asked symbols and to the as-of date.

``prices`` (``date,symbol,close``, optional ``open,high,low,adj_close,volume``) must be there; ``yields``,
``implied_vols``, ``instruments`` and ``actions`` may be; each as ``.csv`` or ``.parquet``. Closes are as
printed by the exchange (basis ``raw``). Adjusted closes come from ``actions`` with ex-dates up to as-of,
so that no later dividend changes an earlier run; without that file from the column ``adj_close``; without
both they equal the closes, which the sync log notes. An optional column ``origin`` tells rows that are not
real from those that are; pages show it. Rows that cannot be read are refused, so are days still to come and
two rows of one key with other values; faulty bars and identical rows are kept for the stage to report.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pandas as pd

from lib.contracts import empty
from lib.conventions import BASE_CURRENCY, KINDS, ORIGINS, TENORS
from lib.errors import Faults
from lib.market import raw
from lib.market.adjust import adjust
from lib.tables import TABLES
from lib.user_tables import cells, folders
from lib.user_tables.sheet import Sheet

FILES = ("prices", "actions", "yields", "implied_vols", "instruments")
BAR = ("open", "high", "low", "close", "adj_close", "volume")
DECIMALS = "write decimals a year: 0.0425 for 4.25 %"
NO_ADJUSTMENT = "no actions and no adj_close: returns leave dividends out and show splits as jumps"
RECOMPUTED = "adj_close computed from actions, that of the file set aside"
NO_INSTRUMENT = f"no row in instruments: taken for a stock in {BASE_CURRENCY}"


def fetch(request: raw.Request) -> raw.Raw:
    """The raw tables for the request; InputError names file, line and field of all that cannot be read."""
    folder = folders.folder_of(
        request.settings,
        request.params_file,
        field="data.path",
        holds="prices.csv",
        whose="the folder provider",
    )
    today, faults = folders.last_day(request.now, request.as_of), Faults()
    read = partial(folders.read, faults, request.settings.get("path_shown"))
    given = read(_prices, folder, today)
    actions, yields = read(_actions, folder), read(_yields, folder, request.as_of, today)
    vols, instruments = read(_implied_vols, folder, today), read(_instruments, folder, request)
    with faults.noted():
        if given is not None:
            raw.refuse_before(given[0]["date"].min(), request)
        raw.refuse_unclosed(request, None if given is None else given[0]["date"].max())
    faults.refuse()
    prices, source, adjusted_in_file = given
    bars = _of_request(prices, request).sort_values(["symbol", "date"], kind="stable", ignore_index=True)
    if actions is not None:
        bars = adjust(bars, _of_request(actions, request))
    elif not adjusted_in_file:
        bars["adj_close"] = bars["close"]
    return raw.Raw(
        prices=[bars.assign(price_basis="raw", source=source)],
        yields=[yields],
        implied_vols=[_of_request(vols, request)],
        instruments=instruments,
        notes=_notes(request, instruments[0], actions is not None, adjusted_in_file),
        reasons=_reasons(prices, source, request),
        warnings=[
            folders.in_folder(one, request.settings.get("path_shown")) for one in cells.unread(folder, FILES)
        ],
    )


def _of_request(frame: pd.DataFrame, request: raw.Request) -> pd.DataFrame:
    wanted = frame["symbol"].isin(request.symbols) & (frame["date"] <= request.as_of)
    return frame[wanted].reset_index(drop=True)


def _prices(folder: Path, today: pd.Timestamp | None) -> tuple[pd.DataFrame, str, bool]:
    """All bars, the file's name, and whether it gives adjusted closes."""
    path = cells.find(folder, "prices", required=True)
    assert path is not None
    sheet = cells.read(path, required=["date", "symbol", "close"], optional=[*BAR[:3], *BAR[4:], "origin"])
    frame = pd.DataFrame({"date": sheet.dates("date", today=today), "symbol": sheet.symbols()})
    frame = frame.assign(**{column: sheet.numbers(column) for column in BAR}, origin=_origin(sheet))
    sheet.refuse_conflicts(frame, ["date", "symbol"])
    sheet.check()
    return frame, sheet.name, "adj_close" in sheet.cells


def _actions(folder: Path) -> pd.DataFrame | None:
    path = cells.find(folder, "actions")
    if path is None:
        return None
    sheet = cells.read(path, required=["date", "symbol"], optional=["dividend", "split"])
    frame = pd.DataFrame(
        {
            "date": sheet.dates("date"),
            "symbol": sheet.symbols(),
            "dividend": sheet.numbers("dividend", low=0.0, mend="write the amount a share"),
            "split": sheet.numbers(
                "split", low=1e-6, high=1e6, mend="write new shares for an old one: 2, or 0.1"
            ),
        }
    )
    sheet.refuse_conflicts(frame, ["date", "symbol"])
    sheet.check()
    return frame.drop_duplicates()


def _yields(folder: Path, as_of: pd.Timestamp, today: pd.Timestamp | None) -> pd.DataFrame:
    """Yields of the tenors that the workbench knows; other maturities are passed over."""
    path = cells.find(folder, "yields")
    if path is None:
        return empty(TABLES["raw_yields"])
    sheet = cells.read(path, required=["date", "tenor", "rate"], optional=["origin"])
    frame = pd.DataFrame(
        {
            "date": sheet.dates("date", today=today),
            "tenor": sheet.matching("tenor", re.compile(r"[0-9]{1,3}[DWMY]"), f"write {', '.join(TENORS)}"),
            "rate": sheet.numbers("rate", low=-0.1, high=1.0, mend=DECIMALS, required=True),
            "origin": _origin(sheet),
        }
    )
    sheet.refuse_conflicts(frame, ["date", "tenor"])
    sheet.check()
    frame = frame[frame["tenor"].isin(TENORS) & (frame["date"] <= as_of)].drop_duplicates()
    return frame.assign(source=sheet.name)


def _implied_vols(folder: Path, today: pd.Timestamp | None) -> pd.DataFrame:
    """Volatilities of a surface; rows without expiry, strike and right are a flat level."""
    path = cells.find(folder, "implied_vols")
    if path is None:
        return empty(TABLES["raw_implied_vols"])
    sheet = cells.read(
        path, required=["date", "symbol", "implied_vol"], optional=["expiry", "strike", "right", "origin"]
    )
    frame = pd.DataFrame(
        {
            "date": sheet.dates("date", today=today),
            "symbol": sheet.symbols(),
            "expiry": sheet.dates("expiry", required=False),
            "strike": sheet.numbers("strike", low=0.0),
            "right": sheet.choices("right", ("C", "P"), required=False),
            "implied_vol": sheet.numbers("implied_vol", low=0.0, high=10.0, mend=DECIMALS, required=True),
            "origin": _origin(sheet),
        }
    )
    filled = frame[["expiry", "strike", "right"]].notna().sum(axis=1)
    sheet.refuse(
        ~filled.isin([0, 3]), "expiry", "only a part of expiry, strike and right", "give all or none"
    )
    sheet.refuse_conflicts(frame, ["date", "symbol", "expiry", "strike", "right"])
    sheet.check()
    return frame.drop_duplicates().assign(source=sheet.name)


def _instruments(folder: Path, request: raw.Request) -> list[pd.DataFrame]:
    """Rows of the file for the asked symbols, then rows for those that it lacks."""
    path = cells.find(folder, "instruments")
    given = empty(TABLES["raw_instruments"])
    if path is not None:
        given = _given_instruments(path)
        given = given[given["symbol"].isin(request.symbols)]
    known = set(given["symbol"])
    absent = [symbol for symbol in request.stocks if symbol not in known]
    guessed = pd.DataFrame({"symbol": absent}, dtype="str").assign(
        kind="stock", currency=BASE_CURRENCY, source="folder", origin="real"
    )
    options = [one for one in request.options if one.symbol not in known]
    return [given, guessed, raw.option_instruments(options, given, "folder", "real")]


def _given_instruments(path: Path) -> pd.DataFrame:
    sheet = cells.read(
        path,
        required=["symbol", "name", "kind", "sector", "currency"],
        optional=["industry", "dividend_yield", "exchange", "country", "market_cap", "origin"],
    )
    frame = pd.DataFrame(
        {
            "symbol": sheet.symbols(),
            "name": sheet.texts("name"),
            "kind": sheet.choices("kind", KINDS),
            "sector": sheet.texts("sector"),
            "industry": sheet.texts("industry"),
            "currency": sheet.matching("currency", re.compile("[A-Z]{3}"), "write an ISO code such as USD"),
            "dividend_yield": sheet.numbers("dividend_yield", low=0.0, high=1.0, mend=DECIMALS),
            "exchange": sheet.texts("exchange"),
            "country": sheet.texts("country"),
            "market_cap": sheet.numbers("market_cap", low=0.0, mend="write the amount in its currency"),
            "origin": _origin(sheet),
        }
    )
    sheet.refuse_conflicts(frame, ["symbol"])
    sheet.check()
    return frame.drop_duplicates().assign(source=sheet.name)


def _origin(sheet: Sheet) -> pd.Series:
    """Where each row comes from; real unless the file says otherwise."""
    return sheet.choices("origin", ORIGINS, required=False).fillna("real")


def _reasons(prices: pd.DataFrame, source: str, request: raw.Request) -> dict[str, str]:
    first = prices[prices["symbol"].isin(request.symbols)].groupby("symbol")["date"].min()
    late = {symbol: f"its first price in {source} is of {day:%Y-%m-%d}" for symbol, day in first.items()}
    return dict.fromkeys(request.symbols, f"not in {source}") | late


def _notes(
    request: raw.Request, given: pd.DataFrame, actions: bool, adjusted_in_file: bool
) -> dict[str, str]:
    """Remarks by symbol for the sync log."""
    basis = (
        RECOMPUTED if actions and adjusted_in_file else "" if actions or adjusted_in_file else NO_ADJUSTMENT
    )
    guessed = set(request.stocks) - set(given["symbol"])
    notes = {
        symbol: "; ".join(part for part in (basis, NO_INSTRUMENT if symbol in guessed else "") if part)
        for symbol in request.symbols
    }
    return {symbol: note for symbol, note in notes.items() if note}
