"""Panel regressions: Fama-MacBeth and two-way effects of 3,000 firms over 120 months against their peers."""

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

from lib.stats.panel.fama_macbeth import cross_sections
from lib.stats.panel.least_squares import Tested, fit
from lib.stats.panel.rows import rows_of

FIRMS, MONTHS = 3_000, 120
NAMES = ["a", "b", "c", "d", "e"]


def main() -> None:
    """Print one line a comparison."""
    head(f"Panel regressions, {FIRMS:,} firms, {MONTHS} months, {len(NAMES)} regressors, one thread")
    rng = np.random.default_rng(1)
    firm, month = np.repeat(np.arange(FIRMS), MONTHS), np.tile(np.arange(MONTHS), FIRMS)
    frame = pd.DataFrame(rng.standard_normal((FIRMS * MONTHS, len(NAMES))), columns=NAMES)
    shared = rng.standard_normal(FIRMS)[firm] + rng.standard_normal(MONTHS)[month]
    frame["y"] = 0.1 * frame.sum(axis=1) + shared + rng.standard_normal(len(frame))
    frame["firm"], frame["month"] = firm, pd.date_range("2010-01-31", periods=MONTHS, freq="ME")[month]
    _fama_macbeth(frame)
    _two_way(frame)


def _fama_macbeth(frame: pd.DataFrame) -> None:
    from linearmodels.panel import FamaMacBeth

    indexed = frame.set_index(["firm", "month"])
    columns = frame["y"].to_numpy(), frame[NAMES].to_numpy(), frame["month"].to_numpy()
    ours, found = _best(lambda: cross_sections(*columns).mean(lags=4), 7)
    kernel = {"cov_type": "kernel", "kernel": "bartlett", "bandwidth": 4, "debiased": True}
    design = indexed[NAMES].assign(constant=1.0)[["constant", *NAMES]]
    peer, theirs = _best(lambda: FamaMacBeth(indexed["y"], design).fit(**kernel), 2)
    gap = float(np.max(np.abs(found.error[0] / theirs.std_errors.to_numpy() - 1)))
    line("Fama-MacBeth from a long frame", ours, peer, ">= 20x", f"linearmodels; widest gap {gap:.0e} rel")


def _two_way(frame: pd.DataFrame) -> None:
    from linearmodels.panel import PanelOLS

    ours, found = _best(lambda: _own(frame), 9)
    indexed = frame.set_index(["firm", "month"])
    clusters = {"cov_type": "clustered", "cluster_entity": True, "group_debias": True, "auto_df": False}
    model = PanelOLS(indexed["y"], indexed[NAMES], entity_effects=True, time_effects=True)
    peer, theirs = _best(lambda: model.fit(**clusters, count_effects=False), 1)
    scale = np.sqrt((len(frame) - len(NAMES) - MONTHS) / (len(frame) - len(NAMES)))
    gap = float(np.max(np.abs(found.error * scale / theirs.std_errors.to_numpy() - 1)))
    name = "two-way effects, clustered by firm"
    line(name, ours, peer, ">= 150x", f"linearmodels; widest gap {gap:.0e} rel at its factor")
    if importlib.util.find_spec("pyfixest") is None:
        line(name, ours, None, ">= 4x", "pyfixest is not installed here, so nothing was compared")
        return
    import pyfixest

    formula = f"y ~ {' + '.join(NAMES)} | firm + month"
    pyfixest.feols(formula, frame, vcov={"CRV1": "firm"})
    peer, warm = _best(lambda: pyfixest.feols(formula, frame, vcov={"CRV1": "firm"}), 3)
    gap = float(np.max(np.abs(found.t / warm.tstat().to_numpy() - 1)))
    line(name, ours, peer, ">= 4x", f"pyfixest, warm; widest gap of t {gap:.0e} rel, its factor differs")


def _own(frame: pd.DataFrame) -> Tested:
    rows = rows_of(
        frame["y"], frame[NAMES], frame["firm"], frame["month"], drop_singletons=("entity", "period")
    )
    return fit(rows, "both").with_errors("cluster_entity")


def _best(call: Callable[[], Any], times: int) -> tuple[float, Any]:
    """The shortest of a few times in seconds, and the result."""
    call()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        found = call()
        taken.append(time.perf_counter() - start)
    return min(taken), found


if __name__ == "__main__":
    main()
