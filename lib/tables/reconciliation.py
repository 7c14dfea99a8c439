"""Tables on how far the paper account is from the backtest of the same rules, and what made it."""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import count, date, money, text

CAUSES = (
    "code",
    "parameters",
    "restated_data",
    "manual_orders",
    "limits",
    "fills",
    "cash",
    "unexplained",
)
REPLAYS = ("paper", *CAUSES[:-1], "backtest")
"""Equity paths from the account as it was to the backtest; a path is named after what it is rid of."""

RECONCILIATION = Table(
    "account_reconciliation",
    "Equity of the account less that of the backtest at each close, split among its causes.",
    (
        date("date", "session, at its close"),
        text("cause", "what made it", values=CAUSES),
        money("amount", "what it has made so far; all causes of a day add up to the difference"),
        money("change", "what it made that day"),
    ),
    ("date", "cause"),
    dated="date",
)

PATHS = Table(
    "account_replays",
    "Equity of each replay: in every one a cause more is taken away.",
    (
        date("date", "session, at its close"),
        text("replay", "from the account as it was to the backtest", values=REPLAYS),
        money("equity", "what the account would have been worth"),
    ),
    ("date", "replay"),
    dated="date",
)

DIFFERENCES = Table(
    "account_differences",
    "What differs between account and backtest, piece by piece: what it was, what it is now.",
    (
        count("number", "number of the piece", low=1),
        text("cause", "what it belongs to", values=CAUSES),
        date("date", "session concerned", null=True, absent="all"),
        text("item", "bar, parameter, order or rule concerned"),
        text("was", "as the account had it"),
        text("now", "as it is now, or in the backtest"),
    ),
    ("number",),
    may_be_empty=True,
)

RECONCILED = (RECONCILIATION, PATHS, DIFFERENCES)
