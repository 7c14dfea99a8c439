"""Rank correlation of a signal with the returns that follow it, by horizon, and how fast it fades.

A horizon is a number of sessions from the formation date on; only windows that are over count, and each
horizon stands alone, so that one more changes no other. Windows longer than the distance of two formation
dates overlap: the interval of the mean allows for it (``lib.stats.overlapping``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.signals.sort_ground import Ground
from lib.signals.sort_measures import table_of
from lib.stats.overlapping import mean_interval
from lib.stats.quantile_groups import rank_correlations

TIED = 12
"""Decimals of a return by which it is ranked: what differs beyond them differs by rounding alone."""
SLACK = 0.25
"""Share of the distance of two dates by which windows may overlap and count as apart: months differ."""


def rank_ic(ground: Ground, values: np.ndarray, *, horizons: list[int]) -> pd.DataFrame:
    """``signal_rank_ic`` of values (D, N) for each of ``horizons``, sessions."""
    sessions, frames = ground.cube.sessions, []
    for horizon in sorted(set(horizons)):
        there = ground.start + horizon < len(sessions)
        start = ground.start[there]
        later = np.round(ground.held(start, start + horizon), TIED)
        known = values[there]
        frames.append(
            pd.DataFrame(
                {
                    "horizon": horizon,
                    "start": sessions[ground.formed[there]],
                    "date": sessions[start + horizon],
                    "rank_ic": rank_correlations(known, np.where(np.isnan(known), np.nan, later)),
                    "firms": (~np.isnan(known)).sum(axis=1),
                }
            )
        )
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    kept = whole.loc[whole["firms"] > 0] if len(whole) else whole
    return table_of(kept.to_dict("records"), "signal_rank_ic")


def decay(ic: pd.DataFrame, ground: Ground, *, horizons: list[int], higher: bool) -> pd.DataFrame:
    """``signal_ic_decay``: the mean of each horizon with its interval."""
    gaps = np.diff(ground.start)
    distance = float(gaps.mean()) if len(gaps) else 1.0
    rows = []
    for horizon in sorted(set(horizons)):
        values = ic.loc[ic["horizon"] == horizon].sort_values("start")["rank_ic"].to_numpy()
        known = values[~np.isnan(values)]
        overlap = max(int(np.ceil(horizon / distance - SLACK)) - 1, 0)
        found = mean_interval(values, overlap=overlap)
        signed = known if higher else -known
        rows.append(
            {"horizon": horizon, "mean": found.mean, "error": found.std_error}
            | {"low": found.low, "high": found.high, "overlap": overlap, "dates": found.observations}
            | {"as_expected": float((signed > 0.0).mean()) if len(known) else np.nan}
        )
    return table_of(rows, "signal_ic_decay")
