"""What the book is worth, what changed and what is held, as rows of table ``portfolio_report``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes
from lib.review.rows import NOT_POSITIVE, largest_first, row, rows, share
from lib.review.sources import Tables

TOP_HOLDINGS = 10
TOP_MOVERS = 5
NO_SNAPSHOT = "no snapshot before this one"
NO_DAILY = "no price of the day before"
ADJUSTED = "adjusted_prices"
VALUED_ON_ADJUSTED = "valued on adjusted prices"
OPTIONS, SHARES, BY_HAND, CASH = "Options", "Stocks and funds", "Valued by hand", "Cash"
HOLDING_UNITS = {"exposure": "money", "share": "fraction", "unrealized_pnl": "money", "daily_pnl": "money"}
CHANGE_UNITS = {
    "days": "days",
    "nav_change": "money",
    "profit": "money",
    "other": "money",
    "return": "fraction",
}


def value(tables: Tables) -> list[list]:
    """Net asset value and what it is made of, and the profit of the last trading day."""
    totals, held = tables.totals, tables.held
    unknown = int(held["unrealized_pnl"].isna().sum())
    left_out = f"{unknown} positions without a price left out" if unknown else ""
    nav, day = float(totals["nav"]), held["daily_pnl"].sum(min_count=1)
    adjusted = codes.has(tables.risk_metrics["flag"], ADJUSTED).any()
    entry = held["unrealized_pnl"].sum(min_count=1)
    leverage = share(totals["gross"], nav)
    return [
        row("value", "book", "nav", nav, "money", VALUED_ON_ADJUSTED if adjusted else ""),
        *(
            row("value", "book", name, totals[name], "money")
            for name in ("cash", "free_cash", "gross", "net", "long", "short")
        ),
        row("value", "book", "unrealized_pnl", entry, "money", left_out),
        row("value", "book", "daily_pnl", day, "money", NO_DAILY if np.isnan(day) else ""),
        row("value", "book", "leverage", leverage, "ratio", "" if nav > 0 else NOT_POSITIVE),
        row("value", "book", "positions", len(held), "count"),
        row("value", "book", "unpriced", int(held["exposure"].isna().sum()), "count"),
    ]


def change(tables: Tables) -> list[list]:
    """From the snapshot before to the newest: change of value, what of it is profit, and the rest."""
    history = tables.snapshots.sort_values("snapshot_date").tail(2)
    values: dict[str, float] = dict.fromkeys(CHANGE_UNITS, np.nan)
    note = NO_SNAPSHOT
    if len(history) == 2:
        before, last = history.iloc[0], history.iloc[1]
        moved, profit = last["nav"] - before["nav"], last["daily_pnl"]
        values = {
            "days": (last["snapshot_date"] - before["snapshot_date"]).days,
            "nav_change": moved,
            "profit": profit,
            "other": moved - profit,
            "return": last["daily_return"],
        }
        note = f"since {before['snapshot_date']:%Y-%m-%d}"
    since_first = history["cumulative_pnl"].iloc[-1] if len(history) else np.nan
    return [
        *(row("change", "snapshot", name, values[name], unit, note) for name, unit in CHANGE_UNITS.items()),
        row("change", "snapshot", "profit_since_first", since_first, "money"),
        row("change", "snapshot", "snapshots", len(tables.snapshots), "count"),
    ]


def moves(tables: Tables) -> pd.DataFrame:
    """Positions of the newest snapshot, with the change of quantity since the one before as ``traded``."""
    history = tables.snapshot_positions
    days = sorted(history["snapshot_date"].unique())
    latest = history[history["snapshot_date"].isin(days[-1:])]
    before = history[history["snapshot_date"].isin(days[-2:-1])].set_index("position_id")["quantity"]
    held = latest["position_id"].map(before).astype("float64").fillna(0.0)
    return latest.assign(traded=latest["quantity"] - held)


def movers(tables: Tables) -> list[list]:
    """The symbols with the largest profit or loss since the snapshot before, or of the last trading day."""
    moved = moves(tables)
    if moved["pnl"].isna().all():
        moved = tables.held.assign(pnl=tables.held["daily_pnl"])
    top = largest_first(moved.groupby("symbol")["pnl"].sum(min_count=1), TOP_MOVERS).to_frame("profit")
    return rows("mover", top.assign(note=top.index.map(tables.descriptions)), {"profit": "money"})


def trades(tables: Tables) -> list[list]:
    """What was bought or sold, in shares or contracts; the note says what became of the position."""
    moved = moves(tables)
    traded = moved[~moved["change"].isin(["first", "held"])].set_index("position_id")
    return rows("trade", traded.assign(quantity=traded["traded"]), {"quantity": "count"}, note="change")


def split(tables: Tables) -> list[list]:
    """Net asset value by kind of holding, with cash: the parts add up to it. Gross is the sum of sizes."""
    held = tables.held
    kinds = held["kind"].map({"option": OPTIONS, "manual": BY_HAND}).fillna(SHARES)
    money = held["exposure"].astype("float64")
    parts = pd.DataFrame({"exposure": money, "gross": money.abs()}).groupby(kinds).sum(min_count=1)
    parts = parts.reindex([kind for kind in (SHARES, OPTIONS, BY_HAND) if kind in parts.index])
    parts.loc[CASH] = [float(tables.totals["cash"]), np.nan]
    parts["share"] = [share(net, tables.base) for net in parts["exposure"]]
    parts["net_note"] = ["no price" if np.isnan(net) else "" for net in parts["exposure"]]
    parts["gross_note"] = ["cash has none" if part == CASH else "" for part in parts.index]
    units = {"exposure": "money", "gross": "money", "share": "fraction"}
    return rows("split", parts, units, notes={"exposure": "net_note", "gross": "gross_note"})


def largest(tables: Tables) -> list[list]:
    """The largest symbols by |exposure|; lots of one symbol are one holding."""
    columns = ["exposure", "unrealized_pnl", "daily_pnl"]
    sums = tables.held.groupby("symbol", sort=False)[columns].sum(min_count=1)
    top = sums.loc[largest_first(sums["exposure"], TOP_HOLDINGS).index]
    shares = [share(money, tables.base) for money in top["exposure"]]
    top = top.assign(share=shares, note=top.index.map(tables.descriptions))
    return rows("holding", top, HOLDING_UNITS)


def sectors(tables: Tables) -> list[list]:
    """Net exposure by sector, the largest first."""
    groups = tables.exposure_groups
    ordered = groups[groups["dimension"] == "sector"].sort_values("gross", ascending=False, kind="stable")
    shares = [share(net, tables.base) for net in ordered["net"]]
    units = {"net": "money", "share": "fraction"}
    return rows("sector", ordered.assign(share=shares).set_index("group"), units)
