"""What the book could lose in a crisis: stress scenarios by position and by factor.

Betas are on the market and on what each other factor does beyond it, u_k = f_k - b_k m; the change of a
Treasury yield in basis points is one more variable, with the betas of ``lib.risk.rates``. Per scenario:

- direct: only what is named moves. m = s_m, or 0; u_k = s_k - b_k m for a named factor, else 0;
- conditional: the others take their mean given the named shocks, which stay exactly as stated, and the
  same map is applied;
- in both, an underlying moves by beta_m m + sum of beta_k u_k, and by -100 % where that is less; a stock's
  profit is its exposure times the move, an option is revalued at it, with the scenario's volatility factor,
  or where it states none that of its market move (``lib.risk.volatility_moves``), and the named change of
  the yield;
- a replay moves each underlying by its own return over the window where prices have it, the others by their
  betas (``lib.risk.replays``); factors that lack a day are left out, and both readings are the same.

Correlation effect = conditional - direct, 0 for the market alone. ``sigmas`` is the size of the named shocks,
sqrt(s' S_ss^-1 s / days). The bound of a move is the only one: where it holds, the scenario is flagged and
the profit without it stands beside (``direct_unbounded``, ``conditional_unbounded``). A loss above net asset
value is flagged, and so is a scenario of more than 100 sigmas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib import codes
from lib.book import left_out_flags
from lib.conventions import BASIS_POINT, EXCHANGE, TRADING_DAYS
from lib.risk.conditional import beyond_market, conditional_moves, shock_sigmas
from lib.risk.factor_state import RATES, FactorState
from lib.risk.replays import own_moves, own_share
from lib.risk.repricing import ALL_LOST, RepricingInputs, add_up, profits
from lib.risk.scenario_files import Scenario
from lib.risk.stress_cases import Cases, stress_cases
from lib.risk.volatility_moves import VOLATILITY_BETA, volatility_factors

METHOD = "orthogonal"
FAR_SIGMAS = 100.0
"""A scenario larger than this pulls apart factors that have always moved together; a crash has about 30."""
MOSTLY = 0.5
"""A scenario rests on what makes more than this part of the sizes of its parts."""
DAYS_A_YEAR = 365.0
"""Calendar days, as times to expiry are counted."""
LEAST_YIELD = -0.01
"""No government of size ever paid less for ten years; decimal."""
SPECIFIC, REVALUATION, BOUND = "specific", "revaluation", "bound_at_zero"


@dataclass(frozen=True)
class Stress:
    """Tables ``stress_pnl``, ``stress_positions`` and ``stress_factors``."""

    pnl: pd.DataFrame
    positions: pd.DataFrame
    factors: pd.DataFrame


@dataclass(frozen=True)
class _View:
    """One way to read the scenarios: moves in the basis of the betas, those of underlyings, and money.

    ``linked`` and ``by_betas`` are moves and money by betas alone; they differ in replays only.
    ``volatility`` is the factor on implied volatilities of each scenario.
    """

    moves: np.ndarray
    linked: np.ndarray
    underlyings: np.ndarray
    money: np.ndarray
    unbounded: np.ndarray
    by_betas: np.ndarray
    volatility: np.ndarray


def stress(
    book: RepricingInputs,
    position_betas: pd.DataFrame,
    rate_betas: pd.DataFrame,
    state: FactorState,
    scenarios: Sequence[Scenario],
    *,
    base: tuple[float, str, float],
    rate_tenor: str = "10Y",
    horizon_days: int = 1,
    exchange: str = EXCHANGE,
    prices: pd.DataFrame | None = None,
    volatility_beta: float = VOLATILITY_BETA,
) -> Stress:
    """Every scenario for the positions of ``book``; tables ``position_betas`` and ``rate_betas``.

    ``base`` is (money, "nav" or "gross", net asset value) as of ``base_of``; windows are replayed by the
    sessions of ``exchange`` and table ``prices``, without which by betas alone. A position without one of the
    betas is left out and flagged where a scenario needs them. ``volatility_beta`` is the rise of implied
    volatilities in percent for a fall of the market of 1 %, 0 for none.
    """
    cases = stress_cases(scenarios, state, horizon_days=horizon_days, exchange=exchange)
    betas, capped = beta_matrix(book.holdings["position_id"], position_betas, rate_betas, state, rate_tenor)
    takes_part = np.isfinite(book.delta_exposure) & np.isfinite(betas).all(axis=1)
    betas = np.where(takes_part[:, None], betas, np.nan)
    shift = _rate_shift(cases, state.names)
    full, pinv = conditional_moves(state.covariance, cases.shocks)
    full, pinv = np.where(cases.replayed[:, None], cases.shocks, full), pinv & ~cases.replayed
    own = own_moves(prices, book.holdings["underlying"], cases)
    views = [
        _view(book, betas, beyond_market(moves, state.loadings), cases, shift, own, volatility_beta)
        for moves in (cases.shocks, full)
    ]
    sigmas = shock_sigmas(state.covariance, cases.shocks, cases.table["horizon_days"].to_numpy("float64"))
    bound = _capped(views, capped & takes_part[:, None], own)
    moved = {"capped_beta": bound, "pinv": pinv, "far_outside": sigmas > FAR_SIGMAS}
    moved["long_window"] = cases.replayed & (cases.table["horizon_days"] > TRADING_DAYS).to_numpy()
    pnl = _pnl(cases, views, sigmas, _flags(book, cases, views, moved=moved, base=base), base)
    pnl = pnl.assign(
        by_betas_pnl=np.where(cases.replayed, add_up(views[0].by_betas), np.nan),
        own_share=own_share(own, views[0].underlyings, book.delta_exposure, cases),
        volatility_factor=np.where(pnl["conditional_pnl"].notna(), views[1].volatility, np.nan),
    )
    shown = np.where(np.isnan(views[1].moves), np.nan, full)
    factors = _factors(book, cases, views, betas, state.names, shown)
    doubts = {
        "generated_data": _generated(book, cases, factors, state),
        "implausible_yield": _implausible(shown, state),
        "outlived_options": _outlived(book, cases, views[1].money),
    }
    known = pnl["direct_pnl"].notna()
    found = codes.flags_of({name: mask & known.to_numpy() for name, mask in doubts.items()}, pnl.index)
    pnl["flags"] = [codes.cell(pair) for pair in zip(pnl["flags"], found, strict=True)]
    return Stress(pnl.astype({"flags": "str"}), _positions(book, cases, views), factors)


def beta_matrix(
    position_ids: pd.Series,
    position_betas: pd.DataFrame,
    rate_betas: pd.DataFrame,
    state: FactorState,
    rate_tenor: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Betas, positions x variables of the state, missing where there is none; and which are capped."""
    rows = position_betas[position_betas["method"] == METHOD]
    rates = rate_betas[rate_betas["tenor"] == rate_tenor].set_index("position_id")
    styles = [name for name in state.names if name != RATES]
    beta, capped = (
        rows.pivot(index="position_id", columns="factor", values=part).reindex(  # noqa: PD010
            index=position_ids, columns=styles
        )
        for part in ("beta", "capped")
    )
    found = [beta.to_numpy("float64")]
    bound = [capped.eq(True).to_numpy("bool")]
    if RATES in state.names:
        mine = rates.reindex(position_ids)
        found.append(mine[["beta_per_bp"]].to_numpy("float64"))
        bound.append(codes.has(mine["quality"], "capped").to_numpy("bool")[:, None])
    return np.hstack(found), np.hstack(bound)


