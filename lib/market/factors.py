"""What stands for each factor, and its returns.

A factor is one symbol (``MTUM``) or a basket of symbols (``AAPL,MSFT``), the equal-weighted mean of its
members' returns. Names are those of ``lib.conventions.FACTORS`` and no others, so that no factor is lost
because two places call it differently. A style without usable prices is left out and named; without the
market there is nothing to measure against. A market of fewer than 60 days is kept: what needs more says so.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from lib.conventions import FACTORS, TRADING_DAYS
from lib.errors import DataError, InputError
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
MINIMUM, LEAST = 60, 3
"""Days that a beta needs; and days that the market needs for there to be anything at all."""


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
            mend=f"the factors are {', '.join(FACTORS)}",
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


class LeftOut(NamedTuple):
    """Why a factor has no returns: the code of its warning, what it lacks, and its days."""

    code: str
    reason: str
    observations: int


def factor_returns(prices: pd.DataFrame, factors: dict[str, str]) -> tuple[pd.DataFrame, dict[str, LeftOut]]:
    """Table ``factor_returns``, one-day simple returns of adjusted closes, and the factors left out of it.

    A basket has a return on the days on which all its members have one; days without a return are left out.
    A style is left out where a member has no prices, or where with it the factors would have fewer than 60
    days in common (or fewer than the market has). DataError where the market, which all others are measured
    against, has no prices or fewer than 3 days.
    """
    names = [name for name in FACTORS if name in factors]
    needed = {symbol for name in names for symbol in members(factors[name])}
    wanted = prices.loc[prices["symbol"].isin(needed), ["date", "symbol", "adj_close"]]
    closes = wanted.pivot(index="date", columns="symbol", values="adj_close").sort_index()  # noqa: PD010
    moves = simple_returns(closes.reindex(columns=sorted(needed)), span_gaps=False)
    wide = pd.DataFrame({name: moves[members(factors[name])].mean(axis=1, skipna=False) for name in names})
    if lacking := _lacking(moves[members(factors[FACTORS[0]])], wide[[FACTORS[0]]], needed=LEAST):
        _refuse_without_market(factors[FACTORS[0]], lacking)
    enough = min(MINIMUM, len(wide[FACTORS[0]].dropna()))
    left_out: dict[str, LeftOut] = {}
    for name in names[1:]:
        others = [one for one in names[: names.index(name)] if one not in left_out]
        if lacking := _lacking(moves[members(factors[name])], wide[[*others, name]], needed=enough):
            left_out[name] = lacking
    long = wide.drop(columns=list(left_out)).rename_axis(columns="factor").stack().dropna()  # noqa: PD013
    return long.rename("return").reset_index().astype({"factor": "str"}), left_out


def _lacking(moves: pd.DataFrame, returns: pd.DataFrame, *, needed: int) -> LeftOut | None:
    """What a factor lacks, the last column of ``returns``; ``moves`` are its members'. None where nothing.

    It needs ``needed`` returns on days that all columns have.
    """
    missing = [symbol for symbol in moves if moves[symbol].notna().sum() == 0]
    if missing:
        return LeftOut("no_prices", f"no prices of {', '.join(missing)}", 0)
    known = len(returns.dropna())
    if known >= needed:
        return None
    others = " in common with the factors before it" if returns.shape[1] > 1 else ""
    reason = f"{known} return{'s' * (known != 1)}{others}, and {needed} are needed"
    return LeftOut("few_returns", reason, known)


def _refuse_without_market(proxy: str, lacking: LeftOut) -> None:
    raise DataError(
        f"FACTOR_WITHOUT_PRICES: the factor {FACTORS[0]} ({proxy}) has {lacking.reason}; all others are "
        f"measured against it, so that no beta, scenario, stress or measure of risk can be computed (value, "
        "Greeks, exposures, correlations and history can): name a symbol that the data hold in "
        f"{FIELD}.{FACTORS[0]}, or add its prices"
    )


def growth_of(wide: pd.DataFrame) -> pd.Series:
    """Return of each factor over all days of ``wide_returns``."""
    return (1.0 + wide).prod() - 1.0


def wide_returns(returns: pd.DataFrame, *, window: int = TRADING_DAYS) -> pd.DataFrame:
    """The last ``window`` days that all factors have in common: days x factors in their fixed order."""
    wide = returns.pivot(index="date", columns="factor", values="return")  # noqa: PD010
    names = [name for name in FACTORS if name in wide.columns]
    return wide[names].dropna().sort_index().iloc[-window:].rename_axis(columns=None)
