"""Accounts of the tests: few bars by hand, many by chance, orders of a person, and what must hold of all."""

import math

import numpy as np
import pandas as pd

from lib.account_ledger import Line
from lib.trading.bars import Bars
from lib.trading.charges import CostTable
from lib.trading.costs import FREE, PAPER
from lib.trading.paper.settings import Matching, PaperRules

NO_COSTS = CostTable(FREE)
AT_ONCE = Matching(participation=1.0, settlement=0)


def bars_of(rows, *, symbols=("AAA",), split=None, dividend=None):
    """Bars from rows of (open, high, low, close, volume), one a session, the same for each symbol."""
    values = np.array(rows, dtype=float)
    if values.ndim == 2:
        values = np.repeat(values[:, None, :], len(symbols), axis=1)
    sessions = pd.bdate_range("2024-01-01", periods=len(values))
    fields = {name: values[:, :, at] for at, name in enumerate(("open", "high", "low", "close", "volume"))}
    actions = {}
    if split is not None or dividend is not None:
        shape = values.shape[:2]
        actions["split"] = np.ones(shape) if split is None else np.array(split, dtype=float).reshape(shape)
        actions["dividend"] = (
            np.zeros(shape) if dividend is None else np.array(dividend, dtype=float).reshape(shape)
        )
    return Bars(sessions, pd.Index(list(symbols)), **fields, **actions)


def flat(price, count, volume=1e6):
    """The same bar over and over."""
    return [(price, price, price, price, volume)] * count


def drawn_bars(seed, *, sessions=120, symbols=("AAA", "BBB", "CCC"), gaps=0.03, actions=True):
    """Bars by chance: gaps beyond yesterday's range, sessions without a bar, volumes unknown, splits."""
    draw = np.random.default_rng(seed)
    shape = (sessions, len(symbols))
    close = 50.0 * np.exp(np.cumsum(draw.normal(0.0, 0.03, shape), axis=0))
    opened = np.vstack([close[:1], close[:-1]]) * np.exp(draw.normal(0.0, 0.015, shape))
    high = np.maximum(opened, close) * np.exp(np.abs(draw.normal(0.0, 0.01, shape)))
    low = np.minimum(opened, close) * np.exp(-np.abs(draw.normal(0.0, 0.01, shape)))
    volume = np.floor(draw.lognormal(8.0, 1.0, shape))
    volume[draw.random(shape) < 0.05] = math.nan
    gone = draw.random(shape) < gaps
    gone[0] = False
    for one in (opened, high, low, close, volume):
        one[gone] = math.nan
    split, dividend = np.ones(shape), np.zeros(shape)
    if actions:
        split[draw.random(shape) < 0.01] = 2.0
        split[draw.random(shape) < 0.005] = 1.0 / 3.0
        dividend[draw.random(shape) < 0.02] = 0.4
        split[0], split[gone], dividend[gone] = 1.0, 1.0, 0.0
        chain = np.cumprod(split, axis=0)
        opened, high, low, close = (one / chain for one in (opened, high, low, close))
        volume = np.floor(volume * chain)
    days = pd.bdate_range("2024-01-01", periods=sessions)
    return Bars(days, pd.Index(list(symbols)), opened, high, low, close, volume, split, dividend)


def rules(capital=100_000.0, *, costs=None, matching=None, **more):
    """An account that follows a person only."""
    return PaperRules(
        capital,
        pd.Timestamp("2024-01-01"),
        costs=CostTable(PAPER) if costs is None else costs,
        matching=matching or AT_ONCE,
        **more,
    )


def typed(bars, *orders):
    """Lines of a person: (row, symbol, side, quantity, and what else the body has)."""
    lines = []
    for number, (row, symbol, side, quantity, *more) in enumerate(orders, start=1):
        body = {"order_id": f"m{number}", "symbol": symbol, "side": side, "quantity": quantity}
        said = {
            **body,
            "type": "MARKET",
            "validity": "DAY",
            "strategy": "manual",
            **(more[0] if more else {}),
        }
        lines.append(Line(number, f"{bars.sessions[row]:%Y-%m-%d}", None, said.pop("kind", "order"), said))
    return lines


def drawn_orders(bars, seed, count=40):
    """Orders of a person by chance, of every type, some of them impossible."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        row, column = int(draw.integers(0, len(bars.sessions))), int(draw.integers(0, len(bars.symbols)))
        close = bars.close[max(row - 1, 0), column]
        price = float(close) if np.isfinite(close) else 50.0
        kind = str(draw.choice(["MARKET", "LIMIT", "SL", "SL-M"]))
        side = str(draw.choice(["BUY", "SELL"]))
        sign = 1 if side == "BUY" else -1
        more = {"type": kind, "validity": str(draw.choice(["DAY", "GTC"]))}
        if kind == "LIMIT":
            more["limit"] = price * (1 - sign * draw.uniform(-0.01, 0.03))
        if kind in ("SL", "SL-M"):
            more["trigger"] = price * (1 + sign * draw.uniform(0.0, 0.03))
        if kind == "SL":
            more["limit"] = more["trigger"] * (1 + sign * draw.uniform(0.0, 0.02))
        found.append((row, str(bars.symbols[column]), side, int(draw.integers(1, 400)), more))
    found.sort(key=lambda one: one[0])
    return typed(bars, *found)
