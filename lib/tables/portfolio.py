"""Tables of a portfolio: positions, Greeks, exposures, snapshots, what-if, the client report."""

from __future__ import annotations

from lib.contracts import Column, Table
from lib.conventions import KINDS, ORIGINS, POSITION_TYPES
from lib.tables.columns import (
    count,
    date,
    difference,
    figure,
    fraction,
    money,
    number,
    price,
    ratio,
    text,
)


def _book_greek(name: str, meaning: str) -> Column:
    return money(name, f"{meaning}; null where an option has none", null=True, absent="no Greeks")


def _group_greek(name: str, meaning: str, *, label: str = "") -> Column:
    absent = "an option has no Greeks, or all by hand"
    return money(name, f"{meaning}; null where an option has none", null=True, label=label, absent=absent)


PORTFOLIO = (
    Table(
        "positions",
        "Accepted rows of the portfolio file, valued at the as-of date.",
        (
            text("position_id", "symbol and entry date, with a number when both repeat"),
            text("symbol", "symbol, options in OCC form without spaces"),
            text("underlying", "symbol that the position moves with"),
            text("kind", "stock, etf, index, fund, option or manual", values=KINDS),
            text("position_type", "LONG, SHORT or option side", values=POSITION_TYPES, label="Type"),
            number("quantity", "shares or contracts held, negative when short; 0 once exited or expired"),
            number("file_quantity", "shares or contracts in the file, negative when short, exited or not"),
            number("multiplier", "units a contract: 100 for options, else 1", low=0.0),
            price("entry_price", "price a share at entry, on the basis of the price table", low=0.0),
            date("entry_date", "day of entry"),
            price(
                "price", "price a share at the as-of date; null when unpriced", null=True, absent="no price"
            ),
            date("price_date", "day of that price", null=True),
            price("underlying_price", "price of an option's underlying; null otherwise", null=True),
            money("market_value", "|quantity| x price x multiplier, money", null=True, absent="no price"),
            money("exposure", "quantity x price x multiplier, signed money", null=True, absent="no price"),
            money("cost_basis", "quantity x entry price x multiplier, signed money"),
            money(
                "unrealized_pnl",
                "exposure - cost basis, money",
                null=True,
                label="Unrealised profit",
                absent="no price",
            ),
            date("exit_date", "day of exit or settlement; null while held", null=True),
            price("exit_price", "price a share at exit or settlement", null=True, low=0.0),
            money(
                "realized_pnl",
                "profit from entry to exit, money; null while held",
                null=True,
                label="Realised profit",
            ),
            money("daily_pnl", "profit of the last trading day, money", null=True, label="Profit of the day"),
            fraction("daily_return", "price return of the last trading day, decimal", null=True),
            fraction("weight", "exposure / net asset value, signed", null=True, absent="no price"),
            fraction(
                "weight_gross",
                "|exposure| / gross exposure",
                null=True,
                label="Weight by gross",
                absent="no price",
            ),
            text("sector", "sector of the underlying", null=True),
            text("tags", "tags, comma separated; empty when none"),
            date("expiry", "option expiry", null=True),
            price("strike", "option strike", null=True),
            text("right", "C or P", null=True),
            text("origin", "where the price comes from; null without one", null=True, values=ORIGINS),
            text("flags", "reasons for anything unusual, comma separated; empty when none"),
        ),
        ("position_id",),
        may_be_empty=True,
    ),
    Table(
        "row_issues",
        "Every row of the portfolio file that was rejected or warned about.",
        (
            count("line", "line in the file, the header being line 1; 0 for the whole file", unit="text"),
            text("severity", "what happened to the row", values=("rejected", "warning", "info")),
            text("code", "fixed code of the rule"),
            text("column", "column concerned", null=True, absent="whole row"),
            text("value", "the text that was found", null=True, absent="none"),
            text("message", "what was found and the mend, for people"),
        ),
        may_be_empty=True,
    ),
    Table(
        "exposures",
        "Totals of the book.",
        (
            text(
                "measure", "nav, cash, free cash, gross, net, long, short, counts, notional, delta-adjusted"
            ),
            number("value", "money, or a number for counts; null where not computable", null=True),
        ),
        ("measure",),
    ),
    Table(
        "exposure_groups",
        "Exposure, profit, Greeks and counts by tag, strategy, underlying, sector, type and expiry.",
        (
            text(
                "dimension",
                "what the book is cut by; groups of tag, strategy and tag_set overlap and must not be added",
                values=(
                    "tag",
                    "strategy",
                    "tag_set",
                    "underlying",
                    "sector",
                    "position_type",
                    "expiry_bucket",
                ),
            ),
            text("group", "value of the dimension; of a set + stands for all of its tags, | for any"),
            money("gross", "sum of |exposure|, money", low=0.0),
            money("net", "sum of exposure, money"),
            money("long", "sum of positive exposure, money", low=0.0),
            money("short", "sum of negative exposure, money", high=0.0),
            money(
                "delta_adjusted",
                "sum of dollar deltas, money; null where an option has none",
                null=True,
                label="Delta",
                absent="an option has no Greeks, or all by hand",
            ),
            _group_greek("gamma_dollars", "change of the delta for 1 %", label="Gamma"),
            _group_greek("theta", "money a calendar day"),
            _group_greek("vega", "money a volatility point"),
            _group_greek("rho", "money a percentage point of rate"),
            money(
                "daily_pnl",
                "profit of the last trading day, money; null where no position has one",
                null=True,
                label="Profit of the day",
                absent="no profit of the day",
            ),
            money(
                "unrealized_pnl",
                "exposure - cost basis of what has a price, money",
                null=True,
                label="Unrealised profit",
                absent="no price",
            ),
            money("realized_pnl", "profit of what was exited or has expired, money", label="Realised profit"),
            count("positions", "priced positions in the group"),
            count("long_positions", "positions with positive exposure", label="Long"),
            count("short_positions", "positions with negative exposure", label="Short"),
            count(
                "without_daily_pnl",
                "positions held that have no profit of the day and are not in that sum",
                label="Without profit of the day",
            ),
        ),
        ("dimension", "group"),
        may_be_empty=True,
    ),
    Table(
        "snapshots",
        "One row a trading day on which the portfolio was run.",
        (
            date("snapshot_date", "trading day", label="Day"),
            money("nav", "net asset value, money", label="Net asset value"),
            money("cash", "cash, money"),
            money("gross", "gross exposure, money", low=0.0),
            money("net", "net exposure, money"),
            money("long", "long exposure, money", low=0.0),
            money("short", "short exposure, money", high=0.0),
            _book_greek("delta_dollars", "sum of dollar deltas"),
            _book_greek("gamma_dollars", "change of dollar delta for 1 %"),
            _book_greek("theta", "money a calendar day"),
            _book_greek("vega", "money a volatility point"),
            _book_greek("rho", "money a percentage point of rate"),
            money(
                "daily_pnl",
                "profit since the snapshot before, money; null on the first",
                null=True,
                label="Profit",
                absent="first snapshot",
            ),
            money("dividends", "part of it that is dividends, money; null on adjusted prices", null=True),
            fraction(
                "daily_return",
                "profit / net asset value of the snapshot before",
                null=True,
                absent="first snapshot",
            ),
            money("cumulative_pnl", "profit since the first snapshot, money", label="Cumulative profit"),
            count("positions", "positions held"),
            count("long_positions", "positions with positive exposure"),
            count("short_positions", "positions with negative exposure"),
            fraction("priced_share", "share of positions that have a price", low=0.0, high=1.0, null=True),
            text("warnings", "codes, comma separated; empty when none"),
        ),
        ("snapshot_date",),
    ),
    Table(
        "snapshot_positions",
        "What was held at each snapshot, so that the next one can tell what changed.",
        (
            date("snapshot_date", "trading day", label="Day"),
            text("position_id", "position"),
            text("symbol", "symbol"),
            number("quantity", "shares or contracts, negative when short"),
            number("multiplier", "units a contract"),
            price("price", "price a share that day; null when unpriced", null=True, absent="no price"),
            date("price_date", "day of that price", null=True),
            money("exposure", "signed money", null=True, absent="no price"),
            money(
                "pnl",
                "profit since the snapshot before, money; null on the first",
                null=True,
                label="Profit",
                absent="no snapshot before, or no price",
            ),
            text(
                "change",
                "what happened since the snapshot before",
                values=("first", "held", "new", "increased", "reduced", "exited"),
            ),
            text("flags", "reasons for anything unusual, comma separated; empty when none"),
        ),
        ("snapshot_date", "position_id"),
        may_be_empty=True,
    ),
    Table(
        "portfolio_report",
        "The figures that the client page shows, for other programs.",
        (
            text("section", "part of the page"),
            text("item", "what the row is about"),
            text("measure", "name of the figure"),
            number("value", "the figure", null=True, absent="note"),
            text("unit", "money, fraction, ratio, count or days"),
            text("note", "reason when null, remark otherwise", null=True),
        ),
        ("section", "item", "measure"),
    ),
)

