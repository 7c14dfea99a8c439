"""Fills of 500 random order sequences on real bars, beside those of another engine.

``ml4t_fills.parquet`` holds what ml4t-backtest 0.1.0b5 (MIT) filled in these sequences: row of the bar,
shares (negative for a sale) and price, without costs, orders good till cancelled, next-bar execution. Where a
limit order's bar opens beyond the limit it fills at the limit there and at the open here, which is a stated
rule; every other fill is the same.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from lib.account_ledger import Line
from lib.trading.bars import Bars
from lib.trading.paper.replay import replay
from tests.trading.paper.accounts import AT_ONCE, NO_COSTS, rules

SAMPLE = Path(__file__).parents[3] / "lib/market/sample_bars/data/bars.parquet"
THEIRS = Path(__file__).with_name("ml4t_fills.parquet")
LENGTH, COUNT = 60, 500


@cache
def sample():
    found = pd.read_parquet(SAMPLE)
    return {symbol: own.sort_values("date").reset_index() for symbol, own in found.groupby("symbol")}


def sequences():
    """Symbol, first bar, and orders (row, side, shares, type, price), as they were given to both engines."""
    draw, bars = np.random.default_rng(20240601), sample()
    for _ in range(COUNT):
        symbol = str(draw.choice(list(bars)))
        first = int(draw.integers(0, len(bars[symbol]) - LENGTH))
        close = bars[symbol]["close"].iloc[first : first + LENGTH].tolist()
        orders = [(1, "BUY", 2000, "MARKET", None)]
        for row in sorted(draw.choice(np.arange(2, LENGTH), 12, replace=False).tolist()):
            side, kind = str(draw.choice(["BUY", "SELL"])), str(draw.choice(["MARKET", "LIMIT", "SL-M"]))
            sign, price = (1 if side == "BUY" else -1), None
            if kind == "LIMIT":
                price = round(close[row - 1] * (1 - sign * draw.uniform(-0.01, 0.03)), 2)
            if kind == "SL-M":
                price = round(close[row - 1] * (1 + sign * draw.uniform(0.002, 0.03)), 2)
            orders.append((row, side, int(draw.integers(1, 100)), kind, price))
        yield symbol, first, orders


def ours(symbol, first, orders):
    """Fills of this account, with the type and limit of their orders."""
    rows = sample()[symbol].iloc[first : first + LENGTH]
    days = pd.DatetimeIndex(rows["date"])
    arrays = (rows[[name]].to_numpy(dtype=float) for name in ("open", "high", "low", "close", "volume"))
    lines = []
    for number, (row, side, quantity, kind, price) in enumerate(orders, start=1):
        body = {"order_id": f"m{number}", "symbol": symbol, "side": side, "quantity": quantity, "type": kind}
        body |= {"validity": "GTC", "strategy": "manual"}
        body |= {"LIMIT": {"limit": price}, "SL-M": {"trigger": price}}.get(kind, {})
        lines.append(Line(number, f"{days[row]:%Y-%m-%d}", None, "order", body))
    own = replace(rules(1e9, costs=NO_COSTS, matching=AT_ONCE), start=pd.Timestamp("1990-01-01"))
    fills = replay(Bars(days, pd.Index([symbol]), *arrays), lines, own).account.fills
    found = [(one.row, one.side * one.quantity, one.price, one.order.type, one.order.limit) for one in fills]
    return sorted(found), rows["open"].to_numpy()


def test_every_fill_is_that_of_another_engine_but_for_limits_that_the_open_goes_through():
    theirs = pd.read_parquet(THEIRS)
    same = beyond = 0
    for number, (symbol, first, orders) in enumerate(sequences()):
        found, opens = ours(symbol, first, orders)
        other = theirs.loc[theirs["sequence"] == number].itertuples(index=False)
        for mine, one in zip(found, sorted((x.row, x.quantity, x.price) for x in other), strict=True):
            row, shares, price, kind, limit = mine
            assert (row, shares) == one[:2]
            if abs(price - one[2]) < 1e-9:
                same += 1
            else:
                assert kind == "LIMIT"
                assert one[2] == limit
                assert price == opens[row]
                assert np.sign(shares) * (limit - price) > 0
                beyond += 1
    assert (same, beyond) == (5231, 613)
