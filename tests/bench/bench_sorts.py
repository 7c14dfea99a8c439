"""Sorts of 3,000 stocks over 120 months into deciles, 1,000 resampled sorts, rank correlations.

Run: ``.venv/bin/python tests/bench/bench_sorts.py``. The peers are alphalens-reloaded and polars where they
are installed; both get finished long frames, ours the arrays that the stage holds.
"""

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

from lib.stats.monotonicity import resampled_means
from lib.stats.quantile_groups import group_means, quantile_groups, rank_correlations

STOCKS, MONTHS, GROUPS, DRAWS = 3_000, 120, 10, 1_000


def main() -> None:
    """Print one line a comparison."""
    head(f"Sorts of {STOCKS:,} stocks over {MONTHS} months, one thread")
    draw = np.random.default_rng(1)
    values = draw.standard_normal((MONTHS, STOCKS))
    returns = 0.01 * values + 0.1 * draw.standard_normal(values.shape)
    missing = draw.random(values.shape) < 0.05
    values[missing] = np.nan
    ours, means = _best(lambda: _sorted(values, returns), 5)
    _groups(values, returns, ours, means)
    drawn, _ = _best(
        lambda: resampled_means(_sorted(values, returns), draws=DRAWS, generator=np.random.default_rng(7)),
        3,
    )
    line(f"a sort and {DRAWS:,} draws of its dates", drawn, 20 * ours, ">= 1x", "peer: 20 single sorts")
    _rank_correlations(values, returns)


def _sorted(values: np.ndarray, returns: np.ndarray) -> np.ndarray:
    return group_means(quantile_groups(values, GROUPS), GROUPS, returns)


def _long(values: np.ndarray, returns: np.ndarray) -> pd.DataFrame:
    """Rows with a value, in the form that alphalens calls factor data."""
    months = pd.date_range("2010-01-31", periods=MONTHS, freq="ME")
    names = [f"s{one:04d}" for one in range(STOCKS)]
    index = pd.MultiIndex.from_product([months, names], names=["date", "asset"])
    frame = pd.DataFrame({"1D": returns.ravel(), "factor": values.ravel()}, index=index)
    return frame.dropna()


def _groups(values: np.ndarray, returns: np.ndarray, ours: float, means: np.ndarray) -> None:
    name = "deciles and their mean returns, 5% missing"
    if importlib.util.find_spec("alphalens") is None:
        line(name, ours, None, ">= 12x", "alphalens is not installed here, so nothing was compared")
    else:
        from alphalens import performance, utils

        long = _long(values, returns)

        def theirs() -> pd.DataFrame:
            cut = utils.quantize_factor(long, quantiles=GROUPS)
            data = long.loc[cut.index].assign(factor_quantile=cut)
            return performance.mean_return_by_quantile(data, by_date=True, demeaned=False)[0]

        peer, found = _best(theirs, 2)
        wide = found["1D"].to_numpy().reshape(GROUPS, MONTHS).T
        line(name, ours, peer, ">= 12x", f"alphalens; widest gap {np.abs(wide - means).max():.0e}")
    if importlib.util.find_spec("polars") is not None:
        _by_polars(values, returns, ours, name)


def _by_polars(values: np.ndarray, returns: np.ndarray, ours: float, name: str) -> None:
    import polars

    frame = polars.DataFrame(
        {
            "month": np.repeat(np.arange(MONTHS), STOCKS),
            "value": values.ravel(),
            "return": returns.ravel(),
        }
    ).filter(polars.col("value").is_not_nan())
    rank = polars.col("value").rank("average").over("month")
    group = ((rank * GROUPS / polars.len().over("month")).ceil()).alias("group")

    def theirs() -> Any:
        return frame.with_columns(group).group_by("month", "group").agg(polars.col("return").mean())

    peer, _ = _best(theirs, 3)
    line(
        name,
        ours,
        peer,
        ">= 1x",
        f"polars {polars.__version__}, groups by rank, {polars.thread_pool_size()} threads",
    )


def _rank_correlations(values: np.ndarray, returns: np.ndarray) -> None:
    ours, own = _best(lambda: rank_correlations(values, returns), 3)
    long = _long(values, returns)

    def theirs() -> np.ndarray:
        from scipy.stats import spearmanr

        return np.array([spearmanr(part["factor"], part["1D"]).statistic for _, part in long.groupby("date")])

    peer, found = _best(theirs, 2)
    line(
        "rank correlation by month",
        ours,
        peer,
        "-",
        f"scipy a month; widest gap {np.abs(found - own).max():.0e}",
    )


def _best(call: Callable[[], Any], times: int) -> tuple[float, Any]:
    """The least seconds of so many calls, and what the last one gave."""
    least, found = np.inf, None
    for _ in range(times):
        start = time.perf_counter()
        found = call()
        least = min(least, time.perf_counter() - start)
    return least, found


if __name__ == "__main__":
    main()
