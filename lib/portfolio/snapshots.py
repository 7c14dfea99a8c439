"""The history of the book: one row a trading day, with the profit since the row before.

Profit is summed over positions (``lib.portfolio.snapshot_profit``), never read off a change of exposure: a
short that rises loses, and a new position gains nothing by being new. A day that is no trading day, or is in
the history already, adds nothing; the history before a date does not depend on anything after it. Days older
than the retention are dropped; the cumulative profit still counts from the first snapshot there ever was.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib import codes
from lib.book import base
from lib.contracts import conform
from lib.conventions import EXCHANGE
from lib.market.calendar import is_trading_day, previous_trading_day
from lib.portfolio.snapshot_profit import first_positions, later_positions
from lib.tables import TABLES

FIRST_SNAPSHOT, MULTI_DAY, BASE_GROSS = "FIRST_SNAPSHOT", "MULTI_DAY", "BASE_GROSS"
GREEKS_INCOMPLETE = "GREEKS_INCOMPLETE"
CHANGE_WARNINGS = ("LATE_ENTRY", "QUANTITY_CHANGED", "EXIT_ASSUMED", "NO_PROFIT")
STATE_WARNINGS = ("UNPRICED", "STALE", "CURRENCY", "MANUAL_STALE")
CLOSED, REACHED = "the exchange was closed", "the history reaches that day"
RETENTION_DAYS = 365
GREEKS = ("delta_dollars", "gamma_dollars", "theta", "vega", "rho")


@dataclass(frozen=True)
class History:
    """Tables ``snapshots`` and ``snapshot_positions`` after the run of ``day``.

    ``skipped`` is why that day added nothing: ``CLOSED``, ``REACHED``, or empty when it did add a row.
    """

    snapshots: pd.DataFrame
    positions: pd.DataFrame
    day: pd.Timestamp
    skipped: str = ""

    @property
    def today(self) -> pd.Series:
        """The newest snapshot."""
        return self.snapshots.iloc[-1]

    @property
    def moves(self) -> pd.DataFrame:
        """The positions of the newest snapshot."""
        return self.positions[self.positions["snapshot_date"] == self.snapshots["snapshot_date"].max()]


def append_snapshot(
    snapshots: pd.DataFrame,
    held: pd.DataFrame,
    positions: pd.DataFrame,
    exposures: pd.DataFrame,
    prices: pd.DataFrame,
    *,
    as_of: str,
    greeks: pd.DataFrame | None = None,
    retention_days: int = RETENTION_DAYS,
    exchange: str = EXCHANGE,
) -> History:
    """The history with a row for ``as_of`` appended, without days more than ``retention_days`` before it.

    ``snapshots`` and ``held`` (table ``snapshot_positions``) are the history so far, may have no rows;
    ``positions``, ``exposures`` and ``greeks`` (table ``portfolio_greeks``; None: not known) are those of
    ``as_of``; ``prices`` the table of that name. Trading days are those of ``exchange``.
    """
    day = pd.Timestamp(as_of)
    if reason := _skip_reason(snapshots, day, exchange):
        return History(snapshots, held, day, reason)
    if not len(snapshots):
        moves = first_positions(positions, day)
        row = _row(moves, positions, exposures, greeks, None, day, day)
    else:
        last = snapshots.sort_values("snapshot_date").iloc[-1]
        before = held[held["snapshot_date"] == last["snapshot_date"]]
        moves = later_positions(before, positions, prices, since=last["snapshot_date"], day=day)
        row = _row(moves, positions, exposures, greeks, last, day, previous_trading_day(day, exchange))
    dividends = moves["dividends"]
    moves = conform(moves.drop(columns="dividends"), TABLES["snapshot_positions"])
    row["dividends"] = dividends.sum(min_count=1) if len(snapshots) else None
    since = day - pd.Timedelta(days=retention_days)
    return History(
        _joined(snapshots[snapshots["snapshot_date"] >= since], pd.DataFrame([row]), "snapshots"),
        _joined(held[held["snapshot_date"] >= since], moves, "snapshot_positions"),
        day,
    )


def unexplained_change(snapshots: pd.DataFrame) -> float:
    """Change of net asset value since the snapshot before that is no profit: money put in or taken out.

    NaN when there is no snapshot before.
    """
    if len(snapshots) < 2:
        return float("nan")
    before, last = snapshots.iloc[-2], snapshots.iloc[-1]
    return float(last["nav"] - before["nav"] - last["daily_pnl"])


def _skip_reason(snapshots: pd.DataFrame, day: pd.Timestamp, exchange: str) -> str:
    if not is_trading_day(day, exchange):
        return CLOSED
    return REACHED if (snapshots["snapshot_date"] >= day).any() else ""


def _row(
    moves: pd.DataFrame,
    positions: pd.DataFrame,
    exposures: pd.DataFrame,
    greeks: pd.DataFrame | None,
    last: pd.Series | None,
    day: pd.Timestamp,
    day_before: pd.Timestamp,
) -> dict:
    """The row of ``snapshots`` for ``day``; ``last`` is the snapshot before, None on the first.

    ``day_before`` is the trading day before ``day``.
    """
    totals = exposures.set_index("measure")["value"]
    held = positions[positions["quantity"] != 0]
    priced = int(held["exposure"].notna().sum())
    profit = None if last is None else _sum(moves["pnl"])
    whole, stands_on = (0.0, "nav") if last is None else base(float(last["nav"]), float(last["gross"]))
    gap = last is not None and day_before != last["snapshot_date"]
    warnings = [MULTI_DAY] * gap + [BASE_GROSS] * (stands_on == "gross")
    warnings = [FIRST_SNAPSHOT] if last is None else warnings
    return {
        "snapshot_date": day,
        **{name: float(totals[name]) for name in ("nav", "cash", "gross", "net", "long", "short")},
        **_greek_columns(greeks),
        "daily_pnl": profit,
        "daily_return": profit / whole if profit is not None and whole else None,
        "cumulative_pnl": 0.0 if last is None else float(last["cumulative_pnl"]) + (profit or 0.0),
        "positions": len(held),
        "long_positions": int(totals["long_count"]),
        "short_positions": int(totals["short_count"]),
        "priced_share": priced / len(held) if len(held) else None,
        "warnings": ",".join([*warnings, *_position_warnings(moves, held), *_greek_warnings(greeks, held)]),
    }


def _sum(money: pd.Series) -> float | None:
    """Sum of what is known: 0 of no positions, None when there are positions and none has a value."""
    return float(money.sum()) if len(money) == 0 or money.notna().any() else None


def _position_warnings(moves: pd.DataFrame, held: pd.DataFrame) -> list[str]:
    """Codes that hold of at least one position."""
    parts = ((moves["flags"], CHANGE_WARNINGS), (held["flags"], STATE_WARNINGS))
    return [code for flags, names in parts for code in names if codes.has(flags, code).any()]


def _greek_columns(greeks: pd.DataFrame | None) -> dict[str, float | None]:
    """The Greeks of the book by column of ``snapshots``; None where they are not known."""
    known = {} if greeks is None else dict(zip(greeks["greek"], greeks["value"], strict=True))
    return {name: known.get(name) for name in GREEKS}


def _greek_warnings(greeks: pd.DataFrame | None, held: pd.DataFrame) -> list[str]:
    """Whether the Greeks lack a position that is no manual valuation and no share without a price."""
    if greeks is None or not len(greeks):
        return []
    expected = (held["kind"] == "manual") | ((held["kind"] != "option") & held["exposure"].isna())
    return [GREEKS_INCOMPLETE] * bool(int(greeks["positions_excluded"].max()) > int(expected.sum()))


def _joined(history: pd.DataFrame, added: pd.DataFrame, name: str) -> pd.DataFrame:
    table = TABLES[name]
    added = added.astype({column.name: "float64" for column in table.columns if column.type == "float"})
    return conform(pd.concat([history, added], ignore_index=True) if len(history) else added, table)
