"""Daily prices of options on the sample's stocks: constructed, since no free history of them exists.

Black-Scholes-Merton on the stock's adjusted close, with the generated yield of the nearest tenor, the
dividend yield of ``instruments`` and a volatility surface around the generated level. Solving such a price
back for its volatility is circular: it returns the surface that made it. Strikes are printed prices while
the stock is adjusted for dividends up to the middle of 2023, which moves moneyness by one or two percent.

Surface: with m = ln(K / S) / (v sqrt T), volatility = v(T) (1 - 0.06 m + 0.02 m^2) for m within -3 and 3,
where v(T) decays from today's level to its mean of the past year at the rate of two a year.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.conventions import DAYS_A_YEAR, TRADING_DAYS
from lib.market.occ import Option
from lib.market.sample.universe import TENORS
from lib.pricing import black_scholes

LISTED_DAYS = 548
"""A contract has prices from so many calendar days before its expiry."""
TICK = 0.01
SKEW, SMILE, MONEYNESS_LIMIT = -0.06, 0.02, 3.0
DECAY_A_YEAR = 2.0
YEARS_OF_TENOR = dict(zip(TENORS, (0.25, 2.0, 10.0, 30.0), strict=True))


def history(
    option: Option, *, close: pd.Series, level: pd.Series, yields: pd.DataFrame, dividend_yield: float
) -> pd.DataFrame:
    """Columns ``close`` (money a share) and ``implied_vol`` by day, from listing to expiry or the last day.

    ``close`` and ``level`` are the underlying's price and volatility level by day, ``yields`` decimals by
    day and tenor. The surface on a day uses that day and the past only. No price is below one tick.
    """
    expiry = pd.Timestamp(option.expiry)
    days = close.loc[expiry - pd.Timedelta(days=LISTED_DAYS) : expiry].dropna().index
    spot = close.loc[days].to_numpy()
    years = ((expiry - days).days / DAYS_A_YEAR).to_numpy()
    mean = level.rolling(TRADING_DAYS, min_periods=1).mean().loc[days].to_numpy()
    vols = surface(
        spot=spot, strike=option.strike, years=years, level=level.loc[days].to_numpy(), long_run=mean
    )
    rates = np.log1p(yields.reindex(days).to_numpy()[np.arange(len(days)), nearest_tenor(years)])
    value = black_scholes.price(
        spot=spot,
        strike=option.strike,
        years=years,
        rate=rates,
        volatility=vols,
        right=option.right,
        dividend_yield=dividend_yield,
    )
    frame = pd.DataFrame({"close": np.maximum(value, TICK).round(4), "implied_vol": vols}, index=days)
    return frame.dropna()


def surface(
    *, spot: np.ndarray, strike: float, years: np.ndarray, level: np.ndarray, long_run: np.ndarray
) -> np.ndarray:
    """Volatility of one strike, decimals a year rounded to four places; every array has one value a day."""
    decay = np.maximum(years, 1 / DAYS_A_YEAR) * DECAY_A_YEAR
    share = -np.expm1(-decay) / decay
    at_the_money = np.sqrt(long_run**2 + (level**2 - long_run**2) * share)
    width = at_the_money * np.sqrt(np.maximum(years, 7 / DAYS_A_YEAR))
    moneyness = np.clip(np.log(strike / spot) / width, -MONEYNESS_LIMIT, MONEYNESS_LIMIT)
    return (at_the_money * (1 + SKEW * moneyness + SMILE * moneyness**2)).round(4)


def nearest_tenor(years: np.ndarray) -> np.ndarray:
    """Position in ``TENORS`` of the tenor nearest to each time; the shorter one when two are as near."""
    distance = np.abs(np.asarray(years, dtype=float)[:, None] - np.array(list(YEARS_OF_TENOR.values())))
    return distance.argmin(axis=1)
