"""Is a signal more than how readable a firm's notes are? Both explain the same returns, alone and together.

Rows are those of the panel whose firm had a note that was public by then. Regressions have the controls and
effects of periods; errors are clustered by firm and period at once. Whether the measures add something to the
signal is a Wald test with these errors (Cameron, Gelbach and Miller 2011, J. Business and Economic Statistics
29, 238), since the plain F-test of the change of R² takes rows of one firm for independent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lib.contracts import conform
from lib.signals.cube import Cube, as_known, session_of
from lib.signals.panel_rows import SIGNAL, PanelRows
from lib.signals.readability import COLUMNS
from lib.stats.panel.least_squares import Fit, Tested, fit
from lib.stats.panel.rows import Rows, rows_of
from lib.tables import TABLES
from lib.tables.signal_panel import TOGETHER

IN_ORDER = ("fog", "words", "words_per_sentence", "flesch_ease", "smog", "flesch_kincaid_grade")
"""Measures that may run together; the share of complex words is what is left of Fog."""
OWN = 0.01
"""Share of a measure's variance that those before it must leave for it to run together with them."""
TABLE = TABLES["signal_horse_race"]


def horse_race(
    made: PanelRows, readings: pd.DataFrame, cube: Cube, *, max_age: int, exchange: str
) -> pd.DataFrame:
    """Table ``signal_horse_race`` from the rows of the panel and ``universe_readability``.

    A note counts from the close at which it was public until it is ``max_age`` days old. Measures are in
    standard deviations of their date, the signal in the scale of the rows. No row where there is no note.
    """
    if readings.empty or made.rows.empty:
        return conform(pd.DataFrame(columns=TABLE.column_names), TABLE)
    rows = with_measures(made, readings, cube, max_age=max_age, exchange=exchange)
    single = [_contest(rows, made.controls, (name,), name) for name in COLUMNS]
    contests = [_contest(rows, made.controls, (), SIGNAL), *single]
    contests.append(_contest(rows, made.controls, apart(rows), TOGETHER))
    return conform(pd.DataFrame(contests, columns=TABLE.column_names), TABLE)


def with_measures(
    made: PanelRows, readings: pd.DataFrame, cube: Cube, *, max_age: int, exchange: str
) -> pd.DataFrame:
    """The complete rows of the panel with the measures of the newest note known by then, standardised."""
    dates = pd.DatetimeIndex(made.rows["date"].unique())
    at = cube.positions(dates)
    known = readings.loc[readings["entity"].isin(cube.entities)].assign(component="")
    known["session"] = session_of(known["known_at"], cube.sessions, exchange=exchange)
    known = known.dropna(subset=["session", "fog"])
    day = dates.get_indexer(made.rows["date"])
    firm = cube.entities.get_indexer(made.rows["entity"])
    measures = {
        name: as_known(known.assign(value=known[name]), cube, at, max_age=max_age, component="")[day, firm]
        for name in COLUMNS
    }
    rows = made.rows.assign(**measures).dropna(subset=["return", SIGNAL, *made.controls, *COLUMNS])
    rows[list(COLUMNS)] = _standardised(rows[list(COLUMNS)], rows["date"])
    return rows.reset_index(drop=True)


def _standardised(values: pd.DataFrame, date: pd.Series) -> pd.DataFrame:
    """Deviations from the mean of the date in its standard deviations; 0 where nothing varies."""
    by_date = values.groupby(date)
    centred, spread = values - by_date.transform("mean"), by_date.transform("std")
    return (centred / spread.where(spread > 1e-12)).fillna(0.0)


