"""p-values of many tests at once, adjusted so that a small one is not small by number alone.

Bonferroni; Holm (1979), which controls the chance of any false finding as Bonferroni does and is never
weaker; Benjamini and Hochberg (1995), which controls the share of false findings where tests are independent
or positively related; Benjamini and Yekutieli (2001), which does so under any relation.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def bonferroni(p: Any) -> np.ndarray:
    """p times the number of tests, at most 1; NaN is no test."""
    values = np.asarray(p, dtype="float64")
    return np.minimum(values * np.count_nonzero(~np.isnan(values)), 1.0)


def holm(p: Any) -> np.ndarray:
    """Step-down: the k-th smallest times the number of tests that are left, never falling; at most 1."""

    def adjusted(ordered: np.ndarray) -> np.ndarray:
        left = np.arange(len(ordered), 0, -1)
        return np.maximum.accumulate(ordered * left)

    return _in_order(p, adjusted)


def benjamini_hochberg(p: Any) -> np.ndarray:
    """Step-up: the k-th smallest times the number of tests over k, never above a larger one's; at most 1."""

    def adjusted(ordered: np.ndarray) -> np.ndarray:
        count = len(ordered)
        return np.minimum.accumulate((ordered * count / np.arange(1, count + 1))[::-1])[::-1]

    return _in_order(p, adjusted)


def benjamini_yekutieli(p: Any) -> np.ndarray:
    """The same times 1 + 1/2 + ... + 1/n; at most 1."""
    values = np.asarray(p, dtype="float64")
    count = np.count_nonzero(~np.isnan(values))
    return np.minimum(benjamini_hochberg(values) * (1.0 / np.arange(1, count + 1)).sum(), 1.0)


def _in_order(p: Any, adjusted: Any) -> np.ndarray:
    """Adjust the known p-values in rising order and put them back."""
    values = np.asarray(p, dtype="float64")
    found = np.full(values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    found[order] = np.minimum(adjusted(values[order]), 1.0)
    return found
