"""The types of alert rules over the bars of a symbol, and what each may be given. Plain data.

Thresholds and windows as in the usual screens: a relative strength of 70 and 30 (Wilder 1978), MACD of 12, 26
and 9 sessions (Appel 1979), a channel of 20 sessions (Donchian).
"""

from __future__ import annotations

from lib.settings import Condition, Setting

WINDOW = Setting("count", 20, above=1, most=500)
TYPES = {
    "price": Condition(
        measures="the close",
        says="the close is {value}, {side} {threshold}",
        unit="price",
        sides=("above", "below"),
        threshold=Setting("number", most=1e9),
    ),
    "change": Condition(
        measures="the move of the close",
        says="the close moved by {value} in a session, more than {threshold}",
        unit="fraction",
        sides=("above",),
        threshold=Setting("number", 0.03, most=10.0),
    ),
    "volume_spike": Condition(
        measures="the volume over its mean of {period} sessions",
        says="the volume is {value} times its mean of the {period} sessions before, above {threshold}",
        unit="ratio",
        sides=("above",),
        threshold=Setting("number", 2.0, most=1000.0),
        settings={"period": Setting("count", 30, above=1, most=500)},
    ),
    "rsi": Condition(
        measures="the relative strength over {period} sessions",
        says="the relative strength over {period} sessions is {value}, {side} {threshold}",
        unit="number",
        sides=("above", "below"),
        threshold=Setting("number", most=100.0),
        settings={"period": Setting("count", 14, above=1, most=250)},
    ),
    "macd_cross": Condition(
        measures="MACD",
        says="MACD crossed its signal line on the way {direction}; they stand {value} apart",
        unit="number",
        settings={"direction": Setting("text", "up", choices=("up", "down"))},
    ),
    "resistance": Condition(
        measures="the close beside its high of {period} sessions",
        says="the close is {value}, over {threshold}, its high of the {period} sessions before",
        unit="price",
        settings={"period": WINDOW},
    ),
    "support": Condition(
        measures="the close beside its low of {period} sessions",
        says="the close is {value}, under {threshold}, its low of the {period} sessions before",
        unit="price",
        settings={"period": WINDOW},
    ),
}
