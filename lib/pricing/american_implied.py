"""Which volatility explains the price of an American option, for many options at once.

Where early exercise cannot pay it is the European volatility in closed form; elsewhere the root of the tree's
price, by Chandrupatla's bracketing method (Advances in Engineering Software 1997).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lib.pricing import american, implied

HIGHEST_TOTAL = 10.0
"""Volatility x sqrt(years) above which no price is looked for: there it is its bound to 6 digits."""
TOLERANCE = 1e-10
"""Of the volatility, relative, so that it gives the price back; the tree's own error is larger."""
PRICE_ROUNDING = 1e-9
"""Of spot and strike: time value below it says nothing of volatility."""


def implied_volatility(
    *,
    price: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    right: ArrayLike,
    dividend_yield: ArrayLike = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Annual volatility (decimal) of each option, and the reason where there is none (else empty text).

    Arguments, shapes and reasons as in ``lib.pricing.implied``, with two differences where exercise can pay:
    ``below_intrinsic`` is a price below what exercise now or a certain future brings, for calls and puts
    alike, and ``no_time_value`` is that amount itself. ``early_exercise`` is then no reason any more.
    """
    numbers = (np.asarray(one, dtype=float) for one in (price, spot, strike, years, rate, dividend_yield))
    arrays = np.broadcast_arrays(*np.atleast_1d(*numbers, np.asarray(right)))
    p, s, k, t, r, q, rights = arrays
    volatility, reason = implied.implied_volatility(
        price=p, spot=s, strike=k, years=t, rate=r, right=rights, dividend_yield=q
    )
    tree = american.early_exercise_matters(rate=r, dividend_yield=q, right=rights)
    tree &= ~np.isin(reason, (implied.MISSING_INPUT, implied.EXPIRED))
    if tree.any():
        volatility[tree], found = _solve(*(one[tree] for one in arrays))
        reason = reason.astype(object)
        reason[tree] = found
    return volatility, reason.astype(str)


def _solve(
    p: np.ndarray,
    s: np.ndarray,
    k: np.ndarray,
    t: np.ndarray,
    r: np.ndarray,
    q: np.ndarray,
    rights: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Volatility and reason of options whose early exercise can pay."""
    from scipy.optimize.elementwise import find_root

    def excess(total: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        at = chosen.astype(int)
        value = american.price(
            spot=s[at],
            strike=k[at],
            years=t[at],
            rate=r[at],
            volatility=total / np.sqrt(t[at]),
            right=rights[at],
            dividend_yield=q[at],
        )
        return np.asarray(value - p[at])

    places = np.arange(len(p))
    low, high = np.full(p.shape, american.LEAST_TOTAL), np.full(p.shape, HIGHEST_TOTAL)
    least, most, noise = excess(low, places), excess(high, places), PRICE_ROUNDING * (s + k)
    faults = [least > noise, least >= -noise, most <= 0]
    reason = np.select(
        faults, [implied.BELOW_INTRINSIC, implied.NO_TIME_VALUE, implied.ABOVE_BOUND], ""
    ).astype(object)
    volatility, solvable = np.full(p.shape, np.nan), np.flatnonzero(reason == "")
    if len(solvable):
        found = find_root(
            excess,
            (low[solvable], high[solvable]),
            args=(solvable.astype(float),),
            tolerances={"xrtol": TOLERANCE, "xatol": TOLERANCE / 10},
        )
        volatility[solvable] = found.x / np.sqrt(t[solvable])
    return volatility, reason
