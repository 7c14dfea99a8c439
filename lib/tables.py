"""The contract of every table that crosses a stage border; the data dictionary is read from here.

Long format, one row a fact. Dates are midnight; returns, rates, weights and volatilities are decimals;
money is in the portfolio's currency; a missing value is null with its reason in a flags column.
"""

from __future__ import annotations

from lib.contracts import Column, Table
from lib.conventions import KINDS, ORIGINS, POSITION_TYPES, TENORS


def _date(name: str, meaning: str, null: bool = False) -> Column:
    return Column(name, "date", meaning, null)


def _text(name: str, meaning: str, null: bool = False, values: tuple[str, ...] = ()) -> Column:
    return Column(name, "str", meaning, null, values=values)


def _number(
    name: str, meaning: str, null: bool = False, low: float | None = None, high: float | None = None
) -> Column:
    return Column(name, "float", meaning, null, low, high)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "int", meaning, low=0)


SOURCE = (
    _text("source", "provider or file that the row came from"),
    _text("origin", "real, constructed, generated or manual", values=ORIGINS),
)

PRICE_COLUMNS = (
    _date("date", "exchange-local trading day"),
    _text("symbol", "symbol as the portfolio files write it; options in OCC form without spaces"),
    _number("open", "first price of the day", null=True),
    _number("high", "highest price of the day", null=True),
    _number("low", "lowest price of the day", null=True),
    _number("close", "last price, on the basis of price_basis", null=True),
    _number("adj_close", "last price adjusted for splits and dividends", null=True),
    _number("volume", "shares or contracts traded", null=True),
    _number("dividend", "cash dividend a share with this ex-date", null=True),
    _number("split", "split ratio with this ex-date, 1 when none", null=True),
    _text("price_basis", "whether close is raw or adjusted", values=("raw", "adjusted")),
    *SOURCE,
)

YIELD_COLUMNS = (
    _date("date", "trading day"),
    _text("tenor", "maturity of the Treasury yield", values=TENORS),
    _number("rate", "annual yield, decimal", low=-0.1, high=1.0),
    *SOURCE,
)

VOL_COLUMNS = (
    _date("date", "trading day"),
    _text("symbol", "underlying"),
    _date("expiry", "expiry day; null for a flat surface", null=True),
    _number("strike", "strike price; null for a flat surface", null=True),
    _text("right", "C or P; null for a flat surface", null=True),
    _number("implied_vol", "annual volatility, decimal", low=0.0, high=10.0),
    *SOURCE,
)

INSTRUMENT_COLUMNS = (
    _text("symbol", "symbol as the portfolio files write it"),
    _text("name", "name for people", null=True),
    _text("kind", "stock, etf, index, fund, option or manual", values=KINDS),
    _text("sector", "sector of the company", null=True),
    _text("industry", "industry of the company", null=True),
    _text("currency", "ISO code of the currency of its prices"),
    _number("dividend_yield", "annual, decimal", null=True),
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
            _text("symbol", "symbol that was asked for"),
            _text("status", "how the request ended", values=("ok", "missing")),
            _count("rows", "bars received"),
            _date("first_date", "first bar", null=True),
            _date("last_date", "last bar", null=True),
            _text("detail", "reason when missing, notes otherwise", null=True),
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
            _date("date", "day of the bar; null for the whole symbol", null=True),
            _text("symbol", "symbol concerned"),
            _text("check", "name of the check"),
            _text("severity", "how bad it is", values=("error", "warning", "info")),
            _text("detail", "what was found, with the numbers"),
            _text("action", "what was done", values=("quarantined", "dropped", "kept", "missing")),
        ),
    ),
)

