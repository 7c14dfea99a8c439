"""Effective trials and overfitting: what is known of noise, of copies and of one true strategy."""

from itertools import combinations

import numpy as np
import pytest

from lib.stats.effective_trials import correlation_of_trials, effective_by_eigenvalues, trial_clusters
from lib.stats.overfitting import probability_of_overfitting


def test_copies_count_once_and_strangers_each():
    assert effective_by_eigenvalues(np.eye(7)) == pytest.approx(7.0)
    assert effective_by_eigenvalues(np.ones((7, 7))) == pytest.approx(1.0)
    assert effective_by_eigenvalues([[1.0, 0.6], [0.6, 1.0]]) == pytest.approx(
        (np.sqrt(1.6) + np.sqrt(0.4)) ** 2 / 2.0
    )


@pytest.mark.parametrize("groups", [2, 4, 6])
def test_planted_groups_of_trials_are_found(groups):
    draw = np.random.default_rng(groups)
    base = draw.standard_normal((300, groups))
    returns = np.repeat(base, 8, axis=1) + 0.4 * draw.standard_normal((300, 8 * groups))
    found = trial_clusters(correlation_of_trials(returns))
    planted = np.repeat(np.arange(groups), 8)
    assert len(np.unique(found)) == groups
    assert all(len(np.unique(found[planted == one])) == 1 for one in range(groups))


def test_hundreds_of_trials_are_counted_too():
    draw = np.random.default_rng(1)
    base = draw.standard_normal((300, 5))
    returns = np.repeat(base, 60, axis=1) + 0.3 * draw.standard_normal((300, 300))
    assert len(np.unique(trial_clusters(correlation_of_trials(returns)))) == 5


def test_unrelated_trials_are_clusters_of_their_own_and_copies_one():
    draw = np.random.default_rng(0)
    noise = draw.standard_normal((500, 6))
    assert len(np.unique(trial_clusters(correlation_of_trials(noise)))) == 6
    copies = noise[:, :1] + 1e-6 * noise
    assert set(trial_clusters(correlation_of_trials(copies))) == {1}
    assert trial_clusters(np.ones((1, 1))).tolist() == [1]


def naive(returns, stretches, purge):
    """The cross-validation by loops, row by row."""
    length = len(returns) // stretches
    rows = np.arange(len(returns) - stretches * length, len(returns)).reshape(stretches, length)
    found = []
    for inside in combinations(range(stretches), stretches // 2):
        sharpe = []
        for half in (inside, tuple(set(range(stretches)) - set(inside))):
            kept = []
            for one in half:
                own = list(rows[one])
                if purge and one > 0 and one - 1 not in half:
                    own = own[purge:]
                if purge and one < stretches - 1 and one + 1 not in half:
                    own = own[:-purge]
                kept += own
            part = returns[kept]
            sharpe.append(part.mean(axis=0) / part.std(axis=0, ddof=1))
        best = int(np.argmax(sharpe[0]))
        rank = (sharpe[1] <= sharpe[1][best]).sum() / (returns.shape[1] + 1)
        found.append((best, sharpe[0][best], sharpe[1][best], rank))
    return found


@pytest.mark.parametrize("purge", [0, 2])
def test_it_is_what_loops_over_rows_give(purge):
    returns = np.random.default_rng(2).standard_normal((95, 5)) * 0.02 + 0.001
    found = probability_of_overfitting(returns, stretches=6, purge=purge)
    chosen, inside, outside, rank = zip(*naive(returns, 6, purge), strict=True)
    assert found.chosen.tolist() == list(chosen)
    assert found.inside == pytest.approx(inside, rel=1e-9)
    assert found.outside == pytest.approx(outside, rel=1e-9)
    assert found.relative_rank == pytest.approx(rank)
    assert found.probability == pytest.approx(np.mean(np.array(rank) <= 0.5))


def test_among_noise_the_best_of_the_past_is_a_coin_and_one_true_strategy_is_kept():
    draw = np.random.default_rng(11)
    noise = [
        probability_of_overfitting(draw.standard_normal((240, 15)), stretches=10).probability
        for _ in range(150)
    ]
    assert np.mean(noise) == pytest.approx(0.5, abs=0.06)
    true = draw.standard_normal((240, 15))
    true[:, 4] += 0.5
    found = probability_of_overfitting(true, stretches=10)
    assert found.probability < 0.01 and set(found.chosen) == {4} and found.loss < 0.01


@pytest.mark.parametrize(
    ("shape", "stretches", "words"),
    [
        ((100, 3), 5, "cannot be halved"),
        ((100, 1), 4, "cannot be chosen among"),
        ((30, 3), 10, "at least 40"),
    ],
)
def test_what_cannot_be_split_is_refused(shape, stretches, words):
    with pytest.raises(ValueError, match=words):
        probability_of_overfitting(np.zeros(shape), stretches=stretches)
