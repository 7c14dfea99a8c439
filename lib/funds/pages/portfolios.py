"""What the page of ``funds/portfolios`` shows and says: holdings, cash and why, cost, overlap, style."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib import codes, wording
from lib.checks import Check, adds_up, close, holds, none, within
from lib.contracts import Column, KeyFigure
from lib.funds.portfolios import FEWEST_FUNDS, RECOMMENDED, Limits
from lib.tables.columns import fraction, number, text
from lib.tables.fund_backtests import CASH, PROFILES

HOLDINGS: tuple[str | Column, ...] = (
    text("profile", label="Profile"),
    text("shown", label="Fund"),
    "house",
    "category",
    "weight",
    "score_scaled",
    "recommendation",
    "expense_ratio",
)
SLEEVES: tuple[str | Column, ...] = (
    text("profile", label="Profile"),
    text("sleeve", label="Part"),
    "base",
    "target",
    "filled",
    "cash",
    "candidates",
    text("why", label="Why cash"),
)
MEASURES: tuple[str | Column, ...] = (
    text("profile", label="Profile"),
    number("funds", label="Funds", unit="count", absent="none"),
    fraction("cash", label="Cash", absent="not known"),
    fraction("expense_ratio", label="Expense ratio, of the money in funds", absent="not known"),
    number("score_scaled", label="Score of 100", absent="not known"),
    fraction("overlap", label="Mean overlap of two funds", absent="holdings not disclosed"),
)


def holdings(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Table ``model_portfolios`` with profiles in words."""
    return portfolios.assign(profile=_words(portfolios["profile"]), shown=portfolios["name"])


def holdings_sentence(portfolios: pd.DataFrame) -> str:
    """How many funds each profile has, and the largest."""
    held = portfolios[portfolios["fund_id"] != CASH]
    if held.empty:
        return "No fund of the list fills any part: everything is cash."
    sizes = held.groupby("profile")["fund_id"].size()
    top = held.loc[held["weight"].idxmax()]
    return (
        f"Profiles hold {int(sizes.min())} to {int(sizes.max())} funds; the largest weight is "
        f"{wording.percent(top['weight'])}, {top['name']}."
    )


def sleeves(parts: pd.DataFrame) -> pd.DataFrame:
    """Table ``model_sleeves`` in words, without parts that are not asked for."""
    asked = parts[parts["target"] > 0]
    why = asked["reason"].map(codes.all_words).astype("str")
    return asked.assign(profile=_words(asked["profile"]), sleeve=_words(asked["sleeve"]), why=why)


def sleeves_sentence(parts: pd.DataFrame) -> str:
    """Which parts find no fund, and what that leaves in cash."""
    cash = parts.groupby("profile")["cash"].sum()
    if cash.max() <= 0:
        return "Every part is filled."
    idle = parts[(parts["cash"] > 0)].groupby("sleeve")["cash"].max().sort_values(ascending=False)
    named = wording.joined(wording.sentence_case(name).lower() for name in idle.index)
    return (
        f"Parts not filled: {named}. They leave {wording.percent(cash.min())} to "
        f"{wording.percent(cash.max())} in cash, which no limit may break."
    )


def measures(table: pd.DataFrame) -> pd.DataFrame:
    """Table ``model_portfolio_measures``, a row a profile."""
    wide = table.pivot_table(index="profile", columns="measure", values="value", dropna=False)
    wide = wide.reindex(index=list(PROFILES), columns=[one.name for one in MEASURES[1:]])  # type: ignore[union-attr]
    return wide.reset_index().assign(profile=lambda frame: _words(frame["profile"]))


def measures_sentence(table: pd.DataFrame) -> str:
    """What the dearest and the cheapest profile cost."""
    cost = table[table["measure"] == "expense_ratio"].set_index("profile")["value"].dropna()
    if cost.empty:
        return "No expense ratio is known."
    low, high = cost.idxmin(), cost.idxmax()
    return (
        f"The funds cost {wording.percent(cost[low], 2)} a year in the profile "
        f"{_word(str(low)).lower()} and {wording.percent(cost[high], 2)} in {_word(str(high)).lower()}."
    )


