"""A manager, the S&P 500 and an index of hedge funds: what R's PerformanceAnalytics prints of them.

Printed results of braverock/PerformanceAnalytics (tests/testthat/_snaps/all_snapshots.md, commits c079aea1
and 38131617). Where R takes another definition than this project, the step from one to the other is written
out. The tolerance is half the last printed digit.
"""

import numpy as np
import pytest
from published_regressions import BILLS
from published_series import BACON, CONVERTIBLE, HAM1, SP500_TR
from scipy.stats import norm

from lib.stats import drawdowns, performance, relative, returns, tails

EXCESS, MARKET = HAM1 - BILLS, SP500_TR - BILLS


def near(expected, digits):
    return pytest.approx(expected, abs=0.51 * 10**-digits)


PRINTED = [
    (performance.annual_return, {"periods": 12}, 0.137532, 0.09674533, 6),
    (performance.annual_volatility, {"periods": 12}, 0.0888, 0.1500, 4),
    (returns.cumulative_return, {}, 3.126671, 1.761619, 5),
    (performance.sortino, {"periods": 1}, 0.7649, 0.3064, 4),
    (performance.downside_deviation, {"periods": 12}, 0.0504, 0.0980, 4),
    (performance.omega, {"periods": 12}, 3.1907, 1.6581, 4),
    (performance.calmar, {"periods": 12}, 0.9062, 0.2163, 4),
    (tails.skewness, {}, -0.6588, -0.5531, 4),
    (tails.excess_kurtosis, {}, 2.3616, 0.5598, 4),
    (drawdowns.max_drawdown, {}, -0.1518, -0.4473, 4),
]


@pytest.mark.parametrize(("measure", "options", "manager", "market", "digits"), PRINTED)
def test_a_manager_and_the_market_have_the_figures_that_r_prints(measure, options, manager, market, digits):
    assert measure(HAM1, **options) == near(manager, digits)
    assert measure(SP500_TR, **options) == near(market, digits)


def test_arithmetic_returns_and_the_deviation_of_a_month_are_those_that_r_prints():
    found = performance.sharpe(HAM1, periods=12) * performance.annual_volatility(HAM1, periods=12)
    assert found == near(0.1334727, 6) == 12 * HAM1.mean()
    assert performance.annual_volatility(HAM1, periods=1) == near(0.02562881, 8)


@pytest.mark.parametrize(("target", "printed"), [(0.0, 0.01454078), (0.04 / 12, 0.0157602)])
def test_downside_deviations_of_the_manager_are_those_that_r_prints(target, printed):
    assert performance.downside_deviation(HAM1, periods=1, target=target) == near(printed, 7)


def test_the_semi_deviation_is_the_downside_deviation_under_the_mean():
    assert performance.downside_deviation(HAM1, periods=1, target=HAM1.mean()) == near(0.0190795, 7)


def test_the_portfolio_of_bacon_has_the_downside_that_r_prints():
    """Under a target of 0.5 % a month; Kappa of order 2 is Sortino's ratio."""
    options = {"periods": 1, "target": 0.005}
    assert performance.downside_deviation(BACON, **options) == near(0.02553674, 8)
    assert performance.sortino(BACON, **options) == near(0.1566371, 7)
    assert performance.omega(BACON, **options) == near(0.01770833 / 0.01370833, 6)
    assert 1 - performance.hit_rate(BACON - 0.005) == near(0.4583333, 7)


def test_sharpe_ratios_over_a_rate_and_over_bills_are_those_that_r_prints():
    """Today's R divides by the deviation of the return, this project, and R before, by that of the excess."""
    assert performance.sharpe(HAM1, periods=1, risk_free=0.035 / 12) == near(0.3201889, 7)
    assert performance.sharpe(EXCESS, periods=1) == near(0.30830313, 8)
    assert performance.sharpe(EXCESS, periods=12) == near(1.06799336, 8)
    spread = performance.annual_volatility(EXCESS, periods=1)
    by_return = (
        performance.sharpe(EXCESS, periods=1) * spread / performance.annual_volatility(HAM1, periods=1)
    )
    assert by_return == near(0.308102, 6)


