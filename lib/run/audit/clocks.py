"""The clocks of a table: since when each row was known, which days it speaks of, whom it speaks of.

All of it is declared in the schema (``Table.known_at``, ``Table.dated``, key and types). A history of results
was known on the day that its rows are dated by. Days are whole: what was known at some hour of a day counts
as known on that day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contracts import Table

Tables = dict[str, pd.DataFrame]
DAYS = ("date", "moment")


@dataclass(frozen=True)
class Clock:
    """The columns of one table that say when and whom: ``known``, other ``days``, and the ``entity``.

    ``entity`` are the columns of the key that are no days; none for a table without a key.
    """

    known: str
    days: tuple[str, ...]
    entity: tuple[str, ...]
    keyed: bool

    def known_on(self, frame: pd.DataFrame) -> np.ndarray:
        """Since which day each row was known; not a time where the row does not say."""
        return days_in(frame, self.known)

    def later(self, frame: pd.DataFrame, moment: np.datetime64) -> np.ndarray:
        """Whether each row became known after the day ``moment``."""
        return self.known_on(frame) > moment

    def early(self, frame: pd.DataFrame, moment: np.datetime64) -> np.ndarray:
        """Whether each row became known after the day ``moment`` and speaks of that day or one before it."""
        speaks = np.zeros(len(frame), bool)
        for column in self.days:
            speaks |= days_in(frame, column) <= moment
        return self.later(frame, moment) & speaks


def clock_of(schema: Table) -> Clock | None:
    """The clock of a table; None where its schema does not say when a row was known."""
    known = schema.known_at or schema.dated
    if not known:
        return None
    days = [column.name for column in schema.columns if column.type in DAYS]
    entity = tuple(name for name in schema.key if name not in days)
    return Clock(known, tuple(name for name in days if name != known), entity, bool(schema.key))


def clocks_of(tables: Mapping[str, object], schemas: Mapping[str, Table]) -> dict[str, Clock]:
    """The clocks of those tables that have one; ``table@owner`` has that of ``table``."""
    found = {name: clock_of(schema_of(name, schemas)) for name in tables}
    return {name: clock for name, clock in found.items() if clock}


def schema_of(name: str, schemas: Mapping[str, Table]) -> Table:
    """The schema of a table, also of one subject's as ``table@owner``."""
    return schemas[name.partition("@")[0]]


def days_in(frame: pd.DataFrame, column: str) -> np.ndarray:
    """The days in a column of dates or of moments in UTC."""
    values = frame[column]
    if getattr(values.dtype, "tz", None) is not None:
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    return values.to_numpy().astype("datetime64[D]")


def dates_of(results: Mapping[str, pd.DataFrame], schemas: Mapping[str, Table]) -> dict[str, np.ndarray]:
    """The days that each history of results speaks of, in order."""
    found = {}
    for name, frame in results.items():
        if dated := schema_of(name, schemas).dated:
            days = np.unique(days_in(frame, dated))
            found[name] = days[~np.isnat(days)]
    return found
