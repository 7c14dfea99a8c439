"""Whether the factors can be told apart: correlations, variance inflation, and where prices come from.

Correlated factors make betas on all of them together unstable: the variance inflation factor says how much
wider the error of a beta is, squared, than if the factor were alone (Belsley, Kuh and Welsch, Regression
Diagnostics, 1980). Correlations of the page are exponentially weighted (RiskMetrics 1996), those behind the
diagnostics equally weighted, as regressions see them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib import codes
from lib.codes.market import LEFT_OUT
from lib.conventions import FACTORS, ORIGINS
from lib.market.factors import LeftOut, members
from lib.stats.covariance import (
    CONDITION_LIMIT,
    DECAY,
    condition_number,
    correlation_of,
    effective_observations,
    ewma_covariance,
)
from lib.stats.regression import ols

HIGH_VIF = 10.0
HIGH_CORRELATION = 0.8
MOST_CONDITION = CONDITION_LIMIT
"""Condition number of the correlations above which the factors cannot be told apart."""


def factor_correlations(wide: pd.DataFrame, *, decay: float = DECAY) -> pd.DataFrame:
    """Table ``factor_correlations`` of days x factors: exponentially weighted, zero mean, nothing clipped."""
    matrix = correlation_of(ewma_covariance(wide, decay=decay))
    k, names = len(wide.columns), np.array(wide.columns, dtype=object)
    return pd.DataFrame(
        {
            "factor_1": pd.array(np.repeat(names, k), dtype="str"),
            "factor_2": pd.array(np.tile(names, k), dtype="str"),
            "correlation": matrix.ravel(),
            "observations": len(wide),
            "effective_observations": effective_observations(len(wide), decay=decay),
        }
    )


def off_diagonal(correlations: pd.DataFrame) -> dict[str, float]:
    """Mean, largest, smallest and standard deviation of the correlations between different factors."""
    values = correlations.loc[correlations["factor_1"] < correlations["factor_2"], "correlation"]
    return {"mean": values.mean(), "max": values.max(), "min": values.min(), "sd": values.std()}


def correlation_matrix(correlations: pd.DataFrame) -> pd.DataFrame:
    """Table ``factor_correlations`` as a matrix, factors in their fixed order."""
    matrix = correlations.pivot(index="factor_1", columns="factor_2", values="correlation")  # noqa: PD010
    names = [name for name in FACTORS if name in matrix.index]
    return matrix.loc[names, names].rename_axis(index=None, columns=None)


def condition_of(correlations: pd.DataFrame) -> float:
    """Condition number of the table ``factor_correlations``, unknown correlations counting as none."""
    return condition_number(np.nan_to_num(correlation_matrix(correlations).to_numpy()))


def smallest_eigenvalue(correlations: pd.DataFrame) -> float:
    """Of the table ``factor_correlations``: below 0 where some mix of factors had a negative variance."""
    return float(np.linalg.eigvalsh(np.nan_to_num(correlation_matrix(correlations).to_numpy())).min())


def factor_diagnostics(
    wide: pd.DataFrame,
    factors: dict[str, str],
    origins: pd.Series,
    left_out: Mapping[str, LeftOut] | None = None,
) -> pd.DataFrame:
    """Table ``factor_diagnostics`` of days x factors, from equally weighted correlations as regressions see.

    ``origins`` is the origin of each symbol's prices. The variance inflation factor is null where the factor
    is a combination of the others. Factors ``left_out`` have a row too, with their days and no figures.
    """
    names, lacking = list(wide.columns), left_out or {}
    listed = [*names, *lacking]
    centred = (wide - wide.mean()).to_numpy()
    matrix = correlation_of(centred.T @ centred)
    others = np.abs(matrix - np.diag(np.diag(matrix)))
    alone = len(names) == 1
    largest = np.full(1, np.nan) if alone else np.nan_to_num(others, nan=-1.0).max(axis=1)
    nearest = [None] if alone else [names[place] for place in np.nan_to_num(others, nan=-1.0).argmax(axis=1)]
    condition = condition_number(centred.T @ centred)
    inflation = variance_inflation(centred)
    figures = pd.DataFrame(
        {
            "observations": len(wide),
            "vif": inflation,
            "max_correlation": largest,
            "nearest": pd.array(nearest, dtype="str"),
            "warning": _warnings(inflation, largest, condition),
        }
    )
    absent = pd.DataFrame(
        {
            "observations": [one.observations for one in lacking.values()],
            "warning": pd.array([one.code for one in lacking.values()], dtype="str"),
        }
    )
    table = pd.concat([figures, absent], ignore_index=True) if lacking else figures
    return table.assign(
        factor=pd.array(listed, dtype="str"),
        proxy=pd.array([factors[name] for name in listed], dtype="str"),
        condition_number=condition if np.isfinite(condition) else np.nan,
        origin=pd.array([_origin(factors[name], origins) for name in listed], dtype="str"),
    )


def measured(diagnostics: pd.DataFrame) -> pd.DataFrame:
    """The factors that were not left out, the one that is hardest to tell from the others first."""
    left_out = codes.has_any(diagnostics["warning"], (one.name for one in LEFT_OUT))
    return diagnostics[~left_out].sort_values("vif", ascending=False, na_position="first")


def variance_inflation(centred: np.ndarray) -> np.ndarray:
    """1 / (1 - R^2) of each column (n x k, mean 0) on the others; NaN where it is a combination of them."""
    scale = np.sqrt(np.square(centred).sum(axis=0))
    scaled = centred / np.where(scale > 0, scale, np.nan)
    _, values, right = np.linalg.svd(np.nan_to_num(scaled), full_matrices=False)
    small = values <= 1e-7 * values.max(initial=0.0)
    involved = (np.square(right[small]) > 1e-10).any(axis=0)
    inflation = (np.square(right[~small]) / np.square(values[~small, None])).sum(axis=0)
    return np.where(involved | ~(scale > 0), np.nan, inflation)


def beyond_market(wide: pd.DataFrame) -> pd.DataFrame:
    """Equally weighted correlations of the styles' residuals on the market (the first column): a matrix.

    One missing number where there is no style.
    """
    if wide.shape[1] == 1:
        return pd.DataFrame({"no_style": [np.nan]}, index=["no_style"])
    residuals = wide.iloc[:, 1:] - np.outer(wide.iloc[:, 0], ols(wide, wide.iloc[:, 0]).coefficients[1, 1:])
    return residuals.corr()


def pairs_of(matrix: pd.DataFrame) -> pd.DataFrame:
    """The pairs of a square of correlations, each once and where it is known: factor_1, factor_2, value."""
    one, other = np.triu_indices(len(matrix), k=1)
    names = np.array(matrix.index, dtype=object)
    values = matrix.to_numpy()[one, other]
    return pd.DataFrame({"factor_1": names[one], "factor_2": names[other], "correlation": values}).dropna()


def high_pairs(wide: pd.DataFrame, *, above: float = HIGH_CORRELATION) -> pd.DataFrame:
    """``pairs_of`` factors (days x factors) whose |correlation| is above a limit, the closest first."""
    pairs = pairs_of(wide.corr())
    chosen = pairs[pairs["correlation"].abs() > above]
    return chosen.sort_values("correlation", key=abs, ascending=False).reset_index(drop=True)


def _warnings(inflation: np.ndarray, largest: np.ndarray, condition: float) -> pd.Series:
    masks = {
        "singular": np.isnan(inflation) | (condition > MOST_CONDITION),
        "high_vif": inflation > HIGH_VIF,
        "high_correlation": largest > HIGH_CORRELATION,
    }
    return codes.flags_of(masks, pd.RangeIndex(len(inflation)))


def _origin(proxy: str, origins: pd.Series) -> str:
    """The least trusted origin of the members' prices; a basket is constructed at best."""
    found = [origins.get(symbol, ORIGINS[0]) for symbol in members(proxy)]
    return max([*found, ORIGINS[min(len(found) - 1, 1)]], key=ORIGINS.index)


def origin_of_symbols(prices: pd.DataFrame) -> pd.Series:
    """The least trusted origin of each symbol's prices."""
    ranks = prices["origin"].map({origin: rank for rank, origin in enumerate(ORIGINS)})
    return ranks.groupby(prices["symbol"]).max().map(dict(enumerate(ORIGINS)))
