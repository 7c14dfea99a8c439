"""Every risk table of one book at once, by the functions of the risk stages and their settings in the run.

For books that are no portfolio of the run, such as one after trades that are thought of: the same market data
go in, so that a difference between two books is a difference of their positions and of nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import pandas as pd

from lib.book import base_of, bases_of, holdings
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
from lib.risk.factor_model import MARKET, FactorModel, factor_model, model_options
from lib.risk.factor_state import factor_state
from lib.risk.historical_simulation import HistoricalSimulation, simulate
from lib.risk.repricing import RepricingInputs, repricing_inputs
from lib.risk.risk_free import risk_free_rate
from lib.risk.scenario_files import Scenario
from lib.stats.normal_var import normal_var
from lib.stats.tails import var_hist

METHOD = factor_var.metric_name(0.95)
RATE_TENOR = "10Y"


@dataclass(frozen=True)
class Settings:
    """Settings of each risk stage by their names in its notebook; the defaults where one is left out."""

    betas: Mapping[str, Any] = field(default_factory=dict)
    scenarios: Mapping[str, Any] = field(default_factory=dict)
    stress: Mapping[str, Any] = field(default_factory=dict)
    correlations: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def given_by(cls, asked: Callable[[str], Mapping[str, Any]]) -> Settings:
        """What ``asked`` gives for each stage by its name, "risk/betas" and so on."""
        return cls(**{one.name: asked(f"risk/{one.name}") for one in fields(cls)})

    def of(self, stage: str, *names: str, **renamed: str) -> dict[str, Any]:
        """Arguments of a function from a stage's settings: those of the same name, and ``argument=name``."""
        given = getattr(self, stage)
        asked = {**dict(zip(names, names, strict=True)), **renamed}
        return {argument: given[name] for argument, name in asked.items() if name in given}


@dataclass(frozen=True)
class Market:
    """What every book is measured on and how: tables of these names, stress scenarios, settings of stages.

    Windows of scenarios are replayed by the sessions of ``exchange``.
    """

    prices: pd.DataFrame
    yields: pd.DataFrame
    factor_returns: pd.DataFrame
    scenarios: Sequence[Scenario]
    exchange: str = EXCHANGE
    settings: Settings = field(default_factory=Settings)

    @property
    def tenors(self) -> tuple[str, ...]:
        """The tenors that moves of rates are measured by."""
        return rates.tenors_of(self.yields, self.settings.scenarios.get("rate_tenor", RATE_TENOR))

    def factor_model(self, held: pd.DataFrame) -> FactorModel:
        """The factor model of holdings, as the stage on betas estimates it."""
        options = model_options(self.settings.betas)
        return factor_model(held, self.prices, self.factor_returns, **options)


def measure_book(
    positions: pd.DataFrame,
    greeks: pd.DataFrame,
    exposures: pd.DataFrame,
    market: Market,
) -> dict[str, pd.DataFrame]:
    """Tables by name, of tables ``positions``, ``greeks`` and ``exposures`` of one book.

    position_betas, portfolio_betas, scenario_pnl, stress_pnl, concentration, risk_metrics (without benchmark)
    and var_components (95 % only).
    """
    held, base, settings = holdings(positions, greeks), base_of(exposures), market.settings
    model = market.factor_model(held)
    asked = settings.of("betas", "window", "minimum", "cap")
    by_position = betas.position_betas(held, market.prices, market.factor_returns, **asked)
    by_rate = _rate_betas(held, market)
    inputs = repricing_inputs(held, positions, greeks)
    past = simulate(positions, greeks, exposures, market.prices, **settings.of("metrics", "minimum_history"))
    return {
        "position_betas": by_position,
        "portfolio_betas": betas.portfolio_betas(by_position, model, **bases_of(exposures)),
        "scenario_pnl": _scenarios(inputs, by_position, by_rate, market, base),
        "stress_pnl": _stress(inputs, by_position, by_rate, market, base),
        "concentration": _concentration(held, positions, market),
        "risk_metrics": _metrics(past, factor_var.factor_metrics(model, amount=base[0]), market),
        "var_components": _at_95(factor_var.components(model, held)),
    }


