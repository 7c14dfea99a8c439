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
    """Let a measure of an n x k array (k values out) take one series or many, block by block."""

    @wraps(measure)
    def apply(*args: P.args, **options: P.kwargs) -> Any:
        returns, *others = args
        values = np.asarray(returns, dtype="float64")
        others = [aligned(other, returns) for other in others]
        call: Any = measure
        if values.ndim == 1:
            return call(values[:, None], *others, **options)[0].item()
        result = np.concatenate(
            [
                call(np.ascontiguousarray(values[:, start : start + BLOCK]), *others, **options)
                for start in range(0, max(values.shape[1], 1), BLOCK)
            ]
        )
        return pd.Series(result, index=returns.columns) if isinstance(returns, pd.DataFrame) else result

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
    count = counts(values)
    mean = ratio(filled(values).sum(axis=0), count)
    centred = filled(values - mean)
    deviation = np.sqrt(ratio(np.einsum("ij,ij->j", centred, centred), count - 1))
    constant = deviation <= np.maximum(ROUNDING * np.abs(mean), FLOOR)
    return Moments(count, mean, np.where(constant, 0.0, deviation))


def has_gaps(values: np.ndarray) -> bool:
    """Whether any value is missing: a sum is NaN then, and cheaper than a mask."""
    return bool(np.isnan(values.sum(axis=0)).any())


def counts(values: np.ndarray) -> np.ndarray:
    """Observations of each column."""
    if has_gaps(values):
        return np.count_nonzero(~np.isnan(values), axis=0)
    return np.full(values.shape[1], len(values))


def filled(values: np.ndarray) -> np.ndarray:
    """The values with 0 where one is missing; the same array where none is."""
    return np.where(np.isnan(values), 0.0, values) if has_gaps(values) else values


def ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Quotient, NaN where the denominator is not positive."""
    safe = np.where(bottom > 0, bottom, np.nan)
    return top / safe
