"""The joint behaviour of factors and a Treasury yield that stress scenarios are read against.

The variables are the factors, the market first, and ``rates``, the daily change of one tenor's yield in basis
points. Loadings b_k on the market are those of the betas: least squares, equal weights, the same window. The
covariance is exponentially weighted about zero (RiskMetrics 1996) in the basis of the betas, the market and
what each other variable does beyond it (u_k = f_k - b_k m), with no covariance between the two, which is what
makes u_k the part that the market does not explain; it is then turned back to raw moves. So, given a move of
the market alone, every other variable moves by b_k times it, and a scenario of the market alone has no
correlation effect. Nothing is clipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.risk.factor_model import MINIMUM, factor_frame, market_loadings, rotation
from lib.risk.rates import every_day, known_tenor, yield_changes
from lib.stats.covariance import DECAY, condition_number, effective_observations, ewma_covariance

RATES = "rates"


@dataclass(frozen=True)
class FactorState:
    """Variables in order (``rates`` last where yields allow), daily covariance of raw moves, loadings b_k.

    ``history`` has the raw moves of every day on which any factor has a return, also those before the window,
    missing where a variable has none. Moves of factors are decimals, those of ``rates`` basis points.
    ``minimum`` is how many days betas need. ``yield_level`` is the last yield, a decimal, and
    ``generated_yields`` whether any of them is generated.
    """

    names: tuple[str, ...]
    covariance: np.ndarray
    loadings: np.ndarray
    history: pd.DataFrame
    observations: int
    effective_observations: float
    minimum: int = MINIMUM
    yield_level: float = float("nan")
    generated_yields: bool = False

    @property
    def short(self) -> bool:
        """Whether the factors have too few days for betas, so that no scenario can be computed."""
        return self.observations < self.minimum

    @property
    def condition_number(self) -> float:
        """Of the covariance, scaled to a unit diagonal."""
        return condition_number(self.covariance)


def factor_state(
    factor_returns: pd.DataFrame,
    yields: pd.DataFrame,
    *,
    rate_tenor: str = "10Y",
    window: int = TRADING_DAYS,
    decay: float = DECAY,
    minimum: int = MINIMUM,
) -> FactorState:
    """State on the last ``window`` common days of tables ``factor_returns`` and ``yields``.

    Without ``minimum`` common days of ``rate_tenor`` the state has no ``rates``. Raises DataError without
    factors, and InputError for a tenor that no source quotes.
    """
    factors = factor_frame(factor_returns)
    change = yield_changes(yields, every_day(factor_returns)).get(known_tenor(rate_tenor))
    common = factors if change is None else factors.assign(**{RATES: change}).dropna()
    if len(common) < minimum:
        common = factors
    recent = common.iloc[-window:]
    loadings = market_loadings(recent)
    return FactorState(
        names=tuple(common.columns),
        covariance=joint_covariance(recent.to_numpy(), loadings, decay=decay),
        loadings=loadings,
        history=_every_move(factor_returns, change, common.columns),
        observations=len(recent),
        effective_observations=effective_observations(len(recent), decay=decay),
        minimum=minimum,
        **_yield_facts(yields, rate_tenor),
    )


def _yield_facts(yields: pd.DataFrame, tenor: str) -> dict[str, Any]:
    rows = yields[yields["tenor"] == tenor].sort_values("date")
    generated = "origin" in rows and rows["origin"].eq("generated").any()
    level = float(rows["rate"].iloc[-1]) if len(rows) else float("nan")
    return {"yield_level": level, "generated_yields": bool(generated)}


def _every_move(factor_returns: pd.DataFrame, change: pd.Series | None, names: pd.Index) -> pd.DataFrame:
    wide = factor_returns.pivot(index="date", columns="factor", values="return").sort_index()  # noqa: PD010
    if change is not None:
        wide = wide.assign(**{RATES: change})
    return wide.reindex(columns=names).rename_axis(columns=None)


def joint_covariance(moves: np.ndarray, loadings: np.ndarray, *, decay: float = DECAY) -> np.ndarray:
    """Covariance of raw moves (days x variables, the market first), the rest beyond it uncorrelated with it.

    ``loadings`` are b_k, 0 for the market.
    """
    turn = rotation(loadings)
    basis = turn @ ewma_covariance(moves, decay=decay) @ turn.T
    basis[0, 1:] = basis[1:, 0] = 0.0
    back = rotation(-loadings)
    covariance = back @ basis @ back.T
    return (covariance + covariance.T) / 2.0
