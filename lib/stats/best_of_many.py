"""Whether the best of many strategies beats nothing once it is known to be the best, by ``arch``.

White's (2000) reality check, Hansen's (2005) test of superior predictive ability (SPA) and Romano and Wolf's
(2005) stepwise test (StepM). ``arch`` takes losses and asks whether a model has smaller ones than the
benchmark: it is given minus the returns, and a benchmark without a return, so that higher returns are better.
Version 8 of it compares means whether asked to studentise or not; for SPA and StepM the returns are therefore
divided by the long-run deviation of each strategy (Newey and West) before.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lib.stats.hac import mean_test


class BestOfMany(NamedTuple):
    """p-values of the best strategy, (b + 1) / (draws + 1), and the columns that stand apart at ``level``."""

    spa_lower: float
    spa_consistent: float
    spa_upper: float
    reality_check: float
    superior: tuple[int, ...]


def best_of_many(returns: Any, *, block: float, draws: int, seed: int, level: float = 0.05) -> BestOfMany:
    """Test returns (T, N), nothing missing, against earning nothing; ``block`` is the mean length of blocks.

    The reality check is White's, of plain means. Constant columns are left out. ``arch`` is imported when
    called.
    """
    from arch.bootstrap import SPA, StepM

    values = np.asarray(returns, dtype="float64")
    kept = np.flatnonzero(values.std(axis=0) > 1e-12)
    plain, nothing = values[:, kept], np.zeros(len(values))
    scaled = plain / (mean_test(plain).error[0] * np.sqrt(len(plain)))
    options: dict[str, Any] = {"block_size": max(round(block), 1), "reps": draws, "bootstrap": "stationary"}
    spa = SPA(nothing, -scaled, seed=seed, **options)
    check = SPA(nothing, -plain, seed=seed, **options)
    steps = StepM(nothing, -scaled, size=level, seed=seed, **options)
    for test in (spa, check, steps):
        test.compute()
    counted = [
        (float(test.pvalues[name]) * draws + 1.0) / (draws + 1.0)
        for test, name in ((spa, "lower"), (spa, "consistent"), (spa, "upper"), (check, "upper"))
    ]
    superior = sorted(int(kept[int(str(one))]) for one in steps.superior_models)
    return BestOfMany(counted[0], counted[1], counted[2], counted[3], tuple(superior))
