"""Least squares of many series against statsmodels: 10,000 series on seven factors, and rolling betas of 500.

Run: ``.venv/bin/python tests/bench/bench_betas.py``. statsmodels gets plain arrays and is asked for t and R²;
it is timed on a part of the series and scaled up. Accuracy is the largest relative difference of
coefficients, standard errors and R² over that part.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from report import head, line

from lib.stats.regression import ols
from lib.stats.rolling import rolling_ols

SERIES, DAYS, FACTORS = 10_000, 252, 7
ROLLING, HISTORY, WINDOW = 500, 2_520, 252


def main() -> None:
    """Print rows 2a and 2b of the table of peers."""
    head("Betas, t and R² against statsmodels")
    generator = np.random.default_rng(7)
    x = generator.normal(0, 0.01, (DAYS, FACTORS))
    y = x @ generator.normal(0.5, 0.5, (FACTORS, SERIES)) + generator.normal(0, 0.015, (DAYS, SERIES))
    missing = np.where(generator.random(y.shape) < 0.02, np.nan, y)
    _static("10,000 x 252 on 7 factors", y, x, ">= 300x")
    _static("the same, 2 % of returns missing", missing, x, ">= 30x")
    for k in (1, FACTORS):
        x = generator.normal(0, 0.01, (HISTORY, k))
        y = x @ generator.normal(0.5, 0.5, (k, ROLLING)) + generator.normal(0, 0.015, (HISTORY, ROLLING))
        factors = "1 factor" if k == 1 else f"{k} factors"
        _rolling(f"rolling 252, 500 x 2,520 on {factors}", y, x, ">= 300x" if k == 1 else "-")


def _static(name: str, y: np.ndarray, x: np.ndarray, goal: str, *, part: int = 300) -> None:
    import statsmodels.api as sm

    ours, fit = _best(lambda: _with_t(ols(y, x)))
    design, worst = sm.add_constant(x), 0.0
    seconds = 0.0
    for place in range(part):
        known = ~np.isnan(y[:, place])
        start = time.perf_counter()
        peer = sm.OLS(y[known, place], design[known]).fit()
        values = (peer.params, peer.bse, peer.tvalues, peer.rsquared)
        seconds += time.perf_counter() - start
        own = (
            fit.coefficients[:, place],
            fit.std_errors[:, place],
            fit.t_stats[:, place],
            fit.r_squared[place],
        )
        worst = max(worst, _difference(own, values))
    line(name, ours, seconds * y.shape[1] / part, goal, f"largest relative difference {worst:.0e}")


def _rolling(name: str, y: np.ndarray, x: np.ndarray, goal: str, *, part: int = 2) -> None:
    import statsmodels.api as sm
    from statsmodels.regression.rolling import RollingOLS

    ours, fit = _best(lambda: _with_t(rolling_ols(y, x, window=WINDOW)))
    design, last, worst, seconds = sm.add_constant(x), np.s_[WINDOW - 1 :], 0.0, 0.0
    for place in range(part):
        start = time.perf_counter()
        peer = RollingOLS(y[:, place], design, window=WINDOW).fit()
        values = (peer.params[last], peer.bse[last], peer.tvalues[last], peer.rsquared[last])
        seconds += time.perf_counter() - start
        own = (fit.coefficients[last, :, place], fit.std_errors[last, :, place])
        own = (*own, fit.t_stats[last, :, place], fit.r_squared[last, place])
        worst = max(worst, _difference(own, values))
    line(name, ours, seconds * y.shape[1] / part, goal, f"largest difference {worst:.0e}")


def _difference(own: tuple, peer: tuple) -> float:
    """Largest difference over the size of the largest value, of each pair of arrays."""
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(own, peer, strict=True))


def _with_t(fit):
    _ = fit.t_stats
    return fit


def _best(call, *, times: int = 5):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


if __name__ == "__main__":
    main()
