"""The client page of a portfolio as one table: every figure that the page shows, with its unit and reason.

Table ``portfolio_report`` is made here from the tables of the other chapters, and the page's exhibits and
sentences are made from it alone, so that page, table and exports cannot differ. Shares are of net asset
value, or of gross exposure where that is not positive; the note of a missing figure says why it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib import wording
from lib.conventions import ORIGINS
from lib.stats.drawdowns import drawdown

TOP_HOLDINGS = 10
TOP_MOVERS = 5
NOT_POSITIVE = "net asset value is not positive"
NO_SNAPSHOT = "no snapshot before this one"
RISK = (
    ("var_95", "1y", "fraction"),
    ("cvar_95", "1y", "fraction"),
    ("annual_volatility", "1y", "fraction"),
    ("beta", "1y", "ratio"),
    ("max_drawdown", "all", "fraction"),
)
MONEY_AT_RISK = ("var_95", "cvar_95")
KIND_WORDS = {
    "stock": "Stock",
    "etf": "ETF",
    "index": "Index",
    "fund": "Fund",
    "option": "Option",
    "manual": "Valued by hand",
}
NO_DAILY = "no price of the day before"
ADJUSTED = "adjusted_prices"
VALUED_ON_ADJUSTED = "valued on adjusted prices"
COLUMNS = ["section", "item", "measure", "value", "unit", "note"]


@dataclass(frozen=True)
class Tables:
    """What the page is made from; columns as in ``lib/tables.py``."""

    positions: pd.DataFrame
    row_issues: pd.DataFrame
    exposures: pd.DataFrame
    exposure_groups: pd.DataFrame
    risk_metrics: pd.DataFrame
    portfolio_returns: pd.DataFrame
    drawdowns: pd.DataFrame
    snapshots: pd.DataFrame
    snapshot_positions: pd.DataFrame
    data_issues: pd.DataFrame

    @property
    def held(self) -> pd.DataFrame:
        """Positions of today's book."""
        return self.positions[self.positions["quantity"] != 0]

    @property
    def totals(self) -> pd.Series:
        """Totals of the book by measure."""
        return self.exposures.set_index("measure")["value"]

    @property
    def base(self) -> tuple[str, float]:
        """What shares are shares of, ``nav`` or ``gross``, and that money."""
        name = "nav" if self.totals["nav"] > 0 else "gross"
        return name, float(self.totals[name])


def report(tables: Tables) -> pd.DataFrame:
    """Table ``portfolio_report``: one row a figure of the page, in the order of the page."""
    rows = [
        *_value(tables),
        *_change(tables),
        *_movers(tables),
        *_trades(tables),
        *_holdings(tables),
        *_sectors(tables),
        *_risk(tables),
        *_origins(tables),
        *_quality(tables),
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"value": "float64", "note": "str"})


def _row(section: str, item: str, measure: str, value: float, unit: str, note: str = "") -> list:
    return [section, item, measure, value, unit, note]


def _share(money: float, base: float) -> float:
    return money / base if base > 0 else float("nan")


def _value(tables: Tables) -> list[list]:
    totals, held = tables.totals, tables.held
    unknown = int(held["unrealized_pnl"].isna().sum())
    left_out = f"{unknown} positions without a price left out" if unknown else ""
    nav, day = float(totals["nav"]), held["daily_pnl"].sum(min_count=1)
    basis = tables.risk_metrics["flag"].str.contains(ADJUSTED, regex=False).any()
    names = ("cash", "gross", "net", "long", "short")
    return [
        _row("value", "book", "nav", nav, "money", VALUED_ON_ADJUSTED if basis else ""),
        *(_row("value", "book", name, totals[name], "money") for name in names),
        _row("value", "book", "unrealized_pnl", held["unrealized_pnl"].sum(min_count=1), "money", left_out),
        _row("value", "book", "daily_pnl", day, "money", NO_DAILY if np.isnan(day) else ""),
        _row(
            "value",
            "book",
            "leverage",
            _share(totals["gross"], nav),
            "ratio",
            "" if nav > 0 else NOT_POSITIVE,
        ),
        _row("value", "book", "positions", len(held), "count"),
        _row("value", "book", "unpriced", int(held["exposure"].isna().sum()), "count"),
    ]


def _change(tables: Tables) -> list[list]:
    """From the snapshot before to the newest: change of value, what of it is profit, and the rest."""
    history = tables.snapshots.sort_values("snapshot_date").tail(2)
    names = {"days": "days", "nav_change": "money", "profit": "money", "other": "money", "return": "fraction"}
    values: dict[str, float] = dict.fromkeys(names, np.nan)
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
        *(_row("change", "snapshot", name, values[name], unit, note) for name, unit in names.items()),
        _row("change", "snapshot", "profit_since_first", since_first, "money"),
        _row("change", "snapshot", "snapshots", len(tables.snapshots), "count"),
    ]


def _moves(tables: Tables) -> pd.DataFrame:
    """Positions of the newest snapshot, with the change of quantity since the one before."""
    history = tables.snapshot_positions
    days = sorted(history["snapshot_date"].unique())
    moves = history[history["snapshot_date"].isin(days[-1:])]
    before = history[history["snapshot_date"].isin(days[-2:-1])].set_index("position_id")["quantity"]
    return moves.assign(traded=moves["quantity"] - moves["position_id"].map(before).fillna(0.0))


