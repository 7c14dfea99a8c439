"""Model portfolios for five risk profiles: the best scored funds of each part of a mix, within limits.

Only funds recommended as buy or hold are taken, the best score first. A part of more than a fifth is split
over two funds, and a portfolio has at least four where the list allows it. No fund is above ``most_of_fund``,
no house above ``most_of_house`` of the whole. What a fund or a house may not take goes to the next best fund
of the part; what finds none stays in cash, with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from lib.conventions import ORIGINS
from lib.funds.newest_known import newest_known
from lib.funds.sleeves import BASE_MIX, NONE, SLEEVES, sleeves_of, target_mix
from lib.tables.fund_backtests import CASH, PROFILES

FEWEST_FUNDS = 4
SPLIT_ABOVE = 0.20
RECOMMENDED = ("BUY", "HOLD")
DUST = 1e-9
NO_CANDIDATE, FUND_LIMIT, HOUSE_LIMIT = "no_candidate", "fund_limit", "house_limit"


@dataclass(frozen=True)
class Limits:
    """The most that one fund and one house may have of a portfolio."""

    fund: float = 0.25
    house: float = 0.40


@dataclass
class _Filled:
    """One profile while it is filled: weights by fund, money by house, and why a sleeve is not full."""

    weights: dict[str, float] = field(default_factory=dict)
    houses: dict[str, float] = field(default_factory=dict)
    filled: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


def candidates(
    scores: pd.DataFrame,
    attributes: pd.DataFrame,
    facts: pd.DataFrame,
    *,
    as_of: str,
    sleeves: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The newest scores up to ``as_of`` by fund id, the best first, with house, expense ratio and sleeve."""
    known = scores[scores["score_date"] <= pd.Timestamp(as_of)]
    newest = known[known["score_date"] == known["score_date"].max()]
    by_category = sleeves_of(newest["category"], sleeves)
    frame = newest.assign(
        house=newest["fund_id"].map(newest_known(attributes, "house", as_of)),
        expense_ratio=newest["fund_id"].map(newest_known(facts, "expense_ratio", as_of)).astype("float64"),
        sleeve=newest["category"].map(by_category),
    )
    return frame.sort_values(["score_scaled", "fund_id"], ascending=[False, True]).set_index("fund_id")


def stance_of(pool: pd.DataFrame) -> str | None:
    """The stance of the market that the scores used; None where it was not complete."""
    known = pool["market_stance"].dropna()
    return str(known.iloc[0]) if len(known) else None


def fill(pool: pd.DataFrame, profile: str, stance: str | None, limits: Limits) -> _Filled:
    """One profile filled from the candidates; more funds a sleeve where there would be fewer than four."""
    mix = target_mix(profile, stance)
    counts = {name: 2 if share > SPLIT_ABOVE else 1 for name, share in mix.items() if share > 0}
    able = pool[pool["recommendation"].isin(RECOMMENDED) & pool["score_scaled"].notna()]
    by_sleeve = {name: able[able["sleeve"] == name] for name in counts}
    result = _fill(by_sleeve, mix, counts, limits)
    while len(result.weights) < FEWEST_FUNDS:
        room = [name for name in counts if len(by_sleeve[name]) > counts[name]]
        if not room:
            break
        counts[max(room, key=lambda name: mix[name] / counts[name])] += 1
        result = _fill(by_sleeve, mix, counts, limits)
    return result


