"""What each position adds to the expected shortfall of the book, by historical simulation.

The expected shortfall is minus the mean profit of the book on its tail days, those at or below the value at
risk. A position's part is minus the mean of its own profit on those same days: Euler's allocation of the
expected shortfall (Tasche 1999, "Risk contributions and performance measurement"). Profits of positions add
up to that of the book on every day, so the parts add up to the whole exactly; a hedge has a negative one.
Options are repriced at each day's move, at today's time to expiry, as in the whole.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.pricing.revalue import revaluation_pnl
from lib.risk.backtest import LEVELS, WINDOWS
from lib.risk.historical_simulation import COVERED, HistoricalSimulation
from lib.stats.tails import var_hist


def metric_name(level: float) -> str:
    """``cvar_95`` for 0.95."""
    return f"cvar_{round(100 * level)}"


def profits_by_position(past: HistoricalSimulation, days: pd.Index) -> pd.DataFrame:
    """Profit of each covered position on ``days`` of ``past``, money, days x position ids."""
    covered = past.coverage[past.coverage["reason"] == COVERED]
    moves = past.moves.loc[days]
    profits = moves[covered["underlying"]].to_numpy() * covered["delta_exposure"].to_numpy("float64")
    table = pd.DataFrame(profits, index=days, columns=pd.Index(covered["position_id"], dtype="str"))
    held = past.option_positions
    if len(held):
        changes = revaluation_pnl(
            past.contracts,
            quantity=1.0,
            multiplier=1.0,
            spot_move=moves[past.contracts["underlying"]].to_numpy(),
        )
        place = pd.Index(past.contracts["symbol"]).get_indexer(held["symbol"])
        table[held["position_id"].tolist()] = changes[:, place] * held["units"].to_numpy()
    return table


def shortfall_components(past: HistoricalSimulation) -> pd.DataFrame:
    """Table ``shortfall_components`` of all positions held: their parts by level and window, money.

    Missing for a position that the figures leave out, and in a window longer than the history.
    """
    tails = {
        (metric_name(level), window): _tail_days(past.returns, size, level)
        for level in LEVELS
        for window, size in WINDOWS.items()
    }
    days = past.returns.index[past.returns.index.isin(np.concatenate([*tails.values()]))]
    profits = profits_by_position(past, days)
    held = pd.Index(past.coverage["position_id"], dtype="str", name="position_id")
    parts = [
        pd.DataFrame({"value": -profits.loc[tail].mean().reindex(held)})
        .reset_index()
        .assign(metric=metric, window=window)
        for (metric, window), tail in tails.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    whole = table.groupby(["metric", "window"])["value"].transform("sum")
    return table.assign(share=table["value"] / whole.where(whole > 0))


def _tail_days(returns: pd.Series, size: int | None, level: float) -> pd.Index:
    """Days of the window at or below the value at risk; none where the history is shorter than it."""
    part = returns if size is None else returns.tail(size)
    if part.empty or (size is not None and len(part) < size):
        return returns.index[:0]
    return part.index[part <= -var_hist(part, level=level)]
