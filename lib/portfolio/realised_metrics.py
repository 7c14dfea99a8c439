"""What the history of profits comes to: volatility, Sharpe and Sortino ratio, drawdown, beta.

Each stands twice: of the snapshots alone, and of them with the replay before; the table says how many rows
of each are in it. Both need as many rows as are asked for (60 unless a setting says otherwise), else the
value is null with ``TOO_FEW_SNAPSHOTS`` or ``TOO_FEW_DAYS``. A row that covers several sessions counts in the
drawdown and in nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.conventions import TRADING_DAYS
from lib.stats import performance, relative
from lib.stats.drawdowns import max_drawdown
from lib.tables import TABLES

MINIMUM = 60
TOO_FEW_SNAPSHOTS, TOO_FEW_DAYS = "TOO_FEW_SNAPSHOTS", "TOO_FEW_DAYS"
BASES = ("real", "with_replay")


def realised_metrics(
    days: pd.DataFrame, *, minimum: int = MINIMUM, risk_free: float = 0.0, benchmark: str | None = None
) -> pd.DataFrame:
    """The table ``realised_metrics`` of the table ``profit_history``.

    ``minimum`` rows are needed; ``risk_free`` is an annual rate, decimal, taken off in the Sharpe ratio; the
    Sortino ratio counts what falls below zero. ``benchmark`` says whether there is one at all.
    """
    known = days.dropna(subset="return")
    rows = []
    for basis in BASES:
        chosen = known if basis == "with_replay" else known[~known["replayed"]]
        counts = {
            "basis": basis,
            "rows_real": int((~chosen["replayed"]).sum()),
            "rows_replayed": int(chosen["replayed"].sum()),
        }
        few = TOO_FEW_SNAPSHOTS if basis == "real" else TOO_FEW_DAYS
        rows += [{**one, **counts} for one in _metrics(chosen, few, minimum, risk_free, benchmark)]
    return conform(pd.DataFrame(rows)[TABLES["realised_metrics"].column_names], TABLES["realised_metrics"])


def _metrics(
    rows: pd.DataFrame, few: str, minimum: int, risk_free: float, benchmark: str | None
) -> list[dict[str, object]]:
    """Metric, value, unit and reason of one basis."""
    daily = rows[rows["sessions"] == 1]
    both = daily.dropna(subset="benchmark_return")
    year = {"periods": TRADING_DAYS}
    series = daily["return"].to_numpy()
    measures: dict[str, tuple[str, int, Callable[[], float], str]] = {
        "volatility": ("fraction", len(daily), partial(performance.annual_volatility, series, **year), ""),
        "sharpe": (
            "ratio",
            len(daily),
            partial(performance.sharpe, series, risk_free=risk_free, **year),
            "zero_variance",
        ),
        "sortino": ("ratio", len(daily), partial(performance.sortino, series, **year), "no_shortfall"),
        "max_drawdown": ("fraction", len(rows), partial(max_drawdown, rows["return"].to_numpy()), ""),
        "beta": (
            "ratio",
            len(both),
            partial(relative.beta, both["return"].to_numpy(), both["benchmark_return"].to_numpy()),
            "zero_variance",
        ),
    }
    absent = {"beta": "no_benchmark"} if benchmark is None else {}
    return [
        _row(metric, unit, compute, absent.get(metric, "") or few * (count < minimum), why)
        for metric, (unit, count, compute, why) in measures.items()
    ]


def _row(
    metric: str, unit: str, compute: Callable[[], float], reason: str, undefined: str
) -> dict[str, object]:
    value = float("nan") if reason else float(compute())
    flags = reason or (undefined if math.isnan(value) else "")
    return {"metric": metric, "value": np.float64(value), "unit": unit, "flags": flags}
