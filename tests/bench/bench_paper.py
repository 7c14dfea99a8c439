"""The paper account's matching in bars a second, beside an event-driven engine on the same bars and orders.

Run: ``python3 run_all.py bench paper``, with ml4t-backtest installed beside the workbench to compare (where
it is absent it is named and left out). Every symbol is bought at the market and sold by a limit, in turn; the
fills of both are counted.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from report import head, line

from lib.account_ledger import Line
from lib.trading.bars import Bars
from lib.trading.charges import CostTable
from lib.trading.costs import FREE
from lib.trading.paper.replay import replay
from lib.trading.paper.settings import Matching, PaperRules
from lib.trading.rule_files import LIMITS, SIZING, Limits, RuleBook

SYMBOLS, DAYS, ROUNDS = 100, 504, 20
MONEY = 1e12


def main() -> None:
    """Print the time of both, and the bars a second."""
    head(f"Paper account, {SYMBOLS} symbols x {DAYS:,} sessions, {ROUNDS} purchases and sales of each")
    bars, orders = _bars(), _orders()
    book, own = _timed(lambda: _ours(bars, orders))
    made = len(book.account.fills)
    told = f"{bars.close.size / own:,.0f} bars a second, {made:,} fills, {made / own:,.0f} fills a second"
    if importlib.util.find_spec("ml4t") is None:
        line("matching of orders", own, None, "10x", f"{told}; ml4t-backtest is not installed")
        return
    fills, theirs = _timed(lambda: _peer(bars, orders))
    line("matching of orders", own, theirs, "10x", f"{told}; {fills:,} fills of ml4t-backtest")


def _bars() -> Bars:
    draw = np.random.default_rng(5)
    close = 100 * np.exp(np.cumsum(draw.normal(0.0002, 0.02, (DAYS, SYMBOLS)), axis=0))
    opened = np.vstack([close[:1], close[:-1]]) * np.exp(draw.normal(0, 0.005, close.shape))
    high, low = np.maximum(opened, close) * 1.004, np.minimum(opened, close) * 0.996
    days = pd.bdate_range("2020-01-02", periods=DAYS, unit="us")
    names = pd.Index([f"S{one:03d}" for one in range(SYMBOLS)], dtype="str")
    return Bars(days, names, opened, high, low, close, draw.lognormal(13, 0.5, close.shape))


def _orders() -> list[tuple[int, int, str, str]]:
    """Row, column, side and type, by row."""
    every = DAYS // (ROUNDS + 1)
    found = []
    for number in range(ROUNDS):
        for column in range(SYMBOLS):
            row = 2 + number * every + column % 5
            found += [(row, column, "BUY", "MARKET"), (row + 5, column, "SELL", "LIMIT")]
    return sorted(found)


def _limit(bars: Bars, row: int, column: int) -> float:
    return round(float(bars.close[row - 1, column]) * 1.01, 4)


def _ours(bars: Bars, orders: list):
    lines = []
    days = [f"{day:%Y-%m-%d}" for day in bars.sessions]
    for number, (row, column, side, kind) in enumerate(orders, start=1):
        body = {"order_id": f"m{number}", "symbol": bars.symbols[column], "side": side, "quantity": 10}
        body |= {"type": kind, "validity": "GTC", "strategy": "manual"}
        body |= {"limit": _limit(bars, row, column)} if kind == "LIMIT" else {}
        lines.append(Line(number, days[row], None, "order", body))
    limits = Limits(**{one.name: one.default for one in LIMITS} | {"positions": 1000, "daily_loss": 1.0})
    book = RuleBook({}, {one.name: one.default for one in SIZING}, limits=limits)
    matching = Matching(participation=1.0, settlement=0)
    own = PaperRules(MONEY, bars.sessions[0], (), book, CostTable(FREE), matching)
    return replay(bars, lines, own)


def _peer(bars: Bars, orders: list) -> int:
    import polars as pl
    from ml4t.backtest import BacktestConfig, CommissionType, DataFeed, Engine, OrderSide, OrderType, Strategy
    from ml4t.backtest.config import ShareType, SlippageType

    by_row: dict[int, list] = {}
    for row, column, side, kind in orders:
        by_row.setdefault(row - 1, []).append((column, side, kind, _limit(bars, row, column)))
    at = {day.to_pydatetime(): row for row, day in enumerate(bars.sessions)}

    class Follows(Strategy):
        def on_data(self, timestamp, data, context, broker):
            for column, side, kind, limit in by_row.get(at[timestamp.replace(tzinfo=None)], ()):
                price = {"limit_price": limit} if kind == "LIMIT" else {}
                way, form = OrderSide[side], OrderType[kind]
                broker.submit_order(str(bars.symbols[column]), 10, way, form, **price)

    frame = pl.DataFrame(
        {
            "timestamp": np.repeat(bars.sessions.to_numpy(), SYMBOLS),
            "symbol": np.tile(np.asarray(bars.symbols, dtype=object), DAYS).tolist(),
            **{name: getattr(bars, name).ravel() for name in ("open", "high", "low", "close", "volume")},
        }
    )
    config = BacktestConfig(
        commission_type=CommissionType.NONE,
        slippage_type=SlippageType.NONE,
        initial_cash=MONEY,
        share_type=ShareType.INTEGER,
    )
    engine = Engine(DataFeed(prices_df=frame, entity_col="symbol"), Follows(), config)
    engine.run()
    return len(engine.broker.fills)


def _timed(work):
    best, result = np.inf, None
    for _ in range(2):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return result, best


if __name__ == "__main__":
    main()
