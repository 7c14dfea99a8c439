"""The rows of the pipeline that are about trading: rules, the paper account, its risk, and every trade."""

from __future__ import annotations

from lib.contracts import Stage

TRADING: tuple[Stage, ...] = (
    Stage(
        "trading/analytics",
        "What did the account's trades come to?",
        reads=("account_trades", "account_fills", "account_equity", "prices"),
        writes=(
            "trade_journal",
            "trade_measures",
            "account_performance",
            "account_curve",
            "account_drawdowns",
            "account_periods",
            "trade_bins",
        ),
        per="account",
    ),
)
