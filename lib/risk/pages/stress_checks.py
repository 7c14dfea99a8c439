"""What must hold of the three stress tables of a book, whatever the scenarios."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import checks as check
from lib import wording
from lib.checks import CENT, Check
from lib.risk.factor_state import FactorState
from lib.risk.repricing import RepricingInputs
from lib.risk.scenario_files import Scenario
from lib.risk.stress import Stress
from lib.risk.volatility_moves import VOLATILITY_BETA

PROFITS = ["direct_pnl", "conditional_pnl"]


def checks(
    result: Stress,
    state: FactorState,
    scenarios: tuple[Scenario, ...],
    book: RepricingInputs,
    *,
    volatility_beta: float = VOLATILITY_BETA,
) -> list[Check]:
    """What must hold of the three stress tables of this very book."""
    pnl, market = result.pnl.set_index("scenario"), state.names[0]
    alone = pnl.loc[[one.id for one in scenarios if set(one.shocks) == {market}]]
    moved = result.factors[result.factors["factor"] == market].set_index("scenario")["shock"]
    stated = pd.Series(
        {one.id: one.shocks[market] for one in scenarios if market in one.shocks}, dtype="float64"
    )
    moved = moved.reindex(stated.index).dropna()
    held = book.holdings
    long_options = held[(held["kind"] == "option") & (held["quantity"] > 0)].set_index("position_id")
    shares = held[~held["kind"].isin(["option", "manual"]) & (held["quantity"] > 0)].set_index("position_id")
    least = result.positions.groupby("position_id")[PROFITS].min().min(axis=1)
    none = pnl.loc[pnl["conditional_pnl"].isna(), "flags"]
    whole = pnl[PROFITS].melt()["value"]
    return [
        _same_profit("Positions add up to each scenario", _sums(result.positions, pnl), whole),
        _same_profit("Factors add up to each scenario", _sums(result.factors, pnl), whole),
        _same_profit(
            "The market alone has no correlation effect", alone["direct_pnl"], alone["conditional_pnl"]
        ),
        check.close("Named shocks are kept as stated", moved, stated[moved.index]),
        _volatilities(result, scenarios, market, volatility_beta),
        check.ordered(
            "No long option loses more than its premium",
            -long_options["exposure"],
            least.reindex(long_options.index),
            tolerance=CENT,
            noun="long option",
            words=wording.money,
        ),
        check.ordered(
            "No share held loses more than its value",
            -shares["exposure"],
            least.reindex(shares.index),
            tolerance=CENT,
            noun="share",
            words=wording.money,
        ),
        check.holds(
            "What has no result says why",
            (none != "").all(),
            f"{wording.plural(len(none), 'scenario')} without a result",
        ),
    ]


def _volatilities(
    result: Stress, scenarios: tuple[Scenario, ...], market: str, volatility_beta: float
) -> Check:
    """Whether volatilities are multiplied by what is stated, or else follow the market by the beta."""
    pnl = result.pnl.dropna(subset="conditional_pnl").set_index("scenario")
    moved = result.factors[result.factors["factor"] == market].set_index("scenario")["shock"]
    moved = moved.reindex(pnl.index).fillna(0.0)
    follows = (1.0 + volatility_beta * moved.abs()) ** -np.sign(moved).where(moved != 0, 1.0)
    stated = {one.id: one.volatility_factor for one in scenarios if one.volatility_factor is not None}
    wanted = pd.Series(stated, dtype="float64").reindex(pnl.index).fillna(follows)
    return check.close("Volatilities move as stated", pnl["volatility_factor"], wanted)


def _sums(parts: pd.DataFrame, pnl: pd.DataFrame) -> pd.Series:
    """Both profits of each scenario as the sums of their parts, in the order of ``pnl``."""
    return parts.groupby("scenario")[PROFITS].sum(min_count=1).reindex(pnl.index).melt()["value"]


def _same_profit(name: str, left: pd.Series, right: pd.Series) -> Check:
    return check.close(name, left, right, scale=right.abs().max())
