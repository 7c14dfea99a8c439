"""All that the stage ``signals/did`` estimates of one natural experiment, as rows of its tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lib.contracts import empty
from lib.conventions import ORIGINS
from lib.stats.differences import sensitivity, staggered, two_way
from lib.stats.differences.design import Design, design_of, refusal
from lib.tables import TABLES
from lib.tables.signal_did import DIFFERENCES

NAMES = tuple(table.name for table in DIFFERENCES)
FEW_TREATED = 5
"""Fewer treated clusters make errors by cluster too small (MacKinnon and Webb 2017)."""
CLUSTERED = "by cluster, G/(G-1)·(n-1)/(n-K)"
INFLUENCE = "influence functions summed by cluster, no factor"


@dataclass(frozen=True)
class Method:
    """Settings: weights or not, the window around the treatment, sizes of departures, bootstrap, placebos."""

    weighted: bool = True
    leads: int = 4
    lags: int = 4
    relative: tuple[float, ...] = (0.0, 0.25, 0.5, 1.0, 2.0)
    smooth: tuple[float, ...] = (0.0, 0.01, 0.02)
    draws: int = 999
    seed: int = 7
    placebos: int = 4


@dataclass(frozen=True)
class DesignStudy:
    """One design: its arrays, why it was refused (a code, or empty), and rows by table."""

    role: str
    name: str
    outcome: str
    origin: str
    design: Design | None
    code: str
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in NAMES})

    @property
    def worst_origin(self) -> str:
        """The least trusted origin of its rows; ``manual`` of a design without any."""
        return max(self.origin.split(", "), key=ORIGINS.index) if self.origin else ORIGINS[-1]

    def frame(self, table: str) -> pd.DataFrame:
        """Its rows of a table."""
        return tables([self])[table]

    def estimate(self, estimator: str) -> pd.Series | None:
        """The row of an estimator over all treated units; None where there is no number."""
        table = self.frame("did_estimates")
        own = table.loc[(table["estimator"] == estimator) & (table["term"] == "all")]
        own = own.dropna(subset="estimate")
        return own.iloc[0] if len(own) else None


def tables(studies: Iterable[DesignStudy]) -> dict[str, pd.DataFrame]:
    """The tables of the stage, the own design's rows first."""
    found: dict[str, pd.DataFrame] = {}
    for name in NAMES:
        rows = [
            {"role": one.role, "design": one.name, "outcome": one.outcome, "origin": one.worst_origin, **row}
            for one in studies
            for row in one.rows[name]
        ]
        columns = TABLES[name].column_names
        found[name] = pd.DataFrame(rows)[columns] if rows else empty(TABLES[name])
    return found


def design_study(
    designs: pd.DataFrame, name: str | None, outcome: str, method: Method, *, role: str
) -> DesignStudy:
    """Everything of the design ``name``; its first outcome where ``outcome`` is not one of its own.

    A design that is not there, or that has no answer, has a code and no rows. Raises ValueError for a unit
    with two first treated periods.
    """
    own = designs.loc[designs["design"] == (name or "")]
    if own.empty:
        return DesignStudy(role, name or "", outcome, "", None, "NO_DESIGN")
    known = sorted(own["outcome"].unique())
    chosen = outcome if outcome in known else known[0]
    own = own.loc[own["outcome"] == chosen]
    origin = ", ".join(sorted(own["origin"].unique()))
    design = design_of(own, weighted=method.weighted)
    study = DesignStudy(role, str(name), chosen, origin, design, refusal(design))
    if not study.code:
        _two_way(study, design, method)
        _staggered(study, design, method)
        _placebos(study, design, method)
    return study


def _of(design: Design, flavour: str) -> dict[str, Any]:
    clusters = len(np.unique(design.cluster[design.treated]))
    return {
        "units": float(len(design.first)),
        "treated": float(design.treated.sum()),
        "clusters": float(design.clusters),
        "weighted": design.weighted,
        "flavour": flavour,
        "flag": "FEW_TREATED_CLUSTERS" if clusters < FEW_TREATED else "",
    }


