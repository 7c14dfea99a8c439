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
    told = []
    for factor, proxy in proxies.items():
        members = [symbol.strip() for symbol in str(proxy).split(",")]
        held = [symbol for symbol in members if symbol in exposure.index]
        if not held or factor not in model.factors:
            continue
        part = wording.percent(float(exposure[held].sum() / exposure.sum()))
        others = [symbol for symbol in members if symbol not in held]
        told.append(_overlap(str(factor), members, held, others, part))
    return "".join(told)


def _overlap(factor: str, members: list[str], held: list[str], others: list[str], part: str) -> str:
    words = factor.replace("_", " ")
    if len(members) == 1:
        return (
            f" {held[0]}, {part} of the gross delta-adjusted exposure, is itself what stands for {words}: "
            "the model gives it next to no specific risk."
        )
    fund = [f"the fund {FUND[factor]}"] if factor in FUND else []
    rest = [f"the members that are not held ({','.join(others)})"] if others else []
    offer = " or ".join([*fund, *rest]) or "a broad fund"
    return (
        f" What stands for {words}, a basket of {wording.plural(len(members), 'symbol')}, holds "
        f"{wording.joined(held)}, {part} of the book's gross delta-adjusted exposure: their betas on it are "
        "in part on themselves, and their specific risk is understated. The setting factors of "
        f"market/factors takes another, such as {offer}."
    )


def _deviation(model: FactorModel, specific: float) -> float:
    dollars = model.dollar_betas
    factors = float(dollars @ model.orthogonal_covariance @ dollars)
    return float(np.sqrt(max(factors, 0.0) + max(specific, 0.0)))
