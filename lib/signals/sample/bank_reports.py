"""What the generated banks report each quarter (opacity, its components, figures), and when it is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.market import calendar
from lib.signals.sample import bank_truth as truth

NEW_YORK = "America/New_York"
EARLY, LATE_REPORT = 30, 60
AFTER_CLOSE = 0.55
"""Share of reports that come after the exchange has closed."""


@dataclass(frozen=True)
class Reports:
    """Arrays quarters x banks; ``known`` are moments in UTC as microseconds, ``first`` sessions as positions.

    ``first`` is the first session at whose close a report is known; the number of sessions where there is
    none. ``score`` is opacity in standard deviations across the banks that reported.
    """

    quarters: pd.DatetimeIndex
    known: np.ndarray
    first: np.ndarray
    components: dict[str, np.ndarray]
    opacity: np.ndarray
    noise: np.ndarray
    score: np.ndarray
    facts: dict[str, np.ndarray]


def reports(
    draw: np.random.Generator, sessions: pd.DatetimeIndex, exchange: str, size: np.ndarray
) -> Reports:
    """Reports of all banks for each quarter; ``size`` is log size in standard deviations."""
    quarters = pd.date_range("2011-12-31", "2022-09-30", freq="QE").as_unit("us")
    shape = (len(quarters), len(size))
    known, first = _moments(draw, quarters, sessions, exchange, len(size))
    latent = _persistent(draw, shape) * np.sqrt(1 - 0.3**2) - 0.3 * size
    components = {
        name: np.clip(mean + spread * (0.8 * latent + 0.6 * _persistent(draw, shape)), 0.0, 100.0).round(2)
        for name, (mean, spread) in truth.LEVELS.items()
    }
    opacity = sum(truth.WEIGHTS[name] * part for name, part in components.items())
    opacity = np.asarray(opacity).round(3)
    noise = (50.0 + 10.0 * _persistent(draw, shape)).round(3)
    steady = _persistent(draw, shape, 0.97)
    facts = {
        "leverage": np.clip(10.5 + 1.8 * _persistent(draw, shape, 0.97), 5.0, 20.0).round(2),
        "roa": (0.010 + 0.003 * _persistent(draw, shape, 0.8)).round(5),
        "uninsured_deposits": np.clip(0.38 + 0.12 * steady, 0.05, 0.95).round(4),
    }
    return Reports(quarters, known, first, components, opacity, noise, standard(opacity), facts)


def standard(values: np.ndarray) -> np.ndarray:
    """Standard deviations from the mean across banks, by quarter."""
    return (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True)


def _persistent(
    draw: np.random.Generator, shape: tuple[int, int], persistence: float = truth.PERSISTENCE
) -> np.ndarray:
    """Stationary first-order paths by bank, mean 0 and variance 1."""
    steps = draw.standard_normal(shape)
    steps[1:] *= np.sqrt(1.0 - persistence**2)
    for row in range(1, len(steps)):
        steps[row] += persistence * steps[row - 1]
    return steps


def _moments(
    draw: np.random.Generator, quarters: pd.DatetimeIndex, sessions: pd.DatetimeIndex, exchange: str, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """When each report is public, on a session 30 to 60 days after its quarter, and where that falls."""
    shape = (len(quarters), n)
    habit, wobble = draw.integers(EARLY + 3, LATE_REPORT - 8, n), draw.integers(-3, 4, shape)
    day = quarters.to_numpy()[:, None] + (habit + wobble).astype("timedelta64[D]")
    open_days = calendar.sessions(sessions[0], sessions[-1] + pd.Timedelta(days=15), exchange)
    day = open_days.to_numpy()[open_days.searchsorted(day.ravel())].reshape(shape)
    late = draw.random(shape) < AFTER_CLOSE
    minute = np.where(late, draw.integers(16 * 60 + 1, 19 * 60, shape), draw.integers(6 * 60, 16 * 60, shape))
    local = pd.DatetimeIndex((day + minute.astype("timedelta64[m]")).ravel()).tz_localize(NEW_YORK)
    known = local.tz_convert("UTC").tz_localize(None).as_unit("us").to_numpy().reshape(shape)
    close = calendar.closes(sessions[0], sessions[-1], exchange).reindex(sessions)
    first = close.to_numpy().astype("datetime64[us]").searchsorted(known.ravel()).reshape(shape)
    return known, first
