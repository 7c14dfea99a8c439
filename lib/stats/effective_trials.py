"""How many independent trials a set of related ones amounts to, from the correlation of their returns.

Two counts. From eigenvalues: (sum of their roots)^2 over their sum (Galwey 2009, "A new measure of the
effective number of tests"; N for unrelated trials, 1 for copies). From clusters: groups of trials that move
together, their number being that of the clearest grouping (Lopez de Prado and Lewis 2019, "Detection of false
investment strategies using unsupervised learning methods"; here average linkage on sqrt((1 - correlation) /
2) and the mean silhouette over its deviation, in place of their repeated k-means).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

MOST_GROUPINGS = 60
"""Numbers of clusters that are tried at most; with more trials the larger ones are tried in steps."""
ALIKE = 0.05
"""Trials all nearer than this (correlations above 0.995) are one cluster: no grouping is asked for."""


def correlation_of_trials(returns: Any) -> np.ndarray:
    """Correlations (N, N) of the columns of returns (T, N), which have no gaps; 0 with a constant column."""
    values = np.asarray(returns, dtype="float64")
    centred = values - values.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    unit = np.divide(centred, size, out=np.zeros_like(centred), where=size > 0.0)
    correlation = np.clip(unit.T @ unit, -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def effective_by_eigenvalues(correlation: Any) -> float:
    """Galwey's number: between 1 (all alike) and N (all unrelated); negative eigenvalues count as 0."""
    matrix = np.atleast_2d(np.asarray(correlation, dtype="float64"))
    values = np.maximum(np.linalg.eigvalsh(matrix), 0.0)
    values = np.where(values > 1e-10 * values.max(), values, 0.0)
    return float(np.sqrt(values).sum() ** 2 / values.sum())


def trial_clusters(correlation: Any) -> np.ndarray:
    """The cluster of each trial (N,), from 1: the grouping whose mean silhouette is largest by its deviation.

    One cluster where all are alike, each its own where no two trials are related (correlation under 0.2).
    """
    matrix = np.atleast_2d(np.asarray(correlation, dtype="float64"))
    count = len(matrix)
    distance = np.sqrt(np.maximum(0.5 * (1.0 - matrix), 0.0))
    np.fill_diagonal(distance, 0.0)
    if count < 3 or distance.max() <= ALIKE:
        alone = count > 1 and distance.max() > ALIKE
        return np.arange(1, count + 1) if alone else np.ones(count, dtype=int)
    if np.max(matrix - np.eye(count)) < 0.2:
        return np.arange(1, count + 1)
    tree = linkage(squareform(distance, checks=False), method="average")
    numbers = np.unique(np.geomspace(2, count - 1, MOST_GROUPINGS).round().astype(int))
    groupings = [fcluster(tree, number, criterion="maxclust") for number in numbers]
    quality = [_silhouette_quality(distance, grouping) for grouping in groupings]
    return np.asarray(groupings[int(np.argmax(quality))])


def _silhouette_quality(distance: np.ndarray, grouping: np.ndarray) -> float:
    """Mean silhouette over its standard deviation (Rousseeuw 1987; a trial alone in its cluster has 0)."""
    member = (grouping[:, None] == np.unique(grouping)[None, :]).astype("float64")
    size, sums = member.sum(axis=0), distance @ member
    own = member > 0.0
    others = size[None, :] - 1.0
    within = np.where(own, sums, 0.0).sum(axis=1) / np.maximum(np.where(own, others, 0.0).sum(axis=1), 1.0)
    between = np.where(own, np.inf, sums / size).min(axis=1)
    alone = np.where(own, size[None, :], 0.0).sum(axis=1) < 2.0
    score = np.where(alone, 0.0, (between - within) / np.maximum(np.maximum(between, within), 1e-12))
    spread = float(score.std())
    return float(score.mean()) / max(spread, 0.05)
