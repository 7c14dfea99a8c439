"""What a table promises (columns, types, units, keys, ranges) and what a stage declares.

Both are plain data, so that they can stand in a stage's key without importing pandas; a table is checked
when it is written.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.errors import ContractError

if TYPE_CHECKING:
    import pandas as pd

DTYPES = {
    "date": "datetime64[us]",
    "moment": "datetime64[us, UTC]",
    "str": "str",
    "float": "float64",
    "int": "int64",
    "whole": "Int64",
    "bool": "bool",
}
KINDS = {"date": "M", "moment": "M", "str": "OUT", "float": "fiu", "int": "iu", "whole": "fiu", "bool": "b"}
"""By type, the kinds of numpy's dtypes that may be cast to it."""
LARGEST_EXACT = 2.0**53
"""Beyond this a float does not hold every whole number."""


UNITS = {
    "money": "money",
    "price": "price",
    "fraction": "percent",
    "return": "fine percent",
    "probability": "percent",
    "p_value": "p-value",
    "bp": "bp",
    "ratio": "ratio",
    "number": "number",
    "count": "count",
    "days": "count",
    "date": "date",
    "moment": "moment",
    "text": "text",
    "figure": "figure",
    "difference": "difference",
}
"""What a column is measured in, and the format in which an exhibit shows it.

``fraction``, ``return`` and ``bp`` are stored as decimals and shown as percent, as percent with two decimals
(returns of one period) and as basis points; ``number`` is any
other quantity (shares, points of rate). Each value of a ``figure`` is in the unit that the column ``unit``
names in its row, and so is each ``difference`` of two of them.
"""
BY_ROW = ("figure", "difference")
"""Units of a column whose rows each have their own."""
UNIT_OF_TYPE = {
    "date": "date",
    "moment": "moment",
    "str": "text",
    "float": "number",
    "int": "count",
    "whole": "count",
    "bool": "text",
}


@dataclass(frozen=True)
class Column:
    """One column: its type, its meaning with unit, and what it may hold.

    Types are ``date`` (a day, midnight without a zone), ``moment`` (a time in UTC), ``str``, ``float``,
    ``int``, ``whole`` (a whole number that may be null) and ``bool``. ``unit`` is one of ``UNITS`` (by type
    where it is not given); ``label`` heads the column for people (its name in words where it is not given);
    ``absent`` says in a word or two why a value can be missing, or names the column that holds each row's
    reason.
    """

    name: str
    type: str
    meaning: str
    null: bool = False
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    unit: str = ""
    label: str = ""
    absent: str = ""

    def __post_init__(self) -> None:
        unit = self.unit or UNIT_OF_TYPE[self.type]
        if unit not in UNITS:
            raise ContractError(f"column {self.name}: no unit {unit!r}; there are {', '.join(UNITS)}")
        object.__setattr__(self, "unit", unit)

    @property
    def format(self) -> str:
        """How an exhibit writes its values."""
        return UNITS[self.unit]


@dataclass(frozen=True)
class Table:
    """One table: a sentence, its columns in order, and the columns that identify a row.

    A stage that writes it without a row has failed, unless it ``may_be_empty``. ``known_at`` names the column
    that says since when a row was known; a stage that is ``point_in_time`` uses no row before that day.
    ``dated`` names the column of the day that a row speaks of, where a table holds a history of results.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    may_be_empty: bool = False
    known_at: str = ""
    dated: str = ""

    @property
    def column_names(self) -> list[str]:
        """Column names in the order in which they are stored."""
        return [column.name for column in self.columns]

    def digest(self) -> str:
        """Fingerprint of everything the schema says."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


RUN_SETTINGS = ("as_of", "exchange", "seed")
"""Settings of a stage that are set for the whole run."""


@dataclass(frozen=True)
class KeyFigure:
    """A figure to be seen first: its name, value (NaN where there is none), unit, and itself read aloud.

    ``better`` says which direction is: higher, lower or neither. The unit ``text`` means that only the
    sentence counts.
    """

    name: str
    value: float
    unit: str
    better: str
    sentence: str


class MadeUp(str):
    """A fault that says only that data are not real; a run's page tells it apart from what is wrong."""

    __slots__ = ()


@dataclass(frozen=True)
class Prepare:
    """How raw tables come into a run, before any stage: a hook, and the section of the params that it obeys.

    ``hook`` (``module:function``) makes the tables ``makes``. ``providers`` (``module:NAME``) are the sources
    that ``section`` may name, as ``lib.settings.Provider`` by name. ``folder`` is its own in the outputs, for
    what it keeps from run to run, and under the inputs of a run. With ``symbols`` it is told every symbol
    that the answers of ``validate`` and the benchmarks name.
    """

    hook: str
    section: str
    folder: str
    makes: tuple[str, ...]
    providers: str
    symbols: bool = False

    def path(self, table: str) -> str:
        """Where a run keeps one of its tables, relative to the run's folder."""
        return f"inputs/{self.folder}/{table}.parquet"


@dataclass(frozen=True)
class AlertHook:
    """What rules of alerts may ask of the bars in a table, beside any table's value.

    ``hook`` (``module:function``) is given the ``table`` and rules, and answers value, threshold and whether
    the condition held, by rule and day. ``types`` (``module:NAME``) are the types of rules that it knows, as
    ``lib.settings.Condition`` by name.
    """

    hook: str
    table: str
    types: str


