"""Records prices and Greeks of 10,000 random options by QuantLib, so that the tests need no QuantLib.

Run by hand with QuantLib 1.44 installed: ``python tests/oracles/record_quantlib_options.py``. Spots are near
100; expiries from one day to five years, a fifth of them one day; strikes from deep in to deep out of the
money; rates and dividend yields from below zero to eight percent. Theta is a calendar day, vega a volatility
point, rho a percentage point.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

OPTIONS = 10_000
NAMES = ("price", "delta", "gamma", "theta", "vega", "rho")
TARGET = Path(__file__).with_name("quantlib_options.npz")


def contracts() -> dict[str, np.ndarray]:
    """Inputs of the options, rounded so that they store small."""
    rng = np.random.default_rng(44)
    days = np.where(rng.random(OPTIONS) < 0.2, 1, rng.integers(1, 1826, OPTIONS))
    spread = np.where(rng.random(OPTIONS) < 0.3, 0.8, 0.15)
    spot = rng.uniform(20, 180, OPTIONS).round(2)
    return {
        "spot": spot,
        "strike": (spot * np.exp(rng.normal(0, 1, OPTIONS) * spread)).round(2),
        "days": days.astype(float),
        "rate": rng.uniform(-0.01, 0.08, OPTIONS).round(4),
        "dividend_yield": rng.uniform(0, 0.06, OPTIONS).round(4),
        "volatility": rng.uniform(0.05, 1.5, OPTIONS).round(4),
        "call": rng.random(OPTIONS) < 0.5,
    }


def by_quantlib(inputs: dict[str, np.ndarray]) -> np.ndarray:
    """Price and Greeks, one row a measure."""
    import QuantLib as ql

    rows = []
    for spot, strike, days, rate, dividend, volatility, call in zip(*inputs.values(), strict=True):
        years = days / 365
        payoff = ql.PlainVanillaPayoff(ql.Option.Call if call else ql.Option.Put, strike)
        forward = spot * np.exp((rate - dividend) * years)
        one = ql.BlackCalculator(payoff, forward, volatility * np.sqrt(years), np.exp(-rate * years))
        rows.append(
            (
                one.value(),
                one.delta(spot),
                one.gamma(spot),
                one.theta(spot, years) / 365,
                one.vega(years) / 100,
                one.rho(years) / 100,
            )
        )
    return np.array(rows).T


if __name__ == "__main__":
    inputs = contracts()
    inputs = {name: values if name == "call" else values.astype(float) for name, values in inputs.items()}
    results = by_quantlib({name: values.tolist() for name, values in inputs.items()})
    np.savez_compressed(TARGET, **inputs, **dict(zip(NAMES, results, strict=True)))
