"""Least squares of many series at once: against one at a time, with gaps, and where it cannot be done."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lib.stats.covariance import condition_number, decay_weights, effective_observations, safe_inverse
from lib.stats.regression import ols
from lib.stats.rolling import rolling_ols

GENERATOR = np.random.default_rng(3)
X = GENERATOR.normal(0.0004, 0.01, (252, 4)) @ (np.eye(4) + 0.9)
Y = X @ GENERATOR.normal(0.5, 0.5, (4, 40)) + GENERATOR.normal(0, 0.012, (252, 40))


def with_gaps():
    y = np.where(GENERATOR.random(Y.shape) < 0.1, np.nan, Y)
    y[:200, 7] = np.nan
    return y


@pytest.mark.parametrize("y", [Y, with_gaps()], ids=["complete", "gaps"])
def test_it_is_statsmodels_series_by_series(y):
    import statsmodels.api as sm

    fit, robust = ols(y, X), ols(y, X, robust=True)
    for place in range(y.shape[1]):
        known = ~np.isnan(y[:, place])
        peer = sm.OLS(y[known, place], sm.add_constant(X[known])).fit()
        assert_allclose(fit.coefficients[:, place], peer.params, rtol=1e-9, atol=1e-13)
        assert_allclose(fit.std_errors[:, place], peer.bse, rtol=1e-10)
        assert_allclose(fit.t_stats[:, place], peer.tvalues, rtol=1e-9, atol=1e-10)
        assert_allclose(fit.p_values[:, place], peer.pvalues, atol=1e-10)
        assert_allclose(fit.r_squared[place], peer.rsquared, rtol=1e-10)
        assert_allclose(fit.residual_deviation[place] ** 2, peer.scale, rtol=1e-10)
        assert fit.observations[place] == known.sum()
        half = peer.conf_int()[:, 1] - peer.params
        assert_allclose(fit.half_width()[:, place], half, rtol=1e-9)
        errors = peer.get_robustcov_results("HC1").bse
        assert_allclose(robust.std_errors[:, place], errors, rtol=1e-9)


def test_a_missing_regressor_leaves_its_day_out():
    x = X.copy()
    x[3, 1] = np.nan
    keep = np.arange(len(x)) != 3
    assert_allclose(ols(Y, x).coefficients, ols(Y[keep], X[keep]).coefficients, rtol=1e-12)


@pytest.mark.parametrize("gap", [False, True])
def test_a_perfect_fit_and_a_constant_have_no_t(gap):
    y = np.column_stack([X[:, 0] * 2 + 1e6, np.full(len(X), 0.3)])
    if gap:
        y[5] = np.nan
    fit = ols(y, X)
    assert_allclose(fit.coefficients[:, 0], [1e6, 2, 0, 0, 0], atol=1e-5)
    assert fit.r_squared[0] == pytest.approx(1.0)
    assert np.isnan(fit.r_squared[1]) and np.isnan(fit.t_stats[1:, 1]).all()
    assert_allclose(fit.coefficients[1:, 1], 0.0, atol=1e-12)


@pytest.mark.parametrize("gap", [False, True])
def test_a_high_level_or_a_close_fit_costs_no_digits(gap):
    own = GENERATOR.normal(0, 1, len(X))
    y = np.column_stack([Y[:, 0] + 1e7, X @ np.ones(4) + 1e-7 * own])
    x = X
    if gap:
        y, x = np.vstack([y, [[np.nan, np.nan]]]), np.vstack([X, X[:1]])
    fit = ols(y, x)
    level, plain = ols(Y[:, 0], X), np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), own, rcond=None)
    assert_allclose(fit.residual_deviation[0], level.residual_deviation[0], rtol=1e-6)
    assert_allclose(fit.r_squared[0], level.r_squared[0], rtol=1e-6)
    assert_allclose(
        fit.residual_deviation[1], 1e-7 * np.sqrt(plain[1][0] / fit.degrees_of_freedom[1]), rtol=1e-6
    )


@pytest.mark.parametrize("gap", [False, True])
def test_too_few_observations_give_nothing(gap):
    y = Y[:5].copy()
    if gap:
        y = np.vstack([y, np.full((3, y.shape[1]), np.nan)])
    fit = ols(y, X[: len(y)])
    assert np.isnan(fit.coefficients).all() and np.isnan(fit.std_errors).all()
    assert np.isnan(ols(np.empty((0, 2)), np.empty((0, 3))).coefficients).all()


def test_collinear_regressors_share_their_coefficient_and_lower_the_rank():
    doubled = np.column_stack([X[:, 0], X[:, 0], X[:, 1]])
    fit, plain = ols(Y, doubled), ols(Y, X[:, :2])
    assert (fit.rank, plain.rank) == (2, 2)
    assert_allclose(fit.coefficients[1], fit.coefficients[2], rtol=1e-8)
    assert_allclose(fit.coefficients[1] + fit.coefficients[2], plain.coefficients[1], rtol=1e-8)
    assert_allclose(fit.residual_deviation, plain.residual_deviation, rtol=1e-10)


def test_a_series_that_has_only_days_on_which_regressors_are_collinear_is_missing():
    x = X[:, :2].copy()
    x[:30, 1] = x[:30, 0]
    y = Y[:, :2].copy()
    y[30:, 0] = np.nan
    fit = ols(y, x)
    assert np.isnan(fit.coefficients[:, 0]).all()
    assert np.isfinite(fit.coefficients[:, 1]).all()


def test_intervals_hold_the_truth_as_often_as_they_say():
    """1,000 draws at once: the 95 % intervals of each of seven betas hold the truth in 93 to 97 %."""
    generator = np.random.default_rng(11)
    market = generator.normal(0, 0.011, 252)
    factors = np.column_stack([market, *(market * b + generator.normal(0, 0.004, 252) for b in range(1, 7))])
    truth = generator.normal(0.4, 0.6, (7, 1000))
    draws = 0.0002 + factors @ truth + generator.standard_normal((252, 1000)) * 0.015
    fit = ols(draws, factors)
    held = np.abs(fit.coefficients[1:] - truth) <= fit.half_width()[1:]
    assert np.all((held.mean(axis=1) > 0.93) & (held.mean(axis=1) < 0.97)), held.mean(axis=1)
    robust = ols(draws, factors, robust=True)
    assert np.abs(robust.std_errors / fit.std_errors - 1).mean() < 0.1


@pytest.mark.parametrize("window", [30, 100])
def test_a_moving_window_is_one_regression_a_window(window):
    y = Y.copy()
    y[120, 3] = np.nan
    rolling = rolling_ols(y, X, window=window)
    assert np.isnan(rolling.coefficients[: window - 1]).all()
    for end in (window, 150, 252):
        part = np.s_[end - window : end]
        one, whole = ols(y[part], X[part]), ~np.isnan(y[part]).any(axis=0)
        assert_allclose(rolling.coefficients[end - 1][:, whole], one.coefficients[:, whole], atol=1e-11)
        assert_allclose(rolling.std_errors[end - 1][:, whole], one.std_errors[:, whole], rtol=1e-9)
        assert_allclose(rolling.r_squared[end - 1, whole], one.r_squared[whole], rtol=1e-9)
        assert_allclose(rolling.p_values[end - 1][:, whole], one.p_values[:, whole], atol=1e-9)
        assert np.isnan(rolling.coefficients[end - 1][:, ~whole]).all()
        assert np.isnan(rolling.r_squared[end - 1, ~whole]).all()


def test_a_window_without_a_degree_of_freedom_is_refused_and_a_short_series_is_empty():
    with pytest.raises(ValueError, match="degree of freedom"):
        rolling_ols(Y, X, window=5)
    assert np.isnan(rolling_ols(Y[:20], X[:20], window=30).coefficients).all()


def test_weights_double_back_and_add_up():
    weights = decay_weights(3, decay=0.5)
    assert_allclose(weights, np.array([1, 2, 4]) / 7)
    assert effective_observations(252, decay=0.94) == pytest.approx(32.33, abs=0.01)
    assert effective_observations(50, decay=1.0) == pytest.approx(50)
    with pytest.raises(ValueError, match="decay"):
        decay_weights(3, decay=94.0)


def test_an_inverse_says_when_it_is_a_pseudo_inverse_whatever_the_units():
    base = np.array([[1.0, 0.5], [0.5, 2.0]])
    units = np.diag([1e-4, 1e3])
    inverse, pseudo = safe_inverse(units @ base @ units)
    assert not pseudo
    assert_allclose(inverse, np.linalg.inv(units @ base @ units), rtol=1e-10)
    twin = units @ np.ones((2, 2)) @ units
    inverse, pseudo = safe_inverse(twin)
    assert pseudo and np.isinf(condition_number(twin))
    assert_allclose(twin @ inverse @ twin, twin, rtol=1e-10)
