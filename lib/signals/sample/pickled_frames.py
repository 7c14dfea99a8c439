"""A pickled data frame read without running what a pickle could run.

Only the classes that a frame of texts and dates is made of are let through; anything else in the file is
refused by name. Used once, when the sample is made.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

import pandas as pd

from lib.errors import InputError

ALLOWED = {
    ("pandas", "DataFrame"),
    ("pandas", "Index"),
    ("pandas", "RangeIndex"),
    ("pandas", "StringDtype"),
    ("pandas.core.frame", "DataFrame"),
    ("pandas.core.internals.managers", "BlockManager"),
    ("pandas._libs.internals", "_unpickle_block"),
    ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"),
    ("pandas.arrays", "StringArray"),
    ("pandas.arrays", "DatetimeArray"),
    ("pandas.core.arrays.string_", "StringArray"),
    ("pandas.core.arrays.string_", "StringDtype"),
    ("pandas.core.arrays.datetimes", "DatetimeArray"),
    ("pandas.core.indexes.base", "_new_Index"),
    ("pandas.core.indexes.base", "Index"),
    ("pandas.core.indexes.range", "RangeIndex"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("builtins", "slice"),
}


class _Restricted(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise InputError(f"the pickle asks for {module}.{name}", mend="do not load it")
        return super().find_class(module, name)


def load(content: bytes) -> pd.DataFrame:
    """The frame in a pickle. Raises InputError when it asks for any other class or function."""
    found = _Restricted(io.BytesIO(content)).load()
    if not isinstance(found, pd.DataFrame):
        raise InputError(f"the pickle holds a {type(found).__name__}", mend="give one with a data frame")
    return found