def _numbers(estimate: Any, se: Any, p: Any, low: Any, high: Any) -> dict[str, float]:
    names = ("estimate", "se", "p", "low", "high")
    return {name: float(one) for name, one in zip(names, (estimate, se, p, low, high), strict=True)}


def _single(effects: two_way.Effects, one: int) -> dict[str, float]:
    tested = effects.tested
    return _numbers(
        effects.coefficient[one], tested.error[one], tested.p[one], tested.low[one], tested.high[one]
    )


NOTHING = _numbers(*[np.nan] * 5)


def _two_way(study: DesignStudy, design: Design, method: Method) -> None:
    """Two by two, two-way effects with their comparisons, leads and lags, and the test of the leads."""
    rows, common = study.rows, _of(design, CLUSTERED)
    if design.treated.all():
        refused = {**common, "flag": "NO_NEVER_TREATED"}
        rows["did_estimates"].append({"estimator": "two_by_two", "term": "all", **NOTHING, **refused})
    else:
        effect, tested = two_way.two_by_two(design)
        numbers = _numbers(effect, tested.error[1], tested.p[1], tested.low[1], tested.high[1])
        rows["did_estimates"].append({"estimator": "two_by_two", "term": "all", **numbers, **common})
    found = two_way.two_way_effects(design)
    numbers = _single(found, 0) if not found.absorbed else NOTHING
    rows["did_estimates"].append({"estimator": "two_way_effects", "term": "all", **numbers, **common})
    parts = two_way.bacon(design)
    for one in range(len(parts.weight)):
        control = parts.control[one]
        rows["did_comparisons"].append(
            {
                "kind": parts.kind[one],
                "treated": float(design.periods[int(parts.treated[one])]),
                "control": np.nan if np.isnan(control) else float(design.periods[int(control)]),
                "estimate": float(parts.estimate[one]),
                "weight": float(parts.weight[one]),
            }
        )
    path = two_way.leads_and_lags(design, leads=method.leads, lags=method.lags)
    for one, label in enumerate(path.label):
        rows["did_paths"].append(
            {
                "estimator": "event_study",
                "distance": float(label),
                **_single(path, one),
                "band_low": np.nan,
                "band_high": np.nan,
                "cells": float((design.groups + label < len(design.periods)).sum()),
                "binned": bool(label in (-method.leads, method.lags)),
                "flag": "NO_NEVER_TREATED" if path.absorbed else "",
            }
        )
    _pre_trend(study, "event_study", path.label, path.coefficient, path.tested.of.covariance)


def _pre_trend(
    study: DesignStudy, estimator: str, label: np.ndarray, effect: np.ndarray, covariance: np.ndarray
) -> None:
    """The joint test of the leads; its power against the trend that would make the mean effect after."""
    design = study.design
    assert design is not None
    after = label >= 0
    reach = float((label[after] + 1).mean()) if after.any() else np.nan
    against = abs(float(effect[after].mean())) / reach if after.any() else 0.0
    leads = label < -1
    common = {"estimator": estimator, "leads": float(leads.sum())}
    names = ("statistic", "p", "slope_50", "slope_80", "power")
    if not leads.any() or not np.diag(covariance)[leads].any():
        numbers = dict.fromkeys(names, np.nan)
        study.rows["did_pretrends"].append({**common, **numbers, "flag": "TOO_FEW_LEADS"})
        return
    test = two_way.pre_trend(label, effect, covariance, freedom=design.clusters - 1, against=against)
    values = (test.statistic, test.p, test.slope_50, test.slope_80, test.power_at)
    study.rows["did_pretrends"].append({**common, **dict(zip(names, values, strict=True)), "flag": ""})


