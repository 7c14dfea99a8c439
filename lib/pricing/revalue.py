"""Options repriced at moved underlyings, volatilities and rates: full revaluation, not a Taylor series."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lib.pricing import black_scholes

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

    Columns: underlying_price, strike, years_to_expiry, rate (continuous), dividend_yield, implied_vol and
    right ("C" or "P"). ``spot_move`` is a decimal return: a scalar, (n_options,) or (n_scenarios,
    n_options); the result has its shape broadcast with (n_options,). ``volatility_factor`` multiplies the
    volatility, ``rate_shift`` is added to the rate as a decimal; both broadcast likewise. A move below
    -100 % leaves a spot of 0. NaN where an input is missing; on the day of expiry neither rate nor volatility
    is one.
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
    return black_scholes.price(
        spot=moved,
        strike=strike,
        years=years,
        rate=rate + np.asarray(rate_shift, dtype=float),
        volatility=volatility * np.asarray(volatility_factor, dtype=float),
        right=options["right"].astype(object).to_numpy(),
        dividend_yield=dividend_yield,
    )


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
