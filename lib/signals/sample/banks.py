"""Two hundred generated banks over ten years, with a planted effect of opacity on returns.

Nothing here is a real bank. What is planted is known exactly and stands in the constants below, so that a
test can ask whether an analysis finds it: a bank whose reports are one standard deviation more opaque earns
``EFFECT`` less a month, and ``CRISIS_EFFECT`` less on the day of the crisis. The signal ``bank-noise`` has no
effect at all. Components and their weights are those of a score of disclosure opacity from 0 to 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from lib.market import calendar

SEED = 20230310
BANKS = 200
START, END = "2012-06-29", "2022-12-28"
EFFECT = -0.0035
CRISIS_EFFECT = -0.02
CRISIS_SHOCK = -0.04
CRISIS = "2019-09-17T21:30:00Z"
RESTATEMENT_EFFECT = -0.03
WEIGHTS = {
    "discoverability": 0.2,
    "granularity": 0.2,
    "required_items": 0.2,
    "readability": 0.1,
    "table_density": 0.1,
    "stability": 0.1,
    "consistency": 0.1,
}
FACTORS = {
    "Mkt-RF": (0.00035, 0.011),
    "SMB": (0.00005, 0.005),
    "HML": (0.00005, 0.005),
    "RMW": (0.0001, 0.004),
    "CMA": (0.0001, 0.003),
    "MOM": (0.0002, 0.006),
}
CASH = 0.00004
FAILURES, MERGERS, LATER = 9, 14, 20
MONTH = 21.0


@dataclass(frozen=True)
class Banks:
    """Arrays by session (T), bank (N) and quarter (Q), all from ``SEED``.

    ``first`` and ``last`` (N,) are the sessions of each bank's first return and of its end (T for none).
    """

    sessions: pd.DatetimeIndex
    names: list[str]
    quarters: pd.DatetimeIndex
    filed: pd.DataFrame
    components: np.ndarray
    opacity: np.ndarray
    noise: np.ndarray
    facts: dict[str, np.ndarray]
    factors: np.ndarray
    returns: np.ndarray
    market_cap: np.ndarray
    traded_value: np.ndarray
    first: np.ndarray
    last: np.ndarray
    final: np.ndarray
    failed: np.ndarray
    restated: np.ndarray


@cache
def banks() -> Banks:
    """The generated world."""
    draw = np.random.default_rng(SEED)
    sessions = calendar.sessions(START, END)
    quarters = pd.date_range("2012-03-31", "2022-09-30", freq="QE").as_unit("us")
    components = _components(draw, len(quarters))
    opacity = np.round(components @ np.array(list(WEIGHTS.values())), 4)
    noise = np.round(50.0 + 10.0 * _persistent(draw, (len(quarters), BANKS), 0.8), 4)
    filed = _filed(draw, quarters)
    facts = _facts(draw, len(quarters))
    first, last, final, failed = _lives(draw, sessions, opacity)
    restated = draw.choice(BANKS * 9, size=70, replace=False)
    factors = _factors(draw, len(sessions))
    returns = _returns(draw, sessions, factors, _known(opacity, filed, sessions), restated)
    caps = np.exp(draw.normal(21.5, 1.2, BANKS)) * np.cumprod(1.0 + returns, axis=0)
    traded = 0.003 * caps * np.exp(0.4 * draw.standard_normal(caps.shape))
    return Banks(
        sessions,
        [f"bank-{number:03d}" for number in range(1, BANKS + 1)],
        quarters,
        filed,
        components,
        opacity,
        noise,
        facts,
        factors,
        returns,
        np.round(caps, -3),
        np.round(traded, -3),
        first,
        last,
        final,
        failed,
        restated,
    )


def _persistent(draw: np.random.Generator, shape: tuple[int, ...], kept: float) -> np.ndarray:
    """Standard normal paths along the first axis that keep a share of what they were."""
    out = draw.standard_normal(shape)
    for row in range(1, shape[0]):
        out[row] = kept * out[row - 1] + np.sqrt(1.0 - kept**2) * out[row]
    return out


def _components(draw: np.random.Generator, quarters: int) -> np.ndarray:
    """Parts of the score (Q, N, 7) between 0 and 100, related by a trait of each bank."""
    trait = _persistent(draw, (quarters, BANKS), 0.97)[:, :, None]
    own = _persistent(draw, (quarters, BANKS, len(WEIGHTS)), 0.9)
    return np.round(np.clip(30.0 + 9.0 * trait + 9.0 * own, 0.0, 100.0), 4)


def _filed(draw: np.random.Generator, quarters: pd.DatetimeIndex) -> pd.DataFrame:
    """Moment (UTC) at which each report was public, quarters x banks; half of them after the close."""
    days = draw.integers(30, 46, (len(quarters), BANKS)) + np.where(quarters.month == 12, 14, 0)[:, None]
    minutes = np.where(
        draw.random(days.shape) < 0.5, draw.integers(8 * 60, 16 * 60, days.shape), 16 * 60 + 5
    ) + draw.integers(0, 60, days.shape)
    dates = quarters.to_numpy()[:, None] + days * np.timedelta64(1, "D")
    weekday = (dates.astype("datetime64[D]").astype("int64") + 3) % 7
    dates = dates - np.maximum(weekday - 4, 0) * np.timedelta64(1, "D") + minutes * np.timedelta64(1, "m")
    local = pd.DatetimeIndex(dates.ravel()).tz_localize("America/New_York").tz_convert("UTC")
    moments = local.tz_localize(None).to_numpy().reshape(days.shape)
    return pd.DataFrame(moments, index=quarters)


def _facts(draw: np.random.Generator, quarters: int) -> dict[str, np.ndarray]:
    shape = (quarters, BANKS)
    return {
        "leverage": np.round(10.0 + 1.5 * _persistent(draw, shape, 0.95), 4),
        "roa": np.round(0.01 + 0.004 * _persistent(draw, shape, 0.8), 6),
        "uninsured_deposits": np.round(np.clip(0.4 + 0.12 * _persistent(draw, shape, 0.95), 0.0, 1.0), 4),
    }


def _lives(
    draw: np.random.Generator, sessions: pd.DatetimeIndex, opacity: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """First session, session of the end, what holders got then (NaN unknown), and whether it failed."""
    first, last = np.zeros(BANKS, dtype=int), np.full(BANKS, len(sessions))
    order = draw.permutation(BANKS)
    opaque = np.argsort(-opacity.mean(axis=0))[:60]
    failed = draw.choice(opaque, FAILURES, replace=False)
    merged = [bank for bank in order if bank not in failed][:MERGERS]
    later = [bank for bank in order if bank not in failed and bank not in merged][:LATER]
    first[later] = draw.integers(200, 900, LATER)
    last[failed] = draw.integers(900, len(sessions) - 60, FAILURES)
    last[merged] = draw.integers(600, len(sessions) - 60, MERGERS)
    final = np.full(BANKS, np.nan)
    final[failed[: FAILURES // 2 + 1]] = np.round(-draw.uniform(0.6, 1.0, FAILURES // 2 + 1), 4)
    final[merged] = np.round(draw.uniform(0.0, 0.2, MERGERS), 4)
    mark = np.zeros(BANKS, dtype=bool)
    mark[failed] = True
    return first, last, final, mark


def _factors(draw: np.random.Generator, days: int) -> np.ndarray:
    """Daily returns of the factors (T, 6); the market's volatility wanders."""
    wander = np.exp(0.4 * _persistent(draw, (days,), 0.98))
    means, spreads = np.array(list(FACTORS.values())).T
    shocks = draw.standard_normal((days, len(FACTORS))) * spreads
    shocks[:, 0] *= wander / np.sqrt(np.mean(wander**2))
    return np.round(means + shocks, 7)