def _staggered(study: DesignStudy, design: Design, method: Method) -> None:
    """Effects by group and period, their averages, the test of the leads, and the bounds."""
    rows, common = study.rows, _of(design, INFLUENCE)
    cells = staggered.group_times(design)
    judged = staggered.judged(design, cells.effect, cells.influence, draws=0, seed=method.seed)
    for one in range(len(cells.effect)):
        rows["did_group_times"].append(
            {
                "group": float(design.periods[cells.group[one]]),
                "period": float(design.periods[cells.period[one]]),
                **_each(cells.effect, judged, one),
                "treated": float(cells.treated[one]),
                "controls": float(cells.controls[one]),
                "flag": "ONE_TREATED" if cells.treated[one] < 2 else "",
            }
        )
    for estimator, average in (
        ("staggered", staggered.overall(design, cells)),
        ("staggered_by_group", staggered.by_group(design, cells)),
    ):
        judged = staggered.judged(design, average.effect, average.influence, draws=0, seed=method.seed)
        for one, label in enumerate(average.label):
            own = design.first == label
            numbers, more = _each(average.effect, judged, one), dict(common)
            if estimator == "staggered_by_group":
                lone = "ONE_TREATED" if own.sum() < 2 else ""
                more |= {"treated": float(own.sum()), "flag": lone}
            term = "all" if estimator == "staggered" else f"{design.periods[int(label)]:g}"
            rows["did_estimates"].append({"estimator": estimator, "term": term, **numbers, **more})
    _path(study, design, staggered.by_event_time(design, cells), method)


def _each(effect: np.ndarray, judged: staggered.Judged, one: int) -> dict[str, float]:
    return _numbers(effect[one], judged.error[one], judged.p[one], judged.low[one], judged.high[one])


def _path(study: DesignStudy, design: Design, average: staggered.Averages, method: Method) -> None:
    inside = (average.label >= -method.leads) & (average.label <= method.lags)
    label, effect = average.label[inside], average.effect[inside]
    judged = staggered.judged(
        design, effect, average.influence[:, inside], draws=method.draws, seed=method.seed
    )
    for one, distance in enumerate(label):
        half = judged.band * judged.error[one]
        study.rows["did_paths"].append(
            {
                "estimator": "staggered",
                "distance": float(distance),
                **_each(effect, judged, one),
                "band_low": float(effect[one] - half),
                "band_high": float(effect[one] + half),
                "cells": float(average.cells[inside][one]),
                "binned": False,
                "flag": "",
            }
        )
    _pre_trend(study, "staggered", label, effect, judged.covariance)
    if not ((label == 0).any() and (label == -2).any()):
        return
    path = sensitivity.path_of(label, effect, judged.covariance, leads=method.leads, lags=method.lags)
    found = {"relative_magnitudes": sensitivity.relative_magnitudes(path, list(method.relative))}
    if method.smooth:
        found["smoothness"] = sensitivity.smoothness(path, list(method.smooth))
    for restriction, bounds in found.items():
        study.rows["did_bounds"] += [{"restriction": restriction, **one._asdict()} for one in bounds]


def _placebos(study: DesignStudy, design: Design, method: Method) -> None:
    """The overall effect with the treatment moved back and what came after the true one left out."""
    before = np.where(design.on(), np.nan, design.outcome)
    for shift in range(1, method.placebos + 1):
        moved = design.first - shift
        kept = moved > 0
        fake = Design(
            before[kept],
            moved[kept],
            design.weight[kept],
            np.unique(design.cluster[kept], return_inverse=True)[1],
            design.units[kept],
            design.periods,
            0,
            design.weighted,
        )
        if refusal(fake):
            continue
        cells = staggered.group_times(fake)
        if not (cells.period >= cells.group).any():
            continue
        average = staggered.overall(fake, cells)
        judged = staggered.judged(fake, average.effect, average.influence, draws=0, seed=method.seed)
        study.rows["did_placebos"].append(
            {"shift": float(shift), **_each(average.effect, judged, 0), "flag": _of(fake, "")["flag"]}
        )
