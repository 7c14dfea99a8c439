"""What the score measures of prices: returns, volatility, capture and drawdown of all funds on one day.

Each measure takes what was known on the day (a view) and gives one value a fund, NaN where there is none.
Returns run from the last NAV on or before the same day so many calendar months earlier (at most 7 days old)
to the last NAV (at most 5 days old); over a year they are annualised by the days in between, 365.25 to a
year. Volatility: standard deviation (ddof 1) of daily returns on the days of the exchange, times the root of
252, where 90 % of those days are there. Capture: Morningstar's ratio of geometric mean monthly returns in
months in which the benchmark rose, and fell; its spread is up less down. Drawdown: deepest fall below the
highest NAV so far over three years, from the last NAV before them on, a negative decimal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.funds.nav_panel import View, day_number, months_before
from lib.stats.drawdowns import RECOVERED
from lib.stats.series import FLOOR, ROUNDING

HORIZONS = {"return_3m": 3, "return_6m": 6, "return_1y": 12, "return_3y": 36, "return_5y": 60}
START_STALE, END_STALE, MONTH_STALE = 7, 5, 7
YEAR = 365.25
COVERED = 0.9
FEWEST_MONTHS = {12: 10, 36: 30}
FEWEST_OF_SIDE = 3


class Capture(NamedTuple):
    """Up and down capture, their spread, and the common months; NaN where a side has under three months."""

    up: np.ndarray
    down: np.ndarray
    spread: np.ndarray
    months: np.ndarray


def period_returns(view: View) -> dict[str, np.ndarray]:
    """The return over each horizon, a decimal, a year where the horizon is longer than that."""
    end, end_day = view.at(view.day, END_STALE)
    found = {}
    for name, months in HORIZONS.items():
        start, start_day = view.at(months_before(date_of(view.day), months), START_STALE)
        growth = end / start
        if months > 12:
            days = np.where(end_day > start_day, end_day - start_day, np.nan)
            growth = growth ** (YEAR / days)
        found[name] = growth - 1
    return found


class Daily(NamedTuple):
    """Daily returns and their days; ``path`` are the levels that they run over, the one before them first."""

    returns: np.ndarray
    days: np.ndarray
    path: np.ndarray


def daily_returns(view: View, sessions: np.ndarray, months: int) -> Daily:
    """Returns from one NAV to the next on sessions after the day so many months ago.

    A day without a NAV has no return; the next one is over both days. The first is from the last NAV of the
    seven days before.
    """
    start = months_before(date_of(view.day), months)
    rows = np.flatnonzero(np.isin(view.days, sessions) & (view.days > start - START_STALE))
    if rows.size == 0:
        none = np.full((0, view.levels.shape[1]), np.nan)
        return Daily(none, rows, none)
    whole = rows[-1] - rows[0] + 1 == len(rows)
    levels = view.levels[rows[0] : rows[-1] + 1] if whole else view.levels[rows]
    inside = int(np.searchsorted(view.days[rows], start, side="right"))
    first = max(inside, 1)
    path, after = levels[first - 1 :], levels[first:]
    returns = after / path[:-1]
    holed = np.isnan(levels.sum(axis=0))
    if holed.any():
        own = _last_known(levels[:, holed])
        returns[:, holed] = levels[first:, holed] / own[first - 1 : -1]
        path = path.copy()
        path[0, holed] = own[first - 1]
    returns -= 1
    return Daily(returns, view.days[rows][first:], path)


def _last_known(levels: np.ndarray) -> np.ndarray:
    place = np.where(np.isnan(levels), 0, np.arange(len(levels))[:, None])
    return np.take_along_axis(levels, np.maximum.accumulate(place, axis=0), axis=0)


def volatility(returns: np.ndarray, expected: int) -> np.ndarray:
    """Annual volatility of daily returns where 90 % of the ``expected`` days are there.

    Sums run day by day, so that a day on which only other funds have a NAV changes not even the last digit.
    """
    missing = np.isnan(returns)
    count = len(returns) - np.count_nonzero(missing, axis=0)
    divisor = np.where(count > 1, count, np.nan)
    mean = np.add.reduce(np.where(missing, 0.0, returns), axis=0) / divisor
    gaps = returns - mean
    np.square(gaps, out=gaps)
    gaps[missing] = 0.0
    deviation = np.sqrt(np.add.reduce(gaps, axis=0) / (divisor - 1))
    still = deviation <= np.maximum(ROUNDING * np.abs(mean), FLOOR)
    enough = count >= COVERED * max(expected, 1)
    return np.where(enough, np.where(still, 0.0, deviation) * np.sqrt(TRADING_DAYS), np.nan)


def drawdown(path: np.ndarray) -> np.ndarray:
    """Deepest fall of levels below the highest so far, 0 where they never fell; NaN under two levels."""
    if len(path) < 2:
        return np.full(path.shape[1], np.nan)
    below = np.fmax.accumulate(path, axis=0)
    np.divide(path, below, out=below)
    deepest = np.fmin.reduce(below, axis=0) - 1
    several = np.count_nonzero(~np.isnan(path), axis=0) > 1
    return np.where(several, np.where(deepest > -RECOVERED, 0.0, deepest), np.nan)


def month_ends(day: int, months: int) -> list[int]:
    """The last ``months`` + 1 ends of calendar months up to ``day``, oldest first."""
    last = pd.Timestamp(date_of(day)) + pd.Timedelta(days=1)
    last = last.to_period("M").to_timestamp() - pd.Timedelta(days=1)
    ends = pd.date_range(end=last, periods=months + 1, freq="ME")
    return [day_number(one) for one in ends]


def monthly_levels(view: View, months: int) -> np.ndarray:
    """Levels at those month ends (months + 1 x series), each at most 7 days old."""
    return np.stack([view.at(end, MONTH_STALE)[0] for end in month_ends(view.day, months)])


def capture(own: np.ndarray, benchmark: np.ndarray) -> Capture:
    """Capture from monthly returns, months x funds, of each fund and of its benchmark.

    Twelve or thirty-six months; of them 10 and 30 must be known of both.
    """
    common = ~(np.isnan(own) | np.isnan(benchmark))
    months = common.sum(axis=0)
    sides = [
        (common & rose, np.count_nonzero(common & rose, axis=0)) for rose in (benchmark > 0, benchmark < 0)
    ]
    enough = months >= FEWEST_MONTHS[len(own)]
    for _, count in sides:
        enough &= count >= FEWEST_OF_SIDE
    up, down = (
        _geometric_mean(own, side, count) / _geometric_mean(benchmark, side, count) for side, count in sides
    )
    up, down = np.where(enough, up, np.nan), np.where(enough, down, np.nan)
    return Capture(up, down, up - down, months)


def _geometric_mean(returns: np.ndarray, side: np.ndarray, count: np.ndarray) -> np.ndarray:
    growth = np.where(side, np.maximum(1 + returns, 0.0), 1.0).prod(axis=0)
    there = np.where(count > 0, count, np.nan)
    return np.where(count > 0, growth, np.nan) ** (1 / there) - 1


def date_of(day: int) -> pd.Timestamp:
    """Days since 1970 as a date."""
    return pd.Timestamp(np.datetime64(day, "D"))
