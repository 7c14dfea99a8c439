"""Alphas of sorted portfolios on French's factors against linearmodels and statsmodels, live.

Data: monthly factors and 18 sorted portfolios 1949 to 2017 in linearmodels' data set ``french``, returns as
stored and less the bill rate. The figures of GRS and of the J statistic were computed before, by other code.
"""

import numpy as np
import pytest
import statsmodels.api as sm
from linearmodels.asset_pricing import TradedFactorModel
from linearmodels.datasets import french

from lib.stats.hac import hac_ols
from lib.stats.joint_alpha import joint_alpha


@pytest.fixture(scope="module")
def sorted_portfolios():
    data = french.load()
    factors = data[["MktRF", "SMB", "HML"]].to_numpy("float64")
    return data.loc[:, "S1V1":].to_numpy("float64"), factors, data[["RF"]].to_numpy("float64")


def test_alpha_of_small_growth_on_three_factors_and_its_errors(sorted_portfolios):
    raw, factors, cash = sorted_portfolios
    returns = raw - cash
    design = np.column_stack([np.ones(len(factors)), factors])
    fit = hac_ols(returns[:, 0], design, lags=6)
    assert fit.coefficient[0] == pytest.approx(-0.00533163, abs=1e-8)
    assert fit.error == pytest.approx([0.00104786, 0.02818171, 0.04400892, 0.05483325], abs=1e-8)
    assert hac_ols(returns[:, 0], design, lags=6, correction=False).error[0] == pytest.approx(
        0.0010453, abs=5e-8
    )


def test_grs_and_the_robust_statistic_of_eighteen_portfolios(sorted_portfolios):
    returns, factors, cash = sorted_portfolios
    found = joint_alpha(returns - cash, factors)
    assert found.grs == pytest.approx(8.614243, abs=1e-6)
    assert (found.portfolios, found.free, found.observations) == (18, 798, 819)
    assert found.robust == pytest.approx(177.2844, abs=1e-4)
    assert found.wald == pytest.approx(819 / 798 * 18 * found.grs, rel=1e-12)


@pytest.mark.parametrize("lags", [0, 6])
def test_the_robust_statistic_is_that_of_linearmodels(sorted_portfolios, lags):
    returns, factors, cash = sorted_portfolios
    options = {"cov_type": "kernel", "bandwidth": lags} if lags else {}
    oracle = TradedFactorModel(returns - cash, factors).fit(**options)
    found = joint_alpha(returns - cash, factors, lags=lags)
    assert found.robust == pytest.approx(oracle.j_statistic.stat, rel=1e-9)
    assert found.alpha == pytest.approx(oracle.alphas.to_numpy(), abs=1e-12)


def test_with_one_portfolio_it_is_the_squared_t_of_its_alpha(sorted_portfolios):
    returns, factors, cash = sorted_portfolios
    own = (returns - cash)[:, :1]
    oracle = sm.OLS(own[:, 0], sm.add_constant(factors)).fit()
    found = joint_alpha(own, factors)
    assert found.grs == pytest.approx(oracle.tvalues[0] ** 2, rel=1e-9)
    assert found.grs_p == pytest.approx(oracle.pvalues[0], rel=1e-9)


def test_the_test_rejects_a_true_null_as_often_as_it_says():
    draw = np.random.default_rng(4)
    rejected = []
    for _ in range(2000):
        factors = draw.standard_normal((60, 3)) * 0.04 + 0.005
        returns = factors @ draw.normal(0.5, 0.3, (3, 5)) + 0.03 * draw.standard_normal((60, 5))
        rejected.append(joint_alpha(returns, factors).grs_p < 0.05)
    assert 0.04 <= np.mean(rejected) <= 0.06


def test_a_portfolio_made_of_others_and_too_few_periods_are_refused():
    draw = np.random.default_rng(0)
    returns, factors = draw.standard_normal((40, 3)), draw.standard_normal((40, 2))
    with pytest.raises(ValueError, match="follows from the others"):
        joint_alpha(np.column_stack([returns, returns[:, 0] - returns[:, 1]]), factors)
    with pytest.raises(ValueError, match="5 periods cannot carry 3 portfolios and 2 factors"):
        joint_alpha(returns[:5], factors[:5])
