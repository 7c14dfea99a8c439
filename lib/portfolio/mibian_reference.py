"""The library mibian as a second opinion on the Greeks, and as an engine that can be chosen.

mibian 0.1.3 takes rate and volatility in percent and time in calendar days, and gives theta a day, vega a
volatility point and rho a percentage point already: nothing is divided again. It knows no dividend yield q,
so it is given the spot S' = S exp(-q T); with that, delta takes the factor exp(-q T), gamma exp(-2 q T), and
theta gains q S' delta' a year, delta' being its delta. One option is priced after another.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.conventions import DAYS_A_YEAR
from lib.pricing.revalue import EUROPEAN

FIELDS = ("model_price", "delta", "gamma", "theta", "vega", "rho")
TOLERANCE = 1e-8
"""Widest difference a share that passes: both sides are closed forms on double precision."""


def mibian_greeks(
    *,
    spot: np.ndarray,
    strike: np.ndarray,
    years: np.ndarray,
    rate: np.ndarray,
    volatility: np.ndarray,
    right: np.ndarray,
    dividend_yield: np.ndarray,
) -> dict[str, np.ndarray]:
    """Price and Greeks a share by mibian, units as in ``lib.pricing.black_scholes``; one-dimensional arrays.

    Years and volatility must be positive: mibian divides by both.
    """
    discount = np.exp(-dividend_yield * years)
    moved = spot * discount
    raw = [
        _one(*contract)
        for contract in zip(
            moved, strike, rate * 100, years * DAYS_A_YEAR, volatility * 100, right, strict=True
        )
    ]
    values = np.array(raw, dtype=float).reshape(-1, len(FIELDS)).T
    price, delta, gamma, theta, vega, rho = values
    return {
        "model_price": price,
        "delta": delta * discount,
        "gamma": gamma * discount**2,
        "theta": theta + dividend_yield * moved * delta / DAYS_A_YEAR,
        "vega": vega,
        "rho": rho,
    }


def mibian_gaps(positions: pd.DataFrame, greeks: pd.DataFrame, *, sample: int = 20) -> pd.DataFrame:
    """Largest difference a share between the table ``greeks`` and mibian over a sample of its European rows.

    The sample is ``sample`` options with a volatility, spread evenly over the table. Columns: measure, ours
    and mibian (at the largest difference), difference (absolute, null of no options), symbol, options.
    """
    contracts = positions.set_index("position_id")[["strike", "right"]]
    known = greeks["implied_vol"].notna() & greeks["delta"].notna() & (greeks["model"] == EUROPEAN)
    rows = greeks[known].join(contracts, on="position_id")
    rows = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(sample, len(rows))).round().astype(int))]
    reference = mibian_greeks(
        spot=rows["underlying_price"].to_numpy(),
        strike=rows["strike"].to_numpy(),
        years=rows["years_to_expiry"].to_numpy(),
        rate=rows["rate"].to_numpy(),
        volatility=rows["implied_vol"].to_numpy(),
        right=rows["right"].astype(object).to_numpy(),
        dividend_yield=rows["dividend_yield"].to_numpy(),
    )
    return pd.DataFrame([_widest(rows, name, reference[name]) for name in FIELDS])


def _widest(rows: pd.DataFrame, name: str, theirs: np.ndarray) -> dict:
    if not len(rows):
        nothing = dict.fromkeys(("ours", "mibian", "difference"), np.nan)
        return {"measure": name, **nothing, "symbol": "", "options": 0}
    ours = rows[name].to_numpy()
    place = int(np.argmax(np.abs(ours - theirs)))
    return {
        "measure": name,
        "ours": float(ours[place]),
        "mibian": float(theirs[place]),
        "difference": float(abs(ours[place] - theirs[place])),
        "symbol": rows["symbol"].iloc[place],
        "options": len(rows),
    }


def _one(spot: float, strike: float, rate: float, days: float, volatility: float, right: str) -> tuple:
    """Price, delta, gamma, theta, vega and rho of one option, in mibian's units."""
    import mibian

    model = mibian.BS([spot, strike, rate, days], volatility=volatility)
    if right == "C":
        return model.callPrice, model.callDelta, model.gamma, model.callTheta, model.vega, model.callRho
    return model.putPrice, model.putDelta, model.gamma, model.putTheta, model.vega, model.putRho
