"""Is the mean abnormal return of an event zero? One answer a test, since none holds everywhere.

Sources: Brown and Warner (1980, 1985); Patell (1976); Boehmer, Musumeci and Poulsen (1991); Kolari and
Pynnonen (2010), and Kolari, Pape and Pynnonen (2018) for events of several days; Corrado (1989); Cowan
(1992); Wilcoxon (1945). All but the ranks are of values (..., events): leading axes are samples of their own.
A missing value is left out. Two-sided; a statistic without spread is NaN.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

EXACT_BELOW = 30
"""Signs of fewer events than this are judged by the binomial distribution itself."""


class EventTest(NamedTuple):
    """Statistic, its degrees of freedom (NaN: normal or exact), probability, and the events behind it."""

    statistic: np.ndarray
    df: np.ndarray
    p: np.ndarray
    n: np.ndarray


def cross_sectional(values: Any) -> EventTest:
    """Mean over its error from the spread of the events; Student's t with n - 1 degrees of freedom."""
    own, n = _known(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = own.sum(axis=-1) / n
        around = np.where(np.isfinite(values), own - mean[..., None], 0.0)
        error = np.sqrt((around**2).sum(axis=-1) / (n - 1.0) / n)
        t = np.where((error > 1e-12 * np.abs(mean)) & (error > 0), mean / error, np.nan)
    return _student(t, n - 1.0, n)


def patell(standardised: Any, df: Any) -> EventTest:
    """Sum of standardised values over the square root of the sum of their variances df / (df - 2).

    ``df`` are the degrees of freedom of each event's standard deviation (L - 2 of a market model).
    """
    own, n = _known(standardised)
    free = np.broadcast_to(np.asarray(df, dtype="float64"), own.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(np.isfinite(standardised) & (free > 2), free / (free - 2.0), 0.0).sum(axis=-1)
        z = np.where(variance > 0, own.sum(axis=-1) / np.sqrt(variance), np.nan)
    return _normal(z, n)


def boehmer(standardised: Any) -> EventTest:
    """Mean of standardised values over its error from their own spread: holds where the event adds variance.

    Whether the values carry the forecast's error is decided where they are standardised.
    """
    return cross_sectional(standardised)


def kolari_pynnonen(standardised: Any, correlation: Any) -> EventTest:
    """Boehmer's test, deflated for the mean correlation r of the events: t sqrt((1 - r) / (1 + (n - 1) r)).

    NaN where 1 + (n - 1) r is not positive: then the correlation cannot be that of so many events.
    """
    plain = boehmer(standardised)
    r = np.asarray(correlation, dtype="float64")
    below = 1.0 + (plain.n - 1.0) * r
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.sqrt(np.where(below > 0, np.maximum(1.0 - r, 0.0) / below, np.nan))
    return _student(plain.statistic * factor, plain.df, plain.n)


def portfolio_error(values: Any, residuals: Any, *, factor: Any, coefficients: int = 2) -> EventTest:
    """Mean of the events over the deviation of their mean residual times sqrt(factor): crude dependence.

    ``values`` (..., events) are sums over days, ``residuals`` (..., events, estimation days). ``factor`` is
    the number of days, or variance of the sum in units of s² where the forecast's error counts. The
    deviation holds any correlation between events of the same day; the variance must be that of before.
    """
    own, n = _known(values)
    paths = np.asarray(residuals, dtype="float64")
    seen = np.isfinite(paths)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(seen, paths, 0.0).sum(axis=-2) / seen.sum(axis=-2)
        df = np.isfinite(mean).sum(axis=-1) - float(coefficients)
        error = np.sqrt(np.nansum(mean**2, axis=-1) / df * factor)
        t = np.where(error > 0, own.sum(axis=-1) / n / error, np.nan)
    return _student(t, df, n)


def corrado(
    estimation: Any, window: Any, *, days: Any = None, ddof: int = 0, scaled: bool = True
) -> EventTest:
    """Rank test over all days of the chosen places ``days`` of the window (all of them by default).

    Each event's abnormal returns of estimation (..., events, L) and window (..., events, W) are ranked
    together, as share rank / (M + 1) of its M known days; U is the mean over events of share - 1/2 on a day.
    The statistic is the sum of U over the k days over sqrt(k) S, S the root mean square of U over all days.
    ``ddof`` 1 divides by one day less, as some programs do. Not ``scaled`` takes rank - (M + 1) / 2, as
    Corrado (1989) has it: the same where no day is missing, else events weigh by their days.
    """
    both = np.concatenate([np.asarray(estimation, "float64"), np.asarray(window, "float64")], axis=-1)
    known = np.isfinite(both)
    ranks = stats.rankdata(np.where(known, both, np.inf), axis=-1)
    above = known.sum(axis=-1, keepdims=True) + 1.0
    share = np.where(known, ranks / above - 0.5 if scaled else ranks - above / 2.0, 0.0)
    seen = known.sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(seen > 0, share.sum(axis=-2) / seen, np.nan)
        spread = np.sqrt(np.nansum(mean**2, axis=-1) / (np.isfinite(mean).sum(axis=-1) - ddof))
        later = mean[..., np.shape(estimation)[-1] :]
        later = later if days is None else later[..., np.atleast_1d(days)]
        count = np.isfinite(later).sum(axis=-1)
        z = np.where(
            (spread > 0) & (count > 0), np.nansum(later, axis=-1) / (np.sqrt(count) * spread), np.nan
        )
    return _normal(z, known.any(axis=-1).sum(axis=-1).astype("float64"))


def sign(values: Any, share: Any = 0.5) -> EventTest:
    """Positive values against ``share`` of them: z, and p of the binomial itself below 30 events.

    The generalised test of Cowan takes as share the mean over events of the share of positive residuals
    (``positive_share``). The exact p is twice the smaller tail.
    """
    own, n = _known(values)
    positive = (own > 0).sum(axis=-1).astype("float64")
    p0 = np.broadcast_to(np.asarray(share, dtype="float64"), positive.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (positive - n * p0) / np.sqrt(n * p0 * (1.0 - p0))
        z = np.where((n > 0) & (p0 > 0) & (p0 < 1), z, np.nan)
    tails = np.minimum(stats.binom.cdf(positive, n, p0), stats.binom.sf(positive - 1.0, n, p0))
    exact = np.minimum(1.0, 2.0 * tails)
    p = np.where(n < EXACT_BELOW, exact, 2.0 * stats.norm.sf(np.abs(z)))
    return EventTest(z, np.full_like(z, np.nan), np.where(np.isfinite(z), p, np.nan), n)


def positive_share(residuals: Any) -> np.ndarray:
    """Mean over events of the share of their residuals above zero, of (..., events, days)."""
    paths = np.asarray(residuals, dtype="float64")
    seen = np.isfinite(paths).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(seen > 0, (paths > 0).sum(axis=-1) / seen, np.nan)
    return np.nanmean(own, axis=-1) if own.size else np.full(own.shape[:-1], np.nan)


def wilcoxon(values: Any) -> EventTest:
    """Signed ranks: the sum of the ranks of positive values; p exact for up to 50 without ties or zeros.

    Missing values and zeros are left out of one sample (events,); of many (..., events) none may be there.
    """
    own = np.asarray(values, dtype="float64")
    if own.ndim == 1:
        own = own[np.isfinite(own) & (own != 0.0)]
    n = np.full(own.shape[:-1], float(own.shape[-1]))
    if own.shape[-1] < 2:
        return EventTest(np.full_like(n, np.nan), np.full_like(n, np.nan), np.full_like(n, np.nan), n)
    above = (stats.rankdata(np.abs(own), axis=-1) * (own > 0)).sum(axis=-1)
    p = stats.wilcoxon(own, axis=-1).pvalue
    return EventTest(np.asarray(above), np.full_like(n, np.nan), np.asarray(p), n)


def mean_correlation(residuals: Any) -> np.ndarray:
    """Mean correlation of all pairs of events over the days that their residuals (..., events, L) share.

    The days of all events must be the same ones. Missing residuals count as none.
    """
    paths = _scaled(residuals)
    n = np.isfinite(paths[..., 0]).sum(axis=-1)
    whole = np.nansum(paths, axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return ((whole**2).sum(axis=-1) - n) / (n * (n - 1.0))


def overlapping_correlation(residuals: Any, at: Any, *, days: int) -> float:
    """Mean correlation of all pairs of events, in so far as their windows of ``days`` days overlap.

    ``residuals`` are (events, L), ``at`` the session of each event as a whole number. Pairs are compared
    session by session; a pair whose windows share k of the days counts with k / days, one that shares none
    counts as uncorrelated. Source: Kolari, Pape and Pynnonen (2018).
    """
    paths, place = np.nan_to_num(_scaled(residuals)), np.asarray(at)
    n, length = paths.shape
    if n < 2:
        return float("nan")
    when, group = np.unique(place, return_inverse=True)
    whole = np.zeros((len(when), length))
    np.add.at(whole, group, paths)
    total = float((whole**2).sum() - (paths**2).sum())
    for lag in range(1, min(days, length)):
        later = np.minimum(np.searchsorted(when, when + lag), len(when) - 1)
        pairs = np.flatnonzero(when[later] == when + lag)
        common = (whole[pairs, lag:] * whole[later[pairs], : length - lag]).sum()
        total += 2.0 * (1.0 - lag / days) * float(common) * length / (length - lag)
    return total / (n * (n - 1.0))


def _scaled(residuals: Any) -> np.ndarray:
    """Residuals about their mean, of length one; missing days are 0, an event without spread is NaN."""
    paths = np.asarray(residuals, dtype="float64")
    known = np.isfinite(paths)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, paths, 0.0).sum(axis=-1, keepdims=True) / known.sum(axis=-1, keepdims=True)
        around = np.where(known, paths - mean, 0.0)
        return around / np.sqrt((around**2).sum(axis=-1, keepdims=True))


def _known(values: Any) -> tuple[np.ndarray, np.ndarray]:
    """The values with 0 for missing ones, and how many are known."""
    own = np.asarray(values, dtype="float64")
    seen = np.isfinite(own)
    return np.where(seen, own, 0.0), seen.sum(axis=-1).astype("float64")


def _student(t: Any, df: Any, n: Any) -> EventTest:
    t, df = np.asarray(t, dtype="float64"), np.asarray(df, dtype="float64")
    with np.errstate(invalid="ignore"):
        p = 2.0 * stats.t.sf(np.abs(t), np.where(df > 0, df, np.nan))
    return EventTest(t, df, p, np.asarray(n))


def _normal(z: Any, n: Any) -> EventTest:
    z = np.asarray(z, dtype="float64")
    return EventTest(z, np.full_like(z, np.nan), 2.0 * stats.norm.sf(np.abs(z)), np.asarray(n))
