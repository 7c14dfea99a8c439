"""All that the stage ``signals/alphas`` computes of one signal, and what its page needs to speak of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.signals import alphas, selection, spread_risk
from lib.signals.explained import SPREAD, Explained, base_sort, explained
from lib.signals.factor_models import Factors, factors_of
from lib.signals.moving_alphas import moving_alphas


@dataclass(frozen=True)
class Choice:
    """Settings of the stage: which spread, which model speaks, windows, splits of time."""

    weighting: str = "equal"
    model: str = "richest"
    window_days: int = 260
    step_days: int = 20
    window_months: int = 36
    stretches: int = 12
    purge: int = 1
    level: float = 0.95


@dataclass(frozen=True)
class Inputs:
    """The tables that the stage reads; ``indices`` are ``signal_benchmarks``."""

    long_short: pd.DataFrame
    long_short_daily: pd.DataFrame
    group_returns: pd.DataFrame
    factor_sets: pd.DataFrame
    test_portfolios: pd.DataFrame
    indices: pd.DataFrame
    trials: pd.DataFrame
    trial_returns: pd.DataFrame


@dataclass(frozen=True)
class AlphaStudy:
    """The tables of the stage by name, and what went into them."""

    tables: dict[str, pd.DataFrame]
    parts: dict[str, Explained]
    best: pd.Series | None
    choice: Choice
    factor_set: str | None
    factor_origins: tuple[str, ...]
    factors: dict[str, Factors]
    firms: float
    periods: int

    def figure(self, name: str) -> float:
        """A figure of table ``signal_deflation``."""
        return float(self.tables["signal_deflation"].set_index("figure")["value"][name])

    def code(self, name: str) -> str:
        """Its code."""
        return str(self.tables["signal_deflation"].set_index("figure")["code"][name])

    def risk(self, metric: str, portfolio: str = SPREAD) -> float:
        """A measure of table ``signal_risk``, of holding periods where there are any, else of days."""
        rows = self.tables["signal_risk"]
        rows = rows.loc[(rows["metric"] == metric) & (rows["portfolio"] == portfolio)]
        return float(rows["value"].iloc[0]) if len(rows) else float("nan")


def alpha_study(given: Inputs, choice: Choice, **subject: str | None) -> AlphaStudy:
    """Compute everything from the tables that the stage reads.

    ``subject``: as_of, hypothesis, benchmark and factor_set. Raises InputError for factors in percent.
    """
    as_of, factor_set = str(subject["as_of"]), subject["factor_set"]
    factors = factors_of(given.factor_sets, factor_set, as_of=as_of)
    long_short, groups = given.long_short, given.group_returns
    daily, weighting = given.long_short_daily, choice.weighting
    held = base_sort(long_short, weighting)
    parts = explained(long_short, daily, groups, factors, weighting=weighting)
    regressed = alphas.Regressed(parts)
    best = regressed.best(SPREAD, choice.model)
    found = selection.candidates(
        long_short,
        groups,
        given.trials,
        given.trial_returns,
        weighting=weighting,
        hypothesis=str(subject["hypothesis"]),
    )
    deflation, splits = selection.deflation(
        found,
        periods_a_year=parts["holding"].periods_a_year,
        stretches=choice.stretches,
        purge=choice.purge,
        level=choice.level,
    )
    index = given.indices
    index = index.loc[(index["benchmark"] == subject["benchmark"]) & (index["date"] <= pd.Timestamp(as_of))]
    own = given.factor_sets.loc[given.factor_sets["factor_set"] == factor_set]
    firms = base_sort(groups, weighting)["firms"]
    return AlphaStudy(
        {
            "signal_alphas": regressed.alphas,
            "signal_betas": regressed.betas,
            "signal_rolling": moving_alphas(
                parts,
                choice.model,
                days=choice.window_days,
                step=choice.step_days,
                months=choice.window_months,
            ),
            "signal_attribution": alphas.attribution(parts, regressed, choice.model),
            "signal_joint_alphas": alphas.joint_tests(parts, given.test_portfolios, factors, as_of=as_of),
            "signal_candidates": found.table,
            "signal_deflation": deflation,
            "signal_overfitting": splits,
            "signal_risk": spread_risk.spread_risk(
                long_short, daily, index.set_index("date")["return"].sort_index(), weighting=weighting
            ),
        },
        parts,
        best,
        choice,
        factor_set,
        tuple(sorted(own["origin"].unique())),
        factors,
        float(firms.median()) if len(firms) else float("nan"),
        len(held),
    )


def attributed(study: AlphaStudy) -> pd.DataFrame:
    """The spread's parts summed over time: date by part, cumulative, in the order of the model."""
    table = study.tables["signal_attribution"]
    own = table.loc[(table["portfolio"] == SPREAD) & (table["part"] != "cash")]
    wide = own.pivot_table(index="date", columns="factor", values="value", sort=False)
    return wide.cumsum() if len(wide) else pd.DataFrame(index=pd.DatetimeIndex([]), dtype=np.float64)
