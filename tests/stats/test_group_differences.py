"""Differences of groups against scipy and statsmodels, and how often they reject where there is none."""

import itertools

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose
from scipy import stats

from lib.stats import event_model, group_differences
from tests.stats.event_draws import draws

SIDE = np.repeat([1, -1], 10)


@pytest.fixture(scope="module")
def values():
    return np.random.default_rng(2).normal(0.0, 0.03, 20)


def test_welch_and_rank_sum_are_those_of_scipy(values):
    high, low = values[:10], 2.0 * values[10:]
    own, theirs = group_differences.welch(high, low), stats.ttest_ind(high, low, equal_var=False)
    assert_allclose([own.statistic, own.df, own.p], [theirs.statistic, theirs.df, theirs.pvalue])
    own, theirs = group_differences.rank_sum(high, low), stats.mannwhitneyu(high, low)
    assert_allclose([own.statistic, own.p], [theirs.statistic, theirs.pvalue])
    assert np.isnan(group_differences.welch(high[:1], low).p)


def test_a_permutation_comes_to_the_share_of_all_exchanges():
    own = np.array([0.05, 0.02, 0.04, -0.01, 0.01, -0.03, 0.0])
    side = np.array([1, 1, 1, -1, -1, -1, 0])
    found = group_differences.permutation(own, side, within=np.zeros(7), draws=40_000, seed=1)
    gaps = []
    for order in itertools.permutations(range(7)):
        moved = own[list(order)]
        gaps.append(moved[:3].mean() - moved[3:6].mean())
    expected = (np.abs(gaps) >= abs(found.estimate) - 1e-12).mean()
    assert_allclose(found.estimate, own[:3].mean() - own[3:6].mean())
    assert abs(found.p - expected) < 0.004


def test_a_permutation_within_days_leaves_days_alone():
    """All of one side lie on one day: nothing can be exchanged, and every draw is as large."""
    own, day = np.array([1.0, 2.0, 3.0, -1.0, -2.0, -4.0]), np.array([1, 1, 1, 2, 2, 2])
    side = np.array([1, 1, 1, -1, -1, -1])
    assert group_differences.permutation(own, side, within=day, draws=99, seed=1).p == 1.0
    assert group_differences.permutation(own, side, within=np.zeros(6), draws=999, seed=1).p < 0.2


def test_a_slope_has_the_errors_hc3_of_statsmodels(values):
    draw = np.random.default_rng(4)
    x, control = draw.standard_normal(20), draw.standard_normal((20, 2))
    y = values * (1.0 + np.abs(x)) + 0.01 * x
    y[3], control[7, 1] = np.nan, np.nan
    known = np.isfinite(y) & np.isfinite(control).all(axis=1)
    fit = sm.OLS(y[known], np.column_stack([x, control, np.ones(20)])[known]).fit(cov_type="HC3", use_t=True)
    own = group_differences.slope(y, x, control)
    assert_allclose([own.estimate, own.statistic, own.p], [fit.params[0], fit.tvalues[0], fit.pvalues[0]])
    assert (own.n, own.df) == (18, 14)
    assert np.isnan(group_differences.slope(y, np.ones(20)).p)


def test_the_portfolio_of_one_date_is_a_regression_with_event_dummies():
    before, index, later, index_later = (one[0] for one in draws(1, 20, seed=3, same_day=True))
    normal = event_model.estimate(before, index)
    around = event_model.abnormal(normal, later, index_later)
    gap = around.cumulative[:, -1] @ SIDE / 10
    residual = SIDE @ normal.residuals / 10
    factor = (around.cumulative_variance[:, -1] / normal.sigma**2)[0]
    variance = (residual**2).sum() / 108 * factor
    own = group_differences.portfolio([gap], [variance], [108])

    series = SIDE @ np.concatenate([before, later], axis=1) / 10
    dummies = np.vstack([np.zeros((110, 7)), np.eye(7)])
    whole = np.concatenate([index[0], index_later[0]])
    fit = sm.OLS(series, np.column_stack([np.ones(117), whole, dummies])).fit()
    together = fit.t_test(np.append([0.0, 0.0], np.ones(7)))
    assert_allclose(own.estimate, together.effect[0])
    assert_allclose(own.statistic, together.tvalue[0, 0])
    assert_allclose([own.df, own.p], [fit.df_resid, together.pvalue])


def differences(*, hit=0.0, exposed=0.0, seed=1, samples=500, batches=4):
    """Share of 2,000 draws of twenty firms of one day in which each test of the difference rejects at 5 %.

    ``hit`` is the planted difference; ``exposed`` the weight of a shock that hits the first group only.
    """
    found = {}
    for batch in range(batches):
        before, index, later, index_later = draws(
            samples, 20, seed=seed + batch, same_day=True, correlation=0.2, uneven=False
        )
        shock = exposed * np.random.default_rng(900 + batch).standard_normal((samples, 1, 117))
        before, later = before.copy(), later.copy()
        before[:, :10] += shock[..., :110]
        later[:, :10] += shock[..., 110:]
        later[:, :10, 1] += hit
        normal = event_model.estimate(before, index)
        around = event_model.abnormal(normal, later, index_later)
        car = around.cumulative[..., -1]
        gap, residual = car @ SIDE / 10, np.einsum("i,sit->st", SIDE / 10, normal.residuals)
        factor = (around.cumulative_variance[..., -1] / normal.sigma**2)[:, 0]
        variance = (residual**2).sum(axis=1) / 108 * factor
        for one in range(samples):
            own = {
                "welch": group_differences.welch(car[one, :10], car[one, 10:]),
                "permutation": group_differences.permutation(
                    car[one], SIDE, within=np.zeros(20), draws=199, seed=one
                ),
                "slope": group_differences.slope(car[one], SIDE),
                "portfolio": group_differences.portfolio(gap[[one]], variance[[one]], [108]),
            }
            for name, test in own.items():
                found.setdefault(name, []).append(test.p)
    return {name: float((np.array(p) <= 0.05).mean()) for name, p in found.items()}


def test_a_shock_that_hits_all_firms_alike_leaves_every_difference_right():
    """HC3 divides residuals by 0.9 twice over here, so that with twenty firms its slope rejects 3.9 %."""
    found = differences()
    assert 0.03 <= found.pop("slope") <= 0.05
    for name, share in found.items():
        assert 0.04 <= share <= 0.06, (name, share)


def test_a_shock_that_hits_one_group_leaves_the_portfolio_alone_right():
    """The known failure of tests across firms when all events fall on one day."""
    found = differences(exposed=0.02)
    assert 0.04 <= found.pop("portfolio") <= 0.06
    assert min(found.values()) > 0.25, found


def test_power_of_differences_rises_with_the_planted_one():
    none, some, much = (differences(hit=size, batches=1) for size in (0.0, 0.04, 0.09))
    for name in none:
        assert none[name] + 0.1 < some[name] < much[name] - 0.2, name
