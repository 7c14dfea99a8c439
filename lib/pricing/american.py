"""What an American option is worth: a binomial tree for all options at once.

The tree grows around the forward, so that the probability of a rise is 1 / (1 + exp(volatility x sqrt(dt))),
never outside 0 and 1. One step before expiry holds the European value instead of two branches, and the
trees of n and 2n steps are extrapolated (Broadie and Detemple, Review of Financial Studies 1996, "BBSR").
The tree starts two steps before today (Pelsser and Vorst, Journal of Derivatives 1994), so that three spots
of today give delta and gamma; theta follows from the equation of Black and Scholes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lib.conventions import DAYS_A_YEAR
from lib.pricing import black_scholes

STEPS = 64
"""Steps of the coarse tree; the fine one has twice as many."""
LEAST_TOTAL = 1e-3
"""Least volatility x sqrt(years) that a tree is built with: below it three spots of today fall together."""
BATCH = 4096
"""Options priced in one pass, so that the nodes of a step stay in the processor's memory."""
VOLATILITY_BUMP, RATE_BUMP = 1e-3, 1e-4
Inputs = tuple[np.ndarray, ...]


def early_exercise_matters(
    *, rate: ArrayLike, right: ArrayLike, dividend_yield: ArrayLike = 0.0
) -> np.ndarray:
    """Whether exercise before expiry can pay, by the carry of the exercised position.

    A put exercised earns rate x strike and gives up yield x spot, a call the reverse. So a put can gain
    where the rate is above 0 or above the yield, a call where the yield is above 0 or above the rate; else
    the American option is the European one (Merton, 1973; Andersen and Lake, "Fast American option pricing:
    the double-boundary case", 2021). Rates as in ``lib.pricing.black_scholes``; a missing one gives False.
    """
    r, q = np.asarray(rate, dtype=float), np.asarray(dividend_yield, dtype=float)
    right = np.asarray(right)
    known = np.isfinite(r + q)
    put, call = (r > 0) | (r > q), (q > 0) | (q > r)
    return np.asarray(known & np.where(right == "P", put, (right == "C") & call))


def price(
    *,
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    volatility: ArrayLike,
    right: ArrayLike,
    dividend_yield: ArrayLike = 0.0,
    steps: int = STEPS,
) -> np.ndarray:
    """Price a share, elementwise by the rules of broadcasting; units as in ``lib.pricing.black_scholes``.

    Where ``early_exercise_matters`` is False it is the closed form. NaN where the closed form is NaN.
    """
    return _valued(_inputs(spot, strike, years, rate, volatility, dividend_yield, right), right, steps)[0]


