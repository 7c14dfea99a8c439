"""Whether the spread is what any assignment of values to firms would earn.

Within dates: the values of each date are handed out anew among its firms, which asks whether the signal chose
better than chance on each date. Whole paths: a firm gets the values of another firm on all dates, which keeps
how slowly the signal moves. Placebo: values without meaning that move as slowly. p = (1 + number of draws
whose mean spread is as large in size) / (draws + 1), so never 0. What share of the draws the usual test calls
significant at 5 % says how far that test can be trusted on these very data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.signal import lfilter

from lib.signals.resorted import Formations, ends, persistence, spreads
from lib.stats.hac import mean_test


class Permuted(NamedTuple):
    """Mean spread a period, observed and of every draw, p-value of its size, share of false alarms.

    ``alarms``: share of draws whose mean has a p-value under 5 % by Newey and West.
    """

    observed: float
    drawn: np.ndarray
    p: float
    alarms: float


CHUNK = 50
"""Assignments worked on at once, fewer where firms and dates are many."""
Draw = Callable[[int], np.ndarray]
"""Spreads (size, D) of as many assignments as asked for."""


def within_dates(formed: Formations, *, sign: float, draws: int, generator: np.random.Generator) -> Permuted:
    """Hand out the values of each date among its firms; equal weights, groups as large as observed."""
    there, held = formed.there, np.where(formed.there, formed.held, 0.0)
    low, high = ends(np.where(there, formed.scores, np.nan), formed.groups)
    firms = there.sum(axis=1, keepdims=True)
    lowest, highest = low.sum(axis=1, keepdims=True), high.sum(axis=1, keepdims=True)
    place = np.arange(there.shape[1])[None, :]
    take = np.where(place < lowest, -1.0 / np.maximum(lowest, 1), 0.0)
    take = take + np.where((place >= firms - highest) & (place < firms), 1.0 / np.maximum(highest, 1), 0.0)
    take = np.where((lowest > 0) & (highest > 0), take, np.nan)

    def draw(size: int) -> np.ndarray:
        keys = generator.random((size, *there.shape))
        keys[:, ~there] = 2.0
        order = np.argsort(keys, axis=-1)
        earned = np.take_along_axis(np.broadcast_to(held, order.shape), order, axis=-1)
        return sign * np.einsum("bdn,dn->bd", earned, take)

    return _tested(formed, sign, draw, draws)


def whole_paths(formed: Formations, *, sign: float, draws: int, generator: np.random.Generator) -> Permuted:
    """Give each firm the values of another on all dates; groups are cut anew."""
    firms = np.flatnonzero(formed.there.any(axis=0))
    scores, held = formed.scores[:, firms], formed.held[:, firms]

    def draw(size: int) -> np.ndarray:
        order = np.argsort(generator.random((size, len(firms))), axis=1)
        mixed = scores[:, order].transpose(1, 0, 2)
        return spreads(mixed, held, groups=formed.groups, sign=sign)

    return _tested(formed, sign, draw, draws)


def placebo(formed: Formations, *, sign: float, draws: int, generator: np.random.Generator) -> Permuted:
    """Normal values with the signal's persistence for the firms that had one; groups are cut anew."""
    there = formed.there
    lasting = persistence(np.where(there, formed.scores, np.nan))
    rho = 0.0 if np.isnan(lasting) else float(np.clip(lasting, -0.99, 0.99))

    def draw(size: int) -> np.ndarray:
        noise = generator.standard_normal((size, *there.shape))
        noise[:, 1:] *= np.sqrt(1.0 - rho**2)
        moving = lfilter([1.0], [1.0, -rho], noise, axis=1)
        return spreads(np.where(there, moving, np.nan), formed.held, groups=formed.groups, sign=sign)

    return _tested(formed, sign, draw, draws)


LARGEST = 4_000_000
"""Values that are worked on at once."""
WAYS = {"within_dates": within_dates, "whole_paths": whole_paths, "placebo": placebo}


def _tested(formed: Formations, sign: float, draw: Draw, draws: int) -> Permuted:
    """The observed mean beside those of the draws, over the dates that could be sorted."""
    own = spreads(formed.scores, formed.held, groups=formed.groups, sign=sign)
    if np.isnan(own).all():
        return Permuted(float("nan"), np.full(0, np.nan), float("nan"), float("nan"))
    observed = float(np.nanmean(own))
    size = max(1, min(CHUNK, LARGEST // max(formed.scores.size, 1)))
    chunks = [draw(min(size, draws - begin)) for begin in range(0, draws, size)]
    found = np.concatenate(chunks)
    whole = found[:, ~np.isnan(found).any(axis=0)]
    known = ~np.isnan(found)
    means = np.where(known, found, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    as_large = np.count_nonzero(np.abs(means) >= abs(observed) * (1.0 - 1e-12))
    alarms = float(np.mean(mean_test(whole.T).p[0] < 0.05)) if whole.shape[1] > 2 else float("nan")
    return Permuted(observed, means, (1.0 + as_large) / (draws + 1.0), alarms)
