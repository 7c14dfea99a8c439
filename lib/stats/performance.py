"""Return, risk and their ratios, annualised; `periods` (a year) is always said, never guessed.

Rates (`risk_free`, `target`) are annual decimals, divided by `periods`. Ratios are arithmetic: mean over
standard deviation (ddof 1), times the root of `periods`. References: Sharpe (1994); Sortino and van der Meer
(1991); Lo (2002), "The Statistics of Sharpe Ratios"; Keating and Shadwick (2002) for omega.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.stats import tails
from lib.stats.drawdowns import max_drawdown
from lib.stats.returns import cumulative_return
from lib.stats.series import averages, counts, filled, moments, over_series, ratio


@over_series
def annual_return(returns: np.ndarray, *, periods: int, minimum: int | None = None) -> np.ndarray:
    """Geometric return a year, decimal: (product of 1 + r) ** (periods / n) - 1; -1 when wiped out.

    NaN under ``minimum`` observations, by default a year of them: less is not to be annualised (GIPS).
    """
    count = counts(returns)
    enough = (count >= (periods if minimum is None else minimum)) & (count > 0)
    growth = 1.0 + cumulative_return(returns)
    return np.where(enough, growth ** ratio(np.full(count.shape, float(periods)), count) - 1.0, np.nan)


@over_series
def annual_volatility(returns: np.ndarray, *, periods: int) -> np.ndarray:
    """Sample standard deviation (ddof 1) times the root of ``periods``; NaN under two observations."""
    return moments(returns).deviation * np.sqrt(periods)


@over_series
def sharpe(returns: np.ndarray, *, periods: int, risk_free: float = 0.0) -> np.ndarray:
    """Mean excess return over its standard deviation, annualised; NaN for a constant series."""
    _, mean, deviation = moments(returns)
    return ratio(mean - risk_free / periods, deviation) * np.sqrt(periods)


def sharpe_error(ratio_per_period: Any, *, observations: Any) -> Any:
    """Standard error of a Sharpe ratio per period, independent returns: sqrt((1 + SR^2 / 2) / n).

    Lo (2002), equation 9. For an annualised ratio divide by the root of the periods, then multiply the error.
    """
    return np.sqrt((1.0 + np.square(ratio_per_period) / 2.0) / observations)


@over_series
def downside_deviation(returns: np.ndarray, *, periods: int, target: float = 0.0) -> np.ndarray:
    """Root mean square of shortfalls under ``target`` over all n observations, annualised."""
    count, _, gaps = averages(returns)
    return _shortfall(returns, target / periods, count, gaps) * np.sqrt(periods)


@over_series
def sortino(returns: np.ndarray, *, periods: int, target: float = 0.0) -> np.ndarray:
    """Mean return over ``target`` a year, over the downside deviation; NaN when nothing fell short."""
    count, mean, gaps = averages(returns)
    hurdle = target / periods
    return ratio(mean - hurdle, _shortfall(returns, hurdle, count, gaps)) * np.sqrt(periods)


def _shortfall(returns: np.ndarray, hurdle: float, count: np.ndarray, gaps: bool) -> np.ndarray:
    """Root mean square of what is missing to ``hurdle``, a period."""
    short = returns - hurdle
    short = filled(np.minimum(short, 0.0, out=short), gaps)
    return np.sqrt(ratio(np.einsum("ij,ij->j", short, short), count))


@over_series
def calmar(returns: np.ndarray, *, periods: int, minimum: int | None = None) -> np.ndarray:
    """Annual return over the depth of the deepest drawdown; NaN when there was none or under a year."""
    return ratio(annual_return(returns, periods=periods, minimum=minimum), -max_drawdown(returns))


@over_series
def omega(returns: np.ndarray, *, periods: int, target: float = 0.0) -> np.ndarray:
    """Sum of gains over ``target`` by sum of shortfalls under it; NaN when nothing fell short."""
    above = filled(returns - target / periods)
    return ratio(np.maximum(above, 0.0).sum(axis=0), -np.minimum(above, 0.0).sum(axis=0))


@over_series
def hit_rate(returns: np.ndarray) -> np.ndarray:
    """Share of observations with a return above zero; a zero return is no hit."""
    return ratio(np.count_nonzero(returns > 0, axis=0), counts(returns))


@over_series
def best_day(returns: np.ndarray) -> np.ndarray:
    """Largest return, decimal."""
    highest = np.fmax.reduce(returns, axis=0, initial=-np.inf)
    return np.where(np.isneginf(highest), np.nan, highest)


@over_series
def worst_day(returns: np.ndarray) -> np.ndarray:
    """Smallest return, decimal."""
    lowest = np.fmin.reduce(returns, axis=0, initial=np.inf)
    return np.where(np.isposinf(lowest), np.nan, lowest)


@over_series
def five_measures(returns: np.ndarray, *, periods: int, level: float = 0.95) -> np.ndarray:
    """Sharpe, Sortino, maximum drawdown, value at risk and shortfall while a block is in the cache."""
    ratios = sharpe(returns, periods=periods), sortino(returns, periods=periods)
    return np.stack([*ratios, max_drawdown(returns), *tails.tail_losses(returns, level=level)])
