"""What a firm would have earned without the event, and how far it was from that.

A model is estimated on days before the event: the market model (least squares), the firm's own mean, or the
market itself. The error of a forecast holds the error of the estimated coefficients: of the abnormal return
of a day it is s² [1 + 1/L + (m - M)² / S], of a sum of k of them s² [k + k²/L + (sum (m - M))² / S], with M
and S mean and sum of squares of the market's returns over the L days of estimation. Sources: Patell (1976);
Campbell, Lo and MacKinlay (1997), chapter 4. Arrays are (..., events, days); missing returns are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

MODELS = ("market", "mean", "market_adjusted")
COEFFICIENTS = {"market": 2, "mean": 1, "market_adjusted": 0}
NOISE = 1e-10
"""A standard deviation below this is rounding of a series without variation."""


@dataclass(frozen=True)
class Normal:
    """A model of normal returns, one value an event: (..., events); ``residuals`` are (..., events, days).

    ``sigma`` has ``df`` = observations less coefficients in its denominator, and is NaN where it is 0 or
    nothing is left of the days. ``centre`` and ``spread`` are mean and sum of squares of the market.
    """

    model: str
    alpha: np.ndarray
    beta: np.ndarray
    sigma: np.ndarray
    df: np.ndarray
    observations: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    residuals: np.ndarray


@dataclass(frozen=True)
class Abnormal:
    """Abnormal returns of the days of the window and their sums up to each day, with forecast variances.

    All are (..., events, days). A day without a return adds nothing to the sum nor to its variance.
    """

    returns: np.ndarray
    variance: np.ndarray
    cumulative: np.ndarray
    cumulative_variance: np.ndarray

    @property
    def standardised(self) -> np.ndarray:
        """Each abnormal return over the error of its forecast."""
        return _over(self.returns, self.variance)

    @property
    def standardised_cumulative(self) -> np.ndarray:
        """Each sum over the error of its forecast."""
        return _over(self.cumulative, self.cumulative_variance)


def estimate(returns: Any, market: Any, *, model: str = "market") -> Normal:
    """Fit a model to the returns of the days of estimation, of all events at once.

    ``market`` is the same shape or that of the days alone. A day counts where both are known. An event whose
    market does not vary has no market model: all of it is NaN. Raises ValueError for an unknown model.
    """
    if model not in MODELS:
        raise ValueError(f"no model {model!r}; one of {', '.join(MODELS)}")
    own = np.asarray(returns, dtype="float64")
    index = np.broadcast_to(np.asarray(market, dtype="float64"), own.shape)
    known = np.isfinite(own) & np.isfinite(index)
    whole = bool(known.all())
    count = known.sum(axis=-1).astype("float64")
    if not whole:
        own, index = np.where(known, own, 0.0), np.where(known, index, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, centre = own.sum(axis=-1) / count, index.sum(axis=-1) / count
        moved = index - centre[..., None]
        if not whole:
            moved = np.where(known, moved, 0.0)
        spread = np.einsum("...t,...t->...", moved, moved)
        if model == "market":
            product = np.einsum("...t,...t->...", moved, own)
            beta = np.where(spread > NOISE**2 * np.maximum(count, 1.0), product / spread, np.nan)
            alpha = mean - beta * centre
        else:
            beta = np.where(count > 0, 0.0 if model == "mean" else 1.0, np.nan)
            alpha = mean if model == "mean" else np.where(count > 0, 0.0, np.nan)
        residuals = own - alpha[..., None]
        residuals -= beta[..., None] * index
        squares = residuals if whole else np.where(known, residuals, 0.0)
        df = count - COEFFICIENTS[model]
        sigma = np.sqrt(np.einsum("...t,...t->...", squares, squares) / df)
        sigma = np.where((df > 0) & (sigma > NOISE), sigma, np.nan)
        if not whole:
            residuals = np.where(known, residuals, np.nan)
    return Normal(model, alpha, beta, sigma, df, count, centre, spread, residuals)


def abnormal(normal: Normal, returns: Any, market: Any, *, estimation_error: bool = True) -> Abnormal:
    """The abnormal returns of the window's days; without ``estimation_error`` variances are s² and k s²."""
    own = np.asarray(returns, dtype="float64")
    index = np.broadcast_to(np.asarray(market, dtype="float64"), own.shape)
    needed = np.isfinite(own) & (np.isfinite(index) | (normal.model == "mean"))
    index = np.where(needed & np.isfinite(index), index, 0.0)
    off = np.where(needed, own - normal.alpha[..., None] - normal.beta[..., None] * index, np.nan)
    moved = np.where(needed, index - normal.centre[..., None], 0.0)
    days = np.cumsum(needed, axis=-1).astype("float64")
    square = (normal.sigma**2)[..., None]
    one, many = np.zeros_like(days), np.zeros_like(days)
    with np.errstate(divide="ignore", invalid="ignore"):
        if estimation_error and normal.model != "market_adjusted":
            length = normal.observations[..., None]
            one, many = one + 1.0 / length, days**2 / length
        if estimation_error and normal.model == "market":
            one = one + moved**2 / normal.spread[..., None]
            many = many + np.cumsum(moved, axis=-1) ** 2 / normal.spread[..., None]
    path = np.cumsum(np.where(needed, off, 0.0), axis=-1)
    return Abnormal(
        off,
        np.where(needed, square * (1.0 + one), np.nan),
        np.where(days > 0, path, np.nan),
        np.where(days > 0, square * (days + many), np.nan),
    )


def weighted_path(
    normal: Normal, own: Abnormal, weights: Any, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weighted sum of cumulative abnormal returns by day with its band: value, low, high, each (days,).

    ``weights`` (events,) are 1/n of all for their mean, or sum to 1 and -1 over two groups for a difference.
    The error is that of the portfolio with these weights: the deviation of its residuals over the days of
    estimation holds the correlation between firms, and the forecast's error is added as for one firm. An
    event that raises the variance makes the band too narrow.
    """
    from scipy import stats

    weight = np.asarray(weights, dtype="float64")
    portfolio = weight @ np.nan_to_num(normal.residuals)
    df = int(np.isfinite(normal.residuals).any(axis=0).sum()) - COEFFICIENTS[normal.model]
    square = float((portfolio**2).sum()) / df if df > 0 else np.nan
    share = np.abs(weight) / np.abs(weight).sum()
    factor = share @ np.nan_to_num(own.cumulative_variance / (normal.sigma**2)[:, None])
    middle = weight @ np.nan_to_num(own.cumulative)
    reach = stats.t.ppf(0.5 + level / 2.0, max(df, 1)) * np.sqrt(square * factor)
    return middle, middle - reach, middle + reach


def _over(values: np.ndarray, variance: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return values / np.sqrt(variance)
