"""Options repriced at moved underlyings, volatilities and rates: full revaluation, not a Taylor series.

An option keeps its own volatility when its underlying moves (sticky strike), and the model that it has today:
American options are priced by the tree, in many scenarios of the spot alone by a grid of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lib.pricing import american, american_grid, black_scholes

AMERICAN, EUROPEAN = "american", "european"
SCENARIOS_OF_A_GRID = 2 * american_grid.NODES
"""From so many spots on a grid costs less than a tree for each of them."""
SMALLEST = float(np.finfo(float).tiny)
"""Stands for a spot of 0: a call is worth nothing there and a put its discounted strike."""


def reprice(
    options: pd.DataFrame,
    *,
    spot_move: ArrayLike,
    volatility_factor: ArrayLike = 1.0,
    rate_shift: ArrayLike = 0.0,
) -> np.ndarray:
    """Model price a share of ``options`` with each underlying at underlying_price x (1 + ``spot_move``).

    Columns: underlying_price, strike, years_to_expiry, rate (continuous), dividend_yield, implied_vol, right
    ("C" or "P") and model ("american", all else is European). ``spot_move`` is a decimal return: a scalar,
    (n_options,) or (n_scenarios, n_options); the result has its shape broadcast with (n_options,).
    ``volatility_factor`` multiplies the volatility, ``rate_shift`` is added to the rate as a decimal; both
    broadcast likewise. A move below -100 % leaves a spot of 0. NaN where an input is missing; on the day of
    expiry neither rate nor volatility is one.
    """
    spot, strike, years, rate, dividend_yield, volatility = (
        _column(options, name)
        for name in (
            "underlying_price",
            "strike",
            "years_to_expiry",
            "rate",
            "dividend_yield",
            "implied_vol",
        )
    )
    ends = years == 0
    rate, volatility = np.where(ends, 0.0, rate), np.where(ends, 0.0, volatility)
    moved = spot * (1 + np.asarray(spot_move, dtype=float))
    moved = np.where(spot > 0, np.maximum(moved, SMALLEST), np.nan)
    terms: dict[str, Any] = {
        "strike": strike,
        "years": years,
        "rate": rate + np.asarray(rate_shift, dtype=float),
        "volatility": volatility * np.asarray(volatility_factor, dtype=float),
        "right": options["right"].astype(object).to_numpy(),
        "dividend_yield": dividend_yield,
    }
    value = black_scholes.price(spot=moved, **terms)
    early = np.flatnonzero((options["model"] == AMERICAN).to_numpy() & ~ends)
    if len(early):
        chosen = {name: _chosen(one, early) for name, one in terms.items()}
        value[..., early] = _american(_chosen(moved, early), spot[early], chosen)
    return value


def _american(moved: np.ndarray, present: np.ndarray, terms: dict[str, Any]) -> np.ndarray:
    """Price a share of American options at ``moved`` spots, (n_options,) or (n_scenarios, n_options)."""
    alike = all(one.ndim < 2 for one in terms.values())
    if moved.ndim == 2 and len(moved) >= SCENARIOS_OF_A_GRID and alike:
        return american_grid.price(spot=moved, present=present, **terms)
    return american.price(spot=moved, **terms)


def _chosen(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The columns of the options at ``places``; one column that holds for all of them is kept."""
    return values[..., places] if values.shape[-1] > 1 else values


def revaluation_pnl(
    options: pd.DataFrame,
    *,
    quantity: ArrayLike,
    multiplier: ArrayLike,
    spot_move: ArrayLike,
    volatility_factor: ArrayLike = 1.0,
    rate_shift: ArrayLike = 0.0,
) -> np.ndarray:
    """Profit in money of positions in ``options``: signed quantity x multiplier x change of model price.

    The change is from the model's price now, so that no move is a profit of 0. Arguments and shapes as in
    ``reprice``; ``quantity`` and ``multiplier`` are scalars or (n_options,).
    """
    moved = reprice(options, spot_move=spot_move, volatility_factor=volatility_factor, rate_shift=rate_shift)
    now = reprice(options, spot_move=0.0)
    return np.asarray(quantity, dtype=float) * np.asarray(multiplier, dtype=float) * (moved - now)


def _column(options: pd.DataFrame, name: str) -> np.ndarray:
    return options[name].to_numpy(dtype=float, na_value=np.nan)
