"""A wide frame of days as the rows of a table."""

from __future__ import annotations

import numpy as np
import pandas as pd


def long(days: pd.DatetimeIndex, names: list[str], day: str, name: str, **values: np.ndarray) -> pd.DataFrame:
    """Rows (``name``, ``day``, one column for each of ``values``) of arrays days x names, by name and day.

    A row stands where the first array has a number.
    """
    first = next(iter(values.values()))
    column, row = np.nonzero(~np.isnan(first.T))
    labels = pd.Series(np.array(names, dtype=object)[column], dtype="str")
    return pd.DataFrame(
        {name: labels, day: days[row], **{key: array[row, column] for key, array in values.items()}}
    )