@dataclass(frozen=True)
class Stage:
    """One row of the pipeline: the notebook ``notebooks/<name>.ipynb``, what it reads and writes.

    It runs once, or once for each subject of the kind ``per`` (``lib/subjects.py``). ``states`` are tables
    that it continues from day to day, ``histories`` those of other stages that it reads as of the day before;
    ``repeats`` names stages whose computation it repeats, so that it is given their settings: those of the
    names ``repeated``, all of them where there is none. ``front`` says
    what it is on a run's front page: ``subject`` (its verdict leads the subject's part) or ``data`` (it tells
    whether the data are sound). ``prepare`` says how raw tables come in; ``validate`` and ``latest`` name
    hooks as ``module:function`` (the last says which session ``as_of: latest`` means), and so does
    ``foretell``, which refuses raw tables that the stage would stop for; both are told where the states and
    histories before the day are; ``resources`` are files or folders
    that its hooks read. ``point_in_time`` promises that no result at a date rests on what was known only
    later: such a stage writes a table that is ``dated``. Each distinct set of settings of a stage that is a
    ``trial`` is kept in the subject's ledger (``lib/ledger.py``), of which other stages read ``trials`` and
    ``trial_returns``; settings ``aside``, such as how many draws are made, make no other trial of it.
    ``alerts`` is the hook of rules over the bars that the stage writes.
    """

    name: str
    question: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    per: str | None = None
    states: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    front: str = ""
    prepare: Prepare | None = None
    validate: str | None = None
    foretell: str | None = None
    resources: tuple[str, ...] = ()
    latest: str = ""
    point_in_time: bool = False
    trial: bool = False
    aside: tuple[str, ...] = ()
    alerts: AlertHook | None = None

    @property
    def chapter(self) -> str:
        """The folder that the notebook is in."""
        return self.name.split("/")[0]


def empty(table: Table) -> pd.DataFrame:
    """A frame of no rows with the table's columns and types."""
    import pandas as pd

    return pd.DataFrame({c.name: pd.Series([], dtype=DTYPES[c.type]) for c in table.columns})


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame in the table's column order, sorted index dropped, types cast, schema checked.

    Raises ContractError naming the table, the column and the first offending values.
    """
    missing = [name for name in table.column_names if name not in frame.columns]
    extra = [str(name) for name in frame.columns if name not in table.column_names]
    if missing or extra:
        parts = [f"lacks {', '.join(missing)}"] if missing else []
        parts += [f"has undeclared {', '.join(extra)}"] if extra else []
        raise ContractError(f"table {table.name} {' and '.join(parts)}; lib/tables declares its columns")
    out = frame[table.column_names].reset_index(drop=True)
    out.attrs = {}
    for column in table.columns:
        _refuse_cast(out[column.name], column, table)
    out = out.assign(**_unknown_moments(out, table))
    out = out.astype({column.name: DTYPES[column.type] for column in table.columns})
    _check(out, table)
    return out


def _refuse_cast(series: pd.Series, column: Column, table: Table) -> None:
    """ContractError where a cast to the column's type would lose or invent something."""
    dtype, zone = series.dtype, getattr(series.dtype, "tz", None)
    text = column.type == "str" and str(dtype) in ("str", "string", "object", "category")
    fits = text or dtype.kind in KINDS[column.type]
    if dtype.kind == "M":
        fits = fits and (zone is None if column.type == "date" else str(zone) == "UTC")
    if column.type == "whole" and dtype.kind == "f":
        known = series.dropna()
        fits = bool(((known % 1 == 0) & (known.abs() <= LARGEST_EXACT)).all())
    null = zone is None and series.isna().all() and (series.empty or column.type not in ("int", "bool"))
    if not fits and not null:
        raise ContractError(
            f"table {table.name}, column {column.name}: holds {dtype}, {column.type} is declared"
        )


def _unknown_moments(frame: pd.DataFrame, table: Table) -> dict[str, pd.Series]:
    """Columns of moments without any, typed, since pandas gives no zone to times that have none."""
    import pandas as pd

    names = [c.name for c in table.columns if c.type == "moment" and frame[c.name].isna().all()]
    return {name: pd.Series(pd.NaT, index=frame.index, dtype=DTYPES["moment"]) for name in names}


def _check(frame: pd.DataFrame, table: Table) -> None:
    """Nulls, ranges, allowed values and keys by pandera; every fault in one message."""
    import pandera.errors
    import pandera.pandas as pa

    def checks(column: Column) -> list[pa.Check]:
        found = []
        if column.low is not None:
            found.append(pa.Check.ge(column.low))
        if column.high is not None:
            found.append(pa.Check.le(column.high))
        if column.values:  # noqa: PD011
            found.append(pa.Check.isin(column.values))
        return found

    columns = {c.name: pa.Column(DTYPES[c.type], checks(c), nullable=c.null) for c in table.columns}
    schema = pa.DataFrameSchema(columns, unique=list(table.key) or None, strict=True)
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as fault:
        cases = fault.failure_cases
        lines = [
            f"{row.column}: {row.check} ({row.failure_case})" for row in cases.head(5).itertuples(index=False)
        ]
        more = f" and {len(cases) - 5} more" if len(cases) > 5 else ""
        raise ContractError(f"table {table.name}: " + "; ".join(lines) + more) from None
