"""Tables of funds as they were known on each day: what a provider gives, and what passed the checks.

Nothing here is an attribute of today: category, benchmark, expense ratio and the end of a fund are rows with
the day from which they held and the day on which they were known (``known_at``).
"""

from __future__ import annotations

from lib.contracts import Column, Table
from lib.tables.columns import SOURCE, date, fraction, number, text

PLANS = ("direct", "regular", "none")
OPTIONS = ("growth", "idcw", "none")
ATTRIBUTES = ("name", "house", "manager", "category", "subcategory", "benchmark")
FACTS = ("expense_ratio", "assets", "entry_load", "exit_load", "exit_load_days", "minimum_investment")
EVENTS = ("launched", "closed", "merged", "taken_over", "code_changed")
HOLDING_KINDS = ("equity", "debt", "cash", "other")
BASES = ("total_return", "price")


def _known(meaning: str) -> Column:
    return date("known_at", meaning, label="Known")


FUND = (
    text("fund_id", "id of one plan and option of a scheme, as the source writes it", label="Fund"),
    text("scheme", "the scheme, the same for all its plans and options"),
    text("isin", "ISIN of the growth or payout units", null=True, label="ISIN", absent="not given"),
    text("isin_reinvest", "ISIN of the reinvested units", null=True, absent="not given"),
    text("plan", "direct or regular; none where the scheme has one", values=PLANS),
    text("option", "growth or idcw; none where the scheme has one", values=OPTIONS),
    text("currency", "ISO code of the money of its NAV"),
    date("inception_date", "day of the first unit", null=True, label="Launched", absent="not given"),
    _known("day from which it is in the list"),
    *SOURCE,
)

ATTRIBUTE = (
    text("fund_id", "fund concerned", label="Fund"),
    text("item", "what the text is", values=ATTRIBUTES),
    text("value", "the text from this day on"),
    date("valid_from", "day from which it holds", label="Since"),
    _known("day on which it was known"),
    *SOURCE,
)

FACT = (
    text("fund_id", "fund concerned", label="Fund"),
    text("item", "what the number is", values=FACTS),
    number(
        "value",
        "the number from this day on: ratios and loads as decimals, assets and investments in money, days",
    ),
    date("valid_from", "day from which it holds", label="Since"),
    _known("day on which it was known"),
    *SOURCE,
)

NAV = (
    text("fund_id", "fund concerned", label="Fund"),
    date("date", "day of the NAV"),
    number("nav", "net asset value of a unit, in the fund's money", unit="price", label="NAV"),
    _known("day whose close finds it published"),
    *SOURCE,
)

HOLDING = (
    text("fund_id", "fund concerned; of a scheme the fund that stands for it", label="Fund"),
    date("holding_date", "day that the list is of"),
    _known("day on which the list was disclosed"),
    text("symbol", "symbol or ISIN of the holding", null=True, absent="not given"),
    text("name", "name of the holding"),
    text("kind", "equity, debt, cash or other", values=HOLDING_KINDS),
    text("sector", "sector as the source writes it", null=True, absent="not given"),
    text("cap", "large, mid or small; null where the source says none", null=True, absent="not given"),
    fraction("weight", "share of the fund's assets, decimal"),
    *SOURCE,
)

LEVEL = (
    text("benchmark", "name of the index, as funds write it"),
    date("date", "day of the level"),
    number("level", "level of the index", low=0.0),
    text("basis", "with dividends (total_return) or without (price)", values=BASES),
    _known("day whose close finds it published"),
    *SOURCE,
)

EVENT = (
    text("fund_id", "fund concerned", label="Fund"),
    text("event", "what happened", values=EVENTS),
    date("date", "day on which it took effect; of an end the day of the last NAV"),
    text("successor", "fund that its units became", null=True, absent="none"),
    text("detail", "in words", null=True, absent="none"),
    _known("day on which it was known"),
    *SOURCE,
)

LOG = (
    text("item", "what was asked for: a table, a scheme or a file"),
    text("status", "how it ended", values=("ok", "missing", "limited", "transport", "invalid", "stale")),
    number("rows", "rows received", low=0.0, unit="count"),
    number("skipped", "rows that could not be read", low=0.0, unit="count"),
    date("last_date", "newest day in it", null=True, label="Last day", absent="no row"),
    text("detail", "reason when missing, notes otherwise", null=True, label="Note", absent="none"),
)

