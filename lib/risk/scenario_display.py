"""Scenario and stress tables arranged for people: sorted by what matters, codes in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib import wording
from lib.conventions import FACTORS
from lib.risk.factor_state import RATES, FactorState
from lib.risk.rates import NO_YIELDS
from lib.risk.repricing import RepricingInputs

CENT = 0.005
"""Money below this is no part of anything."""
FLAGS = {
    "manual_left_out": "holdings valued by hand left out",
    "unpriced_left_out": "positions without a price left out",
    "no_greeks_left_out": "options without Greeks left out",
    "no_beta_left_out": "positions without betas left out",
    "not_revalued": "options by delta and gamma",
    "base_gross": "of gross exposure",
    "capped_beta": "a beta is capped",
    "pinv": "pseudo-inverse",
    "below_zero": "a price below zero",
    "exceeds_nav": "loss above net asset value",
    "far_outside": "a story",
    "nothing_covered": "no position takes part",
    "window_not_covered": "data do not cover the window",
    "no_yields": "too few yields",
    "short_factor_history": "the factors have too few days",
}
QUALITY = {
    "full_history": "",
    "limited_history": "short history",
    "capped": "capped",
    "insufficient": "history too short",
    "constant_prices": "prices do not move",
    "no_yields": "no yields",
    "constant_yields": "yields do not move",
    "manual": "valued by hand",
}


RATE_LABELS = {
    "symbol": "Underlying",
    "beta_100": "Return for +100 bp",
    "duration": "Duration, years",
    "t_stat": "t",
    "r_squared": "R squared",
    "observations": "Days",
    "reason": "Remarks",
}
STRESS_COLUMNS = [
    "name",
    "severity",
    "direct_pnl",
    "conditional_pnl",
    "correlation_effect",
    "pnl_fraction",
    "sigmas",
    "reason",
]
STRESS_LABELS = {
    "name": "Scenario",
    "direct_pnl": "As named",
    "conditional_pnl": "Conditional",
    "correlation_effect": "Correlation effect",
    "pnl_fraction": "Of the base",
    "sigmas": "Size, sigmas",
    "reason": "Remarks",
}
STRESS_FORMATS = {
    "direct_pnl": "money",
    "conditional_pnl": "money",
    "correlation_effect": "money",
    "pnl_fraction": "percent",
    "sigmas": "count",
}


def in_words(codes: pd.Series, words: dict[str, str]) -> pd.Series:
    """Comma-separated codes as words."""
    read = {
        text: ", ".join(filter(None, (_word(code, words) for code in text.split(","))))
        for text in codes.unique()
    }
    return codes.map(read).astype("str")


def _word(code: str, words: dict[str, str]) -> str:
    if code.startswith("no_factor_"):
        return f"no data for {code.removeprefix('no_factor_').replace('_', ' ')}"
    return words.get(code, code.replace("_", " "))


def move_words(kind: str, shock: float) -> str:
    """A shock for people: "Market +5%" or "Yields +100 bp"."""
    if kind == "market":
        return f"Market {wording.percent(shock, 0 if round(shock * 100, 6) % 1 == 0 else 1, signed=True)}"
    return f"Yields {wording.number(shock, 0, signed=True)}\u00a0bp"


def scenarios_of(table: pd.DataFrame, kind: str, tenor: str | None = None) -> pd.DataFrame:
    """Scenarios of one kind and tenor, the largest rise first, with ``words`` and ``reason``."""
    rows = table[table["kind"] == kind]
    rows = rows if tenor is None else rows[rows["tenor"] == tenor]
    words = [move_words(kind, shock) for shock in rows["shock"]]
    shown = rows.assign(words=words, reason=in_words(rows["flags"], FLAGS))
    return shown.sort_values("shock", ascending=False).reset_index(drop=True)


def tenors_side_by_side(table: pd.DataFrame) -> pd.DataFrame:
    """Revalued profit of each rate move, a column a tenor: alternatives, not parts."""
    rows = table[table["kind"] == "rates"]
    tenors = list(dict.fromkeys(rows["tenor"]))
    wide = rows.pivot(index="shock", columns="tenor", values="pnl")[tenors]  # noqa: PD010
    wide = wide.sort_index(ascending=False).rename_axis(columns=None).reset_index()
    return wide.assign(words=[move_words("rates", shock) for shock in wide["shock"]])


def why_no_result(table: pd.DataFrame) -> dict[str, str]:
    """Of each tenor, why a move of its yield has no result, where it has none."""
    rows = table[table["kind"] == "rates"].drop_duplicates("tenor")
    words = rows["flags"].map({NO_YIELDS: FLAGS[NO_YIELDS]}).fillna("no betas")
    return dict(zip(rows["tenor"], words, strict=True))


def rate_betas_of(table: pd.DataFrame, book: RepricingInputs, tenor: str) -> pd.DataFrame:
    """Betas to one tenor by underlying, the largest money for 100 basis points first.

    ``duration`` is -10,000 x beta, years; ``money`` the linear profit of all its positions for +100 bp.
    """
    rows = table[table["tenor"] == tenor].reset_index(drop=True)
    money = rows["position_id"].map(pd.Series(book.delta_exposure, index=book.holdings["position_id"]))
    rows = rows.assign(money=money * rows["beta_per_bp"] * 100.0, beta_100=rows["beta_per_bp"] * 100.0)
    sums = rows.groupby("symbol")["money"].sum(min_count=1)
    shown = rows.drop_duplicates("symbol").assign(money=lambda one: one["symbol"].map(sums).astype("float64"))
    shown = shown.assign(duration=-1e4 * shown["beta_per_bp"], reason=in_words(shown["quality"], QUALITY))
    order = shown["money"].abs().sort_values(ascending=False, na_position="last", kind="stable").index
    return shown.loc[order].reset_index(drop=True)


def state_table(state: FactorState) -> pd.DataFrame:
    """Each variable: what it does when the market rises 1 %, and its standard deviation of a day, as text."""
    daily = np.sqrt(np.diag(state.covariance))
    along = np.append(1.0, state.loadings[1:]) * 0.01
    return pd.DataFrame(
        {
            "variable": [wording.sentence_case(name) for name in state.names],
            "loading": [_unit(name, one) for name, one in zip(state.names, along, strict=True)],
            "daily": [_unit(name, one) for name, one in zip(state.names, daily, strict=True)],
        }
    )


def _unit(name: str, value: float) -> str:
    if name == RATES:
        return f"{wording.number(value, 1)}\u00a0bp"
    return wording.percent(value, 2)


def by_loss(pnl: pd.DataFrame, *, replays: bool = False) -> pd.DataFrame:
    """Scenarios as they were written (or their replays), the worst first, those without a result last."""
    rows = pnl[(pnl["category"] == "replay") == replays]
    shown = rows.assign(reason=in_words(rows["flags"], FLAGS))
    return shown.sort_values("conditional_pnl", na_position="last", kind="stable").reset_index(drop=True)


def by_category(pnl: pd.DataFrame) -> pd.DataFrame:
    """Worst, best, mean, median and deviation of the conditional profit by category, and over all."""
    rows = pnl[(pnl["category"] != "replay") & pnl["conditional_pnl"].notna()]
    every = pd.concat([rows, rows.assign(category="all")])
    money = every.groupby("category", sort=False)["conditional_pnl"]
    table = money.agg(
        scenarios="size", worst="min", best="max", mean="mean", median="median", deviation="std"
    )
    effect = every.groupby("category", sort=False)["correlation_effect"].mean()
    losses = money.agg(lambda values: int((values < 0).sum()))
    table = table.assign(mean_effect=effect, losses=losses).reset_index()
    return table.assign(category=table["category"].str.capitalize())


def contributors(
    table: pd.DataFrame, key: str, row: pd.Series | None, names: Mapping[str, str], *, top: int = 10
) -> pd.DataFrame:
    """What makes up the conditional profit of a scenario (``row`` of ``by_loss``), the largest part first.

    ``words`` is the ``key`` for people, from ``names`` where it has one.
    """
    scenario = None if row is None else row["scenario"]
    rows = table[(table["scenario"] == scenario) & (table["conditional_pnl"].abs() > CENT)]
    order = rows["conditional_pnl"].abs().sort_values(ascending=False, kind="stable").index
    words = _named(rows[key], names)
    return rows.assign(words=words).loc[order].head(top).reset_index(drop=True)


def top_three(
    pnl: pd.DataFrame, positions: pd.DataFrame, factors: pd.DataFrame, names: Mapping[str, str]
) -> pd.DataFrame:
    """The three positions and factors that weigh most in each scenario, with their money, as text."""
    known = by_loss(pnl)
    known = known[known["conditional_pnl"].notna()]
    columns = {
        name: known["scenario"].map(_leaders(table, key, names))
        for name, table, key in (("positions", positions, "position_id"), ("factors", factors, "factor"))
    }
    return known[["scenario", "name", "conditional_pnl"]].assign(**columns).reset_index(drop=True)


def factor_shares(pnl: pd.DataFrame, factors: pd.DataFrame) -> pd.DataFrame:
    """What each factor does to the book, over the sum of all their sizes: scenarios x factors, worst first.

    Names for people; what options add beyond their deltas is the last column, absent where there is nothing.
    One missing number where no scenario could be computed.
    """
    known = by_loss(pnl).dropna(subset="conditional_pnl")
    if known.empty:
        return pd.DataFrame({"Nothing moves": [np.nan]}, index=["No scenario"])
    money = factors.pivot(index="scenario", columns="factor", values="conditional_pnl")  # noqa: PD010
    money = money.reindex(index=known["scenario"], columns=list(dict.fromkeys(factors["factor"])))
    money = money.loc[:, money.columns.isin(FACTORS) | (money.abs() > CENT).any()]
    sizes = money.abs().sum(axis=1)
    shares = money.div(sizes.where(sizes > CENT), axis=0).set_axis(known["name"].tolist())
    return shares.rename(columns=wording.sentence_case).rename_axis(columns=None)


def _named(keys: pd.Series, names: Mapping[str, str]) -> pd.Series:
    return keys.map(names).astype("str").fillna(keys.str.replace("_", " ", regex=False)).astype("str")


def _leaders(table: pd.DataFrame, key: str, names: Mapping[str, str]) -> pd.Series:
    rows = table[table["conditional_pnl"].abs() > CENT]
    rows = rows.assign(size=rows["conditional_pnl"].abs()).sort_values("size", ascending=False, kind="stable")
    first = rows.groupby("scenario", sort=False).head(3)
    money = first["conditional_pnl"].map(lambda one: wording.money(one, signed=True)).astype("str")
    text = _named(first[key], names) + " " + money
    return text.groupby(first["scenario"], sort=False).agg("; ".join)


def worst_of(pnl: pd.DataFrame, *, best: bool = False) -> pd.Series | None:
    """The row of the written scenario with the largest loss (or profit); None when none could be computed."""
    shown = by_loss(pnl)
    shown = shown[np.isfinite(shown["conditional_pnl"])]
    if not len(shown):
        return None
    return shown.iloc[-1 if best else 0]
