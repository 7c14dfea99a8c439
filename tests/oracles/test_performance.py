"""Published figures that nobody here computed first; the tolerance is the rounding of the source.

Sources: printed results of R's PerformanceAnalytics (commit c079aea1, tests/testthat/_snaps); tests of
empyrical-reloaded (commit efe60664); Hull, "Options, Futures, and Other Derivatives", ch. 22;
Kupiec (1995) and Jorion, "Value at Risk"; Basel Committee (1996); Lo (2002).
"""

import numpy as np
import pandas as pd
import pytest
from published_series import CONVERTIBLE, HAM1, SP500_TR

from lib.stats import backtests, drawdowns, performance, relative, returns, tails

MIXED = pd.Series([np.nan, 1, 10, -4, 2, 3, 2, 1, -10]) / 100
"""Daily returns of empyrical's own tests."""

WORST_LOSSES = [477841, 345435, 282204, 277041, 253385, 217974, 202256]
"""Hull's seven largest losses of 500 scenarios, in thousands of dollars on ten million."""


def near(expected, tolerance):
    return pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize(
    ("measure", "options", "expected", "tolerance"),
    [
        (returns.cumulative_return, {}, 3.1267, 5e-5),
        (performance.annual_return, {"periods": 12}, 0.13753201, 5e-9),
        (performance.annual_volatility, {"periods": 12}, 0.08878080, 5e-9),
        (performance.sharpe, {"periods": 1, "risk_free": 0.035 / 12}, 0.32018893, 5e-9),
        (performance.sharpe, {"periods": 12, "risk_free": 0.035}, 1.10916698, 5e-9),
        (performance.sortino, {"periods": 1}, 0.76493340, 5e-9),
        (performance.downside_deviation, {"periods": 1}, 0.01454078, 5e-9),
        (performance.downside_deviation, {"periods": 1, "target": 0.04 / 12}, 0.01576020, 5e-9),
        (performance.downside_deviation, {"periods": 12}, 0.0504, 5e-5),
        (drawdowns.max_drawdown, {}, -0.1518, 5e-5),
        (performance.calmar, {"periods": 12}, 0.9062, 5e-5),
        (performance.omega, {"periods": 12}, 3.1907, 5e-5),
        (tails.skewness, {}, -0.6588, 5e-5),
        (tails.excess_kurtosis, {}, 2.3616, 5e-5),
    ],
)
def test_manager_one_has_the_figures_that_r_prints(measure, options, expected, tolerance):
    assert measure(HAM1, **options) == near(expected, tolerance)


@pytest.mark.parametrize(
    ("measure", "options", "expected", "tolerance"),
    [
        (tails.var_hist, {"level": 0.95}, 0.015060, 5e-7),
        (tails.cvar, {"level": 0.95}, 0.038780, 5e-7),
        (tails.parametric_var, {"level": 0.95}, 0.021732, 5e-5),
        (tails.parametric_var, {"level": 0.95}, 0.021779, 5e-7),
        (tails.modified_var, {"level": 0.95}, 0.025684, 5e-7),
        (performance.omega, {"periods": 1}, 2.84849145, 5e-9),
        (performance.downside_deviation, {"periods": 1, "target": 0.05 / 12}, 0.0131, 5e-5),
        (performance.downside_deviation, {"periods": 1, "target": 0.04 / 12}, 0.0128, 5e-5),
        (performance.downside_deviation, {"periods": 1}, 0.0118, 5e-5),
        (drawdowns.max_drawdown, {}, -0.29268840, 1e-8),
    ],
)
def test_convertible_arbitrage_has_the_figures_that_r_prints(measure, options, expected, tolerance):
    assert measure(CONVERTIBLE, **options) == near(expected, tolerance)


def test_fifteen_months_lie_beyond_the_value_at_risk_of_convertible_arbitrage():
    assert CONVERTIBLE.le(-tails.var_hist(CONVERTIBLE)).sum() == 15


def test_drawdowns_of_convertible_arbitrage_match_the_table_that_r_prints():
    table = drawdowns.drawdown_table(CONVERTIBLE, top=5)
    assert table["depth"].tolist() == near([-0.2927, -0.0822, -0.0712, -0.0700, -0.0527], 5e-5)
    assert table["days"].tolist() == [23, 22, 8, 5, 14]
    troughs = ["2008-11-30", "2005-05-31", "1998-10-31", "2020-03-31", "2016-02-29"]
    assert table["trough"].astype(str).tolist() == troughs
    recoveries = ["2009-09-30", "2006-02-28", "1999-03-31", "2020-07-31", "2016-07-31"]
    assert table["recovery"].astype(str).tolist() == recoveries
    # R names the first month under water, this table the peak before it.
    assert str(table["start"][0].date()) == "2007-10-31"


