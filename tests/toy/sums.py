"""What the toy's notebooks compute."""

from __future__ import annotations

import pandas as pd


def value(book: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Quantity times the last price."""
    last = prices.sort_values("date").groupby("symbol")["close"].last()
    return book.assign(
        quantity=book["quantity"].astype(float), value=book["quantity"] * book["symbol"].map(last)
    )


def total(positions: pd.DataFrame) -> pd.DataFrame:
    """Sum of the values."""
    return pd.DataFrame({"measure": ["value"], "value": [positions["value"].sum()]})


def extend(days: pd.DataFrame, totals: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """The history with today's total."""
    today = pd.DataFrame({"date": pd.to_datetime([as_of]).as_unit("us"), "value": totals["value"].iloc[:1]})
    return pd.concat([days, today], ignore_index=True)
