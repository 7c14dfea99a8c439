"""All that the stage ``signals/robustness`` computes of one signal, and what its page needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.signals import robustness, selection
from lib.signals.cube import Cube, cube
from lib.signals.explained import base_sort
from lib.signals.factor_models import PERIODS, frequency_of
from lib.signals.resorted import Formations, formations
from lib.signals.subsamples import subsamples


@dataclass(frozen=True)
class Settings:
    """Settings of the stage: which spread, what is varied, how often is drawn, from which seed."""

    weighting: str = "equal"
    lags: tuple[int, ...] = (1, 2, 5)
    groups: tuple[int, ...] = (4, 5, 10)
    max_age: int = 200
    delisting_return: float = -0.30
    draws: int = 1000
    horizon: int = 60
    least: int = 12
    seed: int = 7


@dataclass(frozen=True)
class Inputs:
    """The tables that the stage reads; ``indices`` are ``signal_benchmarks``."""

    sorted_firms: pd.DataFrame
    values: pd.DataFrame
    returns: pd.DataFrame
    memberships: pd.DataFrame
    delistings: pd.DataFrame
    indices: pd.DataFrame
    long_short: pd.DataFrame
    group_returns: pd.DataFrame
    trials: pd.DataFrame
    trial_returns: pd.DataFrame


@dataclass(frozen=True)
class RobustStudy:
    """The tables of the stage by name, and what went into them; ``drawn`` are permuted means by way."""

    tables: dict[str, pd.DataFrame]
    formed: Formations
    drawn: dict[str, np.ndarray]
    settings: Settings
    frequency: str
    periods_a_year: float
    benchmark: str | None


def robust_study(given: Inputs, settings: Settings, **subject: str | None) -> RobustStudy:
    """Compute everything; ``subject``: as_of, universe, hypothesis and benchmark."""
    as_of, hypothesis = str(subject["as_of"]), str(subject["hypothesis"])
    sign = 1.0 if hypothesis == "higher" else -1.0
    arrays = cube(
        given.returns,
        given.memberships,
        given.delistings,
        universe=str(subject["universe"]),
        as_of=as_of,
        delisting_return=settings.delisting_return,
    )
    held = base_sort(given.long_short, settings.weighting)
    formed = formations(arrays, given.sorted_firms, given.long_short, weighting=settings.weighting)
    frequency = frequency_of(held["start"], held["date"])
    a_year = float(PERIODS.get(frequency, np.nan))
    draws, seed = settings.draws, settings.seed
    known, earned = robustness.specifications(
        formed,
        arrays,
        given.values,
        sign=sign,
        lags=settings.lags,
        groups=settings.groups,
        max_age=settings.max_age,
    )
    best, superior = robustness.compared(
        earned, _earlier(given, settings.weighting, hypothesis), draws=draws, seed=seed
    )
    permutations, drawn = robustness.permutation_table(formed, sign=sign, draws=draws, seed=seed)
    index, swings = _index(given.indices, subject["benchmark"], formed, as_of)
    tables = {
        "signal_bootstrap": robustness.bootstrap_table(held, draws=draws, seed=seed),
        "signal_permutations": permutations,
        "signal_subsamples": subsamples(
            formed,
            earned.iloc[:, 0].to_numpy(),
            index,
            swings,
            _failed(arrays, given.delistings, as_of),
            sign=sign,
            periods_a_year=a_year,
            least=settings.least,
        ),
        "signal_specifications": robustness.specification_table(
            known, earned, superior, periods_a_year=a_year
        ),
        "signal_best_of_many": best,
        "signal_outlook": robustness.outlook(held, periods=settings.horizon, draws=draws, seed=seed),
        "signal_reproduced": robustness.reproduced(formed, held, sign=sign),
    }
    return RobustStudy(tables, formed, drawn, settings, frequency, a_year, subject["benchmark"])


def _earlier(given: Inputs, weighting: str, hypothesis: str) -> pd.DataFrame:
    """Returns of earlier tries on the periods of this spread (periods x tries)."""
    found = selection.candidates(
        given.long_short,
        given.group_returns,
        given.trials,
        given.trial_returns,
        weighting=weighting,
        hypothesis=hypothesis,
    ).returns
    if not len(found.columns):
        return pd.DataFrame(index=found.index)
    kept = found.loc[:, found.columns.get_level_values("kind") == "earlier"]
    return kept.set_axis(kept.columns.get_level_values("candidate"), axis=1)


def _failed(arrays: Cube, delistings: pd.DataFrame, as_of: str) -> np.ndarray:
    """Firms (N,) that are known to have failed."""
    end = pd.Timestamp(as_of)
    gone = delistings.loc[(delistings["reason"] == "failed") & (delistings["known_at"] <= end), "entity"]
    return np.asarray(arrays.entities.isin(gone))


def _index(
    table: pd.DataFrame, benchmark: str | None, formed: Formations, as_of: str
) -> tuple[np.ndarray, np.ndarray]:
    """The index' return and the standard deviation of its days over each period; NaN where it has none."""
    own = table.loc[(table["benchmark"] == benchmark) & (table["date"] <= pd.Timestamp(as_of))]
    own = own.sort_values("date", kind="stable")
    days, values = pd.DatetimeIndex(own["date"]), own["return"].to_numpy("float64")
    first, last = (days.searchsorted(edge, side="right") for edge in (formed.start, formed.end))
    count = np.asarray(last - first, dtype="float64")

    def summed(numbers: np.ndarray) -> np.ndarray:
        path = np.concatenate([[0.0], np.cumsum(numbers)])
        return path[last] - path[first]

    grown = np.expm1(summed(np.log1p(values)))
    known = count >= 2
    safe = np.where(known, count, 2.0)
    variance = np.maximum(summed(values**2) - summed(values) ** 2 / safe, 0.0) / (safe - 1.0)
    return np.where(known, grown, np.nan), np.where(known, np.sqrt(variance), np.nan)
