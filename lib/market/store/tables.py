"""What the price store keeps: bars, and three small tables about the symbols; their columns and their checks.

Frames that do not fit are the mistake of the program that hands them in: ContractError. Whether prices make
sense is not asked here; the stage that checks the data speaks about that.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from lib.contracts import DTYPES, Table, empty
from lib.errors import ContractError
from lib.tables.columns import count, date, number, text

BARS = Table(
    "bars",
    "Daily bars as traded, one a symbol and day.",
    (
        text("symbol", "symbol; options in OCC form without spaces"),
        date("date", "exchange-local trading day"),
        number("open", "first price of the day", null=True),
        number("high", "highest price of the day", null=True),
        number("low", "lowest price of the day", null=True),
        number("close", "last price of the day", null=True),
        number("volume", "shares or contracts traded", null=True),
        number("dividend", "cash dividend a share with this ex-date, 0 when none", null=True),
        number("split", "new shares for an old one with this ex-date, 1 when none", null=True),
        text("source", "provider of the bar", null=True),
        text("origin", "how far it can be trusted", null=True),
        date("fetched_at", "when it was received, UTC", null=True),
    ),
    ("symbol", "date"),
)
SERIES = Table(
    "series",
    "What was asked of the source for a symbol and what came back, one row a symbol.",
    (
        text("symbol", "symbol asked for"),
        text("source", "provider asked", null=True),
        text("status", "how the last request ended", null=True),
        text("detail", "reason or remark", null=True),
        date("asked_from", "first day ever asked for", null=True),
        date("asked_through", "last day asked for", null=True),
        date("checked_at", "when it was last asked, UTC", null=True),
        date("first_date", "first bar", null=True),
        date("last_date", "last bar", null=True),
        count("rows", "bars in the store"),
    ),
    ("symbol",),
)
INSTRUMENTS = Table(
    "instruments",
    "What each symbol is, one row a symbol.",
    (
        text("symbol", "symbol"),
        text("name", "name for people", null=True),
        text("kind", "stock, etf, index, fund, option", null=True),
        text("sector", "sector of the company", null=True),
        text("industry", "industry of the company", null=True),
        text("currency", "ISO code of the currency of its prices", null=True),
        text("exchange", "exchange as the provider calls it", null=True),
        text("timezone", "time zone of the exchange", null=True),
        text("country", "country of the company as the provider calls it", null=True),
        number("market_cap", "what the whole company was worth at told_at, in its currency", null=True),
        date("told_at", "when the provider last told the row, UTC; null in rows of before", null=True),
        text("source", "provider of the row", null=True),
        text("origin", "how far it can be trusted", null=True),
        date("fetched_at", "when it was received, UTC", null=True),
    ),
    ("symbol",),
)
EVENTS = Table(
    "events",
    "What happened to a series in the store; rows are only added.",
    (
        date("date", "first day concerned"),
        text("symbol", "symbol concerned"),
        text("event", "what happened"),
        date("last_date", "last day concerned", null=True),
        count("rows", "bars concerned"),
        text("detail", "what changed, with the numbers", null=True),
        text("source", "provider that gave the bars", null=True),
        date("recorded_at", "when it was written down, UTC", null=True),
    ),
    ("symbol", "date", "event", "last_date", "rows", "detail", "source"),
)
SMALL = {table.name: table for table in (SERIES, INSTRUMENTS, EVENTS)}
DAY = 86_400_000_000
CLOCK = ("fetched_at", "recorded_at")
"""Columns that say when a row came; two rows that differ in nothing else are the same row."""

NUMBERS = tuple(column.name for column in BARS.columns if column.type == "float")
TEXTS = tuple(column.name for column in BARS.columns if column.type == "str")
ARROW = {"str": pa.string(), "date": pa.timestamp("us"), "float": pa.float64(), "int": pa.int64()}
KINDS = {"str": "OUT", "date": "M", "float": "fiu", "int": "iu"}


def schema(table: Table, *, encoded: bool = False) -> pa.Schema:
    """The Arrow types of a table; ``encoded`` has texts as codes of a dictionary, as bars are in memory."""
    code = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [(c.name, code if encoded and c.type == "str" else ARROW[c.type]) for c in table.columns]
    )


def checked(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame with the table's columns, in order and typed; ContractError names what does not fit."""
    names = table.column_names
    odd = sorted({*names} ^ set(map(str, frame.columns)))
    if odd or len(frame.columns) != len(names):
        raise ContractError(f"{table.name}: {', '.join(odd)}: the columns are {', '.join(names)}, each once")
    frame = frame[names].reset_index(drop=True)
    for column in table.columns:
        _refuse_type(frame[column.name], column.type, table.name)
        if not column.null and frame[column.name].isna().any():
            row = int(frame[column.name].isna().to_numpy().argmax())
            raise ContractError(f"{table.name}, column {column.name}: null in row {row} of {len(frame)}")
    frame = frame.astype({column.name: DTYPES[column.type] for column in table.columns})
    if "date" in names and (frame["date"].to_numpy().astype("int64") % DAY).any():
        raise ContractError(f"{table.name}, column date: holds a time of day, a day is midnight")
    if table is not BARS:
        refuse_twice(frame, table)
    return frame


def completed(stored: pa.Table, table: Table) -> pa.Table:
    """A stored table with the columns that the contract has got since it was written, as nulls."""
    for column in table.columns:
        if column.null and column.name not in stored.column_names:
            stored = stored.append_column(column.name, pa.nulls(len(stored), ARROW[column.type]))
    return stored.select([name for name in table.column_names if name in stored.column_names])


def refuse_twice(frame: pd.DataFrame, table: Table) -> None:
    """ContractError when two rows have the same key."""
    twice = frame.duplicated(list(table.key))
    if twice.any() and table is not EVENTS:
        first = frame.loc[twice, list(table.key)].iloc[0]
        raise ContractError(f"{table.name}: {', '.join(map(str, first))} is there twice")


def typed_empty(table: Table, columns: list[str] | None = None) -> pd.DataFrame:
    """No rows, with the types of the table."""
    return empty(table)[columns or table.column_names]


def _refuse_type(series: pd.Series, kind: str, name: str) -> None:
    dtype = series.dtype
    text = kind == "str" and str(dtype) in ("str", "string", "object", "category")
    zoned = isinstance(dtype, pd.DatetimeTZDtype)
    if zoned or not (text or dtype.kind in KINDS[kind] or series.isna().all()):
        raise ContractError(f"{name}, column {series.name}: holds {dtype}, {kind} is declared")
