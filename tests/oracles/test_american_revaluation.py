"""American options revalued at many spots: the grid against the tree, and the limits that theory gives."""

import numpy as np
import pandas as pd
import pytest

from lib.pricing import american, american_grid, black_scholes
from lib.pricing.revalue import at_spots, reprice, revaluation_pnl

HULL = {"strike": 50.0, "years": 152 / 365, "rate": 0.10, "volatility": 0.40, "right": "P"}


def crr(steps: int, *, spot: float, strike: float, years: float, rate: float, volatility: float, right: str):
    """The tree of Cox, Ross and Rubinstein (1979), written out level by level."""
    dt, sign = years / steps, 1 if right == "C" else -1
    up = np.exp(volatility * np.sqrt(dt))
    chance = (np.exp(rate * dt) - 1 / up) / (up - 1 / up)
    value = np.maximum(sign * (spot * up ** np.arange(-steps, steps + 1, 2.0) - strike), 0)
    for level in range(steps - 1, -1, -1):
        held = np.exp(-rate * dt) * (chance * value[1:] + (1 - chance) * value[:-1])
        value = np.maximum(held, sign * (spot * up ** np.arange(-level, level + 1, 2.0) - strike))
    return float(value[0])


def drawn(count: int, *, seed: int = 5) -> dict[str, np.ndarray]:
    """Options of shares with all that matters drawn at random, at spots of 20 to 500."""
    draw = np.random.default_rng(seed)
    present = draw.uniform(20, 500, count)
    return {
        "present": present,
        "strike": present * np.exp(draw.normal(0, 0.2, count)),
        "years": draw.integers(7, 730, count) / 365,
        "rate": draw.uniform(0.0, 0.06, count),
        "volatility": draw.uniform(0.1, 0.8, count),
        "dividend_yield": draw.uniform(0.0, 0.04, count),
        "right": np.where(draw.random(count) < 0.6, "P", "C").astype(object),
    }


def table(model: str = "american", **changes) -> pd.DataFrame:
    base = {
        "underlying_price": [50.0, 50.0],
        "strike": [50.0, 40.0],
        "years_to_expiry": [152 / 365, 0.1],
        "rate": [0.10, 0.03],
        "dividend_yield": [0.0, 0.05],
        "implied_vol": [0.40, 0.2],
        "right": ["P", "C"],
        "model": model,
    }
    return pd.DataFrame({**base, **changes})


def test_hulls_american_put_is_published_at_5_steps_and_at_the_limit():
    """Hull ch. 13 and 21: 4.49 by 5 steps, 4.2826 by finite differences, 4.2847 by a tree of 801 steps."""
    assert crr(5, spot=50.0, **HULL) == pytest.approx(4.489535, abs=5e-3)
    assert crr(801, spot=50.0, **HULL) == pytest.approx(4.2847, abs=5e-5)
    ours = float(american.price(spot=50.0, **HULL))
    assert ours == pytest.approx(4.2826, abs=5e-3)
    assert ours == pytest.approx(4.2847, abs=5e-3)
    assert float(reprice(table(), spot_move=0.0)[0]) == ours


def test_the_grid_is_the_tree_at_daily_moves_to_a_thousandth_of_a_hundredth_of_the_spot():
    """Beyond that only where the tree itself wiggles, beside the boundary of exercise."""
    options = drawn(80)
    present, terms = options["present"], {name: one for name, one in options.items() if name != "present"}
    spots = present * (1 + np.random.default_rng(6).normal(0, 0.02, 150))[:, None]
    error = np.abs(american_grid.grid(**options).price(spots) - american.price(spot=spots, **terms)) / present
    assert np.quantile(error, 0.999) < 1e-5
    assert error.max() < 5e-5


def test_the_grid_is_the_tree_at_all_moves_save_where_the_tree_wiggles():
    options = drawn(60, seed=8)
    present, terms = options["present"], {name: one for name, one in options.items() if name != "present"}
    spots = present * np.linspace(0.4, 1.8, 80)[:, None]
    error = np.abs(american_grid.grid(**options).price(spots) - american.price(spot=spots, **terms)) / present
    assert np.quantile(error, 0.98) < 1e-5
    assert error.max() < 5e-4
    outside = (spots < 0.49 * present) | (spots > 1.65 * present)
    assert (error[outside] == 0).all()


