import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lib.stats import correlation
from lib.stats.correlation import correlations, fisher_interval, fisher_p_value, student_p_value


def sample(rows=60, series=7, gaps=0.0, seed=1):
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((rows, series)) + generator.standard_normal((rows, 1)) + 0.5
    values[generator.random(values.shape) < gaps] = np.nan
    return values


@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize("tile", [2, 3, 256])
def test_every_pair_is_what_scipy_finds_on_its_common_rows(gaps, tile, monkeypatch):
    monkeypatch.setattr(correlation, "TILE", tile)
    values = sample(gaps=gaps)
    found = correlations(values)
    for i in range(values.shape[1]):
        for j in range(values.shape[1]):
            both = ~np.isnan(values[:, i] + values[:, j])
            assert found.observations[i, j] == both.sum()
            expected = stats.pearsonr(values[both, i], values[both, j]).statistic
            assert found.coefficient[i, j] == pytest.approx(expected, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.0, 0.9), st.integers(0, 12), st.integers(0, 5))
def test_it_agrees_with_pandas_whatever_is_missing(seed, gaps, rows, series):
    frame = pd.DataFrame(sample(rows, series, gaps, seed))
    ours = correlations(frame, minimum=3)
    theirs = frame.corr(min_periods=3)
    off = ~np.eye(series, dtype=bool)
    assert ours.coefficient.to_numpy()[off] == pytest.approx(theirs.to_numpy()[off], abs=1e-9, nan_ok=True)


def test_a_missing_value_changes_only_the_pairs_of_its_own_series():
    values = sample()
    holed = values.copy()
    holed[5, 0] = np.nan
    before, after = correlations(values).coefficient, correlations(holed).coefficient
    assert after[1:, 1:] == pytest.approx(before[1:, 1:], abs=1e-14)
    assert (np.abs(after[0, 1:] - before[0, 1:]) > 1e-6).all()


@pytest.mark.parametrize("level", [0.0, 0.01, 1e6])
def test_a_series_that_does_not_move_has_no_correlation_not_zero(level):
    values = sample(series=3)
    values[:, 1] = level
    for frame in (values, np.where(np.arange(60)[:, None] == 7, np.nan, values)):
        found = correlations(frame).coefficient
        assert np.isnan(found[1]).all()
        assert np.isnan(found[:, 1]).all()
        assert found[0, 0] == 1.0


def test_a_series_that_moves_only_where_the_other_is_missing_has_no_correlation_with_it():
    values = sample(series=2)
    values[:30, 0] = 0.25
    values[30:, 1] = np.nan
    assert np.isnan(correlations(values).coefficient[0, 1])


def test_too_few_common_rows_give_no_correlation_but_their_count():
    values = sample(series=2)
    values[19:, 1] = np.nan
    found = correlations(values, minimum=20)
    assert np.isnan(found.coefficient[0, 1])
    assert found.observations[0, 1] == 19
    assert np.isfinite(correlations(values, minimum=19).coefficient[0, 1])


def test_far_from_zero_nothing_is_lost():
    values = sample(gaps=0.1)
    expected = correlations(values).coefficient
    assert correlations(values * 1e-6 + 100.0).coefficient == pytest.approx(expected, abs=1e-7)


def test_the_diagonal_is_one_the_matrix_symmetric_and_labelled():
    frame = pd.DataFrame(sample(series=3, gaps=0.2), columns=list("abc"))
    found = correlations(frame)
    assert list(found.coefficient.columns) == list(found.observations.index) == list("abc")
    assert (np.diagonal(found.coefficient) == 1.0).all()
    assert (found.coefficient.to_numpy() == found.coefficient.to_numpy().T).all()
    assert correlations(frame.iloc[:, :0]).coefficient.shape == (0, 0)


def test_p_values_are_small_for_strong_correlations_and_never_their_complement():
    """A probability of 1 - p would call the strongest pair the least certain."""
    assert fisher_p_value(0.9, 90) < 1e-20
    assert fisher_p_value(0.0, 90) == 1.0
    assert fisher_p_value(-0.9, 90) == fisher_p_value(0.9, 90)
    assert fisher_p_value(1.0, 90) == 0.0
    assert np.isnan(fisher_p_value(0.5, 3))
    assert np.isnan(student_p_value(0.5, 2))
    assert np.isnan(fisher_p_value(np.nan, 90))


@pytest.mark.parametrize(("r", "n"), [(0.2, 40), (-0.5, 12), (0.9, 90), (0.01, 300)])
def test_students_p_value_is_scipys(r, n):
    t = r * np.sqrt((n - 2) / (1 - r**2))
    assert student_p_value(r, n) == pytest.approx(2 * stats.t.sf(abs(t), n - 2), rel=1e-10)


def test_under_no_correlation_p_values_are_spread_evenly():
    generator = np.random.default_rng(4)
    found = correlations(generator.standard_normal((90, 90)))
    p_values = fisher_p_value(found.coefficient, found.observations)[np.triu_indices(90, 1)]
    assert np.mean(p_values < 0.05) == pytest.approx(0.05, abs=0.01)
    assert np.mean(p_values < 0.5) == pytest.approx(0.5, abs=0.03)


def test_the_interval_holds_the_true_correlation_as_often_as_it_says():
    generator = np.random.default_rng(5)
    common = generator.standard_normal((90, 1, 2000))
    pairs = np.sqrt(0.6) * common + np.sqrt(0.4) * generator.standard_normal((90, 2, 2000))
    centred = pairs - pairs.mean(axis=0)
    product = (centred[:, 0] * centred[:, 1]).sum(axis=0)
    r = product / np.sqrt((centred[:, 0] ** 2).sum(axis=0) * (centred[:, 1] ** 2).sum(axis=0))
    low, high = fisher_interval(r, 90)
    assert np.mean((low <= 0.6) & (high >= 0.6)) == pytest.approx(0.95, abs=0.015)
