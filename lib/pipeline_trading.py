"""The rows of the pipeline that are about trading: rules, the paper account, its risk, and every trade."""

from __future__ import annotations

from lib.contracts import Stage

TRADING: tuple[Stage, ...] = (
    Stage(
        "trading/signals",
        "What do the rules say for tomorrow, and did they ever earn anything?",
        reads=("prices", "trials", "trial_returns"),
        writes=(
            "rule_signals",
            "rule_signals_today",
            "rule_equity",
            "rule_trades",
            "rule_measures",
            "rule_walk_forward",
            "rule_delays",
            "rule_brackets",
            "rule_random",
            "rule_deflation",
        ),
        per="account",
        validate="lib.trading.rule_files:validate",
        point_in_time=True,
        trial=True,
    ),
    Stage(
        "trading/paper",
        "What does the paper account hold, and what is ordered for tomorrow?",
        reads=("prices", "instruments", "account_ledger"),
        writes=(
            "account_orders",
            "account_fills",
            "account_trades",
            "account_holdings",
            "account_equity",
            "account_breaker",
            "account_decisions",
            "account_record",
        ),
        per="account",
        validate="lib.trading.rule_files:validate",
        point_in_time=True,
        front="subject",
    ),
)
