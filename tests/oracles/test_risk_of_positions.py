"""Published figures on correlations, clusters and the value at risk of several positions.

Sources: Hull, "Options, Futures, and Other Derivatives", ch. 22; R's PerformanceAnalytics, printed results of
table.Correlation; scipy's linkage on a matrix small enough to merge by hand.
"""

import numpy as np
import pytest
from published_series import HAM1, SP500_TR

from lib.risk import clusters
from lib.risk.correlations import effective_positions
from lib.stats.correlation import correlations, fisher_interval, student_p_value
from lib.stats.normal_var import component_var, deviation_of, diversification_benefit, normal_var

MICROSOFT_AND_ATT = np.array([10e6, 5e6])
COVARIANCE = np.array([[0.02**2, 0.3 * 0.02 * 0.01], [0.3 * 0.02 * 0.01, 0.01**2]])
FOUR = np.array([[1, 0.9, 0.2, 0.1], [0.9, 1, 0.25, 0.15], [0.2, 0.25, 1, 0.8], [0.1, 0.15, 0.8, 1]])


@pytest.mark.parametrize(
    ("days", "microsoft", "att", "both"),
    [(1, 465_270, 116_317, 512_325), (10, 1_471_312, 367_828, 1_620_114)],
)
def test_value_at_risk_of_hulls_two_stocks(days, microsoft, att, both):
    alone = normal_var(MICROSOFT_AND_ATT * np.sqrt(np.diagonal(COVARIANCE)), level=0.99, days=days)
    assert alone.tolist() == pytest.approx([microsoft, att], abs=0.5)
    whole = normal_var(deviation_of(MICROSOFT_AND_ATT, COVARIANCE), level=0.99, days=days)
    assert whole == pytest.approx(both, abs=0.75)


def test_deviation_and_benefit_of_diversification_of_hulls_two_stocks():
    assert deviation_of(MICROSOFT_AND_ATT, COVARIANCE) == pytest.approx(220_227, abs=0.5)
    ten_days = np.sqrt(10) * diversification_benefit(MICROSOFT_AND_ATT, COVARIANCE, level=0.99)
    assert ten_days == pytest.approx(219_026, abs=1)


def test_components_of_hulls_two_stocks_add_up():
    slopes = COVARIANCE @ MICROSOFT_AND_ATT
    parts = component_var(MICROSOFT_AND_ATT, slopes, level=0.99)
    assert parts.sum() == pytest.approx(normal_var(deviation_of(MICROSOFT_AND_ATT, COVARIANCE), level=0.99))
    bump = 1.0
    larger = normal_var(deviation_of(MICROSOFT_AND_ATT + np.array([bump, 0.0]), COVARIANCE), level=0.99)
    whole = normal_var(deviation_of(MICROSOFT_AND_ATT, COVARIANCE), level=0.99)
    assert parts[0] == pytest.approx(10e6 * (larger - whole) / bump, rel=1e-6)


def test_correlation_of_manager_one_and_the_index_is_what_r_prints():
    found = correlations(np.column_stack([HAM1, SP500_TR]))
    r, n = found.coefficient[0, 1], found.observations[0, 1]
    assert (r, n) == (pytest.approx(0.6600671, abs=1e-7), 132)
    assert fisher_interval(r, n) == pytest.approx((0.5513, 0.7467), abs=1e-4)
    assert student_p_value(r, n) == pytest.approx(7.3978e-18, rel=1e-4)


def test_interval_of_manager_three_and_the_hedge_fund_index_is_what_r_prints():
    """From the printed coefficient and its 120 common months."""
    assert fisher_interval(0.8053, 120) == pytest.approx((0.7317, 0.8603), abs=1e-4)


def test_four_series_merge_into_two_pairs_at_scipys_heights():
    distance = clusters.distance(FOUR)
    assert distance[0, 1] == pytest.approx(0.2236068, abs=5e-8)
    assert distance[2, 3] == pytest.approx(0.3162278, abs=5e-8)
    between = distance[:2, 2:]
    assert (between.min(), between.mean()) == pytest.approx((0.6123724, 0.6418922), abs=5e-8)
    for method in (clusters.linked, clusters.average):
        label = method(FOUR, threshold=0.7)
        assert label[0] == label[1]
        assert label[2] == label[3]
        assert label[0] != label[2]
    joined = 1 - 2 * 0.6418922**2
    assert len(set(clusters.average(FOUR, threshold=joined - 1e-4))) == 1
    assert len(set(clusters.average(FOUR, threshold=joined + 1e-4))) == 2
    assert len(set(clusters.linked(FOUR, threshold=0.25))) == 1
    assert len(set(clusters.linked(FOUR, threshold=0.2500001))) == 2


def test_effective_positions_of_four_weights():
    half = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    assert effective_positions(weights, half) == pytest.approx(1.538, abs=5e-4)
    assert effective_positions(np.ones(4), half) == pytest.approx(1.6)
    assert effective_positions(weights, np.eye(4)) == pytest.approx(3.333, abs=5e-4)
