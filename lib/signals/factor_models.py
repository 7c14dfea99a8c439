"""Factor models, and factor returns over the very periods of what they are to explain.

The spread of a signal costs nothing and is compared as it is; a portfolio that is paid for, less the return
of cash (RF). Factors of days are compounded over each holding period, as what one unit of cash and the factor
earn more than cash alone: product(1 + f + rf) - product(1 + rf). Factors of months explain whole calendar
months only. Carhart (1997) is three factors and momentum; six factors are Fama and French's five (2015) and
it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.errors import InputError

CASH = "RF"
MODELS: dict[str, tuple[str, ...]] = {
    "CAPM": ("Mkt-RF",),
    "FF3": ("Mkt-RF", "SMB", "HML"),
    "Carhart": ("Mkt-RF", "SMB", "HML", "MOM"),
    "FF5": ("Mkt-RF", "SMB", "HML", "RMW", "CMA"),
    "FF6": ("Mkt-RF", "SMB", "HML", "RMW", "CMA", "MOM"),
}
PERIODS = {"daily": 252, "weekly": 52, "monthly": 12, "quarterly": 4, "semiannual": 2, "annual": 1}
"""Periods a year by frequency."""
CALENDAR = {"monthly": "M", "quarterly": "Q", "annual": "Y"}
LARGEST = {"daily": 0.15, "monthly": 0.5, "quarterly": 0.9, "annual": 1.5}
"""Standard deviation of a factor over a period above which it is taken for percent: none was ever near it."""
HIGHEST_CASH = 0.5
"""Rate of cash a year, its median, above which it is taken for percent."""
FEWEST = 24
"""Observations that a regression needs at least, and FOR_EACH times as many as it has factors."""
FOR_EACH = 5


class Factors(NamedTuple):
    """Factor returns (dates x names, RF among them where it is given) of one frequency."""

    returns: pd.DataFrame
    frequency: str

    def has(self, model: str) -> bool:
        """Whether all factors of a model are there."""
        return set(MODELS[model]) <= set(self.returns.columns)


def least_observations(factors: int) -> int:
    """How many observations a regression on so many factors needs."""
    return max(FEWEST, FOR_EACH * factors)


def factors_of(table: pd.DataFrame, factor_set: str | None, *, as_of: str) -> dict[str, Factors]:
    """The factors of a set by frequency, up to ``as_of``, from table ``factor_sets``; may be empty.

    A factor may begin later than another; it is missing before. Raises InputError for numbers that must be
    percent.
    """
    own = table.loc[(table["factor_set"] == factor_set) & (table["date"] <= pd.Timestamp(as_of))]
    found = {}
    for frequency, rows in own.groupby("frequency", sort=True):
        wide = rows.pivot_table(index="date", columns="factor", values="return").sort_index()
        refuse_percent(wide, str(frequency), str(factor_set))
        found[str(frequency)] = Factors(wide, str(frequency))
    return found


def refuse_percent(returns: pd.DataFrame, frequency: str, factor_set: str) -> None:
    """Refuse factor returns (dates x names) whose size says that they are in percent."""
    size = returns.drop(columns=CASH, errors="ignore").std()
    large = size[size > LARGEST[frequency]]
    if len(large):
        raise InputError(
            f"factor set {factor_set}, {large.index[0]}: {frequency} returns have a standard deviation of "
            f"{large.iloc[0]:.3g}, which is percent, not decimals",
            mend="divide the file by 100",
        )
    if CASH in returns:
        rate = float(returns[CASH].abs().median()) * PERIODS[frequency]
        if rate > HIGHEST_CASH:
            raise InputError(
                f"factor set {factor_set}, {CASH}: {rate:.3g} a year is percent, not a decimal",
                mend="divide the file by 100",
            )


def compounded(
    factors: Factors, start: pd.Series, end: pd.Series, *, sessions: pd.DatetimeIndex | None = None
) -> pd.DataFrame:
    """Daily factors over the periods after ``start`` up to ``end`` (closes), RF among them.

    A factor is missing for a period of which a day has no value; with ``sessions`` also where a session
    within the period is no day of the factors. ValueError for factors that are not daily.
    """
    if factors.frequency != "daily":
        raise ValueError(f"{factors.frequency} factors cannot be compounded to other periods")
    days, values = factors.returns.index, factors.returns
    cash = values[CASH].to_numpy() if CASH in values else np.zeros(len(days))
    first, last = _between(days, start, end)
    covered = last > first
    if sessions is not None:
        begin, stop = _between(sessions, start, end)
        covered &= (stop - begin) == (last - first)

    def summed(numbers: np.ndarray) -> np.ndarray:
        path = np.concatenate([[0.0], np.cumsum(numbers)])
        return path[last] - path[first]

    def grown(rates: np.ndarray) -> np.ndarray:
        gaps = np.isnan(rates)
        whole = covered & (summed(gaps.astype("float64")) < 0.5)
        return np.where(whole, np.expm1(summed(np.log1p(np.where(gaps, 0.0, rates)))), np.nan)

    earned = grown(cash)
    columns = {
        name: earned if name == CASH else grown(values[name].to_numpy() + cash) - earned for name in values
    }
    return pd.DataFrame(columns, index=pd.DatetimeIndex(end, name="date"))


def _between(days: pd.DatetimeIndex, start: pd.Series, end: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the first day after each start and of the first after each end."""
    places = (days.searchsorted(pd.DatetimeIndex(edge), side="right") for edge in (start, end))
    first, last = (np.asarray(place) for place in places)
    return first, last


