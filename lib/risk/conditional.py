"""Shocks to some factors, what the others do then, and how unusual that is.

Factors are taken as jointly normal with zero mean. Given exact moves s of the named ones, the others have the
mean S_us S_ss^-1 s (Kupiec 1998, "Stress testing in a value at risk framework"); the size of the shocks is
their Mahalanobis distance. Correlations alone would forget how much each factor moves, and adding pairwise
effects would count again what the named factors have in common.
"""

from __future__ import annotations

import numpy as np

from lib.stats.covariance import safe_inverse


def conditional_moves(covariance: np.ndarray, shocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Moves of all factors (scenarios x factors), and whether a pseudo-inverse was needed (scenarios,).

    ``shocks`` has the named moves, missing where a factor is not named; named ones are kept exactly, and a
    scenario that names none moves nothing. Units are those of ``covariance``.
    """
    moves = np.where(np.isnan(shocks), 0.0, shocks)
    pinv = np.zeros(len(shocks), dtype=bool)
    for rows, named in _patterns(shocks):
        inverse, pinv[rows] = safe_inverse(covariance[np.ix_(named, named)])
        weights = covariance[np.ix_(~named, named)] @ inverse
        moves[np.ix_(rows, ~named)] = shocks[np.ix_(rows, named)] @ weights.T
    return moves, pinv


def shock_sigmas(covariance: np.ndarray, shocks: np.ndarray, horizon_days: np.ndarray | float) -> np.ndarray:
    """sqrt(s' S_ss^-1 s / horizon) of each scenario: its size in standard deviations of ``horizon_days``.

    ``covariance`` is that of one day. Missing where no factor is named.
    """
    squares = np.full(len(shocks), np.nan)
    for rows, named in _patterns(shocks):
        inverse, _ = safe_inverse(covariance[np.ix_(named, named)])
        given = shocks[np.ix_(rows, named)]
        squares[rows] = np.einsum("ji,ik,jk->j", given, inverse, given)
    return np.sqrt(squares / horizon_days)


def beyond_market(moves: np.ndarray, loadings: np.ndarray) -> np.ndarray:
    """The market's move, and of each other factor u_k = f_k - b_k m; unnamed (missing) factors have u_k = 0.

    ``moves`` scenarios x factors, the market first; a market that is not named does not move. ``loadings``
    are b_k.
    """
    market = np.nan_to_num(moves[:, :1])
    rest = moves - market * loadings
    rest[:, :1] = market
    return np.nan_to_num(rest)


def _patterns(shocks: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Scenarios that name the same factors: their rows, and which factors."""
    named = ~np.isnan(shocks)
    kinds, group = np.unique(named, axis=0, return_inverse=True)
    return [(np.flatnonzero(group.ravel() == n), kind) for n, kind in enumerate(kinds) if kind.any()]
