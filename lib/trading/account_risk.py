"""The risk of an account at a close: sizes, stops, limits, breaker, and losses from its equity day by day.

Returns are those of the equity from close to close, days without a position included, so that a few busy
days are not taken for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.conventions import TRADING_DAYS
from lib.errors import DataError
from lib.stats import performance, relative, tails
from lib.stats.drawdowns import max_drawdown
from lib.tables import TABLES
from lib.trading.account_bars import bars_of_prices
from lib.trading.bars import Bars
from lib.trading.charges import CostTable
from lib.trading.decisions import Decisions
from lib.trading.indicators import atr, sma
from lib.trading.order_sizes import Standing, order_sizes
from lib.trading.own_bars import carried
from lib.trading.rule_files import RuleBook
from lib.trading.stop_rules import with_stops

LEVELS = (0.95, 0.99)
OPEN = ("PENDING", "OPEN", "PARTIAL")
USUAL = 20
"""Sessions of the usual volume."""
ALL, RECENT = "all", "recent"


@dataclass(frozen=True)
class Inputs:
    """What the stage reads, as in ``lib.tables``."""

    signals: pd.DataFrame
    equity: pd.DataFrame
    holdings: pd.DataFrame
    breaker: pd.DataFrame
    orders: pd.DataFrame
    prices: pd.DataFrame
    instruments: pd.DataFrame


@dataclass(frozen=True)
class Choice:
    """Settings: sessions that count as recent, other stops (share, true ranges and their period), cash."""

    recent: int = 252
    stop_share: float = 0.05
    stop_multiple: float = 3.0
    stop_period: int = 14
    risk_free: float = 0.0


@dataclass(frozen=True)
class AccountRisk:
    """The tables by name, and what the page needs beside them."""

    tables: dict[str, pd.DataFrame]
    standing: Standing
    book: RuleBook
    choice: Choice
    date: pd.Timestamp
    returns: pd.Series
    breaker: pd.DataFrame
    benchmark: str | None
    benchmark_days: int
    origins: tuple[str, ...] = field(default=())

    def figure(self, name: str, window: str = ALL) -> float:
        """A figure of ``account_risk``."""
        table = self.tables["account_risk"]
        return float(table.loc[(table["figure"] == name) & (table["window"] == window), "value"].iloc[0])


def account_risk(
    given: Inputs,
    *,
    symbols: Sequence[str],
    strategies: Sequence[str],
    benchmark: str | None,
    book: RuleBook,
    costs: CostTable,
    choice: Choice,
) -> AccountRisk:
    """All tables of the stage. Raises DataError for an account without an equity."""
    if given.equity.empty:
        raise DataError("the account has no equity yet; its first session lies after the as-of date")
    equity = given.equity.sort_values("date")
    now = equity.iloc[-1]
    held = given.holdings.loc[given.holdings["date"] == now["date"]]
    bars = bars_of_prices(given.prices, symbols)
    names = given.instruments.set_index("symbol")["sector"]
    sectors = {symbol: _sector(names.get(symbol), symbol) for symbol in {*symbols, *held["symbol"]}}
    standing = Standing(
        float(now["equity"]), float(now["cash"] - now["reserved"]), held, sectors, bool(now["breaker"])
    )
    wanted = _wanted(bars, given.signals, strategies, book)
    sizes, caps = order_sizes(wanted, standing, book, costs.even_costs)
    returns = equity.set_index("date")["return"]
    other = _benchmark(given.prices, benchmark, pd.DatetimeIndex(returns.index))
    tables = {
        "order_sizes": sizes.assign(ordered=_ordered(sizes, given.orders, now["date"])),
        "order_caps": caps,
        "position_stops": _stops(held, bars, standing.equity, choice),
        "account_limits": _limits(held, equity, standing, strategies, book),
        "account_risk": _losses(returns, other, standing.equity, choice),
        "account_breaker_state": _state(equity, given.breaker, book),
    }
    return AccountRisk(
        {name: conform(frame, TABLES[name]) for name, frame in tables.items()},
        standing,
        book,
        choice,
        now["date"],
        returns,
        given.breaker,
        benchmark,
        int(other.notna().sum()),
        tuple(sorted(given.prices["origin"].unique())),
    )


def _sector(given: object, symbol: str) -> str:
    """The sector; a symbol without one has the limit for itself."""
    return given if isinstance(given, str) and given else symbol


def _wanted(bars: Bars, signals: pd.DataFrame, strategies: Sequence[str], book: RuleBook) -> pd.DataFrame:
    """Entries that rules say, and those that they would be sized as if they said so."""
    usual = carried(sma(bars.chained.volume, period=USUAL))[-1]
    close = carried(bars.chained.close)[-1]
    if bars.chain is not None:
        usual, close = usual * bars.chain[-1], close / bars.chain[-1]
    parts = []
    for name in strategies:
        stops = _stops_of_rule(bars, float(book.settings[name]["stop"]), book)
        parts.append(
            pd.DataFrame(
                {
                    "strategy": pd.Series(name, index=range(len(close)), dtype="str"),
                    "symbol": pd.Series(np.asarray(bars.symbols), dtype="str"),
                    "entry": close,
                    "stop": stops,
                    "usual_volume": usual,
                }
            )
        )
    found = pd.concat(parts, ignore_index=True)
    said = signals.set_index(["strategy", "symbol"])
    keys = pd.MultiIndex.from_frame(found[["strategy", "symbol"]])
    buys = said["action"].reindex(keys).eq("BUY").to_numpy()
    free = said["blocked"].reindex(keys).fillna("").eq("").to_numpy()
    found["when"] = np.select([buys & free, buys], ["said", "blocked"], "supposed")
    own = said["stop"].reindex(keys).to_numpy(dtype=float)
    found["stop"] = np.where(buys, own, found["stop"])
    return found.loc[found["entry"].notna()].reset_index(drop=True)


def _stops_of_rule(bars: Bars, share: float, book: RuleBook) -> np.ndarray:
    """Where the stop of an entry would stand at the last close, by the rule or the account's own kind."""
    shape = bars.close.shape
    nothing = np.full(shape, np.nan)
    entering = Decisions(
        np.ones(shape, dtype=np.int8),
        np.full(shape, 0.5),
        bars.close * (1.0 - share) if share else nothing,
        nothing,
        np.zeros(shape, dtype=np.int8),
    )
    placed, _ = with_stops(entering, bars, book.stops)
    return placed.stop[-1]


