"""Generated bars for tests of trading: late starts, early ends, holes, and a series given by a formula."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.trading.bars import Bars


def walk(*, sessions=300, symbols=5, seed=7, holes=True, volume=True, opens=True) -> Bars:
    """Random walks with bars around them; with ``holes`` the second starts late, the third has gaps, the
    fourth ends early."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0003, 0.02, (sessions, symbols)), axis=0))
    before = np.vstack([np.full((1, symbols), 100.0), close[:-1]])
    opened = before * np.exp(rng.normal(0, 0.006, close.shape))
    high = np.maximum(opened, close) * (1 + rng.uniform(0, 0.01, close.shape))
    low = np.minimum(opened, close) * (1 - rng.uniform(0, 0.01, close.shape))
    traded = rng.lognormal(12, 0.6, close.shape).round()
    gone = np.zeros(close.shape, dtype=bool)
    if holes:
        gone[: sessions // 5, 1] = True
        gone[:, 2] = rng.random(sessions) < 0.1
        gone[sessions * 3 // 4 :, 3] = True
    arrays = {"open": opened, "high": high, "low": low, "close": close, "volume": traded}
    for name, values in arrays.items():
        values[gone] = np.nan
        if (name == "volume" and not volume) or (name in ("open", "high", "low") and not opens):
            values[:] = np.nan
    names = pd.Index([f"S{number}" for number in range(symbols)], dtype="str")
    return Bars(pd.bdate_range("2015-01-01", periods=sessions, unit="us"), names, **arrays)


def plain(opens, *, highs=None, lows=None, closes=None, volumes=None) -> Bars:
    """Bars of one symbol from lists; what is not given is the open, volume is not known."""
    opened = np.array(opens, dtype=float)[:, None]
    one = {
        name: opened if given is None else np.array(given, dtype=float)[:, None]
        for name, given in (("high", highs), ("low", lows), ("close", closes))
    }
    volume = np.full(opened.shape, np.nan) if volumes is None else np.array(volumes, dtype=float)[:, None]
    days = pd.bdate_range("2020-01-01", periods=len(opened), unit="us")
    return Bars(days, pd.Index(["ONE"]), open=opened, volume=volume, **one)


def wave(length=200):
    """High, low and close by a formula, so that another library's figures can be recorded for them."""
    at = np.arange(length, dtype=float)
    close = 100 + 0.05 * at + 8 * np.sin(at / 7) + 3 * np.cos(at / 2.3)
    return close * (1.01 + 0.005 * np.sin(at)), close * (0.985 + 0.005 * np.cos(at)), close


def wave_bars(length=400) -> Bars:
    """One symbol of the formula, opens included: gaps over stops, targets and both in one bar occur."""
    at = np.arange(length, dtype=float)
    close = 100 + 0.05 * at + 8 * np.sin(at / 7) + 3 * np.cos(at / 2.3)
    opened = close * (1 + 0.03 * np.sin(1.7 * at))
    high = np.maximum(opened, close) * (1.005 + 0.02 * np.cos(2.9 * at) ** 8)
    low = np.minimum(opened, close) * (0.995 - 0.02 * np.sin(3.7 * at) ** 8)
    return plain(opened, highs=high, lows=low, closes=close, volumes=np.full(length, 1e6))
