"""What the book would have earned on past sessions, had its file been followed: profit day by day, no record.

Each position is held from its entry date until its exit, in the quantity of the file, and earns by the rule
of every daily profit (``lib.portfolio.snapshot_profit``): on adjusted prices yesterday's exposure times the
adjusted return; on raw prices quantity x multiplier x (price x split + dividend - price before); on its first
day from its entry price, on its last to its exit price. Options earn by their own prices.

Nothing is made up. A position takes part if it has a price, at most seven calendar days old, on every session
of the window on which it was held; the window begins where that holds of nine tenths, by exposure, of what
can be replayed at all. What is left out is left out whole, with the reason:

- ``MANUAL``: a holding valued by hand;
- ``NO_PRICE``: no price today;
- ``NO_REPLAY_PRICE``: no price on some session of the window, or none at its exit.

What was sold before today and left the file without an exit date is not known and so not in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contracts import conform, empty
from lib.conventions import STALE_AFTER_DAYS
from lib.portfolio.quotes import actions_between
from lib.tables import TABLES

COVERED = 0.9

_NO_DAYS = pd.DataFrame(
    {
        "date": pd.Series([], dtype="datetime64[us]"),
        "profit": pd.Series([], dtype="float64"),
        "dividends": pd.Series([], dtype="float64"),
        "positions": pd.Series([], dtype="int64"),
    }
)


@dataclass(frozen=True)
class Replay:
    """``days`` has a row a session of the window after the first: profit, dividends (null where no price is
    raw) and positions held that take part; from the first session on which one is. ``positions`` is the table
    ``replay_positions``.
    """

    days: pd.DataFrame
    positions: pd.DataFrame


def replay(positions: pd.DataFrame, prices: pd.DataFrame, sessions: pd.DatetimeIndex) -> Replay:
    """The profit of ``positions`` on each of ``sessions`` after the first, which is where prices start.

    ``positions`` and ``prices`` are the tables of those names, as of a day that is not before the last
    session. Fewer than two sessions give no row.
    """
    if len(sessions) < 2:
        return Replay(_NO_DAYS.copy(), empty(TABLES["replay_positions"]))
    held = _held_in(positions, sessions)
    grid = _Grid.of(held, prices, sessions)
    if start := _begin(held, grid):
        return replay(positions, prices, sessions[start:])
    reasons = _reasons(held, grid)
    chosen = reasons == ""
    profits = np.where(chosen, grid.profits(), 0.0)
    paid = np.where(chosen & grid.raw, grid.dividends(), 0.0)
    count = (grid.earning & chosen).sum(axis=1)
    days = pd.DataFrame(
        {
            "date": sessions[1:],
            "profit": profits.sum(axis=1),
            "dividends": np.where((grid.raw & chosen).any(), paid.sum(axis=1), np.nan),
            "positions": count,
        }
    )
    begun = np.maximum.accumulate(count > 0)
    return Replay(days[begun].reset_index(drop=True), _table(held, reasons, profits))


@dataclass(frozen=True)
class _Grid:
    """Sessions down, positions across; money a unit held at the end (``size`` turns it into money).

    ``worth`` is a unit's price with the splits since the window began, ``paid`` its dividends so far, both a
    unit of then; ``final`` is the split by the end of the holding; ``close`` and ``adjusted`` are prices.
    """

    close: np.ndarray
    adjusted: np.ndarray
    worth: np.ndarray
    paid: np.ndarray
    final: np.ndarray
    raw: np.ndarray
    by_return: np.ndarray
    size: np.ndarray
    entered: np.ndarray
    left: np.ndarray
    entry: np.ndarray
    exit: np.ndarray

    @classmethod
    def of(cls, held: pd.DataFrame, prices: pd.DataFrame, sessions: pd.DatetimeIndex) -> _Grid:
        """The grid of what was held, ``held`` as ``_held_in`` gives it."""
        days = pd.DatetimeIndex(sessions)
        symbols = pd.Index(held["symbol"].unique())
        since = days[0] - pd.Timedelta(days=STALE_AFTER_DAYS)
        bars = prices[prices["symbol"].isin(symbols) & prices["date"].between(since, days[-1])]
        place = symbols.get_indexer(held["symbol"])
        known = {name: _on(bars, name, days, symbols)[:, place] for name in ("close", "adj_close")}
        split, paid = (part[:, place] for part in _actions(bars, days, symbols))
        basis = bars.drop_duplicates("symbol", keep="last").set_index("symbol")["price_basis"]
        raw = np.asarray(held["symbol"].map(basis).eq("raw"))
        entered = days.searchsorted(held["entry_date"])
        left = np.where(held["exit_date"].isna(), len(days), days.searchsorted(held["exit_date"]))
        first = pd.Series(days[0], index=held.index)
        until = held["exit_date"].fillna(prices["date"].max())
        final = actions_between(prices, held["symbol"], first, until)["split"].to_numpy()
        return cls(
            known["close"],
            known["adj_close"],
            known["close"] * split,
            paid,
            final,
            raw,
            ~raw & (held["kind"] != "option").to_numpy(),
            (held["file_quantity"] * held["multiplier"]).to_numpy(),
            entered,
            left,
            held["entry_price"].to_numpy(),
            held["exit_price"].to_numpy(),
        )

    @property
    def rows(self) -> np.ndarray:
        """Places of the sessions after the first, as a column."""
        return np.arange(1, len(self.close))[:, None]

    @property
    def earning(self) -> np.ndarray:
        """On which sessions after the first each position earns: from the entry until the exit, both in."""
        return (self.rows >= self.entered) & (self.rows <= self.left)

    def priced_from(self) -> np.ndarray:
        """The session from which on each position has every price that its profit needs; their number where
        it has none at its exit.
        """
        place = np.arange(len(self.close))[:, None]
        needed = (place >= self.entered) & (place < self.left)
        lacking = np.isnan(self.close) | (self.by_return & np.isnan(self.adjusted))
        first = np.where(needed & lacking, place + 1, 0).max(axis=0, initial=0)
        ended = self.left < len(self.close)
        return np.where(ended & np.isnan(self.exit), len(self.close), first)

    def profits(self) -> np.ndarray:
        """Money that each position earned on each session after the first, 0 while it was not held."""
        new, last = self.rows == self.entered, self.rows == self.left
        before = np.where(new, self.entry * self.final, self.worth[:-1])
        after = np.where(last, self.exit * self.final, self.worth[1:])
        bare = new | last
        paid = np.where(bare, 0.0, np.diff(self.paid, axis=0))
        earned = self.size / self.final * (after + paid - before)
        moved = self.size * self.close[:-1] * (self.adjusted[1:] / self.adjusted[:-1] - 1)
        profit = np.where(self.by_return & ~bare, moved, earned)
        return np.where(self.earning, np.nan_to_num(profit), 0.0)

    def dividends(self) -> np.ndarray:
        """The part of ``profits`` that is dividends."""
        whole = self.earning & (self.rows != self.entered) & (self.rows != self.left)
        return np.where(whole, self.size / self.final * np.diff(self.paid, axis=0), 0.0)


def _held_in(positions: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Positions that were held on some session after the first."""
    gone = positions["exit_date"] <= sessions[0]
    return positions[(positions["entry_date"] <= sessions[-1]) & ~gone].reset_index(drop=True)


