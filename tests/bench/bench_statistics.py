"""Statistics: correlations of 5,000 series against pandas, five risk measures of 5,000 against empyrical."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from report import head, line

from lib.conventions import TRADING_DAYS
from lib.stats.correlation import correlations
from lib.stats.performance import five_measures

SERIES, DAYS, TEN_YEARS = 5_000, 90, 2_520
OF_PEER = 250
"""Series that the slow peer is timed on; its time is scaled up to all of them."""


def main() -> None:
    """Print one line a comparison."""
    head(f"Statistics, {SERIES:,} series, one thread")
    _correlations()
    _risk_measures()


def _correlations() -> None:
    rng = np.random.default_rng(1)
    whole = pd.DataFrame(rng.normal(0, 0.01, (DAYS, SERIES)) + rng.normal(0, 0.01, (DAYS, 1)))
    holed = whole.mask(rng.random(whole.shape) < 0.05)
    for name, frame, goal in (("without gaps", whole, ">= 12x"), ("5% missing", holed, ">= 6x")):
        ours, found = _best(lambda frame=frame: correlations(frame), 5)
        peer, theirs = _best(frame.corr, 2)
        gap = np.nanmax(np.abs(found.coefficient.to_numpy() - theirs.to_numpy()))
        line(f"correlations, {DAYS} days, {name}", ours, peer, goal, f"pandas .corr; widest gap {gap:.0e}")


def _risk_measures() -> None:
    rng = np.random.default_rng(2)
    days = pd.bdate_range("2013-01-01", periods=TEN_YEARS)
    frame = pd.DataFrame(0.01 * rng.standard_t(4, (TEN_YEARS, SERIES)), index=days)
    name = "Sharpe, Sortino, drawdown, VaR, CVaR"
    ours, found = _best(lambda: _measures(frame), 3)
    if importlib.util.find_spec("empyrical") is None:
        line(name, ours, None, ">= 8x", "empyrical is not installed here, so nothing was compared")
        return
    part = frame.iloc[:, :OF_PEER]
    peer, theirs = _best(lambda: _by_empyrical(part), 3)
    gap = float(np.max(np.abs(found[:, :OF_PEER] / theirs - 1)))
    note = f"empyrical a Series; widest gap {gap:.0e} rel"
    line(name, ours, peer * SERIES / OF_PEER, ">= 8x", note)


def _measures(frame: pd.DataFrame) -> np.ndarray:
    found = np.stack([one.to_numpy() for one in five_measures(frame, periods=TRADING_DAYS)])
    return found * np.array([1, 1, 1, -1, -1])[:, None]


def _by_empyrical(frame: pd.DataFrame) -> np.ndarray:
    import empyrical

    measures = (
        empyrical.sharpe_ratio,
        empyrical.sortino_ratio,
        empyrical.max_drawdown,
        empyrical.value_at_risk,
        empyrical.conditional_value_at_risk,
    )
    return np.array([[measure(frame[name]) for name in frame] for measure in measures])


def _best(work: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Shortest of several runs in seconds, and what the last one gave."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


if __name__ == "__main__":
    main()
