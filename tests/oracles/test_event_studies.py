"""Event studies against published figures.

E6 and E7 are the golden values of the R package ``eventstudy`` (sipemu/eventstudy at 07ea64ac,
``tests/testthat/test_golden_values.R``): three events of eight days of estimation and three of the window,
and one of six. E8 is Cowan's example of the generalised sign test.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lib.stats import event_model, event_tests

MARKET = np.array(
    [
        [-0.02, -0.01, 0, 0.01, 0.02, 0.03, -0.015, 0.005],
        [-0.018, -0.008, 0.002, 0.012, 0.022, 0.028, -0.012, 0.008],
        [-0.025, -0.012, 0.001, 0.010, 0.020, 0.030, -0.010, 0.006],
    ]
)
NOISE = np.array(
    [
        [0.001, -0.001, 0.002, -0.002, 0.0015, -0.0015, 0.0005, -0.0005],
        [0.0012, -0.0008, 0.0018, -0.0016, 0.0010, -0.0012, 0.0006, -0.0010],
        [0.0008, -0.0012, 0.0016, -0.0014, 0.0012, -0.0010, 0.0004, -0.0004],
    ]
)
RETURNS = np.array([[0.004], [0.003], [0.005]]) + np.array([[1.2], [1.0], [1.4]]) * MARKET + NOISE
LATER = np.array([[0.015, -0.005, 0.010], [0.012, -0.004, 0.009], [0.018, -0.006, 0.011]])
EVENT = np.array([[0.040, 0, 0.030], [0.030, -0.010, 0.020], [0.050, -0.005, 0.035]])
PLACES = {"rtol": 0, "atol": 1e-8}


@pytest.fixture(scope="module")
def normal():
    return event_model.estimate(RETURNS, MARKET)


@pytest.fixture(scope="module")
def plain(normal):
    """With the deviation of the model alone."""
    return event_model.abnormal(normal, EVENT, LATER, estimation_error=False)


@pytest.fixture(scope="module")
def forecast(normal):
    """With the error of the forecast."""
    return event_model.abnormal(normal, EVENT, LATER)


def test_mean_abnormal_returns_of_three_events(plain):
    assert_allclose(plain.returns.mean(axis=0), [0.01785843, -0.00305514, 0.01235249], **PLACES)


def test_patell_of_three_events(normal, plain, forecast):
    published = [17.404798533, -3.239085545, 12.231088523]
    assert_allclose(event_tests.patell(forecast.standardised.T, normal.df).statistic, published, **PLACES)
    assert abs(event_tests.patell(plain.standardised.T, normal.df).statistic[0] - published[0]) > 0.1


def test_boehmer_with_and_without_the_error_of_the_forecast(plain, forecast):
    published = [9.262881652, -0.994192055, 5.624437965]
    corrected = [10.02093803, -0.99345957, 5.69544027]
    assert_allclose(event_tests.boehmer(plain.standardised.T).statistic, published, **PLACES)
    assert_allclose(event_tests.boehmer(forecast.standardised.T).statistic, corrected, **PLACES)
    assert (event_tests.boehmer(plain.standardised.T).df == 2).all()


def test_kolari_and_pynnonen_of_three_events(normal, plain):
    r = event_tests.mean_correlation(normal.residuals)
    assert_allclose(r, 0.9827038785, **PLACES)
    found = event_tests.kolari_pynnonen(plain.standardised.T, r).statistic
    assert_allclose(found, [0.707421524, -0.075928084, 0.429547589], **PLACES)


def test_corrado_with_either_deviation(normal, plain):
    days = range(3)
    ranks = [event_tests.corrado(normal.residuals, plain.returns, days=day, ddof=1) for day in days]
    published = [1.586435792, -0.951861475, 1.269148634]
    assert_allclose([one.statistic for one in ranks], published, **PLACES)
    own = [event_tests.corrado(normal.residuals, plain.returns, days=day) for day in days]
    assert_allclose([one.statistic for one in own], [1.6638679, -0.99832074, 1.33109432], **PLACES)


def test_signs_of_three_events(plain):
    found = event_tests.sign(plain.returns.T)
    assert_allclose(found.statistic, [1.7320508, -0.5773503, 1.7320508], rtol=0, atol=5e-8)
    assert_allclose(found.p, [0.25, 1.0, 0.25])


def test_market_model_of_one_event():
    index = np.arange(-0.02, 0.031, 0.01)
    firm = 0.005 + 1.5 * index + np.array([0.001, -0.001, 0.002, -0.002, 0.001, -0.001])
    normal = event_model.estimate(firm[None], index)
    own = event_model.abnormal(
        normal, np.array([[0.04, 0, 0.03]]), np.array([0.015, -0.005, 0.010]), estimation_error=False
    )
    assert_allclose(normal.sigma, 0.00166476081508, rtol=0, atol=1e-14)
    daily, together = [7.645886012, 1.364417369, 6.075518851], [7.645886012, 6.371246621, 8.709803526]
    assert_allclose(own.standardised[0], daily, rtol=0, atol=1e-9)
    assert_allclose(own.standardised_cumulative[0], together, rtol=0, atol=1e-9)


def test_generalised_sign_test_of_cowan():
    values = np.concatenate([np.ones(60), -np.ones(40)])
    assert_allclose(event_tests.sign(values, 0.45).statistic, 3.015113, rtol=0, atol=5e-7)
