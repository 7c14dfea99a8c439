"""What a source changed about the past: which stored bars it now gives otherwise, and which it only blurs.

A source that restates for later splits loses digits on the way. A figure that differs by no more than that is
the same figure, and the stored one stays, so that a later split changes nothing of an earlier run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

SAME = {
    "open": 2e-6,
    "high": 2e-6,
    "low": 2e-6,
    "close": 2e-6,
    "volume": 2e-6,
    "dividend": 1e-4,
    "split": 1e-6,
}
"""Relative difference up to which two figures of the source are one figure; small dividends lose most."""
WATCHED = ("close", "dividend", "split")
EVENT = ["date", "last_date", "symbol", "event", "rows", "detail", "source"]


def of_symbol(bars: pd.DataFrame, days: pd.Series) -> pd.Series:
    """The day of each bar's symbol, from days by symbol."""
    return days.reindex(bars["symbol"]).set_axis(bars.index)


def restated(old: pd.DataFrame, new: pd.DataFrame, asks: pd.DataFrame) -> list[str]:
    """Symbols asked with an overlap whose past differs from the store, or that have a new split."""
    asked = set(asks["symbol"]) & set(new["symbol"])
    begin = asks.set_index("symbol")["start"]
    before = old[old["symbol"].isin(asked) & (old["date"] >= of_symbol(old, begin))]
    differing = _compared(before, new[new["symbol"].isin(asked)])
    last = old.groupby("symbol")["date"].max()
    fresh = new[new["symbol"].isin(asked) & (new["date"] > of_symbol(new, last))]
    split = fresh.loc[fresh["split"] != 1.0, "symbol"]
    return sorted({*differing["symbol"], *split})


def _compared(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Stored bars that the source now gives otherwise or no more, old and new figures side by side."""
    columns = ["symbol", "date", *WATCHED]
    both = old[columns].merge(new[columns], on=["symbol", "date"], how="left", suffixes=("", "_new"))
    same = [_same(both[name], both[f"{name}_new"], name) for name in WATCHED]
    return both[~np.logical_and.reduce(same)].reset_index(drop=True)


def _same(one: Any, other: Any, name: str) -> Any:
    return np.isclose(one, other, rtol=SAME[name], atol=0, equal_nan=True)


def steady(new: pd.DataFrame, old: pd.DataFrame) -> pd.DataFrame:
    """The new bars, with the stored figure wherever the new one is the same but for lost digits."""
    before = new[["symbol", "date"]].merge(old, on=["symbol", "date"], how="left").set_index(new.index)
    kept = {name: new[name].mask(_same(before[name], new[name], name), before[name]) for name in SAME}
    return new.assign(**kept)


def differences(old: pd.DataFrame, new: pd.DataFrame, replaced: list[str], source: str) -> pd.DataFrame:
    """Events of series that were fetched anew: what was restated, and which splits are new."""
    old, new = old[old["symbol"].isin(replaced)], new[new["symbol"].isin(replaced)]
    begin, end = new.groupby("symbol")["date"].min(), old.groupby("symbol")["date"].max()
    gone = _compared(old[old["date"] >= of_symbol(old, begin)], new)
    restated = gone.groupby("symbol", as_index=False).agg(
        date=("date", "min"), last_date=("date", "max"), rows=("date", "size")
    )
    first = gone.drop_duplicates("symbol").set_index("symbol").apply(_in_words, axis=1)
    restated["detail"] = restated["symbol"].map(first) if len(restated) else ""
    splits = new[(new["split"] != 1.0) & (new["date"] > of_symbol(new, end))]
    splits = splits.assign(last_date=splits["date"], rows=1, event="split")
    splits["detail"] = splits["split"].map("{:g} for 1".format).astype("str")
    both = pd.concat([restated.assign(event="restated"), splits], ignore_index=True)
    return both.assign(source=source).reindex(columns=EVENT)


def _in_words(row: pd.Series) -> str:
    name = next(name for name in WATCHED if not _same(row[name], row[f"{name}_new"], name))
    now = "no bar" if pd.isna(row["close_new"]) else f"{row[f'{name}_new']:.7g}"
    return f"{name} on {row['date']:%Y-%m-%d} was {row[name]:.7g}, is {now}"
