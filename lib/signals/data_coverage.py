"""What there is to test signals on: firms, returns and values by universe, signal and collection."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.conventions import TRADING_DAYS
from lib.errors import QualityError
from lib.tables.signals import TOTAL

PERIODS_A_YEAR = {"daily": TRADING_DAYS, "monthly": 12, "quarterly": 4, "annual": 1}
Tables = dict[str, pd.DataFrame]


def require_some(tables: Tables, log: pd.DataFrame) -> None:
    """QualityError where no firm has a return, with what the source said."""
    if len(tables["signal_returns"]):
        return
    said = "; ".join(log["item"] + ": " + log["detail"].fillna(log["status"]))
    raise QualityError(f"No firm has a return that can be used{f' ({said})' if said else ''}.")


def universes(tables: Tables, as_of: str, stale_after: int) -> pd.DataFrame:
    """One row a universe: firms, members, those that left, span of the returns, sizes known, origin.

    ``fresh`` says whether the last return is at most ``stale_after`` days old.
    """
    end = pd.Timestamp(as_of)
    firms = tables["signal_entities"].drop_duplicates(["universe", "entity"])
    moves = (
        tables["signal_returns"]
        .groupby("entity", as_index=False)
        .agg(
            first_date=("date", "min"),
            last_date=("date", "max"),
            returns=("return", "size"),
            sized=("market_cap", "count"),
        )
    )
    merged = firms[["universe", "entity", "origin"]].merge(moves, on="entity", how="left")
    gone = tables["signal_delistings"][["entity", "return"]].rename(columns={"return": "final"})
    merged = merged.merge(gone.assign(left=1), on="entity", how="left")
    merged["unknown_end"] = merged["left"].eq(1) & merged["final"].isna()
    table = merged.groupby("universe", as_index=False).agg(
        firms=("entity", "size"),
        ended=("left", "count"),
        unknown_end=("unknown_end", "sum"),
        first_date=("first_date", "min"),
        last_date=("last_date", "max"),
        returns=("returns", "sum"),
        sized=("sized", "sum"),
        origin=("origin", lambda one: ", ".join(sorted(one.unique()))),
    )
    members = _members(tables["signal_memberships"], end)
    table["members"] = table["universe"].map(members).fillna(0).astype("int64")
    table["sized"] = np.where(table["returns"] > 0, table["sized"] / table["returns"], np.nan)
    table["fresh"] = (end - table["last_date"]).dt.days <= stale_after
    return table.astype({"returns": "int64", "ended": "int64", "unknown_end": "int64"})


def _members(memberships: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """How many firms are in each universe on a day."""
    rows = memberships[(memberships["date"] <= day) & (memberships["known_at"] <= day)]
    last = rows.sort_values(["date", "known_at"], kind="stable").drop_duplicates(
        ["universe", "entity"], keep="last"
    )
    return last[last["member"]].groupby("universe").size()


def firms_by_month(tables: Tables) -> pd.DataFrame:
    """How many firms of each universe have a return in each month: months x universes."""
    firms = tables["signal_entities"].drop_duplicates(["universe", "entity"])[["universe", "entity"]]
    moves = tables["signal_returns"]
    month = moves["date"].dt.to_period("M")
    rows = pd.DataFrame({"entity": moves["entity"], "month": month}).drop_duplicates()
    joined = rows.merge(firms, on="entity")
    counts = pd.crosstab(joined["month"], joined["universe"])
    counts = counts.where(counts > 0)
    counts.columns = counts.columns.rename(None)
    counts.index = counts.index.to_timestamp(how="end").normalize().astype("datetime64[us]")
    return counts.astype("float64")


def given_signals(tables: Tables) -> pd.DataFrame:
    """One row a signal that the source itself gives: values, firms, parts, first and last moment, origin."""
    values = tables["given_signal_values"]
    whole = values[values["component"] == TOTAL]
    table = whole.groupby("signal", as_index=False).agg(
        values=("value", "size"),
        firms=("entity", "nunique"),
        first_known=("known_at", "min"),
        last_known=("known_at", "max"),
        origin=("origin", lambda one: ", ".join(sorted(one.unique()))),
    )
    parts = values[values["component"] != TOTAL].groupby("signal")["component"].nunique()
    return table.assign(parts=table["signal"].map(parts).fillna(0).astype("int64"))


def collections(tables: Tables) -> pd.DataFrame:
    """One row a factor or set of portfolios: periods, mean and volatility a year (simple), origin."""
    factors = tables["factor_sets"].rename(columns={"factor_set": "collection", "factor": "series"})
    portfolios = tables["test_portfolios"].rename(
        columns={"portfolio_set": "collection", "portfolio": "series"}
    )
    rows = pd.concat([factors, portfolios.assign(series="")], ignore_index=True)
    table = rows.groupby(["collection", "frequency", "series"], as_index=False).agg(
        periods=("date", "nunique"),
        first_date=("date", "min"),
        last_date=("date", "max"),
        mean=("return", "mean"),
        volatility=("return", "std"),
        origin=("origin", "first"),
    )
    a_year = table["frequency"].map(PERIODS_A_YEAR).astype("float64")
    return table.assign(mean=table["mean"] * a_year, volatility=table["volatility"] * np.sqrt(a_year))


def experiments(tables: Tables) -> pd.DataFrame:
    """One row a list of events and a design: its rows, units or firms, and origin."""
    events, designs = tables["signal_events"], tables["designs"]
    lists = events.groupby("event_list", as_index=False).agg(
        rows=("event", "size"), units=("entity", "nunique"), origin=("origin", "first")
    )
    cases = designs.groupby("design", as_index=False).agg(
        rows=("value", "count"), units=("unit", "nunique"), origin=("origin", "first")
    )
    treated = designs[designs["first_treated"].notna()].groupby("design")["unit"].nunique()
    cases["treated"] = cases["design"].map(treated).astype("float64")
    named = [
        lists.rename(columns={"event_list": "name"}).assign(kind="events", treated=np.nan),
        cases.rename(columns={"design": "name"}).assign(kind="design"),
    ]
    return pd.concat(named, ignore_index=True)
