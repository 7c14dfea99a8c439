"""The factor model of today's book: what its underlyings move with, and what stays with each of them.

Factors: the market m, and for every other factor (a style) its residual on the market, u_k = f_k - b_k m,
with b_k from the same window and equal weights; no style is made orthogonal to another. Betas are on (m, u).
Specific variance is that of the residual, one an underlying, so that a stock and the options on it share it;
residuals of one sector keep the correlations that are significant (``lib.risk.residual_blocks``).
The covariance of the raw factors is exponentially weighted with zero mean (RiskMetrics 1996).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.book import taking_part
from lib.conventions import FACTORS, TRADING_DAYS
from lib.errors import DataError
from lib.risk.residual_blocks import LEVEL, ResidualCorrelations, residual_correlations
from lib.stats.covariance import DECAY, condition_number, effective_observations, ewma_covariance
from lib.stats.regression import Regression, ols
from lib.stats.returns import simple_returns

MARKET = FACTORS[0]
METHODS = ("univariate", "multivariate", "orthogonal")
MINIMUM = 60
LEAST_DAYS = 3
"""Days below which not even a slope on the market has an error."""
CAP = 3.0

FULL, LIMITED = "full_history", "limited_history"
NONE, CONSTANT = "insufficient", "constant_prices"
USABLE = (FULL, LIMITED)


@dataclass(frozen=True)
class FactorModel:
    """Betas of k factors for today's holdings; arrays are in the order of ``factors``, the market first.

    ``betas`` (positions x factors, index ``position_id``) are orthogonal and capped; a row is missing where
    there is none, ``quality`` by underlying says why. ``exposures`` is the delta-adjusted exposure in money,
    ``underlyings`` the underlying of each position. ``loadings`` are b_k, 0 for the market. ``covariance`` is
    of raw factors, ``orthogonal_covariance`` of (m, u), both daily. ``specific_variance`` is daily, by
    underlying, and ``residuals`` are the correlations of what it is the variance of. ``returns`` are the raw
    factor returns of the window, ``moves`` the returns of the underlyings on the same days, missing where
    there is no price; with fewer than ``minimum`` days there are no betas.
    """

    factors: tuple[str, ...]
    betas: pd.DataFrame
    exposures: pd.Series
    underlyings: pd.Series
    quality: pd.Series
    loadings: np.ndarray
    covariance: np.ndarray
    orthogonal_covariance: np.ndarray
    specific_variance: pd.Series
    residuals: ResidualCorrelations
    returns: pd.DataFrame
    moves: pd.DataFrame
    minimum: int
    effective_observations: float
    condition_number: float

    @property
    def observations(self) -> int:
        """Days in the window."""
        return len(self.returns)

    @property
    def start(self) -> pd.Timestamp:
        """First day of the window."""
        return self.returns.index[0]

    @property
    def end(self) -> pd.Timestamp:
        """Last day of the window."""
        return self.returns.index[-1]

    @property
    def covered(self) -> pd.Index:
        """Positions that have betas."""
        return self.betas.index[self.betas.notna().all(axis=1)]

    @property
    def exposure_by_underlying(self) -> pd.Series:
        """Delta-adjusted exposure of the positions that have betas, summed by underlying: money."""
        return self.exposures[self.covered].groupby(self.underlyings[self.covered]).sum()

    @property
    def dollar_betas(self) -> np.ndarray:
        """B_k = sum of exposure x beta over the positions: money a unit of (m, u_k)."""
        covered = self.covered
        return self.exposures[covered].to_numpy() @ self.betas.loc[covered].to_numpy()

    @property
    def specific_slopes(self) -> pd.Series:
        """D E by underlying, money: D the covariance of the residuals, E the delta-adjusted exposures.

        E_u (D E)_u are the parts of the underlyings in the specific variance E' D E of the book.
        """
        return self._slopes(self.residuals.used)

    @property
    def specific_variances(self) -> tuple[float, float, float]:
        """E' D E with no correlations between names, with those that are used, and with all as measured."""
        exposure = self.exposure_by_underlying
        apart = float((exposure**2 * self.specific_variance[exposure.index]).sum())
        used, measured = (
            float(exposure @ self._slopes(each)) for each in (self.residuals.used, self.residuals.measured)
        )
        return apart, used, measured

    def _slopes(self, correlation: pd.DataFrame) -> pd.Series:
        exposure = self.exposure_by_underlying
        deviation = np.sqrt(self.specific_variance[exposure.index])
        among = correlation.loc[exposure.index, exposure.index]
        return deviation * (among @ (deviation * exposure))

    def orthogonal(self, moves: np.ndarray | pd.DataFrame) -> np.ndarray:
        """Raw factor moves (..., k) as (m, u): m unchanged, u_k = f_k - b_k m."""
        return np.asarray(moves, dtype="float64") @ rotation(self.loadings).T


