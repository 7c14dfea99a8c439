"""Options repriced at moved underlyings, volatilities and rates: full revaluation, not a Taylor series.

An option keeps its own volatility when its underlying moves (sticky strike), and the model that it has today:
American options are priced by the tree, or by a grid of it (``at_spots``) where only spots move, and often.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lib.pricing import american, american_grid, black_scholes

AMERICAN, EUROPEAN = "american", "european"
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
    spot, terms = _terms(options)
    moved = _moved(spot, spot_move)
    terms["rate"] = terms["rate"] + np.asarray(rate_shift, dtype=float)
    terms["volatility"] = terms["volatility"] * np.asarray(volatility_factor, dtype=float)
    value = black_scholes.price(spot=moved, **terms)
    early = _early(options)
    if len(early):
        chosen = {name: one[..., early] for name, one in terms.items()}
        value[..., early] = american.price(spot=moved[..., early], **chosen)
    return value


def at_spots(options: pd.DataFrame) -> Callable[[np.ndarray], np.ndarray]:
    """``reprice`` of spot moves (n_scenarios, n_options) alone, quick for very many of them.

    American options are priced on ``lib.pricing.american_grid``, which is built once; where no underlying
    moves the price is that of ``reprice``. Columns of ``options`` as there.
    """
    spot, terms = _terms(options)
    early = _early(options)
    chosen = {name: one[early] for name, one in terms.items()}
    grid = american_grid.grid(present=spot[early], **chosen) if len(early) else None

    def priced(spot_move: np.ndarray) -> np.ndarray:
        moved = _moved(spot, spot_move)
        value = black_scholes.price(spot=moved, **terms)
        if grid is not None:
            value[:, early] = grid.price(moved[:, early])
        return value

    return priced


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


def _terms(options: pd.DataFrame) -> tuple[np.ndarray, dict[str, Any]]:
    """Spots of today and the other arguments of the pricers, (n_options,)."""
    years = _column(options, "years_to_expiry")
    ends = years == 0
    return _column(options, "underlying_price"), {
        "strike": _column(options, "strike"),
        "years": years,
        "rate": np.where(ends, 0.0, _column(options, "rate")),
        "volatility": np.where(ends, 0.0, _column(options, "implied_vol")),
        "right": options["right"].astype(object).to_numpy(),
        "dividend_yield": _column(options, "dividend_yield"),
    }


def _early(options: pd.DataFrame) -> np.ndarray:
    """Places of the American options that have time left."""
    return np.flatnonzero(((options["model"] == AMERICAN) & (options["years_to_expiry"] != 0)).to_numpy())


def _moved(spot: np.ndarray, spot_move: ArrayLike) -> np.ndarray:
    moved = spot * (1 + np.asarray(spot_move, dtype=float))
    return np.where(spot > 0, np.maximum(moved, SMALLEST), np.nan)


def _column(options: pd.DataFrame, name: str) -> np.ndarray:
    return options[name].to_numpy(dtype=float, na_value=np.nan)
