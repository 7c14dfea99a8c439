"""The daily variance of the book by the factor model, and who makes it up.

In money: variance = B' S B + E' D E, with B_k the sum of exposure x beta, S the factors' covariance, E_u the
delta-adjusted exposure of an underlying and D the covariance of residuals: their variances, and blocks by
sector (``lib.risk.residual_blocks``). E_u is summed before it is squared, so a stock and a short call on it
offset each other. Both parts are homogeneous
of degree two, so factors, underlyings and positions each have a share and shares add up to the whole (Euler).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.risk.factor_model import FactorModel


def factor_parts(dollars: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """B_k (S B)_k of each factor, money squared a day; they add up to B' S B and may be negative."""
    return dollars * (covariance @ dollars)


def specific_parts(model: FactorModel) -> pd.Series:
    """E_u (D E)_u of each underlying that has betas, money squared a day; below 0 where one hedges
    its sector.
    """
    return model.exposure_by_underlying * model.specific_slopes


def variance_shares(dollars: np.ndarray, covariance: np.ndarray, model: FactorModel) -> np.ndarray:
    """Shares of the k factors, of what is specific, and of the total (1); NaN where there is no variance."""
    parts = np.append(factor_parts(dollars, covariance), specific_parts(model).sum())
    total = parts.sum()
    return np.append(parts, total) / (total if total > 0 else np.nan)


def total_variance(model: FactorModel) -> float:
    """Daily variance of the positions that have betas, money squared."""
    dollars = model.dollar_betas
    return float(factor_parts(dollars, model.orthogonal_covariance).sum() + specific_parts(model).sum())


def position_parts(model: FactorModel) -> pd.Series:
    """e_i beta_i' S B + e_i (D E)_u of each position that has betas; they add up to the total variance.

    Divided by the square root of the total and multiplied by a quantile, these are component values at risk.
    """
    covered = model.covered
    exposure, underlying = model.exposures[covered], model.underlyings[covered]
    shared = model.betas.loc[covered].to_numpy() @ (model.orthogonal_covariance @ model.dollar_betas)
    return exposure * (shared + underlying.map(model.specific_slopes).to_numpy(dtype="float64"))
