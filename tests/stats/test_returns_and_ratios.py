import numpy as np
import pandas as pd
import pytest

from lib.stats import performance, relative, returns, tails
from lib.stats.series import BLOCK

DAYS = pd.date_range("2020-01-01", periods=6, freq="D")


def prices(*values):
    return pd.Series(values, index=DAYS[: len(values)], dtype="float64")


def noise(rows, columns=None, seed=7):
    return np.random.default_rng(seed).normal(0.0004, 0.012, rows if columns is None else (rows, columns))


def test_a_return_over_a_gap_is_taken_on_the_symbols_own_dates_unless_it_may_not_span():
    gap = prices(100, np.nan, 121)
    assert returns.simple_returns(gap).iloc[2] == pytest.approx(0.21)
    assert np.isnan(returns.simple_returns(gap, span_gaps=False).iloc[2])
    assert returns.log_returns(gap).iloc[2] == pytest.approx(np.log(1.21))


def test_a_day_without_a_price_has_no_return_and_a_price_of_zero_is_none():
    assert returns.simple_returns(prices(100, 0, 110)).isna().tolist() == [True, True, False]


def test_unsorted_prices_are_put_in_order():
    assert returns.simple_returns(prices(100, 110)[::-1]).iloc[1] == pytest.approx(0.10)


@pytest.mark.parametrize(
    ("day", "expected"), [("2020-01-02", 2.0), ("2020-01-08", 2.0), ("2020-01-10", None)]
)
def test_the_last_value_as_of_a_day_is_missing_once_it_is_older_than_a_week(day, expected):
    found = returns.asof_value(prices(1, 2), day)
    assert found == expected if expected else np.isnan(found)


def test_wealth_starts_at_one_and_never_comes_back_from_nothing():
    assert returns.wealth([0.1, -1.5, 3.0]).tolist() == pytest.approx([1.0, 1.1, 0.0, 0.0])
    assert returns.cumulative_return([-1.5, -1.5]) == -1.0
    assert performance.annual_return([-1.5, -1.5], periods=1) == -1.0
    assert returns.wiped_out([-1.5, -1.5])
    assert not returns.wiped_out([-0.9, 0.5])


def test_months_compound_their_days_and_an_empty_month_is_missing():
    days = pd.to_datetime(["2020-01-30", "2020-01-31", "2020-03-02"])
    months = returns.monthly_returns(pd.Series([0.1, 0.1, -0.5], index=days))
    assert months.tolist() == pytest.approx([0.21, -0.5])
    assert [str(day.date()) for day in months.index] == ["2020-01-31", "2020-03-31"]


def test_less_than_a_year_is_not_annualised():
    series = np.full(251, 0.001)
    assert np.isnan(performance.annual_return(series, periods=252))
    assert np.isnan(performance.calmar(np.r_[-0.1, series[:200]], periods=252))
    assert performance.annual_return(np.full(252, 0.001), periods=252) == pytest.approx(1.001**252 - 1)


@pytest.mark.parametrize("rate", [0.001, 0.1, 1 / 3, 0.0])
def test_ratios_of_a_constant_series_are_missing_not_infinite(rate):
    flat = np.full(300, rate)
    assert np.isnan(performance.sharpe(flat, periods=252))
    assert np.isnan(tails.skewness(flat))
    assert np.isnan(relative.beta(noise(300), flat))
    assert np.isnan(relative.information_ratio(flat, flat, periods=252))
    assert performance.annual_volatility(flat, periods=252) == 0.0


def test_ratios_over_losses_are_missing_when_there_were_none():
    rises = np.linspace(0.001, 0.002, 300)
    for measure in (performance.sortino, performance.omega, performance.calmar):
        assert np.isnan(measure(rises, periods=252))


def test_the_mean_of_squared_shortfalls_is_over_all_days():
    assert performance.downside_deviation([0.1, -0.2, 0.3, 0.0], periods=1) == pytest.approx(0.1)


def test_zero_returns_are_no_hits():
    assert performance.hit_rate([0.01, 0.0, -0.01, 0.02, np.nan]) == 0.5


