"""What every stage needs of a portfolio, defined once: exposures by delta, what counts, the base, the names.

Delta-adjusted exposure is the money that moves as the underlying does: signed market value for stocks, ETFs,
funds and indices; for an option delta x multiplier x quantity x price of the underlying. A holding valued by
hand has no market history and moves with nothing. Left out of the risk figures, with the reason, are

- ``manual``: a holding valued by hand;
- ``unpriced``: no price, so no exposure;
- ``no_greeks``: an option whose delta could not be computed.

Percentages stand on the base: net asset value where it is positive, gross exposure otherwise.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.market import occ

REASONS = ("manual", "unpriced", "no_greeks")
COLUMNS = ["position_id", "symbol", "underlying", "kind", "quantity", "multiplier", "exposure"]
BASE_WORDS = {"nav": "net asset value", "gross": "gross exposure"}
KIND_WORDS = {
    "stock": "Stock",
    "etf": "ETF",
    "index": "Index",
    "fund": "Fund",
    "option": "Option",
    "manual": "Valued by hand",
}


def delta_exposures(positions: pd.DataFrame, greeks: pd.DataFrame | None) -> np.ndarray:
    """Delta-adjusted exposure of each position, signed money, NaN where it is not known.

    ``positions`` has ``position_id``, ``kind`` and ``exposure``; ``greeks`` is the table of that name,
    without which no option has a delta.
    """
    option, manual = (np.asarray(positions["kind"].array == kind) for kind in ("option", "manual"))
    delta = np.where(option | manual, np.nan, positions["exposure"].to_numpy())
    if greeks is not None and option.any():
        known = pd.Series(greeks["delta_dollars"].to_numpy(), index=greeks["position_id"])
        delta[option] = known.reindex(positions["position_id"][option]).to_numpy()
    return delta


def holdings(positions: pd.DataFrame, greeks: pd.DataFrame) -> pd.DataFrame:
    """The rows of table ``positions`` of a quantity other than 0, with ``delta_exposure`` and ``reason``.

    ``exposure`` and ``delta_exposure`` are signed money, missing where unknown; ``reason`` is empty for a
    position that takes part; ``sector`` is missing where ``positions`` has none. Order as in ``positions``.
    """
    columns = [*COLUMNS, "sector"]
    held = positions.loc[positions["quantity"] != 0].reindex(columns=columns).reset_index(drop=True)
    delta = delta_exposures(held, greeks).astype("float64")
    reason = np.full(len(held), "", dtype=object)
    reason[(held["kind"] == "option").to_numpy() & np.isnan(delta)] = "no_greeks"
    reason[held["exposure"].isna().to_numpy()] = "unpriced"
    reason[(held["kind"] == "manual").to_numpy()] = "manual"
    delta[reason != ""] = np.nan
    return held.assign(delta_exposure=delta, reason=pd.array(reason, dtype="str"))


def names_of(holdings: pd.DataFrame) -> dict[str, str]:
    """Each position for people: its symbol, an option as it is written, the id where two would read alike."""
    named = [getattr(occ.parse(symbol), "name", symbol) for symbol in holdings["symbol"]]
    names = pd.Series(named, index=holdings["position_id"], dtype="str")
    twice = names.duplicated(keep=False)
    return names.mask(twice, names.index.to_series()).to_dict()


def descriptions_of(positions: pd.DataFrame, instruments: pd.DataFrame) -> dict[str, str]:
    """What each symbol is: its name or else its kind; for an option right, underlying, strike and expiry.

    Arguments are the tables of those names: "Apple", "Put on AAPL at 120 to 16 Jun 2023".
    """
    options = positions[positions["kind"] == "option"]
    words = [
        f"{kind} on {underlying} at {strike:g} to {wording.date(expiry)}"
        for kind, underlying, strike, expiry in zip(
            options["right"].map({"C": "Call", "P": "Put"}),
            options["underlying"],
            options["strike"],
            options["expiry"],
            strict=True,
        )
    ]
    known = instruments.dropna(subset="name")
    kinds = dict(zip(positions["symbol"], positions["kind"].map(KIND_WORDS), strict=True))
    named = dict(zip(known["symbol"], known["name"], strict=True))
    return kinds | named | dict(zip(options["symbol"], words, strict=True))


def taking_part(holdings: pd.DataFrame) -> pd.DataFrame:
    """The holdings without a reason to be left out."""
    return holdings[holdings["reason"] == ""].reset_index(drop=True)


def delta_by_underlying(holdings: pd.DataFrame) -> pd.Series:
    """Delta-adjusted exposure summed by underlying over the holdings that take part, signed money."""
    return taking_part(holdings).groupby("underlying")["delta_exposure"].sum()


def totals_of(exposures: pd.DataFrame) -> pd.Series:
    """The table ``exposures`` as values by measure."""
    return exposures.set_index("measure")["value"].astype("float64")


def base(nav: float, gross: float) -> tuple[float, str]:
    """What percentages stand on, and whether that is ``nav`` or ``gross``."""
    return (nav, "nav") if nav > 0 else (gross, "gross")


def base_of(exposures: pd.DataFrame) -> tuple[float, str, float]:
    """The base by the table ``exposures``: its money, ``nav`` or ``gross``, and net asset value."""
    totals = totals_of(exposures)
    nav = float(totals["nav"])
    return *base(nav, float(totals["gross"])), nav


def bases_of(exposures: pd.DataFrame) -> dict[str, float]:
    """``nav`` and ``gross`` by the table ``exposures``."""
    totals = totals_of(exposures)
    return {name: float(totals[name]) for name in ("nav", "gross")}


def left_out_flags(holdings: pd.DataFrame) -> tuple[str, ...]:
    """``manual_left_out`` and the like, one for each reason that occurs, in the order of ``REASONS``."""
    present = set(holdings["reason"])
    return tuple(f"{reason}_left_out" for reason in REASONS if reason in present)


def rows_left_out(rejected: int, rows: int, unpriced: int) -> list[str]:
    """What of a portfolio file counts nowhere, each as a sentence; nothing where every row counts."""
    told = []
    if rejected:
        verb = "was" if rejected == 1 else "were"
        told.append(
            f"{wording.count(rejected)} of {wording.plural(rows, 'row')} of the portfolio file {verb} "
            f"rejected and {'counts' if rejected == 1 else 'count'} nowhere."
        )
    if unpriced:
        has, is_in = ("has", "is") if unpriced == 1 else ("have", "are")
        told.append(f"{wording.plural(unpriced, 'position')} {has} no price and {is_in} in no total.")
    return told