def _contest(
    rows: pd.DataFrame, controls: tuple[str, ...], measures: tuple[str, ...], name: str
) -> dict[str, Any]:
    """One row of the table: the contender alone, the signal beside it, and what it adds to the signal."""
    found: dict[str, Any] = dict.fromkeys(TABLE.column_names, np.nan)
    found |= {"contender": name, "measures": ",".join(measures), "flag": ""}
    chosen = _chosen(rows, (SIGNAL, *measures, *controls))
    counts = {"n": chosen.observations, "n_entities": len(chosen.entities), "n_periods": len(chosen.periods)}
    found |= {key: float(count) for key, count in counts.items()}
    found["flag"] = _refusal(chosen)
    if name == TOGETHER and not measures:
        found["flag"] = found["flag"] or "NO_VARIATION"
    if found["flag"]:
        return found
    alone, signal = (_fitted(rows, (*own, *controls)) for own in (measures or (SIGNAL,), (SIGNAL,)))
    if len(measures) < 2:
        found |= _numbers(*alone, measures[0] if measures else SIGNAL, "")
    found["r2_within"] = alone[0].r2_within
    if not measures:
        return found
    both, judged = _fitted(rows, (SIGNAL, *measures, *controls))
    found |= _numbers(both, judged, SIGNAL, "signal_")
    found["r2_added"] = both.r2_within - signal[0].r2_within
    if len(measures) == 1:
        found["correlation"] = correlation(rows, measures[0])
        found |= _numbers(both, judged, measures[0], "beside_")
    missing = {SIGNAL, *measures} & set(both.absorbed)
    found["flag"] = "NO_VARIATION" if missing else ""
    return found if missing else found | _wald(both, judged, measures)


def apart(rows: pd.DataFrame) -> tuple[str, ...]:
    """The measures that say something of their own: more than ``OWN`` is left by those before them."""
    kept: list[str] = []
    for name in IN_ORDER:
        own = rows[name].to_numpy("float64")
        before = rows[kept].to_numpy("float64")
        left = own - before @ np.linalg.lstsq(before, own, rcond=None)[0] if kept else own
        if left @ left > OWN * max(float(own @ own), 1.0):
            kept.append(name)
    return tuple(kept)


def _chosen(rows: pd.DataFrame, names: tuple[str, ...]) -> Rows:
    return rows_of(
        rows["return"],
        rows[list(names)],
        rows["entity"],
        rows["date"],
        names=names,
        drop_singletons=("period",),
    )


def _refusal(rows: Rows) -> str:
    """Why nothing can be compared; empty where it can."""
    if len(rows.periods) < 2:
        return "TOO_FEW_PERIODS"
    if len(rows.entities) < 2:
        return "ONE_ENTITY"
    needed = len(rows.periods) + rows.x.shape[1] + 1
    return "TOO_FEW_OBSERVATIONS" if rows.observations <= needed else ""


def _fitted(rows: pd.DataFrame, names: tuple[str, ...]) -> tuple[Fit, Tested]:
    found = fit(_chosen(rows, names), "period")
    return found, found.with_errors("cluster_both")


def _numbers(found: Fit, judged: Tested, name: str, prefix: str) -> dict[str, float]:
    """Coefficient, error, t and p of one regressor; nothing where effects absorb it."""
    if name not in found.names:
        return {}
    at = found.names.index(name)
    numbers = {"coef": found.coefficient, "se": judged.error, "t": judged.t, "p": judged.p}
    return {f"{prefix}{key}": float(part[at]) for key, part in numbers.items()}


def _wald(found: Fit, judged: Tested, measures: tuple[str, ...]) -> dict[str, Any]:
    """Wald's F of all measures being zero together; none where there are no more clusters than measures."""
    at = [found.names.index(name) for name in measures]
    width, freedom = len(at), judged.of.freedom
    if freedom <= width:
        return {"flag": "FEW_CLUSTERS"}
    own, slopes = judged.of.covariance[np.ix_(at, at)], found.coefficient[at]
    if np.linalg.eigvalsh(own)[0] <= 0.0:
        return {"flag": "COLLINEAR"}
    statistic = float(slopes @ np.linalg.solve(own, slopes)) / width
    return {"wald": statistic, "wald_p": float(stats.f.sf(statistic, width, freedom))}


def correlation(rows: pd.DataFrame, measure: str) -> float:
    """The mean over dates of the correlation of signal and measure across firms."""
    both = _standardised(rows[[SIGNAL, measure]], rows["date"])
    by_date = both.prod(axis=1).groupby(rows["date"])
    return float((by_date.sum() / (by_date.count() - 1.0).where(lambda free: free > 0)).mean())
