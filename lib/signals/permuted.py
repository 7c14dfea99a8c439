"""Whether the spread is what any assignment of the signal's values to firms would earn.

Within dates: the values of each date are handed out anew among its firms, which asks whether the signal chose
better than chance on each date. Whole paths: a firm gets the values of another firm on all dates, which keeps
how slowly the signal moves; it is the stricter one where the signal tells firms apart rather than dates.
p = (1 + number of draws whose mean spread is as large in size) / (draws + 1), so never 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.signals.resorted import CHUNK, Formations, ends, spreads


class Permuted(NamedTuple):
    """Mean spread a period as observed and of every draw, and the p-value of its size."""

    observed: float
    drawn: np.ndarray
    p: float


def within_dates(formed: Formations, *, sign: float, draws: int, generator: np.random.Generator) -> Permuted:
    """Hand out the values of each date among its firms; equal weights, groups as large as observed."""
    there, held = formed.there, np.where(formed.there, formed.held, 0.0)
    low, high = ends(np.where(there, formed.values, np.nan), formed.groups)
    observed = spreads(formed.values, formed.held, groups=formed.groups, sign=sign)
    firms = there.sum(axis=1, keepdims=True)
    lowest, highest = low.sum(axis=1, keepdims=True), high.sum(axis=1, keepdims=True)
    used = ((lowest > 0) & (highest > 0))[:, 0]
    place = np.arange(there.shape[1])[None, :]
    take = np.where(place < lowest, -1.0 / np.maximum(lowest, 1), 0.0)
    take = take + np.where((place >= firms - highest) & (place < firms), 1.0 / np.maximum(highest, 1), 0.0)
    take[~used] = 0.0
    drawn = np.empty(draws)
    for begin in range(0, draws, CHUNK):
        size = min(CHUNK, draws - begin)
        keys = generator.random((size, *there.shape))
        keys[:, ~there] = 2.0
        order = np.argsort(keys, axis=-1)
        earned = np.take_along_axis(np.broadcast_to(held, order.shape), order, axis=-1)
        drawn[begin : begin + size] = sign * np.einsum("bdn,dn->b", earned, take) / max(int(used.sum()), 1)
    return _tested(float(np.nanmean(observed)) if used.any() else np.nan, drawn)


def whole_paths(formed: Formations, *, sign: float, draws: int, generator: np.random.Generator) -> Permuted:
    """Give each firm the values of another on all dates; groups are cut anew."""
    observed = spreads(formed.values, formed.held, groups=formed.groups, sign=sign)
    firms = np.flatnonzero(formed.there.any(axis=0))
    values, held = formed.values[:, firms], formed.held[:, firms]
    drawn = np.empty(draws)
    for begin in range(0, draws, CHUNK):
        size = min(CHUNK, draws - begin)
        order = np.argsort(generator.random((size, len(firms))), axis=1)
        mixed = values[:, order].transpose(1, 0, 2)
        found = spreads(mixed, held, groups=formed.groups, sign=sign)
        known = ~np.isnan(found)
        total = np.where(known, found, 0.0).sum(axis=1)
        drawn[begin : begin + size] = total / np.maximum(known.sum(axis=1), 1)
    return _tested(float(np.nanmean(observed)) if (~np.isnan(observed)).any() else np.nan, drawn)


def _tested(observed: float, drawn: np.ndarray) -> Permuted:
    if np.isnan(observed):
        return Permuted(observed, drawn, float("nan"))
    as_large = np.count_nonzero(np.abs(drawn) >= abs(observed) * (1.0 - 1e-12))
    return Permuted(observed, drawn, (1.0 + as_large) / (len(drawn) + 1.0))