def styles(table: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Shares of one dimension, items x profiles, the largest items first."""
    own = table[table["dimension"] == dimension]
    wide = own.pivot_table(index="item", columns="profile", values="weight", fill_value=0.0)
    wide = wide.reindex(columns=[name for name in PROFILES if name in wide.columns])
    ordered = wide.loc[wide.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    return ordered.rename(columns=_word, index=str).rename_axis(None)


def styles_sentence(table: pd.DataFrame, dimension: str) -> str:
    """The largest item over all profiles."""
    wide = styles(table, dimension)
    if wide.empty:
        return "No holdings are disclosed."
    low, high = float(wide.iloc[0].min()), float(wide.iloc[0].max())
    return (
        f"{wording.sentence_case(wide.index[0])} is largest, {wording.percent(low)} to "
        f"{wording.percent(high)} of the money in funds."
    )


def overlaps_sentence(shared: pd.DataFrame, names: pd.Series) -> str:
    """The two funds that hold most alike."""
    if shared.empty:
        return "No two funds of a portfolio have disclosed holdings."
    row = shared.loc[shared["overlap"].idxmax()]
    return (
        f"{names.get(row['fund_1'])} and {names.get(row['fund_2'])} hold most alike: they share "
        f"{wording.percent(row['overlap'])} of what they hold."
    )


def overlaps(shared: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Table ``model_overlaps`` with names, the largest first."""
    named = shared.assign(fund_1=shared["fund_1"].map(names), fund_2=shared["fund_2"].map(names))
    return named.sort_values("overlap", ascending=False, ignore_index=True)


def faults(portfolios: pd.DataFrame, parts: pd.DataFrame, left: Sequence[str]) -> list[str]:
    """What is wrong or left out: origins, unknown houses, parts that no fund fills, categories of no part."""
    held = portfolios[portfolios["fund_id"] != CASH]
    found = []
    origins = [name for name in held["origin"].unique() if name != "real"]
    if origins:
        found.append(f"Not for real money: the scores rest on {wording.joined(sorted(origins))} data.")
    unknown = held.loc[held["house"].isna(), "fund_id"].nunique()
    if unknown:
        found.append(f"The house of {wording.plural(unknown, 'fund')} is not known: it is held to no limit.")
    lacking = parts.loc[(parts["reason"] == "no_candidate") & (parts["candidates"] == 0), "sleeve"].unique()
    if len(lacking):
        named = wording.joined(_word(name).lower() for name in lacking)
        found.append(f"The list has no fund to buy or hold for {named}: these parts are cash.")
    if left:
        found.append(f"Categories that stand for no part of the mix: {wording.joined(left)}.")
    return found


def verdict(portfolios: pd.DataFrame, stance: str | None) -> str:
    """The stance, and the range of cash."""
    cash = portfolios[portfolios["fund_id"] == CASH].set_index("profile")["weight"]
    cash = cash.reindex(list(PROFILES), fill_value=0.0)
    tilt = f"tilted for a {stance} market" if stance in ("bullish", "bearish") else "not tilted"
    return f"Five portfolios, {tilt}; {wording.percent(cash.min())} to {wording.percent(cash.max())} is cash."


def checks(portfolios: pd.DataFrame, parts: pd.DataFrame, limits: Limits) -> list[Check]:
    """Sums and limits of this very result."""
    sums = portfolios.groupby("profile")["weight"].sum()
    held = portfolios[portfolios["fund_id"] != CASH]
    houses = held[held["house"].notna()].groupby(["profile", "house"])["weight"].sum()
    cash = portfolios[portfolios["fund_id"] == CASH].set_index("profile")["weight"]
    asked = parts.groupby("profile")["target"].sum()
    idle = parts.groupby("profile")["cash"].sum()
    sizes = held.groupby("profile")["fund_id"].size().reindex(list(PROFILES), fill_value=0)
    able = int(parts.drop_duplicates("sleeve")["candidates"].sum())
    return [
        close("Every portfolio adds up to one", sums, pd.Series(1.0, index=sums.index)),
        close("Every mix adds up to one", asked, pd.Series(1.0, index=asked.index)),
        close("Cash is what the parts left open", cash.reindex(idle.index, fill_value=0.0), idle),
        within("No fund is above its limit", held["weight"], 0.0, limits.fund, words=wording.percent),
        within("No house is above its limit", houses, 0.0, limits.house, words=wording.percent),
        none(
            "Only funds to buy or hold",
            int((~held["recommendation"].isin(RECOMMENDED)).sum()),
            "others",
        ),
        holds(
            "At least four funds",
            bool((sizes >= min(FEWEST_FUNDS, able)).all()),
            f"{int(sizes.min())} to {int(sizes.max())} funds of {wording.plural(able, 'candidate')}",
        ),
        adds_up(
            "Shares filled and in cash are the mix", parts["filled"] + parts["cash"], parts["target"].sum()
        ),
    ]


def key_figures(portfolios: pd.DataFrame, table: pd.DataFrame) -> list[KeyFigure]:
    """Cash, cost and funds of the balanced profile."""
    own = table[table["profile"] == "balanced"].set_index("measure")["value"]
    return [
        KeyFigure("balanced_cash", float(own["cash"]), "fraction", "lower", "Cash of the balanced profile."),
        KeyFigure(
            "balanced_expense_ratio",
            float(own["expense_ratio"]),
            "fraction",
            "lower",
            measures_sentence(table),
        ),
        KeyFigure("balanced_funds", float(own["funds"]), "count", "neither", holdings_sentence(portfolios)),
    ]


def _word(name: str) -> str:
    return wording.sentence_case(name)


def _words(column: pd.Series) -> pd.Series:
    return column.map(_word).astype("str")
