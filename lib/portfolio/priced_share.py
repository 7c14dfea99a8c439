"""How much of a book has a price: the rule that stops a book whose figures would describe another one.

What has a price counts by its exposure. What has none has no exposure either, so that its size is estimated:
by an older price of the table, else by the price of the last snapshot, else by its entry price. What is only
in another currency has a price and is no part of this.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, missing_prices
from lib.portfolio.formerly_held import last_held

TODAY, OLDER, SNAPSHOT, ENTRY = "today", "older price", "last snapshot", "entry price"
MEASURES = (TODAY, OLDER, SNAPSHOT, ENTRY)
"""By which price a holding is sized, the best first."""
ANSWERED = ("ok", "stale")
NO_SOUND_PRICE = "no sound price within seven days"
NOT_ASKED = "missing"
ROUNDING = 1e-12


def sized(
    positions: pd.DataFrame, prices: pd.DataFrame, history: pd.DataFrame, sync_log: pd.DataFrame
) -> pd.DataFrame:
    """Each position that is held: position_id, symbol, size, measure, share, status; largest first.

    ``size`` is the exposure without its sign or its estimate, money; ``measure`` one of ``MEASURES``;
    ``share`` the size over that of all, null where that is zero; ``status`` how the request for the symbol
    ended. ``positions``, ``prices`` and ``sync_log`` are the tables of the day, the last one
    ``raw_sync_log``; ``history`` is ``snapshot_positions`` before it.
    """
    held = positions[(positions["quantity"] != 0) & ~codes.has(positions["flags"], "CURRENCY")]
    known = prices[prices["symbol"].isin(held["symbol"]) & prices["close"].notna()].sort_values("date")
    older = known.drop_duplicates("symbol", keep="last").set_index("symbol")["close"]
    snapshot = last_held(history).set_index("position_id")["price"]
    units = held["quantity"].abs() * held["multiplier"]
    candidates = {
        TODAY: held["exposure"].abs(),
        OLDER: units * held["symbol"].map(older).astype("float64"),
        SNAPSHOT: units * held["position_id"].map(snapshot).astype("float64"),
        ENTRY: units * held["entry_price"],
    }
    sizes = pd.DataFrame(candidates, index=held.index)
    size = sizes.bfill(axis=1).iloc[:, 0].astype("float64")
    places = sizes.notna().to_numpy().argmax(axis=1)
    whole = size.sum()
    status = held["symbol"].map(sync_log.set_index("symbol")["status"])
    book = held[["position_id", "symbol"]].assign(
        size=size,
        measure=pd.Series(np.array(MEASURES)[places], index=held.index, dtype="str"),
        share=size / whole if whole > 0 else np.nan,
        status=status.astype("str").fillna(NOT_ASKED),
    )
    return book.sort_values(["size", "position_id"], ascending=[False, True], ignore_index=True)


def without_price(book: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``sized`` that have no price of today."""
    return book[book["measure"] != TODAY]


def priced_share(book: pd.DataFrame) -> float:
    """Share of the book's size that has a price of today; null for a book of no size."""
    whole = float(book["size"].sum())
    return 1.0 - float(without_price(book)["size"].sum()) / whole if whole > 0 else float("nan")


def require_priced(book: pd.DataFrame, *, min_coverage: float, told: str) -> None:
    """Stop a book of which less than ``min_coverage`` has a price; ``told`` is what the page says of it.

    Raises SourceLimited or SourceUnreachable when most of the symbols without one are the source's fault,
    else QualityError.
    """
    share = priced_share(book)
    if not share < min_coverage - ROUNDING:
        return
    lacking = without_price(book).drop_duplicates("symbol")
    kind, mend = missing_prices.refusal(lacking["status"], "lower min_coverage")
    raise kind(f"{told} At least {min_coverage:.1%} is needed. {mend}")