def price_and_greeks(
    *,
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike,
    volatility: ArrayLike,
    right: ArrayLike,
    dividend_yield: ArrayLike = 0.0,
    steps: int = STEPS,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Price a share and its Greeks, by the names and in the units of ``black_scholes.price_and_greeks``.

    Vega and rho are central differences of the tree. Where exercise now is best, delta is 1 or -1 and
    the others are 0.
    """
    base = _inputs(spot, strike, years, rate, volatility, dividend_yield, right)
    s, k, t, r, v, q = base
    value, delta, gamma, matters = _valued(base, right, steps)
    closed_value, closed = black_scholes.price_and_greeks(
        spot=s, strike=k, years=t, rate=r, volatility=v, dividend_yield=q, right=right
    )
    sign = np.where(np.asarray(right) == "C", 1.0, -1.0)
    spent = matters & (value <= sign * (s - k))
    theta = (r * value - (r - q) * s * delta - 0.5 * v * v * s * s * gamma) / DAYS_A_YEAR
    volatility_step = np.minimum(VOLATILITY_BUMP, v / 2)
    with np.errstate(all="ignore"):
        up, down = (
            _valued((s, k, t, r, v + side * volatility_step, q), right, steps)[0] for side in (1.0, -1.0)
        )
        vega = (up - down) / (2 * volatility_step) / black_scholes.POINT
    up, down = (
        _valued((s, k, t, r + side * RATE_BUMP, v, q), right, steps, matters=matters)[0]
        for side in (1.0, -1.0)
    )
    rho = (up - down) / (2 * RATE_BUMP) / black_scholes.POINT
    tree = {"delta": delta, "gamma": gamma, "theta": theta, "vega": vega, "rho": rho}
    stopped: dict[str, ArrayLike] = {"delta": sign, "gamma": 0.0, "theta": 0.0, "vega": 0.0, "rho": 0.0}
    values = {
        name: np.where(matters, np.where(spent, stopped[name], tree[name]), closed[name]) for name in tree
    }
    return np.where(matters, value, closed_value), values


def _inputs(*values: ArrayLike) -> Inputs:
    """Spot, strike, years, rate, volatility and yield in the shape of all arguments with the rights."""
    *numbers, right = values
    arrays = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in numbers), np.asarray(right))
    return tuple(arrays[:-1])


def _valued(
    base: Inputs, right: ArrayLike, steps: int, *, matters: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Value, delta and gamma, and where they come of the tree (elsewhere the value is the closed form)."""
    s, k, t, r, v, q = base
    rights = np.broadcast_to(np.asarray(right), s.shape)
    value = black_scholes.price(
        spot=s, strike=k, years=t, rate=r, volatility=v, dividend_yield=q, right=rights
    )
    if matters is None:
        matters = early_exercise_matters(rate=r, dividend_yield=q, right=rights)
        matters = matters & np.isfinite(value) & (t > 0)
    value, delta, gamma = np.array(value), np.full(s.shape, np.nan), np.full(s.shape, np.nan)
    chosen = np.flatnonzero(matters)
    flat = [np.ravel(one)[chosen] for one in (s, k, t, r, v, q, rights)]
    for start in range(0, len(chosen), BATCH):
        part = [one[start : start + BATCH] for one in flat]
        coarse, fine = _tree(*part, steps=steps), _tree(*part, steps=2 * steps)
        best = 2 * fine - coarse
        sign = np.where(part[6] == "C", 1.0, -1.0)
        best[0] = np.maximum(
            best[0], np.maximum(sign * (part[0] - part[1]), value.flat[chosen[start : start + BATCH]])
        )
        for target, found in zip((value, delta, gamma), best, strict=True):
            target.flat[chosen[start : start + BATCH]] = found
    return value, delta, gamma, matters


def _tree(
    s: np.ndarray,
    k: np.ndarray,
    t: np.ndarray,
    r: np.ndarray,
    v: np.ndarray,
    q: np.ndarray,
    right: np.ndarray,
    *,
    steps: int,
) -> np.ndarray:
    """Value, delta and gamma today, (3, n_options), of one tree."""
    sign = np.where(right == "C", 1.0, -1.0)
    dt = t / steps
    jump = np.maximum(v * np.sqrt(t), LEAST_TOTAL) / np.sqrt(steps)
    rise, discount = 1 / (1 + np.exp(jump)), np.exp(-r * dt)
    up, down = discount * rise, discount * (1 - rise)
    ladder = s * np.exp(jump * np.arange(-steps - 1, steps + 2)[:, None])
    last = steps - 1
    spots = ladder[::2] * np.exp((r - q) * dt * last)
    held = black_scholes.price(
        spot=spots, strike=k, years=dt, rate=r, volatility=jump / np.sqrt(dt), dividend_yield=q, right=right
    )
    value = np.maximum(held, sign * (spots - k))
    for step in range(last - 1, -1, -1):
        edge = last - step
        spots = ladder[edge : len(ladder) - edge : 2] * np.exp((r - q) * dt * step)
        value = np.maximum(up * value[1:] + down * value[:-1], sign * (spots - k))
    low, high = spots[1] - spots[0], spots[2] - spots[1]
    fall, gain = (value[1] - value[0]) / low, (value[2] - value[1]) / high
    return np.stack([value[1], (fall * high + gain * low) / (low + high), 2 * (gain - fall) / (low + high)])
