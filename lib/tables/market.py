"""Tables of the market: what a provider gives, what passed the checks, the factors."""

from __future__ import annotations

from lib.contracts import Column, Table
from lib.conventions import KINDS, ORIGINS, SYNC_EVENTS, SYNC_STATES, TENORS
from lib.tables.columns import SOURCE, count, date, days, flag, fraction, money, number, price, ratio, text

GAP_STATES = ("open", "filled", "quarantined")
REPAIR_RULES = ("DUP_CONFLICT", "SWAPPED_RANGE", "REPAIRED_RANGE")


def _part(name: str, meaning: str) -> Column:
    """A part of the score of a series, between 0 and 1."""
    said = f"part {meaning}; null without a bar"
    return fraction(name, said, null=True, low=0.0, high=1.0, absent="no bar")


PRICE_COLUMNS = (
    date("date", "exchange-local trading day"),
    text("symbol", "symbol as the portfolio files write it; options in OCC form without spaces"),
    price("open", "first price of the day", null=True),
    price("high", "highest price of the day", null=True),
    price("low", "lowest price of the day", null=True),
    price("close", "last price, on the basis of price_basis", null=True),
    price("adj_close", "last price adjusted for splits and dividends", null=True),
    number("volume", "shares or contracts traded", null=True),
    price("dividend", "cash dividend a share with this ex-date", null=True),
    number("split", "split ratio with this ex-date, 1 when none", null=True),
    text("price_basis", "whether close is raw or adjusted", values=("raw", "adjusted")),
    *SOURCE,
)

YIELD_COLUMNS = (
    date("date", "trading day"),
    text("tenor", "maturity of the Treasury yield", values=TENORS),
    fraction("rate", "annual yield, decimal", low=-0.1, high=1.0, label="Yield"),
    *SOURCE,
)

VOL_COLUMNS = (
    date("date", "trading day"),
    text("symbol", "underlying"),
    date("expiry", "expiry day; null for a flat surface", null=True),
    price("strike", "strike price; null for a flat surface", null=True),
    text("right", "C or P; null for a flat surface", null=True),
    fraction("implied_vol", "annual volatility, decimal", low=0.0, high=10.0),
    *SOURCE,
)

INSTRUMENT_COLUMNS = (
    text("symbol", "symbol as the portfolio files write it"),
    text("name", "name for people", null=True),
    text("kind", "stock, etf, index, fund, option or manual", values=KINDS),
    text("sector", "sector of the company", null=True),
    text("industry", "industry of the company", null=True),
    text("currency", "ISO code of the currency of its prices"),
    fraction("dividend_yield", "annual, decimal", null=True),
    text("exchange", "where it is listed, as the source calls it", null=True, absent="not told"),
    text("country", "country of the company, as the source calls it", null=True, absent="not told"),
    money(
        "market_cap",
        "what the whole company was worth, as the source says, in its currency",
        null=True,
        low=0.0,
        label="Market capitalisation",
        absent="not told",
    ),
    date(
        "market_cap_date",
        "session that the source's market capitalisation is of: the one under way when it was fetched, else "
        "the last one closed; never after the as-of date nor more than 30 days before; null where no source "
        "dates it",
        null=True,
        label="Capitalisation of",
        absent="not told",
    ),
    *SOURCE,
)

RAW = (
    Table("raw_prices", "Bars as the provider gave them, faults included.", PRICE_COLUMNS),
    Table("raw_yields", "Treasury yields as the provider gave them.", YIELD_COLUMNS),
    Table("raw_implied_vols", "Implied volatilities as the provider gave them.", VOL_COLUMNS),
    Table("raw_instruments", "Instruments as the provider knows them.", INSTRUMENT_COLUMNS),
    Table(
        "raw_sync_log",
        "What was asked of the provider and what came back, one row a symbol.",
        (
            text("symbol", "symbol that was asked for"),
            text("status", "how the request ended", values=SYNC_STATES, label="Answer"),
            count("rows", "bars received"),
            date("first_date", "first bar", null=True, label="First day", absent="no bar"),
            date("last_date", "last bar", null=True, label="Last day", absent="no bar"),
            text("detail", "reason when missing, notes otherwise", null=True, label="Note"),
        ),
        ("symbol",),
    ),
    Table(
        "raw_sync_events",
        "What happened to a series in the store: restated, split, a gap filled or left open.",
        (
            date("date", "first day concerned", label="First day"),
            date("last_date", "last day concerned", label="Last day"),
            text("symbol", "symbol concerned"),
            text("event", "what happened", values=SYNC_EVENTS),
            count("rows", "bars concerned; sessions for a gap", label="Bars"),
            text("detail", "what changed, with the numbers", label="What changed"),
            text("source", "provider that gave the bars"),
        ),
    ),
)