def factor_model(
    holdings: pd.DataFrame,
    prices: pd.DataFrame,
    factor_returns: pd.DataFrame,
    *,
    window: int = TRADING_DAYS,
    decay: float = DECAY,
    minimum: int = MINIMUM,
    cap: float = CAP,
    residual_level: float = LEVEL,
) -> FactorModel:
    """Model of the holdings that take part (``lib.book``), on tables ``prices``, ``factor_returns``.

    Each underlying is regressed on its last ``window`` returns that it has in common with all factors; with
    fewer than ``minimum`` it has no betas, and nothing has where the factors themselves have fewer. Betas are
    clipped at ``cap`` either way. ``residual_level`` is that of ``residual_correlations``. DataError as
    ``factor_frame``.
    """
    factors = factor_frame(factor_returns)
    held = taking_part(holdings)
    moves = underlying_returns(prices, held["underlying"]).reindex(factors.index)
    recent = factors.iloc[-window:]
    loadings = market_loadings(recent)
    fit = estimate(moves, factors, "orthogonal", loadings=loadings, window=window)
    quality = quality_of(moves, window=window, minimum=minimum)
    usable = quality.isin(USABLE).to_numpy()
    betas = np.where(usable[:, None], np.clip(fit.coefficients[1:].T, -cap, cap), np.nan)
    by_underlying = pd.DataFrame(betas, index=moves.columns, columns=list(factors.columns))
    underlyings = held.set_index("position_id")["underlying"]
    covariance = ewma_covariance(recent, decay=decay)
    turn = rotation(loadings)
    variance = np.where(usable, fit.residual_deviation**2, np.nan)
    explained = fit.coefficients[0] + factors.to_numpy() @ turn.T @ fit.coefficients[1:]
    left = pd.DataFrame(last_returns(moves, window) - explained, columns=moves.columns)
    sectors = held.groupby("underlying")["sector"].first()
    return FactorModel(
        factors=tuple(factors.columns),
        betas=by_underlying.reindex(underlyings).set_axis(underlyings.index),
        exposures=held.set_index("position_id")["delta_exposure"],
        underlyings=underlyings,
        quality=quality,
        loadings=loadings,
        covariance=covariance,
        orthogonal_covariance=turn @ covariance @ turn.T,
        specific_variance=pd.Series(variance, index=moves.columns),
        residuals=residual_correlations(
            left, sectors, factors=len(loadings), minimum=minimum, level=residual_level
        ),
        returns=recent,
        moves=moves.loc[recent.index],
        minimum=minimum,
        effective_observations=effective_observations(len(recent), decay=decay),
        condition_number=condition_number(covariance),
    )


def model_options(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What ``factor_model`` is asked with, of the settings of the stage on betas."""
    names = ("window", "minimum", "cap", "decay", "residual_level")
    return {name: settings[name] for name in names if name in settings}


def factor_frame(factor_returns: pd.DataFrame, *, minimum: int = LEAST_DAYS) -> pd.DataFrame:
    """Table ``factor_returns`` as days x factors, the market first, on the days that all factors have.

    Raises DataError without the market, or with fewer than ``minimum`` such days.
    """
    wide = factor_returns.pivot(index="date", columns="factor", values="return")  # noqa: PD010
    names = [name for name in FACTORS if name in wide.columns]
    if MARKET not in names:
        raise DataError(f"there is no factor {MARKET!r} among the factor returns; betas are measured on it")
    common = wide[names].dropna().sort_index()
    if len(common) < minimum:
        raise DataError(
            f"the factors have {len(common)} days in common, and {minimum} are needed; "
            "choose proxies with a longer history (setting factors of market/factors)"
        )
    return common.rename_axis(columns=None)


def underlying_returns(prices: pd.DataFrame, symbols: pd.Series) -> pd.DataFrame:
    """One-day simple returns of adjusted closes, days x symbols (sorted); missing without both prices."""
    names = sorted(set(symbols))
    wanted = prices.loc[prices["symbol"].isin(names), ["date", "symbol", "adj_close"]]
    closes = wanted.pivot(index="date", columns="symbol", values="adj_close").sort_index()  # noqa: PD010
    return simple_returns(closes.reindex(columns=names), span_gaps=False).rename_axis(columns=None)


def market_loadings(factors: pd.DataFrame) -> np.ndarray:
    """b_k: slope of each factor on the market (the first column) over its days, 0 for the market itself."""
    slopes = ols(factors, factors.iloc[:, 0]).coefficients[1].copy()
    slopes[0] = 0.0
    return slopes


def rotation(loadings: np.ndarray) -> np.ndarray:
    """The matrix that takes raw factors f to (m, u): the identity less b_k in the market's column."""
    turn = np.eye(len(loadings))
    turn[:, 0] -= loadings
    return turn


def estimate(
    moves: pd.DataFrame,
    factors: pd.DataFrame,
    method: str,
    *,
    loadings: np.ndarray,
    window: int = TRADING_DAYS,
) -> Regression:
    """One regression for all columns of ``moves`` on each one's last ``window`` returns.

    ``method`` is "multivariate", on ``factors`` as they are (the same days, no gaps), or "orthogonal".
    Standard errors are HC1.
    """
    series = last_returns(moves, window)
    known = ~np.isnan(series).all(axis=1)
    regressors = factors.to_numpy()
    if method == "orthogonal":
        regressors = regressors @ rotation(loadings).T
    return ols(series[known], regressors[known], robust=True)


def last_returns(moves: pd.DataFrame, window: int) -> np.ndarray:
    """The last ``window`` returns of each column by count, every older one missing."""
    values = moves.to_numpy(dtype="float64")
    from_end = np.cumsum(~np.isnan(values[::-1]), axis=0)[::-1]
    return np.where(from_end <= window, values, np.nan)


def quality_of(moves: pd.DataFrame, *, window: int, minimum: int = MINIMUM) -> pd.Series:
    """Of each underlying: full_history, limited_history, or why it has no betas."""
    series = last_returns(moves, window)
    count = np.count_nonzero(~np.isnan(series), axis=0)
    still = (np.nan_to_num(series) == 0.0).all(axis=0)
    words = np.select([count < minimum, still, count < window], [NONE, CONSTANT, LIMITED], default=FULL)
    return pd.Series(pd.array(words, dtype="str"), index=moves.columns)
