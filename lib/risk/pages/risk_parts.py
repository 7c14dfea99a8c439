"""Parts of the factor value at risk by underlying, and of the expected shortfall by position."""

from __future__ import annotations

import pandas as pd

from lib import checks as check
from lib import wording
from lib.checks import Check
from lib.risk.historical_simulation import HistoricalSimulation
from lib.risk.metrics import look_up
from lib.tables.columns import count, money, text

PARTS_OF = "factor_var_95"
SHORTFALL_OF, WINDOW = "cvar_95", "1y"
SHORTFALL = (text("symbol"), money("exposure"), "value", "share")
BY_UNDERLYING = (text("underlying"), count("positions"), "value", "share")


def parts_by_underlying(components: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """Value, share and number of positions of each underlying, of table ``var_components``, most first."""
    rows = components[(components["method"] == PARTS_OF) & components["value"].notna()]
    rows = rows.merge(positions[["position_id", "underlying"]], on="position_id")
    table = rows.groupby("underlying").agg(
        positions=("value", "size"), value=("value", "sum"), share=("share", "sum")
    )
    return table.reset_index().sort_values("value", ascending=False, kind="stable", ignore_index=True)


def underlyings_sentence(table: pd.DataFrame) -> str:
    """The underlying that adds most, over all its positions; ``table`` as from ``parts_by_underlying``."""
    if table.empty:
        return "No position has betas, so there is no factor value at risk to divide."
    first = table.iloc[0]
    held = f" in {wording.plural(int(first['positions']), 'position')}" if first["positions"] > 1 else ""
    return (
        f"{first['underlying']}{held} makes {wording.percent(first['share'])} of the factor value at "
        f"risk, the largest of {wording.plural(len(table), 'underlying')}."
    )


def shortfall_parts(components: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """Positions by what they add to the 95 % shortfall of the last year, with symbol and exposure, in order.

    Of table ``shortfall_components``; positions that the figures leave out are not listed.
    """
    rows = components[(components["metric"] == SHORTFALL_OF) & (components["window"] == WINDOW)]
    table = rows.dropna(subset="value").merge(
        positions[["position_id", "symbol", "exposure"]], on="position_id"
    )
    return table.sort_values(["value", "position_id"], ascending=[False, True], ignore_index=True)


def shortfall_sentence(table: pd.DataFrame, currency: str) -> str:
    """Which positions make up the shortfall, and which take from it; of ``shortfall_parts``."""
    if table.empty:
        return "A year of returns is needed to divide the expected shortfall, and there is none."
    largest, hedges = table.head(3), table[table["value"] < 0]
    names = largest["symbol"].drop_duplicates()
    whole = table["value"].sum()
    part = f"{wording.percent(largest['value'].sum() / whole)} of" if whole > 0 else "most to"
    made = (
        f"On the worst twentieth of last year's days {wording.joined(names)} lost "
        f"{part} the expected shortfall of {wording.money(whole, currency)}"
    )
    if hedges.empty:
        return f"{made}; no position gained on them."
    gained = wording.money(-hedges["value"].sum(), currency)
    has = "position" if len(hedges) == 1 else "positions together"
    return f"{made}; {wording.count(len(hedges))} {has} gained {gained} on average of those days."


def shortfalls_add_up(past: HistoricalSimulation, metrics: pd.DataFrame, components: pd.DataFrame) -> Check:
    """Whether the positions' parts add up to the shortfall of the book, at every level and window."""
    summed = components.groupby(["metric", "window"])["value"].sum(min_count=1)
    whole = [look_up(metrics, *key) * past.amount for key in summed.index]
    stated = pd.Series(whole, index=summed.index, dtype="float64")
    name = "The positions' parts add up to the expected shortfall"
    return check.close(
        name, summed, stated, scale=max(float(stated.abs().max()), 1.0) if len(stated) else None
    )