def _on(bars: pd.DataFrame, column: str, days: pd.DatetimeIndex, symbols: pd.Index) -> np.ndarray:
    """The last value of ``column`` on each day, days x symbols, null where it is more than a week old."""
    known = bars.dropna(subset=column)
    wide = _wide(known, column, symbols)
    seen = wide.notna().mul(wide.index.to_numpy(dtype="datetime64[D]").astype("int64"), axis=0)
    every = wide.index.union(days)
    values = wide.reindex(every).ffill().loc[days].to_numpy(dtype="float64")
    last = seen.where(wide.notna()).reindex(every).ffill().loc[days].to_numpy(dtype="float64")
    age = days.to_numpy(dtype="datetime64[D]").astype("int64")[:, None] - last
    return np.where(age <= STALE_AFTER_DAYS, values, np.nan)


def _actions(bars: pd.DataFrame, days: pd.DatetimeIndex, symbols: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Units that one unit became since the first day, and dividends paid on it so far; days x symbols.

    A dividend counts a unit held before that day's split. Only basis ``raw`` has actions.
    """
    chosen = bars[(bars["price_basis"] == "raw") & (bars["date"] > days[0])]
    wide = {name: _wide(chosen, name, symbols) for name in ("split", "dividend")}
    ratio = wide["split"].fillna(1.0).cumprod()
    paid = (wide["dividend"].fillna(0.0) * ratio / wide["split"].fillna(1.0)).cumsum()
    every = ratio.index.union(days)
    return (
        ratio.reindex(every).ffill().fillna(1.0).loc[days].to_numpy(),
        paid.reindex(every).ffill().fillna(0.0).loc[days].to_numpy(),
    )


def _wide(bars: pd.DataFrame, column: str, symbols: pd.Index) -> pd.DataFrame:
    """One column of the bars as days x symbols."""
    wide = bars.pivot(index="date", columns="symbol", values=column)  # noqa: PD010
    return wide.reindex(columns=symbols)


def _reasons(held: pd.DataFrame, grid: _Grid) -> np.ndarray:
    """Why each position takes no part; empty where it does."""
    reasons = np.where(grid.priced_from() == 0, "", "NO_REPLAY_PRICE").astype(object)
    unpriced = (held["price"].isna() & (held["quantity"] != 0)).to_numpy()
    reasons[unpriced] = "NO_PRICE"
    reasons[(held["kind"] == "manual").to_numpy()] = "MANUAL"
    return reasons


def _begin(held: pd.DataFrame, grid: _Grid) -> int:
    """Place of the first session from which on nine tenths of what can be replayed have prices."""
    first, size = grid.priced_from(), held["exposure"].abs().fillna(0.0).to_numpy()
    size = np.where((held["kind"] == "manual") | (first > len(grid.close) - 2), 0.0, size)
    order = np.argsort(first, kind="stable")
    covered = size[order].cumsum()
    enough = covered >= COVERED * covered[-1] if len(order) and covered[-1] > 0 else np.array([], dtype=bool)
    return int(first[order][enough.argmax()]) if enough.any() else 0


def _table(held: pd.DataFrame, reasons: np.ndarray, profits: np.ndarray) -> pd.DataFrame:
    """Table ``replay_positions``: those that take part and those that do not, with their share of gross."""
    size = held["exposure"].abs()
    gross = float(size.sum())
    frame = pd.DataFrame(
        {
            "position_id": held["position_id"],
            "symbol": held["symbol"],
            "exposure": held["exposure"],
            "share": size / gross if gross > 0 else size * np.nan,
            "profit": np.where(reasons == "", profits.sum(axis=0), np.nan),
            "reason": pd.array(reasons, dtype="str"),
        }
    )
    return conform(frame, TABLES["replay_positions"])