def model_portfolios(
    pool: pd.DataFrame, stance: str | None, limits: Limits
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables ``model_portfolios`` and ``model_sleeves`` for all profiles."""
    holdings, parts = [], []
    for profile in PROFILES:
        result = fill(pool, profile, stance, limits)
        mix = target_mix(profile, stance)
        holdings.append(_holdings(pool, profile, result))
        parts.append(_parts(pool, profile, mix, result))
    return pd.concat(holdings, ignore_index=True), pd.concat(parts, ignore_index=True)


def left_out(pool: pd.DataFrame) -> list[str]:
    """Categories of the list that fill no sleeve."""
    return sorted(pool.loc[pool["sleeve"] == NONE, "category"].unique())


def overlaps(portfolios: pd.DataFrame, lists: pd.DataFrame) -> pd.DataFrame:
    """The table ``model_overlaps``: pairs of funds of a same portfolio, by the lists of ``newest_lists``."""
    wide, days = _by_holding(lists)
    funds = portfolios[portfolios["fund_id"].isin(wide.index)].groupby("profile")["fund_id"]
    pairs = sorted({pair for _, own in funds for pair in combinations(sorted(own), 2)})
    first, second = ([pair[place] for pair in pairs] for place in (0, 1))
    shared = np.minimum(wide.reindex(first).to_numpy(), wide.reindex(second).to_numpy()).sum(axis=1)
    older = np.minimum(days.reindex(first).to_numpy(), days.reindex(second).to_numpy())
    return pd.DataFrame(
        {
            "fund_1": pd.array(first, dtype="str"),
            "fund_2": pd.array(second, dtype="str"),
            "overlap": np.clip(shared, 0.0, 1.0),
            "holding_date": older.astype("datetime64[us]"),
        }
    )


def newest_lists(holdings: pd.DataFrame, funds: pd.DataFrame, *, as_of: str) -> pd.DataFrame:
    """The last list of each fund disclosed by ``as_of``; a scheme's list stands for all its plans."""
    known = holdings[holdings["known_at"] <= pd.Timestamp(as_of)]
    last = known[known["holding_date"] == known.groupby("fund_id")["holding_date"].transform("max")]
    scheme = funds.set_index("fund_id")["scheme"]
    by_scheme = last.assign(scheme=last["fund_id"].map(scheme)).drop(columns="fund_id")
    plans = funds[["fund_id", "scheme"]]
    whole = by_scheme[by_scheme["scheme"].notna()].merge(plans, on="scheme")
    return whole.drop_duplicates(["fund_id", "holding_date", "kind", "symbol", "name"])


def styles(portfolios: pd.DataFrame, lists: pd.DataFrame) -> pd.DataFrame:
    """The table ``model_portfolio_styles``: sectors and sizes, by money in funds."""
    held = portfolios[portfolios["fund_id"] != CASH]
    share = held["weight"] / held.groupby("profile")["weight"].transform("sum")
    both = held[["profile", "fund_id"]].assign(share=share).merge(lists, on="fund_id")
    both = both.assign(weight=both["weight"] * both["share"])
    other = both["kind"].map({"cash": "Cash of the funds", "debt": "Debt"}).fillna("Not said")
    equity = both[both["kind"] == "equity"]
    parts = [
        _style(both.assign(item=both["sector"].fillna(other)), "sector"),
        _style(equity.assign(item=equity["cap"].fillna("not said")), "cap"),
    ]
    table = pd.concat(parts, ignore_index=True)
    missing = 1.0 - both.groupby("profile")["weight"].sum().reindex(held["profile"].unique(), fill_value=0.0)
    missing = missing[missing > 1e-6]
    unknown = pd.DataFrame(
        {
            "profile": missing.index.astype("str"),
            "dimension": "sector",
            "item": "Not disclosed",
            "weight": missing.to_numpy(),
        }
    )
    return pd.concat([table, unknown], ignore_index=True)


def measures(portfolios: pd.DataFrame, shared: pd.DataFrame) -> pd.DataFrame:
    """The table ``model_portfolio_measures``: expense ratio, overlap, score, funds and cash by profile."""
    rows = []
    for profile, own in portfolios.groupby("profile", sort=False):
        held, cash = own[own["fund_id"] != CASH], own.loc[own["fund_id"] == CASH, "weight"].sum()
        whole = held["weight"].sum()
        for name in ("expense_ratio", "score_scaled"):
            known = held[held[name].notna()]
            money = known["weight"].sum()
            value = (known["weight"] * known[name]).sum() / money if money > 0 else np.nan
            unit = "fraction" if name == "expense_ratio" else "ratio"
            rows.append((profile, name, value, unit, money / whole if whole > 0 else 0.0))
        value, covered = _mean_overlap(held, shared)
        rows.append((profile, "overlap", value, "fraction", covered))
        rows.append((profile, "funds", float(len(held)), "count", 1.0))
        rows.append((profile, "cash", float(cash), "fraction", 1.0))
    return pd.DataFrame(rows, columns=["profile", "measure", "value", "unit", "covered"])


def _fill(
    by_sleeve: dict[str, pd.DataFrame], mix: pd.Series, counts: dict[str, int], limits: Limits
) -> _Filled:
    """Fill the sleeves, the largest first, each with as many funds as ``counts``, more where limits bind."""
    result = _Filled()
    for sleeve in sorted(counts, key=lambda name: -mix[name]):
        able, open_ = by_sleeve[sleeve], float(mix[sleeve])
        slice_ = open_ / counts[sleeve]
        reason = NO_CANDIDATE
        for fund, house in able["house"].items():
            own_house = str(house) if isinstance(house, str) else f"of {fund}"
            room = limits.house - result.houses.get(own_house, 0.0)
            part = min(slice_, open_, limits.fund, room)
            if part < min(slice_, open_) - DUST:
                reason = HOUSE_LIMIT if room < limits.fund else FUND_LIMIT
            if part > DUST:
                result.weights[str(fund)] = part
                result.houses[own_house] = result.houses.get(own_house, 0.0) + part
                open_ -= part
            if open_ <= DUST:
                break
        result.filled[sleeve] = float(mix[sleeve]) - max(open_, 0.0) if open_ > DUST else float(mix[sleeve])
        if open_ > DUST:
            result.reasons[sleeve] = reason
    return result


def _holdings(pool: pd.DataFrame, profile: str, result: _Filled) -> pd.DataFrame:
    own = pool.loc[list(result.weights)]
    frame = pd.DataFrame(
        {
            "profile": profile,
            "fund_id": pd.array(own.index, dtype="str"),
            "weight": np.array(list(result.weights.values()), dtype="float64"),
        }
    )
    for name in ("name", "house", "category", "sleeve", "recommendation", "origin"):
        frame[name] = pd.array(own[name].to_numpy(dtype=object), dtype="str")
    for name in ("score_scaled", "expense_ratio"):
        frame[name] = own[name].to_numpy(dtype="float64")
    frame = frame.sort_values("weight", ascending=False, kind="stable", ignore_index=True)
    cash = max(1.0 - float(frame["weight"].sum()), 0.0)
    if cash <= DUST:
        return frame
    row = {"profile": profile, "fund_id": CASH, "name": "Cash", "weight": cash, "origin": ORIGINS[1]}
    line = pd.DataFrame([row])
    return pd.concat([frame, line], ignore_index=True) if len(frame) else line.reindex(columns=frame.columns)


def _parts(pool: pd.DataFrame, profile: str, mix: pd.Series, result: _Filled) -> pd.DataFrame:
    able = pool[pool["recommendation"].isin(RECOMMENDED) & pool["score_scaled"].notna()]
    filled = np.array([result.filled.get(name, 0.0) for name in SLEEVES])
    return pd.DataFrame(
        {
            "profile": profile,
            "sleeve": list(SLEEVES),
            "base": list(BASE_MIX[profile]),
            "target": mix.to_numpy(),
            "filled": filled,
            "cash": np.clip(mix.to_numpy() - filled, 0.0, None),
            "candidates": [int((able["sleeve"] == name).sum()) for name in SLEEVES],
            "reason": [result.reasons.get(name, "") for name in SLEEVES],
        }
    )


def _by_holding(lists: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Funds x holdings: the weight of each, 0 where not held; and the day of each fund's list."""
    kept = lists[lists["kind"] != "cash"]
    key = kept["symbol"].fillna(kept["name"])
    wide = kept.assign(key=key).pivot_table(
        index="fund_id", columns="key", values="weight", aggfunc="sum", fill_value=0.0
    )
    return wide, lists.groupby("fund_id")["holding_date"].max()


def _style(rows: pd.DataFrame, dimension: str) -> pd.DataFrame:
    sums = rows.groupby(["profile", "item"])["weight"].sum().reset_index()
    sums = sums[sums["weight"] > DUST]
    ordered = sums.sort_values(["profile", "weight", "item"], ascending=[True, False, True])
    return ordered.assign(dimension=dimension)[["profile", "dimension", "item", "weight"]]


def _mean_overlap(held: pd.DataFrame, shared: pd.DataFrame) -> tuple[float, float]:
    """Mean overlap of the pairs of a portfolio by the product of weights, and the share of pairs known."""
    weight = held.set_index("fund_id")["weight"]
    own = shared[shared["fund_1"].isin(weight.index) & shared["fund_2"].isin(weight.index)]
    product = weight.reindex(own["fund_1"]).to_numpy() * weight.reindex(own["fund_2"]).to_numpy()
    every = (weight.sum() ** 2 - (weight**2).sum()) / 2
    if every <= 0 or product.sum() <= 0:
        return float("nan"), 0.0
    return float((product * own["overlap"].to_numpy()).sum() / product.sum()), min(
        float(product.sum() / every), 1.0
    )
