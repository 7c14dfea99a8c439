"""Betas of the positions and of the book, by three methods.

- ``univariate``: one regression a factor; factors overlap, so these betas must not be added up;
- ``multivariate``: one regression on all factors; with correlated factors each beta is uncertain;
- ``orthogonal``: on the market and on every style's residual on the market (``lib.risk.factor_model``).

Standard errors hold where the size of the residuals changes with the factors: HC1 (MacKinnon and White 1985,
Journal of Econometrics 29).

An option is explained by its underlying's returns and counts with its delta-adjusted exposure. A beta above
the cap either way is clipped and kept beside it as estimated. What has too few returns has no beta, not 0.
Each regression has its alpha, the intercept times 252, over no rate: what the underlying earned a year beside
what the factors did. ``multivariate`` and ``orthogonal`` have the same one, being the same regression.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lib.book import base as base_of
from lib.conventions import TRADING_DAYS
from lib.risk import factor_model as model_of
from lib.risk.attribution import SPECIFIC, TOTAL
from lib.risk.factor_model import CAP, METHODS, MINIMUM, FactorModel
from lib.risk.variance import variance_shares
from lib.stats.regression import HC1 as ERRORS
from lib.stats.regression import Regression, ols

STATISTICS = (
    "beta_raw",
    "std_error",
    "t_stat",
    "p_value",
    "r_squared",
    "specific_vol",
    "alpha",
    "alpha_error",
)


def position_betas(
    holdings: pd.DataFrame,
    prices: pd.DataFrame,
    factor_returns: pd.DataFrame,
    *,
    window: int = TRADING_DAYS,
    minimum: int = MINIMUM,
    cap: float = CAP,
) -> pd.DataFrame:
    """Table ``position_betas`` of the holdings (``lib.book``): position x method x factor.

    Each underlying on its last ``window`` returns in common with all factors. A position that is left out has
    its reason in ``quality`` and no beta. ``dollar_exposure`` is delta-adjusted exposure x capped beta.
    """
    factors = model_of.factor_frame(factor_returns)
    taking = holdings["reason"] == ""
    moves = model_of.underlying_returns(prices, holdings.loc[taking, "underlying"]).reindex(factors.index)
    loadings = model_of.market_loadings(factors.iloc[-window:])
    fits = {
        "univariate": _one_by_one(moves, factors, window),
        **{
            method: _together(model_of.estimate(moves, factors, method, loadings=loadings, window=window))
            for method in METHODS[1:]
        },
    }
    quality = model_of.quality_of(moves, window=window, minimum=minimum)
    each = zip(*(fits[name] for name in METHODS), strict=True)
    by_underlying = _Statistics(*(np.stack(parts) for parts in each))
    return _table(holdings, moves.columns, list(factors.columns), by_underlying, quality, cap)


class _Statistics(NamedTuple):
    """Statistics of one method, k x m each; of all methods, methods x k x m."""

    beta_raw: np.ndarray
    std_error: np.ndarray
    t_stat: np.ndarray
    p_value: np.ndarray
    r_squared: np.ndarray
    specific_vol: np.ndarray
    alpha: np.ndarray
    alpha_error: np.ndarray
    observations: np.ndarray


def _together(fit: Regression) -> _Statistics:
    shape = fit.coefficients[1:].shape
    alpha, error = (TRADING_DAYS * rows[0] for rows in (fit.coefficients, fit.std_errors))
    whole = (fit.r_squared, fit.residual_deviation, alpha, error, fit.observations)
    own = (fit.coefficients, fit.std_errors, fit.t_stats, fit.p_values)
    return _Statistics(*(rows[1:] for rows in own), *(np.broadcast_to(row, shape) for row in whole))


def _one_by_one(moves: pd.DataFrame, factors: pd.DataFrame, window: int) -> _Statistics:
    series = model_of.last_returns(moves, window)
    known = ~np.isnan(series).all(axis=1)
    fits = [_together(ols(series[known], column[known], robust=True)) for column in factors.to_numpy().T]
    return _Statistics(*(np.concatenate(parts) for parts in zip(*fits, strict=True)))


def _table(
    holdings: pd.DataFrame,
    symbols: pd.Index,
    factors: list[str],
    statistics: _Statistics,
    quality: pd.Series,
    cap: float,
) -> pd.DataFrame:
    positions, methods, k = len(holdings), len(METHODS), len(factors)
    place = symbols.get_indexer(holdings["underlying"])
    place[(holdings["reason"] != "").to_numpy()] = -1
    words = np.append(quality.to_numpy(dtype=object), "")[place]
    words = np.where(place < 0, holdings["reason"].to_numpy(dtype=object), words)
    usable = np.repeat(np.isin(words, model_of.USABLE), methods * k)
    cells = {name: _spread(getattr(statistics, name), place) for name in (*STATISTICS, "observations")}
    columns = {name: np.where(usable, cells[name], np.nan) for name in STATISTICS}
    clipped = np.clip(columns["beta_raw"], -cap, cap)
    money = np.repeat(holdings["delta_exposure"].to_numpy("float64"), methods * k)
    return pd.DataFrame(
        {
            "position_id": pd.array(np.repeat(holdings["position_id"].to_numpy(), methods * k), dtype="str"),
            "symbol": pd.array(np.repeat(holdings["underlying"].to_numpy(), methods * k), dtype="str"),
            "method": pd.array(np.tile(np.repeat(METHODS, k), positions), dtype="str"),
            "factor": pd.array(np.tile(factors, positions * methods), dtype="str"),
            "beta": clipped,
            **columns,
            "dollar_exposure": money * clipped,
            "capped": usable & (clipped != columns["beta_raw"]),
            "errors": pd.array([ERRORS] * positions * methods * k, dtype="str"),
            "observations": np.nan_to_num(cells["observations"]).astype("int64"),
            "quality": pd.array(np.repeat(words, methods * k), dtype="str"),
        }
    )


def _spread(values: np.ndarray, place: np.ndarray) -> np.ndarray:
    """methods x k x underlyings to one value for each position, method and factor; NaN for place -1."""
    padded = np.concatenate([values, np.full((*values.shape[:2], 1), np.nan)], axis=2)
    return np.moveaxis(padded[:, :, place], 2, 0).ravel()


def portfolio_betas(betas: pd.DataFrame, model: FactorModel, *, nav: float, gross: float) -> pd.DataFrame:
    """Table ``portfolio_betas``: signed sums of delta-adjusted exposure x beta, over each base.

    ``beta`` is over net asset value ``nav`` where that is positive, over ``gross`` exposure otherwise;
    ``beta_nav`` and ``beta_gross`` are over the one and the other. ``magnitude_beta`` is the sum of
    |delta-adjusted exposure| x |beta| over ``gross``: what longs and shorts come to where nothing offsets.
    Variance shares are those of (B' S B + specific) with the betas of the method; univariate betas overlap
    and have none. A beta is null where its base is not positive, or no position has betas.
    """
    parts = [_of_method(betas, model, method, nav, gross) for method in METHODS]
    return pd.concat(parts, ignore_index=True)


def dollar_betas(betas: pd.DataFrame, method: str, factors: tuple[str, ...]) -> np.ndarray:
    """Sum of ``dollar_exposure`` over the positions of table ``position_betas``; NaN without any."""
    return _sums(betas.loc[betas["method"] == method], factors, np.asarray)


def _sums(rows: pd.DataFrame, factors: tuple[str, ...], size: Callable[..., Any]) -> np.ndarray:
    """``dollar_exposure``, or its ``size``, by factor; NaN where no position has any."""
    known = rows.dropna(subset="dollar_exposure")
    money = pd.Series(size(known["dollar_exposure"]), index=known.index)
    return money.groupby(known["factor"]).sum().reindex(list(factors)).to_numpy()


def _of_method(
    betas: pd.DataFrame, model: FactorModel, method: str, nav: float, gross: float
) -> pd.DataFrame:
    dollars = dollar_betas(betas, method, model.factors)
    sizes = _sums(betas.loc[betas["method"] == method], model.factors, np.abs)
    names, shares = [*model.factors], np.full(len(dollars), np.nan)
    if method != METHODS[0]:
        covariance = model.covariance if method == METHODS[1] else model.orthogonal_covariance
        names += [SPECIFIC, TOTAL]
        shares = variance_shares(dollars, covariance, model)
    pad = np.full(len(names) - len(dollars), np.nan)
    money, sizes = np.append(dollars, pad), np.append(sizes, pad)
    amount, base = base_of(nav, gross)
    return pd.DataFrame(
        {
            "method": pd.array([method] * len(names), dtype="str"),
            "factor": pd.array(names, dtype="str"),
            "beta": _over(money, amount),
            "beta_nav": _over(money, nav),
            "beta_gross": _over(money, gross),
            "magnitude_beta": _over(sizes, gross),
            "dollar_exposure": money,
            "variance_share": shares,
            "base": pd.array([base] * len(names), dtype="str"),
        }
    )


def _over(money: np.ndarray, amount: float) -> np.ndarray:
    return money / amount if amount > 0 else np.full(len(money), np.nan)
