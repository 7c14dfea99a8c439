"""The page of market/factors: what stands for each factor, and whether the factors can be told apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, holds, none, within
from lib.contracts import KeyFigure
from lib.conventions import FACTORS
from lib.market.factor_diagnostics import (
    HIGH_CORRELATION,
    HIGH_VIF,
    MOST_CONDITION,
    beyond_market,
    condition_of,
    correlation_matrix,
    high_pairs,
    measured,
    off_diagonal,
    pairs_of,
    smallest_eigenvalue,
)
from lib.market.factors import MINIMUM, LeftOut, growth_of
from lib.tables.columns import number, ratio

MOST_NAMED = 3
PROXIES = (
    "factor",
    "proxy",
    number("vif", unit="count", label="Variance inflation", absent="no_vif"),
    ratio("max_correlation", label="Largest correlation", absent="no_correlation"),
    "nearest",
    "warning",
    "origin",
)


def proxies(diagnostics: pd.DataFrame) -> pd.DataFrame:
    """Table ``factor_diagnostics`` with names and warnings in words, and why figures are missing."""
    taken = diagnostics.index.isin(measured(diagnostics).index)
    names = {
        column: diagnostics[column].map(wording.sentence_case, na_action="ignore")
        for column in ("factor", "nearest")
    }
    return diagnostics.assign(
        **names,
        warning=diagnostics["warning"].map(codes.all_words).astype("str"),
        no_vif=np.where(taken, "a combination of the others", "left out"),
        no_correlation=np.where(taken, "no other factor", "left out"),
    )


def proxies_sentence(diagnostics: pd.DataFrame, left_out: Mapping[str, LeftOut]) -> str:
    """Which factor is told apart worst, what that does to a beta on it, and what is left out."""
    worst = measured(diagnostics).iloc[0]
    days = wording.plural(int(worst["observations"]), "day")
    if wording.is_missing(worst["vif"]):
        name = wording.sentence_case(worst["factor"])
        told = f"Over {days}, {name} is a combination of other factors; betas on all together are not unique."
    else:
        told = (
            f"Over {days}, {_word(worst['factor'])} is hardest to tell from the others: all of them together "
            f"explain {_explained(worst)} of it, and a beta on it beside them is "
            f"{wording.number(np.sqrt(worst['vif']), 1)} times as uncertain as alone."
        )
    return f"{told} {left_out_sentence(left_out)}".strip()


def left_out_sentence(left_out: Mapping[str, LeftOut]) -> str:
    """Which factors have no returns, why, and what that means; empty when none is left out."""
    if not left_out:
        return ""
    parts = wording.joined(f"{_word(name)} ({one.reason})" for name, one in left_out.items())
    return f"Left out: {parts}. No beta is measured on {'it' if len(left_out) == 1 else 'them'}."


def growth(wide: pd.DataFrame) -> pd.Series:
    """Return of each factor over the window, by its name for people."""
    return growth_of(wide).rename(wording.sentence_case)


def growth_sentence(wide: pd.DataFrame) -> str:
    """The best and the worst factor of the window."""
    ends = growth_of(wide).sort_values()
    best, worst = ends.index[-1], ends.index[0]
    return (
        f"From {wording.date(wide.index[0])} to {wording.date(wide.index[-1])} the market returned "
        f"{wording.percent(ends[FACTORS[0]])}; the best factor was {_word(best)} with "
        f"{wording.percent(ends[best])}, the worst {_word(worst)} with {wording.percent(ends[worst])}."
    )


def correlations(weighted: pd.DataFrame) -> pd.DataFrame:
    """Table ``factor_correlations`` as a square with names for people."""
    return _named(correlation_matrix(weighted))


def correlations_sentence(weighted: pd.DataFrame) -> str:
    """Mean and range of the weighted correlations, and how few days they rest on."""
    spread = {name: wording.ratio(value) for name, value in off_diagonal(weighted).items()}
    days = wording.count(round(weighted["effective_observations"].iloc[0]))
    return (
        f"Weighted correlations average {spread['mean']}, from {spread['min']} to {spread['max']} (standard "
        f"deviation {spread['sd']}). They rest on as much as {days} equally weighted days; their condition "
        f"number is {wording.count(condition_of(weighted))}."
    )


def styles(wide: pd.DataFrame) -> pd.DataFrame:
    """Correlations of what the styles do beyond the market, as a square with names for people."""
    return _named(beyond_market(wide))


def styles_sentence(wide: pd.DataFrame) -> str:
    """How many factors move together closely; which styles are most and least alike beyond the market."""
    return f"{_together(wide)} {_beyond(wide)}"


def checks(
    wide: pd.DataFrame,
    weighted: pd.DataFrame,
    diagnostics: pd.DataFrame,
    left_out: Mapping[str, LeftOut],
) -> list[Check]:
    """What must hold of the returns (days x factors), the weighted correlations and the diagnostics."""
    square = correlation_matrix(weighted).to_numpy()
    known, condition = square[~np.isnan(square)], condition_of(weighted)
    smallest = smallest_eigenvalue(weighted)
    size = f"{wording.plural(len(wide), 'day')}, {wording.plural(wide.shape[1], 'factor')}"
    return [
        holds(
            "Correlations are symmetric, within -1 and 1, and 1 with themselves",
            np.allclose(square, square.T, equal_nan=True)
            and bool(np.all(np.abs(known) <= 1 + 1e-9))
            and np.allclose(np.diag(square), 1.0),
            wording.plural(len(known), "correlation"),
        ),
        holds(
            "No mix of factors has a negative variance",
            smallest > -1e-9,
            f"smallest eigenvalue {wording.number(smallest, 4)}",
        ),
        within("No variance inflation below 1", diagnostics["vif"], 1.0, np.inf, noun="factor"),
        holds(
            "The factors can be told apart",
            condition <= MOST_CONDITION,
            f"condition number {wording.count(condition)}, at most {wording.count(MOST_CONDITION)}",
        ),
        none(
            "Every factor has every day of the window",
            int(wide.isna().sum().sum()),
            f"returns missing of {size}",
        ),
        holds(
            "Every factor asked for has prices",
            not left_out,
            left_out_sentence(left_out) or wording.plural(wide.shape[1], "factor"),
        ),
    ]


def verdict(wide: pd.DataFrame, diagnostics: pd.DataFrame, left_out: Mapping[str, LeftOut]) -> str:
    """One short sentence for the top of the page, and what is left out."""
    return f"{_told_apart(wide, diagnostics)} {left_out_sentence(left_out)}".strip()


def key_figures(
    wide: pd.DataFrame,
    weighted: pd.DataFrame,
    diagnostics: pd.DataFrame,
    left_out: Mapping[str, LeftOut],
) -> list[KeyFigure]:
    """How many factors, how alike they are, and which one the others explain most."""
    spread, worst = off_diagonal(weighted), measured(diagnostics).iloc[0]
    absent = f" Left out: {wording.joined(_word(name) for name in left_out)}." if left_out else ""
    days = f"{wording.plural(wide.shape[1], 'factor')} over {wording.plural(len(wide), 'day')}.{absent}"
    ends = f"From {wording.ratio(spread['min'])} to {wording.ratio(spread['max'])}."
    name = wording.sentence_case(_word(worst["factor"]))
    explained = f"{name}: the others explain {_explained(worst)} of it."
    if wording.is_missing(worst["vif"]):
        explained = f"{name} is a combination of others."
    alike = ends if wide.shape[1] > 1 else "No other factor."
    return [
        KeyFigure("factors", wide.shape[1], "count", "neither", days),
        KeyFigure("mean_correlation", spread["mean"], "ratio", "lower", alike),
        KeyFigure("largest_variance_inflation", float(worst["vif"]), "ratio", "lower", explained),
    ]


def _told_apart(wide: pd.DataFrame, diagnostics: pd.DataFrame) -> str:
    """Whether betas on all factors at once mean anything."""
    inflation = measured(diagnostics)["vif"]
    factors = wording.plural(len(inflation), "factor")
    if len(wide) < MINIMUM:
        return f"The factors have {wording.plural(len(wide), 'day')} in common, too few for betas."
    if len(inflation) == 1:
        return "The market is the only factor."
    close = int((inflation.isna() | (inflation > HIGH_VIF)).sum())
    if not close:
        return f"All {factors} can be told apart."
    return f"{close} of {factors} can hardly be told apart from the others."


def _together(wide: pd.DataFrame) -> str:
    """How many pairs move together closely, and which most."""
    pairs, every = high_pairs(wide), wide.shape[1] * (wide.shape[1] - 1) // 2
    limit = wording.number(HIGH_CORRELATION, 1)
    if pairs.empty:
        return f"None of {wording.plural(every, 'pair')} has a correlation above {limit}."
    named = wording.joined(_pair(row) for _, row in pairs.head(MOST_NAMED).iterrows())
    return (
        f"{len(pairs)} of {wording.plural(every, 'pair')} have a correlation above {limit} in size, "
        f"{named} the closest."
    )


def _beyond(wide: pd.DataFrame) -> str:
    """Which two styles are still most alike, and which most opposed, once the market is taken out."""
    pairs = pairs_of(beyond_market(wide))
    if pairs.empty:
        return "There are no two styles beside the market."
    values = pairs["correlation"]
    high, low = (_pair(pairs.loc[place], signed=True) for place in (values.idxmax(), values.idxmin()))
    apart = " These parts can be told apart." if values.abs().max() < HIGH_CORRELATION else ""
    return f"With the market taken out, {high} are most alike, {low} least.{apart}"


def _pair(row: pd.Series, *, signed: bool = False) -> str:
    size = wording.ratio(row["correlation"], signed=signed)
    return f"{_word(row['factor_1'])} and {_word(row['factor_2'])} ({size})"


def _explained(row: pd.Series) -> str:
    """How much of a factor the others explain."""
    return wording.percent(1 - 1 / row["vif"])


def _named(square: pd.DataFrame) -> pd.DataFrame:
    return square.rename(index=wording.sentence_case, columns=wording.sentence_case)


def _word(factor: str) -> str:
    """A factor's name inside a sentence."""
    return "the market" if factor == FACTORS[0] else factor.replace("_", " ")
