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
TWO_WAY = "two-way effects, clustered by firm"
BOTH = ("entity", "period")


def main() -> None:
    """Print one line a comparison."""
    head(f"Panel regressions, {FIRMS:,} firms, {MONTHS} months, one thread")
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
    ours, found = _best(lambda: _own(frame, NAMES[:1]), 9)
    _linearmodels(frame, ours, found)
    if importlib.util.find_spec("pyfixest") is None:
        line(TWO_WAY, ours, None, ">= 4x", "pyfixest is not installed here, so nothing was compared")
        return
    for names in (NAMES[:1], NAMES):
        ours, found = _best(lambda names=names: _own(frame, names), 9)
        _pyfixest(frame, names, ours, found)


def _linearmodels(frame: pd.DataFrame, ours: float, found: Tested) -> None:
    from linearmodels.panel import PanelOLS

    indexed = frame.set_index(["firm", "month"])
    clusters = {"cov_type": "clustered", "cluster_entity": True, "group_debias": True, "auto_df": False}
    model = PanelOLS(indexed["y"], indexed[NAMES[:1]], entity_effects=True, time_effects=True)
    peer, theirs = _best(lambda: model.fit(**clusters, count_effects=False), 1)
    scale = np.sqrt((len(frame) - 1 - MONTHS) / (len(frame) - 1))
    gap = float(np.max(np.abs(found.error * scale / theirs.std_errors.to_numpy() - 1)))
    line(TWO_WAY, ours, peer, ">= 150x", f"linearmodels; widest gap {gap:.0e} rel at its factor")


def _pyfixest(frame: pd.DataFrame, names: list[str], ours: float, found: Tested) -> None:
    import pyfixest

    formula = f"y ~ {' + '.join(names)} | firm + month"
    peer, theirs = _best(lambda: pyfixest.feols(formula, frame, vcov={"CRV1": "firm"}), 3)
    gap = float(np.max(np.abs(found.t / theirs.tstat().to_numpy() - 1)))
    goal = ">= 4x" if len(names) == 1 else ""
    note = f"pyfixest, warm, {len(names)} x; widest gap of t {gap:.0e} rel, its factor differs"
    line(TWO_WAY, ours, peer, goal, note)


def _own(frame: pd.DataFrame, names: list[str]) -> Tested:
    rows = rows_of(frame["y"], frame[names], frame["firm"], frame["month"], drop_singletons=BOTH)
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
