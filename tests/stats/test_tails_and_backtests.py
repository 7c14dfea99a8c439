import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.stats import backtests, drawdowns, performance, tails

RETURNS = st.lists(st.floats(-0.5, 0.5, allow_subnormal=False), min_size=2, max_size=80)


def test_value_at_risk_is_the_linear_quantile_as_a_positive_loss():
    returns = np.arange(-5, 6) / 100
    assert tails.var_hist(returns, level=0.95) == pytest.approx(0.045)
    assert tails.cvar(returns, level=0.95) == pytest.approx(0.05)
    assert tails.cvar(returns, level=0.8) == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("observations", "level", "thin"),
    [(99, 0.95, True), (100, 0.95, False), (499, 0.99, True), (500, 0.99, False)],
)
def test_a_tail_is_thin_when_fewer_than_five_returns_are_expected_in_it(observations, level, thin):
    assert tails.thin_tail(observations, level=level) is thin


def test_an_unknown_quantile_is_refused():
    with pytest.raises(ValueError, match="inverted_cdf"):
        tails.var_hist([0.1], method="nearest")


@settings(deadline=None)
@given(RETURNS)
def test_expected_shortfall_is_at_least_the_value_at_risk_and_at_most_the_worst_day(returns):
    for level in (0.95, 0.99):
        for method in tails.QUANTILES:
            at_risk = tails.var_hist(returns, level=level, method=method)
            shortfall = tails.cvar(returns, level=level, method=method)
            assert at_risk <= shortfall + 1e-12
            assert shortfall <= -performance.worst_day(returns) + 1e-12


@settings(deadline=None)
@given(RETURNS)
def test_a_higher_level_never_risks_less(returns):
    assert tails.var_hist(returns, level=0.95) <= tails.var_hist(returns, level=0.99) + 1e-12


@settings(deadline=None)
@given(RETURNS, st.floats(0.01, 100))
def test_the_sharpe_ratio_does_not_depend_on_leverage_and_value_at_risk_grows_with_it(returns, factor):
    returns = np.round(returns, 6)
    plain, scaled = (performance.sharpe(values, periods=252) for values in (returns, factor * returns))
    assert scaled == pytest.approx(plain, rel=1e-6, abs=1e-9, nan_ok=True)
    expected = factor * tails.var_hist(returns)
    assert tails.var_hist(factor * returns) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_cornish_fisher_is_the_normal_figure_when_the_shape_is_normal():
    returns = np.random.default_rng(7).normal(0, 0.01, 200_000)
    assert tails.modified_var(returns) == pytest.approx(tails.parametric_var(returns), rel=0.01)


def test_tail_ratio_of_a_symmetric_series_is_one():
    assert tails.tail_ratio(np.linspace(-0.1, 0.1, 201)) == pytest.approx(1.0)


def test_a_forecast_uses_only_the_returns_before_its_day():
    dates = pd.bdate_range("2020-01-01", periods=300)
    returns = pd.Series(np.random.default_rng(7).normal(0, 0.01, 300), index=dates)
    forecasts = backtests.rolling_var(returns, window=252)
    assert forecasts.index.equals(dates[252:])
    assert forecasts.iloc[10] == pytest.approx(tails.var_hist(returns.iloc[10:262]))
    later = returns.copy()
    later.iloc[262:] = -0.5
    pd.testing.assert_series_equal(backtests.rolling_var(later).iloc[:11], forecasts.iloc[:11])
    assert backtests.rolling_var(returns.iloc[:252]).empty


def test_an_exceedance_loses_more_than_the_forecast():
    forecasts = pd.Series([0.02, 0.02], index=[1, 2])
    assert backtests.exceedances(pd.Series([-0.9, -0.02, -0.021]), forecasts).tolist() == [False, True]


