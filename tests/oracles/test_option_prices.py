"""Printed option prices; the tolerance is the rounding of the source.

Sources: Hull, "Options, Futures, and Other Derivatives", examples 15.6 and 17.1 (more digits from QuantLib
and py_vollib, which agree); Haug, "The Complete Guide to Option Pricing Formulas", pages 2 to 24, as
QuantLib's tests quote them.
"""

import numpy as np
import pytest

from lib.pricing import black_scholes


def price(right, spot, strike, rate, dividend_yield, volatility, years):
    return float(
        black_scholes.price(
            spot=spot,
            strike=strike,
            years=years,
            rate=rate,
            volatility=volatility,
            right=right,
            dividend_yield=dividend_yield,
        )
    )


@pytest.mark.parametrize(
    ("contract", "expected", "tolerance"),
    [
        (("C", 42, 40, 0.10, 0, 0.20, 0.5), 4.759422, 1e-6),
        (("P", 42, 40, 0.10, 0, 0.20, 0.5), 0.808599, 1e-6),
        (("C", 930, 900, 0.08, 0.03, 0.20, 2 / 12), 51.832957, 1e-6),
        (("C", 49, 50, 0.05, 0, 0.20, 0.3846), 2.400461, 1e-6),
        (("P", 49, 50, 0.05, 0, 0.20, 0.3846), 2.448147, 1e-6),
        (("C", 60, 65, 0.08, 0, 0.30, 0.25), 2.1334, 1e-4),
        (("P", 100, 95, 0.10, 0.05, 0.20, 0.5), 2.4648, 1e-4),
        (("C", 19, 19, 0.10, 0.10, 0.28, 0.75), 1.7011, 1e-4),
        (("C", 1.56, 1.6, 0.06, 0.08, 0.12, 0.5), 0.0291, 1e-4),
        (("C", 42, 40, 0.04, 0.08, 0.35, 0.75), 5.0975, 1e-4),
    ],
)
def test_the_price_is_the_printed_one(contract, expected, tolerance):
    assert price(*contract) == pytest.approx(expected, abs=tolerance)


def test_call_minus_put_is_forward_minus_strike_value():
    rng = np.random.default_rng(1)
    spot, strike = rng.uniform(20, 200, 200), rng.uniform(20, 200, 200)
    years, vol = rng.uniform(0, 3, 200), rng.uniform(0, 1, 200)
    common = {
        "spot": spot,
        "strike": strike,
        "years": years,
        "rate": 0.03,
        "volatility": vol,
        "dividend_yield": 0.02,
    }
    gap = black_scholes.price(right="C", **common) - black_scholes.price(right="P", **common)
    assert gap == pytest.approx(spot * np.exp(-0.02 * years) - strike * np.exp(-0.03 * years), abs=1e-9)


def test_at_expiry_it_is_the_intrinsic_value_and_without_volatility_the_discounted_one():
    assert price("C", 110, 100, 0.05, 0.02, 0.3, 0) == 10
    assert price("P", 110, 100, 0.05, 0.02, 0.3, 0) == 0
    assert price("C", 110, 100, 0.05, 0.0, 0.0, 1) == pytest.approx(110 - 100 * np.exp(-0.05))


def test_what_is_no_option_has_no_price():
    for contract in [
        ("X", 1, 1, 0, 0, 0.2, 1),
        ("C", -1, 1, 0, 0, 0.2, 1),
        ("C", 1, 1, 0, 0, -0.2, 1),
        ("C", 1, 1, 0, 0, 0.2, -1),
    ]:
        assert np.isnan(price(*contract))
    assert np.isnan(price("C", np.nan, 1, 0, 0, 0.2, 1))
