"""What stands for each factor, and whether the factors can be told apart.

A factor is one symbol (``MTUM``) or a basket of symbols (``AAPL,MSFT``), the equal-weighted mean of its
members' returns. Names are those of ``lib.conventions.FACTORS`` and no others, so that no factor is lost
because two places call it differently. Correlated factors make betas on all of them together unstable: the
variance inflation factor says how much wider the error of a beta is, squared, than if the factor were alone
(Belsley, Kuh and Welsch, Regression Diagnostics, 1980).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.conventions import FACTORS, ORIGINS, TRADING_DAYS
from lib.errors import DataError, InputError
from lib.stats.covariance import (
    CONDITION_LIMIT,
    DECAY,
    condition_number,
    correlation_of,
    effective_observations,
    ewma_covariance,
)
from lib.stats.returns import simple_returns

PROXIES = {
    "market": "SP500",
    "value": "VLUE",
    "growth": "AAPL,MSFT,AMD,LLY,HD",
    "momentum": "MTUM",
    "quality": "QUAL",
    "size": "SIZE",
    "low_volatility": "USMV",
}
"""What stands for each factor unless a setting says otherwise: what the embedded sample holds."""

FIELD = "stages.market/factors.factors"
HIGH_VIF = 10.0
HIGH_CORRELATION = 0.8
MINIMUM = 60


def members(proxy: str) -> list[str]:
    """Symbols of a proxy: one, or the members of a basket."""
    return [symbol.strip() for symbol in proxy.split(",")]


def proxies_of(factors: dict[str, str]) -> dict[str, str]:
    """Proxy of each factor in the fixed order: the given ones over ``PROXIES``, empty ones left out."""
    chosen = {**PROXIES, **factors}
    return {name: chosen[name] for name in FACTORS if chosen[name].strip()}


def validate(request: dict) -> dict:
    """Refuse unknown factors and ill-formed proxies; say which symbols the factors need.

    ``request["settings"]["factors"]`` maps factor names to proxies, as ``proxies_of``. Raises InputError.
    """
    factors = request["settings"]["factors"]
    unknown = sorted(set(factors) - set(FACTORS))
    if unknown:
        raise InputError(
            "no factor of this name",
            mend=f"the factors are {wording.joined(FACTORS)}",
            field=f"{FIELD}.{unknown[0]}",
        )
    proxies = proxies_of(factors)
    if FACTORS[0] not in proxies:
        raise InputError(
            "the market cannot be left out",
            mend="name its symbol, since the other factors are measured against it",
            field=f"{FIELD}.{FACTORS[0]}",
        )
    for name, proxy in proxies.items():
        _refuse_ill_formed(name, proxy)
    return {"symbols": sorted({symbol for proxy in proxies.values() for symbol in members(proxy)})}


def _refuse_ill_formed(name: str, proxy: str) -> None:
    symbols = members(proxy)
    faults = {
        "an empty symbol": not all(symbols),
        "a symbol twice": len(set(symbols)) < len(symbols),
        "a symbol with a space inside": any(" " in symbol for symbol in symbols),
    }
    if found := [fault for fault, present in faults.items() if present]:
        raise InputError(
            f"{proxy!r} has {found[0]}",
            mend="write one symbol, or several with commas between them, such as 'AAPL,MSFT'",
            field=f"{FIELD}.{name}",
        )


def factor_returns(prices: pd.DataFrame, factors: dict[str, str]) -> pd.DataFrame:
    """Table ``factor_returns``: one-day simple returns of adjusted closes; days without one are left out.

    A basket has a return on the days on which all its members have one. Raises DataError for a factor with
    fewer than 60 returns, and names its symbols without prices.
    """
    names = [name for name in FACTORS if name in factors]
    needed = {symbol for name in names for symbol in members(factors[name])}
    wanted = prices.loc[prices["symbol"].isin(needed), ["date", "symbol", "adj_close"]]
    closes = wanted.pivot(index="date", columns="symbol", values="adj_close").sort_index()  # noqa: PD010
    moves = simple_returns(closes.reindex(columns=sorted(needed)), span_gaps=False)
    wide = pd.DataFrame({name: moves[members(factors[name])].mean(axis=1, skipna=False) for name in names})
    for name in names:
        _refuse_without_prices(name, factors[name], moves, wide[name])
    long = wide.rename_axis(columns="factor").stack().dropna()  # noqa: PD013
    return long.rename("return").reset_index().astype({"factor": "str"})


def _refuse_without_prices(name: str, proxy: str, moves: pd.DataFrame, returns: pd.Series) -> None:
    missing = [symbol for symbol in members(proxy) if moves[symbol].notna().sum() == 0]
    known = int(returns.notna().sum())
    few = f"{wording.plural(known, 'return')}, and betas need {MINIMUM}"
    if missing or known < MINIMUM:
        raise DataError(
            f"FACTOR_WITHOUT_PRICES: the factor {name} ({proxy}) has "
            f"{'no prices of ' + wording.joined(missing) if missing else few}; "
            f"choose another symbol in {FIELD}.{name}, or leave the factor out"
        )


def wide_returns(returns: pd.DataFrame, *, window: int = TRADING_DAYS) -> pd.DataFrame:
    """The last ``window`` days that all factors have in common: days x factors in their fixed order."""
    wide = returns.pivot(index="date", columns="factor", values="return")  # noqa: PD010
    names = [name for name in FACTORS if name in wide.columns]
    return wide[names].dropna().sort_index().iloc[-window:].rename_axis(columns=None)


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


def factor_diagnostics(wide: pd.DataFrame, factors: dict[str, str], origins: pd.Series) -> pd.DataFrame:
    """Table ``factor_diagnostics`` of days x factors, from equally weighted correlations as regressions see.

    ``origins`` is the origin of each symbol's prices. The variance inflation factor is null where the factor
    is a combination of the others.
    """
    names = list(wide.columns)
    centred = (wide - wide.mean()).to_numpy()
    matrix = correlation_of(centred.T @ centred)
    others = np.abs(matrix - np.diag(np.diag(matrix)))
    nearest = np.nan_to_num(others, nan=-1.0).argmax(axis=1)
    largest = others[np.arange(len(names)), nearest] if len(names) > 1 else np.full(len(names), np.nan)
    condition = condition_number(centred.T @ centred)
    inflation = variance_inflation(centred)
    return pd.DataFrame(
        {
            "factor": pd.array(names, dtype="str"),
            "proxy": pd.array([factors[name] for name in names], dtype="str"),
            "observations": len(wide),
            "vif": inflation,
            "max_correlation": largest,
            "nearest": pd.array(names, dtype="str").take(nearest)
            if len(names) > 1
            else pd.array([None], "str"),
            "condition_number": condition if np.isfinite(condition) else np.nan,
            "warning": _warnings(inflation, largest, condition),
            "origin": pd.array([_origin(factors[name], origins) for name in names], dtype="str"),
        }
    )


def variance_inflation(centred: np.ndarray) -> np.ndarray:
    """1 / (1 - R^2) of each column (n x k, mean 0) on the others; NaN where it is a combination of them."""
    scale = np.sqrt(np.square(centred).sum(axis=0))
    scaled = centred / np.where(scale > 0, scale, np.nan)
    _, values, right = np.linalg.svd(np.nan_to_num(scaled), full_matrices=False)
    small = values <= 1e-7 * values.max(initial=0.0)
    involved = (np.square(right[small]) > 1e-10).any(axis=0)
    inflation = (np.square(right[~small]) / np.square(values[~small, None])).sum(axis=0)
    return np.where(involved | ~(scale > 0), np.nan, inflation)


def high_pairs(wide: pd.DataFrame, *, above: float = HIGH_CORRELATION) -> pd.DataFrame:
    """Pairs of factors whose |correlation| is above a limit, the closest first: factor_1, factor_2, value."""
    matrix = wide.corr().to_numpy()
    one, other = np.triu_indices(len(matrix), k=1)
    names = np.array(wide.columns, dtype=object)
    pairs = pd.DataFrame(
        {"factor_1": names[one], "factor_2": names[other], "correlation": matrix[one, other]}
    )
    chosen = pairs[pairs["correlation"].abs() > above]
    return chosen.sort_values("correlation", key=abs, ascending=False).reset_index(drop=True)


def _warnings(inflation: np.ndarray, largest: np.ndarray, condition: float) -> pd.Series:
    codes = {
        "singular": np.isnan(inflation) | (condition > CONDITION_LIMIT),
        "high_vif": inflation > HIGH_VIF,
        "high_correlation": largest > HIGH_CORRELATION,
    }
    text = [",".join(code for code, hit in codes.items() if hit[place]) for place in range(len(inflation))]
    return pd.Series(text, dtype="str")


def _origin(proxy: str, origins: pd.Series) -> str:
    """The least trusted origin of the members' prices; a basket is constructed at best."""
    found = [origins.get(symbol, ORIGINS[0]) for symbol in members(proxy)]
    return max([*found, ORIGINS[min(len(found) - 1, 1)]], key=ORIGINS.index)


def origin_of_symbols(prices: pd.DataFrame) -> pd.Series:
    """The least trusted origin of each symbol's prices."""
    ranks = prices["origin"].map({origin: rank for rank, origin in enumerate(ORIGINS)})
    return ranks.groupby(prices["symbol"]).max().map(dict(enumerate(ORIGINS)))
