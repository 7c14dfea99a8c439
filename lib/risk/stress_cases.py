"""Stress scenarios as rows of factor moves: the shocks as they were written, and replays of past windows.

A replay takes what the variables of the state really did from close to close: factor returns compounded,
changes of the yield added. One that begins later, or lacks a day of the window, is left out by name; without
the market there is no replay, and the row says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib import codes
from lib.conventions import BASIS_POINT, EXCHANGE
from lib.market import calendar
from lib.risk.factor_state import RATES, FactorState
from lib.risk.factor_var import SHORT
from lib.risk.scenario_files import RATE, REPLAY, Scenario

WITHIN = pd.Timedelta(days=14)
"""Before the start of a window there is a session in so many days; its close is the first of the replay."""
COLUMNS = [
    "scenario",
    "name",
    "category",
    "severity",
    "volatility_factor",
    "horizon_days",
    "flags",
    "opens",
    "closes",
    "left_out",
]


@dataclass(frozen=True)
class Cases:
    """Rows to be computed.

    ``table`` has scenario, name, category, severity, volatility_factor (missing where none is stated),
    horizon_days, flags, and of a replay ``opens`` and ``closes``, the days of its first and last close, and
    ``left_out``, codes of the variables that lack a day. A row whose flags are not empty cannot be computed.
    ``shocks`` (rows x variables) is missing where a variable is not named, or left out.
    """

    table: pd.DataFrame
    shocks: np.ndarray

    @property
    def replayed(self) -> np.ndarray:
        """Which rows are replays."""
        return self.table["category"].eq("replay").to_numpy("bool")


def stress_cases(
    scenarios: Sequence[Scenario], state: FactorState, *, horizon_days: int = 1, exchange: str = EXCHANGE
) -> Cases:
    """The scenarios in their order, each followed by its replay where it has a window.

    A window counts in sessions of ``exchange``.
    """
    rows, shocks = [], []
    for scenario in scenarios:
        if scenario.shocks:
            moves, flag = _stated(scenario, state)
            factor = np.nan if scenario.volatility_factor is None else scenario.volatility_factor
            terms = scenario.category, scenario.severity, factor, horizon_days, flag
            rows.append((scenario.id, scenario.name, *terms, pd.NaT, pd.NaT, ""))
            shocks.append(moves)
        if scenario.window:
            moves, what_happened = _replayed(scenario.window, state, exchange)
            named = scenario.id + REPLAY, f"{scenario.name}, replayed", "replay", scenario.severity, np.nan
            rows.append((*named, *what_happened))
            shocks.append(moves)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return Cases(table, np.array(shocks, dtype="float64").reshape(len(rows), len(state.names)))


def _stated(scenario: Scenario, state: FactorState) -> tuple[np.ndarray, str]:
    """The named moves in the state's units, and why there are none."""
    if state.short:
        return np.full(len(state.names), np.nan), SHORT
    given = {RATES if name == RATE else name: move for name, move in scenario.shocks.items()}
    lacking = [_lacks(name) for name in given.keys() - {*state.names}]
    units = [1.0 / BASIS_POINT if name == RATES else 1.0 for name in state.names]
    moves = np.array([given.get(name, np.nan) for name in state.names]) * units
    if scenario.style_shocks == "over_market":
        styles = np.array([name != RATES for name in state.names])
        moves += np.where(styles, state.loadings, 0.0) * np.nan_to_num(moves[0])
    return (moves, "") if not lacking else (moves * np.nan, codes.cell(sorted(lacking)))


def _lacks(name: str) -> str:
    return "no_yields" if name == RATES else f"no_factor_{name}"


def _replayed(window: tuple[str, str], state: FactorState, exchange: str) -> tuple[np.ndarray, tuple]:
    """Moves of the variables over the window; its days, why there are none, its closes, what is left out."""
    start, end = pd.Timestamp(window[0]), pd.Timestamp(window[1])
    open_days = calendar.sessions(start - WITHIN, end, exchange)
    days, before = open_days[open_days > start], open_days[open_days <= start]
    closes = (before[-1], days[-1]) if len(before) and len(days) else (pd.NaT, pd.NaT)
    past = state.history.reindex(days)
    whole = past.notna().all().to_numpy("bool") & bool(len(days))
    flag = SHORT if state.short else "" if whole[0] else "window_not_covered"
    moves = [past[name].sum() if name == RATES else (1.0 + past[name]).prod() - 1.0 for name in past]
    lacking = sorted(_lacks(name) for name, known in zip(state.names, whole, strict=True) if not known)
    known = np.where(whole & (flag == ""), moves, np.nan)
    return known, (max(len(days), 1), flag, *closes, codes.cell(lacking))