GREEK_TABLES = (
    Table(
        "greeks",
        "Sensitivities of each option position; nulls carry their reason in flags.",
        (
            text("position_id", "position"),
            text("symbol", "option in OCC form"),
            text("underlying", "symbol of the underlying"),
            price("underlying_price", "price of the underlying", null=True),
            fraction("implied_vol", "annual volatility used, decimal", null=True),
            text(
                "implied_vol_source",
                "where it comes from; null when there is none",
                null=True,
                values=(
                    "price",
                    "implied_vols",
                    "implied_vols_by_strike",
                    "prices_by_strike",
                    "realised_60d",
                ),
                label="Volatility from",
            ),
            fraction("rate", "continuously compounded, decimal", null=True),
            fraction("dividend_yield", "annual, decimal", null=True),
            ratio("years_to_expiry", "days to expiry / 365", null=True),
            text(
                "model",
                "which prices it: a binomial tree where early exercise can pay, else the closed form",
                null=True,
                values=("american", "european"),
            ),
            price("model_price", "price a share by the model", null=True),
            ratio("delta", "a share", null=True),
            number("gamma", "a share", null=True),
            price("theta", "a share and calendar day", null=True),
            price("vega", "a share and volatility point", null=True),
            price("rho", "a share and percentage point of rate", null=True),
            number("position_delta", "delta x multiplier x quantity, shares", null=True),
            number("position_gamma", "gamma x multiplier x quantity", null=True),
            money("position_theta", "money a calendar day", null=True, label="Theta"),
            money("position_vega", "money a volatility point", null=True, label="Vega"),
            money("position_rho", "money a percentage point of rate", null=True, label="Rho"),
            money("delta_dollars", "position delta x price of the underlying, money", null=True),
            money(
                "gamma_dollars", "position gamma x price^2 / 100: change of delta dollars for 1 %", null=True
            ),
            text("flags", "reasons, comma separated; empty when none"),
        ),
        ("position_id",),
        may_be_empty=True,
    ),
    Table(
        "portfolio_greeks",
        "Sums over the book; delta_dollars counts stocks and funds at their exposure.",
        (
            text(
                "greek",
                "name",
                values=("delta_dollars", "gamma_dollars", "theta", "vega", "rho"),
                label="For",
            ),
            money(
                "value",
                "money; null when nothing could be computed",
                null=True,
                label="Money",
                absent="no Greeks",
            ),
            count("positions_included", "positions in the sum", label="In"),
            count("positions_excluded", "positions without the figure", label="Left out"),
        ),
        ("greek",),
    ),
    Table(
        "what_if",
        "Every measure of the book, of the book after the trades, and the change.",
        (
            text("section", "exposures, greeks, betas, scenarios, stress, correlations or risk"),
            text("measure", "name of the measure"),
            figure("base", "of today's book", null=True, label="Today"),
            figure("modified", "after the trades", null=True, label="After the trades"),
            difference("change", "modified - base", null=True),
            text("unit", "money, fraction, ratio or count"),
        ),
        ("section", "measure"),
    ),
    Table(
        "what_if_alternatives",
        "Every measure of today's book and of the book after each of several what-ifs.",
        (
            text("what_if", "name of its trades file", label="What-if"),
            text("section", "exposures, greeks, betas, scenarios, stress, correlations or risk"),
            text("measure", "name of the measure"),
            number("base", "of today's book", null=True, label="Today"),
            number("modified", "after the trades", null=True, label="After the trades"),
            number("change", "modified - base", null=True),
            text("unit", "money, fraction, ratio or count"),
        ),
        ("what_if", "section", "measure"),
    ),
    Table(
        "what_if_trades",
        "The trades that were asked for, and those that are suggested.",
        (
            text("kind", "asked for in the trades file, or suggested", values=("asked", "suggested")),
            text(
                "purpose",
                "what it is for; null where the trades file does not say",
                null=True,
                absent="not said",
            ),
            text("action", "BUY SELL SHORT COVER CLOSE SET"),
            text("symbol", "symbol"),
            number(
                "quantity",
                "signed change of quantity; null for a trade that is left out",
                null=True,
                label="Change in units",
                absent="left out",
            ),
            price("price", "price a share", null=True, absent="no price"),
            money("notional", "signed money", null=True, label="Money", absent="left out"),
            *(
                money(name, f"{meaning}, by a suggestion alone; null where asked", null=True, label=label)
                for name, meaning, label in (
                    (
                        "specific_change",
                        "change of the deviation of a day of what is specific",
                        "Specific risk",
                    ),
                    ("factor_var_change", "change of the factor value at risk, 95 %", "Factor value at risk"),
                    ("past_var_change", "change of the value at risk of a year, 95 %", "Value at risk"),
                    ("cost", "estimated cost of trading", "Cost"),
                )
            ),
            text("flags", "remarks, comma separated; empty when none"),
        ),
        may_be_empty=True,
    ),
)
