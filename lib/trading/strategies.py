"""The rules that trade, by name: what each is in words, what it may be set to, what it needs, whose it is.

A strategy is one function from bars and parameters to decisions and one row in ``STRATEGIES``. It speaks at
the close, for the next open. Confidence is 0.5 at the threshold and more beyond it, so that the usual gate
of 0.5 lets through whatever the rule says; a gate above it asks for strength. What a rule needs and a symbol
lacks is told; before the warm-up of its indicators a rule says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lib.errors import InputError
from lib.trading.bars import Bars
from lib.trading.decisions import Decisions, of_the_day
from lib.trading.indicator_rows import warm_up
from lib.trading.own_bars import bar_numbers
from lib.trading.rules import average_cross, macd_crossover, rsi_reversion, volume_breakout


@dataclass(frozen=True)
class Parameter:
    """A setting of a strategy: default, the range that it may have (or its choices), unit and meaning."""

    name: str
    default: Any
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    meaning: str = ""
    choices: tuple[str, ...] = ()

    def checked(self, value: Any, *, strategy: str) -> Any:
        """The value as it is used. Raises InputError naming ``strategy.name`` when it is not allowed."""
        field = f"{strategy}.{self.name}"
        if self.choices:
            if value not in self.choices:
                raise InputError(
                    f"found {value!r}", mend=f"take one of {', '.join(self.choices)}", field=field
                )
            return value
        whole = isinstance(self.default, int)
        kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
        if (
            isinstance(value, bool)
            or not isinstance(value, kinds)
            or not self.low <= float(value) <= self.high
        ):
            mend = f"give a {'whole ' if whole else ''}number from {self.low:g} to {self.high:g}"
            raise InputError(f"found {value!r}", mend=mend, field=field)
        return int(value) if whole else float(value)


@dataclass(frozen=True)
class Strategy:
    """One rule: its function, parameters, the fields that it needs, its warm-up in bars, words and source.

    ``ascending`` are pairs of parameters of which the first must be below the second. ``better_with`` are
    fields that it uses where they are known.
    """

    name: str
    function: Callable[..., Decisions]
    parameters: tuple[Parameter, ...]
    needs: tuple[str, ...]
    warm_up: Callable[[Mapping[str, Any]], int]
    rule: str
    source: str
    ascending: tuple[tuple[str, str], ...] = ()
    better_with: tuple[str, ...] = ()

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Every parameter with its value. Raises InputError for an unknown name or a value not allowed."""
        known = {one.name: one for one in self.parameters}
        for name in given:
            if name not in known:
                raise InputError(
                    "unknown parameter", mend=f"take one of {', '.join(known)}", field=f"{self.name}.{name}"
                )
        found = {
            name: one.checked(given.get(name, one.default), strategy=self.name) for name, one in known.items()
        }
        for low, high in self.ascending:
            if not found[low] < found[high]:
                said = f"{low} is {found[low]:g} and {high} {found[high]:g}"
                raise InputError(said, mend=f"{low} must be below {high}", field=f"{self.name}.{low}")
        return found


class Said(NamedTuple):
    """Decisions, and by symbol the needed fields that it lacks (such a symbol has no decisions)."""

    decisions: Decisions
    lacking: dict[str, tuple[str, ...]]


STOP_AND_TARGET = (
    Parameter("stop", 0.05, 0.0, 0.5, "share of the close", "stop below the close; 0 for none"),
    Parameter("target", 0.10, 0.0, 5.0, "share of the close", "target above the close; 0 for none"),
)


def _with(stop: float, target: float) -> tuple[Parameter, ...]:
    low, high = STOP_AND_TARGET
    return (
        Parameter("stop", stop, low.low, low.high, low.unit, low.meaning),
        Parameter("target", target, high.low, high.high, high.unit, high.meaning),
    )