def _known(values: np.ndarray, filed: pd.DataFrame, sessions: pd.DatetimeIndex) -> np.ndarray:
    """Cross-sectional standard scores (T, N) of what was known at each close; 0 before the first report."""
    closes = calendar.closes(sessions[0], sessions[-1]).to_numpy()
    out = np.full((len(sessions), BANKS), np.nan)
    for quarter in range(len(values)):
        at = closes.searchsorted(filed.iloc[quarter].to_numpy())
        inside = at < len(sessions)
        out[at[inside], np.flatnonzero(inside)] = values[quarter, inside]
    out = pd.DataFrame(out).ffill().to_numpy()
    with np.errstate(invalid="ignore"):
        spread = np.nanstd(out, axis=1, keepdims=True)
        scores = (out - np.nanmean(out, axis=1, keepdims=True)) / np.where(spread > 0.0, spread, 1.0)
    return np.nan_to_num(scores)


def _returns(
    draw: np.random.Generator,
    sessions: pd.DatetimeIndex,
    factors: np.ndarray,
    scores: np.ndarray,
    restated: np.ndarray,
) -> np.ndarray:
    """Daily returns (T, N): loadings on the factors, the planted effects, and what is a bank's own."""
    loadings = np.array([1.05, 0.4, 0.5, 0.0, 0.1, -0.1])[:, None]
    loadings = loadings + np.array([0.2, 0.2, 0.2, 0.15, 0.15, 0.15])[:, None] * draw.standard_normal(
        (6, BANKS)
    )
    own = np.exp(draw.normal(np.log(0.016), 0.25, BANKS)) * draw.standard_normal((len(sessions), BANKS))
    before = np.vstack([np.zeros((1, BANKS)), scores[:-1]])
    out = CASH + factors @ loadings + EFFECT / MONTH * before + own
    crisis = sessions.searchsorted(pd.Timestamp(CRISIS).tz_localize(None))
    out[crisis] += CRISIS_SHOCK + CRISIS_EFFECT * before[crisis]
    bank, year = restated % BANKS, restated // BANKS
    out[300 + 250 * year + bank, bank] += RESTATEMENT_EFFECT
    return np.round(np.maximum(out, -0.95), 7)
