"""Tables of a portfolio's profit over time: the chain of days, periods, metrics, and what was replayed."""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import count, date, flag, fraction, money, number, text

PERIODS = ("day", "week", "month", "quarter", "year", "history", "since_entry")
"""Periods of table ``profit_periods``: to date but the first; the whole history; from the entries on."""

PORTFOLIO_PROFIT = (
    Table(
        "profit_history",
        "Profit of the book by day: of its snapshots, and before the first one of the replayed file.",
        (
            date("date", "session at whose close the profit is taken", label="Day"),
            date("base_date", "session from whose close on it is earned"),
            flag("replayed", "whether the row follows the file into the past, and is no record"),
            count("sessions", "sessions from base_date to date"),
            money("nav", "net asset value at date; replayed ones are the first real one less later profits"),
            money("profit", "profit from base_date to date, money", null=True, absent="no price"),
            money("dividends", "part of it that is dividends; null on adjusted prices", null=True),
            fraction(
                "return",
                "profit / net asset value at base_date, or / gross where that is not positive",
                null=True,
                absent="no net asset value to stand on",
            ),
            fraction(
                "benchmark_return",
                "return of the benchmark from base_date to date",
                null=True,
                label="Benchmark",
                absent="no benchmark, or no price of it",
            ),
            count("positions", "positions that earned; of a snapshot those held"),
            text("flags", "warnings of the snapshot, comma separated; empty when none"),
        ),
        ("date",),
        may_be_empty=True,
    ),
    Table(
        "profit_periods",
        "Profit of the book by period to date, beside its benchmark.",
        (
            text("period", "what is counted", values=PERIODS),
            date("start", "close from which on it counts", null=True, absent="reason"),
            date("end", "close to which it counts", null=True, absent="reason"),
            money("profit", "profit of the period, money", null=True, absent="reason"),
            fraction(
                "return",
                "daily returns compounded; since entry profit / money put in, long and short",
                null=True,
                absent="reason",
            ),
            money(
                "benchmark_profit",
                "what the same money would have made in the benchmark",
                null=True,
                label="Same money in the benchmark",
                absent="reason",
            ),
            fraction(
                "benchmark_return",
                "return of the benchmark; since entry its profit / money put in",
                null=True,
                label="Benchmark",
                absent="reason",
            ),
            fraction(
                "active_return", "return - benchmark return", null=True, label="Over it", absent="reason"
            ),
            count("rows_real", "rows of snapshots in it", label="Days recorded"),
            count("rows_replayed", "rows of the replay in it", label="Days replayed"),
            text("flags", "reasons for anything unusual, comma separated; empty when none"),
        ),
        ("period",),
    ),
    Table(
        "realised_metrics",
        "What the history of profits comes to, of its snapshots alone and with the replay before them.",
        (
            text("metric", "volatility, sharpe, sortino, max_drawdown or beta"),
            text("basis", "snapshots alone, or with the replay", values=("real", "with_replay")),
            number("value", "decimal or ratio", null=True, absent="flags"),
            text("unit", "fraction or ratio"),
            count("rows_real", "rows of snapshots in it", label="Days recorded"),
            count("rows_replayed", "rows of the replay in it", label="Days replayed"),
            text("flags", "why there is no value; empty where there is"),
        ),
        ("metric", "basis"),
    ),
    Table(
        "replay_positions",
        "What takes part in the replay and what does not, and why.",
        (
            text("position_id", "position"),
            text("symbol", "symbol"),
            money("exposure", "signed money today", null=True, absent="no price"),
            fraction("share", "|exposure| / gross exposure today", null=True, absent="no price"),
            money("profit", "profit over the replay, money", null=True, absent="left out"),
            text("reason", "why it is left out; empty where it takes part"),
        ),
        ("position_id",),
        may_be_empty=True,
    ),
)
