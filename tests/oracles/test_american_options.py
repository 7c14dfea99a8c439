"""American options against QuantLib's recorded values, Hull's example and the limits that theory gives."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.pricing import american, american_implied, black_scholes

INPUTS = ["spot", "strike", "years", "rate", "dividend_yield", "volatility", "right"]
HULL = {"spot": 50.0, "strike": 50.0, "years": 152 / 365, "rate": 0.10, "volatility": 0.40, "right": "P"}


@pytest.fixture(scope="module")
def recorded() -> pd.DataFrame:
    table = pd.read_csv(Path(__file__).with_name("quantlib_american.csv"))
    return table.assign(years=table["days"] / 365)


def _arguments(table: pd.DataFrame) -> dict[str, np.ndarray]:
    return {name: table[name].to_numpy() for name in INPUTS}


def test_prices_are_quantlibs_within_a_fifth_of_a_cent_save_at_the_boundary_of_exercise(recorded):
    """Two calls whose spot is at the boundary of exercise are off by up to 0.0073 on a strike of 100."""
    error = (american.price(**_arguments(recorded)) - recorded["price"]).abs()
    assert error.max() < 8e-3
    assert (error > 2e-3).sum() <= 2


def test_delta_and_gamma_are_quantlibs_save_at_the_boundary_of_exercise(recorded):
    """At the boundary gamma jumps to 0: two options held beside it are off by up to 0.0024."""
    held = recorded[(recorded["price"] - (recorded["spot"] - recorded["strike"]).abs()).abs() > 0.02]
    _, found = american.price_and_greeks(**_arguments(held))
    np.testing.assert_allclose(found["delta"], held["delta"], rtol=0, atol=1.5e-3)
    error = (found["gamma"] - held["gamma"]).abs()
    assert error.max() < 2.5e-3
    assert (error > 6e-4).sum() <= 2


def test_hulls_american_put_is_worth_its_published_price():
    assert float(american.price(**HULL)) == pytest.approx(4.2837, abs=1.5e-3)


def test_theta_vega_and_rho_are_the_changes_of_price_of_their_units():
    _, found = american.price_and_greeks(**HULL)
    fine = {**HULL, "steps": 200}

    def change(name: str, size: float) -> float:
        moved = (american.price(**{**fine, name: HULL[name] + side * size}) for side in (1, -1))
        up, down = moved
        return float(up - down) / (2 * size)

    assert float(found["vega"]) == pytest.approx(change("volatility", 0.01) / 100, rel=2e-3)
    assert float(found["rho"]) == pytest.approx(change("rate", 0.005) / 100, rel=1e-2)
    assert float(found["theta"]) == pytest.approx(-change("years", 5 / 365) / 365, rel=1e-2)


@pytest.mark.parametrize(("right", "rate", "dividend_yield"), [("C", 0.08, 0.0), ("P", 0.0, 0.05)])
def test_where_exercise_cannot_pay_the_option_is_european(right, rate, dividend_yield):
    option = {**HULL, "right": right, "rate": rate, "dividend_yield": dividend_yield}
    assert not american.early_exercise_matters(rate=rate, dividend_yield=dividend_yield, right=right)
    value, found = american.price_and_greeks(**option)
    european, closed = black_scholes.price_and_greeks(**option)
    assert float(value) == float(european)
    assert {name: float(one) for name, one in found.items()} == {
        name: float(one) for name, one in closed.items()
    }


@pytest.mark.parametrize("right", ["C", "P"])
@pytest.mark.parametrize("rate", [-0.04, -0.02, 0.0, 0.02, 0.04])
@pytest.mark.parametrize("dividend_yield", [-0.03, 0.0, 0.03])
def test_the_rule_finds_every_rate_at_which_a_plain_tree_exercises_early(right, rate, dividend_yield):
    """The oracle is a tree of Cox, Ross and Rubinstein (1979), written out node by node."""
    steps, sigma, exercised = 60, 0.02, False
    dt = 3.0 / steps
    u = np.exp(sigma * np.sqrt(dt))
    p = (np.exp((rate - dividend_yield) * dt) - 1 / u) / (u - 1 / u)
    sign = 1 if right == "C" else -1
    for spot in (60.0, 100.0, 160.0):
        value = np.maximum(sign * (spot * u ** np.arange(-steps, steps + 1, 2.0) - 100), 0)
        for step in range(steps - 1, -1, -1):
            held = np.exp(-rate * dt) * (p * value[1:] + (1 - p) * value[:-1])
            now = sign * (spot * u ** np.arange(-step, step + 1, 2.0) - 100)
            exercised |= bool(np.any((now > held + 1e-9) & (now > 0)))
            value = np.maximum(held, now)
    matters = american.early_exercise_matters(rate=rate, dividend_yield=dividend_yield, right=right)
    assert bool(matters) == exercised


def test_a_put_deep_in_the_money_is_exercised_now():
    value, found = american.price_and_greeks(**{**HULL, "spot": 20.0})
    assert float(value) == 30.0
    assert {name: float(one) for name, one in found.items()} == {
        "delta": -1.0,
        "gamma": 0.0,
        "theta": 0.0,
        "vega": 0.0,
        "rho": 0.0,
    }


@settings(max_examples=25, deadline=None)
@given(
    spot=st.floats(60, 160),
    rate=st.floats(0, 0.1),
    dividend_yield=st.floats(0, 0.1),
    volatility=st.floats(0.1, 0.8),
    years=st.floats(0.05, 2),
    right=st.sampled_from("CP"),
)
def test_value_is_at_least_intrinsic_and_european_and_rises_with_time_and_volatility(
    spot, rate, dividend_yield, volatility, years, right
):
    shared = {"spot": spot, "strike": 100.0, "rate": rate, "dividend_yield": dividend_yield, "right": right}
    value = american.price(
        **shared, years=[years, years * 1.2, years], volatility=[volatility, volatility, volatility * 1.1]
    )
    european = black_scholes.price(**shared, years=years, volatility=volatility)
    intrinsic = max((spot - 100) * (1 if right == "C" else -1), 0)
    assert value[0] >= max(intrinsic, float(european)) - 1e-12
    if american.early_exercise_matters(rate=rate, dividend_yield=dividend_yield, right=right):
        assert value[1] >= value[0] - 2e-3
    assert value[2] >= value[0] - 2e-3


def test_the_volatility_of_an_american_price_is_the_one_it_was_made_with(recorded):
    intrinsic = (recorded["spot"] - recorded["strike"]).where(
        recorded["right"] == "C", recorded["strike"] - recorded["spot"]
    )
    held = recorded[(recorded["price"] - intrinsic.clip(lower=0)) > 0.25]
    arguments = _arguments(held)
    arguments.pop("volatility")
    found, reason = american_implied.implied_volatility(price=held["price"].to_numpy(), **arguments)
    assert set(reason) == {""}
    np.testing.assert_allclose(found, held["volatility"], rtol=0, atol=5e-4)


def test_prices_that_no_volatility_explains_have_a_reason_and_early_exercise_is_none():
    option = {name: HULL[name] for name in ("strike", "years", "rate", "right")}
    found, reason = american_implied.implied_volatility(
        price=[29.0, 30.0, 50.5, np.nan, 30.05], spot=[20.0, 20.0, 20.0, 20.0, 20.0], **option
    )
    assert list(reason) == ["below_intrinsic", "no_time_value", "above_bound", "missing_input", ""]
    assert np.isnan(found[:4]).all()
    assert found[4] > 0.4
