"""What the pages say of residuals that move together, and of factors that hold what the book holds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.risk.factor_model import FactorModel

NAMED = 3
FUND = {"growth": "VUG"}
"""A traded fund of hundreds of companies for a style, where the default proxy is a basket."""


def residual_sentence(model: FactorModel) -> str:
    """Which residuals of one sector move together, what that does to the risk, and what is still left out.

    Empty where no pair was tested.
    """
    residuals = model.residuals
    if not residuals.tested:
        return ""
    tested, kept = wording.plural(residuals.tested, "pair"), len(residuals.pairs)
    test = "by Fisher's z, adjusted for all of them after Holm"
    if not kept:
        return f" Of {tested} of names within sectors none has residuals that surely move together, {test}."
    named = wording.joined(
        f"{one.first} and {one.second} ({wording.ratio(one.correlation)})"
        for one in residuals.pairs.head(NAMED).itertuples(index=False)
    )
    apart, used, measured = (_deviation(model, one) for one in model.specific_variances)
    most = "" if kept <= NAMED else " most of all"
    beside = wording.number(used / apart, 3)
    whole = wording.number(measured / used, 3)
    return (
        f" Residuals of {wording.count(kept)} of {tested} within sectors move together, {test}:{most} "
        f"{named}. Counted so, the factor value at risk is {beside} times what it would be with names apart; "
        f"with every residual correlation as measured it would be {whole} times this."
    )


def overlap_sentence(model: FactorModel, proxies: pd.Series) -> str:
    """Which factors hold names that the book holds, and what else could stand for them; empty where none.

    ``proxies`` are the symbols that stand for each factor, comma separated, by factor.
    """
    exposure = model.exposure_by_underlying.abs()
    members = {
        str(factor): [symbol.strip() for symbol in str(proxy).split(",")]
        for factor, proxy in proxies.items()
        if factor in model.factors
    }
    held = {name: [one for one in symbols if one in exposure.index] for name, symbols in members.items()}
    part = {
        name: float(exposure[symbols].sum() / exposure.sum()) for name, symbols in held.items() if symbols
    }
    alone = {name: share for name, share in part.items() if len(members[name]) == 1}
    baskets = [
        _basket(name, members[name], held[name], share) for name, share in part.items() if name not in alone
    ]
    return "".join([*baskets, _funds(alone, held)])


def _funds(alone: dict[str, float], held: dict[str, list[str]]) -> str:
    """That funds which are held stand for factors themselves."""
    if not alone:
        return ""
    one = len(alone) == 1
    funds, part = wording.joined(held[name][0] for name in alone), wording.percent(sum(alone.values()))
    return (
        f" {funds}, {part} of the gross "
        f"delta-adjusted exposure, {'is itself what stands' if one else 'are themselves what stand'} for "
        f"{wording.joined(name.replace('_', ' ') for name in alone)}: the model gives "
        f"{'it' if one else 'them'} next to no specific risk."
    )


def _basket(factor: str, members: list[str], held: list[str], part: float) -> str:
    """That a basket holds names of the book, and what could stand for the factor instead."""
    others = [symbol for symbol in members if symbol not in held]
    fund = [f"the fund {FUND[factor]}"] if factor in FUND else []
    rest = [f"the members that are not held ({','.join(others)})"] if others else []
    offer = " or ".join([*fund, *rest]) or "a broad fund"
    return (
        f" What stands for {factor.replace('_', ' ')}, a basket of {wording.plural(len(members), 'symbol')}, "
        f"holds {wording.joined(held)}, {wording.percent(part)} of the book's gross delta-adjusted exposure: "
        "their betas on it are in part on themselves, and their specific risk is understated. The setting "
        f"factors of market/factors takes another, such as {offer}."
    )


def _deviation(model: FactorModel, specific: float) -> float:
    dollars = model.dollar_betas
    factors = float(dollars @ model.orthogonal_covariance @ dollars)
    return float(np.sqrt(max(factors, 0.0) + max(specific, 0.0)))
