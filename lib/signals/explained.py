"""Returns of a sort and factors over the very same periods.

Factors of days explain holding periods (compounded) and sessions. Factors of months explain calendar months,
which the sides of the spread have from their days whatever the holding period is, and holding periods that
are calendar months themselves. Nothing else is put together: a return and a factor of another period have the
code FACTOR_FREQUENCY.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.signals.factor_models import (
    CALENDAR,
    CASH,
    PERIODS,
    Factors,
    calendar_factors,
    compounded,
    frequency_of,
    months_of,
)
from lib.tables.signal_sorts import BASE

SPREAD, SIDES = "long_short", ("long", "short")


class Explained(NamedTuple):
    """Returns (dates x portfolios) and factors (same dates) of one kind of period; ``code`` where they fail.

    Returns are as earned: cash is not taken off. ``periods_a_year`` is NaN for periods of no known length.
    """

    series: str
    frequency: str
    returns: pd.DataFrame
    factors: pd.DataFrame
    periods_a_year: float
    code: str = ""


def base_sort(table: pd.DataFrame, weighting: str) -> pd.DataFrame:
    """The rows of the sort by the signal itself with one weighting, in order of time."""
    own = table.loc[(table["sort"] == BASE) & (table["weighting"] == weighting)]
    return own.sort_values("date", kind="stable").reset_index(drop=True)


def explained(
    long_short: pd.DataFrame,
    daily: pd.DataFrame,
    groups: pd.DataFrame,
    factors: dict[str, Factors],
    *,
    weighting: str,
) -> dict[str, Explained]:
    """What can be regressed on what, by series; ``holding`` is always there, with a code where it fails."""
    held = base_sort(long_short, weighting)
    days = daily.sort_values("date", kind="stable")
    found = {"holding": _holding(held, base_sort(groups, weighting), days, factors)}
    if "monthly" in factors and len(days):
        sides = months_of(days, ("long_return", "short_return"))
        returns = _sides(sides)
        shared = calendar_factors(factors, "monthly", pd.DatetimeIndex(returns.index))
        if shared is not None:
            found["month"] = Explained("month", "monthly", returns, shared, float(PERIODS["monthly"]))
    if "daily" in factors and len(days):
        returns = _sides(days.set_index("date")[["long_return", "short_return"]])
        shared = factors["daily"].returns.reindex(returns.index)
        found["day"] = Explained("day", "daily", returns, shared, float(PERIODS["daily"]))
    return found


def holding_returns(held: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Returns by holding period (dates x portfolios): the spread, its sides and each group."""
    returns = held.set_index("date")[["return", "long_return", "short_return"]]
    returns = returns.set_axis([SPREAD, *SIDES], axis=1)
    wide = groups.pivot_table(index="date", columns="group", values="return")
    wide = wide.rename(columns=lambda number: f"group {int(number)}").rename_axis(columns=None)
    return returns.join(wide.reindex(returns.index)).rename_axis("date")


def _holding(
    held: pd.DataFrame, groups: pd.DataFrame, days: pd.DataFrame, factors: dict[str, Factors]
) -> Explained:
    returns = holding_returns(held, groups)
    frequency = frequency_of(held["start"], held["date"])
    a_year = float(PERIODS.get(frequency, np.nan))
    nothing = pd.DataFrame(index=returns.index)
    if not factors:
        return Explained("holding", frequency, returns, nothing, a_year, "NO_FACTOR_SET")
    if "daily" in factors:
        sessions = pd.DatetimeIndex(days["date"]) if len(days) else None
        shared = compounded(factors["daily"], held["start"], held["date"], sessions=sessions)
        return Explained("holding", frequency, returns, shared, a_year)
    shared = calendar_factors(factors, frequency, pd.DatetimeIndex(returns.index))
    if shared is None or not _whole(held, frequency, pd.DatetimeIndex(days["date"])):
        return Explained("holding", frequency, returns, nothing, a_year, "FACTOR_FREQUENCY")
    return Explained("holding", frequency, returns, shared, a_year)


def _whole(held: pd.DataFrame, frequency: str, sessions: pd.DatetimeIndex) -> bool:
    """Whether every holding period is a calendar period: from the last session of one to that of the next."""
    code = CALENDAR.get(frequency)
    if code is None or not len(held) or not len(sessions):
        return False
    last = pd.Series(sessions, index=sessions).groupby(sessions.to_period(code)).max()
    start, end = (pd.DatetimeIndex(held[name]) for name in ("start", "date"))
    known = last.reindex(start.to_period(code)).to_numpy()
    at_start = np.where(pd.isna(known), start.to_numpy(), known) == start.to_numpy()
    at_end = last.reindex(end.to_period(code)).to_numpy() == end.to_numpy()
    follows = (end.to_period(code).asi8 - start.to_period(code).asi8) == 1
    return bool((at_start & at_end & follows).all())


def _sides(frame: pd.DataFrame) -> pd.DataFrame:
    """The spread beside its two sides, from frames with the sides alone."""
    long, short = frame["long_return"], frame["short_return"]
    return pd.DataFrame({SPREAD: long - short, SIDES[0]: long, SIDES[1]: short}).rename_axis("date")


def excess(one: Explained) -> pd.DataFrame:
    """Returns that factors may explain: the spread as it is, all else less cash; NaN without its rate."""
    paid = [name for name in one.returns if name != SPREAD]
    if CASH not in one.factors:
        return one.returns.assign(**dict.fromkeys(paid, np.nan))
    less = one.returns[paid].sub(one.factors[CASH], axis=0)
    return one.returns[[SPREAD]].join(less)
