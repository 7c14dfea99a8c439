"""What the review is made from: the tables of the other chapters, and what every part of it asks of them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib import book


@dataclass(frozen=True)
class Tables:
    """The tables that the review reads; columns as in ``lib/tables``."""

    positions: pd.DataFrame
    row_issues: pd.DataFrame
    exposures: pd.DataFrame
    exposure_groups: pd.DataFrame
    instruments: pd.DataFrame
    data_issues: pd.DataFrame
    snapshots: pd.DataFrame
    snapshot_positions: pd.DataFrame
    greeks: pd.DataFrame
    portfolio_greeks: pd.DataFrame
    portfolio_betas: pd.DataFrame
    position_betas: pd.DataFrame
    factor_attribution: pd.DataFrame
    compared_underlyings: pd.DataFrame
    position_correlations: pd.DataFrame
    clusters: pd.DataFrame
    concentration: pd.DataFrame
    risk_metrics: pd.DataFrame
    portfolio_returns: pd.DataFrame
    drawdowns: pd.DataFrame
    var_components: pd.DataFrame
    rate_betas: pd.DataFrame
    scenario_pnl: pd.DataFrame
    stress_pnl: pd.DataFrame
    stress_positions: pd.DataFrame
    stress_factors: pd.DataFrame
    what_if: pd.DataFrame
    what_if_trades: pd.DataFrame
    profit_history: pd.DataFrame
    profit_periods: pd.DataFrame
    realised_metrics: pd.DataFrame
    replay_positions: pd.DataFrame
    shortfall_components: pd.DataFrame
    liquidity: pd.DataFrame
    what_if_alternatives: pd.DataFrame

    @property
    def held(self) -> pd.DataFrame:
        """Positions of today's book."""
        return self.positions[self.positions["quantity"] != 0]

    @property
    def options(self) -> pd.DataFrame:
        """Option positions of today's book."""
        held = self.held
        return held[held["kind"] == "option"]

    @property
    def totals(self) -> pd.Series:
        """Totals of the book by measure."""
        return book.totals_of(self.exposures)

    @property
    def base(self) -> float:
        """The money that shares are shares of."""
        return book.base_of(self.exposures)[0]

    @property
    def delta_exposures(self) -> pd.Series:
        """Delta-adjusted exposure of each held position by position id, NaN where it is not known."""
        held = self.held
        return pd.Series(book.delta_exposures(held, self.greeks), index=held["position_id"], dtype="float64")

    @property
    def descriptions(self) -> dict[str, str]:
        """What each symbol is, for people."""
        return book.descriptions_of(self.positions, self.instruments)

    def by_symbol(self, parts: pd.DataFrame) -> pd.Series:
        """The symbol of each row of a table that has ``position_id``: lots of one symbol are one holding."""
        return parts["position_id"].map(self.positions.set_index("position_id")["symbol"])
