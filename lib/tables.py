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

FACTOR_TABLES = (
    Table(
        "factor_returns",
        "Daily simple returns of the factors' proxies; a basket is the equal-weighted mean of its members.",
        (
            _date("date", "trading day"),
            _text("factor", "name of the factor"),
            _number("return", "simple return of the day, decimal"),
        ),
        ("date", "factor"),
    ),
    Table(
        "factor_correlations",
        "Exponentially weighted correlations of the factors, zero mean, both directions and the diagonal.",
        (
            _text("factor_1", "name of a factor"),
            _text("factor_2", "name of a factor"),
            _number("correlation", "correlation", null=True, low=-1.0000001, high=1.0000001),
            _count("observations", "common days"),
            _number("effective_observations", "(sum of weights)^2 / sum of squared weights", null=True),
        ),
        ("factor_1", "factor_2"),
    ),
    Table(
        "factor_diagnostics",
        "What stands for each factor, and how far it can be told from the others.",
        (
            _text("factor", "name of the factor"),
            _text("proxy", "symbol, or members of a basket, comma separated"),
            _count("observations", "days in the window"),
            _number("vif", "variance inflation factor against the others", null=True),
            _number("max_correlation", "largest |correlation| with another factor", null=True),
            _text("nearest", "the factor with that correlation", null=True),
            _number(
                "condition_number", "of the factors' correlation matrix, the same on every row", null=True
            ),
            _text("warning", "codes, comma separated; empty when none"),
            _text("origin", "real, or constructed for a basket", values=ORIGINS),
        ),
        ("factor",),
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
            _number(
                "delta_adjusted", "sum of dollar deltas, money; null where an option has none", null=True
            ),
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
            _number("delta_dollars", "sum of dollar deltas; null where an option has none", null=True),
            _number(
                "gamma_dollars", "change of dollar delta for 1 %; null where an option has none", null=True
            ),
            _number("theta", "money a calendar day; null where an option has none", null=True),
            _number("vega", "money a volatility point; null where an option has none", null=True),
            _number("rho", "money a percentage point of rate; null where an option has none", null=True),
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

GREEK_TABLES = (
    Table(
        "greeks",
        "Sensitivities of each option position; nulls carry their reason in flags.",
        (
            _text("position_id", "position"),
            _text("symbol", "option in OCC form"),
            _text("underlying", "symbol of the underlying"),
            _number("underlying_price", "price of the underlying", null=True),
            _number("implied_vol", "annual volatility used, decimal", null=True),
            _text(
                "implied_vol_source",
                "where it comes from; null when there is none",
                null=True,
                values=("price", "implied_vols", "realised_60d"),
            ),
            _number("rate", "continuously compounded, decimal", null=True),
            _number("dividend_yield", "annual, decimal", null=True),
            _number("years_to_expiry", "days to expiry / 365", null=True),
            _number("model_price", "price a share by the model", null=True),
            _number("delta", "a share", null=True),
            _number("gamma", "a share", null=True),
            _number("theta", "a share and calendar day", null=True),
            _number("vega", "a share and volatility point", null=True),
            _number("rho", "a share and percentage point of rate", null=True),
            _number("position_delta", "delta x multiplier x quantity, shares", null=True),
            _number("position_gamma", "gamma x multiplier x quantity", null=True),
            _number("position_theta", "money a calendar day", null=True),
            _number("position_vega", "money a volatility point", null=True),
            _number("position_rho", "money a percentage point of rate", null=True),
            _number("delta_dollars", "position delta x price of the underlying, money", null=True),
            _number(
                "gamma_dollars", "position gamma x price^2 / 100: change of delta dollars for 1 %", null=True
            ),
            _text("flags", "reasons, comma separated; empty when none"),
        ),
        ("position_id",),
    ),
    Table(
        "portfolio_greeks",
        "Sums over the book; delta_dollars counts stocks and funds at their exposure.",
        (
            _text("greek", "name", values=("delta_dollars", "gamma_dollars", "theta", "vega", "rho")),
            _number("value", "money; null when nothing could be computed", null=True),
            _count("positions_included", "positions in the sum"),
            _count("positions_excluded", "positions without the figure"),
        ),
        ("greek",),
    ),
    Table(
        "what_if",
        "Every measure of the book, of the book after the trades, and the change.",
        (
            _text("section", "exposures, greeks, betas, scenarios, stress, correlations or risk"),
            _text("measure", "name of the measure"),
            _number("base", "of today's book", null=True),
            _number("modified", "after the trades", null=True),
            _number("change", "modified - base", null=True),
            _text("unit", "money, fraction, ratio or count"),
        ),
        ("section", "measure"),
    ),
    Table(
        "what_if_trades",
        "The trades that were asked for, and those that are suggested.",
        (
            _text("kind", "asked for in the trades file, or suggested", values=("asked", "suggested")),
            _text("purpose", "why it is suggested; null when asked", null=True),
            _text("action", "BUY SELL SHORT COVER CLOSE SET"),
            _text("symbol", "symbol"),
            _number("quantity", "signed change of quantity; null for a trade that is left out", null=True),
            _number("price", "price a share", null=True),
            _number("notional", "signed money", null=True),
            _text("flags", "remarks, comma separated; empty when none"),
        ),
    ),
)

RISK = (
    Table(
        "var_components",
        "How the positions make up the factor value at risk; the values add up to it.",
        (
            _text("position_id", "position"),
            _text("method", "factor_var_95 or factor_var_99"),
            _number("value", "one day, money, positive when it adds risk", null=True),
            _number("share", "of the whole", null=True),
        ),
        ("position_id", "method"),
    ),
    Table(
        "position_betas",
        "What each underlying moves with: one regression a position and method.",
        (
            _text("position_id", "position"),
            _text("symbol", "underlying whose returns are explained"),
            _text("method", "which regression", values=("univariate", "multivariate", "orthogonal")),
            _text("factor", "name of the factor"),
            _number("beta", "coefficient, capped; null with its reason in quality", null=True),
            _number("beta_raw", "coefficient before the cap", null=True),
            _number("std_error", "classical standard error", null=True),
            _number("t_stat", "coefficient / standard error", null=True),
            _number("p_value", "two-sided, Student's t", null=True),
            Column("capped", "bool", "whether the cap bound"),
            _number("r_squared", "of the whole regression", null=True),
            _number("specific_vol", "daily standard deviation of the residual, decimal", null=True),
            _count("observations", "common returns"),
            _text("quality", "full_history, limited_history, or why there is no beta"),
        ),
        ("position_id", "method", "factor"),
    ),
    Table(
        "portfolio_betas",
        "Betas of the book, their money, and their part of its variance (orthogonal: adds up to one).",
        (
            _text("method", "which regression"),
            _text("factor", "name of the factor, specific, or total"),
            _number("beta", "sum of delta-adjusted exposure x beta / base", null=True),
            _number("dollar_exposure", "sum of delta-adjusted exposure x beta, money", null=True),
            _number("variance_share", "part of the variance; null where shares do not add up", null=True),
            _text("base", "what betas are divided by", values=("nav", "gross")),
        ),
        ("method", "factor"),
    ),
    Table(
        "factor_attribution",
        "Return of today's book on past days by factor; components add up to the total.",
        (
            _date("date", "trading day"),
            _text("component", "a factor, specific, or total"),
            _number("contribution", "return of the day, decimal of the base"),
        ),
        ("date", "component"),
    ),
    Table(
        "scenario_pnl",
        "What moves of the market and of rates would do to the book.",
        (
            _text("scenario", "name"),
            _text("kind", "what moves", values=("market", "rates")),
            _text("tenor", "tenor whose betas are used; null for the market", null=True),
            _number("shock", "move of the market as decimal, of rates in basis points"),
            _number("linear_pnl", "by betas and deltas alone, money", null=True),
            _number("gamma_pnl", "linear and half gamma times the square of the move, money", null=True),
            _number("pnl", "with options revalued, money", null=True),
            _number("pnl_fraction", "pnl / base", null=True),
            _text("flags", "codes, comma separated; empty when none"),
        ),
        ("scenario", "kind", "tenor"),
    ),
    Table(
        "rate_betas",
        "How each underlying moves with a Treasury yield, the market held fixed.",
        (
            _text("position_id", "position"),
            _text("symbol", "underlying"),
            _text("tenor", "tenor of the yield", values=TENORS),
            _number("beta_per_bp", "return for one basis point", null=True),
            _number("t_stat", "coefficient / standard error", null=True),
            _number("r_squared", "of the whole regression", null=True),
            _count("observations", "common days"),
            _text("quality", "full_history, limited_history, or why there is no beta"),
        ),
        ("position_id", "tenor"),
    ),
    Table(
        "stress_pnl",
        "Each stress scenario: shocked factors alone, and with the others at their conditional mean.",
        (
            _text("scenario", "id of the scenario"),
            _text("name", "name for people"),
            _text("category", "market, rates, rotation, volatility, historical, replay or custom"),
            _text("severity", "mild, moderate, severe or extreme"),
            _number("direct_pnl", "named shocks only, money", null=True),
            _number("conditional_pnl", "others at their conditional mean, money", null=True),
            _number("correlation_effect", "conditional - direct, money", null=True),
            _number("pnl_fraction", "conditional / base", null=True),
            _number("sigmas", "size of the scenario in daily standard deviations", null=True),
            _text("flags", "codes, comma separated; empty when none"),
        ),
        ("scenario",),
    ),
    Table(
        "stress_positions",
        "What each position does in each scenario.",
        (
            _text("scenario", "id of the scenario"),
            _text("position_id", "position"),
            _number("direct_pnl", "named shocks only, money", null=True),
            _number("conditional_pnl", "others at their conditional mean, money", null=True),
        ),
        ("scenario", "position_id"),
    ),
    Table(
        "stress_factors",
        "What each factor's move does to the book in each scenario; option revaluation apart.",
        (
            _text("scenario", "id of the scenario"),
            _text("factor", "a factor, rates, or revaluation (the rest that linear effects leave)"),
            _number(
                "shock", "move of the factor in the conditional scenario, decimal or basis points", null=True
            ),
            _number("direct_pnl", "money", null=True),
            _number("conditional_pnl", "money", null=True),
        ),
        ("scenario", "factor"),
    ),
    Table(
        "position_correlations",
        "Correlations of the underlyings' log returns, both directions and the diagonal.",
        (
            _text("symbol_1", "underlying"),
            _text("symbol_2", "underlying"),
            _number("correlation", "Pearson's, on common days", null=True, low=-1.0000001, high=1.0000001),
            _count("observations", "common days"),
            _number("p_value", "two-sided, Fisher's z", null=True),
        ),
        ("symbol_1", "symbol_2"),
    ),
    Table(
        "clusters",
        "Underlyings that move together, one row a member.",
        (
            _text("method", "how they were joined", values=("linked", "average")),
            Column("cluster", "int", "number, 1 the largest", low=1),
            _text("nickname", "name for people"),
            _text("symbol", "member"),
            _number("weight", "|delta-adjusted exposure| / sum over all", null=True),
            _number("correlation_to_cluster", "mean with the other members", null=True),
            _number("average_correlation", "mean over the cluster's pairs", null=True),
            _number("min_correlation", "smallest over the cluster's pairs", null=True),
        ),
        ("method", "cluster", "symbol"),
    ),
    Table(
        "concentration",
        "How many independent positions the book amounts to.",
        (
            _text("measure", "name"),
            _number("value", "the figure; null where not computable", null=True),
            _text("note", "reason when null, remark otherwise", null=True),
        ),
        ("measure",),
    ),
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

TABLES = {
    table.name: table
    for table in (*RAW, *MARKET, *FACTOR_TABLES, *PORTFOLIO, *GREEK_TABLES, *RISK, KEY_FIGURES)
}
