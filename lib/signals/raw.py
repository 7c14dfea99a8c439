"""What every provider of signals answers: twelve raw tables and a log, up to one day.

A day counts as known at its end; a moment (UTC) while its day is not after the as-of date.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib.prepare_request import PrepareRequest
from lib.raw_answer import RawAnswer
from lib.tables.signals import GIVEN_VALUES, PARTS

VALUES, LOG = "raw_signal_values", "raw_signal_log"
ORDER = {f"raw_{name}": list(key) for name, (_, _, key, _) in PARTS.items()} | {
    VALUES: list(GIVEN_VALUES.key)
}
CLOCK = {f"raw_{name}": clock for name, (_, _, _, clock) in PARTS.items()} | {VALUES: GIVEN_VALUES.known_at}
TABLE_NAMES = (*ORDER, LOG)


@dataclass
class Raw(RawAnswer):
    """Frames by the name of their table, as a provider of signals found them."""

    ORDER = ORDER
    LOG = LOG

    def seen(self, table: str, frame: pd.DataFrame, request: PrepareRequest) -> pd.Series:
        """Which rows were known at the as-of date; all of a table without a clock."""
        if not CLOCK[table]:
            return pd.Series(True, index=frame.index)
        known = frame[CLOCK[table]]
        return known < end_of(request.as_of, known)


def end_of(day: pd.Timestamp, clock: pd.Series) -> pd.Timestamp:
    """The end of a day, in UTC where the clock has a zone: what is earlier was known by then."""
    end = pd.Timestamp(day).as_unit("us") + pd.Timedelta(days=1)
    return end.tz_localize("UTC") if getattr(clock.dtype, "tz", None) else end
