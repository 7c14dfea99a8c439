"""Value at risk by the factor model, and what each position adds to it.

In money, for positions i with delta-adjusted exposure e_i and orthogonal betas beta_i, S the factors'
covariance, E the exposures by underlying and D the covariance of their residuals, with blocks by sector
(``lib.risk.residual_blocks``): B = sum e_i beta_i, variance = B' S B + E' D E, and position i adds
z (e_i beta_i' S B + e_i (D E)_u(i)) / sigma. Positions in one underlying share its specific risk, so that a
written option takes from the risk of the stock. Normal returns, one day; options
by delta.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.risk.factor_model import FactorModel
from lib.stats.normal_var import component_var, normal_var

LEVELS = (0.95, 0.99)
METHOD = "orthogonal_ewma"
WINDOW = "1y"
NO_MODEL, SHORT, PART = "no_betas", "short_factor_history", "positions_without_betas"


def metric_name(level: float) -> str:
    """``factor_var_95`` for 0.95."""
    return f"factor_var_{round(100 * level)}"


def slopes(model: FactorModel) -> pd.Series:
    """Covariance of each covered position's return with the profit of the book, money, by position."""
    covered = model.covered
    factor = model.betas.loc[covered].to_numpy() @ (model.orthogonal_covariance @ model.dollar_betas)
    underlying = model.underlyings[covered]
    return pd.Series(factor + underlying.map(model.specific_slopes).to_numpy("float64"), index=covered)


def deviation(model: FactorModel) -> float:
    """Standard deviation of the book's daily profit, money; NaN when no position has betas."""
    if model.covered.empty:
        return float("nan")
    factors = float(model.dollar_betas @ model.orthogonal_covariance @ model.dollar_betas)
    specific = float(model.exposure_by_underlying @ model.specific_slopes)
    return float(np.sqrt(max(factors, 0.0) + max(specific, 0.0)))


def factor_metrics(model: FactorModel, *, amount: float) -> pd.DataFrame:
    """Rows ``factor_var_95`` and ``factor_var_99`` of table ``risk_metrics``, decimals of ``amount``.

    Null, with the reason in ``flag``, where no position has betas or the factors have too few days.
    """
    size = deviation(model)
    known = np.isfinite(size) and amount > 0
    missing = SHORT if model.observations < model.minimum else NO_MODEL
    flag = missing if not known else "" if len(model.covered) == len(model.exposures) else PART
    return pd.DataFrame(
        {
            "metric": [metric_name(level) for level in LEVELS],
            "window": WINDOW,
            "method": METHOD,
            "value": [normal_var(size, level=level) / amount if known else np.nan for level in LEVELS],
            "unit": "fraction",
            "observations": model.observations,
            "flag": flag,
        }
    )


def components(model: FactorModel, holdings: pd.DataFrame) -> pd.DataFrame:
    """Table ``var_components`` of all ``holdings``; missing for positions that the model does not cover."""
    exposure, slope = model.exposures[model.covered].to_numpy(), slopes(model).to_numpy()
    parts = [
        pd.DataFrame({"value": component_var(exposure, slope, level=level)}, index=model.covered)
        .reindex(holdings["position_id"])
        .rename_axis("position_id")
        .reset_index()
        .assign(method=metric_name(level))
        for level in LEVELS
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(share=table["value"] / table.groupby("method")["value"].transform("sum"))
