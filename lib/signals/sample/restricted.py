"""Reads a pickled data frame of others without letting it run anything else.

A pickle names functions and calls them. Only those that a data frame of texts and dates is made of may be
named; any other name is refused before it is imported.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

import pandas as pd

from lib.errors import InputError

ALLOWED = {
    ("builtins", "slice"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("pandas", "DataFrame"),
    ("pandas", "Index"),
    ("pandas", "RangeIndex"),
    ("pandas", "StringDtype"),
    ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"),
    ("pandas._libs.internals", "_unpickle_block"),
    ("pandas.arrays", "DatetimeArray"),
    ("pandas.arrays", "StringArray"),
    ("pandas.core.indexes.base", "_new_Index"),
    ("pandas.core.internals.managers", "BlockManager"),
}


class FrameUnpickler(pickle.Unpickler):
    """An unpickler that knows no name but those of ``ALLOWED``."""

    def find_class(self, module: str, name: str) -> Any:
        """The object of that name; InputError where it is not allowed."""
        if (module, name) not in ALLOWED:
            raise InputError(f"the pickle names {module}.{name}, which no data frame needs")
        return super().find_class(module, name)


def frame(content: bytes) -> pd.DataFrame:
    """The data frame in a pickle; InputError where it names anything else, or holds none."""
    found = FrameUnpickler(io.BytesIO(content)).load()
    if not isinstance(found, pd.DataFrame):
        raise InputError(f"the pickle holds a {type(found).__name__}, not a data frame")
    return found
