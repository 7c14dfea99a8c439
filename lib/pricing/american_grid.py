"""American options at very many spots: a tree at a few of them, and interpolation between.

What is interpolated is the premium of early exercise, tree less closed form: it is small and smooth where
the option itself bends sharply, near the strike shortly before expiry. The grid of an option is its own and
does not depend on the spots asked for, so no scenario changes another's price. Its nodes lie closest where
daily moves lie, at the present spot, which is one of them, and around the strike; a spot beyond it is priced
by the tree. The interpolation is monotone and cubic (Fritsch and Carlson, SIAM Journal on Numerical Analysis
1980), so it invents no bump where exercise sets in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Grid:
    """Options ready to be priced at many spots; built by ``grid``, all arrays (n_options,).

    ``terms`` are the arguments of the pricers but the spot, ``premiums`` the interpolated premium of early
    exercise by log move, None of an option that has none of its inputs or no time left.
    """

    present: np.ndarray
    terms: Mapping[str, Any]
    premiums: Sequence[Callable[[np.ndarray], np.ndarray] | None]

    def price(self, spot: np.ndarray) -> np.ndarray:
        """Price a share at ``spot`` (n_spots, n_options), NaN where the tree is NaN."""
        value = black_scholes.price(spot=spot, **self.terms)
        with np.errstate(invalid="ignore", divide="ignore"):
            moves = np.log(spot / self.present)
        inside = (moves >= REACH[0]) & (moves <= REACH[1])
        for option, premium in enumerate(self.premiums):
            if premium is not None:
                value[:, option] += premium(np.clip(moves[:, option], *REACH))
            else:
                inside[:, option] = False
        gain = np.where(self.terms["right"] == "C", 1.0, -1.0) * (spot - self.terms["strike"])
        rows, columns = np.nonzero(~inside)
        outer: dict[str, Any] = {name: one[columns] for name, one in self.terms.items()}
        value = np.maximum(value, gain)
        value[rows, columns] = american.price(spot=spot[rows, columns], **outer)
        return value


def grid(
    *,
    present: np.ndarray,
    strike: np.ndarray,
    years: np.ndarray,
    rate: np.ndarray,
    volatility: np.ndarray,
    right: np.ndarray,
    dividend_yield: np.ndarray,
) -> Grid:
    """The grid of options whose underlyings stand at ``present``; arguments (n_options,).

    Units as in ``lib.pricing.black_scholes``.
    """
    terms: dict[str, Any] = {
        "strike": strike,
        "years": years,
        "rate": rate,
        "volatility": volatility,
        "right": right,
        "dividend_yield": dividend_yield,
    }
    gridded = np.isfinite(black_scholes.price(spot=present, **terms)) & (years > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.log(strike / present)
    nodes = _nodes(centre, volatility * np.sqrt(np.maximum(years, 0.0)), gridded)
    spots = present * np.exp(nodes)
    premium = american.price(spot=spots, **terms) - black_scholes.price(spot=spots, **terms)
    return Grid(present, terms, _curves(nodes, premium, gridded))


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


def _curves(
    nodes: np.ndarray, premium: np.ndarray, gridded: np.ndarray
) -> list[Callable[[np.ndarray], np.ndarray] | None]:
    """The premium of each option as a function of the log move."""
    from scipy.interpolate import PchipInterpolator

    return [
        PchipInterpolator(nodes[:, option], premium[:, option]) if known else None
        for option, known in enumerate(gridded)
    ]
