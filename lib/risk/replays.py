"""What the names held really did in a past window, so that a replay need not guess it from betas.

An underlying that has an observed close on the first and on the last day of the window moves by the ratio of
its adjusted closes. Betas move only the others: those that were not listed yet, or have generated prices.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.risk.stress_cases import Cases

GENERATED = "generated"


def own_moves(prices: pd.DataFrame | None, underlyings: pd.Series, cases: Cases) -> np.ndarray:
    """Returns of ``underlyings`` over each replay's window, rows of ``cases`` x positions.

    Missing where a case is no replay, or where table ``prices`` lacks either close; None is no prices.
    """
    moves = np.full((len(cases.table), len(underlyings)), np.nan)
    rows = np.flatnonzero(cases.replayed & cases.table["opens"].notna().to_numpy())
    if prices is None or not len(rows):
        return moves
    days = pd.concat([cases.table["opens"], cases.table["closes"]]).dropna().unique()
    wanted = prices["date"].isin(days) & prices["symbol"].isin(underlyings) & (prices["origin"] != GENERATED)
    found = prices.loc[wanted, ["date", "symbol", "adj_close"]]
    closes = found.pivot(index="date", columns="symbol", values="adj_close")  # noqa: PD010
    first, last = (
        closes.reindex(index=cases.table[name].iloc[rows], columns=underlyings).to_numpy("float64")
        for name in ("opens", "closes")
    )
    moves[rows] = last / first - 1.0
    return moves


def own_share(
    own: np.ndarray, underlyings: np.ndarray, delta_exposure: np.ndarray, cases: Cases
) -> np.ndarray:
    """Part of the gross delta-adjusted exposure in each replay that moves by its own prices; NaN elsewhere.

    ``own`` and ``underlyings`` are moves, rows of ``cases`` x positions; what has no move takes no part.
    """
    sizes, moved = np.abs(np.nan_to_num(delta_exposure)), np.isfinite(underlyings)
    whole = moved @ sizes
    part = (moved & np.isfinite(own)) @ sizes
    return np.divide(part, whole, out=np.full(len(own), np.nan), where=cases.replayed & (whole > 0))
