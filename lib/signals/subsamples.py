"""Whether the spread is there in every part of the sample, and whether the parts differ.

Parts: each year; periods in which the index rose or fell, and moved much or little; small and large firms;
firms that never failed (which looks ahead, and says only how much the failures carry). Each part has its own
mean with Holm's correction over all parts; beside it the difference to the rest, which is the test that
counts: a spread that is significant in one half and not in the other need not differ. Parts made of firms
have Newey and West's errors; parts made of periods have plain ones and Welch's test, since their periods do
not follow one another, or are a dozen: with a dozen of 380 Newey and West's difference is called significant
far too often.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lib.contracts import conform
from lib.signals.resorted import Formations, spreads
from lib.stats.hac import mean_test
from lib.stats.multiple import holm
from lib.tables import TABLES


def subsamples(
    formed: Formations,
    spread: np.ndarray,
    index: np.ndarray,
    swings: np.ndarray,
    failed: np.ndarray,
    *,
    sign: float,
    periods_a_year: float,
    least: int,
) -> pd.DataFrame:
    """Table ``signal_subsamples``.

    ``spread`` (D,) of each period; ``index`` and ``swings`` (D,) the index' return and volatility over it,
    NaN where it has none; ``failed`` (N,) marks firms that failed. ``least`` periods are needed for a part.
    """
    rows: list[tuple[Any, ...]] = []
    years = pd.DatetimeIndex(formed.end).year.to_numpy()
    for year in np.unique(years):
        rows.append(_in_time("year", str(year), spread, years == year, np.ones(len(years), dtype=bool)))
    middle = np.nanmedian(swings) if (~np.isnan(swings)).any() else np.nan
    for family, names, measure, edge in (
        ("index", ("index rose", "index fell"), index, 0.0),
        ("volatility", ("much movement", "little movement"), swings, middle),
    ):
        known = ~np.isnan(measure)
        for name, inside in zip(names, (measure > edge, measure <= edge), strict=True):
            rows.append(_in_time(family, name, spread, inside & known, known))
    rows += _by_firms(formed, spread, failed, sign)
    frame = pd.DataFrame([_estimated(*row, least=least) for row in rows])
    a_year = {f"{name}_annual": frame.pop(name) * periods_a_year for name in ("mean", "error", "difference")}
    frame = frame.assign(**a_year)
    frame["p_holm"], frame["difference_holm"] = holm(frame["p"]), holm(frame["difference_p"])
    return conform(frame, TABLES["signal_subsamples"])


def _in_time(
    family: str, name: str, spread: np.ndarray, inside: np.ndarray, known: np.ndarray
) -> tuple[Any, ...]:
    """A part made of periods: its spread, that of all known periods, and which are inside."""
    known = known & ~np.isnan(spread)
    return family, name, spread[inside & known], spread[known], inside[known]


def _by_firms(
    formed: Formations, spread: np.ndarray, failed: np.ndarray, sign: float
) -> list[tuple[Any, ...]]:
    """Parts made of firms: spreads of their own, compared period by period."""
    cap = np.where(formed.there, formed.cap, np.nan)
    known = (~np.isnan(cap)).any(axis=1)
    middle = np.full((len(cap), 1), np.nan)
    middle[known, 0] = np.nanmedian(cap[known], axis=1)

    def of(kept: np.ndarray) -> np.ndarray:
        return spreads(np.where(kept, formed.scores, np.nan), formed.held, groups=formed.groups, sign=sign)

    small, large = of(cap <= middle), of(cap > middle)
    pairs = [("small firms", small, large), ("large firms", large, small)]
    found: list[tuple[Any, ...]] = []
    for name, own, other in pairs:
        both = ~np.isnan(own) & ~np.isnan(other)
        found.append(("size", name, own[both], (own - other)[both], None))
    alive = of(formed.there & ~failed)
    both = ~np.isnan(alive) & ~np.isnan(spread)
    found.append(("failures", "without firms that failed", alive[both], (alive - spread)[both], None))
    return found


def _estimated(
    family: str, name: str, own: np.ndarray, whole: np.ndarray, inside: np.ndarray | None, *, least: int
) -> dict:
    """A row: the part's mean, and its difference to the rest (Welch) or to its twin (paired)."""
    row = {"family": family, "subsample": name, "periods": len(own), "code": ""}
    row |= dict.fromkeys(("mean", "error", "t", "p", "difference", "difference_t", "difference_p"), np.nan)
    if len(own) < least:
        return row | {"code": "FEW_PERIODS"}
    if inside is None:
        fit = mean_test(own)
        row |= {"mean": fit.coefficient[0], "error": fit.error[0], "t": fit.t[0], "p": fit.p[0]}
        if np.any(whole != 0.0):
            paired = mean_test(whole)
            row |= {"difference": paired.coefficient[0]}
            row |= {"difference_t": paired.t[0], "difference_p": paired.p[0]}
        return row
    mean, t, p = welch(own, np.zeros(1))
    row |= {"mean": mean, "error": mean / t if t else np.nan, "t": t, "p": p}
    if len(own) <= len(whole) - least:
        gap, gap_t, gap_p = welch(own, whole[~inside])
        row |= {"difference": gap, "difference_t": gap_t, "difference_p": gap_p}
    return row


def welch(left: np.ndarray, right: np.ndarray) -> tuple[float, float, float]:
    """Difference of two means, its t and p-value (Welch 1947); one number alone is a constant."""
    parts = [one.var(ddof=1) / len(one) if len(one) > 1 else 0.0 for one in (left, right)]
    gap, variance = float(left.mean() - right.mean()), float(sum(parts))
    if not variance > 0.0:
        return gap, float("nan"), float("nan")
    spread = sum(v**2 / (len(one) - 1) for v, one in zip(parts, (left, right), strict=True) if len(one) > 1)
    t = gap / variance**0.5
    return gap, t, float(2.0 * stats.t.sf(abs(t), variance**2 / spread))
