"""How far implied volatilities move with the market in a scenario that states no factor of its own.

For a beta b and a market return m, volatilities are multiplied by 1 + b |m| in a fall and divided by 1 + b m
in a rise, so that a small move of 1 % changes them by b % either way and none is ever negative. With b = 0
they stay. One beta holds for all underlyings and expiries: options of more than a month move less in truth.

The default is that of the VIX on the S&P 500 in daily data from 1990-01-02 to 2024-01-12: the return of the
index on that of the VIX has a slope of -0.1147 and an R squared of 0.4887 (J. Garven, "On the relationship
between the S&P 500 and VIX", derivatives.garven.com, 2024), so the slope of the VIX on the index is
-0.4887 / 0.1147 = -4.26.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

VOLATILITY_BETA = 4.3
"""Rise of implied volatilities in percent for a fall of the market of 1 %."""


def market_volatility_factor(market: ArrayLike, *, beta: float = VOLATILITY_BETA) -> np.ndarray:
    """Factor on implied volatilities for market returns, decimals, of any shape; 1 where one is missing."""
    moves = np.nan_to_num(np.asarray(market, dtype="float64"))
    size = 1.0 + beta * np.abs(moves)
    return np.where(moves < 0, size, 1.0 / size)


def volatility_factors(
    stated: np.ndarray, market: np.ndarray, *, beta: float = VOLATILITY_BETA
) -> np.ndarray:
    """The ``stated`` factor of each scenario, or that of its ``market`` move where none is (missing)."""
    return np.where(np.isnan(stated), market_volatility_factor(market, beta=beta), stated)
