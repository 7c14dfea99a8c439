"""Stress scenarios as rows of factor moves: the shocks as they were written, and replays of past windows.

A replay takes what every variable of the state really did from close to close: factor returns compounded,
changes of the yield added. A window that the data do not cover day by day has no replay, and says so.
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


@dataclass(frozen=True)
class Cases:
    """Rows to be computed.

    ``table`` has scenario, name, category, severity, volatility_factor, horizon_days and flags; a row whose
    flags are not empty cannot be computed. ``shocks`` (rows x variables) is missing where a variable is not
    named.
    """

    table: pd.DataFrame
    shocks: np.ndarray


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
            rows.append(_row(scenario, "", scenario.volatility_factor, horizon_days, flag))
            shocks.append(moves)
        if scenario.window:
            moves, days, flag = _replayed(scenario.window, state, exchange)
            rows.append(_row(scenario, REPLAY, 1.0, days, flag))
            shocks.append(moves)
    columns = ["scenario", "name", "category", "severity", "volatility_factor", "horizon_days", "flags"]
    table = pd.DataFrame(rows, columns=columns)
    return Cases(table, np.array(shocks, dtype="float64").reshape(len(rows), len(state.names)))


def _row(scenario: Scenario, suffix: str, factor: float, days: int, flag: str) -> tuple:
    if not suffix:
        return scenario.id, scenario.name, scenario.category, scenario.severity, factor, days, flag
    name = f"{scenario.name}, replayed"
    return scenario.id + suffix, name, "replay", scenario.severity, factor, days, flag


def _stated(scenario: Scenario, state: FactorState) -> tuple[np.ndarray, str]:
    """The named moves in the state's units, and why there are none."""
    if state.short:
        return np.full(len(state.names), np.nan), SHORT
    given = {RATES if name == RATE else name: move for name, move in scenario.shocks.items()}
    lacking = [
        "no_yields" if name == RATES else f"no_factor_{name}" for name in given.keys() - {*state.names}
    ]
    units = [1.0 / BASIS_POINT if name == RATES else 1.0 for name in state.names]
    moves = np.array([given.get(name, np.nan) for name in state.names]) * units
    if scenario.style_shocks == "over_market":
        styles = np.array([name != RATES for name in state.names])
        moves += np.where(styles, state.loadings, 0.0) * np.nan_to_num(moves[0])
    return (moves, "") if not lacking else (moves * np.nan, codes.cell(sorted(lacking)))


def _replayed(window: tuple[str, str], state: FactorState, exchange: str) -> tuple[np.ndarray, int, str]:
    """Moves of all variables over the window, its trading days, and why there are none."""
    start, end = pd.Timestamp(window[0]), pd.Timestamp(window[1])
    days = calendar.sessions(start, end, exchange)
    days = days[days > start]
    if state.short:
        return np.full(len(state.names), np.nan), max(len(days), 1), SHORT
    if not len(days) or not days.isin(state.history.index).all():
        return np.full(len(state.names), np.nan), max(len(days), 1), "window_not_covered"
    past = state.history.loc[days]
    moves = {name: past[name].sum() if name == RATES else (1.0 + past[name]).prod() - 1.0 for name in past}
    return np.array([moves[name] for name in state.names]), len(days), ""
