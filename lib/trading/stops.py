"""Stops and targets: where they stand, how a stop trails, and at what price a bar ends a position.

The side of a position (1 long, -1 short) is always said; a trailed stop may stand beyond the entry. A stop is
a market order once touched: a bar that opens beyond it fills at the open, which is worse (the gap rule). A
target is a limit order: a bar that opens beyond it fills at the open, which is better. Where one bar touches
both and opened beyond neither, the stop is taken to have come first and the bar is marked ambiguous.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class BarExit(NamedTuple):
    """How a bar ends a position: which was touched, at what price it fills before slippage, and how surely.

    ``price`` is NaN where neither was touched; arrays of one shape.
    """

    stopped: np.ndarray
    reached: np.ndarray
    price: np.ndarray
    ambiguous: np.ndarray


def fixed_stop(*, entry: Any, distance: Any, side: Any) -> Any:
    """The price ``distance`` of money below a long entry or above a short one."""
    return entry - side * np.asarray(distance, dtype=float)


def percent_stop(*, entry: Any, share: Any, side: Any) -> Any:
    """The price ``share`` of the entry below a long entry or above a short one; 0.05 is 5 %."""
    return entry * (1.0 - side * np.asarray(share, dtype=float))


def atr_stop(*, entry: Any, atr: Any, multiple: Any, side: Any) -> Any:
    """The price ``multiple`` average true ranges below a long entry or above a short one."""
    return entry - side * np.asarray(multiple, dtype=float) * atr


def trailed(*, stop: Any, extreme: Any, distance: Any, side: Any) -> np.ndarray:
    """The stop after a bar: ``distance`` from the best price so far, and never moved back.

    ``extreme`` is the highest price since the entry of a long, the lowest of a short. NaN as ``stop`` is none
    so far; NaN as ``distance`` or ``extreme`` leaves it.
    """
    candidate = extreme - side * np.asarray(distance, dtype=float)
    better = np.fmax(side * np.asarray(stop, dtype=float), side * candidate)
    return side * better


def bar_exit(*, side: Any, stop: Any, target: Any, opened: Any, high: Any, low: Any, close: Any) -> BarExit:
    """What a bar does to positions with a stop and a target, each NaN for none; all broadcast.

    Long: stopped when low <= stop, filled at min(open, stop); target reached when high >= target, filled at
    max(open, target). Short: stopped when high >= stop, filled at max(open, stop); the target mirrored. Where
    high or low are missing the close stands for them. Where the open is missing a stop fills at the worse of
    stop and close, a target at its own price. A bar without a close touches nothing.
    """
    given = (side, stop, target, opened, high, low, close)
    side, stop, target, opened, high, low, close = np.broadcast_arrays(
        *(np.asarray(one, dtype=float) for one in given)
    )
    known = np.isfinite(opened)
    opened, high, low = (np.where(np.isfinite(one), one, close) for one in (opened, high, low))
    worst, best = np.where(side > 0, low, -high), np.where(side > 0, high, -low)
    first, level, goal = side * opened, side * stop, side * target
    there = np.isfinite(close)
    hit_stop, hit_goal = there & (worst <= level), there & (best >= goal)
    opens_beyond = hit_goal & known & (first >= goal) & ~(first <= level)
    stopped = hit_stop & ~opens_beyond
    reached = hit_goal & ~stopped
    better = np.where(known, np.fmax(first, goal), goal)
    price = np.where(stopped, np.fmin(first, level), np.where(reached, better, np.nan))
    return BarExit(stopped, reached, side * price, stopped & hit_goal & (first > level))