def _ordered(sizes: pd.DataFrame, orders: pd.DataFrame, day: pd.Timestamp) -> np.ndarray:
    """Shares that the account ordered at this close, by rule and symbol; NaN for none."""
    own = orders.loc[(orders["decided"] == day) & (orders["side"] == "BUY")]
    by_key = own.groupby(["strategy", "symbol"])["quantity"].sum()
    keys = pd.MultiIndex.from_frame(sizes[["strategy", "symbol"]])
    return by_key.reindex(keys).to_numpy(dtype=float)


def _stops(held: pd.DataFrame, bars: Bars, equity: float, choice: Choice) -> pd.DataFrame:
    """Stops of what is held, as they stand and as other kinds would have them at this close."""
    level = bars.chained
    usual = carried(atr(level.high, level.low, level.close, period=choice.stop_period))[-1]
    if bars.chain is not None:
        usual = usual / bars.chain[-1]
    ranges = held["symbol"].map(dict(zip(bars.symbols, usual, strict=True))).to_numpy(dtype=float)
    close = held["price"].to_numpy(dtype=float)
    kinds = {
        "stands": held["stop"].to_numpy(dtype=float),
        "percent": close * (1.0 - choice.stop_share),
        "atr": close - choice.stop_multiple * ranges,
        "trailing": np.fmax(held["stop"].to_numpy(dtype=float), close * (1.0 - choice.stop_share)),
    }
    parts = []
    for kind, stop in kinds.items():
        lost = held["quantity"].to_numpy(dtype=float) * (close - stop)
        parts.append(
            held[["symbol", "strategy", "quantity", "price"]].assign(
                kind=kind,
                stop=stop,
                distance=(close - stop) / close,
                loss=lost,
                loss_share=lost / equity,
            )
        )
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["symbol", "strategy"], kind="stable", ignore_index=True)