def test_where_grid_and_tree_are_apart_the_grid_is_nearer_to_a_tree_of_many_steps():
    put = {"strike": 107.6, "years": 1.94, "rate": 0.057, "volatility": 0.33, "right": np.array(["P"])}
    terms = {name: np.atleast_1d(one) for name, one in put.items()} | {"dividend_yield": np.array([0.008])}
    spots = np.linspace(69, 71, 9)[:, None]
    truth = american.price(spot=spots, **terms, steps=1024)
    grid = american_grid.grid(present=np.array([100.0]), **terms).price(spots)
    assert np.abs(grid - truth).max() < np.abs(american.price(spot=spots, **terms) - truth).max()
    assert np.abs(grid - truth).max() < 0.02


def test_the_price_of_a_scenario_does_not_depend_on_the_others_and_no_move_is_the_trees():
    options = table()
    moves = np.linspace(-0.3, 0.3, 201)[:, None] * np.ones(2)
    priced = at_spots(options)
    whole = priced(moves)
    np.testing.assert_array_equal(priced(moves[::2]), whole[::2])
    np.testing.assert_array_equal(at_spots(options.iloc[1:])(moves[:, 1:]), whole[:, 1:])
    np.testing.assert_allclose(whole[100], reprice(options, spot_move=0.0), rtol=0, atol=1e-12)
    np.testing.assert_allclose(whole, reprice(options, spot_move=moves), rtol=0, atol=1e-2)
    assert revaluation_pnl(options, quantity=1, multiplier=100, spot_move=0.0).tolist() == [0, 0]


def test_scenarios_that_move_volatility_and_rate_take_the_tree_of_each():
    options, shifts = table(), np.array([[0.01], [0.0]])
    moves = np.array([[-0.2], [0.1]]) * np.ones(2)
    found = reprice(options, spot_move=moves, volatility_factor=[[1.5], [1.0]], rate_shift=shifts)
    by_hand = american.price(
        spot=[[40.0], [55.0]],
        strike=options["strike"],
        years=options["years_to_expiry"],
        rate=options["rate"].to_numpy() + shifts,
        volatility=options["implied_vol"].to_numpy() * [[1.5], [1.0]],
        right=["P", "C"],
        dividend_yield=options["dividend_yield"],
    )
    np.testing.assert_allclose(found, by_hand, rtol=0, atol=1e-12)


def test_european_options_beside_american_ones_keep_the_closed_form():
    mixed = table(model=["european", "american"])
    moves = np.linspace(-0.5, 0.5, 101)[:, None] * np.ones(2)
    found, american_both = at_spots(mixed)(moves), at_spots(table())(moves)
    np.testing.assert_array_equal(reprice(mixed, spot_move=moves)[:, 0], found[:, 0])
    european = black_scholes.price(spot=50 * (1 + moves[:, 0]), **HULL)
    np.testing.assert_array_equal(found[:, 0], european)
    np.testing.assert_array_equal(found[:, 1], american_both[:, 1])
    assert (american_both[:, 0] >= european).all()
    assert (american_both[:, 0] - european).max() > 1


def test_a_share_that_is_worth_nothing_leaves_the_strike_of_a_put_and_no_call():
    moves = np.full((3, 2), -1.0)
    for found in (reprice(table(), spot_move=moves), at_spots(table())(moves)):
        np.testing.assert_allclose(found, [[50.0, 0.0]] * 3, rtol=0, atol=1e-12)


def test_what_lacks_an_input_is_missing_and_the_rest_is_not():
    options, still = table(implied_vol=[np.nan, 0.2]), np.zeros((3, 2))
    for found in (reprice(options, spot_move=still), at_spots(options)(still)):
        assert np.isnan(found[:, 0]).all()
        assert np.isfinite(found[:, 1]).all()
    expiring = table(years_to_expiry=0.0, rate=np.nan, implied_vol=np.nan)
    for found in (reprice(expiring, spot_move=still - 0.1), at_spots(expiring)(still - 0.1)):
        np.testing.assert_allclose(found, [[5.0, 5.0]] * 3)
