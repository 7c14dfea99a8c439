"""Errors of Sharpe ratios against published figures, and the best of many against simulation."""

import numpy as np
import pytest
from scipy import stats

from lib.stats.sharpe_inference import (
    SharpeMoments,
    deflated_sharpe,
    expected_best,
    minimum_track_record,
    probabilistic_sharpe,
    sharpe_error,
    sharpe_moments,
)

NORMAL = SharpeMoments(0.2, 0.0, 3.0, 60)


def test_the_error_divides_by_the_periods_once():
    assert NORMAL.sharpe / sharpe_error(NORMAL) == pytest.approx(1.5211, abs=1e-4)
    assert deflated_sharpe(NORMAL, trials=1, variance=0.1) == pytest.approx(stats.norm.cdf(1.5211), abs=1e-4)


def test_the_track_record_that_is_needed_is_the_one_at_which_the_probability_is_reached():
    needed = minimum_track_record(NORMAL, hurdle=0.05, level=0.95)
    at = NORMAL._replace(observations=needed)
    assert probabilistic_sharpe(at, hurdle=0.05) == pytest.approx(0.95, abs=1e-12)
    assert minimum_track_record(NORMAL, hurdle=0.2) == float("inf")


@pytest.mark.parametrize("trials", [5, 20, 100])
def test_the_best_of_many_without_skill_is_what_simulation_says(trials):
    draws = np.random.default_rng(3).normal(0.0, 0.13, (40_000, trials)).max(axis=1)
    assert expected_best(trials=trials, variance=0.13**2) == pytest.approx(draws.mean(), rel=0.03)


def test_one_trial_has_nothing_to_be_deflated_by_and_more_trials_leave_less():
    assert expected_best(trials=1.0, variance=1.0) == 0.0
    left = [deflated_sharpe(NORMAL, trials=n, variance=0.01) for n in (1, 2, 5, 50)]
    assert left == sorted(left, reverse=True) and left[-1] < 0.5


def test_moments_are_raw_and_a_constant_series_has_none():
    draws = np.random.default_rng(1).standard_normal(200_000) * 0.01 + 0.001
    found = sharpe_moments(draws)
    assert found.sharpe == pytest.approx(0.1, abs=0.01)
    assert found.kurtosis == pytest.approx(3.0, abs=0.05) and found.observations == 200_000
    assert found.kurtosis == pytest.approx(stats.kurtosis(draws, fisher=False), rel=1e-12)
    assert np.isnan(sharpe_moments(np.full(30, 0.01)).sharpe)
    assert sharpe_moments([0.01, np.nan, 0.02]).observations == 2


def test_the_probability_is_uniform_where_there_is_no_skill():
    draws = np.random.default_rng(5).standard_normal((2000, 120)) * 0.04
    found = np.array([probabilistic_sharpe(sharpe_moments(row)) for row in draws])
    assert 0.04 <= np.mean(found > 0.95) <= 0.06
