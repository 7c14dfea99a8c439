"""Regressions and weighted covariances against certified and published figures.

NIST StRD (Longley, Norris); Stata's ``regress, robust`` as quoted in the tests of statsmodels; R's
PerformanceAnalytics (commit c079aea1, tests/testthat/_snaps); Hull, "Options, Futures, and Other
Derivatives", ch. 23; RiskMetrics Technical Document (1996), table 5.7.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from published_regressions import BILLS, LONGLEY, NORRIS, NORRIS_X, NORRIS_Y
from published_series import HAM1, SP500_TR

from lib.stats.covariance import correlation_of, effective_window, ewma_covariance
from lib.stats.regression import ols


def longley():
    from statsmodels.datasets import longley

    data = longley.load_pandas()
    return data.endog.to_numpy(), data.exog.to_numpy()


@pytest.mark.parametrize(
    ("problem", "data", "tolerance"), [(LONGLEY, longley, 1e-7), (NORRIS, lambda: (NORRIS_Y, NORRIS_X), 1e-9)]
)
@pytest.mark.parametrize("gap", [False, True])
def test_certified_problems_with_and_without_a_missing_row(problem, data, tolerance, gap):
    y, x = data()
    if gap:
        y, x = np.append(y, np.nan), np.concatenate([x, x[:1] * 1.1])
    fit = ols(y, x)
    assert_allclose(fit.coefficients[:, 0], problem["coefficients"], rtol=tolerance)
    assert_allclose(fit.std_errors[:, 0], problem["std_errors"], rtol=tolerance)
    assert_allclose(fit.residual_deviation[0], problem["residual_deviation"], rtol=tolerance)
    assert_allclose(fit.r_squared[0], problem["r_squared"], rtol=tolerance)


def test_robust_errors_are_statas():
    from statsmodels.datasets import macrodata

    data = macrodata.load_pandas().data
    growth = 400 * np.diff(np.log(data[["realinv", "realgdp"]].to_numpy()), axis=0)
    regressors = np.column_stack([growth[:, 1], data["realint"].to_numpy()[:-1]])
    fit = ols(growth[:, 0], regressors, robust=True)
    assert_allclose(fit.coefficients[:, 0], [-9.4816727747, 4.3742216647, -0.6139969695], atol=1e-8)
    assert_allclose(fit.std_errors[:, 0], [1.36905932, 0.32355452, 0.32772840], atol=1e-7)


def test_market_model_of_a_manager_is_r_performance_analytics():
    fit = ols(HAM1.to_numpy() - BILLS, SP500_TR.to_numpy() - BILLS)
    assert_allclose(fit.coefficients[:, 0], [0.005775, 0.390071], atol=1e-6)
    assert fit.r_squared[0] == pytest.approx(0.4339, abs=1e-4)


def test_weighted_covariances_are_hulls():
    one = ewma_covariance([[0.02]], decay=0.9, start=0.0001)
    assert_allclose(one, [[0.00013]], atol=1e-12)
    before = np.array([[0.0001, 0.6 * 0.0002], [0.6 * 0.0002, 0.0004]])
    two = ewma_covariance([[0.005, 0.025]], decay=0.95, start=before)
    assert_allclose(two, [[0.00009625, 0.00012025], [0.00012025, 0.00041125]], atol=1e-12)
    assert correlation_of(two)[0, 1] == pytest.approx(0.60441017, abs=1e-8)


def test_the_effective_window_is_riskmetrics():
    assert [round(effective_window(decay=decay)) for decay in (0.94, 0.97)] == [74, 151]


def test_the_weighted_correlation_has_a_zero_mean():
    pair = np.column_stack([HAM1, SP500_TR])
    zero_mean = correlation_of(ewma_covariance(pair, decay=0.94))[0, 1]
    assert zero_mean == pytest.approx(0.7179316, abs=1e-7)
    seeded = ewma_covariance(pair[1:], decay=0.94, start=np.outer(pair[0], pair[0]))
    assert correlation_of(seeded)[0, 1] == pytest.approx(0.7178528, abs=1e-6)
