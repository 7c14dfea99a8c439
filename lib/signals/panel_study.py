"""All panel regressions of one signal: the models, every kind of error of each, and which of them speaks.

The signal stands alone and beside the controls. Of a model the error that allows most speaks: clusters of
firms and periods at once, and Newey-West for the means of Fama and MacBeth. Few clusters get the wild
bootstrap beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib import codes
from lib.signals.panel_rows import SIGNAL, PanelRows
from lib.stats import hac
from lib.stats.panel.covariance import ERRORS, Errors
from lib.stats.panel.fama_macbeth import Slopes, cross_sections
from lib.stats.panel.least_squares import Fit, Tested, fit, tested
from lib.stats.panel.random_effects import between, random_effects
from lib.stats.panel.rows import Rows, rows_of
from lib.stats.panel.wild_bootstrap import weights_of, wild_test
from lib.tables import TABLES

EFFECTS = {
    "pooled": "none",
    "entity_effects": "entity",
    "period_effects": "period",
    "both_effects": "both",
}
SINGLETONS = {"entity": ("entity",), "period": ("period",), "both": ("entity", "period")}
LONG_FOR_KERNELS = 30
"""Errors over time are not to be trusted with fewer periods."""


@dataclass(frozen=True)
class Inference:
    """Lags of errors over time (None: Newey and West's rule), and the bootstrap of few clusters."""

    lags: int | None = None
    bootstrap_below: int = 30
    draws: int = 999
    seed: int = 7


@dataclass(frozen=True)
class PanelStudy:
    """The tables of the stage, the rows they rest on, and rows dropped as singletons by model."""

    tables: dict[str, pd.DataFrame]
    made: PanelRows
    singletons: dict[str, int]
    inference: Inference

    def spoken(self, regressors: str) -> pd.DataFrame:
        """The rows of the signal that speak, one a model, in the order of the models."""
        table = self.tables["signal_panel"]
        return table.loc[table["speaks"] & (table["term"] == SIGNAL) & (table["regressors"] == regressors)]

    @property
    def richest(self) -> str:
        """The regressors that the answer is about."""
        return "with_controls" if self.made.controls else "alone"


def panel_study(made: PanelRows, inference: Inference) -> PanelStudy:
    """Every model, with the signal alone and with the controls that are known."""
    found: list[dict[str, Any]] = []
    slopes: list[pd.DataFrame] = []
    singletons: dict[str, int] = {}
    sets: dict[str, tuple[str, ...]] = {"alone": (SIGNAL,)}
    if made.controls:
        sets["with_controls"] = (SIGNAL, *made.controls)
    for regressors, names in sets.items():
        for model, effects in EFFECTS.items():
            rows = _rows(made, names, SINGLETONS.get(effects, ()))
            if regressors == list(sets)[-1]:
                singletons[model] = rows.singletons
            said = _least_squares(rows, effects, inference)
            found += [{"regressors": regressors, "model": model, **one} for one in said]
        rows = _rows(made, names)
        said, by_period = _fama_macbeth(rows, inference)
        slopes.append(by_period.assign(regressors=regressors))
        found += [{"regressors": regressors, "model": "fama_macbeth", **one} for one in said]
        for model, solve in (("random_effects", random_effects), ("between", between)):
            found += [{"regressors": regressors, "model": model, **one} for one in _mixed(rows, solve)]
    table = pd.DataFrame(found)[TABLES["signal_panel"].column_names]
    if made.rows.empty and made.lost("constant_date"):
        table["flag"] = table["flag"].replace("TOO_FEW_PERIODS", "NO_VARIATION")
    return PanelStudy(
        {
            "signal_panel": table,
            "signal_panel_slopes": pd.concat(slopes, ignore_index=True),
            "signal_panel_losses": made.losses,
        },
        made,
        singletons,
        inference,
    )


def _rows(made: PanelRows, names: tuple[str, ...], singletons: tuple[str, ...] = ()) -> Rows:
    table = made.rows
    return rows_of(
        table["return"],
        table[list(names)],
        table["entity"],
        table["date"],
        names=names,
        drop_singletons=singletons,
    )


def _refusal(rows: Rows) -> str:
    """Why there is no regression at all; empty where there is one."""
    if len(rows.periods) < 2:
        return "TOO_FEW_PERIODS"
    if len(rows.entities) < 2:
        return "ONE_ENTITY"
    return ""


def _of(rows: Rows) -> dict[str, Any]:
    return {
        "n": float(rows.observations),
        "n_entities": float(len(rows.entities)),
        "n_periods": float(len(rows.periods)),
    }


def _nothing(rows: Rows, reason: str, terms: tuple[str, ...] = (SIGNAL,), **more: Any) -> list[dict]:
    """Rows without numbers, that say why."""
    empty = dict.fromkeys(("coef", "se", "t", "p", "low", "high", "r2_within", "r2", "freedom"), np.nan)
    common = {**empty, **_of(rows), "se_type": "none", "flavour": "", "speaks": True, **more}
    return [{**common, "term": term, "flag": reason} for term in terms]


def _least_squares(rows: Rows, effects: str, inference: Inference) -> list[dict[str, Any]]:
    if reason := _refusal(rows):
        return _nothing(rows, reason)
    found = fit(rows, effects)
    reason = "NO_VARIATION" if SIGNAL in found.absorbed else "ABSORBED"
    said = _nothing(rows, reason, found.absorbed) if found.absorbed else []
    if not found.names:
        return said
    try:
        found.with_errors("classical")
    except ValueError:
        return _nothing(rows, "TOO_FEW_OBSERVATIONS")
    for kind in ERRORS:
        said += _with_errors(rows, found, kind, found.with_errors(kind, lags=inference.lags))
    for by in ("entity", "period"):
        said += _wild(rows, found, by, inference)
    return said


def _with_errors(rows: Rows, found: Fit, kind: str, judged: Tested) -> list[dict[str, Any]]:
    clusters = min(len(rows.entities), len(rows.periods))
    flag = codes.cell(
        (
            "CLIPPED" if judged.of.clipped else "",
            "UNDER_30_PERIODS" if kind == "driscoll_kraay" and len(rows.periods) < LONG_FOR_KERNELS else "",
            "FEW_CLUSTERS" if kind == "cluster_both" and clusters < LONG_FOR_KERNELS else "",
        )
    )
    common = {
        "se_type": kind,
        "flavour": judged.of.flavour,
        "r2_within": found.r2_within,
        "r2": found.r2,
        "freedom": float(judged.of.freedom),
        "speaks": kind == "cluster_both",
        "flag": flag,
        **_of(rows),
    }
    return list(_terms(found.names, found.coefficient, judged, common))


def _terms(
    names: tuple[str, ...], coefficient: np.ndarray, judged: Tested, common: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    for one, name in enumerate(names):
        numbers = {
            "coef": coefficient[one],
            "se": judged.error[one],
            "t": judged.t[one],
            "p": judged.p[one],
            "low": judged.low[one],
            "high": judged.high[one],
        }
        yield {**common, "term": name, **{key: float(value) for key, value in numbers.items()}}


def _wild(rows: Rows, found: Fit, by: str, inference: Inference) -> list[dict[str, Any]]:
    """The bootstrap of the signal's coefficient, where clusters are few."""
    clusters = len(rows.entities if by == "entity" else rows.periods)
    if clusters >= inference.bootstrap_below or not inference.draws or SIGNAL not in found.names:
        return []
    weights, kind = weights_of(clusters, inference.draws, seed=inference.seed)
    which = found.names.index(SIGNAL)
    test = wild_test(found.parts, found.coefficient, which, by=by, weights=weights, kind=kind)
    return [
        {
            "se_type": f"wild_{by}",
            "flavour": f"null imposed, {kind} weights, {test.draws} draws, {clusters} clusters, G/(G-1)",
            "term": SIGNAL,
            "coef": float(found.coefficient[which]),
            "se": test.error,
            "t": test.t,
            "p": test.p,
            "low": test.low,
            "high": test.high,
            "r2_within": found.r2_within,
            "r2": found.r2,
            "freedom": np.nan,
            "speaks": False,
            "flag": "FEW_CLUSTERS",
            **_of(rows),
        }
    ]


def _fama_macbeth(rows: Rows, inference: Inference) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    found = cross_sections(rows.y, rows.x, rows.period, names=rows.names)
    by_period = _by_period(found, rows)
    if reason := _refusal(rows):
        return _nothing(rows, reason), by_period
    if len(found.periods) < 2:
        reason = "NO_VARIATION" if found.collinear else "TOO_FEW_OBSERVATIONS"
        return _nothing(rows, reason), by_period
    said: list[dict[str, Any]] = []
    for kind, lags in (("plain", 0), ("newey_west", inference.lags)):
        mean = found.mean(lags=lags)
        few = len(found.periods) < LONG_FOR_KERNELS and kind == "newey_west"
        common = {
            "se_type": kind,
            "flavour": "deviation of slopes over √T" if kind == "plain" else _lagged(mean.lags),
            "r2_within": float(np.nanmean(found.r2)),
            "r2": np.nan,
            "freedom": float(mean.observations - 1),
            "speaks": kind == "newey_west",
            "flag": "UNDER_30_PERIODS" if few else "",
            **_of(rows),
            "n": float(found.observations.sum()),
            "n_periods": float(len(found.periods)),
        }
        said += list(_terms(found.names, mean.coefficient[0], _interval(mean), common))
    return said, by_period


def _lagged(lags: int) -> str:
    return f"Bartlett, {lags} {'lag' if lags == 1 else 'lags'}, T/(T-1)"


def _interval(mean: hac.HacFit) -> Tested:
    """The means of slopes with intervals, in the form of the other models."""
    covariance = np.diag(mean.error[0] ** 2)
    return tested(mean.coefficient[0], Errors(covariance, mean.observations - 1, ""))


def _by_period(found: Slopes, rows: Rows) -> pd.DataFrame:
    """The slopes of each period in long form."""
    width, count = len(found.names), len(found.periods)
    dates = rows.periods[found.periods.astype("int64")] if count else rows.periods[:0]
    return pd.DataFrame(
        {
            "date": np.repeat(pd.DatetimeIndex(dates).to_numpy(), width),
            "term": pd.Series(list(found.names) * count, dtype="str"),
            "slope": found.coefficients.ravel(),
            "n": np.repeat(found.observations, width),
            "r2": np.repeat(found.r2, width),
        }
    )


def _mixed(rows: Rows, solve: Any) -> list[dict[str, Any]]:
    if reason := _refusal(rows):
        return _nothing(rows, reason, speaks=False)
    try:
        found = solve(rows)
    except ValueError:
        return _nothing(rows, "TOO_FEW_OBSERVATIONS", speaks=False)
    common = {
        "se_type": "classical",
        "flavour": found.tested.of.flavour,
        "r2_within": np.nan,
        "r2": np.nan,
        "freedom": float(found.tested.of.freedom),
        "speaks": False,
        "flag": "",
        **_of(rows),
    }
    return list(_terms(found.names, found.coefficient, found.tested, common))
