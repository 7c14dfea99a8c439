"""A volatility by strike, from options on the same underlying whose volatility is known.

The volatilities of one expiry are interpolated in log moneyness, a straight line between two strikes and flat
beyond the last, each strike keeping its own when the underlying moves (sticky strike; Derman, "Regimes of
Volatility", 1999). A strike that calls and puts share has the mean of both: by put-call parity they
are one. The nearest expiry speaks, within a factor of its time. At least two strikes make a skew, or the
option's own strike alone; nothing is extrapolated and no shape is assumed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

MOST_TIMES = 2.0
"""An expiry that is not half as far off, or more than twice, says nothing of an option's volatility."""


def by_strike(
    options: pd.DataFrame, known: pd.DataFrame, *, day: pd.Timestamp, times: float = 1.0
) -> pd.Series:
    """Volatility of each option by its strike, annual decimal, null where nothing says it; same index.

    ``options`` has underlying, expiry and strike; ``known`` those and implied_vol (null where it is not
    known) of ``day``. Other expiries speak that are up to ``times`` as many days off as the option's, or as
    few; 1 is the option's own alone.
    """
    columns = ["underlying", "expiry", "strike"]
    quoted = known.dropna(subset=[*columns, "implied_vol"])
    quoted = quoted[quoted["underlying"].isin(options["underlying"])]
    found = pd.Series(np.nan, index=options.index, dtype="float64")
    if quoted.empty:
        return found
    smiles = quoted.groupby(columns)["implied_vol"].mean().reset_index()
    curves = {name: dict(iter(smile.groupby("expiry"))) for name, smile in smiles.groupby("underlying")}
    for (underlying, expiry), rows in options.groupby(["underlying", "expiry"]):
        at = curves.get(underlying, {})
        for there in _expiries(expiry, list(at), day, times):
            left = rows.index[found[rows.index].isna()]
            found[left] = _on_curve(options.loc[left, "strike"].to_numpy(), at[there])
    return found


def _expiries(
    own: pd.Timestamp, there_are: list[pd.Timestamp], day: pd.Timestamp, times: float
) -> list[pd.Timestamp]:
    """The expiries that may speak for ``own``, the nearest first, the earlier of two as near."""
    days = (own - day).days
    near = [one for one in there_are if days / times <= (one - day).days <= days * times]
    return sorted(near, key=lambda one: (abs((one - own).days), one))


def _on_curve(strikes: np.ndarray, curve: pd.DataFrame) -> np.ndarray:
    """Volatility at ``strikes`` between those of ``curve``; of a single strike only at that strike.

    With one underlying price for all, log moneyness is the log strike but for a constant.
    """
    known, volatility = curve["strike"].to_numpy(), curve["implied_vol"].to_numpy()
    found = np.interp(np.log(strikes), np.log(known), volatility)
    return found if len(known) > 1 else np.where(strikes == known[0], found, np.nan)
