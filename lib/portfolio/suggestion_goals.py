"""Whether each suggestion reaches its goal: carried out by itself, its measure computed anew.

Rounding to whole shares leaves a rest: half a share of beta or delta, one share of the risk contribution.
That rest, as money or as a share, is the tolerance. Frames have the columns of ``COLUMNS``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.book import delta_exposures
from lib.portfolio.suggestions import METHOD

COLUMNS = ["suggestion", "measure", "before", "after", "goal", "tolerance", "unit"]
STEEPEST_BETA = 3.0
NEUTRAL, REDUCE, HEDGE = "Market beta to zero", "Largest contributor to risk", "Delta hedges of options"


def reached(*parts: pd.DataFrame) -> pd.DataFrame:
    """The given goals in one frame, with whether each is ``reached``."""
    table = pd.concat(parts, ignore_index=True)
    return table.assign(reached=(table["after"] - table["goal"]).abs() <= table["tolerance"])


def beta_goal(suggested: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Market beta in money, from tables ``portfolio_betas`` of the book without and with the suggestion.

    A book of which the suggestion leaves nothing has none, so 0.
    """
    tolerance = STEEPEST_BETA * suggested["price"].sum() / 2
    values = [_market_dollars(before), np.nan_to_num(_market_dollars(after)), 0.0, tolerance]
    return _row(suggested, NEUTRAL, "market beta in money", values, "money")


def share_goal(
    suggested: pd.DataFrame,
    before: tuple[pd.DataFrame, pd.DataFrame],
    after: tuple[pd.DataFrame, pd.DataFrame],
    greeks: pd.DataFrame,
    *,
    target: float,
) -> pd.DataFrame:
    """Part of the factor value at risk that the reduced underlying has.

    ``before`` and ``after`` are (positions, rows of ``var_components`` of one method).
    """
    if not len(suggested):
        return _row(suggested, REDUCE, "", [np.nan] * 4, "fraction")
    name, price = str(suggested["symbol"].iloc[0]), float(suggested["price"].iloc[0])
    positions = before[0]
    exposure = np.nansum(delta_exposures(positions[positions["underlying"] == name], greeks))
    values = [_share(*before, name), _share(*after, name), target, 2.0 * price / abs(exposure)]
    return _row(suggested, REDUCE, f"part of {name} in the factor value at risk", values, "fraction")


def delta_goal(
    suggested: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame, greeks: pd.DataFrame
) -> pd.DataFrame:
    """Sizes of the dollar deltas of the options on each hedged underlying, added up, without and with hedges.

    ``before`` and ``after`` are tables ``positions``; what is held besides the options is no part of it.
    """
    names = suggested["symbol"]
    stock = _by_underlying(before[before["kind"] != "option"], greeks, names)
    left = [(_by_underlying(book, greeks, names) - stock).abs().sum() for book in (before, after)]
    return _row(
        suggested, HEDGE, "dollar delta of options", [*left, 0.0, suggested["price"].sum() / 2], "money"
    )


def _market_dollars(betas: pd.DataFrame) -> float:
    rows = betas[(betas["method"] == METHOD) & (betas["factor"] == "market")]
    return float(rows["dollar_exposure"].sum(min_count=1))


def _share(positions: pd.DataFrame, components: pd.DataFrame, name: str) -> float:
    own = positions.loc[positions["underlying"] == name, "position_id"]
    return float(
        components.loc[components["position_id"].isin(own), "value"].sum() / components["value"].sum()
    )


def _by_underlying(positions: pd.DataFrame, greeks: pd.DataFrame, names: pd.Series) -> pd.Series:
    deltas = pd.Series(delta_exposures(positions, greeks), index=positions.index)
    money = deltas.groupby(positions["underlying"]).sum()
    return money.reindex(names).fillna(0.0)


def _row(
    suggested: pd.DataFrame, suggestion: str, measure: str, values: list[float], unit: str
) -> pd.DataFrame:
    """One row, or none where nothing is suggested."""
    frame = pd.DataFrame([[suggestion, measure, *values, unit]], columns=COLUMNS)
    frame = frame.astype({"suggestion": "str", "measure": "str", "unit": "str"})
    numbers = dict.fromkeys(["before", "after", "goal", "tolerance"], "float64")
    return frame.astype(numbers)[: 1 if len(suggested) else 0]
