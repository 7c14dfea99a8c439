"""What each position earned between two snapshots, and what happened to it.

With quantity q, multiplier m and price P at the snapshot before: on adjusted prices the profit is q m P times
the return of the symbol between the two price days, both adjusted closes taken from today's price table; on
raw prices q m (P now x split + dividends - P). Otherwise

- a new position earns from its entry price on (flag ``LATE_ENTRY`` when it was entered before the last
  snapshot and was not in it);
- what was added or taken away changes hands at today's price and earns nothing (``QUANTITY_CHANGED``);
- a position with an exit in the file earns until its exit price; one that is gone from the file, or counts as
  closed there without a price, is closed at its last price (``EXIT_ASSUMED``);
- a position without a price on either day has no profit, null, and is flagged ``NO_PROFIT``.

What is valued by hand goes by its own values, whatever trades under its symbol (``MANUAL``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes
from lib.portfolio.formerly_held import MANUAL
from lib.portfolio.quotes import actions_between, closes_on

KEPT = ["position_id", "symbol", "quantity", "multiplier", "price", "price_date"]
TODAY = [*KEPT, "kind", "exposure", "entry_date", "entry_price", "exit_date", "exit_price", "realized_pnl"]
COLUMNS = [
    "snapshot_date",
    *KEPT,
    "exposure",
    "pnl",
    "change",
    "flags",
    "dividends",
]


def first_positions(positions: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """What is held at the first snapshot: no profit yet."""
    held = positions[positions["quantity"] != 0]
    flags = codes.flags_of({MANUAL: held["kind"] == "manual"}, held.index)
    return held.assign(snapshot_date=day, pnl=np.nan, change="first", flags=flags, dividends=np.nan)[COLUMNS]


def later_positions(
    before: pd.DataFrame,
    positions: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    since: pd.Timestamp,
    day: pd.Timestamp,
) -> pd.DataFrame:
    """Table ``snapshot_positions`` of ``day``, with the dividends in each profit (null on adjusted prices).

    ``before`` is that table at the snapshot ``since``, ``positions`` the table of ``day``.
    """
    book = _pair(before, positions, since)
    book = _with_end(book, prices, day)
    moved = _moved(book, prices)
    entered = book["quantity"] * book["multiplier"] * (book["price"] - book["entry_price"])
    fresh = entered.where(~book["closed"], book["realized_pnl"])
    return book.assign(
        snapshot_date=day,
        pnl=moved["pnl"].where(book["was_held"], fresh),
        dividends=moved["dividends"].where(book["was_held"]),
        change=_change(book, moved["split"]),
        flags=_flags(book, moved, fresh, since),
        exposure=book["exposure"].mask(book["closed"], 0.0),
    )[COLUMNS].reset_index(drop=True)


def _pair(before: pd.DataFrame, positions: pd.DataFrame, since: pd.Timestamp) -> pd.DataFrame:
    """Positions of either day on one row; columns of the day before end in ``_before``.

    Left out: what had left by the last snapshot, and what the file closed by then.
    """
    held = before.loc[before["change"] != "exited", [*KEPT, "flags"]]
    both = positions[TODAY].merge(
        held, on="position_id", how="outer", suffixes=("", "_before"), indicator="side"
    )
    book = both[~((both["side"] == "left_only") & (both["exit_date"] <= since))].reset_index(drop=True)
    gone = book["side"] == "right_only"
    for column in ("symbol", "multiplier"):
        book[column] = book[column].fillna(book[f"{column}_before"])
    by_hand = (book["kind"] == "manual") | (gone & codes.has(book["flags"].fillna(""), MANUAL))
    return book.assign(
        by_hand=by_hand,
        quoted_as=book["symbol"].mask(by_hand, ""),
        was_held=book["side"] != "left_only",
        gone=gone,
        closed=gone | (book["quantity"] == 0),
        quantity=book["quantity"].fillna(0.0),
    )


def _with_end(book: pd.DataFrame, prices: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Price and day on which each position ends: today, its exit, or the last price known."""
    assumed = book["closed"] & book["exit_price"].isna()
    asked = pd.DataFrame({"symbol": book["quoted_as"]}).assign(date=day).where(assumed)
    last = closes_on(prices, asked.fillna({"symbol": ""}))
    end = last.fillna(book["price_before"])
    end_date = pd.Series(day, index=book.index).where(last.notna(), book["price_date_before"])
    return book.assign(
        assumed=assumed & book["was_held"],
        price=book["price"].mask(assumed, end),
        price_date=book["price_date"].mask(assumed, end_date),
    )


def _moved(book: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Profit, dividends and split of what was held before, from its price then to its end.

    Options and what has no price table go by their own price, which no dividend adjusts.
    """
    size = book["quantity_before"] * book["multiplier"]
    actions = actions_between(prices, book["quoted_as"], book["price_date_before"], book["price_date"])
    worth = book["price"] * actions["split"] + actions["dividend"]
    basis = book["quoted_as"].map(
        prices.drop_duplicates("symbol", keep="last").set_index("symbol")["price_basis"]
    )
    adjusted = (basis == "adjusted") & (book["multiplier"] == 1)
    ends = [
        closes_on(prices, pd.DataFrame({"symbol": book["quoted_as"], "date": book[column]}), "adj_close")
        for column in ("price_date_before", "price_date")
    ]
    at_market = adjusted & book["exit_price"].isna()
    change = (ends[1] / ends[0] - 1).where(at_market, book["price"] / book["price_before"] - 1)
    pnl = (size * book["price_before"] * change).where(adjusted, size * (worth - book["price_before"]))
    dividends = (size * actions["dividend"]).where((basis == "raw") & pnl.notna())
    return pd.DataFrame({"pnl": pnl, "dividends": dividends, "split": actions["split"]})


def _change(book: pd.DataFrame, split: pd.Series) -> pd.Series:
    """One word for each position: held, new, increased, reduced or exited."""
    expected = book["quantity_before"] * split
    change = pd.Series("held", index=book.index, dtype="str")
    change = change.mask(_differs(book["quantity"], expected), "reduced")
    grown = _differs(book["quantity"], expected) & (book["quantity"] / expected > 1)
    return change.mask(grown, "increased").mask(~book["was_held"], "new").mask(book["closed"], "exited")


def _flags(book: pd.DataFrame, moved: pd.DataFrame, fresh: pd.Series, since: pd.Timestamp) -> pd.Series:
    changed = _differs(book["quantity"], book["quantity_before"] * moved["split"])
    profit = moved["pnl"].where(book["was_held"], fresh)
    masks = {
        "LATE_ENTRY": ~book["was_held"] & (book["entry_date"] <= since),
        "QUANTITY_CHANGED": book["was_held"] & ~book["closed"] & changed,
        "EXIT_ASSUMED": book["assumed"],
        MANUAL: book["by_hand"],
        "NO_PROFIT": profit.isna(),
    }
    return codes.flags_of(masks, book.index)


def _differs(quantity: pd.Series, expected: pd.Series) -> pd.Series:
    return (quantity - expected).abs() > 1e-9 * expected.abs()
