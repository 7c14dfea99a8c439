"""Correlations, clusters and concentration as the page shows them: frames, sentences, checks, key figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from lib import wording
from lib.risk.clusters import METHODS, distance
from lib.risk.correlations import Comparison, effective_positions

CLOSE = 1e-9
REASON_WORDS = {
    "": "Compared",
    "other_side": "Not the side asked for",
    "small": "Under the thresholds",
    "few_returns": "Too few returns",
    "constant": "Price did not move",
}
PAIR_LABELS = {
    "symbol_1": "First",
    "symbol_2": "Second",
    "observations": "Days",
    "p_value": "p",
    "weight_1": "Weight of the first",
    "weight_2": "Weight of the second",
}
PAIR_FORMATS = {"correlation": "ratio", "p_value": "number", "weight_1": "percent", "weight_2": "percent"}
METHOD_WORDS = {"linked": "Linked", "average": "Average linkage"}
MEASURE_WORDS = {
    "underlyings": "Underlyings with exposure",
    "compared": "Underlyings compared",
    "excluded_positions": "Positions left out",
    "excluded_weight": "Weight left out",
    "days": "Returns in the window",
    "average_correlation": "Mean correlation",
    "average_abs_correlation": "Mean correlation without its sign",
    "signed_average_correlation": "Mean correlation, a short turned round",
    "effective_positions": "Effective positions",
    "signed_effective_positions": "Effective positions, a short turned round",
    "kish_positions": "Effective positions if nothing moved together",
    "hhi": "Herfindahl index of the weights",
    "concentration_score": "Weight inside linked clusters",
    "concentration_score_average": "Weight inside clusters by average linkage",
}


def ordered(comparison: Comparison) -> pd.DataFrame:
    """The correlation matrix with those that move together side by side (leaves of average linkage)."""
    matrix = comparison.matrix.coefficient
    if len(matrix) < 3:
        return matrix
    tree = linkage(squareform(distance(matrix.to_numpy()), checks=False), method="average")
    order = leaves_list(tree)
    return matrix.iloc[order, order]


def strongest(comparison: Comparison, pairs: pd.DataFrame) -> pd.DataFrame:
    """Each pair once, the strongest first, with both weights; from table ``position_correlations``."""
    weight = comparison.members.set_index("symbol")["weight"]
    once = pairs[pairs["symbol_1"] < pairs["symbol_2"]]
    order = once["correlation"].abs().sort_values(ascending=False, kind="stable").index
    once = once.loc[order].reset_index(drop=True)
    return once.assign(weight_1=once["symbol_1"].map(weight), weight_2=once["symbol_2"].map(weight))


def cluster_rows(clusters: pd.DataFrame) -> pd.DataFrame:
    """One row a cluster: method, nickname, members in words, weight, mean and smallest correlation."""
    table = clusters.groupby(["method", "cluster"], sort=False).agg(
        nickname=("nickname", "first"),
        members=("symbol", wording.joined),
        count=("symbol", "size"),
        weight=("weight", "sum"),
        average_correlation=("average_correlation", "first"),
        min_correlation=("min_correlation", "first"),
    )
    table = table.reset_index()
    order = table["method"].map({name: place for place, name in enumerate(METHODS)})
    table = table.loc[order.sort_values(kind="stable").index].reset_index(drop=True)
    return table.assign(method=table["method"].map(METHOD_WORDS).astype("str"))


def scope_sentence(comparison: Comparison, holdings: pd.DataFrame) -> str:
    """How many underlyings are compared and what is left out."""
    known, size = len(comparison.underlyings), len(comparison.members)
    if not known:
        return "The book has no exposure to a market price, so there is nothing to compare."
    text = f"{size} of {wording.plural(known, 'underlying')} are compared over {comparison.days} returns"
    outside = holdings["reason"][holdings["reason"] != ""]
    counts = outside.value_counts()
    words = {
        "manual": "valued by hand",
        "unpriced": "without a price",
        "no_greeks": "without Greeks",
    }
    left = [f"{wording.plural(int(counts[one]), 'position')} {words[one]}" for one in words if one in counts]
    return f"{text}; {wording.joined(left)} take no part." if left else f"{text}."


def matrix_sentence(pairs: pd.DataFrame) -> str:
    """The closest and the most opposed pair."""
    once = pairs[(pairs["symbol_1"] < pairs["symbol_2"]) & pairs["correlation"].notna()]
    if once.empty:
        return "A correlation needs two underlyings with enough returns."
    high, low = once.loc[once["correlation"].idxmax()], once.loc[once["correlation"].idxmin()]
    text = (
        f"{high['symbol_1']} and {high['symbol_2']} move together most ({wording.ratio(high['correlation'])})"
    )
    if len(once) == 1:
        return f"{text}."
    return f"{text}, {low['symbol_1']} and {low['symbol_2']} least ({wording.ratio(low['correlation'])})."


def cluster_sentence(clusters: pd.DataFrame, threshold: float) -> str:
    """The largest linked cluster and whether its ends belong together."""
    first = clusters[(clusters["method"] == "linked") & (clusters["cluster"] == 1)]
    if first.empty:
        return f"No two underlyings are correlated at {wording.ratio(threshold)} or more."
    least = first["min_correlation"].iloc[0]
    chained = not wording.is_missing(least) and least < threshold
    return (
        f"The largest, {first['nickname'].iloc[0]}, has {len(first)} members and "
        f"{wording.percent(first['weight'].sum())} of the weight; its least related pair stands at "
        f"{wording.ratio(least)}{', under the threshold: a chain' if chained else ''}."
    )


def verdict(comparison: Comparison, measures: pd.DataFrame) -> str:
    """One sentence for the top of the page."""
    value = measures.set_index("measure")["value"]
    note = measures.set_index("measure")["note"]
    size, found = len(comparison.members), value["effective_positions"]
    if wording.is_missing(found):
        return f"No number of independent positions: {note['effective_positions']}."
    text = (
        f"The {wording.plural(size, 'underlying')} compared amount to {wording.number(found, 1)} independent "
        f"{'position' if round(found, 1) == 1 else 'positions'}"
    )
    hedged = value["signed_effective_positions"]
    short = bool((comparison.members["value"] < 0).any())
    if short and not wording.is_missing(hedged):
        text += f", {wording.number(hedged, 1)} when shorts count as hedges"
    mean = value["average_correlation"]
    return text + ("." if wording.is_missing(mean) else f"; the mean correlation is {wording.ratio(mean)}.")


def key_figures(measures: pd.DataFrame) -> list[dict]:
    """The figures to be seen first."""
    table = measures.set_index("measure")
    chosen = {
        "effective_positions": ("ratio", "higher", "as many independent positions as the book amounts to"),
        "signed_effective_positions": ("ratio", "higher", "the same with shorts counted as hedges"),
        "average_correlation": ("ratio", "lower", "mean correlation of the underlyings"),
        "concentration_score": ("fraction", "lower", "of the compared weight is in linked clusters"),
    }
    return [
        {
            "name": name,
            "value": table.loc[name, "value"],
            "unit": unit,
            "better": better,
            "sentence": f"{_shown(table.loc[name], unit)}: {words}.",
        }
        for name, (unit, better, words) in chosen.items()
    ]


def _shown(row: pd.Series, unit: str) -> str:
    return wording.figure(row["value"], unit, reason=row["note"] or "")


def identities(
    comparison: Comparison, clusters: pd.DataFrame, measures: pd.DataFrame
) -> list[tuple[str, bool, str]]:
    """Name, whether it holds, and the numbers, for each identity."""
    matrix = comparison.matrix.coefficient.to_numpy()
    gap = float(np.nanmax(np.abs(matrix - matrix.T), initial=0.0))
    largest = float(np.nanmax(np.abs(matrix), initial=0.0))
    weight = float(comparison.underlyings["weight"].abs().sum())
    plain = effective_positions(comparison.members["value"].abs().to_numpy(), matrix)
    value = measures.set_index("measure")["value"]
    kish = value["kish_positions"]
    twice = int(clusters.duplicated(["method", "symbol"]).sum())
    positive = np.isfinite(matrix).all() and (matrix >= 0).all()
    order = not positive or wording.is_missing(kish) or plain <= kish + CLOSE
    return [
        ("The matrix is symmetric", gap <= CLOSE, f"largest difference {gap:.0e}"),
        ("No correlation is beyond one", largest <= 1 + CLOSE, f"largest {wording.number(largest, 4)}"),
        (
            "Weights without sign add up to one",
            comparison.underlyings.empty or abs(weight - 1) <= CLOSE,
            wording.number(weight, 6),
        ),
        ("No underlying is in two clusters of a method", twice == 0, wording.plural(twice, "underlying")),
        (
            "Where no correlation is negative, they leave fewer positions than weights alone",
            bool(order),
            f"{wording.number(plain)} and {wording.number(kish)}",
        ),
    ]


def measure_table(measures: pd.DataFrame) -> pd.DataFrame:
    """Table ``concentration`` in words, numbers as text by their kind, the note as reason."""
    kinds = dict.fromkeys(("underlyings", "compared", "excluded_positions", "days"), "count")
    kinds |= dict.fromkeys(
        ("excluded_weight", "concentration_score", "concentration_score_average"), "fraction"
    )
    shown = [
        wording.figure(one.value, kinds.get(one.measure, "ratio"), reason=one.note or "")
        for one in measures.itertuples()
    ]
    words = measures["measure"].map(MEASURE_WORDS).astype("str")
    return pd.DataFrame({"measure": words, "value": pd.array(shown, dtype="str")})
