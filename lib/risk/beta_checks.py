"""Identities that must hold of the betas, the variance and the attribution of this very book."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.risk.attribution import SPECIFIC, TOTAL
from lib.risk.factor_model import FULL, MARKET, METHODS, USABLE, FactorModel
from lib.risk.variance import position_parts, total_variance

CLOSE = 1e-9
Check = tuple[str, bool, str]


def identities(
    holdings: pd.DataFrame,
    betas: pd.DataFrame,
    portfolio: pd.DataFrame,
    daily: pd.DataFrame,
    model: FactorModel,
) -> list[Check]:
    """Name, whether it holds, and the numbers, for each identity."""
    return [
        _every_position(holdings, betas),
        _shares(portfolio),
        _positions_add_up(model),
        _attribution(daily),
        _market_beta(betas),
        _dollars(betas, portfolio, model),
    ]


def _every_position(holdings: pd.DataFrame, betas: pd.DataFrame) -> Check:
    given = betas.drop_duplicates("position_id").set_index("position_id")["quality"]
    named = holdings["position_id"].map(given).fillna("").ne("")
    without = betas["beta"].isna() & betas["quality"].isin(USABLE)
    detail = f"{wording.plural(len(holdings), 'position')}, {int((~named).sum())} unnamed"
    return "Every position has betas or a reason", bool(named.all() and not without.any()), detail


def _shares(portfolio: pd.DataFrame) -> Check:
    name = "Variance shares of factors and specific add up to one"
    known = portfolio.dropna(subset="variance_share")
    if known.empty:
        return name, True, "nothing to compare"
    sums = known[known["factor"] != TOTAL].groupby("method")["variance_share"].sum()
    return name, bool((sums - 1).abs().max() < CLOSE), wording.joined(f"{value:.9f}" for value in sums)


def _positions_add_up(model: FactorModel) -> Check:
    one, other = float(position_parts(model).sum()), total_variance(model)
    detail = f"daily deviation {wording.money(np.sqrt(max(one, 0)))} and {wording.money(np.sqrt(other))}"
    return "The positions' parts add up to the variance", abs(one - other) <= CLOSE * max(other, 1.0), detail


def _attribution(daily: pd.DataFrame) -> Check:
    name = "Contributions add up to the return of every day"
    if daily.empty:
        return name, True, "nothing to compare"
    gap = float((daily.drop(columns=TOTAL).sum(axis=1) - daily[TOTAL]).abs().max())
    mean = float(daily[SPECIFIC].mean())
    detail = f"{wording.plural(len(daily), 'day')}, largest gap {gap:.0e}; specific {mean * 1e4:.2f} bp a day"
    return name, gap < CLOSE, detail


def _market_beta(betas: pd.DataFrame) -> Check:
    name = "With a full history, the orthogonal market beta is the univariate one"
    rows = betas[(betas["factor"] == MARKET) & (betas["quality"] == FULL)]
    wide = rows.pivot(index="position_id", columns="method", values="beta_raw")  # noqa: PD010
    if wide.empty:
        return name, True, "nothing to compare"
    gap = float((wide[METHODS[0]] - wide[METHODS[2]]).abs().max())
    return name, gap < 1e-8, f"{wording.plural(len(wide), 'position')}, largest gap {gap:.0e}"


def _dollars(betas: pd.DataFrame, portfolio: pd.DataFrame, model: FactorModel) -> Check:
    name = "The written betas give the dollar exposures of the factor model"
    own = portfolio[portfolio["method"] == METHODS[2]].set_index("factor")["dollar_exposure"]
    known = own.reindex(list(model.factors)).to_numpy(dtype="float64")
    gap = float(np.nan_to_num(np.abs(known - model.dollar_betas)).max(initial=0.0))
    scale = float(model.exposures.abs().sum())
    return name, gap <= CLOSE * max(scale, 1.0), f"largest gap {wording.money(gap)}"