def _movers(tables: Tables) -> list[list]:
    """The symbols with the largest profit or loss since the snapshot before, or of the last trading day."""
    moves = _moves(tables)
    if moves["pnl"].isna().all():
        moves = tables.held.assign(pnl=tables.held["daily_pnl"])
    profit = moves.groupby("symbol")["pnl"].sum(min_count=1).dropna()
    top = profit.loc[profit.abs().sort_values(ascending=False, kind="stable").index].head(TOP_MOVERS)
    names = _names(tables.positions)
    return [
        _row("mover", symbol, "profit", value, "money", names.get(symbol, ""))
        for symbol, value in top.items()
    ]


def _names(positions: pd.DataFrame) -> dict[str, str]:
    """What each symbol is, in words: its kind, and for an option right, underlying, strike and expiry."""
    options = positions[positions["kind"] == "option"]
    right = options["right"].map({"C": "Call", "P": "Put"})
    words = [
        f"{kind} on {underlying} at {strike:g} to {wording.date(expiry)}"
        for kind, underlying, strike, expiry in zip(
            right, options["underlying"], options["strike"], options["expiry"], strict=True
        )
    ]
    names = dict(zip(positions["symbol"], positions["kind"].map(KIND_WORDS), strict=True))
    return names | dict(zip(options["symbol"], words, strict=True))


def _trades(tables: Tables) -> list[list]:
    """What was bought or sold, in shares or contracts; the note says what became of the position."""
    moves = _moves(tables)
    traded = moves[~moves["change"].isin(["first", "held"])]
    return [
        _row("trade", row.position_id, "quantity", row.traded, "count", row.change)
        for row in traded.itertuples()
    ]


def _holdings(tables: Tables) -> list[list]:
    """The largest symbols by |exposure|; lots of one symbol are one holding."""
    held, base = tables.held, tables.base[1]
    columns = ["exposure", "unrealized_pnl", "daily_pnl"]
    sums = held.groupby("symbol", sort=False)[columns].sum(min_count=1)
    sums, names = sums.dropna(subset="exposure"), _names(held)
    top = sums.loc[sums["exposure"].abs().sort_values(ascending=False, kind="stable").index].head(
        TOP_HOLDINGS
    )
    top = top.assign(share=[_share(money, base) for money in top["exposure"]])
    units = {"exposure": "money", "share": "fraction", "unrealized_pnl": "money", "daily_pnl": "money"}
    return [
        _row("holding", symbol, name, holding[name], unit, names[symbol])
        for symbol, holding in top.iterrows()
        for name, unit in units.items()
    ]


def _sectors(tables: Tables) -> list[list]:
    groups = tables.exposure_groups
    sectors = groups[groups["dimension"] == "sector"].sort_values("gross", ascending=False, kind="stable")
    base = tables.base[1]
    return [
        row
        for sector in sectors.itertuples()
        for row in (
            _row("sector", sector.group, "net", sector.net, "money"),
            _row("sector", sector.group, "share", _share(sector.net, base), "fraction"),
        )
    ]


def _risk(tables: Tables) -> list[list]:
    metrics = tables.risk_metrics.drop_duplicates(["metric", "window"]).set_index(["metric", "window"])
    base = tables.base[1]
    rows = []
    for name, window, unit in RISK:
        found = metrics.loc[(name, window)]
        rows.append(_row("risk", window, name, found["value"], unit, found["flag"]))
        if name in MONEY_AT_RISK:
            rows.append(_row("risk", window, f"{name}_money", found["value"] * base, "money", found["flag"]))
    falls = drawdown(tables.portfolio_returns["return"])
    now = falls[-1] if len(falls) > 1 else np.nan
    return [*rows, _row("risk", "all", "current_drawdown", now, "fraction"), _deepest(tables.drawdowns)]


def _deepest(drawdowns: pd.DataFrame) -> list:
    """How long the deepest fall lasted, with its days in the note."""
    if drawdowns.empty:
        return _row("risk", "all", "deepest_days", np.nan, "days")
    worst = drawdowns.loc[drawdowns["depth"].idxmin()]
    note = f"{wording.date(worst['start'])} to {wording.date(worst['trough'])}"
    return _row("risk", "all", "deepest_days", worst["days"], "days", note)


def _origins(tables: Tables) -> list[list]:
    """Signed exposure by where its price comes from, with cash: adds up to net asset value."""
    held, nav = tables.held, float(tables.totals["nav"])
    sums = held.groupby("origin")["exposure"].sum(min_count=1)
    money = {origin: float(sums[origin]) for origin in ORIGINS if origin in sums.dropna()}
    money["cash"] = float(tables.totals["cash"])
    note = "" if nav > 0 else NOT_POSITIVE
    return [
        row
        for origin, value in money.items()
        for row in (
            _row("origin", origin, "exposure", value, "money"),
            _row("origin", origin, "share", _share(value, nav), "fraction", note),
        )
    ]


def _quality(tables: Tables) -> list[list]:
    rows, held = tables.row_issues, tables.held
    symbols = {*held["symbol"], *held["underlying"]}
    data = tables.data_issues[tables.data_issues["symbol"].isin(symbols)]
    severity = rows.groupby("severity")["line"].nunique()
    stale = held["flags"].str.contains("STALE", regex=False).sum()
    counts = {
        "rejected_rows": severity.get("rejected", 0),
        "warned_rows": severity.get("warning", 0),
        "unpriced_positions": int(held["exposure"].isna().sum()),
        "stale_positions": int(stale),
        "data_errors": int((data["severity"] == "error").sum()),
        "data_warnings": int((data["severity"] == "warning").sum()),
    }
    return [_row("quality", "data", name, value, "count") for name, value in counts.items()]
