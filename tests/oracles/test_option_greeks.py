"""Printed Greeks and implied volatilities, and 10,000 options by QuantLib.

Sources: Hull, "Options, Futures, and Other Derivatives", ch. 15, 17, 19 and 21 (more digits from QuantLib and
py_vollib, which agree); Haug, "The Complete Guide to Option Pricing Formulas", pages 11 to 16, as QuantLib's
tests quote them; mibian 0.1.3; ``quantlib_options.npz`` by the script beside it.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.portfolio.greeks import greeks_by_underlying
from lib.portfolio.mibian_reference import mibian_greeks
from lib.pricing import black_scholes
from lib.pricing.implied import implied_volatility
from lib.pricing.revalue import reprice, revaluation_pnl

HULL = {"spot": 49, "strike": 50, "years": 0.3846, "rate": 0.05, "volatility": 0.20}
GOLDEN = {"spot": 100, "strike": 100, "years": 30 / 365, "rate": 0.05, "volatility": 0.25}


def greek(name, right, **contract):
    return float(black_scholes.greeks(right=right, **contract)[name])


@pytest.mark.parametrize(
    ("right", "name", "expected"),
    [
        ("C", "delta", 0.521602),
        ("C", "gamma", 0.065545),
        ("C", "vega", 0.121052),
        ("C", "theta", -4.30539 / 365),
        ("C", "rho", 0.089066),
        ("P", "delta", -0.478398),
        ("P", "theta", -1.853006 / 365),
        ("P", "rho", -0.09957166),
    ],
)
def test_hull_running_example(right, name, expected):
    assert greek(name, right, **HULL) == pytest.approx(expected, abs=1e-6)


def test_hull_index_call_with_dividend_yield():
    contract = {"spot": 930, "strike": 900, "years": 2 / 12, "rate": 0.08, "volatility": 0.2}
    assert greek("delta", "C", dividend_yield=0.03, **contract) == pytest.approx(0.703418, abs=1e-6)


def test_hull_implied_volatility_of_a_currency_option():
    contract = {
        "spot": 1.6,
        "strike": 1.6,
        "years": 4 / 12,
        "rate": 0.08,
        "dividend_yield": 0.11,
        "right": "C",
    }
    found, reason = implied_volatility(price=0.043, **contract)
    assert found[0] == pytest.approx(0.141, abs=0.001)
    assert reason[0] == ""
    assert black_scholes.price(volatility=0.141, **contract) == pytest.approx(0.042958, abs=1e-6)


def test_haug_values():
    put = {"spot": 105, "strike": 100, "years": 0.5, "rate": 0.1, "dividend_yield": 0.1, "volatility": 0.36}
    assert greek("delta", "C", **put) == pytest.approx(0.5946, abs=1e-4)
    assert greek("delta", "P", **put) == pytest.approx(-0.3566, abs=1e-4)
    worth = float(black_scholes.price(right="P", **put))
    assert greek("delta", "P", **put) * 105 / worth == pytest.approx(-4.8775, abs=1e-4)
    call = {"spot": 55, "strike": 60, "years": 0.75, "rate": 0.1, "volatility": 0.3}
    assert greek("gamma", "C", **call) == pytest.approx(0.0278, abs=1e-4)
    assert greek("vega", "P", **call) * 100 == pytest.approx(18.9358, abs=1e-4)
    index = {
        "spot": 430,
        "strike": 405,
        "years": 1 / 12,
        "rate": 0.07,
        "dividend_yield": 0.05,
        "volatility": 0.2,
    }
    assert greek("theta", "P", **index) == pytest.approx(-0.0855, abs=1e-4)
    assert greek("theta", "P", **index) * 365 == pytest.approx(-31.1924, abs=1e-4)
    share = {"spot": 72, "strike": 75, "years": 1, "rate": 0.09, "volatility": 0.19}
    assert greek("rho", "C", **share) * 100 == pytest.approx(38.7325, abs=1e-4)
    paying = {"spot": 500, "strike": 490, "years": 0.25, "rate": 0.08, "volatility": 0.15, "right": "P"}
    up, down = (black_scholes.price(dividend_yield=0.05 + step, **paying) for step in (1e-6, -1e-6))
    assert (up - down) / 2e-6 == pytest.approx(42.2254, abs=1e-4)


def test_early_exercise_is_what_the_european_value_of_hulls_american_put_lacks():
    contract = {"spot": 50, "strike": 50, "years": 152 / 365, "rate": 0.1, "right": "P"}
    european = float(black_scholes.price(volatility=0.4, **contract))
    assert 4.2826 - european == pytest.approx(0.207, abs=5e-3)
    assert implied_volatility(price=4.2826, **contract)[0][0] > 0.41


def test_hull_portfolio_delta_is_signed():
    sizes, deltas = np.array([100_000.0, -200_000.0, -50_000.0]), np.array([0.533, 0.468, -0.508])
    ids = ["a", "b", "c"]
    positions = pd.DataFrame(
        {
            "position_id": ids,
            "underlying": "EUR",
            "kind": "option",
            "right": ["C", "C", "P"],
            "quantity": sizes,
            "exposure": 1.0,
        }
    )
    columns = ["delta_dollars", "gamma_dollars", "position_theta", "position_vega", "position_rho"]
    greeks = pd.DataFrame(dict.fromkeys(columns, 0.0), index=range(3))
    greeks = greeks.assign(position_id=ids, position_delta=sizes * deltas)
    assert greeks_by_underlying(positions, greeks)["total_delta"].tolist() == pytest.approx([-14_900])


@pytest.mark.parametrize(
    ("right", "price", "delta", "theta", "rho"),
    [("C", 3.0626, 0.5371, -0.05439, 0.04163), ("P", 2.6525, -0.4629, -0.04074, -0.04023)],
)
def test_golden_values_by_both_engines(right, price, delta, theta, rho):
    expected = {"delta": delta, "gamma": 0.05542, "theta": theta, "vega": 0.11388, "rho": rho}
    ours = black_scholes.greeks(right=right, **GOLDEN) | {
        "model_price": black_scholes.price(right=right, **GOLDEN)
    }
    arrays = {name: np.array([float(value)]) for name, value in {**GOLDEN, "dividend_yield": 0.0}.items()}
    theirs = mibian_greeks(right=np.array([right]), **arrays)
    for name, value in expected.items():
        assert float(ours[name]) == pytest.approx(value, abs=6e-6 if name != "delta" else 6e-5)
        assert theirs[name][0] == pytest.approx(float(ours[name]), abs=1e-12)
    assert float(ours["model_price"]) == pytest.approx(price, abs=1e-4)
    assert theirs["model_price"][0] == pytest.approx(float(ours["model_price"]), abs=1e-12)


def test_a_rate_taken_for_percent_gives_another_delta():
    assert greek("delta", "C", **{**GOLDEN, "rate": 0.0005}) == pytest.approx(0.5145, abs=1e-4)


def test_mibian_with_dividends_is_the_closed_form():
    rng = np.random.default_rng(2)
    contract = {
        "spot": rng.uniform(50, 150, 40),
        "strike": rng.uniform(50, 150, 40),
        "years": rng.integers(1, 700, 40) / 365,
        "rate": rng.uniform(0, 0.08, 40),
        "volatility": rng.uniform(0.1, 0.9, 40),
        "dividend_yield": rng.uniform(0, 0.06, 40),
        "right": np.where(rng.random(40) < 0.5, "C", "P"),
    }
    ours = black_scholes.greeks(**contract) | {"model_price": black_scholes.price(**contract)}
    theirs = mibian_greeks(**contract)
    assert max(np.abs(ours[name] - theirs[name]).max() for name in ours) < 1e-11


@pytest.fixture(scope="module")
def recorded():
    file = np.load(Path(__file__).with_name("quantlib_options.npz"))
    contract = {name: file[name] for name in ("spot", "strike", "rate", "dividend_yield")}
    contract |= {"years": file["days"] / 365, "right": np.where(file["call"], "C", "P")}
    return contract, {name: file[name] for name in file.files}


def test_ten_thousand_options_by_quantlib(recorded):
    contract, theirs = recorded
    assert len(contract["spot"]) == 10_000
    ours = black_scholes.greeks(volatility=theirs["volatility"], **contract)
    ours["price"] = black_scholes.price(volatility=theirs["volatility"], **contract)
    gaps = {name: float(np.abs(ours[name] - theirs[name]).max()) for name in ours}
    assert max(gaps.values()) < 1e-9, gaps


def test_the_volatility_of_quantlibs_prices_is_found_where_vega_is_not_negligible(recorded):
    contract, theirs = recorded
    found, reason = implied_volatility(price=theirs["price"], **contract)
    felt = theirs["vega"] * 100 > 1e-4 * theirs["spot"]
    assert felt.sum() > 8_000
    assert (reason[felt] == "").all()
    assert np.abs(found / theirs["volatility"] - 1)[felt].max() < 1e-6
    well = theirs["vega"] * 100 > 1e-2 * theirs["spot"]
    assert np.abs(found - theirs["volatility"])[well].max() < 1e-10
    assert (np.isnan(found) == (reason != "")).all()


contracts = st.fixed_dictionaries(
    {
        "spot": st.floats(20, 200),
        "strike": st.floats(20, 200),
        "years": st.floats(7 / 365, 3),
        "rate": st.floats(-0.01, 0.1),
        "dividend_yield": st.floats(0, 0.08),
        "volatility": st.floats(0.08, 1.2),
        "right": st.sampled_from("CP"),
    }
)


@settings(max_examples=60, deadline=None)
@given(contracts)
def test_parity_of_the_greeks(contract):
    call, put = (black_scholes.greeks(**{**contract, "right": right}) for right in "CP")
    growth = np.exp(-contract["dividend_yield"] * contract["years"])
    strike = contract["strike"] * np.exp(-contract["rate"] * contract["years"])
    assert call["delta"] - put["delta"] == pytest.approx(growth, abs=1e-9)
    assert call["gamma"] == pytest.approx(put["gamma"], abs=1e-12)
    assert call["vega"] == pytest.approx(put["vega"], abs=1e-12)
    assert call["rho"] - put["rho"] == pytest.approx(strike * contract["years"] / 100, abs=1e-9)
    paid = contract["dividend_yield"] * contract["spot"] * growth - contract["rate"] * strike
    assert call["theta"] - put["theta"] == pytest.approx(paid / 365, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(contracts)
def test_greeks_are_the_slopes_of_the_price(contract):
    def slope(name, step):
        up, down = (
            black_scholes.price(**{**contract, name: contract[name] + sign * step}) for sign in (1, -1)
        )
        return float(up - down) / (2 * step)

    greeks = {name: float(value) for name, value in black_scholes.greeks(**contract).items()}
    size = contract["spot"]
    assert slope("spot", 1e-4 * size) == pytest.approx(greeks["delta"], rel=1e-5, abs=1e-6)
    assert slope("volatility", 1e-5) / 100 == pytest.approx(greeks["vega"], rel=1e-5, abs=1e-8 * size)
    assert slope("rate", 1e-5) / 100 == pytest.approx(greeks["rho"], rel=1e-5, abs=1e-8 * size)
    assert -slope("years", 1e-6) / 365 == pytest.approx(greeks["theta"], rel=1e-5, abs=1e-7 * size)
    up, down = (
        float(black_scholes.greeks(**{**contract, "spot": size * (1 + step)})["delta"])
        for step in (1e-5, -1e-5)
    )
    assert (up - down) / (2e-5 * size) == pytest.approx(greeks["gamma"], rel=1e-5, abs=1e-7)


@settings(max_examples=100, deadline=None)
@given(contracts)
def test_the_volatility_of_a_price_gives_the_price(contract):
    price = float(black_scholes.price(**contract))
    known = {name: value for name, value in contract.items() if name != "volatility"}
    found, reason = implied_volatility(price=price, **known)
    if reason[0]:
        assert reason[0] == "no_time_value"
    else:
        assert black_scholes.price(volatility=found[0], **known) == pytest.approx(price, abs=1e-11, rel=1e-11)


def test_where_no_volatility_explains_the_price_the_reason_says_why():
    found, reason = implied_volatility(
        price=[0, 9, 3, 100, 96, np.nan, -1, 5, 5, 1],
        spot=[100, 110, 90, 100, 100, 100, 100, 100, 0, 100],
        strike=[200, 100, 95, 100, 100, 100, 100, 100, 100, 100],
        years=[1, 1, 1, 1, 1, 1, 1, 0, 1, 1],
        rate=[0.05] * 10,
        right=["C", "C", "P", "C", "P", "C", "C", "C", "C", "X"],
        dividend_yield=[0, 0, 0.1, 0, 0, 0, 0, 0, 0, 0],
    )
    assert np.isnan(found).all()
    assert reason.tolist() == [
        "no_time_value",
        "below_intrinsic",
        "early_exercise",
        "above_bound",
        "above_bound",
        "missing_input",
        "missing_input",
        "expired",
        "missing_input",
        "missing_input",
    ]


def test_no_wing_breaks_the_solver():
    spot = np.array([1e-3, 1, 1e3, 1e5])[:, None, None]
    strike = spot * np.exp(np.array([-6, -1, -1e-9, 0, 1e-9, 1e-4, 1, 6]))[:, None]
    total = np.array([0.001, 0.01, 0.1, 1, 4, 8])
    contract = {"spot": spot, "strike": strike, "years": 1.0, "rate": 0.0}
    right = np.where(strike > spot, "C", "P")
    price = black_scholes.price(volatility=total, right=right, **contract)
    found, reason = implied_volatility(price=price, right=right, **contract)
    fits = reason == ""
    assert set(np.unique(reason)) <= {"", "no_time_value", "above_bound"}
    again = black_scholes.price(volatility=np.where(fits, found, 0.0), right=right, **contract)
    seen = fits & (price > 0)
    assert np.abs(again[seen] / price[seen] - 1).max() < 1e-9


def options(**columns):
    base = {
        "underlying_price": [100.0, 100.0, np.nan],
        "strike": [100.0, 90.0, 90.0],
        "years_to_expiry": [0.5, 0.5, 0.5],
        "rate": [0.05] * 3,
        "dividend_yield": [0.0, 0.01, 0.0],
        "implied_vol": [0.2, 0.3, 0.3],
        "right": ["C", "P", "C"],
        "model": ["european"] * 3,
    }
    return pd.DataFrame({**base, **columns})


def test_revaluation_has_the_shape_of_the_moves():
    book = options()
    assert reprice(book, spot_move=0.1).shape == (3,)
    assert reprice(book, spot_move=[0.1, 0.0, 0.2]).shape == (3,)
    assert reprice(book, spot_move=np.zeros((5, 3))).shape == (5, 3)
    assert reprice(book, spot_move=[[0.1], [0.2]], volatility_factor=[[1.0], [2.0]]).shape == (2, 3)
    assert np.isnan(reprice(book, spot_move=np.zeros((5, 3)))[:, 2]).all()
    assert np.isnan(reprice(options(implied_vol=np.nan), spot_move=0.0)).all()


def test_revaluation_is_the_price_at_the_moved_inputs():
    book = options()
    moved = reprice(book, spot_move=-0.2, volatility_factor=1.5, rate_shift=0.01)
    by_hand = black_scholes.price(spot=80, strike=100, years=0.5, rate=0.06, volatility=0.3, right="C")
    assert moved[0] == pytest.approx(float(by_hand), abs=1e-12)
    pnl = revaluation_pnl(book, quantity=-3, multiplier=100, spot_move=-0.2)
    now, then = reprice(book, spot_move=0.0), reprice(book, spot_move=-0.2)
    assert pnl[:2] == pytest.approx(-300 * (then - now)[:2])
    assert revaluation_pnl(book, quantity=1, multiplier=1, spot_move=0.0)[:2].tolist() == [0, 0]


def test_a_fall_beyond_everything_leaves_the_discounted_strike_of_a_put():
    for move in (-1.0, -1.5):
        assert reprice(options(), spot_move=move)[:2] == pytest.approx([0, 90 * np.exp(-0.025)])


def test_on_the_day_of_expiry_neither_rate_nor_volatility_is_needed():
    book = options(years_to_expiry=0.0, rate=np.nan, implied_vol=np.nan, right="C")
    assert reprice(book, spot_move=0.1)[:2] == pytest.approx([10, 20])
