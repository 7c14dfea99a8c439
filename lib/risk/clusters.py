"""Groups of underlyings that move together, and a name for each.

``linked``: two underlyings are linked from a correlation of ``threshold`` on, and a cluster is whatever is
connected, so that weakly related ends can hang together through the middle; ``min_correlation`` shows it.
``average``: average linkage on the distance sqrt((1 - r) / 2), cut where r would be ``threshold``; the mean
over pairs decides, so that chains break. Correlations count with their sign: a hedge is no twin. A pair
without a correlation is as far apart as can be. A cluster has two members or more. Reference: Mantegna
(1999), "Hierarchical structure in financial markets".
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from lib.risk.correlations import Comparison

THRESHOLD = 0.7
METHODS = ("linked", "average")
SHARED_BY = 0.7
"""Part of the members that a tag or sector must be on to name the cluster."""
LONGEST_NAME = 100
ROUNDING = 1e-12
STRATEGY = "#strategy:"
COLUMNS = [
    "method",
    "cluster",
    "nickname",
    "symbol",
    "weight",
    "correlation_to_cluster",
    "average_correlation",
    "min_correlation",
]


def clusters(
    comparison: Comparison, positions: pd.DataFrame, *, threshold: float = THRESHOLD
) -> pd.DataFrame:
    """Table ``clusters`` by both methods; tags and sectors of ``positions`` give the names.

    ``weight`` is without sign. The clusters of a method are numbered by members, then by money.
    """
    matrix = comparison.matrix.coefficient.to_numpy()
    labels = {"linked": linked(matrix, threshold=threshold), "average": average(matrix, threshold=threshold)}
    marks = _marks(positions)
    parts = [_members(comparison.members, matrix, labels[method], method) for method in METHODS]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(nickname=_nicknames(table, marks))[COLUMNS].astype({"nickname": "str"})


def linked(correlation: np.ndarray, *, threshold: float = THRESHOLD) -> np.ndarray:
    """Number of the connected component of each underlying, edges from ``threshold`` on."""
    return connected_components(csr_array(correlation >= threshold), directed=False)[1]


def average(correlation: np.ndarray, *, threshold: float = THRESHOLD) -> np.ndarray:
    """Number of the cluster of each underlying by average linkage, cut at the distance of ``threshold``."""
    if len(correlation) < 2:
        return np.zeros(len(correlation), dtype="int64")
    tree = linkage(squareform(distance(correlation), checks=False), method="average")
    return fcluster(tree, distance(np.array(threshold)) + ROUNDING, criterion="distance")


def ordered(correlation: pd.DataFrame) -> pd.DataFrame:
    """The matrix with those that move together side by side (leaves of average linkage)."""
    if len(correlation) < 3:
        return correlation
    tree = linkage(squareform(distance(correlation.to_numpy()), checks=False), method="average")
    order = leaves_list(tree)
    return correlation.iloc[order, order]


def distance(correlation: np.ndarray) -> np.ndarray:
    """sqrt((1 - r) / 2), from 0 for r = 1 to 1 for r = -1 and for a missing one."""
    return np.sqrt((1.0 - np.nan_to_num(correlation, nan=-1.0)) / 2.0)


def _members(members: pd.DataFrame, matrix: np.ndarray, label: np.ndarray, method: str) -> pd.DataFrame:
    """One row a member of a cluster of two or more, with its correlations to the others."""
    same = (label[:, None] == label) & ~np.eye(len(label), dtype=bool)
    inside = np.where(same, matrix, np.nan)
    known = ~np.isnan(inside)
    table = pd.DataFrame(
        {
            "label": label,
            "symbol": members["symbol"],
            "weight": members["weight"].abs(),
            "sum": np.where(known, inside, 0.0).sum(axis=1),
            "pairs": known.sum(axis=1),
            "least": np.where(known, inside, np.inf).min(axis=1, initial=np.inf),
        }
    )[same.any(axis=1)]
    groups = table.groupby("label")
    sums = groups[["sum", "pairs", "weight"]].transform("sum")
    size = groups["symbol"].transform("size")
    table = table.assign(
        method=pd.array([method] * len(table), dtype="str"),
        size=size,
        money=sums["weight"],
        first=groups["symbol"].transform("min"),
        correlation_to_cluster=table["sum"] / table["pairs"].where(table["pairs"] > 0),
        average_correlation=sums["sum"] / sums["pairs"].where(sums["pairs"] > 0),
        min_correlation=groups["least"].transform("min").replace(np.inf, np.nan),
    )
    table = table.sort_values(
        ["size", "money", "first", "weight", "symbol"], ascending=[False, False, True, False, True]
    )
    return table.assign(cluster=pd.factorize(table["label"])[0] + 1).reset_index(drop=True)


def _marks(positions: pd.DataFrame) -> pd.DataFrame:
    """Tags and sectors of each underlying that is held: columns kind, symbol, mark."""
    held = positions[positions["quantity"] != 0]
    tags = held["tags"].fillna("").str.split(",")
    tagged = pd.DataFrame({"symbol": held["underlying"], "mark": tags}).explode("mark")
    tagged["mark"] = tagged["mark"].astype("str").str.strip().str.removeprefix(STRATEGY)
    sector = pd.DataFrame({"symbol": held["underlying"], "mark": held["sector"]}).dropna()
    both = pd.concat([tagged.assign(kind=0), sector.assign(kind=1)], ignore_index=True)
    return both[both["mark"] != ""].drop_duplicates()


def _nicknames(table: pd.DataFrame, marks: pd.DataFrame) -> pd.Series:
    """Name of the cluster of each row: a tag or sector that most members have, else the largest member.

    Among several tags, or sectors, the one with most members, then most money, then the first by name;
    "Cluster <first>" where no single member is the largest.
    """
    key = ["method", "cluster"]
    rows = table.merge(marks, on="symbol")
    shared = rows.groupby([*key, "kind", "mark"], as_index=False).agg(
        count=("symbol", "nunique"), money=("weight", "sum")
    )
    size = table.groupby(key)["symbol"].size().rename("size").reset_index()
    shared = shared.merge(size, on=key)
    shared = shared[shared["count"] >= SHARED_BY * shared["size"] - ROUNDING]
    shared = shared.sort_values(["kind", "count", "money", "mark"], ascending=[True, False, False, True])
    named = shared.drop_duplicates(key).set_index(key)["mark"]
    groups = table.groupby(key)
    largest = table["weight"] == groups["weight"].transform("max")
    tops = largest.groupby([table["method"], table["cluster"]]).transform("sum")
    leader = groups["symbol"].transform("first")
    own = (leader + " lookalikes").where(tops == 1, "Cluster " + groups["symbol"].transform("min"))
    found = pd.MultiIndex.from_frame(table[key]).map(named.to_dict())
    return pd.Series(found, index=table.index, dtype="object").fillna(own).str[:LONGEST_NAME]
