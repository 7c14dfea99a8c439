"""What every provider of signal data answers: raw tables and a log, up to one day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from lib.contracts import conform, empty
from lib.errors import InputError
from lib.prepare_request import PrepareRequest
from lib.raw_tables import gather
from lib.tables import TABLES
from lib.tables.signals import PARTS

ORDER = {
    **{f"raw_{name}": list(key) for name, (_, _, key, _) in PARTS.items()},
    "raw_signal_values": ["signal", "entity", "known_at", "component"],
}
CLOCKS = {f"raw_{name}": clock for name, (*_, clock) in PARTS.items()} | {"raw_signal_values": "known_at"}
LOG = "raw_signal_log"
TABLE_NAMES = (*ORDER, LOG)
LOG_DEFAULTS = {"status": "ok", "rows": 0, "skipped": 0, "last_date": pd.NaT, "detail": None}


@dataclass
class Raw:
    """Frames by the name of their raw table, columns that a provider does not know left out.

    ``log`` are rows of raw_signal_log (``item`` and what differs from an answer without rows).
    """

    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[InputError] = field(default_factory=list)

    def add(self, table: str, frame: pd.DataFrame, **constants: Any) -> None:
        """Rows of a table, with columns that are the same in all of them, such as source and origin."""
        self.frames.setdefault(table, []).append(frame.assign(**constants))

    def tell(self, item: str, **parts: Any) -> None:
        """A row of the log: ``status``, ``rows``, ``skipped``, ``last_date`` and ``detail``, as known."""
        self.log.append({"item": item, **LOG_DEFAULTS, **parts})

    def tables(self, request: PrepareRequest) -> dict[str, pd.DataFrame]:
        """Every raw table, conforming to its schema, in a fixed order, without what was known after as-of."""
        found = {name: gather(name, self.frames.get(name, []), order) for name, order in ORDER.items()}
        known = {name: up_to(frame, CLOCKS[name], request.as_of) for name, frame in found.items()}
        return {**known, LOG: self._log()}

    def _log(self) -> pd.DataFrame:
        if not self.log:
            return empty(TABLES[LOG])
        types = {"rows": "float64", "skipped": "float64", "last_date": "datetime64[us]"}
        return conform(pd.DataFrame(self.log).astype(types), TABLES[LOG])


def up_to(frame: pd.DataFrame, clock: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rows that were known by the end of a day (UTC where the clock shows moments)."""
    if not clock:
        return frame
    end = as_of + pd.Timedelta(days=1)
    moments = getattr(frame[clock].dtype, "tz", None) is not None
    return frame.loc[frame[clock] < (end.tz_localize("UTC") if moments else end)].reset_index(drop=True)
