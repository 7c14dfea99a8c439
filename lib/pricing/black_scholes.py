"""What a European option is worth under Black and Scholes (1973) with Merton's dividend yield.

Spot and strike in money, ``years`` in calendar days / 365, ``rate`` and ``dividend_yield`` continuously
compounded decimals a year, ``volatility`` a decimal a year. With ``dividend_yield`` = ``rate`` it is
Black's (1976) price of an option on a future, with the foreign rate it is Garman and Kohlhagen's (1983)
price of a currency option. Reference: Hull, Options, Futures, and Other Derivatives, ch. 15 and 17.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr


def price(
    *,
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    volatility: ArrayLike,
    right: ArrayLike,
    dividend_yield: ArrayLike = 0.0,
) -> np.ndarray:
    """Price a share of calls (``right`` "C") and puts ("P"), elementwise by the rules of broadcasting.

    At expiry it is the intrinsic value, at volatility 0 the discounted intrinsic value of the forward.
    NaN where spot or strike is not positive, years or volatility is negative, or ``right`` is neither.
    """
    s, k, t, r, v, q = (
        np.asarray(x, dtype=float) for x in (spot, strike, years, rate, volatility, dividend_yield)
    )
    right = np.asarray(right)
    sign = np.select([right == "C", right == "P"], [1.0, -1.0], np.nan)
    valid = (s > 0) & (k > 0) & (t >= 0) & (v >= 0)
    forward_value, strike_value = s * np.exp(-q * t), k * np.exp(-r * t)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = v * np.sqrt(t)
        d1 = np.log(forward_value / strike_value) / total + total / 2
        value = sign * (forward_value * ndtr(sign * d1) - strike_value * ndtr(sign * (d1 - total)))
    intrinsic = np.maximum(sign * (forward_value - strike_value), 0.0)
    return np.where(valid & np.isfinite(sign), np.where(total > 0, value, intrinsic), np.nan)
