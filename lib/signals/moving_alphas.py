"""Alphas and betas over moving windows, each of which rests on nothing that became known after its last day.

The model of a window is the one that is named, or the richest whose factors are known in all of its periods;
whether later periods have more factors, or fewer, changes nothing of it. Windows are counted from the first
period, so that a longer history adds windows and moves none. Days and calendar months have a length of their
own; holding periods, whose length is a mean over all of them, have no moving windows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.signals.alphas import RICHEST
from lib.signals.explained import SPREAD, Explained
from lib.signals.factor_models import MODELS
from lib.stats.rolling import rolling_ols
from lib.tables import TABLES

TABLE = TABLES["signal_rolling"]


def moving_alphas(
    parts: dict[str, Explained], model: str, *, days: int, step: int, months: int
) -> pd.DataFrame:
    """Table ``signal_rolling`` over windows of ``days`` sessions, every ``step``, and of ``months`` months.

    ``model`` is ``richest`` or a name of ``MODELS``. No row where there are fewer periods than a window, nor
    for a window in which no model has all of its factors.
    """
    kinds = (("day", days, step), ("month", months, 1))
    found = [
        frame
        for series, window, apart in kinds
        if series in parts and not parts[series].code
        for frame in _moved(parts[series], model, window=window, step=apart)
    ]
    whole = pd.concat(found) if found else pd.DataFrame(columns=TABLE.column_names)
    ordered = whole.sort_values(["series", "date"], kind="stable", ignore_index=True)
    return conform(ordered.dropna(subset=["value", "error"]), TABLE)


def _moved(one: Explained, model: str, *, window: int, step: int) -> list[pd.DataFrame]:
    """Rows of one kind of period, a frame for each model that some window has."""
    asked = RICHEST if model == "richest" else (model,)
    wanted = [
        name for name in asked if set(MODELS[name]) <= set(one.factors) and window > len(MODELS[name]) + 1
    ]
    if not wanted:
        return []
    both = one.returns[[SPREAD]].join(one.factors).dropna(subset=[SPREAD, *MODELS[wanted[-1]]])
    left, frames = np.arange(window - 1, len(both), step), []
    for name in wanted:
        gaps = both[list(MODELS[name])].isna().any(axis=1).rolling(window).sum().to_numpy()
        own, left = left[gaps[left] < 0.5], left[gaps[left] > 0.5]
        if len(own):
            frames.append(_fitted(one, both, name, own, window))
    return frames


def _fitted(one: Explained, both: pd.DataFrame, model: str, at: np.ndarray, window: int) -> pd.DataFrame:
    """Rows of the windows of one model that end at the rows ``at``; no gap lies in any of them."""
    names = list(MODELS[model])
    fit = rolling_ols(both[SPREAD].to_numpy(), both[names].fillna(0.0).to_numpy(), window=window)
    scale = np.array([one.periods_a_year, *np.ones(len(names))])
    return pd.DataFrame(
        {
            "date": np.repeat(both.index[at], len(names) + 1),
            "series": one.series,
            "model": model,
            "term": ["alpha", *names] * len(at),
            "value": (fit.coefficients[at, :, 0] * scale).ravel(),
            "error": (fit.std_errors[at, :, 0] * scale).ravel(),
            "window": window,
        }
    )