MACRO = (
    text("series", "name of the indicator, as the ladder writes it"),
    date("period_end", "last day of the period that it measures", label="Period"),
    number("value", "the figure, in its unit"),
    text("unit", "percent, level, ratio, crore or count, as the source gives it"),
    text("frequency", "how often it comes", values=("daily", "weekly", "monthly", "quarterly", "annual")),
    date("released", "day on which the figure was published", label="Released"),
    *SOURCE,
)

RAW_FUNDS = (
    Table("raw_funds", "Funds as the provider gave them.", FUND, may_be_empty=True),
    Table("raw_fund_attributes", "Names, categories and benchmarks as given.", ATTRIBUTE, may_be_empty=True),
    Table("raw_fund_facts", "Expense ratios, assets and loads as given.", FACT, may_be_empty=True),
    Table("raw_fund_navs", "NAVs as the provider gave them, faults included.", NAV, may_be_empty=True),
    Table("raw_fund_holdings", "Holdings as disclosed.", HOLDING, may_be_empty=True),
    Table("raw_benchmark_levels", "Levels of benchmarks as given.", LEVEL, may_be_empty=True),
    Table("raw_fund_events", "Launches, ends and successors as given.", EVENT, may_be_empty=True),
    Table("raw_fund_log", "What was asked of the provider and what came back.", LOG, may_be_empty=True),
    Table("raw_macro", "Indicators of the economy as the provider gave them.", MACRO, may_be_empty=True),
    Table("raw_macro_log", "What was asked about indicators and what came back.", LOG, may_be_empty=True),
)

FUND_DATA = (
    Table("funds", "Every plan and option of every scheme.", FUND, ("fund_id",), known_at="known_at"),
    Table(
        "fund_attributes",
        "Names, houses, categories and benchmarks with the day from which each held.",
        ATTRIBUTE,
        ("fund_id", "item", "valid_from"),
        known_at="known_at",
    ),
    Table(
        "fund_facts",
        "Expense ratios, assets, loads with the day from which each held.",
        FACT,
        ("fund_id", "item", "valid_from"),
        may_be_empty=True,
        known_at="known_at",
    ),
    Table("fund_navs", "NAVs that passed every check.", NAV, ("fund_id", "date"), known_at="known_at"),
    Table(
        "fund_holdings",
        "Holdings by day of the list; weights of one list add up to about 1.",
        HOLDING,
        may_be_empty=True,
        known_at="known_at",
    ),
    Table(
        "benchmark_levels",
        "Levels of benchmarks by day.",
        LEVEL,
        ("benchmark", "date"),
        may_be_empty=True,
        known_at="known_at",
    ),
    Table(
        "fund_events",
        "Launches, ends, mergers and changes of code, with the successor.",
        EVENT,
        may_be_empty=True,
        known_at="known_at",
    ),
    Table(
        "fund_issues",
        "Every fund, NAV or holding that a check spoke about and what was done.",
        (
            text("fund_id", "fund concerned; null for a file or a benchmark", null=True, absent="all"),
            date("date", "day concerned", null=True, absent="all days"),
            text("table", "table concerned"),
            text("check", "name of the check", label="Code"),
            text("severity", "how bad it is", values=("error", "warning", "info")),
            text("detail", "what was found, with the numbers"),
            text("action", "what was done", values=("dropped", "kept", "corrected"), label="What was done"),
        ),
        may_be_empty=True,
    ),
)

MACRO_TABLES = (
    Table(
        "macro",
        "Indicators of the economy by period, with the day on which each figure was published.",
        MACRO,
        ("series", "period_end", "released"),
        may_be_empty=True,
        known_at="released",
    ),
    Table(
        "macro_issues",
        "Every indicator that a check spoke about and what was done.",
        (
            text("series", "indicator concerned"),
            date("period_end", "period concerned", null=True, absent="the series"),
            text("check", "name of the check", label="Code"),
            text("severity", "how bad it is", values=("error", "warning", "info")),
            text("detail", "what was found, with the numbers"),
            text("action", "what was done", values=("dropped", "kept"), label="What was done"),
        ),
        may_be_empty=True,
    ),
)
