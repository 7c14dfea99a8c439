"""What holds of each fund on a day by what was known then: the newest text or number of an item."""

from __future__ import annotations

import pandas as pd


def newest_known(table: pd.DataFrame, item: str, as_of: str) -> pd.Series:
    """The value of an item of ``fund_attributes`` or ``fund_facts`` that holds at ``as_of``, by fund id."""
    day = pd.Timestamp(as_of)
    own = table[(table["item"] == item) & (table["valid_from"] <= day) & (table["known_at"] <= day)]
    ordered = own.sort_values(["valid_from", "known_at"], kind="stable")
    return ordered.drop_duplicates("fund_id", keep="last").set_index("fund_id")["value"]
