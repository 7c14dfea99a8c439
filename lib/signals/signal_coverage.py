"""How much of its universe a signal covers at each month's end, how old and how spread its values are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.market import calendar
from lib.signals.cube import Cube, as_known
from lib.tables import TABLES
from lib.tables.signals import TOTAL

QUANTILES = {
    "highest 5 %": 0.95,
    "upper quartile": 0.75,
    "median": 0.5,
    "lower quartile": 0.25,
    "lowest 5 %": 0.05,
}
DAY = np.timedelta64(1, "D")


def month_ends(firms: Cube, exchange: str) -> np.ndarray:
    """Positions of the last session of each month that is over."""
    sessions = firms.sessions
    if not len(sessions):
        return np.zeros(0, dtype="int64")
    following = sessions[1:].append(pd.DatetimeIndex([calendar.next_trading_day(sessions[-1], exchange)]))
    return np.flatnonzero(sessions.to_period("M") != following.to_period("M"))


def coverage(
    values: pd.DataFrame, firms: Cube, rhythm_days: float, rhythms: float, *, exchange: str
) -> pd.DataFrame:
    """The table ``signal_coverage``: from the first month's end with a value on; ages in calendar days."""
    at = month_ends(firms, exchange)
    days = firms.sessions.to_numpy()[at]
    born = values.assign(value=values["session"].to_numpy().astype("datetime64[D]").astype("float64"))
    birth = as_known(born, firms, at, max_age=int(rhythm_days * rhythms))
    member = firms.member[at]
    age = np.where(member, days.astype("datetime64[D]").astype("float64")[:, None] - birth, np.nan)
    members, covered = member.sum(axis=1), np.isfinite(age).sum(axis=1)
    ages = pd.DataFrame(age)
    table = pd.DataFrame(
        {
            "date": pd.DatetimeIndex(days).astype("datetime64[us]"),
            "members": members.astype("float64"),
            "covered": covered.astype("float64"),
            "coverage": np.where(members > 0, covered / np.maximum(members, 1), np.nan),
            "median_age": ages.median(axis=1).to_numpy(),
            "newest_age": ages.min(axis=1).to_numpy(),
        }
    )
    table = table.loc[np.cumsum(covered) > 0].reset_index(drop=True)
    return conform(table, TABLES["signal_coverage"])


def spread(
    values: pd.DataFrame, firms: Cube, rhythm_days: float, rhythms: float, *, exchange: str
) -> pd.DataFrame:
    """Quantiles of the members' newest values at each month's end: months x ``QUANTILES``."""
    at = month_ends(firms, exchange)
    known = as_known(values, firms, at, max_age=int(rhythm_days * rhythms))
    known = np.where(firms.member[at], known, np.nan)
    there = np.isfinite(known).any(axis=1)
    found = pd.DataFrame(known[there]).quantile(list(QUANTILES.values()), axis=1).T
    return found.set_axis(list(QUANTILES), axis=1).set_axis(firms.sessions[at[there]])


def mismatch(values: pd.DataFrame, weights: dict[str, float]) -> pd.Series:
    """The signal less the weighted sum of its parts, for each (entity, known_at) that has all of them."""
    wide = values.set_index(["entity", "known_at", "component"])["value"].unstack()  # noqa: PD010
    wide = wide.reindex(columns=[TOTAL, *weights])
    return (
        (wide[TOTAL] - wide[list(weights)] @ pd.Series(weights, dtype="float64")).dropna()
        if weights
        else wide[TOTAL][:0]
    )
