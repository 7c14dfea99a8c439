"""K22: conditional mean of a multivariate normal (Kupiec 1998), and the golden value of a market shock."""

import numpy as np
import pytest

from lib.risk.conditional import beyond_market, conditional_moves, shock_sigmas

COVARIANCE = np.array([[0.04, 0.018, 0.006], [0.018, 0.0225, 0.0045], [0.006, 0.0045, 0.01]])
FREE = np.nan


@pytest.mark.parametrize(
    ("shocks", "moves"),
    [((-0.20, FREE, FREE), (-0.20, -0.09, -0.03)), ((-0.20, 0.05, FREE), (-0.20, 0.05, -0.0125))],
)
def test_the_others_move_to_their_conditional_mean(shocks, moves):
    found, pinv = conditional_moves(COVARIANCE, np.array([shocks]))
    np.testing.assert_allclose(found[0], moves, rtol=0, atol=1e-12)
    assert not pinv.any()


def test_a_correlation_is_no_beta():
    """Volatilities of 16 % and 15 %, correlation 0.9: -8.44 %, and not the correlation's -9.0 %."""
    covariance = np.array([[0.16**2, 0.9 * 0.16 * 0.15], [0.9 * 0.16 * 0.15, 0.15**2]])
    found, _ = conditional_moves(covariance, np.array([[-0.10, FREE]]))
    assert found[0, 1] == pytest.approx(-0.084375, abs=1e-12)


def test_two_shocks_are_inverted_together():
    """Effects of single shocks, added, count twice what the named factors have in common."""
    found, _ = conditional_moves(COVARIANCE, np.array([[-0.20, -0.15, FREE]]))
    together = COVARIANCE[2, :2] @ np.linalg.solve(COVARIANCE[:2, :2], [-0.20, -0.15])
    one_by_one = COVARIANCE[2, 0] / COVARIANCE[0, 0] * -0.20 + COVARIANCE[2, 1] / COVARIANCE[1, 1] * -0.15
    assert found[0, 2] == pytest.approx(together, abs=1e-12)
    assert abs(found[0, 2]) < 0.75 * abs(one_by_one)


def test_many_scenarios_are_each_alone():
    shocks = np.array(
        [[-0.2, FREE, FREE], [FREE, FREE, FREE], [FREE, 0.1, FREE], [-0.2, 0.05, FREE], [0.4, FREE, FREE]]
    )
    every, _ = conditional_moves(COVARIANCE, shocks)
    alone = np.vstack([conditional_moves(COVARIANCE, row[None])[0] for row in shocks])
    np.testing.assert_array_equal(every, alone)
    np.testing.assert_array_equal(every[1], 0.0)


def test_the_size_is_mahalanobis_over_the_horizon():
    shocks = np.array([[-0.2, FREE, FREE], [-0.2, 0.05, FREE], [FREE, FREE, FREE]])
    sizes = shock_sigmas(COVARIANCE, shocks, 1)
    assert sizes[0] == pytest.approx(1.0, abs=1e-12)
    given = shocks[1, :2]
    assert sizes[1] == pytest.approx(np.sqrt(given @ np.linalg.solve(COVARIANCE[:2, :2], given)), abs=1e-12)
    assert np.isnan(sizes[2])
    np.testing.assert_allclose(shock_sigmas(COVARIANCE, shocks, 4), sizes / 2, rtol=1e-14)


def test_a_singular_block_is_flagged_and_the_shocks_are_kept():
    twins = np.array([[0.04, 0.04, 0.01], [0.04, 0.04, 0.01], [0.01, 0.01, 0.09]])
    found, pinv = conditional_moves(twins, np.array([[-0.1, 0.1, FREE], [-0.1, FREE, FREE]]))
    np.testing.assert_array_equal(pinv, [True, False])
    np.testing.assert_array_equal(found[0, :2], [-0.1, 0.1])
    assert np.isfinite(found).all()


def test_moves_are_turned_to_the_basis_of_the_betas():
    loadings = np.array([0.0, 0.8, 1.2])
    moves = np.array([[-0.10, -0.10, FREE], [FREE, 0.2, FREE], [FREE, FREE, FREE]])
    wanted = [[-0.10, -0.02, 0.0], [0.0, 0.2, 0.0], [0.0, 0.0, 0.0]]
    np.testing.assert_allclose(beyond_market(moves, loadings), wanted, atol=1e-15)
