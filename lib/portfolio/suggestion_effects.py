"""What each suggestion does besides its goal: to specific risk, to the value at risk, and what it costs.

Each trade is carried out alone. One that raises the value at risk of a day, by the factor model or by the
past days of a year, is not made: it keeps its row without a size, with the flag ``RAISES_RISK`` and what it
would have done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib import codes
from lib.contracts import conform, empty
from lib.tables import TABLES

TABLE = TABLES["what_if_trades"]
RAISES_RISK = "RAISES_RISK"
ROUNDING = 1e-9
"""A value at risk that rises by less than this share of itself has not risen."""


class DayRisk(NamedTuple):
    """Risk of one day of a book, money: standard deviation of what is specific, value at risk at 95 %.

    ``factor_var`` is by the factor model, ``past_var`` by the days of the last year; NaN where unknown.
    """

    specific: float
    factor_var: float
    past_var: float


def one_by_one(*suggested: pd.DataFrame) -> list[pd.DataFrame]:
    """Each suggested trade as a frame of one row."""
    return [part.iloc[[place]] for part in suggested for place in range(len(part))]


def judged(
    ideas: Sequence[pd.DataFrame], before: DayRisk, after: Sequence[DayRisk], costs: Sequence[float]
) -> pd.DataFrame:
    """Rows of table ``what_if_trades`` with what each of ``ideas`` does; those that raise risk without size.

    ``before`` is the book without, ``after`` with each idea alone, ``costs`` money of the trades, in order.
    """
    rows = pd.concat(ideas, ignore_index=True) if len(ideas) else empty(TABLE)
    change = np.array(after, dtype="float64").reshape(len(ideas), 3) - np.array(before)
    sizes = np.abs(np.array(before[1:]))
    raises = (change[:, 1:] > ROUNDING * sizes).any(axis=1)
    flags = np.where(raises, RAISES_RISK, rows["flags"])
    return conform(
        rows.assign(
            quantity=rows["quantity"].where(~raises),
            notional=rows["notional"].where(~raises),
            specific_change=change[:, 0],
            factor_var_change=change[:, 1],
            past_var_change=change[:, 2],
            cost=np.array(costs, dtype="float64"),
            flags=pd.Series(flags, index=rows.index, dtype="str"),
        ),
        TABLE,
    )


def made(judged_rows: pd.DataFrame, suggested: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``suggested`` that were not left out; ``judged_rows`` as of ``judged``."""
    out = judged_rows[codes.has(judged_rows["flags"], RAISES_RISK)]
    key = ["purpose", "symbol"]
    left = pd.MultiIndex.from_frame(out[key])
    return suggested[~pd.MultiIndex.from_frame(suggested[key]).isin(left)].reset_index(drop=True)
