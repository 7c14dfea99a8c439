"""What a rule holds and earns: weights at each rebalance, their drift, and the wealth of one dollar.

Weights that are set at the close of a session use prices up to the session before. Arrays run over
portfolios, days and assets at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from lib.funds.sample.rules import REBALANCE, Sleeve

YEAR, MONTH = 252, 21


@dataclass(frozen=True)
class Paths:
    """Wealth (portfolios x days), and weights at the closes asked for, before any trade of that day."""

    wealth: np.ndarray
    weights: np.ndarray


def paths(
    holds: list[tuple[Sleeve, ...]], prices: pd.DataFrame, rebalance: str, shown: np.ndarray | None = None
) -> Paths:
    """Portfolios that are rebalanced on the same days, from the first day of ``prices`` on.

    ``shown`` are the positions of the days for which weights are asked (portfolios x shown x assets).
    """
    days = prices.index
    dates = rebalance_days(days, rebalance)
    signals = Signals(prices, dates)
    chosen = np.stack([sum_of_sleeves(hold, signals) for hold in holds])
    period = np.maximum(np.searchsorted(dates, np.arange(len(days)), side="left") - 1, 0)
    values = prices.bfill().to_numpy()
    grown = values / values[dates[period]]
    gained = np.empty((len(holds), len(days)))
    bounds = [0, *np.searchsorted(period, np.arange(1, len(dates))), len(days)]
    for place, (first, last) in enumerate(pairwise(bounds)):
        gained[:, first:last] = chosen[:, place] @ grown[first:last].T
    base = np.cumprod(np.column_stack([np.ones(len(holds)), gained[:, dates[1:]]]), axis=1)
    asked = np.arange(0) if shown is None else shown
    held = chosen[:, period[asked]] * grown[asked]
    return Paths(base[:, period] * gained, held / held.sum(axis=2, keepdims=True))


def sum_of_sleeves(hold: tuple[Sleeve, ...], signals: Signals) -> np.ndarray:
    """Weights of a whole portfolio, dates x assets."""
    return np.sum([one.share * weights(one, signals) for one in hold], axis=0)


def rebalance_days(days: pd.DatetimeIndex, rebalance: str) -> np.ndarray:
    """Positions of the first day and of the last session of each whole period."""
    place = pd.Series(np.arange(len(days)), index=days)
    last = place.resample(REBALANCE[rebalance]).last().to_numpy()[:-1]
    return np.unique(np.concatenate([[0], last]))


class Signals:
    """What the rules look at on rebalance days: past returns and volatilities, dates x assets."""

    def __init__(self, prices: pd.DataFrame, dates: np.ndarray):
        values, before = prices.to_numpy(), dates - 1
        self.assets = list(prices.columns)
        self.count = len(dates)
        self.trend = _past_return(values, before - MONTH, before - YEAR)
        three_years = _past_return(values, before, before - 3 * YEAR)
        whole = _past_return(values, before, np.where(before >= YEAR, np.maximum(before - 3 * YEAR, 0), -1))
        self.long = np.where(np.isnan(three_years), whole, three_years)
        volatility = prices.pct_change(fill_method=None).rolling(YEAR).std().to_numpy()
        self.volatility = np.where((before >= YEAR)[:, None], volatility[np.maximum(before, 0)], np.nan)


def _past_return(values: np.ndarray, end: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return between two positions by date; null where there is no such day."""
    gained = values[np.maximum(end, 0)] / values[np.maximum(start, 0)] - 1.0
    return np.where((start >= 0)[:, None], gained, np.nan)


def weights(sleeve: Sleeve, signals: Signals) -> np.ndarray:
    """Weights of a sleeve, dates x assets, each row adding up to 1; equal while a signal is unknown."""
    columns = [signals.assets.index(asset) for asset in sleeve.of]
    given = np.tile(np.fromiter(sleeve.of.values(), float), (signals.count, 1))
    if sleeve.rule == "trend":
        given = _taken(-signals.trend[:, columns], sleeve.take)
    elif sleeve.rule == "laggards":
        given = _taken(signals.long[:, columns], sleeve.take)
    elif sleeve.rule == "calm":
        given = _taken(signals.volatility[:, columns], sleeve.take)
    elif sleeve.rule == "inverse_volatility":
        given = 1.0 / signals.volatility[:, columns]
    known = ~np.isnan(given).any(axis=1, keepdims=True)
    given = np.where(known, given, 1.0)
    full = np.zeros((signals.count, len(signals.assets)))
    full[:, columns] = given / given.sum(axis=1, keepdims=True)
    return full


def _taken(signal: np.ndarray, take: int) -> np.ndarray:
    """1 for the ``take`` lowest of each row, else 0; null rows where a signal is unknown."""
    place = signal.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    unknown = np.isnan(signal).any(axis=1, keepdims=True)
    return np.where(unknown, np.nan, (place < take).astype(float))
