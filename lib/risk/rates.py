"""How each underlying moves with Treasury yields, the market held fixed.

One regression a tenor, y = a + beta m + b dy: y the simple return of the underlying, m that of the market and
dy the change of the yield in basis points (yields are decimals, so dy is their difference times 10,000). b is
the return for one basis point, and -10,000 b an effective duration in years. Tenors rise and fall together:
their results are alternatives and are never added. Without the market in the regression, days on which stocks
and yields fell together would read as rate risk. Standard errors are HC1 (MacKinnon and White 1985).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib import codes
from lib.conventions import BASIS_POINT, TENORS, TRADING_DAYS
from lib.errors import InputError
from lib.risk.factor_model import (
    CONSTANT,
    MARKET,
    MINIMUM,
    NONE,
    factor_frame,
    last_returns,
    quality_of,
    underlying_returns,
)
from lib.stats.regression import HC1, ols

CAP = 0.004
"""Largest |b|: the duration of a 40-year zero-coupon bond."""
NO_YIELDS, CONSTANT_YIELDS, MANUAL = "no_yields", "constant_yields", "manual"
NO_BETA = (NONE, CONSTANT, NO_YIELDS, CONSTANT_YIELDS, MANUAL)
"""Values of ``quality`` that say why there is no beta."""
COLUMNS = [
    "position_id",
    "symbol",
    "tenor",
    "beta_per_bp",
    "t_stat",
    "errors",
    "r_squared",
    "observations",
    "quality",
]


def known_tenor(tenor: str) -> str:
    """The tenor; InputError for one that no source quotes."""
    if tenor not in TENORS:
        raise InputError(
            f"found {tenor!r}", mend=f"take one of {', '.join(TENORS)}", field="setting rate_tenor"
        )
    return tenor


def tenors_of(yields: pd.DataFrame, needed: str) -> tuple[str, ...]:
    """The tenors of table ``yields``, the shortest first, and the needed one even where it has no yield.

    Raises InputError for a needed tenor that no source quotes.
    """
    there = {known_tenor(needed), *yields["tenor"].unique()}
    return tuple(tenor for tenor in TENORS if tenor in there)


def yield_changes(yields: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Daily changes in basis points, ``days`` x tenors, of table ``yields``.

    A change needs the yield on its day and on the day of ``days`` before; otherwise it is missing.
    """
    rates = yields.pivot(index="date", columns="tenor", values="rate").reindex(days)  # noqa: PD010
    return rates.diff() / BASIS_POINT


def every_day(factor_returns: pd.DataFrame) -> pd.DatetimeIndex:
    """The trading days on which any factor has a return, in order."""
    return pd.DatetimeIndex(factor_returns["date"].unique()).sort_values()


def rate_betas(
    holdings: pd.DataFrame,
    prices: pd.DataFrame,
    factor_returns: pd.DataFrame,
    yields: pd.DataFrame,
    *,
    tenors: Sequence[str],
    window: int = TRADING_DAYS,
    minimum: int = MINIMUM,
    cap: float = CAP,
) -> pd.DataFrame:
    """Table ``rate_betas``: each position of ``holdings`` by its underlying, each of ``tenors``.

    The last ``window`` days on which the market and the yield are known, of which an underlying must have
    ``minimum``. Beyond ``cap`` a beta is set to it and its quality says ``capped``.
    """
    market = factor_frame(factor_returns)[MARKET]
    returns = underlying_returns(prices, holdings["underlying"]).reindex(market.index)
    changes = yield_changes(yields, every_day(factor_returns)).reindex(market.index)
    parts = [
        _one_tenor(holdings, returns, market, changes.get(tenor), window, minimum, cap).assign(tenor=tenor)
        for tenor in tenors
    ]
    table = pd.concat(parts, ignore_index=True)[COLUMNS]
    texts = dict.fromkeys(("quality", "errors", "symbol", "tenor"), "str")
    return table.astype({**texts, "observations": "int64"})


def _one_tenor(
    holdings: pd.DataFrame,
    returns: pd.DataFrame,
    market: pd.Series,
    change: pd.Series | None,
    window: int,
    minimum: int,
    cap: float,
) -> pd.DataFrame:
    known = pd.DataFrame({"market": market, "change": np.nan if change is None else change}).dropna()
    common = returns.reindex(known.index)
    fit = ols(last_returns(common, window), known.to_numpy(), robust=True)
    quality = quality_of(common, window=window, minimum=minimum)
    if known.empty:
        quality[:] = NO_YIELDS
    elif fit.rank < 2:
        quality[:] = CONSTANT_YIELDS
    table = pd.DataFrame(
        {
            "beta": fit.coefficients[2],
            "t_stat": fit.t_stats[2],
            "r_squared": fit.r_squared,
            "observations": fit.observations,
            "quality": quality,
        },
        index=common.columns,
    )
    return _by_position(holdings, table, cap)


def _by_position(holdings: pd.DataFrame, table: pd.DataFrame, cap: float) -> pd.DataFrame:
    found = table.reindex(holdings["underlying"]).reset_index(drop=True)
    quality = found["quality"].mask((holdings["kind"] == MANUAL).to_numpy(), MANUAL).astype("str")
    lost = quality.isin(NO_BETA)
    beta = found["beta"].mask(lost)
    return pd.DataFrame(
        {
            "position_id": holdings["position_id"].to_numpy(),
            "symbol": holdings["underlying"].to_numpy(),
            "beta_per_bp": beta.clip(-cap, cap),
            "t_stat": found["t_stat"].mask(lost),
            "errors": HC1,
            "r_squared": found["r_squared"].mask(lost),
            "observations": found["observations"].astype("int64"),
            "quality": quality.where(~(beta.abs() > cap), [codes.cell((one, "capped")) for one in quality]),
        }
    )