def test_geometric_sharpe_ratios_are_another_figure_than_ours():
    """R annualises geometrically: 1.0668 over bills, where the arithmetic ratio is 1.0680."""
    spread = performance.annual_volatility(HAM1, periods=12)
    assert performance.annual_return(EXCESS, periods=12) / spread == near(1.066795, 6)
    assert performance.annual_return(HAM1 - 0.035 / 12, periods=12) / spread == near(1.112293, 6)
    assert performance.annual_return(HAM1, periods=12) / spread == near(1.5491, 4)


def test_alpha_and_beta_over_bills_are_those_that_r_prints():
    assert relative.beta(EXCESS, MARKET) == near(0.3900712, 7)
    monthly = relative.alpha(EXCESS, MARKET, periods=1)
    assert monthly == near(0.005774729, 8)
    assert relative.alpha(EXCESS, MARKET, periods=12) == near(12 * 0.005774729, 7)
    assert (1 + monthly) ** 12 - 1 == near(0.0715, 4)
    treynor = performance.annual_return(EXCESS, periods=12) / relative.beta(EXCESS, MARKET)
    assert treynor == near(0.2428, 4)
    assert relative.beta(HAM1, SP500_TR) == near(0.3906, 4)


def test_the_tracking_error_is_rs_and_the_information_ratio_is_arithmetic():
    """0.26 where R's, the geometric premium over the tracking error, is 0.36."""
    error = relative.tracking_error(HAM1, SP500_TR, periods=12)
    assert error == near(0.1131667, 6)
    premium = performance.annual_return(HAM1, periods=12) - performance.annual_return(SP500_TR, periods=12)
    assert (premium, premium / error) == (near(0.04078668, 7), near(0.3604125, 6))
    expected = (0.1334727 - 0.1039841) / 0.1131667
    assert relative.information_ratio(HAM1, SP500_TR, periods=12) == near(expected, 5)


def test_historical_losses_of_the_index_are_those_that_r_prints():
    assert len(CONVERTIBLE) == 293
    at_risk, shortfall = tails.tail_losses(CONVERTIBLE, level=0.95)
    assert (at_risk, shortfall) == (near(0.01506, 5), near(0.03878, 7))
    assert tails.var_hist(CONVERTIBLE) == at_risk
    assert CONVERTIBLE.le(-at_risk).sum() == 15


def test_normal_and_cornish_fisher_losses_of_the_index_are_those_that_r_prints():
    """R takes the population deviation: root (292 / 293) of the sample deviation, which is taken here."""
    deviation = performance.annual_volatility(CONVERTIBLE, periods=1)
    assert deviation == near(0.01676221, 8)
    step = norm.ppf(0.95) * deviation * (1 - np.sqrt(292 / 293))
    assert tails.parametric_var(CONVERTIBLE, level=0.95) == near(0.02173214 + step, 7)
    assert tails.modified_var(CONVERTIBLE, level=0.95) == near(0.02568389, 7)


def test_the_shortfall_of_a_normal_series_is_rs_gaussian_shortfall():
    """A hundred thousand quantiles of the normal distribution with the index's mean and deviation."""
    own = CONVERTIBLE
    series = norm.ppf((np.arange(100_000) + 0.5) / 100_000, own.mean(), own.std(ddof=0))
    assert tails.cvar(series, level=0.95) == near(0.02872442, 5)


def test_omega_and_drawdown_of_the_index_are_those_that_r_prints():
    assert performance.omega(CONVERTIBLE, periods=12) == near(2.848491, 6)
    assert drawdowns.max_drawdown(CONVERTIBLE) == near(-0.2926884, 4)
