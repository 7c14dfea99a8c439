"""Groups of events by the value of the signal that was known before the window, and what tells them apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from lib.signals.cube import Cube, as_known, session_of

LEAST_A_GROUP = 5
"""Firms that a group needs on its day; with fewer there are fewer groups."""


def values_before(
    values: pd.DataFrame, own: Cube, at: np.ndarray, *, first_day: int, lag: int, max_age: int
) -> np.ndarray:
    """The value of each firm known ``lag`` sessions before the close before the window: (len(at), N)."""
    before = np.asarray(at) + first_day - 1
    found = as_known(values, own, np.maximum(before, 0), lag=lag, max_age=max_age)
    return np.where((before >= 0)[:, None], found, np.nan)


def group_numbers(values: np.ndarray, member: np.ndarray, *, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Group of each firm by row, 1 for the lowest values, and the number of groups of the row.

    Breakpoints are those of the members of that row alone; equal values are in one group. Fewer groups than
    asked for where one would hold fewer than five firms, none where two would. NaN outside.
    """
    known = np.where(member & np.isfinite(values), values, np.nan)
    count = np.isfinite(known).sum(axis=1)
    number = np.minimum(groups, count // LEAST_A_GROUP)
    rank = stats.rankdata(np.where(np.isfinite(known), known, np.inf), axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        group = np.floor((rank - 0.5) / count[:, None] * number[:, None]) + 1.0
    usable = np.isfinite(known) & (number >= 2)[:, None]
    return np.where(usable, group, np.nan), np.where(number >= 2, number, np.nan).astype("float64")


def controls_before(
    names: list[str],
    own: Cube,
    facts: pd.DataFrame,
    at: np.ndarray,
    firm: np.ndarray,
    beta: np.ndarray,
    *,
    first_day: int,
    exchange: str,
) -> np.ndarray:
    """Control variables known at the close before the window, a column a name: (events, names).

    ``size`` is the logarithm of the market value, ``beta`` the slope of the estimation; any other name is an
    item of the table ``signal_facts``.
    """
    before = np.maximum(at + first_day - 1, 0)
    day, place = np.unique(before, return_inverse=True)
    columns = []
    for name in names:
        if name == "beta":
            columns.append(beta)
        elif name == "size":
            with np.errstate(divide="ignore", invalid="ignore"):
                columns.append(np.log(own.market_cap[before, firm]))
        else:
            rows = facts.loc[facts["item"] == name]
            rows = rows.assign(
                component="total", session=session_of(rows["known_at"], own.sessions, exchange=exchange)
            ).dropna(subset="session")
            columns.append(as_known(rows, own, day)[place, firm])
    return np.column_stack(columns) if columns else np.empty((len(at), 0))


def within_days(values: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Values less their mean of the day, for columns (n, k) or one (n,)."""
    whole = pd.DataFrame(np.asarray(values, dtype="float64"))
    return (whole - whole.groupby(day).transform("mean")).to_numpy().reshape(np.shape(values))
