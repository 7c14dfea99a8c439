"""The wild cluster bootstrap for few clusters: the null imposed, a clustered t in every draw.

Cameron, Gelbach and Miller (2008), "Bootstrap-Based Improvements for Inference with Clustered Errors": the
residuals of the regression that holds the null are turned, cluster by cluster, by a random sign, and each
draw's t is compared with the real one. With fewer than twelve clusters two signs make too few draws that
differ, so Webb's six points are used (Webb 2023, "Reworking Wild Bootstrap-Based Inference for Clustered
Errors"). All draws are made at once from the scores of clusters (Roodman, MacKinnon, Nielsen and Webb 2019).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.stats.panel.covariance import Parts
from lib.stats.panel.within import group_sums, within

WEBB = np.array([-1.0, -1.0, -1.0, 1.0, 1.0, 1.0]) * np.sqrt([1.5, 1.0, 0.5, 0.5, 1.0, 1.5])
FEW_FOR_SIGNS = 12


class WildTest(NamedTuple):
    """One coefficient: its error and t, the p of the draws, an interval by their 95 % point of abs(t).

    ``draws`` were made with ``weights`` of ``clusters``.
    """

    error: float
    t: float
    p: float
    low: float
    high: float
    draws: int
    clusters: int
    weights: str


def weights_of(clusters: int, draws: int, *, seed: int, kind: str = "") -> tuple[np.ndarray, str]:
    """Weights (draws, clusters) and their kind: rademacher, or webb with fewer than twelve clusters."""
    kind = kind or ("webb" if clusters < FEW_FOR_SIGNS else "rademacher")
    points = WEBB if kind == "webb" else np.array([-1.0, 1.0])
    return np.random.default_rng(seed).choice(points, size=(draws, clusters)), kind


def wild_test(
    parts: Parts,
    coefficient: np.ndarray,
    which: int,
    *,
    by: str,
    weights: np.ndarray,
    kind: str = "",
) -> WildTest:
    """Whether coefficient number ``which`` of a fit is zero, with clusters ``by`` entity or period.

    ``parts`` and ``coefficient`` are those of ``least_squares.Fit``; ``weights`` (draws, clusters). A draw
    counts as extreme when its abs(t) is at least the real one; p is (1 + extreme) / (1 + draws).
    """
    code = parts.entity if by == "entity" else parts.period
    groups, width = int(code.max()) + 1, parts.design.shape[1]
    x = parts.design
    bread = np.linalg.inv(x.T @ x)
    y = x @ coefficient + parts.residuals
    others = np.delete(np.arange(width), which)
    held = x[:, others]
    restricted = y - (held @ np.linalg.lstsq(held, y, rcond=None)[0] if len(others) else 0.0)
    factor = groups / (groups - 1.0)
    gram = _grams(x, code, groups)
    real = _t(coefficient, group_sums(x * parts.residuals[:, None], code)[None], bread, which, factor)[0]
    own = group_sums(x * restricted[:, None], code)
    moved = weights @ own @ bread
    scores = weights[:, :, None] * own[None]
    if parts.kind not in ("none", by):
        scores = scores - np.einsum("bh,ghk->bgk", weights, _leakage(parts, restricted, code, groups))
    scores = scores - np.einsum("gij,bj->bgi", gram, moved)
    drawn = np.abs(_t(moved, scores, bread, which, factor))
    error = abs(coefficient[which] / real) if real else np.nan
    extreme = int((drawn >= abs(real) * (1.0 - 1e-12)).sum())
    point = float(np.quantile(drawn, 0.95))
    return WildTest(
        float(error),
        float(real),
        (1.0 + extreme) / (1.0 + len(weights)),
        float(coefficient[which] - point * error),
        float(coefficient[which] + point * error),
        len(weights),
        groups,
        kind,
    )


def _grams(x: np.ndarray, code: np.ndarray, groups: int) -> np.ndarray:
    width = x.shape[1]
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    return group_sums(products, code).reshape(groups, width, width)


def _leakage(parts: Parts, restricted: np.ndarray, code: np.ndarray, groups: int) -> np.ndarray:
    """Scores (g, h, k) that cluster g loses when effects are taken out of the turned residuals of h."""
    alone = np.zeros((len(code), groups))
    alone[np.arange(len(code)), code] = restricted
    taken = alone - within(alone, parts.entity, parts.period, parts.kind).columns
    width = parts.design.shape[1]
    products = (taken[:, :, None] * parts.design[:, None, :]).reshape(len(code), -1)
    return group_sums(products, code).reshape(groups, groups, width)


def _t(
    coefficient: np.ndarray, scores: np.ndarray, bread: np.ndarray, which: int, factor: float
) -> np.ndarray:
    """t of one coefficient by draw from the scores (draws, groups, k) of clusters."""
    spread = factor * ((scores @ bread[:, which]) ** 2).sum(axis=1)
    estimate = coefficient[which] if coefficient.ndim == 1 else coefficient[:, which]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 0.0, estimate / np.sqrt(spread), 0.0)
