"""The generated natural experiment: banks that begin to report more, group by group, and some that never do.

Funding cost (points) is a level of the bank and one of the quarter, noise that lasts, and the planted change
of ``bank_truth``, which grows with the quarters since adoption.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from lib.signals.sample import bank_truth as truth
from lib.signals.sample.banks import SOURCE, drawn

FIRST_QUARTER, QUARTERS = "2014-03-31", 35
OUTCOME = "funding_cost"


def table(as_of: pd.Timestamp) -> pd.DataFrame:
    """The design as a raw table, of the quarters that were over at ``as_of``; later adoption is not seen."""
    rows, ends = _whole()
    over = int(ends.searchsorted(as_of, side="right"))
    seen = rows[rows["period"] <= over]
    return seen.assign(first_treated=seen["first_treated"].where(seen["first_treated"] <= over))


def effect(since: np.ndarray) -> np.ndarray:
    """The planted change of funding cost by quarters since adoption (negative before it)."""
    grown = truth.AT_ONCE + truth.EACH_QUARTER * np.minimum(since, truth.GROWS)
    return np.where(since >= 0, grown, 0.0)


@cache
def _whole() -> tuple[pd.DataFrame, pd.DatetimeIndex]:
    draw = np.random.default_rng(truth.SEED + 1)
    ends = pd.date_range(FIRST_QUARTER, periods=QUARTERS, freq="QE").as_unit("us")
    all_ = drawn()
    there = (all_.who.born <= all_.sessions.searchsorted(ends[0])) & (all_.who.gone == len(all_.sessions))
    banks = np.flatnonzero(there)[: truth.GROUP * len(truth.ADOPTIONS) + truth.NEVER]
    first = np.repeat([*truth.ADOPTIONS, np.nan], [truth.GROUP] * len(truth.ADOPTIONS) + [truth.NEVER])
    first = draw.permutation(first[: len(banks)])
    period = np.arange(1, QUARTERS + 1)
    noise = 0.10 * draw.standard_normal((QUARTERS, len(banks)))
    for row in range(1, QUARTERS):
        noise[row] += 0.3 * noise[row - 1]
    level = 2.0 + 0.4 * draw.standard_normal(len(banks))
    common = 0.2 * np.cumsum(draw.standard_normal(QUARTERS)) / 3.0
    since = period[:, None] - np.where(np.isnan(first), np.inf, first)
    value = (level + common[:, None] + effect(since) + noise).round(4)
    unit = np.array(all_.who.names, dtype=object)[banks]
    rows = pd.DataFrame(
        {
            "design": truth.DESIGN,
            "unit": np.tile(unit, QUARTERS),
            "period": np.repeat(period, len(banks)).astype("float64"),
            "outcome": OUTCOME,
            "value": value.ravel(),
            "first_treated": np.tile(first, QUARTERS),
            "weight": 1.0,
            "cluster": np.tile(unit, QUARTERS),
        }
    )
    return rows.assign(**SOURCE), ends
