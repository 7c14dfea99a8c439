"""Every risk table of one book at once, by the functions and defaults of the risk stages.

For books that are no portfolio of the run, such as one after trades that are thought of: the same market data
go in, so that a difference between two books is a difference of their positions and of nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lib.book import base_of, holdings
from lib.conventions import EXCHANGE, TRADING_DAYS
from lib.risk import (
    betas,
    clusters,
    correlations,
    factor_var,
    metrics,
    rates,
    scenarios,
    stress,
)
from lib.risk.benchmark import relative_metrics
from lib.risk.factor_model import factor_model
from lib.risk.factor_state import factor_state
from lib.risk.historical_simulation import HistoricalSimulation, simulate
from lib.risk.repricing import RepricingInputs, repricing_inputs
from lib.risk.scenario_files import Scenario

METHOD = factor_var.metric_name(0.95)


@dataclass(frozen=True)
class Market:
    """What every book is measured on: tables of these names, and stress scenarios.

    The scenarios move the yield of ``rate_tenor`` and replay windows by the sessions of ``exchange``.
    """

    prices: pd.DataFrame
    yields: pd.DataFrame
    factor_returns: pd.DataFrame
    scenarios: Sequence[Scenario]
    rate_tenor: str = "10Y"
    exchange: str = EXCHANGE

    @property
    def tenors(self) -> tuple[str, ...]:
        """The tenors that moves of rates are measured by."""
        return rates.tenors_of(self.yields, self.rate_tenor)


def measure_book(
    positions: pd.DataFrame,
    greeks: pd.DataFrame,
    exposures: pd.DataFrame,
    market: Market,
    *,
    minimum_history: int = TRADING_DAYS,
) -> dict[str, pd.DataFrame]:
    """Tables by name, of tables ``positions``, ``greeks`` and ``exposures`` of one book.

    position_betas, portfolio_betas, scenario_pnl, stress_pnl, concentration, risk_metrics (without benchmark)
    and var_components (95 % only).
    """
    held, base = holdings(positions, greeks), base_of(exposures)
    model = factor_model(held, market.prices, market.factor_returns)
    by_position = betas.position_betas(held, market.prices, market.factor_returns)
    by_rate = rates.rate_betas(
        held, market.prices, market.factor_returns, market.yields, tenors=market.tenors
    )
    inputs = repricing_inputs(held, positions, greeks)
    compared = correlations.compare(held, market.prices)
    return {
        "position_betas": by_position,
        "portfolio_betas": betas.portfolio_betas(by_position, model, amount=base[0], base=base[1]),
        "scenario_pnl": scenarios.scenario_pnl(inputs, by_position, by_rate, base=base, tenors=market.tenors),
        "stress_pnl": _stress(inputs, by_position, by_rate, market, base),
        "concentration": correlations.concentration(compared, clusters.clusters(compared, positions), held),
        "risk_metrics": _metrics(
            simulate(positions, greeks, exposures, market.prices, minimum_history=minimum_history),
            factor_var.factor_metrics(model, amount=base[0]),
        ),
        "var_components": _at_95(factor_var.components(model, held)),
    }


def components_alone(
    positions: pd.DataFrame, greeks: pd.DataFrame, market: Market, *, underlying: str | None
) -> pd.DataFrame:
    """Rows of table ``var_components`` at 95 % of the positions in one underlying, as a book."""
    held = holdings(positions, greeks)
    own = held[held["underlying"] == underlying].reset_index(drop=True)
    return _at_95(factor_var.components(factor_model(own, market.prices, market.factor_returns), own))


def _at_95(components: pd.DataFrame) -> pd.DataFrame:
    return components[components["method"] == METHOD].reset_index(drop=True)


def _stress(
    inputs: RepricingInputs,
    by_position: pd.DataFrame,
    by_rate: pd.DataFrame,
    market: Market,
    base: tuple[float, str, float],
) -> pd.DataFrame:
    state = factor_state(market.factor_returns, market.yields, rate_tenor=market.rate_tenor)
    result = stress.stress(
        inputs,
        by_position,
        by_rate,
        state,
        market.scenarios,
        base=base,
        rate_tenor=market.rate_tenor,
        exchange=market.exchange,
    )
    return result.pnl


def _metrics(past: HistoricalSimulation, factor: pd.DataFrame) -> pd.DataFrame:
    none = relative_metrics(past.returns, None, risk_free=0.0, total_return=False, symbol=None)
    return metrics.risk_metrics(
        past.returns, relative=none, factor=factor, flags=past.flags, revalued=past.options > 0
    )
