"""How far a trade went against and for its holder before it ended (maximum adverse and favourable excursion).

Sessions between entry and exit count with their low and high, or with their close where only that is known:
excursions are then smaller than they were. The session of the entry counts whole when the entry was at its
open; after an entry within the session only its close counts, after one at the close nothing. Of the session
of the exit only its open and the exit itself count, since what came later was no longer held. Prices of
other days are brought to the basis of the exit. The measure is Sweeney's (1997), Maximum Adverse Excursion.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.trading.price_basis import Sessions, sessions_of

RANGES, CLOSES, FILLS = "SEEN_IN_RANGES", "SEEN_IN_CLOSES", "SEEN_IN_FILLS"
EQUAL = 1e-9


def excursions(
    trades: pd.DataFrame, prices: pd.DataFrame, fills: pd.DataFrame, *, end: pd.Timestamp
) -> pd.DataFrame:
    """``mae mfe`` (money, before costs), ``mae_return mfe_return`` and ``seen_in``, on the trades' index.

    ``trades`` and ``fills`` are rows of ``account_trades`` and ``account_fills``; ``end`` is the last
    session, at which trades still held are looked at. The adverse one is 0 or negative, the other 0 or
    positive.
    """
    bars = sessions_of(prices)
    codes = bars.codes(trades["symbol"])
    left = trades["exit_date"].fillna(end)
    low, high, seen = _extremes(trades, bars, codes, left, _entry_kind(trades, bars, codes, fills))
    side = np.where(trades["side"].eq("LONG"), 1.0, -1.0)
    entry, out = trades["entry_price"].to_numpy(float), trades["exit_price"].to_numpy(float)
    low, high = np.fmin(np.fmin(low, out), entry), np.fmax(np.fmax(high, out), entry)
    worst, best = np.where(side > 0, low, high), np.where(side > 0, high, low)
    quantity = trades["quantity"].abs().to_numpy(float)
    return pd.DataFrame(
        {
            "mae": side * (worst - entry) * quantity,
            "mfe": side * (best - entry) * quantity,
            "mae_return": side * (worst / entry - 1.0),
            "mfe_return": side * (best / entry - 1.0),
            "seen_in": seen,
        },
        index=trades.index,
    )


def _entry_kind(trades: pd.DataFrame, bars: Sessions, codes: np.ndarray, fills: pd.DataFrame) -> np.ndarray:
    """Where in its session each trade was entered: 0 at the open, 1 within it, 2 at the close."""
    signed = np.where(fills["side"].eq("BUY"), 1.0, -1.0)
    bare = fills["price"] - signed * fills["slippage"] / fills["quantity"]
    made = fills.assign(bare=bare)[["symbol", "date", "side", "bare", "flags"]]
    place = bars.at(bars.codes(made["symbol"]), made["date"])
    known = (bars.codes(made["symbol"]) >= 0) & (place < len(bars.rows))
    place = np.where(known, place, 0)
    opened = (
        (bars.rows["open"].to_numpy(float) * bars.stated / bars.growth)[place] if len(bars.rows) else np.nan
    )
    at_open = known & (np.abs(made["bare"] - opened) <= EQUAL * np.abs(opened) + EQUAL)
    at_close = made["flags"].str.contains("NO_OPEN").to_numpy(bool)
    made["kind"] = np.where(at_open, 0, np.where(at_close, 2, 1))
    worst = made.groupby(["symbol", "date", "side"], as_index=False)["kind"].max()
    asked = trades.assign(way=np.where(trades["side"].eq("LONG"), "BUY", "SELL"))
    found = asked.merge(
        worst, how="left", left_on=["symbol", "entry_date", "way"], right_on=["symbol", "date", "side"]
    )
    return found["kind"].fillna(1).to_numpy(int)


def _extremes(
    trades: pd.DataFrame, bars: Sessions, codes: np.ndarray, left: pd.Series, kind: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lowest and highest price of each trade on the basis of its exit (NaN where none), and in what."""
    first = bars.at(codes, trades["entry_date"])
    last = np.maximum(bars.at(codes, left, after=True), first)
    counts = last - first
    trade = np.repeat(np.arange(len(trades)), counts)
    row = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[trade]
    days = bars.rows["date"].to_numpy()[row]
    entered = days == trades["entry_date"].to_numpy().astype(days.dtype)[trade]
    ended = days == trades["exit_date"].to_numpy().astype(days.dtype)[trade]
    scale = bars.stated[row] / bars.growth_at(codes, left)[trade]
    opened, high, low, close = (
        bars.rows[name].to_numpy(float)[row] * scale for name in ("open", "high", "low", "close")
    )
    ranged = np.isfinite(high) & np.isfinite(low)
    bottom, top = np.where(ranged, low, close), np.where(ranged, high, close)
    within, late = entered & (kind[trade] == 1), entered & (kind[trade] == 2)
    bottom, top = np.where(within, close, bottom), np.where(within, close, top)
    bottom, top = np.where(ended, opened, bottom), np.where(ended, opened, top)
    none = late | (ended & entered)
    counted = ~none & np.isfinite(bottom)
    least = _by_trade(np.where(counted, bottom, np.inf), trade, len(trades), np.minimum, np.inf)
    most = _by_trade(np.where(counted, top, -np.inf), trade, len(trades), np.maximum, -np.inf)
    blind = np.bincount(trade, ~none & ~ended & ~ranged, len(trades)) > 0
    looked = np.bincount(trade, counted, len(trades)) > 0
    seen = np.where(blind, CLOSES, np.where(looked, RANGES, FILLS))
    return np.where(np.isinf(least), np.nan, least), np.where(np.isinf(most), np.nan, most), seen


def _by_trade(
    values: np.ndarray, trade: np.ndarray, count: int, choose: np.ufunc, start: float
) -> np.ndarray:
    found = np.full(count, start)
    choose.at(found, trade, values)
    return found
