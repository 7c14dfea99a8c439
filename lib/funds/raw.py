"""What every provider of funds is asked and what it answers: seven raw tables and a log, up to one day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from lib.contracts import conform, empty
from lib.errors import InputError
from lib.prepare_request import PrepareRequest
from lib.tables import TABLES

ORDER = {
    "raw_funds": ["fund_id"],
    "raw_fund_attributes": ["fund_id", "item", "valid_from"],
    "raw_fund_facts": ["fund_id", "item", "valid_from"],
    "raw_fund_navs": ["fund_id", "date"],
    "raw_fund_holdings": ["fund_id", "holding_date"],
    "raw_benchmark_levels": ["benchmark", "date"],
    "raw_fund_events": ["fund_id", "date"],
}
LOG = "raw_fund_log"
TABLE_NAMES = (*ORDER, LOG)
LOG_DEFAULTS = {"status": "ok", "rows": 0, "skipped": 0, "last_date": pd.NaT, "detail": None}


@dataclass
class Raw:
    """Frames by the name of their table, as a provider found them, columns that it does not know left out.

    ``log`` are rows of raw_fund_log (``item`` and what differs from an answer without rows). A live provider
    also says how long the answer holds (``validity``), what happened (``events``), and facts of this very
    fetch (``moment``).
    """

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
        found = {name: _gather(name, self.frames.get(name, [])) for name in ORDER}
        known = {
            name: frame[frame["known_at"] <= request.as_of].reset_index(drop=True)
            for name, frame in found.items()
        }
        return {**known, LOG: self._log()}

    def _log(self) -> pd.DataFrame:
        if not self.log:
            return empty(TABLES[LOG])
        rows = pd.DataFrame(self.log)
        return conform(
            rows.astype({"rows": "float64", "skipped": "float64", "last_date": "datetime64[us]"}), TABLES[LOG]
        )


def _gather(name: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """All frames as one, unknown columns null, sorted; equal keys stay in the order of the source."""
    none = empty(TABLES[name])
    filled = [_completed(frame, none) for frame in frames if len(frame)]
    if not filled:
        return none
    table = pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0]
    return conform(table.sort_values(ORDER[name], kind="stable", na_position="first"), TABLES[name])


def _completed(frame: pd.DataFrame, none: pd.DataFrame) -> pd.DataFrame:
    """The frame with the columns that it lacks, null and of the declared type."""
    absent = {
        name: pd.Series(None, index=frame.index, dtype=none[name].dtype) for name in none if name not in frame
    }
    return frame.assign(**absent)