def components_alone(
    positions: pd.DataFrame, greeks: pd.DataFrame, market: Market, *, underlying: str | None
) -> pd.DataFrame:
    """Rows of table ``var_components`` at 95 % of the positions in one underlying, as a book."""
    held = holdings(positions, greeks)
    own = held[held["underlying"] == underlying].reset_index(drop=True)
    return _at_95(factor_var.components(market.factor_model(own), own))


def market_betas(symbols: Sequence[str], market: Market) -> pd.DataFrame:
    """Columns symbol, beta and r_squared of each of ``symbols`` on the market alone, as on betas' page."""
    held = pd.DataFrame({"position_id": symbols, "underlying": symbols, "reason": ""}, dtype="str")
    held = held.assign(delta_exposure=float("nan"))
    asked = market.settings.of("betas", "window", "minimum", "cap")
    rows = betas.position_betas(held, market.prices, market.factor_returns, **asked)
    chosen = (rows["method"] == "univariate") & (rows["factor"] == MARKET) & ~rows["capped"]
    return rows.loc[chosen, ["symbol", "beta", "r_squared"]].dropna().reset_index(drop=True)


def day_risk(
    positions: pd.DataFrame, greeks: pd.DataFrame, exposures: pd.DataFrame, market: Market
) -> tuple[float, float, float]:
    """Of a day, money: deviation of what is specific, factor value at risk and that of a year, both 95 %."""
    model = market.factor_model(holdings(positions, greeks))
    past = simulate(
        positions, greeks, exposures, market.prices, **market.settings.of("metrics", "minimum_history")
    )
    year = past.returns.tail(TRADING_DAYS)
    loss = var_hist(year, level=0.95) * past.amount if len(year) == TRADING_DAYS else float("nan")
    specific = math.sqrt(max(model.specific_variances[1], 0.0))
    return specific, normal_var(factor_var.deviation(model), level=0.95), loss


def _at_95(components: pd.DataFrame) -> pd.DataFrame:
    return components[components["method"] == METHOD].reset_index(drop=True)


def _rate_betas(held: pd.DataFrame, market: Market) -> pd.DataFrame:
    asked = market.settings.of("scenarios", "window", minimum="minimum_observations", cap="rate_beta_cap")
    tables = (market.prices, market.factor_returns, market.yields)
    return rates.rate_betas(held, *tables, tenors=market.tenors, **asked)


def _scenarios(
    inputs: RepricingInputs,
    by_position: pd.DataFrame,
    by_rate: pd.DataFrame,
    market: Market,
    base: tuple[float, str, float],
) -> pd.DataFrame:
    asked = market.settings.of("scenarios", "market_moves", "rate_moves")
    return scenarios.scenario_pnl(inputs, by_position, by_rate, base=base, tenors=market.tenors, **asked)


def _concentration(held: pd.DataFrame, positions: pd.DataFrame, market: Market) -> pd.DataFrame:
    limits = ("window", "minimum", "min_position_value", "min_weight", "filter_mode", "view")
    compared = correlations.compare(held, market.prices, **market.settings.of("correlations", *limits))
    groups = clusters.clusters(compared, positions, **market.settings.of("correlations", "threshold"))
    return correlations.concentration(compared, groups, held)


def _stress(
    inputs: RepricingInputs,
    by_position: pd.DataFrame,
    by_rate: pd.DataFrame,
    market: Market,
    base: tuple[float, str, float],
) -> pd.DataFrame:
    asked = market.settings.of("stress", "rate_tenor", "window", "decay", minimum="minimum_observations")
    state = factor_state(market.factor_returns, market.yields, **asked)
    asked = market.settings.of("stress", "rate_tenor", "horizon_days", "volatility_beta")
    terms = {"base": base, "exchange": market.exchange, "prices": market.prices, **asked}
    return stress.stress(inputs, by_position, by_rate, state, market.scenarios, **terms).pnl


def _metrics(past: HistoricalSimulation, factor: pd.DataFrame, market: Market) -> pd.DataFrame:
    rate = risk_free_rate(market.yields, market.settings.metrics.get("risk_free")).rate
    none = relative_metrics(past.compounding, None, risk_free=0.0, total_return=False, symbol=None)
    terms = {"relative": none, "compounding": past.compounding, "factor": factor, "risk_free": rate}
    return metrics.risk_metrics(past.returns, flags=past.flags, revalued=past.options > 0, **terms)
