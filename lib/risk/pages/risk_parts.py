"""The parts of the factor value at risk by underlying: a stock and its options are one bet."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.tables.columns import count, text

PARTS_OF = "factor_var_95"
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
