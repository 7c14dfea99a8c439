"""Tables of the market: what a provider gives, what passed the checks, the factors."""

from __future__ import annotations

from lib.contracts import Table
from lib.conventions import KINDS, ORIGINS, TENORS
from lib.tables.columns import SOURCE, count, date, number, text

PRICE_COLUMNS = (
    date("date", "exchange-local trading day"),
    text("symbol", "symbol as the portfolio files write it; options in OCC form without spaces"),
    number("open", "first price of the day", null=True),
    number("high", "highest price of the day", null=True),
    number("low", "lowest price of the day", null=True),
    number("close", "last price, on the basis of price_basis", null=True),
    number("adj_close", "last price adjusted for splits and dividends", null=True),
    number("volume", "shares or contracts traded", null=True),
    number("dividend", "cash dividend a share with this ex-date", null=True),
    number("split", "split ratio with this ex-date, 1 when none", null=True),
    text("price_basis", "whether close is raw or adjusted", values=("raw", "adjusted")),
    *SOURCE,
)

YIELD_COLUMNS = (
    date("date", "trading day"),
    text("tenor", "maturity of the Treasury yield", values=TENORS),
    number("rate", "annual yield, decimal", low=-0.1, high=1.0),
    *SOURCE,
)

VOL_COLUMNS = (
    date("date", "trading day"),
    text("symbol", "underlying"),
    date("expiry", "expiry day; null for a flat surface", null=True),
    number("strike", "strike price; null for a flat surface", null=True),
    text("right", "C or P; null for a flat surface", null=True),
    number("implied_vol", "annual volatility, decimal", low=0.0, high=10.0),
    *SOURCE,
)

INSTRUMENT_COLUMNS = (
    text("symbol", "symbol as the portfolio files write it"),
    text("name", "name for people", null=True),
    text("kind", "stock, etf, index, fund, option or manual", values=KINDS),
    text("sector", "sector of the company", null=True),
    text("industry", "industry of the company", null=True),
    text("currency", "ISO code of the currency of its prices"),
    number("dividend_yield", "annual, decimal", null=True),
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
            text("status", "how the request ended", values=("ok", "missing")),
            count("rows", "bars received"),
            date("first_date", "first bar", null=True),
            date("last_date", "last bar", null=True),
            text("detail", "reason when missing, notes otherwise", null=True),
        ),
        ("symbol",),
    ),
)

MARKET = (
    Table("prices", "Bars that passed every check, one a symbol and day.", PRICE_COLUMNS, ("symbol", "date")),
    Table("yields", "Treasury yields by tenor.", YIELD_COLUMNS, ("date", "tenor")),
    Table("implied_vols", "Implied volatilities by underlying, expiry and strike.", VOL_COLUMNS),
    Table("instruments", "What each symbol is.", INSTRUMENT_COLUMNS, ("symbol",)),
    Table(
        "data_issues",
        "Every bar or symbol that a check spoke about and what was done.",
        (
            date("date", "day of the bar; null for the whole symbol", null=True),
            text("symbol", "symbol concerned"),
            text("check", "name of the check"),
            text("severity", "how bad it is", values=("error", "warning", "info")),
            text("detail", "what was found, with the numbers"),
            text("action", "what was done", values=("quarantined", "dropped", "kept", "missing")),
        ),
    ),
)

FACTOR_TABLES = (
    Table(
        "factor_returns",
        "Daily simple returns of the factors' proxies; a basket is the equal-weighted mean of its members.",
        (
            date("date", "trading day"),
            text("factor", "name of the factor"),
            number("return", "simple return of the day, decimal"),
        ),
        ("date", "factor"),
    ),
    Table(
        "factor_correlations",
        "Exponentially weighted correlations of the factors, zero mean, both directions and the diagonal.",
        (
            text("factor_1", "name of a factor"),
            text("factor_2", "name of a factor"),
            number("correlation", "correlation", null=True, low=-1.0000001, high=1.0000001),
            count("observations", "common days"),
            number("effective_observations", "(sum of weights)^2 / sum of squared weights", null=True),
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
            number("vif", "variance inflation factor against the others", null=True),
            number("max_correlation", "largest |correlation| with another factor", null=True),
            text("nearest", "the factor with that correlation", null=True),
            number(
                "condition_number", "of the factors' correlation matrix, the same on every row", null=True
            ),
            text("warning", "codes, comma separated; empty when none"),
            text("origin", "real, or constructed for a basket", values=ORIGINS),
        ),
        ("factor",),
    ),
)
