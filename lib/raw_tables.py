"""Frames as providers give them, put together as one raw table in an order that no source decides."""

from __future__ import annotations

import pandas as pd

from lib.contracts import conform, empty
from lib.tables import TABLES


def gather(name: str, frames: list[pd.DataFrame], order: list[str]) -> pd.DataFrame:
    """All frames as the table, unknown columns null, sorted; equal keys stay in the order of the source."""
    none = empty(TABLES[name])
    filled = [_completed(frame, none) for frame in frames if len(frame)]
    if not filled:
        return none
    table = pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0]
    return conform(table.sort_values(order, kind="stable", na_position="first"), TABLES[name])


def _completed(frame: pd.DataFrame, none: pd.DataFrame) -> pd.DataFrame:
    """The frame with the columns that it lacks, null and of the declared type."""
    absent = {
        name: pd.Series(None, index=frame.index, dtype=none[name].dtype) for name in none if name not in frame
    }
    return frame.assign(**absent)
