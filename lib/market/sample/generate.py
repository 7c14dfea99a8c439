"""Yields and volatilities of the sample: generated from a seed, not observed.

Nobody may redistribute the daily history of Treasury yields with these prices, and no free history of
implied volatilities exists, so both are made up around facts. Yields follow straight lines between rounded
levels that the market passed on the dates named here, plus noise that reverts to the line and leans with
the index. The level of implied volatility is the realised volatility known on the day (a mix of a fast and
a slow one), plus a premium, times noise. Neither may be used to test a theory about rates or volatility.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.market.sample.universe import TENORS

SEED = 20221228
FIRST_DAY = "2010-01-04"

# Day and rounded level in percent a year of 3M, 2Y, 10Y, 30Y.
LEVELS = """
2010-01-04 0.10 1.10 3.85 4.65
2010-06-30 0.20 0.60 2.95 3.90
2010-12-31 0.10 0.60 3.30 4.35
2011-06-30 0.05 0.45 3.15 4.35
2011-12-30 0.02 0.25 1.90 2.90
2012-06-29 0.10 0.30 1.65 2.75
2012-12-31 0.05 0.25 1.75 2.95
2013-06-28 0.05 0.35 2.50 3.50
2013-12-31 0.05 0.40 3.05 3.95
2014-06-30 0.05 0.45 2.55 3.35
2014-12-31 0.05 0.65 2.15 2.75
2015-06-30 0.02 0.65 2.35 3.10
2015-12-31 0.15 1.05 2.25 3.00
2016-06-30 0.25 0.60 1.50 2.30
2016-12-30 0.50 1.20 2.45 3.05
2017-06-30 1.05 1.40 2.30 2.85
2017-12-29 1.40 1.90 2.40 2.75
2018-06-29 1.95 2.50 2.85 3.00
2018-12-31 2.40 2.50 2.70 3.00
2019-06-28 2.10 1.75 2.00 2.50
2019-12-31 1.55 1.60 1.90 2.40
2020-02-19 1.60 1.40 1.55 2.00
2020-03-09 0.35 0.40 0.55 1.00
2020-03-31 0.10 0.25 0.70 1.35
2020-08-04 0.10 0.10 0.50 1.20
2020-12-31 0.10 0.15 0.95 1.65
2021-03-31 0.05 0.15 1.75 2.40
2021-08-04 0.05 0.15 1.20 1.85
2021-12-31 0.05 0.75 1.50 1.90
2022-03-31 0.50 2.30 2.30 2.45
2022-06-14 1.85 3.45 3.50 3.45
2022-08-01 2.55 2.90 2.60 2.90
2022-10-24 4.05 4.50 4.25 4.40
2022-12-28 4.45 4.30 3.90 4.00
"""

NOISE_A_DAY = (0.012, 0.030, 0.045, 0.042)
"""Standard deviation of the daily noise, percentage points, by tenor."""
NOISE_KEPT = 0.97
LEAN = (0.1, 0.6, 1.2, 1.1)
"""Percentage points of noise that an index return of 1 (100 %) adds, by tenor."""
FLOOR = 0.01

FAST_DECAY, SLOW_DAYS, FAST_SHARE = 0.94, 252, 0.7
PREMIUM = 0.02
VOL_NOISE, VOL_NOISE_KEPT = 0.02, 0.9


def yields(index_close: pd.Series) -> pd.DataFrame:
    """Yields by day and tenor, decimals a year rounded to a basis point, on the days of the index."""
    days = index_close.loc[FIRST_DAY:].index
    rows = [line.split() for line in LEVELS.split("\n") if line]
    known = pd.DataFrame(
        [row[1:] for row in rows], index=pd.to_datetime([row[0] for row in rows]), dtype=float
    )
    path = known.reindex(known.index.union(days)).interpolate(method="time").loc[days].to_numpy()

    draws = np.random.default_rng(SEED).standard_normal((len(days), len(TENORS) + 1))
    shared, own = draws[:, :1], draws[:, 1:]
    market = index_close.pct_change().loc[days].fillna(0.0).to_numpy()[:, None]
    shocks = (0.8 * shared + 0.6 * own) * np.array(NOISE_A_DAY) + market * np.array(LEAN)
    # Little room to move at the floor: noise shrinks with the level.
    shocks *= np.clip(path / 1.5, 0.1, 1.0)
    rates = np.maximum(path + _revert(shocks, NOISE_KEPT), FLOOR) / 100
    return pd.DataFrame(rates.round(4), index=days, columns=list(TENORS))


def volatility_levels(closes: pd.DataFrame) -> pd.DataFrame:
    """Level of implied volatility by day and symbol, decimals a year rounded to four places.

    ``closes`` (days x symbols) should start years before ``FIRST_DAY``; null until a quarter of a year of
    returns is known.
    """
    squared = np.log(closes).diff() ** 2
    fast = squared.ewm(alpha=1 - FAST_DECAY, min_periods=63).mean()
    slow = squared.rolling(SLOW_DAYS, min_periods=63).mean()
    realised = np.sqrt((FAST_SHARE * fast + (1 - FAST_SHARE) * slow) * TRADING_DAYS).loc[FIRST_DAY:]
    draws = np.random.default_rng(SEED + 1).standard_normal(realised.shape) * VOL_NOISE
    return ((realised + PREMIUM) * np.exp(_revert(draws, VOL_NOISE_KEPT))).round(4)


def _revert(shocks: np.ndarray, kept: float) -> np.ndarray:
    """Running sum of shocks (days x series) of which a share ``kept`` survives each day."""
    from scipy.signal import lfilter

    return lfilter([1.0], [1.0, -kept], shocks, axis=0)
