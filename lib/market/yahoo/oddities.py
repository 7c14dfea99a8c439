"""Days of Yahoo's answers that could not be taken as they came, as events of the store.

What yfinance's own repair would change is recorded here and nowhere applied: the bars stay as they came.
"""

from __future__ import annotations

import pandas as pd

from lib.market.sync import Need

REPAIR = "source_repair"


def events_of(oddities: pd.DataFrame, repairs: pd.DataFrame, need: Need) -> pd.DataFrame:
    """One event for each symbol, day and oddity; ``oddities`` and ``repairs`` are those of the client."""
    found = pd.concat([oddities, _told(repairs)], ignore_index=True)
    return found.assign(last_date=found["date"], rows=1, source=need.source, recorded_at=need.now)


def _told(repairs: pd.DataFrame) -> pd.DataFrame:
    """The cells of a day that a repair would change, in one line."""
    before, after = (repairs[name].map("{:.7g}".format).astype("str") for name in ("before", "after"))
    cells = repairs.assign(detail=repairs["column"] + " " + before + " would be " + after)
    lines = cells.groupby(["symbol", "date"], as_index=False)["detail"].agg("; ".join)
    return lines.assign(event=REPAIR)
