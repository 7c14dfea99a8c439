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
    "str": "str",
    "float": "float64",
    "int": "int64",
    "bool": "bool",
}


@dataclass(frozen=True)
class Column:
    """One column: its type (``date str float int bool``), meaning with unit, and what it may hold."""

    name: str
    type: str
    meaning: str
    null: bool = False
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: a sentence, its columns in order, and the columns that identify a row."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def column_names(self) -> list[str]:
        """Column names in the order in which they are stored."""
        return [column.name for column in self.columns]

    def digest(self) -> str:
        """Fingerprint of everything the schema says."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


@dataclass(frozen=True)
class Stage:
    """One row of the pipeline: the notebook ``notebooks/<name>.ipynb``, what it reads and writes.

    It runs once, or once for each subject of the kind ``per`` (``lib/subjects.py``). ``states`` are tables
    that it continues from day to day, ``histories`` those of other stages that it reads as of the day before;
    ``repeats`` names stages whose computation it repeats, so that it is given their settings. ``front`` says
    what it is on a run's front page: ``subject`` (its verdict leads the subject's part) or ``data`` (it tells
    whether the data are sound). ``prepare``, ``validate`` and ``latest`` name hooks as ``module:function``
    (the last says which session ``as_of: latest`` means); ``resources`` are files or folders that its hooks
    read.
    """

    name: str
    question: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    per: str | None = None
    states: tuple[str, ...] = ()
    histories: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    front: str = ""
    prepare: str | None = None
    validate: str | None = None
    resources: tuple[str, ...] = ()
    latest: str = ""

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
    out = out.astype({column.name: _castable(out, column, table) for column in table.columns})
    _check(out, table)
    return out


def _castable(frame: pd.DataFrame, column: Column, table: Table) -> str:
    """The dtype to cast to; refuses casts that would lose or invent something."""
    series = frame[column.name]
    kind = series.dtype.kind
    allowed = {"date": "M", "str": "OUT", "float": "fiu", "int": "iu", "bool": "b"}[column.type]
    text = column.type == "str" and str(series.dtype) in ("str", "string", "object", "category")
    if not text and kind not in allowed and not series.isna().all():
        raise ContractError(
            f"table {table.name}, column {column.name}: holds {series.dtype}, {column.type} is declared"
        )
    return DTYPES[column.type]


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
