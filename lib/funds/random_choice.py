"""The honest yardstick: the same backtest on funds drawn at random, a thousand times.

At each decision a draw takes as many funds as the scores chose, with the same weights, either from the very
categories of those (``picked``: fund for fund, so that only the choice within categories is judged) or from
everything that could be chosen (``allowed``: the choice of categories is judged too). Every draw starts anew
at each date, so that it would trade nearly everything; therefore draws and scores are compared before costs.
Draws of a date depend on the seed and that date only: later dates change no earlier draw.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from lib.conventions import TRADING_DAYS
from lib.funds.choosing import Decision
from lib.funds.fund_ends import FundEnds
from lib.funds.known_navs import KnownNavs
from lib.stats import drawdowns, performance

DAYS_OF_A_YEAR = 365.25


def random_returns(
    decisions: Sequence[Decision],
    rows: Sequence[int],
    navs: KnownNavs,
    ends: FundEnds,
    *,
    draws: int,
    seed: int,
    among: str = "picked",
) -> np.ndarray:
    """Daily returns before costs, days after the first purchase x (1 + draws); column 0 is the scores' own.

    ``decisions`` were carried out at ``rows``, as ``lib.funds.backtest.carried_out`` gives them.
    """
    stops = [*rows, len(navs.days) - 1]
    parts = [np.empty((0, draws + 1))]
    for decision, begin, end in zip(decisions, stops[:-1], stops[1:], strict=True):
        if end == begin:
            continue
        places = np.vstack([decision.picks, drawn(decision, draws=draws, seed=seed, among=among)])
        growth = navs.bought(decision.columns, after=decision.number, first=begin, last=end)
        growth = ends.continued(growth, decision.columns, navs, first=begin, last=end)
        cash = 1.0 - decision.weights.sum()
        worth = growth @ _weights(places, decision.weights, len(decision.columns)).T + cash
        parts.append(worth[1:] / worth[:-1] - 1.0)
    return np.concatenate(parts)


def drawn(decision: Decision, *, draws: int, seed: int, among: str) -> np.ndarray:
    """Draws x funds: places among what could be chosen, without repetition within a draw."""
    generator = np.random.default_rng([seed, decision.number])
    count = len(decision.picks)
    if among == "allowed" or not count:
        return _sample(generator, np.arange(len(decision.rows)), draws, count)
    result = np.empty((draws, count), dtype=np.int64)
    wanted = decision.categories[decision.picks]
    for category in np.unique(wanted):
        members = np.flatnonzero(decision.categories == category)
        own = np.flatnonzero(wanted == category)
        result[:, own] = _sample(generator, members, draws, len(own))
    return result


def measures(returns: np.ndarray, *, days: int, risk_free: float) -> pd.DataFrame:
    """The table ``fund_backtest_random``: a row a draw, over ``days`` calendar days."""
    whole = (1.0 + returns).prod(axis=0) - 1.0
    years = days / DAYS_OF_A_YEAR
    annual = (1.0 + whole) ** (1.0 / years) - 1.0 if years >= 1.0 else np.full(len(whole), np.nan)
    return pd.DataFrame(
        {
            "draw": np.arange(len(whole)),
            "cumulative_return": whole,
            "annual_return": annual,
            "annual_volatility": performance.annual_volatility(returns, periods=TRADING_DAYS),
            "sharpe": performance.sharpe(returns, periods=TRADING_DAYS, risk_free=risk_free),
            "max_drawdown": np.nan_to_num(drawdowns.max_drawdown(returns)),
        }
    )


def share_at_least_as_good(table: pd.DataFrame, measure: str) -> float:
    """(b + 1) / (n + 1), b draws of n being as good as the scores or better: never 0; NaN without a draw."""
    own, others = table[measure].iloc[0], table[measure].iloc[1:].dropna()
    if np.isnan(own) or others.empty:
        return float("nan")
    return float(((others >= own).sum() + 1) / (len(others) + 1))


def _sample(generator: np.random.Generator, members: np.ndarray, draws: int, count: int) -> np.ndarray:
    """``draws`` times ``count`` of the members, in random order, none twice in a draw."""
    if count >= len(members):
        return generator.permuted(np.tile(members, (draws, 1)), axis=1)[:, :count]
    keys = generator.random((draws, len(members)), dtype=np.float32)
    best = np.argpartition(keys, count, axis=1)[:, :count]
    return members[generator.permuted(best, axis=1)]


def _weights(places: np.ndarray, weights: np.ndarray, funds: int) -> csr_array:
    """Draws x funds: the weights of the funds of each draw."""
    draws, count = places.shape
    ends = np.arange(draws + 1) * count
    return csr_array((np.tile(weights, draws), places.ravel(), ends), shape=(draws, funds))