PORTFOLIO = (
    Table(
        "positions",
        "Accepted rows of the portfolio file, valued at the as-of date.",
        (
            _text("position_id", "symbol and entry date, with a number when both repeat"),
            _text("symbol", "symbol, options in OCC form without spaces"),
            _text("underlying", "symbol that the position moves with"),
            _text("kind", "stock, etf, index, fund, option or manual", values=KINDS),
            _text("position_type", "LONG, SHORT or option side", values=POSITION_TYPES),
            _number("quantity", "shares or contracts held, negative when short; 0 once exited or expired"),
            _number("multiplier", "units a contract: 100 for options, else 1", low=0.0),
            _number("entry_price", "price a share at entry, on the basis of the price table", low=0.0),
            _date("entry_date", "day of entry"),
            _number("price", "price a share at the as-of date; null when unpriced", null=True),
            _date("price_date", "day of that price", null=True),
            _number("underlying_price", "price of an option's underlying; null otherwise", null=True),
            _number("market_value", "|quantity| x price x multiplier, money", null=True),
            _number("exposure", "quantity x price x multiplier, signed money", null=True),
            _number("cost_basis", "quantity x entry price x multiplier, signed money"),
            _number("unrealized_pnl", "exposure - cost basis, money", null=True),
            _date("exit_date", "day of exit or settlement; null while held", null=True),
            _number("exit_price", "price a share at exit or settlement", null=True, low=0.0),
            _number("realized_pnl", "profit from entry to exit, money; null while held", null=True),
            _number("daily_pnl", "profit of the last trading day, money", null=True),
            _number("daily_return", "price return of the last trading day, decimal", null=True),
            _number("weight", "exposure / net asset value, signed", null=True),
            _number("weight_gross", "|exposure| / gross exposure", null=True),
            _text("sector", "sector of the underlying", null=True),
            _text("tags", "tags, comma separated; empty when none"),
            _date("expiry", "option expiry", null=True),
            _number("strike", "option strike", null=True),
            _text("right", "C or P", null=True),
            _text("origin", "where the price comes from; null without one", null=True, values=ORIGINS),
            _text("flags", "reasons for anything unusual, comma separated; empty when none"),
        ),
        ("position_id",),
    ),
    Table(
        "row_issues",
        "Every row of the portfolio file that was rejected or warned about.",
        (
            Column("line", "int", "line in the file, the header being line 1; 0 for the whole file", low=0),
            _text("severity", "what happened to the row", values=("rejected", "warning", "info")),
            _text("code", "fixed code of the rule"),
            _text("column", "column concerned", null=True),
            _text("value", "the text that was found", null=True),
            _text("message", "what was found and the mend, for people"),
        ),
    ),
    Table(
        "exposures",
        "Totals of the book.",
        (
            _text("measure", "nav, cash, gross, net, long, short, counts, notional, delta-adjusted"),
            _number("value", "money, or a number for counts; null where not computable", null=True),
        ),
        ("measure",),
    ),
    Table(
        "exposure_groups",
        "Exposure by tag, underlying, sector, position type and expiry bucket.",
        (
            _text(
                "dimension",
                "what the book is cut by; tag groups overlap and must not be added",
                values=("tag", "underlying", "sector", "position_type", "expiry_bucket"),
            ),
            _text("group", "value of the dimension"),
            _number("gross", "sum of |exposure|, money", low=0.0),
            _number("net", "sum of exposure, money"),
            _number("long", "sum of positive exposure, money", low=0.0),
            _number("short", "sum of negative exposure, money", high=0.0),
            _number("delta_adjusted", "sum of dollar deltas, money; null until Greeks exist", null=True),
            _count("positions", "priced positions in the group"),
        ),
        ("dimension", "group"),
    ),
    Table(
        "snapshots",
        "One row a trading day on which the portfolio was run.",
        (
            _date("snapshot_date", "trading day"),
            _number("nav", "net asset value, money"),
            _number("cash", "cash, money"),
            _number("gross", "gross exposure, money", low=0.0),
            _number("net", "net exposure, money"),
            _number("long", "long exposure, money", low=0.0),
            _number("short", "short exposure, money", high=0.0),
            _number("delta_dollars", "sum of dollar deltas; null until Greeks exist", null=True),
            _number("gamma_dollars", "change of dollar delta for 1 %; null until Greeks exist", null=True),
            _number("theta", "money a calendar day; null until Greeks exist", null=True),
            _number("vega", "money a volatility point; null until Greeks exist", null=True),
            _number("rho", "money a percentage point of rate; null until Greeks exist", null=True),
            _number("daily_pnl", "profit since the snapshot before, money; null on the first", null=True),
            _number("dividends", "part of it that is dividends, money; null on adjusted prices", null=True),
            _number("daily_return", "profit / net asset value of the snapshot before", null=True),
            _number("cumulative_pnl", "profit since the first snapshot, money"),
            _count("positions", "positions held"),
            _count("long_positions", "positions with positive exposure"),
            _count("short_positions", "positions with negative exposure"),
            _number("priced_share", "share of positions that have a price", low=0.0, high=1.0, null=True),
            _text("warnings", "codes, comma separated; empty when none"),
        ),
        ("snapshot_date",),
    ),
    Table(
        "snapshot_positions",
        "What was held at each snapshot, so that the next one can tell what changed.",
        (
            _date("snapshot_date", "trading day"),
            _text("position_id", "position"),
            _text("symbol", "symbol"),
            _number("quantity", "shares or contracts, negative when short"),
            _number("multiplier", "units a contract"),
            _number("price", "price a share that day; null when unpriced", null=True),
            _date("price_date", "day of that price", null=True),
            _number("exposure", "signed money", null=True),
            _number("pnl", "profit since the snapshot before, money; null on the first", null=True),
            _text(
                "change",
                "what happened since the snapshot before",
                values=("first", "held", "new", "increased", "reduced", "exited"),
            ),
            _text("flags", "reasons for anything unusual, comma separated; empty when none"),
        ),
        ("snapshot_date", "position_id"),
    ),
    Table(
        "portfolio_report",
        "The figures that the client page shows, for other programs.",
        (
            _text("section", "part of the page"),
            _text("item", "what the row is about"),
            _text("measure", "name of the figure"),
            _number("value", "the figure", null=True),
            _text("unit", "money, fraction, ratio, count or days"),
            _text("note", "reason when null, remark otherwise", null=True),
        ),
        ("section", "item", "measure"),
    ),
)

