"""The factors for people: sentences built from the numbers, checks, key figures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib import wording
from lib.conventions import FACTORS
from lib.market.factor_diagnostics import (
    HIGH_CORRELATION,
    HIGH_VIF,
    beyond_market,
    correlation_matrix,
    high_pairs,
    off_diagonal,
)
from lib.market.factors import MINIMUM, LeftOut
from lib.stats.covariance import CONDITION_LIMIT, condition_number

WARNINGS = {
    "singular": "a combination of others",
    "high_vif": "hardly told apart",
    "high_correlation": "moves like another",
    "no_prices": "left out: no prices",
    "few_returns": "left out: too few returns",
}
MOST_NAMED = 3


def word(factor: str) -> str:
    """A factor's name inside a sentence."""
    return "the market" if factor == FACTORS[0] else factor.replace("_", " ")


def words_of_warnings(diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Table ``factor_diagnostics`` with names and the first warning in words, and why figures are missing."""
    text = diagnostics["warning"].str.split(",").str[0].map({**WARNINGS, "": ""}).astype("str")
    names = {
        column: diagnostics[column].map(wording.sentence_case, na_action="ignore")
        for column in ("factor", "nearest")
    }
    left_out = _left_out(diagnostics)
    reasons = {
        "no_vif": pd.Series("left out", diagnostics.index).where(left_out, "a combination of the others"),
        "no_correlation": pd.Series("left out", diagnostics.index).where(left_out, "no other factor"),
    }
    return diagnostics.assign(warning=text, **names, **reasons)


def proxies_sentence(diagnostics: pd.DataFrame) -> str:
    """Which factor is told apart worst, and what that does to a beta on it."""
    worst = _worst(diagnostics)
    days = wording.plural(int(worst["observations"]), "day")
    if wording.is_missing(worst["vif"]):
        name = wording.sentence_case(worst["factor"])
        return f"Over {days}, {name} is a combination of other factors; betas on all together are not unique."
    return (
        f"Over {days}, {word(worst['factor'])} is hardest to tell from the others: all of them together "
        f"explain {wording.percent(1 - 1 / worst['vif'])} of it, and a beta on it beside them is "
        f"{wording.number(np.sqrt(worst['vif']), 1)} times as uncertain as alone."
    )


def left_out_sentence(left_out: Mapping[str, LeftOut]) -> str:
    """Which factors have no returns, why, and what that means; empty when none is left out."""
    if not left_out:
        return ""
    parts = wording.joined(f"{word(name)} ({one.reason})" for name, one in left_out.items())
    return f"Left out: {parts}. No beta is measured on {'it' if len(left_out) == 1 else 'them'}."


def pairs_sentence(wide: pd.DataFrame) -> str:
    """How many pairs move together closely, and which most."""
    pairs, all_pairs = high_pairs(wide), wide.shape[1] * (wide.shape[1] - 1) // 2
    limit = wording.number(HIGH_CORRELATION, 1)
    if pairs.empty:
        return f"None of {wording.plural(all_pairs, 'pair')} has a correlation above {limit}."
    named = [
        f"{word(row.factor_1)} and {word(row.factor_2)} ({wording.ratio(row.correlation)})"
        for row in pairs.head(MOST_NAMED).itertuples()
    ]
    return (
        f"{len(pairs)} of {wording.plural(all_pairs, 'pair')} have a correlation above {limit} in size, "
        f"{wording.joined(named)} the closest."
    )


def correlation_sentence(correlations: pd.DataFrame) -> str:
    """Mean and range of the weighted correlations, and how few days they rest on."""
    spread = {name: wording.ratio(value) for name, value in off_diagonal(correlations).items()}
    days = wording.count(round(correlations["effective_observations"].iloc[0]))
    return (
        f"Weighted correlations average {spread['mean']}, from {spread['min']} to {spread['max']} (standard "
        f"deviation {spread['sd']}). They rest on as much as {days} equally weighted days; their condition "
        f"number is {wording.count(_condition(correlations))}."
    )


def named_matrix(correlations: pd.DataFrame) -> pd.DataFrame:
    """The weighted correlations as a matrix with names for people."""
    return correlation_matrix(correlations).rename(index=wording.sentence_case, columns=wording.sentence_case)


def named_beyond_market(wide: pd.DataFrame) -> pd.DataFrame:
    """Correlations of what the styles do beyond the market, as a matrix with names for people."""
    matrix = beyond_market(wide)
    return matrix.rename(index=wording.sentence_case, columns=wording.sentence_case)


def beyond_market_sentence(wide: pd.DataFrame) -> str:
    """Which two styles are still most alike, and which most opposed, once the market is taken out."""
    matrix = beyond_market(wide)
    one, other = np.triu_indices(len(matrix), k=1)
    values = matrix.to_numpy()[one, other]
    if not np.isfinite(values).any():
        return "There are no two styles beside the market."
    pairs = [
        (values[place], one[place], other[place]) for place in (np.nanargmax(values), np.nanargmin(values))
    ]
    high, low = (
        f"{word(matrix.index[first])} and {word(matrix.index[second])} ({wording.ratio(value, signed=True)})"
        for value, first, second in pairs
    )
    apart = " These parts can be told apart." if np.nanmax(np.abs(values)) < HIGH_CORRELATION else ""
    return f"With the market taken out, {high} are most alike, {low} least.{apart}"


def growth_of_factors(wide: pd.DataFrame) -> pd.Series:
    """Return of each factor over the window, by its name for people."""
    return ((1.0 + wide).prod() - 1.0).rename(wording.sentence_case)


def growth_sentence(wide: pd.DataFrame) -> str:
    """The best and the worst factor of the window."""
    ends = ((1.0 + wide).prod() - 1.0).sort_values()
    best, worst = ends.index[-1], ends.index[0]
    return (
        f"From {wording.date(wide.index[0])} to {wording.date(wide.index[-1])} the market returned "
        f"{wording.percent(ends[FACTORS[0]])}; the best factor was {word(best)} with "
        f"{wording.percent(ends[best])}, the worst {word(worst)} with {wording.percent(ends[worst])}."
    )


def identities(
    wide: pd.DataFrame,
    correlations: pd.DataFrame,
    diagnostics: pd.DataFrame,
    left_out: Mapping[str, LeftOut],
) -> list[tuple[str, bool, str]]:
    """Name, whether it holds, and the numbers, for each identity."""
    matrix = correlation_matrix(correlations).to_numpy()
    known = matrix[~np.isnan(matrix)]
    smallest = float(np.linalg.eigvalsh(np.nan_to_num(matrix)).min())
    lowest = float(diagnostics["vif"].min())
    return [
        (
            "Correlations are symmetric, within -1 and 1, and 1 with themselves",
            bool(
                np.allclose(matrix, matrix.T, equal_nan=True)
                and np.all(np.abs(known) <= 1 + 1e-9)
                and np.allclose(np.diag(matrix), 1.0)
            ),
            f"{wording.count(len(known))} correlations",
        ),
        (
            "No mix of factors has a negative variance",
            smallest > -1e-9,
            f"smallest eigenvalue {wording.number(smallest, 4)}",
        ),
        (
            "No variance inflation below 1",
            not lowest < 1 - 1e-9,
            f"smallest {wording.number(lowest, 2)}",
        ),
        (
            "The factors can be told apart",
            _condition(correlations) <= CONDITION_LIMIT,
            f"condition number {wording.count(_condition(correlations))}, at most "
            f"{wording.count(CONDITION_LIMIT)}",
        ),
        (
            "Every factor has every day of the window",
            bool(wide.notna().all().all()),
            f"{wording.plural(len(wide), 'day')}, {wording.plural(wide.shape[1], 'factor')}",
        ),
        (
            "Every factor asked for has prices",
            not left_out,
            left_out_sentence(left_out) or wording.plural(wide.shape[1], "factor"),
        ),
    ]


def verdict(wide: pd.DataFrame, diagnostics: pd.DataFrame, left_out: Mapping[str, LeftOut]) -> str:
    """One short sentence for the top of the page, and what is left out."""
    return f"{_told_apart(wide, diagnostics)} {left_out_sentence(left_out)}".strip()


def _told_apart(wide: pd.DataFrame, diagnostics: pd.DataFrame) -> str:
    """Whether betas on all factors at once mean anything."""
    measured = diagnostics[~_left_out(diagnostics)]
    if len(wide) < MINIMUM:
        return f"The factors have {wording.plural(len(wide), 'day')} in common, too few for betas."
    if len(measured) == 1:
        return "The market is the only factor."
    inflation = measured["vif"]
    close = int((inflation.isna() | (inflation > HIGH_VIF)).sum())
    if not close:
        return f"All {wording.plural(len(measured), 'factor')} can be told apart."
    return f"{close} of {wording.plural(len(measured), 'factor')} can hardly be told apart from the others."


def key_figures(
    wide: pd.DataFrame,
    correlations: pd.DataFrame,
    diagnostics: pd.DataFrame,
    left_out: Mapping[str, LeftOut],
) -> list[dict]:
    """The figures to be seen first."""
    spread, worst = off_diagonal(correlations), diagnostics[~_left_out(diagnostics)]["vif"].max(skipna=False)
    days, low, high = (
        wording.plural(len(wide), "day"),
        *(wording.ratio(spread[end]) for end in ("min", "max")),
    )
    absent = f" Left out: {wording.joined(word(name) for name in left_out)}." if left_out else ""
    factors = f"{wording.plural(wide.shape[1], 'factor')} over {days}.{absent}"
    range_of = f"From {low} to {high}." if wide.shape[1] > 1 else "No other factor."
    return [
        _figure("factors", wide.shape[1], "count", "neither", factors),
        _figure("mean_correlation", spread["mean"], "ratio", "lower", range_of),
        _figure("largest_variance_inflation", worst, "ratio", "lower", _worst_in_short(diagnostics)),
    ]


def _left_out(diagnostics: pd.DataFrame) -> pd.Series:
    return diagnostics["warning"].isin(["no_prices", "few_returns"])


def _worst(diagnostics: pd.DataFrame) -> pd.Series:
    measured = diagnostics[~_left_out(diagnostics)]
    return measured.sort_values("vif", ascending=False, na_position="first").iloc[0]


def _worst_in_short(diagnostics: pd.DataFrame) -> str:
    worst = _worst(diagnostics)
    name = wording.sentence_case(word(worst["factor"]))
    if wording.is_missing(worst["vif"]):
        return f"{name} is a combination of others."
    return f"{name}: the others explain {wording.percent(1 - 1 / worst['vif'])} of it."


def _condition(correlations: pd.DataFrame) -> float:
    return condition_number(np.nan_to_num(correlation_matrix(correlations).to_numpy()))


def _figure(name: str, value: float, unit: str, better: str, sentence: str) -> dict:
    return {"name": name, "value": float(value), "unit": unit, "better": better, "sentence": sentence}
