"""The plain tree of Cox, Ross and Rubinstein as a second opinion on American options.

Journal of Financial Economics 1979: up and down by exp(+-volatility x sqrt(dt)), exercise asked at every
node, one option after another, the mean of two trees whose steps differ by one, since odd and even ones err
to opposite sides. It shares no code with ``lib.pricing.american`` and converges slowly; the bounds of a
difference that passes are those of its error.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.pricing.revalue import AMERICAN

STEPS = 500
TOLERANCE = {"model_price": 5e-4, "delta": 1e-2}
"""Widest difference that passes: of a price as a share of the strike, of delta as it is."""


def plain_tree(
    *,
    spot: float,
    strike: float,
    years: float,
    rate: float,
    volatility: float,
    right: str,
    dividend_yield: float,
    steps: int = STEPS,
) -> tuple[float, float]:
    """Price a share and delta of one American option; units as in ``lib.pricing.black_scholes``.

    NaN where the volatility is too small for the tree's probability to be one.
    """
    values = [
        _tree(spot, strike, years / n, rate, volatility, 1.0 if right == "C" else -1.0, dividend_yield, n)
        for n in (steps, steps + 1)
    ]
    price, delta = np.mean(values, axis=0)
    return float(price), float(delta)


def tree_gaps(positions: pd.DataFrame, greeks: pd.DataFrame, *, sample: int = 20) -> pd.DataFrame:
    """Largest difference between the table ``greeks`` and the plain tree over a sample of its American rows.

    The sample is ``sample`` options, spread evenly over the table. Columns: measure (model_price, delta),
    ours and tree (at the largest difference), difference (of a price a share of the strike; null of no
    options), symbol, options.
    """
    contracts = positions.set_index("position_id")[["strike", "right"]]
    rows = greeks[greeks["model"] == AMERICAN].join(contracts, on="position_id")
    rows = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(sample, len(rows))).round().astype(int))]
    terms = rows[["underlying_price", "strike", "years_to_expiry", "rate", "implied_vol", "right"]]
    terms = terms.set_axis(["spot", "strike", "years", "rate", "volatility", "right"], axis=1)
    asked = terms.assign(dividend_yield=rows["dividend_yield"]).to_dict("records")
    found = np.array([plain_tree(**one) for one in asked], dtype=float).reshape(-1, 2)
    return pd.DataFrame(
        [
            _widest(rows, "model_price", found[:, 0], rows["strike"].to_numpy()),
            _widest(rows, "delta", found[:, 1], np.ones(len(rows))),
        ]
    )


def _widest(rows: pd.DataFrame, name: str, theirs: np.ndarray, scale: np.ndarray) -> dict:
    gaps = np.abs(rows[name].to_numpy() - theirs) / scale
    known = np.isfinite(gaps)
    if not known.any():
        nothing = dict.fromkeys(("ours", "tree", "difference"), np.nan)
        return {"measure": name, **nothing, "symbol": "", "options": 0}
    place = int(np.nanargmax(gaps))
    return {
        "measure": name,
        "ours": float(rows[name].iloc[place]),
        "tree": float(theirs[place]),
        "difference": float(gaps[place]),
        "symbol": rows["symbol"].iloc[place],
        "options": int(known.sum()),
    }


def _tree(
    spot: float,
    strike: float,
    dt: float,
    rate: float,
    volatility: float,
    sign: float,
    dividend_yield: float,
    steps: int,
) -> tuple[float, float]:
    """Price and delta of a tree of ``steps`` steps of ``dt`` years; ``sign`` is 1 of a call, -1 of a put."""
    up = np.exp(volatility * np.sqrt(dt))
    chance = (np.exp((rate - dividend_yield) * dt) - 1 / up) / (up - 1 / up)
    if not 0 < chance < 1:
        return np.nan, np.nan
    rise, fall = np.exp(-rate * dt) * chance, np.exp(-rate * dt) * (1 - chance)
    gains = sign * (spot * up ** np.arange(-steps, steps + 1.0) - strike)
    value = np.maximum(gains[::2], 0.0)
    for level in range(steps - 1, 0, -1):
        edge = steps - level
        value = np.maximum(rise * value[1:] + fall * value[:-1], gains[edge : len(gains) - edge : 2])
    delta = (value[1] - value[0]) / (spot * (up - 1 / up))
    return float(max(rise * value[1] + fall * value[0], gains[steps])), float(delta)
