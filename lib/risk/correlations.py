"""Which underlyings move together, and to how many independent positions the book amounts.

Everything is by underlying, on its signed delta-adjusted exposure: lots and options of one company are one
row. Log returns of the last ``window`` trading days; a pair is compared on the days that both have. Left
out, with the reason, are

- ``other_side``: longs or shorts alone are asked for;
- ``offset``: options and shorts offset the rest to nothing, so that it is no exposure;
- ``hedged``: under the thresholds of money and weight net of options and shorts, and not without them;
- ``small``: under the thresholds either way;
- ``few_returns``: fewer than ``minimum`` returns in the window;
- ``constant``: a price that did not move has no correlation.

Effective positions are 1 / (w' C w) with weights w that add up to one without their signs; with signs a hedge
counts as one and the figure can exceed the number of positions. References: Kish (1965) for 1 / sum(w^2);
Choueifaty and Coignard (2008) for diversification by correlations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.book import delta_by_underlying, taking_part
from lib.risk.historical_simulation import closes_of
from lib.stats.correlation import Correlations, correlations, fisher_p_value
from lib.stats.returns import log_returns
from lib.stats.series import moments

WINDOW = 90
MINIMUM = 20
FILTER_MODES = ("both", "either", "value_only", "weight_only")
VIEWS = ("portfolio", "longs", "shorts")
REASONS = ("other_side", "hedged", "small", "few_returns", "constant")
NOTES = {
    "none": "no underlying left",
    "one": "one underlying: nothing to compare",
    "pairs": "a pair shares too few days",
    "offset": "the weights offset each other",
}


@dataclass(frozen=True)
class Comparison:
    """What is compared. ``underlyings`` has a row each: symbol, value (signed money), gross (of its positions
    one by one), weight (of the sum of |value|, signed), observations, reason (empty when compared);
    ``matrix`` covers those without a reason, in the same order, the largest first; ``days`` is the number of
    returns in the window.
    """

    underlyings: pd.DataFrame
    matrix: Correlations
    days: int

    @property
    def members(self) -> pd.DataFrame:
        """The underlyings that are compared."""
        return self.underlyings[self.underlyings["reason"] == ""].reset_index(drop=True)


def compare(
    holdings: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    window: int = WINDOW,
    minimum: int = MINIMUM,
    min_position_value: float | None = 10_000.0,
    min_weight: float | None = 0.01,
    filter_mode: str = "both",
    view: str = "portfolio",
) -> Comparison:
    """Correlations of the underlyings that pass the filters; thresholds of None pass everything.

    ``holdings`` as from ``lib.book``, ``prices`` the table. Raises ValueError for an unknown mode
    or view.
    """
    table = by_underlying(holdings)
    side = _on_side(table["value"], view)
    limits = (min_position_value, min_weight, filter_mode)
    net, gross = table["value"].abs(), table["gross"]
    large, large_gross = (_large(money, net.sum(), *limits) for money in (net, gross))
    returns = log_returns(closes_of(prices, table["symbol"]), span_gaps=False).tail(window)
    returns = returns.reindex(columns=table["symbol"])
    count, _, deviation = moments(returns.to_numpy())
    hedged = ~large & large_gross
    reason = np.select([~side, hedged, ~large, count < minimum, deviation == 0.0], REASONS, default="")
    table = table.assign(observations=count, reason=pd.array(reason, dtype="str"))
    kept = table.loc[table["reason"] == "", "symbol"]
    return Comparison(table, correlations(returns[kept], minimum=minimum), len(returns))


def by_underlying(holdings: pd.DataFrame) -> pd.DataFrame:
    """Columns symbol, value (delta-adjusted, signed money), gross (sum of |value| over its positions) and
    weight (of the sum of |value|, signed).

    The largest first; underlyings whose positions offset to 0 are no exposure and are left out.
    """
    value = delta_by_underlying(holdings)
    value = value[value != 0.0]
    order = value.abs().sort_values(ascending=False, kind="stable").index
    value = value[order]
    total = value.abs().sum()
    gross = _gross(holdings)
    return pd.DataFrame(
        {
            "symbol": pd.array(value.index, dtype="str"),
            "value": value.to_numpy("float64"),
            "gross": gross[order].to_numpy("float64"),
            "weight": value.to_numpy("float64") / total if len(value) else np.empty(0),
        }
    )


def _gross(holdings: pd.DataFrame) -> pd.Series:
    """Sum of |delta-adjusted exposure| of the positions that take part, by underlying."""
    known = taking_part(holdings)
    return known["delta_exposure"].abs().groupby(known["underlying"]).sum()


def underlying_table(comparison: Comparison, holdings: pd.DataFrame) -> pd.DataFrame:
    """Table ``compared_underlyings``: every underlying that is held, the largest first, and why one is not
    compared; ``holdings`` as from ``lib.book``.

    One that no position gives an exposure has the reason of its first position, ``offset`` where they cancel.
    """
    known = comparison.underlyings.rename(columns={"value": "exposure"})
    others = holdings[~holdings["underlying"].isin(known["symbol"])]
    first = others.sort_values("reason", kind="stable").drop_duplicates("underlying")
    reason = first["reason"].where(first["reason"] != "", "offset")
    net = delta_by_underlying(others).reindex(first["underlying"]).to_numpy("float64")
    gross = _gross(others).reindex(first["underlying"]).to_numpy("float64")
    rest = {"symbol": first["underlying"], "exposure": net, "gross": gross, "observations": 0}
    rest_table = pd.DataFrame({**rest, "weight": np.where(np.isnan(net), np.nan, 0.0), "reason": reason})
    return pd.concat([known, rest_table], ignore_index=True)


def correlation_table(comparison: Comparison) -> pd.DataFrame:
    """Table ``position_correlations``: every pair both ways and the diagonal, which has no p-value."""
    coefficient, observations = comparison.matrix
    size = len(coefficient)
    value, count = coefficient.to_numpy(), observations.to_numpy()
    p_value = fisher_p_value(value, count)
    np.fill_diagonal(p_value, np.nan)
    names = coefficient.columns.to_numpy()
    return pd.DataFrame(
        {
            "symbol_1": pd.array(np.repeat(names, size), dtype="str"),
            "symbol_2": pd.array(np.tile(names, size), dtype="str"),
            "correlation": value.ravel(),
            "observations": count.astype("int64").ravel(),
            "p_value": p_value.ravel(),
        }
    )


def effective_positions(weights: np.ndarray, correlation: np.ndarray) -> float:
    """1 / (w' C w); NaN where that is not positive or a correlation is missing.

    ``weights`` are scaled to a sum of 1 without their signs.
    """
    total = np.abs(weights).sum()
    if not total > 0:
        return float("nan")
    scaled = np.asarray(weights, dtype="float64") / total
    variance = float(scaled @ np.asarray(correlation) @ scaled)
    return 1.0 / variance if variance > 1e-12 else float("nan")


def concentration(comparison: Comparison, clusters: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
    """Table ``concentration``; ``clusters`` as from ``lib.risk.clusters``."""
    members = comparison.members
    matrix = comparison.matrix.coefficient.to_numpy()
    value = members["value"].to_numpy()
    size = len(members)
    pairs = matrix[np.triu_indices(size, 1)]
    signed = (np.sign(value)[:, None] * np.sign(value) * matrix)[np.triu_indices(size, 1)]
    weights = comparison.underlyings["weight"]
    plain, net = effective_positions(np.abs(value), matrix), effective_positions(value, matrix)
    alone = NOTES["none"] if size == 0 else NOTES["one"] if size == 1 else NOTES["pairs"]
    missing = NOTES["none"] if size == 0 else NOTES["pairs"] if np.isnan(matrix).any() else NOTES["offset"]
    return pd.DataFrame(
        [
            _measure("underlyings", len(comparison.underlyings)),
            _measure("compared", size),
            *_left_out(comparison, holdings),
            _measure("days", comparison.days),
            _measure("average_correlation", _mean(pairs), alone),
            _measure("average_abs_correlation", _mean(np.abs(pairs)), alone),
            _measure("signed_average_correlation", _mean(signed), alone),
            _measure("effective_positions", plain, missing),
            _measure("signed_effective_positions", net, missing),
            _measure("kish_positions", effective_positions(value, np.eye(size)), NOTES["none"]),
            _measure("hhi", float(np.square(weights).sum()) if len(weights) else np.nan, NOTES["none"]),
            *[_score(members, clusters, method) for method in ("linked", "average")],
        ]
    )


def _measure(name: str, value: float, reason: str | None = None) -> dict:
    number = float(value)
    return {"measure": name, "value": number, "note": reason if np.isnan(number) else None}


def _left_out(comparison: Comparison, holdings: pd.DataFrame) -> list[dict]:
    """Positions that are not compared, and the part of the sum of |value| that they have."""
    left = comparison.underlyings[comparison.underlyings["reason"] != ""]
    compared = holdings["underlying"].isin(comparison.members["symbol"]) & (holdings["reason"] == "")
    share = float(left["weight"].abs().sum()) if len(comparison.underlyings) else np.nan
    reasons = {*underlying_table(comparison, holdings)["reason"], *holdings["reason"]} - {""}
    note = ", ".join(sorted(reasons)) or None
    return [
        {"measure": "excluded_positions", "value": float((~compared).sum()), "note": note},
        _measure("excluded_weight", share, NOTES["none"]),
    ]


def _score(members: pd.DataFrame, clusters: pd.DataFrame, method: str) -> dict:
    """Part of the compared money that is in a cluster."""
    name = "concentration_score" if method == "linked" else "concentration_score_average"
    total = members["value"].abs().sum()
    inside = members["symbol"].isin(clusters.loc[clusters["method"] == method, "symbol"])
    money = members.loc[inside, "value"].abs().sum()
    return _measure(name, money / total if total > 0 else np.nan, NOTES["none"])


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _on_side(value: pd.Series, view: str) -> np.ndarray:
    if view not in VIEWS:
        raise ValueError(f"view {view!r} is not one of {', '.join(VIEWS)}")
    if view == "portfolio":
        return np.ones(len(value), dtype=bool)
    return ((value > 0) if view == "longs" else (value < 0)).to_numpy()


def _large(
    money: pd.Series, total: float, min_position_value: float | None, min_weight: float | None, mode: str
) -> np.ndarray:
    """Which underlyings pass the thresholds of money and of its part of ``total``; None is no condition."""
    if mode not in FILTER_MODES:
        raise ValueError(f"filter_mode {mode!r} is not one of {', '.join(FILTER_MODES)}")
    wanted = {"value_only": ("value",), "weight_only": ("weight",)}.get(mode, ("value", "weight"))
    limits, scale = {"value": min_position_value, "weight": min_weight}, {"value": 1.0, "weight": total}
    tests = [
        (money >= limit * scale[name]).to_numpy()
        for name, limit in limits.items()
        if name in wanted and limit is not None
    ]
    if not tests:
        return np.ones(len(money), dtype=bool)
    return np.logical_or.reduce(tests) if mode == "either" else np.logical_and.reduce(tests)
