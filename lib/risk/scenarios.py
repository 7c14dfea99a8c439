"""What a move of the market, or of Treasury yields, would do to today's book.

Each underlying moves by its beta times the shock: the market beta of a univariate regression (which the
orthogonal one equals), or the beta to a tenor's yield with the market held fixed. Three answers stand side by
side: linear (betas and deltas), with gamma, and with every option revalued. In rate scenarios the rate that
discounts the options moves too, in the revaluation alone. Tenors are alternatives, never added.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib import codes
from lib.book import left_out_flags
from lib.conventions import BASIS_POINT
from lib.risk.factor_model import MARKET
from lib.risk.rates import NO_YIELDS
from lib.risk.repricing import ALL_LOST, Profits, RepricingInputs, add_up, profits

MARKET_MOVES = (-0.20, -0.10, -0.05, 0.05, 0.10, 0.20)
RATE_MOVES = (-200.0, -100.0, 100.0, 200.0)
METHOD = "orthogonal"


def scenario_pnl(
    book: RepricingInputs,
    position_betas: pd.DataFrame,
    rate_betas: pd.DataFrame,
    *,
    base: tuple[float, str, float],
    market_moves: Sequence[float] = MARKET_MOVES,
    rate_moves: Sequence[float] = RATE_MOVES,
    tenors: Sequence[str],
) -> pd.DataFrame:
    """Table ``scenario_pnl`` of tables ``position_betas`` and ``rate_betas``, rates by each of ``tenors``.

    ``base`` is (money, "nav" or "gross", net asset value) as of ``base_of``; market moves are decimals, rate
    moves basis points.
    """
    markets = market_scenarios(book, position_betas, base=base, moves=market_moves)
    parts = [
        rate_scenarios(book, rate_betas[rate_betas["tenor"] == tenor], tenor, base=base, moves=rate_moves)
        for tenor in tenors
    ]
    return pd.concat([markets, *parts], ignore_index=True)


def market_scenarios(
    book: RepricingInputs,
    position_betas: pd.DataFrame,
    *,
    base: tuple[float, str, float],
    moves: Sequence[float] = MARKET_MOVES,
) -> pd.DataFrame:
    """Rows of kind ``market``."""
    rows = position_betas[(position_betas["method"] == METHOD) & (position_betas["factor"] == MARKET)]
    known = rows.set_index("position_id").reindex(book.holdings["position_id"])
    beta, capped = known["beta"].to_numpy("float64"), known["capped"].eq(True).to_numpy()
    shocks = np.asarray(moves, dtype="float64")
    result = profits(book, shocks[:, None] * beta)
    names = [f"market_{_way(move)}_{abs(move) * 100:g}" for move in shocks]
    table = _table(book, result, names, shocks, beta, capped, base)
    return table.assign(kind="market", tenor=pd.array([None] * len(table), dtype="str"))


def rate_scenarios(
    book: RepricingInputs,
    rate_betas: pd.DataFrame,
    tenor: str,
    *,
    base: tuple[float, str, float],
    moves: Sequence[float] = RATE_MOVES,
) -> pd.DataFrame:
    """Rows of kind ``rates`` of one tenor's betas; ``moves`` in basis points.

    Where the tenor has no yields, the results are null and their only flag says so.
    """
    known = rate_betas.set_index("position_id").reindex(book.holdings["position_id"])
    beta = known["beta_per_bp"].to_numpy("float64")
    capped = codes.has(known["quality"], "capped").to_numpy("bool")
    shocks = np.asarray(moves, dtype="float64")
    result = profits(book, shocks[:, None] * beta, rate_shift=shocks * BASIS_POINT)
    names = [f"ir_{_way(move)}_{abs(move):g}bp" for move in shocks]
    table = _table(book, result, names, shocks, beta, capped, base)
    if rate_betas["quality"].eq(NO_YIELDS).any():
        table = table.assign(flags=NO_YIELDS)
    return table.assign(kind="rates", tenor=tenor)


def _way(move: float) -> str:
    return "up" if move > 0 else "down"


def _table(
    book: RepricingInputs,
    result: Profits,
    names: list[str],
    shocks: np.ndarray,
    beta: np.ndarray,
    capped: np.ndarray,
    base: tuple[float, str, float],
) -> pd.DataFrame:
    amount, base_name, _ = base
    pnl = add_up(result.full)
    fraction = pnl / amount if amount > 0 else np.full(len(pnl), np.nan)
    takes_part = np.isfinite(book.delta_exposure)
    falls = shocks[:, None] * np.where(takes_part & np.isfinite(beta), beta, 0.0)
    masks = dict.fromkeys(left_out_flags(book.holdings), True) | {
        "no_beta_left_out": (takes_part & np.isnan(beta)).any(),
        "capped_beta": (takes_part & capped & np.isfinite(beta)).any(),
        "not_revalued": book.not_revalued > 0,
        "base_gross": base_name == "gross",
        "below_zero": falls.min(axis=1, initial=0.0) < ALL_LOST,
        "nothing_covered": np.isnan(pnl),
        "exceeds_nav": pnl < -amount,
    }
    return pd.DataFrame(
        {
            "scenario": names,
            "shock": shocks,
            "linear_pnl": add_up(result.linear),
            "gamma_pnl": add_up(result.gamma),
            "pnl": pnl,
            "unbounded_pnl": add_up(result.unbounded),
            "pnl_fraction": fraction,
            "flags": codes.flags_of(masks, pd.RangeIndex(len(shocks))),
        }
    )