def test_alpha_of_a_leveraged_benchmark_with_a_fee_is_the_fee():
    market = noise(500)
    own = 1.5 * market - 0.0001
    assert relative.beta(own, market) == pytest.approx(1.5)
    assert relative.alpha(own, market, periods=252) == pytest.approx(-0.0252)


@pytest.mark.parametrize("rate", [0.0, 0.0252, 0.10])
def test_borrowing_at_the_rate_without_risk_to_hold_more_of_the_benchmark_is_no_alpha(rate):
    """The rate is one of a year: a day costs rate / 252."""
    market, day = noise(500), rate / 252
    own = day + 1.5 * (market - day) - 0.0001
    assert relative.alpha(own, market, periods=252, risk_free=rate) == pytest.approx(-0.0252, abs=1e-12)


def test_a_benchmark_is_matched_by_date_and_not_by_place():
    market = pd.Series(noise(50), index=pd.date_range("2020-01-01", periods=50))
    own = 2.0 * market
    assert relative.beta(own, market.sample(frac=0.8, random_state=7)) == pytest.approx(2.0)


def test_arrays_of_different_length_are_refused():
    with pytest.raises(ValueError, match="49 observations"):
        relative.beta(noise(50), noise(49))


def test_a_month_in_which_the_benchmark_stood_still_is_in_neither_capture():
    own, market = np.array([0.02, 0.50, -0.03]), np.array([0.04, 0.0, -0.02])
    assert relative.up_capture(own, market) == pytest.approx(0.5)
    assert relative.down_capture(own, market) == pytest.approx(1.5)


def test_gaining_while_the_benchmark_falls_is_a_negative_down_capture():
    assert relative.down_capture([0.01], [-0.02]) == pytest.approx(-0.5)


MEASURES = [
    (returns.cumulative_return, {}),
    (performance.annual_return, {"periods": 252, "minimum": 1}),
    (performance.annual_volatility, {"periods": 252}),
    (performance.sharpe, {"periods": 252, "risk_free": 0.02}),
    (performance.sortino, {"periods": 252}),
    (performance.omega, {"periods": 252}),
    (performance.hit_rate, {}),
    (performance.best_day, {}),
    (performance.worst_day, {}),
    (tails.var_hist, {"level": 0.99}),
    (tails.var_hist, {"level": 0.99, "method": "inverted_cdf"}),
    (tails.cvar, {}),
    (tails.parametric_var, {}),
    (tails.modified_var, {}),
    (tails.skewness, {}),
    (tails.excess_kurtosis, {}),
    (tails.tail_ratio, {}),
]


@pytest.mark.parametrize(("measure", "options"), [*MEASURES, (performance.calmar, {"periods": 252})])
@pytest.mark.parametrize("nothing", [[], [np.nan, np.nan]])
def test_nothing_can_be_said_of_an_empty_series(measure, options, nothing):
    assert np.isnan(measure(np.array(nothing), **options))


@pytest.mark.parametrize(("measure", "options"), MEASURES)
def test_many_series_at_once_give_what_each_gives_alone(measure, options):
    """More series than a block, with holes; a missing day is as if it were not there."""
    frame = pd.DataFrame(noise(300, BLOCK + 3))
    frame = frame.mask(np.random.default_rng(1).random(frame.shape) < 0.1)
    frame[5] = np.nan
    together = measure(frame, **options)
    for column in (0, 5, BLOCK, BLOCK + 2):
        alone = measure(frame[column].dropna(), **options)
        assert together[column] == pytest.approx(alone, rel=1e-12, nan_ok=True)
    np.testing.assert_array_equal(together, measure(frame.to_numpy(), **options))


def test_relative_measures_take_many_series_too():
    market, own = noise(300), noise(300, 3, seed=8)
    for measure, options in [
        (relative.beta, {}),
        (relative.alpha, {"periods": 252}),
        (relative.up_capture, {}),
    ]:
        alone = [measure(own[:, column], market, **options) for column in range(3)]
        np.testing.assert_allclose(measure(own, market, **options), alone, rtol=1e-12)
