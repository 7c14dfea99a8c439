"""A wide frame of days as the rows of a table."""

from __future__ import annotations

import numpy as np
import pandas as pd


def long(frame: pd.DataFrame, column: str, value: str, day: str = "date") -> pd.DataFrame:
    """Rows (``column``, ``day``, ``value``) of a frame days x names, by name and day; nulls are left out."""
    values = frame.to_numpy().T
    name, row = np.nonzero(~np.isnan(values))
    names = frame.columns.to_numpy().astype(object)
    return pd.DataFrame(
        {
            column: pd.Series(names[name], dtype="str"),
            day: frame.index[row],
            value: values[name, row],
        }
    )
