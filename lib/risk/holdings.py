"""What is held today and takes part in the risk figures, one row a position, with delta-adjusted exposure.

Delta-adjusted exposure is the money that moves as the underlying does: signed market value for stocks, ETFs,
funds and indices; for an option delta x multiplier x quantity x price of the underlying. Left out, with the
reason, are

- ``manual``: a holding valued by hand has no market history;
- ``unpriced``: no price, so no exposure;
- ``no_greeks``: an option whose delta could not be computed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.market import occ

REASONS = ("manual", "unpriced", "no_greeks")
COLUMNS = ["position_id", "symbol", "underlying", "kind", "quantity", "multiplier", "exposure"]


def holdings(positions: pd.DataFrame, greeks: pd.DataFrame) -> pd.DataFrame:
    """The rows of table ``positions`` of a quantity other than 0, with ``delta_exposure`` and ``reason``.

    ``exposure`` and ``delta_exposure`` are signed money, missing where unknown; ``reason`` is empty for a
    position that takes part. Order as in ``positions``.
    """
    held = positions.loc[positions["quantity"] != 0, COLUMNS].reset_index(drop=True)
    option = (held["kind"] == "option").to_numpy()
    delta = held["position_id"].map(greeks.set_index("position_id")["delta_dollars"]).to_numpy("float64")
    held["delta_exposure"] = np.where(option, delta, held["exposure"])
    reason = np.full(len(held), "", dtype=object)
    reason[option & np.isnan(delta)] = "no_greeks"
    reason[held["exposure"].isna().to_numpy()] = "unpriced"
    reason[(held["kind"] == "manual").to_numpy()] = "manual"
    held.loc[reason != "", "delta_exposure"] = np.nan
    return held.assign(reason=pd.array(reason, dtype="str"))


def names_of(holdings: pd.DataFrame) -> dict[str, str]:
    """Each position for people: its symbol, an option as it is written, the id where two would read alike."""
    named = [getattr(occ.parse(symbol), "name", symbol) for symbol in holdings["symbol"]]
    names = pd.Series(named, index=holdings["position_id"], dtype="str")
    twice = names.duplicated(keep=False)
    return names.mask(twice, names.index.to_series()).to_dict()


def taking_part(holdings: pd.DataFrame) -> pd.DataFrame:
    """The holdings without a reason to be left out."""
    return holdings[holdings["reason"] == ""].reset_index(drop=True)


def delta_by_underlying(holdings: pd.DataFrame) -> pd.Series:
    """Delta-adjusted exposure summed by underlying over the holdings that take part, signed money."""
    return taking_part(holdings).groupby("underlying")["delta_exposure"].sum()


def base_of(exposures: pd.DataFrame) -> tuple[float, str, float]:
    """What betas and percentages are divided by: its money, ``nav`` or ``gross``, and net asset value.

    Net asset value where it is positive, gross exposure otherwise; from the table ``exposures``.
    """
    totals = exposures.set_index("measure")["value"]
    nav, gross = float(totals["nav"]), float(totals["gross"])
    return (nav, "nav", nav) if nav > 0 else (gross, "gross", nav)


def left_out_flags(holdings: pd.DataFrame) -> tuple[str, ...]:
    """``manual_left_out`` and the like, one for each reason that occurs, in the order of ``REASONS``."""
    present = set(holdings["reason"])
    return tuple(f"{reason}_left_out" for reason in REASONS if reason in present)
