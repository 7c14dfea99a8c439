"""Which of today's positions the risk figures cover, and what they would have returned on past days.

Constant mix: a day's profit is, for stocks, ETFs, funds and indices, exposure today x the underlying's simple
return of that day, and for options the change of the model's price when the underlying stands at today's
price x (1 + that return), with today's volatility, rate and time to expiry (full revaluation). Divided by net
asset value it is the book's return: gross of trading, with cash earning nothing. That is right for the loss
of one day. Compounded it would hold the gain of gamma without its price, so what is compounded or averaged
over years (``compounding``) reprices every option one trading day older, 1/252 of a year: it pays, or earns,
the day's time value. Left out, and counted with their reason, are

- ``no_greeks``: an option without a volatility, so without a model price;
- ``manual``: a holding valued by hand has no market history;
- ``unpriced``: no price, so no exposure;
- ``short_history``: fewer than ``minimum_history`` one-day returns of the underlying.

A day counts only where every covered underlying has a price on it and on the trading day before it, so that
no return spans a gap; the youngest covered underlying thus sets how far back the series goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.book import base_of, holdings
from lib.conventions import TRADING_DAYS
from lib.pricing.revalue import at_spots, reprice
from lib.stats.drawdowns import drawdown
from lib.stats.returns import simple_returns, wealth
from lib.stats.tails import cvar, var_hist

COVERED = "covered"
REASONS = ("no_greeks", "manual", "unpriced", "short_history")
HORIZON = 10
"""Trading days of the longer horizon."""
BLOCK = 200_000
"""Option prices worked out at once, so that memory does not grow with the history."""


@dataclass(frozen=True)
class HistoricalSimulation:
    """Today's book through past markets, held constant.

    ``coverage`` has a row a position held (position_id, underlying, kind, exposure, delta_exposure, reason),
    ``returns`` the daily returns by date, ``compounding`` those with options a day older, ``by_delta`` with
    options moving by their delta alone, ``base_date`` the day before the first of them. ``base`` is ``nav``,
    or ``gross`` where net asset value is not positive; ``amount`` is that money. ``days_left_out`` counts the
    days inside the history on which a covered underlying had no return. ``price_bases`` are the bases
    (``raw``, ``adjusted``) of the market prices that the book is valued on.

    ``ten_days`` are returns over ten sessions by the last of them, options ten days older. ``moves`` are the
    returns of the covered underlyings behind ``returns``, ``contracts`` what the options' prices need and
    ``option_positions`` the signed ``units`` of each covered option (position_id, symbol, units).
    """

    coverage: pd.DataFrame
    returns: pd.Series
    compounding: pd.Series
    by_delta: pd.Series
    base_date: pd.Timestamp | None
    base: str
    amount: float
    nav: float
    gross: float
    days_left_out: int
    price_bases: tuple[str, ...]
    ten_days: pd.Series
    moves: pd.DataFrame
    contracts: pd.DataFrame
    option_positions: pd.DataFrame

    @property
    def flags(self) -> tuple[str, ...]:
        """What holds of every figure of this book."""
        reasons = set(self.coverage["reason"])
        left_out = [f"{reason}_left_out" for reason in REASONS if reason in reasons]
        base = ["base_gross"] if self.base == "gross" else []
        return (*base, *left_out, *(["adjusted_prices"] if "adjusted" in self.price_bases else []))

    @property
    def options(self) -> int:
        """How many covered positions are options."""
        return int(((self.coverage["kind"] == "option") & (self.coverage["reason"] == COVERED)).sum())

    @property
    def covered_share(self) -> float:
        """Part of gross exposure that the figures cover; NaN when there is no exposure."""
        money = self.coverage["exposure"].abs()
        covered = float(money[self.coverage["reason"] == COVERED].sum())
        return covered / self.gross if self.gross > 0 else float("nan")


def simulate(
    positions: pd.DataFrame,
    greeks: pd.DataFrame,
    exposures: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    minimum_history: int = TRADING_DAYS,
) -> HistoricalSimulation:
    """The book of today, of tables ``positions``, ``greeks``, ``exposures`` and ``prices``, in past markets.

    Positions of quantity 0, exited or expired, are no part of it.
    """
    amount, base, nav = base_of(exposures)
    held = holdings(positions, greeks)
    closes = closes_of(prices, held.loc[held["reason"] == "", "underlying"])
    moves = simple_returns(closes, span_gaps=False)
    coverage = _coverage(held, moves, minimum_history)
    covered = coverage[coverage["reason"] == COVERED]
    complete = moves[sorted(covered["underlying"].unique())].dropna()
    if covered.empty or not amount > 0:
        complete = complete.iloc[:0]
    option = covered["kind"] == "option"
    linear = _linear(covered[~option], complete)
    options = _options(covered[option], positions, greeks)
    revalued, time_value = _revalued(options, complete)
    one_day = linear + revalued
    stretches = _over_stretches(closes, complete)
    ten_days = _linear(covered[~option], stretches) + sum(_revalued(options, stretches, days=HORIZON))
    return HistoricalSimulation(
        coverage=coverage,
        returns=(one_day / amount).rename("return"),
        compounding=((one_day + time_value) / amount).rename("return"),
        by_delta=((linear + _linear(covered[option], complete)) / amount).rename("return"),
        base_date=_day_before(moves.index, complete.index),
        base=base,
        amount=amount,
        nav=nav,
        gross=float(exposures.set_index("measure")["value"]["gross"]),
        days_left_out=_days_left_out(moves.index, complete.index),
        price_bases=_price_bases(held, prices),
        ten_days=(ten_days / amount).rename("return"),
        moves=complete,
        contracts=options,
        option_positions=_units(covered[option], positions),
    )


def closes_of(prices: pd.DataFrame, symbols: pd.Series) -> pd.DataFrame:
    """Adjusted closes of the symbols that have any, days x symbols."""
    wanted = prices.loc[prices["symbol"].isin(symbols.unique()), ["date", "symbol", "adj_close"]].dropna()
    return wanted.pivot(index="date", columns="symbol", values="adj_close").sort_index()  # noqa: PD010


def benchmark_returns(
    prices: pd.DataFrame, symbol: str | None, *, past: HistoricalSimulation
) -> pd.Series | None:
    """One-day returns of the benchmark on the days of ``past``; None when there is none or it has no price.

    A day on which it has no price, and the day after, are missing.
    """
    if symbol is None:
        return None
    closes = closes_of(prices, pd.Series([symbol, *past.coverage["underlying"]], dtype="str"))
    if symbol not in closes:
        return None
    return simple_returns(closes[symbol], span_gaps=False).reindex(past.returns.index).rename(symbol)


def returns_table(past: HistoricalSimulation) -> pd.DataFrame:
    """Table ``portfolio_returns``."""
    both = pd.DataFrame({"return": past.returns, "compounding_return": past.compounding})
    return both.rename_axis("date").reset_index()


def value_paths(
    past: HistoricalSimulation,
    benchmark: pd.Series | None,
    *,
    names: tuple[str, str | None],
    days: int | None = None,
) -> pd.DataFrame:
    """Value of 1 put into the book, and into the benchmark, before the first of the last ``days``.

    Columns as ``names``; None takes all days.
    """
    every = past.returns.index
    index = every if past.base_date is None else every.insert(0, past.base_date)
    own = past.compounding
    if days is not None and days < len(own):
        index, own = index[-days - 1 :], own.tail(days)
    series = [own] if benchmark is None else [own, benchmark.reindex(own.index)]
    paths = {name: wealth(one)[-len(index) :] for name, one in zip(names, series, strict=False)}
    return pd.DataFrame(paths, index=index)


def underwater(past: HistoricalSimulation) -> pd.Series:
    """Fall from the last peak on every day, a decimal not above 0."""
    return pd.Series(drawdown(past.compounding.to_numpy())[1:], index=past.returns.index, name="Fall")


def repricing_effect(past: HistoricalSimulation, *, days: int = TRADING_DAYS) -> pd.DataFrame:
    """Losses of the last ``days`` days with options repriced and by delta alone, positive decimals.

    Rows ``var_95``, ``cvar_95`` and ``worst_day``, columns ``repriced`` and ``by_delta``; missing without
    returns.
    """
    series = {"repriced": past.returns.tail(days), "by_delta": past.by_delta.tail(days)}
    losses = {
        name: {"var_95": var_hist(one), "cvar_95": cvar(one), "worst_day": -one.min()}
        for name, one in series.items()
    }
    return pd.DataFrame(losses, dtype="float64")


def coverage_by_reason(past: HistoricalSimulation) -> pd.DataFrame:
    """Positions, signed exposure and its shares of gross and of net asset value, by reason.

    Shares of net asset value are missing where it is not positive; cash is a row of its own there.
    """
    groups = past.coverage.groupby("reason", sort=False)["exposure"]
    table = pd.DataFrame(
        {
            "positions": groups.size(),
            "exposure": groups.sum(min_count=1),
            "gross": groups.apply(lambda money: money.abs().sum(min_count=1)),
        }
    ).reindex([COVERED, *REASONS])
    table = table[table["positions"].notna() | (table.index == COVERED)]
    table.loc[COVERED] = table.loc[COVERED].fillna(0.0)
    table["gross_share"] = table["gross"] / past.gross if past.gross > 0 else float("nan")
    table["nav_share"] = table["exposure"] / past.nav if past.nav > 0 else float("nan")
    table["positions"] = table["positions"].astype("int64")
    return table.drop(columns="gross").rename_axis("reason").reset_index()


def unit_changes(contracts: pd.DataFrame, moves: pd.DataFrame, days: pd.Index) -> np.ndarray:
    """Change of the price of one unit of each contract on ``days`` among those of ``moves``, money.

    The prices are those of the whole: an American option's come from a grid that its own terms make.
    """
    shocks = moves.loc[moves.index.isin(days), contracts["underlying"]].to_numpy()
    return at_spots(contracts)(shocks) - reprice(contracts, spot_move=0.0)


def _price_bases(held: pd.DataFrame, prices: pd.DataFrame) -> tuple[str, ...]:
    symbols = held.loc[held["exposure"].notna() & (held["kind"] != "manual"), "symbol"]
    return tuple(sorted(prices.loc[prices["symbol"].isin(symbols), "price_basis"].unique()))


def _coverage(held: pd.DataFrame, moves: pd.DataFrame, minimum_history: int) -> pd.DataFrame:
    history = held["underlying"].map(moves.notna().sum()).fillna(0)
    short = (held["reason"] == "") & (history < minimum_history)
    reason = held["reason"].mask(held["reason"] == "", COVERED).mask(short, "short_history")
    columns = ["position_id", "underlying", "kind", "exposure", "delta_exposure"]
    return held[columns].assign(reason=reason.astype("str"))


def _linear(covered: pd.DataFrame, moves: pd.DataFrame) -> pd.Series:
    """Profit of each day by delta-adjusted exposure alone, money."""
    money = covered.groupby("underlying")["delta_exposure"].sum()
    return moves[money.index] @ money if len(money) else pd.Series(0.0, index=moves.index)


def _options(covered: pd.DataFrame, positions: pd.DataFrame, greeks: pd.DataFrame) -> pd.DataFrame:
    """One row a contract held: what its price needs, and ``units``, signed, of all its positions."""
    if covered.empty:
        return pd.DataFrame({"underlying": [], "units": []})
    terms = positions[["position_id", "strike", "right", "quantity", "multiplier"]]
    rows = greeks[greeks["position_id"].isin(covered["position_id"])].merge(terms, on="position_id")
    units = (rows["quantity"] * rows["multiplier"]).groupby(rows["symbol"]).sum()
    contracts = rows.drop_duplicates("symbol").reset_index(drop=True)
    return contracts.assign(units=contracts["symbol"].map(units))


def _revalued(options: pd.DataFrame, moves: pd.DataFrame, *, days: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Profit of each row of moves with every contract repriced at its underlying's move, money.

    And what the passing of ``days`` trading days does to the contracts, at each row's prices.
    """
    if options.empty:
        return np.zeros(len(moves)), np.zeros(len(moves))
    left = (options["years_to_expiry"] - days / TRADING_DAYS).clip(lower=0.0)
    today, later = at_spots(options), at_spots(options.assign(years_to_expiry=left))
    now = reprice(options, spot_move=0.0)
    shocks, units = moves[options["underlying"]].to_numpy(), options["units"].to_numpy()
    step = max(BLOCK // len(options), 1)
    profit, passed = [np.zeros(0)], [np.zeros(0)]
    for start in range(0, len(shocks), step):
        block = shocks[start : start + step]
        value = today(block)
        profit.append((units * (value - now)).sum(axis=1))
        passed.append((later(block) - value) @ units)
    return np.concatenate(profit), np.concatenate(passed)


def _over_stretches(closes: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    """Simple returns of the underlyings of ``moves`` over ten sessions, by the last of them."""
    if moves.empty:
        return moves
    known = closes[moves.columns].where(lambda price: price > 0)
    return (known / known.shift(HORIZON) - 1.0).dropna()


def _units(covered: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """Signed units of each covered option: position_id, symbol, units."""
    rows = positions[positions["position_id"].isin(covered["position_id"])]
    units = rows["quantity"] * rows["multiplier"]
    return rows[["position_id", "symbol"]].assign(units=units).reset_index(drop=True)


def _day_before(calendar: pd.Index, days: pd.Index) -> pd.Timestamp | None:
    return calendar[calendar.get_loc(days[0]) - 1] if len(days) else None


def _days_left_out(calendar: pd.Index, days: pd.Index) -> int:
    return int((calendar >= days[0]).sum()) - len(days) if len(days) else 0
