"""Identities that must hold of scenarios and stress of this very book."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.risk.factor_model import MARKET
from lib.risk.factor_state import FactorState
from lib.risk.repricing import RepricingInputs
from lib.risk.scenario_files import Scenario
from lib.risk.stress import Stress

Identity = tuple[str, bool, str]
RELATIVE = 1e-9


def scenario_identities(
    table: pd.DataFrame, book: RepricingInputs, position_betas: pd.DataFrame
) -> list[Identity]:
    """What must hold of table ``scenario_pnl``; the betas are those of table ``position_betas``."""
    market = table[table["kind"] == "market"]
    chosen = (position_betas["method"] == "univariate") & (position_betas["factor"] == MARKET)
    beta = position_betas[chosen].set_index("position_id")["beta"].reindex(book.holdings["position_id"])
    money = book.delta_exposure * beta.to_numpy("float64")
    stated = market["shock"] * (np.nansum(money) if np.isfinite(money).any() else np.nan)
    option = (book.holdings["kind"] == "option").any()
    straight = table["pnl"] - table["linear_pnl"]
    tenors = table[table["kind"] == "rates"].groupby("tenor").size()
    return [
        _near("Linear profit is the move times exposure times univariate beta", market["linear_pnl"], stated),
        (
            "Without options all three answers agree",
            bool(option or straight.abs().max() < 0.005 or straight.isna().all()),
            "the book holds options" if option else f"off by {straight.abs().max():.2g}",
        ),
        (
            "Every tenor has each rate move once",
            bool((tenors == tenors.max()).all()),
            f"{wording.plural(len(tenors), 'tenor')}",
        ),
    ]


def stress_identities(
    result: Stress, state: FactorState, scenarios: tuple[Scenario, ...], book: RepricingInputs
) -> list[Identity]:
    """What must hold of the three stress tables."""
    pnl = result.pnl.set_index("scenario")
    money = ["direct_pnl", "conditional_pnl"]
    by_position = result.positions.groupby("scenario")[money].sum(min_count=1).reindex(pnl.index)
    by_factor = result.factors.groupby("scenario")[money].sum(min_count=1).reindex(pnl.index)
    alone = [one.id for one in scenarios if set(one.shocks) == {state.names[0]}]
    stated = {one.id: one.shocks[state.names[0]] for one in scenarios if state.names[0] in one.shocks}
    moved = result.factors[result.factors["factor"] == state.names[0]].set_index("scenario")["shock"]
    kept = pd.Series(stated, dtype="float64")
    positions = book.holdings
    long_options = positions[(positions["kind"] == "option") & (positions["quantity"] > 0)]
    premium = long_options.set_index("position_id")["exposure"]
    worst = result.positions.groupby("position_id")[money].min().min(axis=1).reindex(premium.index)
    return [
        _near(
            "Positions add up to each scenario", by_position.to_numpy().ravel(), pnl[money].to_numpy().ravel()
        ),
        _near("Factors add up to each scenario", by_factor.to_numpy().ravel(), pnl[money].to_numpy().ravel()),
        _near(
            "The market alone has no correlation effect", pnl.loc[alone, money[0]], pnl.loc[alone, money[1]]
        ),
        _near(
            "Named shocks are kept as stated",
            moved.reindex(kept.index).dropna(),
            kept[moved.reindex(kept.index).notna()],
        ),
        (
            "No long option loses more than its premium",
            bool((worst.fillna(0.0) >= -premium.fillna(np.inf) - 0.005).all()),
            wording.plural(len(premium), "long option"),
        ),
        (
            "What has no result says why",
            bool((pnl.loc[pnl["conditional_pnl"].isna(), "flags"] != "").all()),
            wording.plural(int(pnl["conditional_pnl"].isna().sum()), "scenario"),
        ),
    ]


def _near(name: str, one: pd.Series | np.ndarray, other: pd.Series | np.ndarray) -> Identity:
    left, right = np.asarray(one, dtype="float64"), np.asarray(other, dtype="float64")
    known = np.isfinite(left) | np.isfinite(right)
    if not known.any():
        return name, True, "nothing to compare"
    gap = np.abs(left - right)[known]
    limit = RELATIVE * max(1.0, float(np.nanmax(np.abs(right[known]))))
    worst = float(np.max(np.nan_to_num(gap, nan=np.inf)))
    return name, worst <= limit, f"{wording.count(int(known.sum()))} compared, widest gap {worst:.2g}"
