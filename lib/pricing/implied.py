"""Which volatility explains the price of a European option, for many options at once.

By put-call parity only the out-of-the-money option of each strike has to be solved. With x = -|ln(F / K)| and
s = volatility x sqrt(T) its value as a share of the most that it can be worth is

    c(s) = N(d) - e^-x N(d - s),   d = x / s + s / 2,

written with the scaled complementary error function, so that no wing underflows. c has its point of
inflection (the bend) at s = sqrt(2 |x|). Below it, Halley's method runs on (-ln c)^(-1/2), above it on
y / sqrt(1 + y), y = -ln(1 - c), both nearly straight lines in s; a fixed number of steps then suffices for
every option. The split at the inflection is that of Jaeckel, "Let's be rational" (2015); transformations and
starts are not his.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erfcx, erfinv

STEPS = 3
ROOT_2, ROOT_8, ROOT_2_OVER_PI = np.sqrt(2.0), np.sqrt(8.0), np.sqrt(2 / np.pi)
BELOW_ONE = np.nextafter(1.0, 0.0)
ROUNDING = 8 * np.finfo(float).eps
"""Time value below this share of forward and strike value is rounding, and says nothing of volatility."""

MISSING_INPUT, EXPIRED = "missing_input", "expired"
EARLY_EXERCISE, BELOW_INTRINSIC = "early_exercise", "below_intrinsic"
NO_TIME_VALUE, ABOVE_BOUND = "no_time_value", "above_bound"
REASONS = ("", MISSING_INPUT, EXPIRED, EARLY_EXERCISE, BELOW_INTRINSIC, NO_TIME_VALUE, ABOVE_BOUND)


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

    Units as in ``lib.pricing.black_scholes``; arguments broadcast, the results are at least one-dimensional.
    Reasons: ``missing_input`` (a value missing or not positive, or no call or put), ``expired``,
    ``below_intrinsic`` (a call below its discounted forward value), ``early_exercise`` (a put below it, which
    no European model explains), ``no_time_value`` (intrinsic value to within rounding, so every small
    volatility fits) and ``above_bound`` (at or above the spot of a call or the strike of a put, discounted).
    """
    values = [np.asarray(value, dtype=float) for value in (price, spot, strike, years, rate, dividend_yield)]
    arrays = np.broadcast_arrays(*np.atleast_1d(*values, np.asarray(right)))
    p, s, k, t, r, q = (array.astype(float, copy=False) for array in arrays[:6])
    call = arrays[6] == "C"
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        forward_value, strike_value = s * np.exp(-q * t), k * np.exp(-r * t)
        known = np.isfinite(p + forward_value + strike_value) & (s > 0) & (k > 0) & (p >= 0)
        known &= call | (arrays[6] == "P")
        gap = np.where(call, forward_value - strike_value, strike_value - forward_value)
        time_value = p - np.maximum(gap, 0.0)
        room = np.where(call, forward_value, strike_value) - p
        noise = np.where(gap > 0, ROUNDING * (forward_value + strike_value), 0.0)
    below = np.where(call, REASONS.index(BELOW_INTRINSIC), REASONS.index(EARLY_EXERCISE))
    faults = [~known, t <= 0, time_value < -noise, time_value <= noise, room <= 0]
    code = np.select(faults, [1, 2, below, 5, 6], 0)
    solvable = code == 0
    volatility = np.full(p.shape, np.nan)
    most = np.minimum(forward_value, strike_value)[solvable]
    total = _solve(
        -np.abs(np.log(forward_value[solvable] / strike_value[solvable])),
        time_value[solvable] / most,
        room[solvable] / most,
    )
    volatility[solvable] = total / np.sqrt(t[solvable])
    return volatility, np.array(REASONS)[code]


def _solve(x: np.ndarray, share: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """s for log-moneyness ``x`` <= 0, ``share`` = c and ``rest`` = 1 - c, each accurate where it is small."""
    bend = np.sqrt(-2 * x)
    at_bend = 0.5 - 0.5 * erfcx(bend / ROOT_2)
    low = share < at_bend
    total = np.empty_like(x)
    total[low] = _solve_low(x[low], share[low], bend[low], at_bend[low])
    total[~low] = _solve_high(x[~low], share[~low], rest[~low], bend[~low])
    return total


def _solve_low(x: np.ndarray, share: np.ndarray, bend: np.ndarray, at_bend: np.ndarray) -> np.ndarray:
    """Start between the chords of c and of the transformed c, whose root lies between 0 and the bend."""
    depth = -np.log(share)
    target = 1 / np.sqrt(depth)
    chord = bend * share / at_bend
    s = np.minimum(bend * target * (-np.log(at_bend)) ** 0.5, chord - x / np.sqrt(2 * depth))
    least = np.maximum(chord, s / 16)
    for _ in range(STEPS):
        d1, d2 = _depths(x, s)
        spread = erfcx(-d1) - erfcx(-d2)
        square = 1 / (d1 * d1 - np.log(spread / 2))
        height, growth = np.sqrt(square), ROOT_2_OVER_PI / spread
        bent = _bent(x, s) + growth * (1.5 * square - 1)
        step = (target - height) / (0.5 * height * square * growth)
        s = np.clip(s + _halley(step, bent), least, bend)
    return s


def _solve_high(x: np.ndarray, share: np.ndarray, rest: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """Start from the solution at the money, which is exact for x = 0; the root is at or above the bend."""
    y = np.where(share < 0.5, -np.log1p(-share), -np.log(rest))
    target = y / np.sqrt(1 + y)
    s = np.hypot(bend, ROOT_8 * erfinv(np.minimum(share, BELOW_ONE)))
    for _ in range(STEPS):
        d1, d2 = _depths(x, s)
        both = erfcx(d1) + erfcx(-d2)
        y = d1 * d1 - np.log(both / 2)
        growth, root = ROOT_2_OVER_PI / both, np.sqrt(1 + y)
        bent = _bent(x, s) + growth * (1 + 1 / (2 + y) - 1.5 / (1 + y))
        step = (target * root - y) * (1 + y) / (growth * (1 + y / 2))
        s = np.maximum(s + _halley(step, bent), bend)
    return s


def _depths(x: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """d / sqrt(2) and (d - s) / sqrt(2)."""
    ratio, half = x / (s * ROOT_2), s / ROOT_8
    return ratio + half, ratio - half


def _bent(x: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Second derivative of c over its first: (x / s)^2 / s - s / 4, which is 0 at the bend."""
    ratio = x / s
    return ratio * ratio / s - s / 4


def _halley(step: np.ndarray, bent: np.ndarray) -> np.ndarray:
    """Newton's step corrected for curvature (second over first derivative), by a factor of 1/3 to 2."""
    return step / (1 + np.clip(0.5 * step * bent, -0.5, 2.0))