def calendar_factors(
    factors: dict[str, Factors], frequency: str, dates: pd.DatetimeIndex
) -> pd.DataFrame | None:
    """Factors of the calendar periods (or days) that ``dates`` lie in; None where there are none.

    Those of the frequency itself, else those of days compounded.
    """
    if frequency in factors and frequency == "daily":
        return factors["daily"].returns.reindex(dates)
    code = CALENDAR.get(frequency)
    if code is None:
        return None
    periods = dates.to_period(code)
    if frequency in factors:
        values = factors[frequency].returns
        by_period = values.set_axis(pd.DatetimeIndex(values.index).to_period(code))
        return by_period.reindex(periods).set_axis(dates)
    if "daily" not in factors:
        return None
    start = pd.Series((periods - 1).end_time.normalize())
    own = compounded(factors["daily"], start, pd.Series(periods.end_time.normalize())).set_axis(dates)
    days = factors["daily"].returns.index
    edge = pd.Timedelta(days=5)
    whole = (start + edge >= days[0]).to_numpy() & (periods.end_time.normalize() - edge <= days[-1])
    return own.where(pd.Series(whole, index=dates), np.nan, axis=0)


def months_of(daily: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Daily returns compounded by whole calendar month, labelled by its last day.

    A month that begins or ends more than five days from the first or last session is not whole, and left out.
    """
    days = pd.DatetimeIndex(daily["date"])
    growth = (1.0 + daily.set_index(days)[list(columns)]).groupby(days.to_period("M"))
    frame = growth.prod() - 1.0
    edge = pd.Timedelta(days=5)
    starts, ends = frame.index.start_time, frame.index.end_time.normalize()
    whole = (starts + edge >= days.min()) & (ends - edge <= days.max())
    frame.index = pd.DatetimeIndex(ends, name="date")
    return frame.loc[whole]


def frequency_of(start: pd.Series, end: pd.Series) -> str:
    """The frequency that the mean length of holding periods is within a quarter of; ``other`` where none is.

    Measured on the calendar: the periods of a table say themselves how long they are.
    """
    days = (pd.DatetimeIndex(end) - pd.DatetimeIndex(start)).days.to_numpy()
    if not len(days):
        return "other"
    a_year = 365.25 / float(np.mean(days))
    near = min(PERIODS, key=lambda name: abs(np.log(PERIODS[name] / a_year)))
    return near if abs(np.log(PERIODS[near] / a_year)) < 0.25 else "other"
