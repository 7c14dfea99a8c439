"""Which of today's positions the risk figures cover, and what they would have returned on past days.

Constant mix: r_t = sum over underlyings of (exposure today x its simple return on day t) / net asset value,
gross of trading, with cash earning nothing. Stocks, ETFs, funds and indices take part, by underlying. Left
out, and counted with their reason, are

- ``option``: until there are Greeks, an option's premium says nothing of what moves it;
- ``manual``: a holding valued by hand has no market history;
- ``unpriced``: no price, so no exposure;
- ``short_history``: fewer than ``minimum_history`` one-day returns of the underlying.

A day counts only where every covered underlying has a price on it and on the trading day before it, so that
no return spans a gap; the youngest covered underlying thus sets how far back the series goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.stats.returns import simple_returns

COVERED = "covered"
REASONS = ("option", "manual", "unpriced", "short_history")


@dataclass(frozen=True)
class Book:
    """Today's book through past markets.

    ``coverage`` has a row a position held (position_id, underlying, exposure, reason), ``returns`` the daily
    returns by date, ``base_date`` the day before the first of them. ``base`` is ``nav``, or ``gross`` where
    net asset value is not positive; ``amount`` is that money. ``days_left_out`` counts the days inside the
    history on which a covered underlying had no return. ``price_bases`` are the bases (``raw``, ``adjusted``)
    of the market prices that the book is valued on.
    """

    coverage: pd.DataFrame
    returns: pd.Series
    base_date: pd.Timestamp | None
    base: str
    amount: float
    nav: float
    gross: float
    days_left_out: int
    price_bases: tuple[str, ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """What holds of every figure of this book."""
        reasons = set(self.coverage["reason"])
        left_out = [f"{reason}_left_out" for reason in REASONS if reason in reasons]
        base = ["base_gross"] if self.base == "gross" else []
        return (*base, *left_out, *(["adjusted_prices"] if "adjusted" in self.price_bases else []))

    @property
    def covered_share(self) -> float:
        """Part of gross exposure that the figures cover; NaN when there is no exposure."""
        money = self.coverage["exposure"].abs()
        covered = float(money[self.coverage["reason"] == COVERED].sum())
        return covered / self.gross if self.gross > 0 else float("nan")


def open_book(
    positions: pd.DataFrame,
    exposures: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    minimum_history: int = TRADING_DAYS,
) -> Book:
    """The book of tables ``positions``, ``exposures`` and ``prices`` (as in ``lib/tables.py``).

    Positions of quantity 0, exited or expired, are no part of it.
    """
    totals = exposures.set_index("measure")["value"]
    nav, gross = float(totals["nav"]), float(totals["gross"])
    base, amount = ("nav", nav) if nav > 0 else ("gross", gross)
    held = positions[positions["quantity"] != 0]
    closes = closes_of(prices, held.loc[_is_security(held), "underlying"])
    moves = simple_returns(closes, span_gaps=False)
    coverage = _coverage(held, moves, minimum_history)
    weights = _exposure_by_underlying(coverage)
    complete = moves[weights.index].dropna()
    returns = complete @ weights / amount if len(weights) and amount > 0 else complete.iloc[:0].sum(axis=1)
    return Book(
        coverage=coverage,
        returns=returns.rename("return"),
        base_date=_day_before(moves.index, returns.index),
        base=base,
        amount=amount,
        nav=nav,
        gross=gross,
        days_left_out=_days_left_out(moves.index, returns.index),
        price_bases=_price_bases(held, prices),
    )


def closes_of(prices: pd.DataFrame, symbols: pd.Series) -> pd.DataFrame:
    """Adjusted closes of the symbols that have any, days x symbols."""
    wanted = prices.loc[prices["symbol"].isin(symbols.unique()), ["date", "symbol", "adj_close"]].dropna()
    return wanted.pivot(index="date", columns="symbol", values="adj_close").sort_index()  # noqa: PD010


def benchmark_returns(prices: pd.DataFrame, symbol: str | None, *, book: Book) -> pd.Series | None:
    """One-day returns of the benchmark on the book's days; None when there is none or it has no price.

    A day on which it has no price, and the day after, are missing.
    """
    if symbol is None:
        return None
    closes = closes_of(prices, pd.Series([symbol, *book.coverage["underlying"]], dtype="str"))
    if symbol not in closes:
        return None
    return simple_returns(closes[symbol], span_gaps=False).reindex(book.returns.index).rename(symbol)


def returns_table(book: Book) -> pd.DataFrame:
    """Table ``portfolio_returns``."""
    return book.returns.rename_axis("date").reset_index()


def coverage_by_reason(book: Book) -> pd.DataFrame:
    """Positions, signed exposure and its shares of gross and of net asset value, by reason.

    Shares of net asset value are missing where it is not positive; cash is a row of its own there.
    """
    groups = book.coverage.groupby("reason", sort=False)["exposure"]
    table = pd.DataFrame(
        {
            "positions": groups.size(),
            "exposure": groups.sum(min_count=1),
            "gross": groups.apply(lambda money: money.abs().sum(min_count=1)),
        }
    ).reindex([COVERED, *REASONS])
    table = table[table["positions"].notna() | (table.index == COVERED)]
    table.loc[COVERED] = table.loc[COVERED].fillna(0.0)
    table["gross_share"] = table["gross"] / book.gross if book.gross > 0 else float("nan")
    table["nav_share"] = table["exposure"] / book.nav if book.nav > 0 else float("nan")
    table["positions"] = table["positions"].astype("int64")
    return table.drop(columns="gross").rename_axis("reason").reset_index()


def _price_bases(held: pd.DataFrame, prices: pd.DataFrame) -> tuple[str, ...]:
    symbols = held.loc[held["exposure"].notna() & (held["kind"] != "manual"), "symbol"]
    return tuple(sorted(prices.loc[prices["symbol"].isin(symbols), "price_basis"].unique()))


def _is_security(positions: pd.DataFrame) -> pd.Series:
    return ~positions["kind"].isin(["option", "manual"])


def _coverage(positions: pd.DataFrame, moves: pd.DataFrame, minimum_history: int) -> pd.DataFrame:
    history = positions["underlying"].map(moves.notna().sum()).fillna(0)
    reason = pd.Series(COVERED, index=positions.index, dtype="str")
    reason[history < minimum_history] = "short_history"
    reason[positions["exposure"].isna()] = "unpriced"
    reason[positions["kind"] == "manual"] = "manual"
    reason[positions["kind"] == "option"] = "option"
    return positions[["position_id", "underlying", "exposure"]].assign(reason=reason)


def _exposure_by_underlying(coverage: pd.DataFrame) -> pd.Series:
    covered = coverage[coverage["reason"] == COVERED]
    return covered.groupby("underlying")["exposure"].sum()


def _day_before(calendar: pd.Index, days: pd.Index) -> pd.Timestamp | None:
    return calendar[calendar.get_loc(days[0]) - 1] if len(days) else None


def _days_left_out(calendar: pd.Index, days: pd.Index) -> int:
    return int((calendar >= days[0]).sum()) - len(days) if len(days) else 0
