"""The best of many strategies: which way is better, what each correction is for, the size of the test."""

import numpy as np
import pytest

from lib.stats.best_of_many import best_of_many


def noise(count, strategies, seed):
    return 0.04 * np.random.default_rng(seed).standard_normal((count, strategies))


def test_higher_returns_are_better_and_p_values_stand_in_order():
    plain = noise(240, 5, 0)
    rich, poor = plain.copy(), plain.copy()
    rich[:, 2] += 0.015
    poor[:, 2] -= 0.015
    found = {
        name: best_of_many(one, block=4, draws=499, seed=1) for name, one in (("rich", rich), ("poor", poor))
    }
    assert found["rich"].spa_consistent < 0.01 and found["rich"].superior == (2,)
    assert found["poor"].spa_consistent > 0.1 and found["poor"].superior == ()
    for one in found.values():
        assert one.spa_lower <= one.spa_consistent <= one.spa_upper
        assert one.spa_lower >= 1 / 500


def test_a_wild_strategy_does_not_hide_a_steady_one_from_the_studentised_test():
    returns = noise(300, 6, 3) * 0.1
    returns[:, 1] += 0.0012
    returns[:, 4] = 0.5 * np.random.default_rng(8).standard_normal(300)
    found = best_of_many(returns, block=3, draws=499, seed=2)
    assert found.spa_consistent < 0.01 and found.superior == (1,)
    assert found.reality_check > 0.05


def test_poor_strategies_weigh_on_the_reality_check_only():
    returns = noise(200, 40, 5)
    returns[:, 1:] -= 0.03
    returns[:, 0] += 0.0065
    found = best_of_many(returns, block=3, draws=999, seed=2)
    assert found.spa_consistent < 0.5 * found.spa_upper


def test_the_test_rejects_a_true_null_about_as_often_as_it_says():
    rejected = [
        best_of_many(noise(120, 4, seed), block=3, draws=99, seed=seed).spa_consistent < 0.05
        for seed in range(300)
    ]
    assert 0.02 <= np.mean(rejected) <= 0.08


def test_a_strategy_that_never_moves_is_left_out_and_the_numbers_stay():
    returns = noise(120, 3, 1)
    returns[:, 0] = 0.0
    returns[:, 2] += 0.02
    assert best_of_many(returns, block=3, draws=199, seed=4).superior == (2,)
    again = [best_of_many(returns, block=3, draws=199, seed=4) for _ in range(2)]
    assert again[0] == again[1]


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_the_unit_of_returns_changes_nothing(scale):
    one = best_of_many(noise(150, 5, 7) * scale, block=3, draws=199, seed=4)
    assert one == best_of_many(noise(150, 5, 7), block=3, draws=199, seed=4)
