"""The page risk/correlations: which underlyings move together, and how many independent ones they are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import checks as check
from lib import codes, wording
from lib.checks import CLOSE, Check
from lib.contracts import KeyFigure
from lib.risk.clusters import METHODS
from lib.risk.correlations import Comparison, effective_positions
from lib.tables.columns import figure, fraction, text

LINKED, AVERAGE = METHODS
METHOD_WORDS = {LINKED: "Linked", AVERAGE: "Average linkage"}
MEASURES = {
    "underlyings": ("Underlyings with exposure", "count"),
    "compared": ("Underlyings compared", "count"),
    "excluded_positions": ("Positions left out", "count"),
    "excluded_weight": ("Weight left out", "fraction"),
    "days": ("Returns in the window", "count"),
    "average_correlation": ("Mean correlation", "ratio"),
    "average_abs_correlation": ("Mean correlation without its sign", "ratio"),
    "signed_average_correlation": ("Mean correlation, a short turned round", "ratio"),
    "effective_positions": ("Effective positions", "ratio"),
    "signed_effective_positions": ("Effective positions, a short turned round", "ratio"),
    "kish_positions": ("Effective positions if nothing moved together", "ratio"),
    "hhi": ("Herfindahl index of the weights", "ratio"),
    "concentration_score": ("Weight inside linked clusters", "fraction"),
    "concentration_score_average": ("Weight inside clusters by average linkage", "fraction"),
}
"""Words and unit of each measure of table ``concentration``."""

MOST_NAMED = 5
UNDERLYINGS = (
    "symbol",
    "exposure",
    "gross",
    "weight",
    "observations",
    text("reason", label="Status"),
)
PAIRS = (
    "symbol_1",
    "symbol_2",
    "correlation",
    "observations",
    "p_value",
    fraction("weight_1", label="Weight of the first"),
    fraction("weight_2", label="Weight of the second"),
)
CLUSTERS = ("method", "nickname", text("members"), "weight", "average_correlation", "min_correlation")
MEMBERS = ("method", "nickname", "symbol", "weight", "correlation_to_cluster")
CONCENTRATION = (text("measure"), figure("value", absent="note"))


def underlyings(table: pd.DataFrame) -> pd.DataFrame:
    """Table ``compared_underlyings`` with why one is not compared in words."""
    words = table["reason"].map(lambda code: wording.sentence_case(codes.words(code)) or "Compared")
    return table.assign(reason=words.astype("str"))


def strongest(comparison: Comparison, pairs: pd.DataFrame) -> pd.DataFrame:
    """Each pair once, the strongest first, with both weights; from table ``position_correlations``."""
    weight = comparison.members.set_index("symbol")["weight"]
    once = pairs[pairs["symbol_1"] < pairs["symbol_2"]]
    order = once["correlation"].abs().sort_values(ascending=False, kind="stable").index
    once = once.loc[order].reset_index(drop=True)
    return once.assign(weight_1=once["symbol_1"].map(weight), weight_2=once["symbol_2"].map(weight))


def clusters(table: pd.DataFrame) -> pd.DataFrame:
    """One row a cluster of table ``clusters``: members in words, weight, mean and smallest correlation."""
    rows = table.groupby(["method", "cluster"], sort=False).agg(
        nickname=("nickname", "first"),
        members=("symbol", wording.joined),
        weight=("weight", "sum"),
        average_correlation=("average_correlation", "first"),
        min_correlation=("min_correlation", "first"),
    )
    rows = rows.reset_index()
    order = rows["method"].map(METHODS.index).sort_values(kind="stable").index
    return members(rows.loc[order].reset_index(drop=True))


def members(table: pd.DataFrame) -> pd.DataFrame:
    """Table ``clusters`` with the methods in words."""
    return table.assign(method=table["method"].map(METHOD_WORDS).astype("str"))


def concentration(measures: pd.DataFrame) -> pd.DataFrame:
    """Table ``concentration`` with the measures in words and the ``unit`` of each."""
    words, units = zip(*(MEASURES[name] for name in measures["measure"]), strict=True)
    return measures.assign(measure=pd.array(words, dtype="str"), unit=pd.array(units, dtype="str"))


def underlyings_sentence(comparison: Comparison, table: pd.DataFrame, holdings: pd.DataFrame) -> str:
    """How many underlyings are compared, and what is left out and why, by table ``compared_underlyings``."""
    known, size = len(comparison.underlyings), len(comparison.members)
    if not known:
        return "The book has no exposure to a market price, so there is nothing to compare."
    compared = f"{size} of {wording.plural(known, 'underlying')} are compared over {comparison.days} returns"
    counted = codes.counted(holdings["reason"])
    named = table[(table["reason"] != "") & ~table["reason"].isin(counted)]
    by_reason = named.groupby("reason", sort=False)["symbol"]
    why = [f"{codes.words(code)}: {wording.named(part, MOST_NAMED)}" for code, part in by_reason]
    left = f"left out: {wording.joined(counted.values())}" if counted else ""
    return f"{'; '.join(filter(None, [compared, *why, left]))}."


def matrix_sentence(pairs: pd.DataFrame) -> str:
    """The closest and the most opposed pair."""
    once = pairs[(pairs["symbol_1"] < pairs["symbol_2"]) & pairs["correlation"].notna()]
    if once.empty:
        return "A correlation needs two underlyings with enough returns."
    high, low = once.loc[once["correlation"].idxmax()], once.loc[once["correlation"].idxmin()]
    most = (
        f"{high['symbol_1']} and {high['symbol_2']} move together most ({wording.ratio(high['correlation'])})"
    )
    if len(once) == 1:
        return f"{most}."
    return f"{most}, {low['symbol_1']} and {low['symbol_2']} least ({wording.ratio(low['correlation'])})."


def clusters_sentence(table: pd.DataFrame, threshold: float) -> str:
    """The largest linked cluster and whether its ends belong together."""
    first = table[(table["method"] == LINKED) & (table["cluster"] == 1)]
    if first.empty:
        return f"No two underlyings are correlated at {wording.ratio(threshold)} or more."
    least = first["min_correlation"].iloc[0]
    chained = not wording.is_missing(least) and least < threshold
    return (
        f"The largest, {first['nickname'].iloc[0]}, has {len(first)} members and "
        f"{wording.percent(first['weight'].sum())} of the weight; its least related pair stands at "
        f"{wording.ratio(least)}{', under the threshold: a chain' if chained else ''}."
    )


def members_sentence(table: pd.DataFrame) -> str:
    """Which member of a linked cluster is closest to the others, and which least."""
    known = table[table["method"] == LINKED].dropna(subset="correlation_to_cluster")
    if known.empty:
        return "No underlying is in a linked cluster."
    ends = known.sort_values("correlation_to_cluster", kind="stable").iloc[[-1, 0]]
    words = [
        f"{one.symbol} in {one.nickname} ({wording.ratio(one.correlation_to_cluster)})"
        for one in ends.itertuples()
    ]
    return f"Of the linked members, {words[0]} is closest to the others of its cluster, {words[1]} least."


def verdict(comparison: Comparison, measures: pd.DataFrame) -> str:
    """One sentence for the top of the page."""
    table = measures.set_index("measure")
    value, size = table["value"], len(comparison.members)
    found, hedged, mean = (
        value[name] for name in ("effective_positions", "signed_effective_positions", "average_correlation")
    )
    if wording.is_missing(found):
        return f"No number of independent positions: {table.loc['effective_positions', 'note']}."
    if wording.is_missing(hedged):
        return "Longs and shorts offset, so the book amounts to no number of independent positions."
    amount = (
        f"The {wording.plural(size, 'underlying')} compared amount to {wording.number(hedged, 1)} "
        f"independent {'position' if round(hedged, 1) == 1 else 'positions'}"
    )
    if (comparison.members["value"] < 0).any():
        amount += f", {wording.number(found, 1)} if every short were held long"
    together = "" if wording.is_missing(mean) else f"; the mean correlation is {wording.ratio(mean)}"
    return f"{amount}{together}."


def key_figures(measures: pd.DataFrame) -> list[KeyFigure]:
    """The figures to be seen first."""
    table = measures.set_index("measure")
    chosen = {
        "signed_effective_positions": ("higher", "as many independent positions as the book amounts to"),
        "effective_positions": ("higher", "the same if every short were held long"),
        "average_correlation": ("lower", "mean correlation of the underlyings"),
        "concentration_score": ("lower", "of the compared weight is in linked clusters"),
    }
    found = []
    for name, (better, words) in chosen.items():
        value, unit = table.loc[name, "value"], MEASURES[name][1]
        shown = wording.figure(value, unit, reason=table.loc[name, "note"] or "")
        found.append(KeyFigure(name, value, unit, better, f"{shown}: {words}."))
    return found


def checks(comparison: Comparison, clusters: pd.DataFrame, measures: pd.DataFrame) -> list[Check]:
    """What must hold of the correlations, clusters and measures of this very book."""
    matrix = comparison.matrix.coefficient.to_numpy("float64")
    weights = comparison.underlyings["weight"].abs()
    twice = int(clusters.duplicated(["method", "symbol"]).sum())
    plain = effective_positions(comparison.members["value"].abs().to_numpy(), matrix)
    kish = float(measures.set_index("measure")["value"]["kish_positions"])
    fewer = "Where no correlation is negative, they leave fewer positions than weights alone"
    positive = np.isfinite(matrix).all() and (matrix >= 0).all()
    smaller = not positive or wording.is_missing(kish) or plain <= kish + CLOSE
    whole = "Weights without sign add up to one"
    return [
        check.close("The matrix is symmetric", pd.Series(matrix.ravel()), pd.Series(matrix.T.ravel())),
        check.within("No correlation is beyond one", pd.Series(matrix.ravel()), -1.0, 1.0),
        check.nothing(whole) if weights.empty else check.adds_up(whole, weights, 1.0),
        check.holds(
            "No underlying is in two clusters of a method", not twice, wording.plural(twice, "underlying")
        ),
        check.holds(fewer, smaller, f"{wording.number(plain)} and {wording.number(kish)}"),
    ]
