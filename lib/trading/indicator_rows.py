"""The indicators by name: what each needs of a bar, when it first speaks and when it may be trusted.

``first`` is the number of the bar with the first value, ``warm_up`` how many bars must come before one that
is used: an average that starts from a seed needs some more until the seed weighs little (Wilder's after seven
periods: e^-6, 0.25 %; an exponential average after three: e^-6 of the first price).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lib.trading import indicators


@dataclass(frozen=True)
class Indicator:
    """One indicator: its function, the fields of bars that it takes, its defaults and its two counts."""

    name: str
    function: Callable[..., Any]
    needs: tuple[str, ...]
    defaults: Mapping[str, int]
    first: Callable[..., int]
    warm_up: Callable[..., int]
    source: str


def _period_first(period: int) -> int:
    return period


def _wilder_first(period: int) -> int:
    return period + 1


def _wilder_settled(period: int) -> int:
    return 7 * period + 1


WILDER = "Wilder (1978), New Concepts in Technical Trading Systems"

INDICATORS = {
    row.name: row
    for row in (
        Indicator("rsi", indicators.rsi, ("close",), {"period": 14}, _wilder_first, _wilder_settled, WILDER),
        Indicator(
            "macd",
            indicators.macd,
            ("close",),
            {"fast": 12, "slow": 26, "signal": 9},
            lambda fast, slow, signal: slow + signal - 1,
            lambda fast, slow, signal: max(3 * slow, slow + signal - 2),
            "Appel (1979); seed as pandas ewm(adjust=False)",
        ),
        Indicator(
            "sma",
            indicators.sma,
            ("close",),
            {"period": 20},
            _period_first,
            lambda period: period - 1,
            "arithmetic mean",
        ),
        Indicator(
            "ema",
            indicators.ema,
            ("close",),
            {"period": 20},
            lambda period: 1,
            lambda period: 3 * period,
            "weight 2 / (period + 1); seed as pandas ewm(adjust=False)",
        ),
        Indicator(
            "atr",
            indicators.atr,
            ("high", "low", "close"),
            {"period": 14},
            _wilder_first,
            _wilder_settled,
            WILDER,
        ),
        Indicator(
            "rolling_high",
            indicators.rolling_high,
            ("high",),
            {"period": 20},
            _wilder_first,
            _period_first,
            "highest of the bars before",
        ),
        Indicator(
            "rolling_low",
            indicators.rolling_low,
            ("low",),
            {"period": 20},
            _wilder_first,
            _period_first,
            "lowest of the bars before",
        ),
        Indicator(
            "volume_ratio",
            indicators.volume_ratio,
            ("volume",),
            {"period": 30},
            _wilder_first,
            _period_first,
            "volume over the mean of the bars before",
        ),
    )
}


def warm_up(name: str, **parameters: int) -> int:
    """Bars that must come before one whose value of the indicator is used.

    Raises KeyError for an unknown name, TypeError for a parameter that it does not have.
    """
    row = INDICATORS[name]
    return row.warm_up(**{**row.defaults, **parameters})
