"""Blocks of dates, their intervals against arch and against planted truth, and compounding."""

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap

from lib.stats.date_bootstrap import bootstrap_series, compounded_paths, mean_block, stationary_places
from lib.stats.hac import mean_test
from lib.stats.sharpe_inference import sharpe_error, sharpe_moments


def related(count, rho, seed):
    """A series whose values are related over time."""
    draw = np.random.default_rng(seed)
    values = draw.standard_normal(count + 50)
    for at in range(1, len(values)):
        values[at] += rho * values[at - 1]
    return 0.01 * values[50:]


def test_blocks_are_as_long_as_asked_and_all_dates_are_drawn_alike():
    places = stationary_places(60, draws=4000, block=5.0, generator=np.random.default_rng(0))
    follows = (np.diff(places, axis=1) % 60) == 1
    assert 1.0 - follows.mean() == pytest.approx((1 / 5.0) * (59 / 60), abs=0.004)
    assert np.bincount(places.ravel(), minlength=60) / places.size == pytest.approx(1 / 60, abs=0.001)
    assert mean_block(125) == pytest.approx(5.0) and mean_block(3) == 2.0


def test_the_percentile_interval_is_that_of_arch():
    values = related(150, 0.4, 2) + 0.004
    ours = bootstrap_series(values, draws=4000, generator=np.random.default_rng(1), block=5.0)["mean"]
    theirs = StationaryBootstrap(5, values, seed=3).conf_int(np.mean, reps=4000, method="percentile").ravel()
    assert (ours.low, ours.high) == pytest.approx(theirs, abs=3e-4)
    assert ours.observed == pytest.approx(values.mean())


def test_a_series_related_over_time_has_a_wider_interval_than_its_dates_one_by_one():
    values = related(200, 0.6, 4)
    wide, narrow = (
        bootstrap_series(values, draws=1000, generator=np.random.default_rng(1), block=block)["mean"]
        for block in (12.0, 1.0)
    )
    assert wide.high - wide.low > 1.4 * (narrow.high - narrow.low)


def test_the_studentised_interval_of_a_skewed_series_is_that_of_arch():
    values = np.random.default_rng(6).lognormal(0.0, 1.0, 120)
    ours = bootstrap_series(values, draws=3000, generator=np.random.default_rng(1), block=3.0)["mean"]

    def error(_mean, sample):
        return mean_test(sample).error

    theirs = StationaryBootstrap(3, values, seed=3).conf_int(
        np.mean, reps=3000, method="studentized", std_err_func=error
    )
    assert (ours.studentised_low, ours.studentised_high) == pytest.approx(theirs.ravel(), abs=0.12)
    assert ours.studentised_high - ours.observed > 1.15 * (ours.observed - ours.studentised_low)


def test_the_error_of_a_large_ratio_holds_skewness_and_kurtosis():
    values = 1.2 + np.random.default_rng(2).standard_t(6, 5000)
    own = bootstrap_series(values, draws=50, generator=np.random.default_rng(1))["sharpe"]
    assert own.error == pytest.approx(sharpe_error(sharpe_moments(values)), rel=0.06)


@pytest.mark.parametrize("figure", ["mean", "sharpe"])
def test_the_studentised_interval_covers_the_truth(figure):
    draw = np.random.default_rng(9)
    covered = []
    for _ in range(400):
        values = 0.3 + draw.standard_normal(120)
        one = bootstrap_series(values, draws=299, generator=draw)[figure]
        covered.append(one.studentised_low <= 0.3 <= one.studentised_high)
    assert 0.92 <= np.mean(covered) <= 0.98


def test_one_seed_gives_one_result_and_few_dates_are_refused():
    values = related(40, 0.0, 1)
    runs = [bootstrap_series(values, draws=99, generator=np.random.default_rng(5)) for _ in range(2)]
    assert str(runs[0]) == str(runs[1])
    with pytest.raises(ValueError, match="9 dates cannot be resampled"):
        bootstrap_series(values[:9], draws=99, generator=np.random.default_rng(5))


def test_returns_are_compounded_and_a_total_loss_stays():
    draw = np.random.default_rng(0)
    steady = compounded_paths(np.full(12, 0.01), periods=30, draws=5, generator=draw)
    assert steady[:, -1] == pytest.approx(1.01**30) and steady.shape == (5, 31)
    ruin = compounded_paths(np.array([-1.2, 0.5] * 10), periods=40, draws=200, generator=draw)
    assert (ruin >= 0.0).all() and (np.diff(ruin == 0.0, axis=1).astype(int) >= 0).all()
    assert (ruin[:, -1] == 0.0).mean() > 0.9
