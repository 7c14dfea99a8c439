"""One series or many: the shapes that every function of this package takes and gives.

Returns are decimals, dates x series. One series (1-D) gives a float, a 2-D array gives an array of one
value a series, a DataFrame gives a Series labelled by its columns. A missing value (NaN) is no observation:
it is left out of its own series and changes no other. What cannot be computed is NaN, never 0 or infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, ParamSpec

import numpy as np
import pandas as pd

P = ParamSpec("P")

BLOCK = 32
"""Series worked on at once, so that a block of ten years of days stays in the processor's cache."""

ROUNDING, FLOOR = 1e-13, 1e-15
"""A standard deviation below this share of the mean, or this size, is rounding of a constant series."""


class Moments(NamedTuple):
    """Count, mean and sample standard deviation (ddof 1) of each series; k values each."""

    observations: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray


def over_series(measure: Callable[P, np.ndarray]) -> Callable[P, Any]:
    """Let a measure of an n x k array take one series or many, block by block.

    The measure gives k values, or m x k for m figures at once, which come back as a tuple of m.
    """

    @wraps(measure)
    def apply(*args: P.args, **options: P.kwargs) -> Any:
        returns, *others = args
        values = np.asarray(returns, dtype="float64")
        others = [aligned(other, returns) for other in others]
        call: Any = measure
        if values.ndim == 1:
            single = call(values[:, None], *others, **options)[..., 0]
            return tuple(single.tolist()) if single.ndim else single.item()
        result = np.concatenate(
            [
                call(np.ascontiguousarray(values[:, start : start + BLOCK]), *others, **options)
                for start in range(0, max(values.shape[1], 1), BLOCK)
            ],
            axis=-1,
        )
        rows: list[Any] = list(np.atleast_2d(result))
        if isinstance(returns, pd.DataFrame):
            rows = [pd.Series(row, index=returns.columns) for row in rows]
        return tuple(rows) if result.ndim == 2 else rows[0]

    return apply


def aligned(other: Any, returns: Any) -> np.ndarray:
    """A benchmark as an n x 1 array on the dates of ``returns``; by position where either has no dates.

    Raises ValueError when two arrays without dates differ in length.
    """
    if isinstance(other, pd.Series) and isinstance(returns, pd.Series | pd.DataFrame):
        other = other.reindex(returns.index)
    column = np.asarray(other, dtype="float64").reshape(-1, 1)
    if len(column) != len(returns):
        raise ValueError(f"benchmark has {len(column)} observations, returns have {len(returns)}")
    return column


def moments(values: np.ndarray) -> Moments:
    """Moments of each column without its missing values; deviation 0 where the series is constant."""
    gaps = has_gaps(values)
    count = counts(values, gaps)
    mean = ratio(total(filled(values, gaps)), count)
    centred = filled(values - mean, gaps)
    deviation = np.sqrt(ratio(np.einsum("ij,ij->j", centred, centred), count - 1))
    constant = deviation <= np.maximum(ROUNDING * np.abs(mean), FLOOR)
    return Moments(count, mean, np.where(constant, 0.0, deviation))


def has_gaps(values: np.ndarray) -> bool:
    """Whether any value is missing: a sum is NaN then, and cheaper than a mask."""
    return bool(np.isnan(total(values)).any())


def total(values: np.ndarray) -> np.ndarray:
    """Sum of each column; NaN where a value is missing."""
    return np.ones(len(values)) @ values


def counts(values: np.ndarray, gaps: bool | None = None) -> np.ndarray:
    """Observations of each column; ``gaps`` says whether any is missing where that is known."""
    if has_gaps(values) if gaps is None else gaps:
        return np.count_nonzero(~np.isnan(values), axis=0)
    return np.full(values.shape[1], len(values))


def filled(values: np.ndarray, gaps: bool | None = None) -> np.ndarray:
    """The values with 0 where one is missing; the same array where none is."""
    missing = has_gaps(values) if gaps is None else gaps
    return np.where(np.isnan(values), 0.0, values) if missing else values


def ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Quotient, NaN where the denominator is not positive."""
    safe = np.where(bottom > 0, bottom, np.nan)
    return top / safe