def _limits(
    held: pd.DataFrame, equity: pd.DataFrame, standing: Standing, strategies: Sequence[str], book: RuleBook
) -> pd.DataFrame:
    """How full each limit is; every rule of the account and every sector of its symbols has a row."""
    most, worth = book.limits, standing.equity
    by_sector = held.groupby(held["symbol"].map(standing.sectors))["value"].sum() / worth
    by_symbol = held.groupby("symbol")["value"].sum() / worth
    by_rule = held.groupby("strategy").size()
    rules = list(dict.fromkeys([*strategies, *by_rule.index]))
    lost = max(-float(equity["day_pnl"].iloc[-1]), 0.0)
    before = float(equity["equity"].iloc[-1] - equity["day_pnl"].iloc[-1])
    rows: list[tuple[str, str, float, float]] = [
        ("positions", "all", float(len(held)), float(most.positions)),
        *(
            ("strategy_positions", one, float(by_rule.get(one, 0)), float(most.strategy_positions))
            for one in rules
        ),
        *(("position", str(one), float(by_symbol[one]), most.position) for one in by_symbol.index),
        *(
            ("sector", one, float(by_sector.get(one, 0.0)), most.sector)
            for one in sorted(set(standing.sectors.values()))
        ),
        ("daily_loss", "all", lost / before, most.day_limit(before) / before),
    ]
    found = pd.DataFrame(rows, columns=["limit", "of", "used", "most"])
    full = found["used"] / found["most"]
    return found.assign(full=full, exceeded=full > 1.0 + 1e-9)


def _losses(returns: pd.Series, benchmark: pd.Series, equity: float, choice: Choice) -> pd.DataFrame:
    """Table ``account_risk`` for all sessions and the recent ones."""
    parts = []
    for window, own in ((ALL, returns), (RECENT, returns.iloc[-choice.recent :])):
        parts.append(_of_window(own, benchmark.reindex(own.index), equity, choice).assign(window=window))
    return pd.concat(parts, ignore_index=True)


def _of_window(own: pd.Series, benchmark: pd.Series, equity: float, choice: Choice) -> pd.DataFrame:
    values, count = own.to_numpy(dtype=float), len(own)
    rows: list[tuple[str, float, str, str]] = []
    for level in LEVELS:
        name = f"{level:.0%}".rstrip("%")
        thin = "thin_tail" if tails.thin_tail(count, level=level) else ""
        loss, shortfall = (float(one(values, level=level)) for one in (tails.var_hist, tails.cvar))
        rows += [
            (f"var_{name}", loss, "fraction", thin),
            (f"es_{name}", shortfall, "fraction", thin),
            (f"var_{name}_money", loss * equity, "money", thin),
        ]
    paired = int(benchmark.notna().sum())
    rows += [
        ("volatility", float(performance.annual_volatility(values, periods=TRADING_DAYS)), "fraction", ""),
        (
            "sharpe",
            float(performance.sharpe(values, periods=TRADING_DAYS, risk_free=choice.risk_free)),
            "ratio",
            "",
        ),
        ("max_drawdown", float(max_drawdown(values)), "fraction", ""),
        (
            "beta",
            float(relative.beta(values, benchmark.to_numpy(dtype=float))) if paired > 2 else np.nan,
            "ratio",
            "" if paired > 2 else "NO_BENCHMARK",
        ),
        ("idle", float((values == 0.0).mean()), "fraction", ""),
    ]
    found = pd.DataFrame(rows, columns=["figure", "value", "unit", "code"])
    still = found["value"].isna() & (found["code"] == "")
    return found.assign(sessions=count, code=found["code"].where(~still, "zero_variance"))


def _benchmark(prices: pd.DataFrame, name: str | None, days: pd.DatetimeIndex) -> pd.Series:
    """Simple returns of the benchmark from close to close of the account's sessions."""
    close = prices.loc[prices["symbol"] == name].set_index("date")["adj_close"]
    return close.reindex(days).pct_change(fill_method=None) if len(close) else pd.Series(np.nan, index=days)


def _state(equity: pd.DataFrame, breaker: pd.DataFrame, book: RuleBook) -> pd.DataFrame:
    now = equity.iloc[-1]
    limit = book.limits.day_limit(float(now["equity"] - now["day_pnl"]))
    return pd.DataFrame(
        {
            "date": [now["date"]],
            "on": [bool(now["breaker"])],
            "day_pnl": [float(now["day_pnl"])],
            "limit": [limit],
            "full": [max(-float(now["day_pnl"]), 0.0) / limit],
            "trips": [len(breaker)],
            "blocked": [int(breaker["blocked"].sum())],
            "last": [breaker["date"].max() if len(breaker) else pd.NaT],
        }
    )
