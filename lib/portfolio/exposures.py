"""How much is long and how much is short: totals of the book, and the positions with certain tags.

Gross is the sum of |exposure|, net the signed sum, long and short the sums of the positive and the negative
ones, so gross = long - short and net = long + short. Positions without a price are in no sum and are counted.
Notional counts an option by its underlying (|q| x 100 x S), all else by its market value.

Delta-adjusted exposure is what the underlyings would have to be held in to move alike: the exposure of shares
and funds, delta x multiplier x contracts x price of the underlying for options (the premium plays no part).
Manual valuations are left out. A sum is null where it lacks the Greeks of a priced option, or where all that
is held is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.book import delta_exposures
from lib.portfolio.tags import STRATEGY, carrying

TAGGED = ("tag", "strategy")
"""Dimensions of table ``exposure_groups`` whose groups are single tags."""


@dataclass(frozen=True)
class Amounts:
    """What the sums are made of, one entry a position; money is 0 where it counts for none.

    ``exposure`` is money where ``priced``, ``delta`` is delta-adjusted and is where ``counted``; ``lacking``
    is an option that has a price but no Greeks.
    """

    held: np.ndarray
    priced: np.ndarray
    exposure: np.ndarray
    counted: np.ndarray
    lacking: np.ndarray
    delta: np.ndarray
    option: np.ndarray
    manual: np.ndarray

    def delta_sum(self, delta: np.ndarray) -> float:
        """Sum of delta-adjusted money; NaN where Greeks are lacking or all that is held is left out."""
        known = (self.counted.any() or not self.held.any()) and not self.lacking.any()
        return float(delta.sum()) if known else np.nan


def position_amounts(positions: pd.DataFrame, greeks: pd.DataFrame | None) -> Amounts:
    """Exposure and delta-adjusted exposure of each position: the latter the dollar delta of an option."""
    held = positions["quantity"].to_numpy() != 0
    option, manual = (np.asarray(positions["kind"].array == kind) for kind in ("option", "manual"))
    exposure = positions["exposure"].to_numpy()
    delta = delta_exposures(positions, greeks)
    priced, counted = held & ~np.isnan(exposure), held & ~np.isnan(delta)
    lacking = priced & option & ~counted
    money = (np.where(known, amount, 0.0) for known, amount in ((priced, exposure), (counted, delta)))
    return Amounts(held, priced, next(money), counted, lacking, next(money), option, manual)


def total_exposures(
    positions: pd.DataFrame, *, cash: float = 0.0, greeks: pd.DataFrame | Amounts | None = None
) -> pd.DataFrame:
    """The table ``exposures`` of a table ``positions``: one row a measure, money except counts and shares.

    ``free_cash`` is what buying back all that is short, at today's prices, would leave of cash, which holds
    the proceeds of short sales. ``manual_share`` is the part of net asset value that rests on manual
    valuations, null where that is not positive. Notional is null where an option has no price of its
    underlying. ``greeks`` is the table of that name, or what ``position_amounts`` made of it; without it no
    option has a delta-adjusted exposure.
    """
    amounts = greeks if isinstance(greeks, Amounts) else position_amounts(positions, greeks)
    money, priced, option, manual = amounts.exposure, amounts.priced, amounts.option, amounts.manual
    size = np.abs(money)
    long, short = float(np.maximum(money, 0.0).sum()), float(np.minimum(money, 0.0).sum())
    nav = long + short + cash
    measures = {
        "nav": nav,
        "cash": float(cash),
        "free_cash": float(cash) + short,
        "gross": long - short,
        "net": long + short,
        "long": long,
        "short": short,
        "long_count": np.count_nonzero(money > 0),
        "short_count": np.count_nonzero(money < 0),
        "stock_exposure": float(size[~option].sum()),
        "option_exposure": float(size[option].sum()),
        "manual_exposure": float(size[manual].sum()),
        "manual_share": float(money[manual].sum()) / nav if nav > 0 else np.nan,
        "notional": _notional(positions, priced & option, size),
        "delta_adjusted_net": amounts.delta_sum(amounts.delta),
        "delta_adjusted_gross": amounts.delta_sum(np.abs(amounts.delta)),
        "priced_count": np.count_nonzero(priced),
        "unpriced_count": np.count_nonzero(amounts.held & ~priced),
    }
    values = np.array(list(measures.values()), dtype="float64")
    return pd.DataFrame({"measure": pd.array(list(measures), dtype="str"), "value": values})


def chosen_tags(tags: list[str], groups: pd.DataFrame) -> list[str]:
    """The tags asked for, or the one of the book with the largest gross where none is."""
    single = groups[groups["dimension"].isin(TAGGED)]
    largest = single.sort_values("gross", ascending=False, kind="stable").head(1)
    prefix = np.where(largest["dimension"] == "strategy", STRATEGY, "")
    return tags or (prefix + largest["group"].to_numpy(dtype=object)).tolist()


def filter_by_tags(positions: pd.DataFrame, tags: list[str], *, mode: str = "any") -> pd.DataFrame:
    """The positions that carry any of ``tags``, or all of them (``mode`` "any" or "all"); case is ignored.

    No tags: no position for "any", every position for "all". ValueError for another mode.
    """
    return positions[carrying(positions["tags"], tags, mode=mode)]


def _notional(positions: pd.DataFrame, option: np.ndarray, size: np.ndarray) -> float:
    contracts = np.abs(positions["quantity"].to_numpy()) * positions["multiplier"].to_numpy()
    return float(np.where(option, contracts * positions["underlying_price"].to_numpy(), size).sum())
