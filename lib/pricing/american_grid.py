"""American options at very many spots: a tree at a few of them, and interpolation between.

What is interpolated is the premium of early exercise, tree less closed form: it is small and smooth where
the option itself bends sharply, near the strike shortly before expiry. The grid of an option is its own and
does not depend on the spots asked for, so no scenario changes another's price. Its nodes lie closest where
daily moves lie, at the present spot, which is one of them, and around the strike; a spot beyond it is priced
by the tree. The interpolation is monotone and cubic (Fritsch and Carlson, SIAM Journal on Numerical Analysis
1980), so it invents no bump where exercise sets in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lib.pricing import american, black_scholes

NODES = 81
REACH = (-0.7, 0.5)
"""Log moves that the grid covers: a fall by half, a rise by two thirds."""
SHARES = (0.2, 0.4, 0.4)
"""Nodes that are spread evenly, drawn to the present spot and drawn to the strike."""
DAILY_WIDTH, LEAST_WIDTH = 0.05, 0.01
"""Log moves around the present spot, and the least around the strike: half of those nodes are inside."""
LADDER = 2001
"""Points on which the density of nodes is added up."""


def price(
    *,
    spot: np.ndarray,
    present: np.ndarray,
    strike: np.ndarray,
    years: np.ndarray,
    rate: np.ndarray,
    volatility: np.ndarray,
    right: np.ndarray,
    dividend_yield: np.ndarray,
) -> np.ndarray:
    """Price a share at ``spot`` (n_spots, n_options) of options whose underlyings stand at ``present``.

    All but ``spot`` have shape (n_options,); units as in ``lib.pricing.black_scholes``. Equal to the tree at
    ``present``, and NaN where the tree is NaN.
    """
    terms: dict[str, Any] = {
        "strike": strike,
        "years": years,
        "rate": rate,
        "volatility": volatility,
        "right": right,
        "dividend_yield": dividend_yield,
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        moves = np.log(spot / present)
        gridded = np.isfinite(black_scholes.price(spot=present, **terms)) & (years > 0)
    nodes = _nodes(np.log(strike / present), volatility * np.sqrt(np.maximum(years, 0.0)), gridded)
    at_nodes = present * np.exp(nodes)
    premium = american.price(spot=at_nodes, **terms) - black_scholes.price(spot=at_nodes, **terms)
    inside = gridded & (moves >= REACH[0]) & (moves <= REACH[1])
    value = black_scholes.price(spot=spot, **terms) + _between(nodes, premium, moves, gridded)
    value = np.maximum(value, np.where(right == "C", 1.0, -1.0) * (spot - strike))
    rows, columns = np.nonzero(~inside)
    outer: dict[str, Any] = {name: np.asarray(one)[columns] for name, one in terms.items()}
    value[rows, columns] = american.price(spot=spot[rows, columns], **outer)
    return value


def _nodes(strike_move: np.ndarray, width: np.ndarray, gridded: np.ndarray) -> np.ndarray:
    """Log moves of the nodes, ascending, (NODES, n_options); 0 is one of them."""
    ladder = np.linspace(*REACH, LADDER)
    shares = np.linspace(0.0, 1.0, NODES)
    nodes = np.zeros((NODES, len(strike_move)))
    for option in np.flatnonzero(gridded):
        centre = np.clip(strike_move[option], *REACH)
        density = [
            (ladder - REACH[0]) / (REACH[1] - REACH[0]),
            _drawn(ladder, 0.0, DAILY_WIDTH),
            _drawn(ladder, centre, max(width[option], LEAST_WIDTH)),
        ]
        nodes[:, option] = np.interp(shares, np.dot(SHARES, density), ladder)
        nodes[np.abs(nodes[:, option]).argmin(), option] = 0.0
    return nodes


def _drawn(ladder: np.ndarray, centre: ArrayLike, width: float) -> np.ndarray:
    """Distribution function of Cauchy on the ladder, from 0 to 1 over it."""
    found = np.arctan((ladder - centre) / width)
    return np.asarray((found - found[0]) / (found[-1] - found[0]))


def _between(nodes: np.ndarray, premium: np.ndarray, moves: np.ndarray, gridded: np.ndarray) -> np.ndarray:
    """Premium at ``moves`` (n_spots, n_options) from the premium at the nodes, 0 where there is no grid."""
    from scipy.interpolate import PchipInterpolator

    found = np.zeros(moves.shape)
    inside = np.clip(moves, *REACH)
    for option in np.flatnonzero(gridded):
        found[:, option] = PchipInterpolator(nodes[:, option], premium[:, option])(inside[:, option])
    return found