def _view(
    book: RepricingInputs,
    betas: np.ndarray,
    moves: np.ndarray,
    cases: Cases,
    shift: np.ndarray,
    own: np.ndarray,
    volatility_beta: float,
) -> _View:
    computed = (cases.table["flags"] == "").to_numpy()[:, None]
    moves = np.where(computed, moves, np.nan)
    linked = moves @ betas.T
    underlyings = np.where(computed & np.isfinite(own), own, linked)
    stated = cases.table["volatility_factor"].to_numpy("float64")
    volatility = volatility_factors(stated, moves[:, 0], beta=volatility_beta)
    terms = {"volatility_factor": volatility, "rate_shift": shift}
    by_betas, result = (profits(book, each, **terms) for each in (linked, underlyings))
    return _View(moves, linked, underlyings, result.full, result.unbounded, by_betas.full, volatility)


def _rate_shift(cases: Cases, names: tuple[str, ...]) -> np.ndarray:
    """Change of the yield that each scenario names, decimal, 0 where none: it discounts the options too."""
    if RATES not in names:
        return np.zeros(len(cases.table))
    return np.nan_to_num(cases.shocks[:, names.index(RATES)]) * BASIS_POINT


def _generated(book: RepricingInputs, cases: Cases, factors: pd.DataFrame, state: FactorState) -> np.ndarray:
    """Scenarios that name a generated yield, or owe most of their parts to generated figures."""
    made = [*([RATES] if state.generated_yields else []), *([REVALUATION] if book.generated else [])]
    named = np.zeros(len(cases.table), dtype=bool)
    if state.generated_yields and RATES in state.names:
        named = np.isfinite(cases.shocks[:, state.names.index(RATES)]) & ~cases.replayed
    labels = np.array([*state.names, SPECIFIC, REVALUATION, BOUND])
    sizes = factors["conditional_pnl"].abs().to_numpy().reshape(len(cases.table), len(labels))
    return named | (sizes[:, np.isin(labels, made)].sum(axis=1) > MOSTLY * sizes.sum(axis=1))


def _outlived(book: RepricingInputs, cases: Cases, money: np.ndarray) -> np.ndarray:
    """Replays that owe most of their parts to options which would have expired before the window ends."""
    ends = cases.table[["opens", "closes"]].astype("datetime64[ns]")
    days = (ends["closes"] - ends["opens"]).dt.days.to_numpy("float64")
    years = np.full(len(book.holdings), np.inf)
    years[book.places] = book.options["years_to_expiry"].to_numpy("float64")
    sizes = np.abs(np.nan_to_num(money))
    beyond = np.where(days[:, None] / DAYS_A_YEAR > years, sizes, 0.0).sum(axis=1)
    return cases.replayed & (beyond > MOSTLY * sizes.sum(axis=1))


