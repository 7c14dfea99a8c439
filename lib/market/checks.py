"""The identities that must hold of the prices of a run, whatever the provider gave."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.market.quality.issues import aside

Check = tuple[str, bool, str]


def identities(
    received: pd.DataFrame,
    prices: pd.DataFrame,
    issues: pd.DataFrame,
    repairs: pd.DataFrame,
    coverage: pd.DataFrame,
    as_of: str,
) -> list[Check]:
    """Name, whether it holds, and the numbers, for the bars received, kept, repaired and complained of."""
    set_aside, untrue = aside(issues), _not_as_logged(prices, repairs)
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
            len(received) == len(prices) + set_aside,
            f"{wording.count(len(received))} received, {wording.count(len(prices))} kept, "
            f"{wording.count(set_aside)} set aside",
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
            "Every repaired figure stands in the prices as logged",
            untrue == 0,
            f"{wording.count(len(repairs))} figures repaired, {wording.count(untrue)} other in prices",
        ),
        (
            "Every symbol without bars is named among the findings",
            not silent,
            wording.joined(sorted(silent)) or "none is left out",
        ),
    ]


def _not_as_logged(prices: pd.DataFrame, repairs: pd.DataFrame) -> int:
    """Repaired figures that the bars kept do not show; a later repair of the same figure counts."""
    last = repairs.drop_duplicates(["symbol", "date", "column"], keep="last")
    key = ["symbol", "date", "column"]
    wide = prices[prices["symbol"].isin(last["symbol"]) & prices["date"].isin(last["date"])]
    columns = last["column"].unique().tolist()
    shown = wide.melt(["symbol", "date"], columns, var_name="column", value_name="shown")
    both = last.merge(shown, on=key)
    return int((~((both["shown"] == both["after"]) | (both["shown"].isna() & both["after"].isna()))).sum())
