"""What a European option is worth under Black and Scholes (1973) with Merton's dividend yield.

Spot and strike in money, ``years`` in calendar days / 365, ``rate`` and ``dividend_yield`` continuously
compounded decimals a year, ``volatility`` a decimal a year. With ``dividend_yield`` = ``rate`` it is
Black's (1976) price of an option on a future, with the foreign rate it is Garman and Kohlhagen's (1983)
price of a currency option. Reference: Hull, Options, Futures, and Other Derivatives, ch. 15, 17 and 19.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from lib.conventions import DAYS_A_YEAR

POINT = 100.0
"""Vega and rho are quoted for one hundredth: a volatility point and a percentage point."""
ROOT_2_PI = float(np.sqrt(2 * np.pi))


class Parts(NamedTuple):
    """What the price and every Greek share. ``held`` and ``exercised`` are N(+-d1) and N(+-d2)."""

    sign: np.ndarray
    forward_value: np.ndarray
    strike_value: np.ndarray
    root: np.ndarray
    total: np.ndarray
    d1: np.ndarray
    held: np.ndarray
    exercised: np.ndarray
    valid: np.ndarray
    usual: bool


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
    s, k, t, r, v, q = _floats(spot, strike, years, rate, volatility, dividend_yield)
    parts = _parts(s, k, t, r, v, q, right)
    with np.errstate(all="ignore"):
        return _masked(_value(parts), parts)


def greeks(
    *,
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    volatility: ArrayLike,
    right: ArrayLike,
    dividend_yield: ArrayLike = 0.0,
) -> dict[str, np.ndarray]:
    """Sensitivities of the price a share, by name, each of the broadcast shape of the arguments.

    ``delta`` a unit of spot, ``gamma`` the change of delta a unit of spot, ``theta`` a calendar day,
    ``vega`` a volatility point (0.01) and ``rho`` a percentage point of the rate. At expiry delta is 1, -1
    or 0 by the sign of the intrinsic value and the others are 0; at volatility 0 they are those of the
    discounted forward. NaN where ``price`` is NaN.
    """
    return price_and_greeks(
        spot=spot,
        strike=strike,
        years=years,
        rate=rate,
        volatility=volatility,
        right=right,
        dividend_yield=dividend_yield,
    )[1]


def price_and_greeks(
    *,
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    volatility: ArrayLike,
    right: ArrayLike,
    dividend_yield: ArrayLike = 0.0,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """``price`` and ``greeks`` at the cost of one of them."""
    s, k, t, r, v, q = _floats(spot, strike, years, rate, volatility, dividend_yield)
    parts = _parts(s, k, t, r, v, q, right)
    with np.errstate(all="ignore"):
        signed_forward = parts.sign * parts.forward_value * parts.held
        signed_strike = parts.sign * parts.strike_value * parts.exercised
        spread = parts.forward_value * np.exp(-0.5 * parts.d1 * parts.d1) / ROOT_2_PI
        carry, spread_in_time = q * signed_forward - r * signed_strike, spread * parts.root
        gamma, decay = spread / (s * s * parts.total), spread * v / (2 * parts.root)
        if not parts.usual:
            moving, alive = parts.total > 0, t > 0
            gamma, decay = np.where(moving, gamma, 0.0), np.where(moving, decay, 0.0)
            carry, spread_in_time = np.where(alive, carry, 0.0), np.where(moving, spread_in_time, 0.0)
        values = {
            "delta": signed_forward / s,
            "gamma": gamma,
            "theta": (carry - decay) / DAYS_A_YEAR,
            "vega": spread_in_time / POINT,
            "rho": signed_strike * t / POINT,
        }
        worth = signed_forward - signed_strike if parts.usual else _value(parts)
    return _masked(worth, parts), {name: _masked(value, parts) for name, value in values.items()}


def _floats(*values: ArrayLike) -> list[np.ndarray]:
    return [np.asarray(value, dtype=float) for value in values]


def _parts(
    s: np.ndarray, k: np.ndarray, t: np.ndarray, r: np.ndarray, v: np.ndarray, q: np.ndarray, right: ArrayLike
) -> Parts:
    """``usual`` says that every option is valid and has time and volatility left: no exceptions to make."""
    right = np.asarray(right)
    call = right == "C"
    sign = np.where(call, 1.0, np.where(right == "P", -1.0, np.nan))
    with np.errstate(all="ignore"):
        forward_value, strike_value = s * np.exp(-q * t), k * np.exp(-r * t)
        root = np.sqrt(t)
        total = v * root
        d1 = np.log(forward_value / strike_value) / total + 0.5 * total
        held, exercised = ndtr(sign * d1), ndtr(sign * (d1 - total))
        valid = (s > 0) & (k > 0) & (t >= 0) & (v >= 0) & (sign == sign)
        usual = bool(np.all(valid & (total > 0)))
        if not usual:
            certain = np.where(sign * (forward_value - strike_value) > 0, 1.0, 0.0)
            held, exercised = (np.where(total > 0, one, certain) for one in (held, exercised))
    return Parts(sign, forward_value, strike_value, root, total, d1, held, exercised, valid, usual)


def _value(parts: Parts) -> np.ndarray:
    value = parts.sign * (parts.forward_value * parts.held - parts.strike_value * parts.exercised)
    return np.asarray(value)


def _masked(values: np.ndarray, parts: Parts) -> np.ndarray:
    """``values`` where the option is valid, NaN elsewhere."""
    return np.asarray(values) if parts.usual else np.where(parts.valid, values, np.nan)
