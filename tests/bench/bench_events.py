"""An event study of 1,000 events against a loop of statsmodels over pandas slices.

Run: ``.venv/bin/python tests/bench/bench_events.py``. Both give alpha, beta, the abnormal returns and their
forecast errors, and the CAR with its own; the peer is asked for nothing else. Accuracy is the largest
difference over the largest value of all of them.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from report import head, line

from lib.signals.event_windows import EventRules, gathered
from lib.stats import event_model, event_tests

EVENTS, FIRMS, DAYS = 1_000, 500, 2_520


def main() -> None:
    """Print row 6 of the table of peers, and what tests and many more events cost."""
    head(f"Event study of {EVENTS:,} events, 110 days of estimation, 7 of the window")
    draw = np.random.default_rng(7)
    market = 0.0003 + 0.01 * draw.standard_normal(DAYS)
    returns = market[:, None] * draw.uniform(0.5, 1.5, FIRMS) + 0.02 * draw.standard_normal((DAYS, FIRMS))
    at, firm = draw.integers(130, DAYS - 10, EVENTS), draw.integers(0, FIRMS, EVENTS)
    rules = EventRules()
    seconds, own = _best(lambda: _ours(returns, market, at, firm, rules))
    peer_seconds, peer = _peer(returns, market, at, firm, rules)
    worst = max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(own, peer, strict=True))
    line(f"{EVENTS:,} events", seconds, peer_seconds, ">= 60x", f"largest relative difference {worst:.0e}")
    many = draw.integers(130, DAYS - 10, 20 * EVENTS), draw.integers(0, FIRMS, 20 * EVENTS)
    seconds, _ = _best(lambda: _ours(returns, market, *many, rules), times=5)
    line(f"{20 * EVENTS:,} events", seconds, peer_seconds * 20, "-", "peer: its time for 1,000, times 20")
    normal, around = _fitted(returns, market, at, firm, rules)
    seconds, _ = _best(lambda: _tests(normal, around, at), times=3)
    line(f"seven tests of {EVENTS:,} events", seconds, None, "-")


def _fitted(returns, market, at, firm, rules):
    normal = event_model.estimate(
        gathered(returns, at, rules.estimation_days, firm),
        gathered(market, at, rules.estimation_days, None),
    )
    later = gathered(returns, at, rules.days, firm), gathered(market, at, rules.days, None)
    return normal, event_model.abnormal(normal, *later)


def _ours(returns, market, at, firm, rules):
    normal, around = _fitted(returns, market, at, firm, rules)
    return (
        normal.alpha,
        normal.beta,
        around.returns,
        np.sqrt(around.variance),
        around.cumulative[:, -1],
        np.sqrt(around.cumulative_variance[:, -1]),
    )


def _tests(normal, around, at):
    scar, car = around.standardised_cumulative[:, -1], around.cumulative[:, -1]
    r = event_tests.overlapping_correlation(normal.residuals, at, days=7)
    return (
        event_tests.cross_sectional(car),
        event_tests.patell(scar, normal.df),
        event_tests.kolari_pynnonen(scar, r),
        event_tests.corrado(normal.residuals, around.returns),
        event_tests.sign(car),
        event_tests.sign(car, event_tests.positive_share(normal.residuals)),
        event_tests.wilcoxon(car),
    )


def _peer(returns, market, at, firm, rules):
    """Seconds and results of one regression of statsmodels an event, on numpy slices."""
    import statsmodels.api as sm

    rows = []
    first, last = rules.estimation
    start = time.perf_counter()
    for day, column in zip(at, firm, strict=True):
        before, window = slice(day + first, day + last + 1), slice(day - 1, day + 6)
        fit = sm.OLS(returns[before, column], sm.add_constant(market[before])).fit()
        design = sm.add_constant(market[window])
        foretold = fit.get_prediction(design)
        off = returns[window, column] - foretold.predicted_mean
        total = design.sum(axis=0)
        error = np.sqrt(fit.scale * len(off) + total @ fit.cov_params() @ total)
        rows.append((*fit.params, off, foretold.se_obs, off.sum(), error))
    seconds = time.perf_counter() - start
    return seconds, tuple(np.array(column) for column in zip(*rows, strict=True))


def _best(call, *, times: int = 5):
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


if __name__ == "__main__":
    main()
