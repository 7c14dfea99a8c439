"""Whether the best of many strategies by their past is any better later: the probability of overfitting.

Combinatorially symmetric cross-validation (Bailey, Borwein, Lopez de Prado and Zhu 2017, "The probability of
backtest overfitting"): time is cut into S stretches; for every half of them the strategy with the best Sharpe
ratio is chosen and its rank in the other half is taken. Rows at the seams between the halves can be left out
on both sides (purged), so that returns which share days do not leak from one half into the other.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import rankdata

LEAST_ROWS = 4
"""Rows that a stretch needs at least, those at its seams not counted."""


class Overfitting(NamedTuple):
    """Result of the cross-validation; arrays hold one number a split of time (C of them).

    ``probability`` that the chosen one is below the median outside; ``loss`` that it loses money outside;
    ``slope`` of its ratio outside on that inside. ``chosen`` is its column, ``relative_rank`` in (0, 1).
    """

    probability: float
    loss: float
    slope: float
    chosen: np.ndarray
    inside: np.ndarray
    outside: np.ndarray
    relative_rank: np.ndarray
    logit: np.ndarray


def probability_of_overfitting(returns: Any, *, stretches: int = 12, purge: int = 0) -> Overfitting:
    """The cross-validation of returns (T, N) without gaps, in order of time; a stretch has T // S rows.

    What is left of the division is dropped from the start. ``probability`` counts a split whose chosen
    strategy has a rank at or below the middle (logit ≤ 0). Raises ValueError for an odd number of stretches,
    under two strategies, or stretches shorter than ``LEAST_ROWS`` after purging.
    """
    values = np.asarray(returns, dtype="float64")
    if stretches < 2 or stretches % 2:
        raise ValueError(f"{stretches} stretches cannot be halved")
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError("one strategy cannot be chosen among")
    length = len(values) // stretches
    if length - 2 * purge < LEAST_ROWS:
        raise ValueError(
            f"{len(values)} rows in {stretches} stretches, {purge} left out at each seam: at least "
            f"{stretches * (LEAST_ROWS + 2 * purge)} are needed"
        )
    halves = _halves(stretches)
    sums = _sums(values[len(values) - stretches * length :], stretches, length, purge)
    inside, outside = _sharpe(halves, sums), _sharpe(~halves, sums)
    rows = np.arange(len(halves))
    chosen = inside.argmax(axis=1)
    rank = rankdata(outside, axis=1)[rows, chosen] / (values.shape[1] + 1.0)
    best_in, best_out = inside[rows, chosen], outside[rows, chosen]
    logit = np.log(rank / (1.0 - rank))
    spread = best_in - best_in.mean()
    slope = float(spread @ best_out / (spread @ spread)) if spread @ spread > 0.0 else float("nan")
    return Overfitting(
        float(np.mean(logit <= 1e-12)),
        float(np.mean(best_out < 0.0)),
        slope,
        chosen,
        best_in,
        best_out,
        rank,
        logit,
    )


def _halves(stretches: int) -> np.ndarray:
    """Every half of the stretches: (C, S), true where a stretch is inside."""
    picked = np.array(list(combinations(range(stretches), stretches // 2)))
    found = np.zeros((len(picked), stretches), dtype=bool)
    found[np.arange(len(picked))[:, None], picked] = True
    return found


def _sums(values: np.ndarray, stretches: int, length: int, purge: int) -> tuple[np.ndarray, ...]:
    """Count, sum and sum of squares of each stretch's middle, first and last rows: (3, S, 1 + 2 N)."""
    blocks = values.reshape(stretches, length, -1)
    columns = np.concatenate([np.ones((*blocks.shape[:2], 1)), blocks, blocks**2], axis=2)
    middle = columns[:, purge : length - purge].sum(axis=1)
    first = columns[:, :purge].sum(axis=1)
    last = columns[:, length - purge :].sum(axis=1)
    return middle, first, last


def _sharpe(half: np.ndarray, sums: tuple[np.ndarray, ...]) -> np.ndarray:
    """Sharpe ratios (C, N) of the stretches in ``half``; rows at a seam with the other half do not count."""
    middle, first, last = sums
    before = np.pad(half[:, :-1], ((0, 0), (1, 0)), constant_values=True)
    after = np.pad(half[:, 1:], ((0, 0), (0, 1)), constant_values=True)
    parts = half.astype("float64"), (half & before).astype("float64"), (half & after).astype("float64")
    total = sum(
        (part @ block for part, block in zip(parts, (middle, first, last), strict=True)), np.zeros((1, 1))
    )
    count, width = total[:, :1], (total.shape[1] - 1) // 2
    mean = total[:, 1 : width + 1] / count
    variance = np.maximum(total[:, width + 1 :] / count - mean**2, 0.0) * count / (count - 1.0)
    return np.divide(mean, np.sqrt(variance), out=np.zeros_like(mean), where=variance > 1e-30)
