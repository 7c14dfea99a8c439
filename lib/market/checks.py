"""The identities that must hold of the prices of a run, whatever the provider gave."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording

Check = tuple[str, bool, str]


def identities(
    received: pd.DataFrame, prices: pd.DataFrame, issues: pd.DataFrame, coverage: pd.DataFrame, as_of: str
) -> list[Check]:
    """Name, whether it holds, and the numbers, for the bars received, kept and complained of."""
    aside = int(issues["action"].isin(["quarantined", "dropped"]).sum())
    repeated = int(prices.duplicated(["symbol", "date"]).sum())
    last = prices["date"].max()
    bad = int(
        (~((prices[["close", "adj_close"]] > 0) & np.isfinite(prices[["close", "adj_close"]]))).sum().sum()
    )
    adjusted = prices[prices["price_basis"] == "adjusted"]
    differ = int((adjusted["close"] != adjusted["adj_close"]).sum())
    silent = set(coverage.loc[coverage["bars"] == 0, "symbol"]) - set(issues["symbol"])
    return [
        (
            "Every bar received is kept or accounted for",
            len(received) == len(prices) + aside,
            f"{wording.count(len(received))} received, {wording.count(len(prices))} kept, "
            f"{wording.count(aside)} set aside",
        ),
        ("One bar a symbol and day", repeated == 0, f"{wording.count(repeated)} repeated"),
        (
            "No bar after the as-of date",
            not len(prices) or last <= pd.Timestamp(as_of),
            f"last bar {wording.date(last)}, as of {wording.date(as_of)}",
        ),
        ("Every price kept is positive and finite", bad == 0, f"{wording.count(bad)} are not"),
        ("On the adjusted basis close equals adjusted close", differ == 0, f"{wording.count(differ)} differ"),
        (
            "Every symbol without bars is named among the findings",
            not silent,
            wording.joined(sorted(silent)) or "none is left out",
        ),
    ]
