"""What the number of tries leaves of the Sharpe ratio of a rule.

Tries are every combination that a search went through, of every rule, the rules as they are set, all of them
together, and every earlier specification of the account. Their number is made one of independent tries in two
ways (``lib.stats.effective_trials``) and the larger deflates. The variance over tries is at least that of one
ratio's estimate. An earlier try whose returns are gone counts as an independent one. Bailey and López de
Prado (2014), "The Deflated Sharpe Ratio".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.stats.effective_trials import correlation_of_trials, effective_by_eigenvalues, trial_clusters
from lib.stats.sharpe_inference import (
    deflated_sharpe,
    expected_best,
    minimum_track_record,
    probabilistic_sharpe,
    sharpe_error,
    sharpe_moments,
)

MOSTLY = 0.9
"""Share of sessions that an earlier try must have returns of to be compared."""
LEVEL = 0.95


class Tries(NamedTuple):
    """Returns (T, C) of all tries that moved; how many there were, of them earlier ones, without returns."""

    returns: np.ndarray
    number: int
    earlier: int
    gone: int


def tries_of(
    own: list[np.ndarray], sessions: pd.DatetimeIndex, trials: pd.DataFrame, trial_returns: pd.DataFrame
) -> Tries:
    """The tries of this study, each (T,) or (C, T), and those of the ledger."""
    rows = np.vstack([np.atleast_2d(one) for one in own])
    found, told = [], set()
    for name, part in trial_returns.groupby("specification", sort=True):
        known = part.drop_duplicates("date").set_index("date")["return"].reindex(sessions)
        if known.notna().mean() >= MOSTLY:
            found.append(known.fillna(0.0).to_numpy())
            told.add(name)
    rows = np.vstack([rows, *found]) if found else rows
    moving = rows[rows.std(axis=1) > 0.0]
    return Tries(moving.T, len(rows) + len(trials) - len(told), len(trials), len(trials) - len(told))


def effective(tries: Tries) -> float:
    """Independent tries: the larger count, by eigenvalues or clusters, and those without returns."""
    if tries.returns.shape[1] < 2 or len(tries.returns) < 3:
        return float(tries.returns.shape[1] + tries.gone)
    correlation = correlation_of_trials(tries.returns)
    clusters = float(len(np.unique(trial_clusters(correlation))))
    return max(effective_by_eigenvalues(correlation), clusters) + tries.gone


def deflation(returns: np.ndarray, tries: Tries, independent: float) -> dict[str, float]:
    """Row of ``rule_deflation`` for one series of daily returns; ratios are a year's."""
    moments, year = sharpe_moments(returns), np.sqrt(TRADING_DAYS)
    error = sharpe_error(moments._replace(sharpe=0.0))
    ratios = np.array([sharpe_moments(one).sharpe for one in tries.returns.T])
    ratios = ratios[np.isfinite(ratios)]
    variance = max(float(np.var(ratios, ddof=1)) if len(ratios) > 1 else 0.0, error**2)
    hurdle = expected_best(trials=independent, variance=variance)
    needed = minimum_track_record(moments, hurdle=hurdle, level=LEVEL)
    return {
        "sharpe": moments.sharpe * year,
        "error": sharpe_error(moments) * year,
        "skewness": moments.skewness,
        "kurtosis": moments.kurtosis,
        "sessions": moments.observations,
        "tries": tries.number,
        "earlier": tries.earlier,
        "effective": independent,
        "best_by_luck": hurdle * year if np.isfinite(moments.sharpe) else np.nan,
        "probabilistic": probabilistic_sharpe(moments),
        "deflated": deflated_sharpe(moments, trials=independent, variance=variance),
        "needed": needed if np.isfinite(needed) else np.nan,
    }