def _implausible(moves: np.ndarray, state: FactorState) -> np.ndarray:
    """Scenarios whose move of the yield would leave it below anything seen."""
    if RATES not in state.names:
        return np.zeros(len(moves), dtype=bool)
    change = np.nan_to_num(moves[:, state.names.index(RATES)]) * BASIS_POINT
    return (change < 0) & (state.yield_level + change < LEAST_YIELD)


def _capped(views: list[_View], capped: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Scenarios that move a variable on which the beta of a position is capped that betas move."""
    moved = np.any([np.nan_to_num(view.moves) != 0 for view in views], axis=0)
    return ((moved @ capped.T > 0) & np.isnan(own)).any(axis=1)


def _pnl(
    cases: Cases,
    views: list[_View],
    sigmas: np.ndarray,
    flags: pd.Series,
    base: tuple[float, str, float],
) -> pd.DataFrame:
    direct, conditional = (add_up(view.money) for view in views)
    table = cases.table[["scenario", "name", "category", "severity"]]
    return table.assign(
        direct_pnl=direct,
        conditional_pnl=conditional,
        correlation_effect=conditional - direct,
        direct_unbounded=add_up(views[0].unbounded),
        conditional_unbounded=add_up(views[1].unbounded),
        pnl_fraction=conditional / base[0] if base[0] > 0 else np.nan,
        sigmas=sigmas,
        flags=flags.astype("str"),
    )


def _flags(
    book: RepricingInputs,
    cases: Cases,
    views: list[_View],
    *,
    moved: dict[str, np.ndarray],
    base: tuple[float, str, float],
) -> pd.Series:
    """Codes of each scenario; ``moved`` are those that follow from its moves, by code."""
    no_beta = np.isfinite(book.delta_exposure) & np.isnan(views[0].underlyings)
    money = np.array([add_up(view.money) for view in views])
    masks = {
        **dict.fromkeys(left_out_flags(book.holdings), True),
        "no_beta_left_out": no_beta.any(axis=1),
        "not_revalued": book.not_revalued > 0,
        "base_gross": base[1] == "gross",
        **moved,
        "below_zero": np.any([np.nan_to_num(view.underlyings) < ALL_LOST for view in views], axis=(0, 2)),
        "nothing_covered": np.isnan(money).any(axis=0),
        "exceeds_nav": np.any(np.nan_to_num(money) < -base[0], axis=0),
    }
    why_none, left_out = cases.table["flags"], cases.table["left_out"]
    found = codes.flags_of(masks, cases.table.index)
    found = pd.Series([codes.cell(filter(None, pair)) for pair in zip(found, left_out, strict=True)])
    return why_none.where(why_none != "", found)


def _positions(book: RepricingInputs, cases: Cases, views: list[_View]) -> pd.DataFrame:
    ids = book.holdings["position_id"].to_numpy()
    return pd.DataFrame(
        {
            "scenario": np.repeat(cases.table["scenario"].to_numpy(), len(ids)),
            "position_id": np.tile(ids, len(cases.table)),
            "direct_pnl": views[0].money.ravel(),
            "conditional_pnl": views[1].money.ravel(),
            "direct_unbounded": views[0].unbounded.ravel(),
            "conditional_unbounded": views[1].unbounded.ravel(),
        }
    )


def _factors(
    book: RepricingInputs,
    cases: Cases,
    views: list[_View],
    betas: np.ndarray,
    names: tuple[str, ...],
    shown: np.ndarray,
) -> pd.DataFrame:
    """A row a scenario and variable, and three for the rest: they add up to the profit.

    ``specific`` is what names did beyond their betas in a replay, ``revaluation`` what linear effects leave,
    ``bound_at_zero`` what the bound of the moves takes back.
    """
    money = np.nan_to_num(book.delta_exposure * np.isfinite(betas).all(axis=1)) @ np.nan_to_num(betas)
    labels = [*names, SPECIFIC, REVALUATION, BOUND]
    columns = {}
    for label, view in zip(("direct_pnl", "conditional_pnl"), views, strict=True):
        total, whole = add_up(view.money)[:, None], add_up(view.unbounded)[:, None]
        parts = view.moves * money + 0.0 * total
        beyond = np.nan_to_num(view.underlyings) - np.nan_to_num(view.linked)
        specific = (beyond @ np.nan_to_num(book.delta_exposure))[:, None] + 0.0 * total
        rest = whole - specific - parts.sum(axis=1, keepdims=True)
        columns[label] = np.column_stack([parts, specific, rest, total - whole]).ravel()
    moves = np.column_stack([shown, np.full((len(shown), 3), np.nan)]).ravel()
    return pd.DataFrame(
        {
            "scenario": np.repeat(cases.table["scenario"].to_numpy(), len(labels)),
            "factor": np.tile(np.array(labels, dtype=object), len(cases.table)),
            "shock": moves,
            **columns,
        }
    )
