"""What moved today's book on past days: the market, each style, and what stayed with the names.

The return of a day is the sum of delta-adjusted exposure x return of the underlying, over the base; a factor
contributes its beta of the book x its orthogonal return (m, u_k) of that day, and what is left is specific.
Exposures and betas are today's, held constant; a day counts where every underlying with betas has a return.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.risk.factor_model import FactorModel
from lib.stats.regression import Regression, ols

SPECIFIC, TOTAL = "specific", "total"


def daily_attribution(model: FactorModel, *, amount: float) -> pd.DataFrame:
    """Days x (factors, specific, total): return of the book as a fraction of ``amount``; parts add up.

    No rows where ``amount`` is not positive, or no position has betas.
    """
    exposure = model.exposure_by_underlying
    moves = model.moves[exposure.index].dropna()
    columns = [*model.factors, SPECIFIC, TOTAL]
    if exposure.empty or not amount > 0:
        return pd.DataFrame(columns=columns, index=moves.index[:0], dtype="float64")
    total = moves.to_numpy() @ exposure.to_numpy() / amount
    parts = model.orthogonal(model.returns.loc[moves.index]) * (model.dollar_betas / amount)
    values = np.column_stack([parts, total - parts.sum(axis=1), total])
    return pd.DataFrame(values, index=moves.index, columns=columns)


def attribution_table(daily: pd.DataFrame) -> pd.DataFrame:
    """Table ``factor_attribution`` of days x components."""
    return pd.DataFrame(
        {
            "date": np.repeat(daily.index.to_numpy(), daily.shape[1]),
            "component": pd.array(np.tile(list(daily.columns), len(daily)), dtype="str"),
            "contribution": daily.to_numpy().ravel(),
        }
    )


def book_regression(model: FactorModel, daily: pd.DataFrame) -> Regression:
    """The book's daily returns regressed on the orthogonal factors, errors HC1; the intercept comes first."""
    regressors = model.orthogonal(model.returns.loc[daily.index])
    return ols(daily[TOTAL].to_numpy(), regressors, robust=True)


def half_widths(fit: Regression, *, confidence: float = 0.95) -> np.ndarray:
    """Half widths of the intervals of the book's orthogonal betas, in the order of the factors.

    ``fit`` as ``book_regression`` gives it; missing where there are too few days.
    """
    return fit.half_width(confidence=confidence)[1:, 0]


def book_alpha(fit: Regression) -> tuple[float, float]:
    """Alpha of the book a year, decimal, and its error, of ``book_regression``; NaN for too few days."""
    alpha, error = (TRADING_DAYS * float(rows[0, 0]) for rows in (fit.coefficients, fit.std_errors))
    return alpha, error