STRATEGIES = {
    row.name: row
    for row in (
        Strategy(
            "rsi_reversion",
            rsi_reversion,
            (
                Parameter("period", 14, 2, 100, "bars", "length of Wilder's averages"),
                Parameter("oversold", 30.0, 1, 50, "RSI", "buy below"),
                Parameter("overbought", 70.0, 50, 99, "RSI", "sell above"),
                Parameter(
                    "trigger", "level", meaning="below, or on the way back", choices=("level", "cross")
                ),
                *_with(0.05, 0.10),
            ),
            ("close",),
            lambda of: warm_up("rsi", period=of["period"]),
            "Buy when the RSI is below its lower threshold (or comes back over it), sell over the upper.",
            "Wilder (1978), New Concepts in Technical Trading Systems, section VI",
            ascending=(("oversold", "overbought"),),
        ),
        Strategy(
            "macd_crossover",
            macd_crossover,
            (
                Parameter("fast", 12, 2, 100, "bars", "fast average"),
                Parameter("slow", 26, 3, 300, "bars", "slow average"),
                Parameter("signal", 9, 2, 100, "bars", "average of the difference"),
                *_with(0.03, 0.06),
            ),
            ("close",),
            lambda of: warm_up("macd", fast=of["fast"], slow=of["slow"], signal=of["signal"]),
            "Buy when the MACD rises above its own average, sell when it falls below.",
            "Appel (1979), The Moving Average Convergence Divergence Trading Method",
            ascending=(("fast", "slow"),),
            better_with=("high", "low"),
        ),
        Strategy(
            "average_cross",
            average_cross,
            (
                Parameter("fast", 20, 1, 250, "bars", "fast average"),
                Parameter("slow", 50, 2, 500, "bars", "slow average"),
                Parameter("kind", "sma", meaning="arithmetic or exponential", choices=("sma", "ema")),
                *_with(0.05, 0.0),
            ),
            ("close",),
            lambda of: warm_up(of["kind"], period=of["slow"]),
            "Buy when the fast average of closes rises above the slow one, sell when it falls below.",
            "Brock, Lakonishok and LeBaron (1992), Journal of Finance 47",
            ascending=(("fast", "slow"),),
            better_with=("high", "low"),
        ),
        Strategy(
            "volume_breakout",
            volume_breakout,
            (
                Parameter("multiple", 2.0, 1, 20, "times", "volume over its mean of the bars before"),
                Parameter("move", 0.02, 0.0, 0.5, "return", "least move of the close"),
                Parameter("volume_period", 30, 2, 250, "bars", "bars of the mean volume"),
                Parameter("high_period", 20, 1, 250, "bars", "bars whose high must be passed"),
                *_with(0.05, 0.10),
            ),
            ("close", "volume"),
            lambda of: max(
                warm_up("volume_ratio", period=of["volume_period"]),
                warm_up("rolling_high", period=of["high_period"]),
            ),
            "Buy a rise above all highs of the bars before on high volume, sell a fall on high volume.",
            "Gervais, Kaniel and Mingelgrin (2001), Journal of Finance 56 (the high-volume premium)",
            better_with=("high",),
        ),
    )
}


def said(strategy: Strategy | str, bars: Bars, **parameters: Any) -> Said:
    """What a strategy says of every session and symbol, and which symbols lack what it needs.

    Where bars are as printed on their day, it sees them chained, and its stops and targets are of the day.

    Raises InputError for an unknown strategy or a parameter that is not allowed.
    """
    row = strategy if isinstance(strategy, Strategy) else STRATEGIES.get(strategy)
    if row is None:
        raise InputError(f"found {strategy!r}", mend=f"take one of {', '.join(STRATEGIES)}", field="strategy")
    settings = row.settings(parameters)
    lacking = bars.lacking(row.needs)
    able = ~np.isin(np.asarray(bars.symbols), list(lacking))
    settled = bar_numbers(bars.close) > row.warm_up(settings)
    decisions = row.function(bars.chained, **settings).only(settled & able)
    return Said(of_the_day(decisions, bars), lacking)
