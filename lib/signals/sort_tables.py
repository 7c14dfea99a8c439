"""The tables of a sort that other stages read: who was in which group, and what was earned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contracts import conform, empty
from lib.signals.sort_costs import Costs
from lib.signals.sorting import Sorted
from lib.tables import TABLES


def groups_table(own: Sorted) -> pd.DataFrame:
    """``signal_groups``: one row a firm and formation date that is in a group, of dates with both sides."""
    rows, columns = np.nonzero((own.found > 0) & own.used[:, None])
    return conform(
        pd.DataFrame(
            {
                "date": own.ground.dates[rows],
                "entity": own.ground.cube.entities.to_numpy()[columns],
                "value": own.scores[rows, columns],
                "group": own.found[rows, columns].astype("float64"),
                "groups": own.groups[rows].astype("float64"),
                "weight": own.weights[rows, columns],
                "position": (own.long - own.short)[rows, columns],
            }
        ),
        TABLES["signal_groups"],
    )


def returns_table(own: Sorted, *, sort: str, weighting: str) -> pd.DataFrame:
    """``group_returns`` of one sort: every group of every period that is over."""
    number = np.arange(1, own.most + 1)
    there = own.counted[:, None] & (number <= own.groups[:, None])
    rows, columns = np.nonzero(there)
    start, end = _clock(own, rows)
    return conform(
        pd.DataFrame(
            {
                "sort": sort,
                "weighting": weighting,
                "start": start,
                "date": end,
                "group": columns + 1.0,
                "groups": own.groups[rows].astype("float64"),
                "return": own.group_returns()[rows, columns],
                "firms": own.firms()[rows, columns],
                "delisted": own.delisted()[rows, columns],
                "turnover": own.group_turnover()[rows, columns],
            }
        ),
        TABLES["group_returns"],
    )


def spread_table(own: Sorted, costs: Costs, *, sort: str, weighting: str) -> pd.DataFrame:
    """``long_short`` of one sort: every period that is over and has both sides."""
    rows = np.flatnonzero(own.counted)
    start, end = _clock(own, rows)
    long, short = own.sides()
    gross, cost = (long - short)[rows], costs.total[rows]
    return conform(
        pd.DataFrame(
            {
                "sort": sort,
                "weighting": weighting,
                "start": start,
                "date": end,
                "return": gross,
                "long_return": long[rows],
                "short_return": short[rows],
                "turnover": (own.turnover(own.long) + own.turnover(own.short))[rows],
                "cost": cost,
                "net": gross - cost,
            }
        ),
        TABLES["long_short"],
    )


def daily_table(own: Sorted, costs: Costs) -> pd.DataFrame:
    """``long_short_daily``: sessions after each start up to its end, or to the last one of an open period.

    Trading is paid on the first of them, borrowing by calendar days.
    """
    ground, sessions = own.ground, own.ground.cube.sessions
    used = np.flatnonzero(own.used & (ground.start < len(sessions) - 1))
    if not len(used):
        return empty(TABLES["long_short_daily"])
    last = np.minimum(ground.end[used], len(sessions) - 1)
    lengths = last - ground.start[used]
    period = np.repeat(used, lengths)
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    step = np.arange(lengths.sum()) - np.repeat(first, lengths)
    at = ground.start[period] + 1 + step
    grown = np.exp(ground.growth_path[at + 1] - ground.growth_path[ground.start[period] + 1])
    fresh = step == 0
    sides = []
    for side in (own.long, own.short):
        value = (side[period] * grown).sum(axis=1)
        before = np.where(fresh, 1.0, np.concatenate([[1.0], value[:-1]]))
        sides.append(np.divide(value, before, out=np.zeros_like(value), where=before > 0.0) - 1.0)
    days = (sessions[at] - sessions[at - 1]).days.to_numpy()
    whole = np.bincount(period, weights=days, minlength=len(own.used))[period]
    cost = costs.borrow[period] * days / whole + np.where(fresh, costs.trading[period], 0.0)
    gross = sides[0] - sides[1]
    return conform(
        pd.DataFrame(
            {
                "date": sessions[at],
                "return": gross,
                "long_return": sides[0],
                "short_return": sides[1],
                "cost": cost,
                "net": gross - cost,
                "formation": fresh,
            }
        ),
        TABLES["long_short_daily"],
    )


def _clock(own: Sorted, rows: np.ndarray) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    sessions = own.ground.cube.sessions
    return sessions[own.ground.start[rows]], sessions[own.ground.end[rows]]
