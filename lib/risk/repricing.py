"""What moves of the underlyings do to the positions: by delta, by delta and gamma, and revalued in full.

Moves are decimal returns of the underlyings, scenarios x positions in the order of ``holdings``; a move below
-100 % counts as -100 %, for stocks and options alike, so that both sides of a hedge see one price. A stock's
profit is its exposure times the move. An option's is

- linear: dollar delta x move;
- with gamma: + 1/2 x (gamma x multiplier x quantity) x (price of the underlying x move)^2;
- in full: quantity x multiplier x (model price after - model price now), and never a loss above the premium
  for one that is held long.

An option that the model cannot reprice keeps linear and gamma, and is counted in ``not_revalued``. The profit
without the bound, in which a stock can lose more than all of its value, stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.pricing.revalue import revaluation_pnl

VOLATILITY_CAP = 1.5
"""A volatility factor raises no volatility above this; one that is higher already stays."""
ALL_LOST = -1.0
"""The largest fall of an underlying, a decimal return."""
NOT_OBSERVED = ("constructed", "generated")
GREEK_COLUMNS = [
    "position_id",
    "underlying_price",
    "implied_vol",
    "rate",
    "dividend_yield",
    "years_to_expiry",
    "model",
    "gamma_dollars",
]


@dataclass(frozen=True)
class RepricingInputs:
    """Positions as scenarios see them.

    ``holdings`` has a row a position held; ``delta_exposure`` is missing where the position is left out.
    ``options`` are the inputs of those that can be repriced, ``places`` their rows in ``holdings``;
    ``generated`` says that the price of one, and so its volatility, was not observed.
    """

    holdings: pd.DataFrame
    delta_exposure: np.ndarray
    gamma_dollars: np.ndarray
    options: pd.DataFrame
    places: np.ndarray
    generated: bool = False

    @property
    def not_revalued(self) -> int:
        """Options that take part and cannot be repriced."""
        option = (self.holdings["kind"] == "option").to_numpy() & np.isfinite(self.delta_exposure)
        return int(option.sum()) - len(self.places)


@dataclass(frozen=True)
class Profits:
    """Money by scenario and position; missing where the position is left out.

    ``unbounded`` is ``full`` with the moves as they were given, below -100 % too.
    """

    linear: np.ndarray
    gamma: np.ndarray
    full: np.ndarray
    unbounded: np.ndarray


def repricing_inputs(
    holdings: pd.DataFrame, positions: pd.DataFrame, greeks: pd.DataFrame
) -> RepricingInputs:
    """The positions of ``holdings`` with what repricing needs, of tables ``positions`` and ``greeks``."""
    terms = positions[["position_id", "strike", "right"]].merge(greeks[GREEK_COLUMNS], on="position_id")
    joined = holdings[["position_id"]].merge(terms, on="position_id", how="left", validate="one_to_one")
    inputs = ["underlying_price", "implied_vol", "rate", "dividend_yield", "years_to_expiry", "strike"]
    whole = joined[inputs].notna().all(axis=1) & joined["right"].notna()
    delta = holdings["delta_exposure"].to_numpy("float64")
    option = (holdings["kind"] == "option").to_numpy() & np.isfinite(delta)
    places = np.flatnonzero(option & whole.to_numpy())
    gamma = np.where(option, joined["gamma_dollars"].to_numpy("float64"), 0.0)
    repriced = joined.iloc[places].reset_index(drop=True)
    observed = positions.set_index("position_id")["origin"] if "origin" in positions else pd.Series()
    made = observed.reindex(repriced["position_id"]).isin(NOT_OBSERVED)
    return RepricingInputs(holdings, delta, gamma, repriced, places, bool(made.any()))


def profits(
    book: RepricingInputs,
    moves: np.ndarray,
    *,
    volatility_factor: Any = 1.0,
    rate_shift: Any = 0.0,
) -> Profits:
    """Profits of ``moves`` (scenarios x positions, decimals; missing where a position has no beta).

    ``volatility_factor`` and ``rate_shift`` (decimal) are one number, or one a scenario; they act on options.
    """
    bounded = np.maximum(moves, ALL_LOST)
    linear, gamma = _by_greeks(book, bounded)
    full, unbounded = np.array(gamma), _by_greeks(book, moves)[1]
    if len(book.places):
        held = book.holdings.iloc[book.places]
        quantity = held["quantity"].to_numpy("float64")
        revalued = revaluation_pnl(
            book.options,
            quantity=quantity,
            multiplier=held["multiplier"].to_numpy("float64"),
            spot_move=bounded[:, book.places],
            volatility_factor=_capped(book.options, volatility_factor),
            rate_shift=_column(rate_shift),
        )
        premium = held["exposure"].to_numpy("float64")
        floor = np.where(quantity > 0, -premium, -np.inf)
        full[:, book.places] = np.fmax(revalued, floor) + 0.0 * moves[:, book.places]
        unbounded[:, book.places] = full[:, book.places]
    return Profits(linear, gamma, full, unbounded)


def _by_greeks(book: RepricingInputs, moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Profits by delta, and by delta and gamma."""
    linear = moves * book.delta_exposure
    return linear, linear + 0.5 * 100.0 * np.nan_to_num(book.gamma_dollars) * np.square(moves)


def add_up(money: np.ndarray) -> np.ndarray:
    """Sum over positions (last axis), left-out ones passed over; missing where all of them are."""
    known = np.isfinite(money)
    return np.where(known.any(axis=-1), np.where(known, money, 0.0).sum(axis=-1), np.nan)


def _column(value: Any) -> np.ndarray:
    array = np.asarray(value, dtype="float64")
    return array[:, None] if array.ndim == 1 else array


def _capped(options: pd.DataFrame, factor: Any) -> np.ndarray:
    """The factor, one a scenario, lowered for each option so that its volatility stays under the cap."""
    volatility = options["implied_vol"].to_numpy("float64")
    room = np.maximum(1.0, VOLATILITY_CAP / np.where(volatility > 0, volatility, np.nan))
    return np.fmin(_column(factor), room)
