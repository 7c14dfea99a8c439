"""Draws of a spread of 3,000 stocks over 120 months: 1,000 at once against single sorts and arch."""

from __future__ import annotations

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

from lib.signals.permuted import within_dates
from lib.signals.resorted import Formations, spreads
from lib.stats.date_bootstrap import bootstrap_series, stationary_places
from lib.stats.overfitting import probability_of_overfitting

STOCKS, MONTHS, DRAWS, SINGLE = 3_000, 120, 1_000, 20


def main() -> None:
    """Print one line a comparison."""
    head(f"Draws of a spread, {STOCKS:,} stocks, {MONTHS} months, one thread")
    formed = _formed()
    once, spread = _best(lambda: _sort(formed), 3)
    _bootstrap(spread, once)
    _permutations(formed, once)
    _overfitting()


def _formed() -> Formations:
    draw = np.random.default_rng(1)
    scores = draw.standard_normal((MONTHS, STOCKS))
    held = 0.1 * draw.standard_normal((MONTHS, STOCKS)) + 0.002 * scores
    days = pd.date_range("2010-01-31", periods=MONTHS + 1, freq="ME")
    whole = np.ones(scores.shape)
    places = np.arange(MONTHS)
    return Formations(days[:-1], days[:-1], days[1:], places, scores, 0.0 * whole, held, whole, whole > 0, 10)


def _sort(formed: Formations) -> np.ndarray:
    return spreads(formed.scores, formed.held, groups=10, sign=1.0)


def _bootstrap(spread: np.ndarray, once: float) -> None:
    """Mean, t and Sharpe ratio of 1,000 draws of dates."""
    ours, found = _best(lambda: bootstrap_series(spread, draws=DRAWS, generator=np.random.default_rng(2)), 3)
    line(f"{DRAWS:,} bootstrap draws of the sort", ours, SINGLE * once, ">= 1x", f"{SINGLE} single sorts")
    peer, theirs = _best(lambda: _by_arch(spread), 1)
    gap = np.max(np.abs(np.array([found["mean"].low, found["mean"].high]) - theirs)) / found["mean"].error
    line("the same", ours, peer, ">= 5x", f"arch, draw by draw; ends of the interval {gap:.2f} errors apart")
    places, _ = _best(
        lambda: stationary_places(MONTHS, draws=DRAWS, block=5.0, generator=np.random.default_rng(2)), 3
    )
    line("of it drawing the blocks", places, None, "-")


def _by_arch(spread: np.ndarray) -> np.ndarray:
    from arch.bootstrap import StationaryBootstrap

    from lib.stats.hac import mean_test

    def figures(values: np.ndarray) -> np.ndarray:
        fit = mean_test(values)
        return np.array([fit.coefficient[0], fit.t[0], values.mean() / values.std(ddof=1)])

    drawn = StationaryBootstrap(5, spread, seed=3).apply(figures, DRAWS)
    return np.quantile(drawn[:, 0], [0.025, 0.975])


def _permutations(formed: Formations, once: float) -> None:
    """Permutations within dates, whose limit is sorting as many random numbers."""
    draws = 50
    ours, _ = _best(
        lambda: within_dates(formed, sign=1.0, draws=draws, generator=np.random.default_rng(4)), 1
    )
    keys = np.random.default_rng(4).random((draws, MONTHS, STOCKS))
    limit, _ = _best(lambda: np.argsort(keys, axis=-1), 1)
    line(f"{draws} permutations within dates", ours, draws * once, ">= 0.5x", "as many single sorts")
    line("the same, beside sorting its random numbers", ours, limit, ">= 0.3x", "the limit")


def _overfitting() -> None:
    """Cross-validation of 40 versions, 924 splits, against the loop over splits."""
    returns = 0.04 * np.random.default_rng(5).standard_normal((MONTHS, 40))
    ours, found = _best(lambda: probability_of_overfitting(returns, stretches=12), 3)
    peer, theirs = _best(lambda: _by_loops(returns, 12), 1)
    gap = abs(found.probability - theirs)
    line(
        "overfitting, 40 versions, 924 splits", ours, peer, ">= 10x", f"loop over splits; apart by {gap:.0e}"
    )


def _by_loops(returns: np.ndarray, stretches: int) -> float:
    from itertools import combinations

    blocks = returns.reshape(stretches, len(returns) // stretches, -1)
    below = []
    for inside in combinations(range(stretches), stretches // 2):
        outside = [one for one in range(stretches) if one not in inside]
        first, last = (np.concatenate(blocks[list(part)]) for part in (inside, outside))
        best = int(np.argmax(first.mean(axis=0) / first.std(axis=0, ddof=1)))
        later = last.mean(axis=0) / last.std(axis=0, ddof=1)
        below.append((later <= later[best]).sum() / (returns.shape[1] + 1) <= 0.5)
    return float(np.mean(below))


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
