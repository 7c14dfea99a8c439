"""A small world sorted by its signal by loops over dates: the oracle of what is done at once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.signals.robust_study import Inputs
from lib.tables import TABLES
from tests.signals.worlds import EXCHANGE, World, world

DELISTING = -0.30
GROUPS = 5


def sorted_world(*, lag: int = 1, groups: int = GROUPS, **options: object) -> tuple[World, Inputs]:
    """The tables that robustness reads: a sort at each month's end, bought at that close, equal weights."""
    made = world(**options)  # type: ignore[arg-type]
    tables = made.tables
    wide = tables["signal_returns"].pivot_table(index="date", columns="entity", values="return")
    gone = tables["signal_delistings"].set_index("entity")
    for entity, row in gone.iterrows():
        wide.loc[row["date"], entity] = DELISTING if np.isnan(row["return"]) else row["return"]
    values = tables["signal_values"].sort_values("known_at")
    sessions = wide.index
    month = sessions.to_period("M")
    ends = np.flatnonzero(np.append(month[1:] != month[:-1], False))[1:]
    chosen, spreads, held_groups = [], [], []
    for at, until in pairwise(ends):
        day = sessions[at]
        usable = values.loc[values["session"] <= sessions[at - lag]].groupby("entity")["value"].last()
        left = [entity for entity in gone.index if gone.loc[entity, "date"] <= day]
        usable = usable.drop(left, errors="ignore")
        path = (1.0 + wide.iloc[at + 1 : until + 1][usable.index].fillna(0.0)).prod() - 1.0
        group = pd.qcut(usable, groups, labels=False) + 1
        frame = pd.DataFrame({"entity": usable.index, "value": usable.to_numpy(), "group": group.to_numpy()})
        frame["weight"] = 1.0 / frame.groupby("group")["entity"].transform("size")
        sign = frame["group"].map({groups: 1.0, 1: -1.0}).fillna(0.0)
        frame["position"] = sign * frame["weight"]
        chosen.append(frame.assign(date=day, groups=float(groups)))
        means = path.groupby(group).mean()
        clock = {"start": day, "date": sessions[until], "sort": "base", "weighting": "equal"}
        spreads.append(clock | {"long_return": means[groups], "short_return": means[1]})
        held_groups += [clock | {"group": float(one), "return": value} for one, value in means.items()]
    long_short = pd.DataFrame(spreads).assign(turnover=0.5, cost=0.001)
    long_short["return"] = long_short["long_return"] - long_short["short_return"]
    long_short["net"] = long_short["return"] - long_short["cost"]
    group_returns = pd.DataFrame(held_groups).assign(
        groups=float(groups), firms=12.0, delisted=0.0, turnover=0.2
    )
    frames = {
        "signal_groups": pd.concat(chosen),
        "long_short": long_short,
        "group_returns": group_returns,
        "trials": pd.DataFrame(columns=TABLES["trials"].column_names),
        "trial_returns": pd.DataFrame(columns=TABLES["trial_returns"].column_names),
    }
    made_tables = {name: conform(frame, TABLES[name]) for name, frame in frames.items()}
    return made, Inputs(
        made_tables["signal_groups"],
        tables["signal_values"],
        tables["signal_returns"],
        tables["signal_memberships"],
        tables["signal_delistings"],
        tables["signal_benchmarks"],
        made_tables["long_short"],
        made_tables["group_returns"],
        made_tables["trials"],
        made_tables["trial_returns"],
    )


__all__ = ["DELISTING", "EXCHANGE", "GROUPS", "sorted_world"]