MARKET = (
    Table(
        "prices",
        "Bars that passed every check, one a symbol and day; without any the coverage rule says why.",
        PRICE_COLUMNS,
        ("symbol", "date"),
        may_be_empty=True,
        known_at="date",
    ),
    Table(
        "yields",
        "Treasury yields by tenor.",
        YIELD_COLUMNS,
        ("date", "tenor"),
        may_be_empty=True,
        known_at="date",
    ),
    Table(
        "implied_vols",
        "Implied volatilities by underlying, expiry and strike.",
        VOL_COLUMNS,
        may_be_empty=True,
        known_at="date",
    ),
    Table("instruments", "What each symbol is.", INSTRUMENT_COLUMNS, ("symbol",)),
    Table(
        "data_issues",
        "Every bar or symbol that a check spoke about and what was done.",
        (
            date("date", "day of the bar; null for the whole symbol", null=True, absent="the symbol"),
            text("symbol", "symbol concerned"),
            text("check", "name of the check", label="Code"),
            text("severity", "how bad it is", values=("error", "warning", "info")),
            text("detail", "what was found, with the numbers"),
            text(
                "action",
                "what was done",
                values=("quarantined", "dropped", "repaired", "kept", "missing"),
                label="What was done",
            ),
        ),
        may_be_empty=True,
    ),
    Table(
        "repairs",
        "Every figure of a bar that was repaired, before and after; raw_prices keeps what came.",
        (
            date("date", "day of the bar"),
            text("symbol", "symbol of the bar"),
            text("rule", "rule that repaired it", values=REPAIR_RULES, label="Code"),
            text("column", "column of raw_prices that was repaired", label="Figure"),
            number("before", "the figure as it came", null=True),
            number("after", "the figure in prices", null=True),
            text("source", "provider or file that the figure came from"),
        ),
        may_be_empty=True,
    ),
    Table(
        "data_quality",
        "Counts, freshness and a score for each symbol and source: completeness, soundness, freshness.",
        (
            text("symbol", "symbol that was asked for"),
            text(
                "source", "provider or file of its bars; null when nothing came", null=True, absent="no bar"
            ),
            count("bars", "bars that passed the checks"),
            number(
                "expected_sessions",
                "sessions owed from first to last bar; null for options",
                null=True,
                unit="count",
                label="Sessions owed",
                absent="option",
            ),
            number(
                "missing_sessions",
                "of them without a bar; null for options",
                null=True,
                unit="count",
                label="Missing",
                absent="option",
            ),
            count("quarantined", "bars set aside by a rule"),
            count("repaired", "bars with a repaired figure"),
            days(
                "stale_days",
                "calendar days from last bar to the due session",
                null=True,
                low=0.0,
                label="Days late",
                absent="no bar",
            ),
            date(
                "last_date",
                "day of the last bar; null when there is none",
                null=True,
                label="Last day",
                absent="no bar",
            ),
            flag("fresh", "whether the last bar is near enough to count as a price"),
            _part("completeness", "of 50 points: 1 when no session is missing, 0 when a tenth is"),
            _part("soundness", "of 30 points: 1 when no bar is faulty, 0 when one in twenty is"),
            _part("freshness", "of 20 points: 1 when up to date, 0 when a week late"),
            number(
                "score",
                "50, 30 and 20 times the parts; 0 without a bar",
                low=0.0,
                high=100.0,
                label="Score of 100",
            ),
        ),
        ("symbol", "source"),
    ),
    Table(
        "gaps",
        "Sessions without a bar between a symbol's first and last, as runs; options are left out.",
        (
            text("symbol", "symbol concerned"),
            date("gap_start", "first session of the run", label="First session"),
            date("gap_end", "last session of the run", label="Last session"),
            count("sessions", "sessions of the exchange in it"),
            text("status", "why there is no bar, or that it came", values=GAP_STATES, label="The gap is"),
            text("detail", "the rule, or what the provider said", label="Reason"),
        ),
        ("symbol", "gap_start"),
        may_be_empty=True,
    ),
)

FACTOR_TABLES = (
    Table(
        "factor_returns",
        "Daily simple returns of the factors' proxies; a basket is the equal-weighted mean of its members.",
        (
            date("date", "trading day"),
            text("factor", "name of the factor"),
            fraction("return", "simple return of the day, decimal"),
        ),
        ("date", "factor"),
        known_at="date",
    ),
    Table(
        "factor_correlations",
        "Exponentially weighted correlations of the factors, zero mean, both directions and the diagonal.",
        (
            text("factor_1", "name of a factor"),
            text("factor_2", "name of a factor"),
            ratio("correlation", "correlation", null=True, low=-1.0000001, high=1.0000001),
            count("observations", "common days"),
            number(
                "effective_observations",
                "(sum of weights)^2 / sum of squared weights",
                null=True,
                label="Equally weighted days",
            ),
        ),
        ("factor_1", "factor_2"),
    ),
    Table(
        "factor_diagnostics",
        "What stands for each factor, and how far it can be told from the others.",
        (
            text("factor", "name of the factor"),
            text("proxy", "symbol, or members of a basket, comma separated"),
            count("observations", "days in the window"),
            ratio(
                "vif",
                "variance inflation factor against the others",
                null=True,
                label="Variance inflation",
                absent="a combination of the others",
            ),
            ratio(
                "max_correlation",
                "largest |correlation| with another factor",
                null=True,
                label="Largest correlation",
                absent="no other factor",
            ),
            text("nearest", "the factor with that correlation", null=True, label="With"),
            ratio("condition_number", "of the factors' correlation matrix, the same on every row", null=True),
            text("warning", "codes, comma separated; empty when none"),
            text("origin", "real, or constructed for a basket", values=ORIGINS),
        ),
        ("factor",),
    ),
)