def test_drawdown_of_the_index_matches_the_table_that_r_prints():
    deepest = drawdowns.drawdown_table(SP500_TR, top=1).iloc[0]
    assert (deepest["depth"], deepest["days"]) == (near(-0.4473, 5e-5), 74)
    assert str(deepest["recovery"].date()) == "2006-10-31"


def test_manager_one_against_the_index_has_the_figures_that_r_prints():
    assert relative.beta(HAM1, SP500_TR) == near(0.3906, 5e-5)
    assert relative.tracking_error(HAM1, SP500_TR, periods=12) == near(0.1132, 5e-5)


def test_capture_is_morningstars_ratio_of_geometric_means():
    assert (int((SP500_TR > 0).sum()), int((SP500_TR < 0).sum())) == (85, 47)
    assert relative.up_capture(HAM1, SP500_TR) == near(0.634953, 1e-6)
    assert relative.down_capture(HAM1, SP500_TR) == near(0.213566, 1e-6)


@pytest.mark.parametrize(
    ("measure", "options", "expected"),
    [
        (performance.sharpe, {"periods": 252}, 1.7238613961706866),
        (performance.sortino, {"periods": 252}, 2.6055312517),
        (performance.annual_volatility, {"periods": 252}, 0.9136465400),
        (performance.downside_deviation, {"periods": 252}, 0.6044832504),
        (returns.cumulative_return, {}, 0.0389310917),
        (drawdowns.max_drawdown, {}, -0.10),
    ],
)
def test_short_daily_series_has_the_figures_of_empyricals_tests(measure, options, expected):
    assert measure(MIXED, **options) == near(expected, 1e-8)


def test_annual_return_matches_empyrical_where_the_missing_day_counts_as_a_day():
    assert performance.annual_return(MIXED.fillna(0.0), periods=252, minimum=1) == near(1.9135925373, 1e-8)


def test_the_fifth_worst_of_500_scenarios_is_hulls_value_at_risk():
    gains = -np.r_[WORST_LOSSES, np.linspace(200000, -300000, 493)]
    assert tails.var_hist(gains, level=0.99, method="inverted_cdf") == near(253385, 1)
    assert tails.cvar(gains, level=0.99, method="inverted_cdf") == near(327181, 1)
    assert tails.var_hist(gains, level=0.99) == near(218328.11, 0.01)


@pytest.mark.parametrize(
    ("scale", "expected"), [(200_000.0, 465_270), (50_000.0, 116_317), (220_227.0, 512_325)]
)
def test_normal_value_at_risk_is_hulls(scale, expected):
    """A series of mean 0 whose sample standard deviation is the standard deviation in Hull's example."""
    pair = np.array([-1.0, 1.0]) * scale / np.sqrt(2.0)
    assert tails.parametric_var(pair, level=0.99) == pytest.approx(expected, rel=5e-6)


def test_kupiec_on_the_value_at_risk_of_j_p_morgan_in_1998():
    test = backtests.kupiec(20, forecasts=252, level=0.95)
    assert test.statistic == near(3.912551, 1e-6)
    assert test.p_value == near(0.0479, 5e-5)


@pytest.mark.parametrize(
    ("level", "forecasts", "lowest", "highest"),
    [
        (0.99, 255, 1, 6),
        (0.99, 510, 2, 10),
        (0.99, 1000, 5, 16),
        (0.975, 255, 3, 11),
        (0.95, 255, 7, 20),
        (0.95, 510, 17, 35),
        (0.95, 1000, 38, 64),
        (0.90, 255, 17, 35),
    ],
)
def test_kupiec_accepts_the_counts_of_his_table(level, forecasts, lowest, highest):
    """For 255 days at 99 % the table prints no lower bound; the statistic of no exceedance is 5.13."""
    statistics = [
        backtests.kupiec(hits, forecasts=forecasts, level=level).statistic for hits in range(highest + 10)
    ]
    accepted = [hits for hits, value in enumerate(statistics) if value < 3.841]
    assert (accepted[0], accepted[-1]) == (lowest, highest)


def test_traffic_light_has_the_cumulative_probabilities_of_the_basel_committee():
    expected = [8.11, 28.58, 54.32, 75.81, 89.22, 95.88, 98.63, 99.60, 99.89, 99.97, 99.99]
    chances = [100 * backtests.cumulative_chance(hits, forecasts=250) for hits in range(11)]
    assert chances == near(expected, 0.005)
    zones = [backtests.basel_zone(hits, forecasts=250) for hits in (0, 4, 5, 9, 10)]
    assert zones == ["green", "green", "yellow", "yellow", "red"]


@pytest.mark.parametrize(
    ("ratio", "years", "expected"),
    [(0.5, 12, 0.306), (0.5, 24, 0.217), (0.5, 60, 0.137), (1, 60, 0.158), (3, 12, 0.677)],
)
def test_standard_error_of_the_sharpe_ratio_is_los(ratio, years, expected):
    assert performance.sharpe_error(ratio, observations=years) == near(expected, 5e-4)
