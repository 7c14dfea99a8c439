"""What rules of alerts see in bars: by session the value, its level, and whether it is beyond that.

Every answer of a session rests on that session and earlier ones. Baselines are made of the sessions before,
so that a spike is not a part of what it is compared with; a move is from close to close, either way; above
and below are strict. Prices as printed are put on the basis of the last session by the splits that happened
since, so that a split is no move and no crossing; dividends are left in. Where a high or a low is not known
the close stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from lib.trading import indicators
from lib.trading.bars import Bars, bars_of_table
from lib.trading.own_bars import previous

Seen = tuple[np.ndarray, Any, np.ndarray]
"""Value, level and whether the condition held, by session; the level may be one number."""


def look(bars: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """One row a rule and session of its symbol: ``rule date value threshold held``, sessions in order.

    ``bars`` is long (``date symbol close``, optional ``open high low volume split price_basis``). A rule has
    ``type``, ``symbol``, ``above`` or ``below`` and the settings of ``lib.trading.alert_types``. Value and
    threshold are NaN, and held is False, where the history is too short or a field is missing.
    """
    whole = bars_of_table(on_last_basis(bars))
    found = []
    for name, rule in rules.items():
        column = whole.symbols.get_loc(rule["symbol"])
        own = _of_symbol(whole, int(column))
        value, threshold, held = LOOKS[rule["type"]](own, rule)
        rows = pd.DataFrame(
            {
                "rule": name,
                "date": own.sessions,
                "value": value.ravel(),
                "threshold": np.broadcast_to(threshold, value.shape).ravel(),
                "held": held.ravel(),
            }
        )
        found.append(rows[own.has_bar.ravel()])
    return pd.concat(found, ignore_index=True)


def on_last_basis(bars: pd.DataFrame) -> pd.DataFrame:
    """The bars with prices and volumes of each symbol as if every split had been before its first session."""
    rows = bars.sort_values(["symbol", "date"], kind="stable")
    if "split" not in rows:
        return rows
    printed = rows["price_basis"].eq("raw") if "price_basis" in rows else True
    ratio = rows["split"].fillna(1.0).where(printed, 1.0)
    after = ratio.groupby(rows["symbol"]).transform("prod") / ratio.groupby(rows["symbol"]).cumprod()
    prices = [name for name in ("open", "high", "low", "close") if name in rows]
    told = rows.assign(**{name: rows[name] / after for name in prices})
    return told.assign(volume=rows["volume"] * after) if "volume" in rows else told


def _of_symbol(bars: Bars, column: int) -> Bars:
    cut = slice(column, column + 1)
    fields = (getattr(bars, name)[:, cut] for name in ("open", "high", "low", "close", "volume"))
    return Bars(bars.sessions, bars.symbols[cut], *fields)


def _beyond(value: np.ndarray, rule: Mapping[str, Any]) -> Seen:
    """Strictly above or below the rule's threshold."""
    above, below = rule.get("above"), rule.get("below")
    return (value, above, value > above) if above is not None else (value, below, value < below)


def _change(bars: Bars, rule: Mapping[str, Any]) -> Seen:
    move = bars.close / previous(bars.close) - 1.0
    return move, rule["above"], np.abs(move) > rule["above"]


def _macd_cross(bars: Bars, rule: Mapping[str, Any]) -> Seen:
    apart = indicators.macd(bars.close).histogram
    before = previous(apart)
    up = rule["direction"] == "up"
    return apart, 0.0, (before <= 0.0) & (apart > 0.0) if up else (before >= 0.0) & (apart < 0.0)


def _resistance(bars: Bars, rule: Mapping[str, Any]) -> Seen:
    level = indicators.rolling_high(np.fmax(bars.high, bars.close), period=rule["period"])
    return bars.close, level, bars.close > level


def _support(bars: Bars, rule: Mapping[str, Any]) -> Seen:
    level = indicators.rolling_low(np.fmin(bars.low, bars.close), period=rule["period"])
    return bars.close, level, bars.close < level


LOOKS: dict[str, Callable[[Bars, Mapping[str, Any]], Seen]] = {
    "price": lambda bars, rule: _beyond(bars.close, rule),
    "change": _change,
    "volume_spike": lambda bars, rule: _beyond(
        indicators.volume_ratio(bars.volume, period=rule["period"]), rule
    ),
    "rsi": lambda bars, rule: _beyond(indicators.rsi(bars.close, period=rule["period"]), rule),
    "macd_cross": _macd_cross,
    "resistance": _resistance,
    "support": _support,
}
