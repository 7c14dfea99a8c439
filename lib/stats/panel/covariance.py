"""Errors of panel coefficients: classical, HC1, clusters of one or two kinds, and Driscoll-Kraay.

Small-sample factors differ between programs, so each result says its own. Ours are Stata's and fixest's:
clusters G / (G - 1) · (n - 1) / (n - K), where K counts slopes, the constant and those effects that are not
nested in clusters; two kinds of cluster have a factor each (Cameron, Gelbach and Miller 2011, "Robust
Inference with Multiway Clustering"). linearmodels' default leaves G / (G - 1) away and pyfixest's takes the
smaller G for both. Driscoll and Kraay (1998) let errors of one period and of neighbouring ones be related.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.stats.hac import default_lags
from lib.stats.panel.within import group_sums

ERRORS = ("classical", "hc1", "cluster_entity", "cluster_period", "cluster_both", "driscoll_kraay")


class Errors(NamedTuple):
    """Covariance (k, k) of coefficients, degrees of freedom of t, what was done, whether it was clipped."""

    covariance: np.ndarray
    freedom: int
    flavour: str
    clipped: bool = False


class Parts(NamedTuple):
    """What every kind of error needs of a fit.

    design (n, k) without effects, residuals (n,), codes (n,), free effects by kind and in all; the constant
    is among them.
    """

    design: np.ndarray
    residuals: np.ndarray
    entity: np.ndarray
    period: np.ndarray
    effects: int
    kind: str


def errors(parts: Parts, kind: str, *, lags: int | None = None, correction: bool = True) -> Errors:
    """Errors of one ``kind`` of ``ERRORS``; without ``correction`` no small-sample factor at all.

    ``lags`` are Driscoll and Kraay's, by Newey and West's rule where None. Raises ValueError where there are
    fewer than two clusters or no degree of freedom.
    """
    count, width = parts.design.shape
    bread = np.linalg.inv(parts.design.T @ parts.design)
    free = count - width - parts.effects
    if free < 1:
        raise ValueError(
            f"{count} observations cannot carry {width + parts.effects} coefficients and effects"
        )
    if kind == "classical":
        scale = float(parts.residuals @ parts.residuals) / (free if correction else count)
        return Errors(scale * bread, free, "s² with n - K" if correction else "s² with n")
    scores = parts.design * parts.residuals[:, None]
    if kind == "hc1":
        factor = count / free if correction else 1.0
        said = "White, n/(n-K)" if correction else "White, no factor"
        return Errors(factor * bread @ (scores.T @ scores) @ bread, free, said)
    if kind == "driscoll_kraay":
        return _driscoll_kraay(parts, bread, scores, lags, correction)
    if kind not in ERRORS:
        raise ValueError(f"errors are one of {', '.join(ERRORS)}, not {kind}")
    return _clustered(parts, bread, scores, kind, correction)


def _clustered(parts: Parts, bread: np.ndarray, scores: np.ndarray, kind: str, correction: bool) -> Errors:
    count, width = parts.design.shape
    factor = (count - 1) / (count - width - _charged(parts, kind)) if correction else 1.0
    codes = {"cluster_entity": [parts.entity], "cluster_period": [parts.period]}
    chosen = codes.get(kind, [parts.entity, parts.period])
    groups = [int(code.max()) + 1 for code in chosen]
    if min(groups) < 2:
        raise ValueError("fewer than two clusters")
    meat = sum(_meat(scores, code, correction) for code in chosen)
    if len(chosen) == 2:
        pair = np.unique(parts.entity * (int(parts.period.max()) + 1) + parts.period, return_inverse=True)[1]
        meat = meat - _meat(scores, pair, correction)
    covariance = factor * bread @ meat @ bread
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2.0)
    clipped = len(chosen) == 2 and bool(values.min() < -1e-12 * np.abs(values).max())
    if clipped:
        covariance = (vectors * np.maximum(values, 0.0)) @ vectors.T
    said = "G/(G-1)·(n-1)/(n-K)" if correction else "no factor"
    said = f"{said} of each kind of cluster" if len(chosen) == 2 and correction else said
    return Errors(covariance, min(groups) - 1, said, clipped)


def _charged(parts: Parts, kind: str) -> int:
    """Effects that count as coefficients: not those nested in clusters; with effects the constant is one."""
    entities, periods = int(parts.entity.max()) + 1, int(parts.period.max()) + 1
    nested = {"cluster_entity": ("entity",), "cluster_period": ("period",)}.get(kind, ("entity", "period"))
    if parts.kind == "none":
        return 0
    if parts.kind in nested:
        return 1
    if parts.kind != "both":
        return parts.effects
    if len(nested) == 2:
        return 1
    return parts.effects - (entities - 1 if nested == ("entity",) else periods - 1)


def _meat(scores: np.ndarray, code: np.ndarray, correction: bool) -> np.ndarray:
    sums = group_sums(scores, code)
    return sums.T @ sums * (len(sums) / (len(sums) - 1.0) if correction else 1.0)


def _driscoll_kraay(
    parts: Parts, bread: np.ndarray, scores: np.ndarray, lags: int | None, correction: bool
) -> Errors:
    sums = group_sums(scores, parts.period)
    periods, (count, width) = len(sums), parts.design.shape
    if periods < 2:
        raise ValueError("fewer than two periods")
    used = default_lags(periods) if lags is None else min(lags, periods - 1)
    meat = sums.T @ sums
    for lag in range(1, used + 1):
        product = sums[lag:].T @ sums[:-lag]
        meat = meat + (1.0 - lag / (used + 1.0)) * (product + product.T)
    factor = periods / (periods - 1.0) * (count - 1.0) / (count - width - _charged(parts, "cluster_period"))
    said = "T/(T-1)·(n-1)/(n-K)" if correction else "no factor"
    covariance = bread @ meat @ bread * (factor if correction else 1.0)
    return Errors(covariance, periods - 1, f"Bartlett, {used} lags, {said}")