RISK = (
    Table(
        "portfolio_returns",
        "Daily returns of today's book through past markets; not a record.",
        (
            _date("date", "trading day"),
            _number("return", "profit of today's book on that day / net asset value, decimal"),
        ),
        ("date",),
    ),
    Table(
        "risk_metrics",
        "Measures of those returns by window and method.",
        (
            _text("metric", "name of the measure"),
            _text("window", "how far back", values=("1y", "3y", "5y", "all")),
            _text("method", "how it was computed"),
            _number("value", "the figure; null with its reason in flag", null=True),
            _text("unit", "fraction, ratio, count or probability"),
            _count("observations", "returns that went into it"),
            _text("flag", "reason or warning; empty when none"),
        ),
        ("metric", "window", "method"),
    ),
    Table(
        "drawdowns",
        "The deepest falls of today's book through past markets.",
        (
            _date("start", "day of the peak before the fall"),
            _date("trough", "day of the lowest point"),
            _date("recovery", "day on which the peak was reached again; null when not yet", null=True),
            _number("depth", "fall from the peak, negative decimal", high=0.0),
            _count("days", "trading days from the peak to recovery, or to the last day"),
        ),
        ("start",),
    ),
)

KEY_FIGURES = Table(
    "key_figures",
    "What a stage wants seen first; every stage writes one.",
    (
        _text("portfolio", "portfolio; null for a stage of the whole run", null=True),
        _text("name", "name of the figure"),
        _number("value", "the figure", null=True),
        _text("unit", "money, fraction, ratio, count, days or text"),
        _text("better", "which direction is better", values=("higher", "lower", "neither")),
        _text("sentence", "the figure read aloud"),
    ),
    ("name",),
)

TABLES = {table.name: table for table in (*RAW, *MARKET, *PORTFOLIO, *RISK, KEY_FIGURES)}