def test_kupiec_is_finite_at_both_ends_and_zero_when_the_share_is_as_promised():
    assert backtests.kupiec(0, forecasts=250, level=0.99).statistic == pytest.approx(-500 * np.log(0.99))
    assert np.isfinite(backtests.kupiec(250, forecasts=250, level=0.99).statistic)
    assert backtests.kupiec(5, forecasts=100, level=0.95).statistic == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(ValueError, match="cannot be"):
        backtests.kupiec(3, forecasts=2, level=0.95)


def test_christoffersen_finds_exceedances_that_come_in_a_row():
    clustered = np.zeros(500, dtype=bool)
    clustered[100:125] = True
    spread = np.zeros(500, dtype=bool)
    spread[::20] = True
    assert backtests.christoffersen(clustered).p_value < 1e-6
    assert backtests.christoffersen(spread).p_value > 0.05


def test_christoffersen_has_the_likelihoods_of_a_count_by_hand():
    """0 0 1 1 0 1 0 0: from calm 2 of 4, from struck 1 of 3."""
    hits = [0, 0, 1, 1, 0, 1, 0, 0]
    alone = np.log(0.5) * 4 + np.log(1 / 3) + 2 * np.log(2 / 3)
    together = 3 * np.log(3 / 7) + 4 * np.log(4 / 7)
    assert backtests.christoffersen(hits).statistic == pytest.approx(2 * (alone - together))


def test_christoffersen_has_nothing_to_judge_without_an_exceedance():
    assert np.isnan(backtests.christoffersen([False] * 300).p_value)
    assert np.isnan(backtests.christoffersen([]).p_value)


@pytest.mark.parametrize("gaps", [0.0, 0.1])
@pytest.mark.parametrize("rows", [1, 7, 300])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_both_losses_of_the_tail_are_those_of_the_sorted_returns(gaps, rows, level):
    generator = np.random.default_rng(rows)
    values = generator.standard_t(3, (rows, 40)).round(1)
    values[generator.random(values.shape) < gaps] = np.nan
    at_risk, shortfall = tails.tail_losses(values, level=level)
    for column in range(40):
        known = values[~np.isnan(values[:, column]), column]
        if not len(known):
            assert np.isnan(at_risk[column])
            continue
        cut = np.quantile(known, 1 - level)
        assert at_risk[column] == pytest.approx(-cut, abs=1e-12)
        assert shortfall[column] == pytest.approx(-known[known <= cut + 1e-12].mean(), abs=1e-12)
    assert tails.var_hist(values, level=level) == pytest.approx(at_risk, nan_ok=True, abs=0)
    assert tails.cvar(values, level=level) == pytest.approx(shortfall, nan_ok=True, abs=0)


@pytest.mark.parametrize("kind", ["trend", "clumped", "constant", "every_eighth"])
def test_a_sample_that_misleads_costs_time_and_not_the_result(kind):
    """The cut is guessed from every eighth value; these series fool it."""
    place = np.arange(2520)
    series = {
        "trend": place / 1e5,
        "clumped": np.where(place < 300, -0.1, 0.01),
        "constant": np.full(2520, 0.01),
        "every_eighth": np.where(place % 8 == 0, -0.05 - place / 1e6, 0.01 + place / 1e6),
    }[kind]
    cut = np.quantile(series, 0.05)
    expected = (-cut, -series[series <= cut].mean())
    assert tails.tail_losses(series) == pytest.approx(expected, abs=1e-12)


def test_five_measures_at_once_are_the_five_measures():
    frame = pd.DataFrame(np.random.default_rng(3).normal(0, 0.01, (500, 40)))
    found = performance.five_measures(frame, periods=252)
    single = [
        performance.sharpe(frame, periods=252),
        performance.sortino(frame, periods=252),
        drawdowns.max_drawdown(frame),
        tails.var_hist(frame),
        tails.cvar(frame),
    ]
    for one, other in zip(found, single, strict=True):
        pd.testing.assert_series_equal(one, other)
    assert performance.five_measures(frame[0], periods=252) == pytest.approx([one[0] for one in single])
