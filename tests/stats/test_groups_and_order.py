"""Groups, their sums, resampled means and the test for an order of means."""

import numpy as np
import pandas as pd
import pytest

from lib.stats.date_bootstrap import mean_block, stationary_places
from lib.stats.monotonicity import date_counts, monotonic, resampled_means
from lib.stats.quantile_groups import (
    affordable_groups,
    group_means,
    group_totals,
    quantile_groups,
    rank_correlations,
    row_ranks,
)


def test_groups_do_not_depend_on_the_order_of_columns():
    draw = np.random.default_rng(1)
    values = draw.integers(0, 12, (40, 60)).astype(float)
    order = draw.permutation(60)
    assert np.array_equal(quantile_groups(values, 5)[:, order], quantile_groups(values[:, order], 5))
    assert np.array_equal(row_ranks(values)[:, order], row_ranks(values[:, order]))


def test_each_row_may_have_its_own_number_of_groups_and_none():
    values = np.tile(np.arange(20.0), (3, 1))
    found = quantile_groups(values, np.array([10, 2, 0]))
    assert found.max(axis=1).tolist() == [10, 2, 0]
    assert np.bincount(found[0])[1:].tolist() == [2] * 10 and np.bincount(found[1])[1:].tolist() == [10, 10]


def test_rows_without_a_number_have_no_group_and_no_rank():
    values = np.full((2, 5), np.nan)
    values[0] = 3.0
    assert quantile_groups(values, 2).tolist() == [[1] * 5, [0] * 5]
    assert np.isnan(rank_correlations(values, np.arange(10.0).reshape(2, 5))).all()


@pytest.mark.parametrize(
    ("count", "asked", "given"),
    [(100, 10, 10), (40, 8, 8), (39, 8, 5), (30, 4, 4), (19, 4, 3), (5000, 20, 20), (60, 20, 10), (3, 2, 0)],
)
def test_groups_that_a_count_can_carry(count, asked, given):
    assert affordable_groups(np.array([count]), asked).tolist() == [given]


def test_totals_and_means_are_those_of_pandas():
    draw = np.random.default_rng(4)
    values, returns = draw.standard_normal((30, 50)), draw.standard_normal((30, 50))
    returns[draw.random(returns.shape) < 0.1] = np.nan
    found = quantile_groups(values, 4)
    long = pd.DataFrame(
        {"row": np.repeat(np.arange(30), 50), "group": found.ravel(), "return": returns.ravel()}
    )
    means = long.pivot_table(index="row", columns="group", values="return").to_numpy()
    assert group_means(found, 4, returns) == pytest.approx(means, abs=1e-15)
    sums = long.pivot_table(index="row", columns="group", values="return", aggfunc="sum").to_numpy()
    assert group_totals(found, 4, returns) == pytest.approx(sums, abs=1e-12)


def test_resampled_means_are_the_means_of_the_drawn_dates():
    draw = np.random.default_rng(5)
    returns = draw.standard_normal((36, 4))
    returns[3, 2] = np.nan
    means = resampled_means(returns, draws=50, generator=np.random.default_rng(9))
    places = stationary_places(36, draws=50, block=mean_block(36), generator=np.random.default_rng(9))
    assert means == pytest.approx(np.nanmean(returns[places], axis=1), abs=1e-12)
    assert (date_counts(places, 36).sum(axis=1) == 36).all()


def test_flat_means_are_rarely_called_rising_and_rising_ones_are_found():
    """Under means all equal, the least favourable case, about 5 % are called rising."""
    draw = np.random.default_rng(6)
    trend = np.linspace(0.0, 1.0, 5)

    def share(slope, times):
        found = [
            monotonic(
                slope * trend + draw.standard_normal((60, 5)), draws=199, generator=np.random.default_rng(one)
            ).p
            for one in range(times)
        ]
        return float(np.mean(np.array(found) < 0.05))

    flat, some, steep = share(0.0, 400), share(1.0, 100), share(2.5, 100)
    assert 0.02 < flat < 0.09 and flat < some < steep and steep > 0.8


def test_falling_means_are_not_rising_and_the_rank_correlation_says_which_way():
    draw = np.random.default_rng(7)
    falling = np.linspace(1.0, 0.0, 5) + 0.1 * draw.standard_normal((60, 5))
    found = monotonic(falling, draws=199, generator=np.random.default_rng(1))
    assert found.p > 0.9 and found.spearman == -1.0
    assert np.isnan(monotonic(np.ones((30, 3)), draws=99, generator=np.random.default_rng(1)).p)
