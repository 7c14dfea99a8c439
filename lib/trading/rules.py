"""The four rules as functions of bars: where each enters and leaves, how sure it is, where its stop stands.

Confidence is 0.5 at the threshold and grows with the distance from it: by half the room that an RSI has to
its end of the scale, by half an average true range for averages, by half the multiple for volumes. A
crossing is judged against a tolerance of 1e-12 of the price, so that rounding in a flat stretch is none.
"""

from __future__ import annotations

import numpy as np

from lib.trading import indicators
from lib.trading.bars import Bars
from lib.trading.decisions import Decisions, decided
from lib.trading.own_bars import previous

ROUNDING = 1e-12
RANGE_PERIOD = 14


def rsi_reversion(
    bars: Bars, *, period: int, oversold: float, overbought: float, trigger: str, stop: float, target: float
) -> Decisions:
    """Enter below ``oversold``, or on the bar that comes back above it; leave above ``overbought``."""
    value = indicators.rsi(bars.close, period=period)
    before = previous(value)
    crossing = trigger == "cross"
    low = (before < oversold) & (value >= oversold) if crossing else value < oversold
    depth = oversold - (before if crossing else value)
    height = (value - overbought) / (100.0 - overbought)
    sure = 0.5 + 0.5 * np.where(low, depth / oversold, height)
    return decided(
        enter=low,
        leave=value > overbought,
        confidence=sure,
        close=bars.close,
        stop=stop,
        target=target,
        reasons=("RSI_RECOVERED" if crossing else "RSI_LOW", "RSI_HIGH"),
    )


def macd_crossover(bars: Bars, *, fast: int, slow: int, signal: int, stop: float, target: float) -> Decisions:
    """Enter when the histogram turns from not above 0 to above it, leave when it turns below."""
    gap = indicators.macd(bars.close, fast=fast, slow=slow, signal=signal).histogram
    return _crossing(bars, gap, stop=stop, target=target, reasons=("MACD_UP", "MACD_DOWN"))


def average_cross(bars: Bars, *, fast: int, slow: int, kind: str, stop: float, target: float) -> Decisions:
    """Enter when the fast average comes above the slow one, leave when it comes below."""
    average = indicators.sma if kind == "sma" else indicators.ema
    gap = average(bars.close, period=fast) - average(bars.close, period=slow)
    return _crossing(bars, gap, stop=stop, target=target, reasons=("AVERAGE_UP", "AVERAGE_DOWN"))


def volume_breakout(
    bars: Bars,
    *,
    multiple: float,
    move: float,
    volume_period: int,
    high_period: int,
    stop: float,
    target: float,
) -> Decisions:
    """Enter on a close above earlier highs, up by ``move`` on high volume; leave when down by it on such."""
    ratio = indicators.volume_ratio(bars.volume, period=volume_period)
    moved = bars.close / previous(bars.close) - 1.0
    highs = np.where(np.isfinite(bars.high), bars.high, bars.close)
    above = bars.close > indicators.rolling_high(highs, period=high_period)
    busy = ratio >= multiple
    return decided(
        enter=busy & above & (moved >= move) & (moved > 0.0),
        leave=busy & (moved <= -move) & (moved < 0.0),
        confidence=0.5 + (ratio - multiple) / (2.0 * multiple),
        close=bars.close,
        stop=stop,
        target=target,
        reasons=("VOLUME_BREAKOUT", "VOLUME_BREAKDOWN"),
    )


def _crossing(
    bars: Bars, gap: np.ndarray, *, stop: float, target: float, reasons: tuple[str, str]
) -> Decisions:
    """Decisions on the bars on which ``gap`` changes its sign, surer the wider it is in true ranges."""
    side = np.where(np.abs(gap) <= ROUNDING * np.abs(bars.close), 0.0, np.sign(gap))
    before = previous(side)
    usual = indicators.atr(bars.high, bars.low, bars.close, period=RANGE_PERIOD)
    wide = np.divide(np.abs(gap), usual, out=np.zeros(gap.shape), where=usual > 0.0)
    return decided(
        enter=(before <= 0.0) & (side > 0.0),
        leave=(before >= 0.0) & (side < 0.0),
        confidence=0.5 + 0.5 * wide,
        close=bars.close,
        stop=stop,
        target=target,
        reasons=reasons,
    )
