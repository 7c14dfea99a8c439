"""The contract of every table that crosses a stage border; the data dictionary is read from here.

Long format, one row a fact. Dates are midnight; returns, rates, weights and volatilities are decimals;
money is in the portfolio's currency; a missing value is null with its reason in a flags column.
"""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.account_risk import ACCOUNT_RISK
from lib.tables.columns import number, text
from lib.tables.correlations import CORRELATIONS
from lib.tables.fund_backtests import BACKTEST, COMPARISON, MODEL_PORTFOLIOS
from lib.tables.fund_scores import SCORES
from lib.tables.funds import FUND_DATA, MACRO_TABLES, RAW_FUNDS
from lib.tables.market import FACTOR_TABLES, MARKET, RAW
from lib.tables.paper_account import PAPER_ACCOUNT
from lib.tables.portfolio import GREEK_TABLES, PORTFOLIO
from lib.tables.portfolio_profit import PORTFOLIO_PROFIT
from lib.tables.readiness import READINESS
from lib.tables.reconciliation import RECONCILED
from lib.tables.risk import RISK
from lib.tables.signal_alphas import SIGNAL_ALPHAS
from lib.tables.signal_did import DIFFERENCES
from lib.tables.signal_events import EVENT_TABLES
from lib.tables.signal_panel import PANEL
from lib.tables.signal_reports import REPORT
from lib.tables.signal_robustness import SIGNAL_ROBUSTNESS
from lib.tables.signal_sort_summaries import SORT_SUMMARIES
from lib.tables.signal_sorts import SORTS, TRIALS
from lib.tables.signals import RAW_SIGNALS, SIGNAL_TABLES
from lib.tables.trade_analytics import TRADE_ANALYTICS
from lib.tables.trade_rules import TRADE_RULES

KEY_FIGURES = Table(
    "key_figures",
    "What a stage wants seen first; every stage writes one.",
    (
        text(
            "subject", "id of the subject, such as a portfolio; null for a stage of the whole run", null=True
        ),
        text("name", "name of the figure"),
        number("value", "the figure", null=True),
        text("unit", "money, fraction, return, probability, p_value, ratio, count, days or text"),
        text("better", "which direction is better", values=("higher", "lower", "neither")),
        text("sentence", "the figure read aloud"),
    ),
    ("name",),
    may_be_empty=True,
)

TABLES = {
    table.name: table
    for table in (
        *RAW,
        *MARKET,
        *FACTOR_TABLES,
        *PORTFOLIO,
        *PORTFOLIO_PROFIT,
        *READINESS,
        *CORRELATIONS,
        *GREEK_TABLES,
        *RISK,
        *RAW_FUNDS,
        *MACRO_TABLES,
        *FUND_DATA,
        *SCORES,
        *BACKTEST,
        *MODEL_PORTFOLIOS,
        *COMPARISON,
        *RAW_SIGNALS,
        *SIGNAL_TABLES,
        *SORTS,
        *SORT_SUMMARIES,
        *EVENT_TABLES,
        *TRIALS,
        *SIGNAL_ALPHAS,
        *SIGNAL_ROBUSTNESS,
        *PANEL,
        *REPORT,
        *DIFFERENCES,
        *TRADE_RULES,
        *PAPER_ACCOUNT,
        *TRADE_ANALYTICS,
        *RECONCILED,
        *ACCOUNT_RISK,
        KEY_FIGURES,
    )
}
