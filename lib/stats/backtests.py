"""Did the value at risk hold? Exceedances counted against what was promised.

A forecast uses only returns before the day it is for. References: Kupiec (1995); Christoffersen (1998),
"Evaluating Interval Forecasts"; Basel Committee (1996), "Supervisory framework for the use of backtesting".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import bdtr, chdtrc, xlogy


class LikelihoodRatio(NamedTuple):
    """Test statistic and its probability under the null, chi-squared with one degree of freedom."""

    statistic: float
    p_value: float


def rolling_var(returns: pd.Series, *, level: float = 0.95, window: int = 252) -> pd.Series:
    """Historical value at risk (type 7, positive loss) for each day from the ``window`` returns before it.

    ``returns`` has no missing values. Days without a full window before them are left out, so that the
    result holds n - window forecasts, on their own days.
    """
    if len(returns) <= window:
        return returns.iloc[:0].rename("var")
    history = np.lib.stride_tricks.sliding_window_view(returns.to_numpy("float64"), window)[:-1]
    forecast = -np.quantile(history, round(1.0 - level, 12), axis=1)
    return pd.Series(forecast, index=returns.index[window:], name="var")


def exceedances(returns: pd.Series, forecasts: pd.Series) -> pd.Series:
    """Whether each forecast day lost more than its value at risk; on the forecasts' days."""
    return returns.reindex(forecasts.index) < -forecasts


def kupiec(hits: int, *, forecasts: int, level: float) -> LikelihoodRatio:
    """Proportion-of-failures test: is the share of exceedances 1 - level? Finite for no exceedance too.

    Raises ValueError when there are no forecasts or more exceedances than forecasts.
    """
    if not 0 <= hits <= forecasts or forecasts == 0:
        raise ValueError(f"{hits} exceedances in {forecasts} forecasts cannot be")
    promised, seen = 1.0 - level, hits / forecasts
    statistic = -2.0 * (_binomial(hits, forecasts, promised) - _binomial(hits, forecasts, seen))
    return _test(statistic)


def christoffersen(hits: Any) -> LikelihoodRatio:
    """Independence test: does an exceedance make one on the next day more likely?

    ``hits`` is a sequence of booleans, one a day in order. NaN when no exceedance has a day after it, since
    then there is nothing to judge.
    """
    before, after = np.asarray(hits, dtype=bool)[:-1], np.asarray(hits, dtype=bool)[1:]
    calm, struck = int((~before).sum()), int(before.sum())
    if struck == 0:
        return LikelihoodRatio(float("nan"), float("nan"))
    from_calm, from_struck = int((~before & after).sum()), int((before & after).sum())
    together = (from_calm + from_struck) / (calm + struck)
    alone = _binomial(from_calm, calm, from_calm / max(calm, 1)) + _binomial(
        from_struck, struck, from_struck / struck
    )
    return _test(2.0 * (alone - _binomial(from_calm + from_struck, calm + struck, together)))


def basel_zone(hits: int, *, forecasts: int, level: float = 0.99) -> str:
    """Traffic light of the Basel Committee: green, yellow (from 95 %) or red (from 99.99 %)."""
    return zone_of(cumulative_chance(hits, forecasts=forecasts, level=level))


def zone_of(chance: float) -> str:
    """Traffic light of a cumulative chance; empty where there is none."""
    if np.isnan(chance):
        return ""
    return "green" if chance < 0.95 else "yellow" if chance < 0.9999 else "red"


def cumulative_chance(hits: int, *, forecasts: int, level: float = 0.99) -> float:
    """Probability of at most ``hits`` exceedances if the value at risk is right."""
    return float(bdtr(hits, forecasts, 1.0 - level))


def _binomial(hits: int, trials: int, share: float) -> float:
    return float(xlogy(hits, share) + xlogy(trials - hits, 1.0 - share))


def _test(statistic: float) -> LikelihoodRatio:
    value = max(statistic, 0.0)
    return LikelihoodRatio(value, float(chdtrc(1, value)))
