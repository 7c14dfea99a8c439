"""One series or many: the shapes that every function of this package takes and gives.

Returns are decimals, dates x series. One series (1-D) gives a float, a 2-D array gives an array of one
value a series, a DataFrame gives a Series labelled by its columns. A missing value (NaN) is no observation:
it is left out of its own series and changes no other. What cannot be computed is NaN, never 0 or infinity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, NamedTuple, ParamSpec

import numpy as np
import pandas as pd

P = ParamSpec("P")

BLOCK = 96
"""Series worked on at once: ten years of them stay in the processor's cache, and since it is no power of two,
days do not compete for the same places in it.
"""

ROUNDING, FLOOR = 1e-13, 1e-15
"""A standard deviation below this share of the mean, or this size, is rounding of a constant series."""


class Moments(NamedTuple):
    """Count, mean and sample standard deviation (ddof 1) of each series; k values each."""

    observations: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray


def over_series(measure: Callable[P, np.ndarray]) -> Callable[P, Any]:
    """Let a measure of an n x k array take one series or many, block by block.

    The measure gives k values, or m x k for m figures at once, which come back as a tuple of m. They are new
    arrays, no views of what it was given: the next block takes its place.
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
        result = np.concatenate([call(block, *others, **options) for block in _blocks(values)], axis=-1)
        rows: list[Any] = list(np.atleast_2d(result))
        if isinstance(returns, pd.DataFrame):
            rows = [pd.Series(row, index=returns.columns) for row in rows]
        return tuple(rows) if result.ndim == 2 else rows[0]

    return apply


def _blocks(values: np.ndarray) -> Iterator[np.ndarray]:
    """Columns ``BLOCK`` at a time, each block in the memory of the one before."""
    series = values.shape[1]
    if series <= BLOCK:
        yield np.ascontiguousarray(values)
        return
    memory = np.empty((len(values), BLOCK))
    for start in range(0, series, BLOCK):
        block = memory if start + BLOCK <= series else np.empty((len(values), series - start))
        block[:] = values[:, start : start + BLOCK]
        yield block


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
    count, mean, gaps = averages(values)
    centred = filled(values - mean, gaps)
    deviation = np.sqrt(ratio(np.einsum("ij,ij->j", centred, centred), count - 1))
    constant = deviation <= np.maximum(ROUNDING * np.abs(mean), FLOOR)
    return Moments(count, mean, np.where(constant, 0.0, deviation))


def averages(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """Count and mean of each column without its missing values, and whether any is missing."""
    sums = total(values)
    gaps = bool(np.isnan(sums).any())
    count = counts(values, gaps)
    return count, ratio(total(filled(values, gaps)) if gaps else sums, count), gaps


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
