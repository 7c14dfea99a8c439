"""What a provider answers to a prepare hook: frames by table as it found them, a log, and how long it holds.

A chapter that has providers declares its answer here: its raw tables with the order of their rows, and what
may be seen at the as-of date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from lib.contracts import conform, empty
from lib.errors import InputError
from lib.prepare_request import PrepareRequest
from lib.tables import TABLES

LOG_DEFAULTS = {"status": "ok", "rows": 0, "skipped": 0, "last_date": pd.NaT, "detail": None}


@dataclass
class RawAnswer:
    """Frames by the name of their table, as a provider found them, columns that it does not know left out.

    ``log`` are rows of the table ``LOG`` (``item`` and what differs from an answer without rows). A live
    provider also says how long the answer holds (``validity``), what happened (``events``), and facts of this
    very fetch (``moment``).
    """

    ORDER: ClassVar[Mapping[str, Sequence[str]]] = {}
    """The raw tables, and the columns that their rows are sorted by."""
    LOG: ClassVar[str] = ""

    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[InputError] = field(default_factory=list)
    validity: dict[str, Any] | None = None
    events: list[dict] = field(default_factory=list)
    moment: dict[str, Any] = field(default_factory=dict)

    def add(self, table: str, frame: pd.DataFrame, **constants: Any) -> None:
        """Rows of a table, with columns that are the same in all of them, such as source and origin."""
        self.frames.setdefault(table, []).append(frame.assign(**constants))

    def tell(self, item: str, **parts: Any) -> None:
        """A row of the log: ``status``, ``rows``, ``skipped``, ``last_date`` and ``detail``, as known."""
        self.log.append({"item": item, **LOG_DEFAULTS, **parts})

    def tables(self, request: PrepareRequest) -> dict[str, pd.DataFrame]:
        """Every raw table, conforming to its schema, in a fixed order, without what was known after as-of."""
        found = {
            name: gather(name, self.frames.get(name, []), order=order) for name, order in self.ORDER.items()
        }
        known = {
            name: frame[self.seen(name, frame, request)].reset_index(drop=True)
            for name, frame in found.items()
        }
        return {**known, self.LOG: self._log()}

    def seen(self, table: str, frame: pd.DataFrame, request: PrepareRequest) -> pd.Series:
        """Which rows were known at the as-of date."""
        return frame["known_at"] <= request.as_of

    def answer(self, request: PrepareRequest) -> dict[str, Any]:
        """The answer of the hook: the tables and what a live provider adds to them."""
        live = {"validity": self.validity, "events": self.events, "moment": self.moment}
        warnings = [one.as_dict() for one in self.warnings]
        more = {**(live if self.validity is not None else {}), **({"warnings": warnings} if warnings else {})}
        return {**self.tables(request), **more}

    def _log(self) -> pd.DataFrame:
        if not self.log:
            return empty(TABLES[self.LOG])
        rows = pd.DataFrame(self.log)
        typed = {"rows": "float64", "skipped": "float64", "last_date": "datetime64[us]"}
        return conform(rows.astype(typed), TABLES[self.LOG])


def gather(name: str, frames: list[pd.DataFrame], *, order: Sequence[str]) -> pd.DataFrame:
    """All frames of a table as one, unknown columns null, sorted; equal keys stay in the source's order."""
    none = empty(TABLES[name])
    filled = [_completed(frame, none) for frame in frames if len(frame)]
    if not filled:
        return none
    table = pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0]
    return conform(table.sort_values(list(order), kind="stable", na_position="first"), TABLES[name])


def _completed(frame: pd.DataFrame, none: pd.DataFrame) -> pd.DataFrame:
    """The frame with the columns that it lacks, null and of the declared type."""
    absent = {
        name: pd.Series(None, index=frame.index, dtype=none[name].dtype) for name in none if name not in frame
    }
    return frame.assign(**absent)
