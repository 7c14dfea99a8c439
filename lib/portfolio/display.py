"""Frames as the pages of this chapter show them: chosen columns, sorted by what matters, with totals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording

UNPRICED_WORDS = {"CURRENCY": "other currency", "UNKNOWN_SYMBOL": "unknown symbol", "UNPRICED": "no price"}
MEASURE_WORDS = {
    "nav": "Net asset value",
    "cash": "Cash",
    "gross": "Gross exposure",
    "net": "Net exposure",
    "long": "Long exposure",
    "short": "Short exposure",
    "stock_exposure": "Gross without options",
    "option_exposure": "Gross of options",
    "manual_exposure": "Gross of manual valuations",
    "notional": "Notional",
    "delta_adjusted_net": "Delta-adjusted net",
    "delta_adjusted_gross": "Delta-adjusted gross",
}
CHANGE_WORDS = {"first": "first seen", "exited": "left"}


def by_size(positions: pd.DataFrame) -> pd.DataFrame:
    """Positions that are held, the largest first, with the reason where there is no price (``reason``)."""
    held = positions[positions["quantity"] != 0]
    reason = pd.Series("", index=held.index, dtype="str")
    for code, words in reversed(UNPRICED_WORDS.items()):
        reason = reason.mask(held["flags"].str.contains(code, regex=False), words)
    order = held["exposure"].abs().sort_values(ascending=False, na_position="last", kind="stable").index
    return held.assign(reason=reason).loc[order].reset_index(drop=True)


def by_origin(positions: pd.DataFrame, *, cash: float) -> pd.DataFrame:
    """Signed exposure and its share of net asset value by the origin of the price, cash included.

    Shares are null where net asset value is not positive.
    """
    priced = positions[positions["exposure"].notna() & (positions["quantity"] != 0)]
    sums = priced.groupby("origin", sort=True).agg(
        positions=("exposure", "size"), exposure=("exposure", "sum")
    )
    sums.loc["cash"] = [0, cash]
    table = sums.astype({"positions": "int64"}).rename_axis("origin").reset_index()
    nav = table["exposure"].sum()
    share = table["exposure"] / nav if nav > 0 else np.nan
    order = table["exposure"].abs().sort_values(ascending=False, kind="stable").index
    return table.assign(share=share).loc[order].reset_index(drop=True)


def profit_by_underlying(positions: pd.DataFrame) -> pd.Series:
    """Daily profit by underlying, money; positions without one are left out."""
    return positions.dropna(subset="daily_pnl").groupby("underlying")["daily_pnl"].sum().sort_values()


def totals_table(exposures: pd.DataFrame) -> pd.DataFrame:
    """The money totals in words, with their share of net asset value (null where that is not positive)."""
    value = exposures.set_index("measure")["value"]
    money = value[list(MEASURE_WORDS)]
    share = money / value["nav"] if value["nav"] > 0 else money * np.nan
    words = [MEASURE_WORDS[name] for name in money.index]
    return pd.DataFrame({"measure": words, "value": money.to_numpy(), "share": share.to_numpy()})


def groups_of(groups: pd.DataFrame, dimension: str, exposures: pd.DataFrame) -> pd.DataFrame:
    """Groups of one dimension, the largest first, with their share of gross exposure (null of no gross).

    ``reason`` says why a delta-adjusted exposure is null.
    """
    gross = float(exposures.set_index("measure")["value"]["gross"])
    chosen = groups[groups["dimension"] == dimension].reset_index(drop=True)
    share = chosen["gross"] / gross if gross > 0 else chosen["gross"] * np.nan
    words = chosen["group"].str.replace("#strategy:", "Strategy: ", regex=False)
    return chosen.assign(share=share, words=words, reason="an option has no Greeks, or all by hand")


def changes(moves: pd.DataFrame) -> pd.DataFrame:
    """Positions of the newest snapshot, the largest profit or loss first, with their change in words."""
    order = moves["pnl"].abs().sort_values(ascending=False, na_position="last", kind="stable").index
    words = moves["change"].map(CHANGE_WORDS).fillna(moves["change"]).astype("str")
    return moves.assign(change=words).loc[order].reset_index(drop=True)


def newest_first(snapshots: pd.DataFrame) -> pd.DataFrame:
    """The history from the newest day on."""
    return snapshots.sort_values("snapshot_date", ascending=False).reset_index(drop=True)


def basis_words(prices: pd.DataFrame, positions: pd.DataFrame) -> str:
    """On which prices the book is valued: "valued on adjusted prices", or on raw ones, or on both."""
    held = positions.loc[positions["exposure"].notna(), "symbol"]
    bases = sorted(prices.loc[prices["symbol"].isin(held), "price_basis"].unique())
    return f"valued on {wording.joined(bases)} prices" if bases else "without market prices"
