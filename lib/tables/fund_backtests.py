"""Tables of the fund backtest, of model portfolios and of comparisons.

Rows of a backtest are dated by the day on which they could be said: a position by the day of the decision, a
correlation of scores with later returns by the last day of these returns.
"""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import count, date, days, flag, fraction, number, ratio, text

TRADES = ("buy", "sell", "redeemed", "moved")
SERIES = ("portfolio", "benchmark")
SKILLS = ("rank_ic", "rank_ic_in_category", "quartile_spread")
NEXT = ("1", "2", "3", "4", "unranked", "ended")
PROFILES = ("conservative", "moderately_conservative", "balanced", "moderately_aggressive", "aggressive")
CASH = "CASH"
"""Stands where a fund's id would for what is in no fund."""

DAILY = Table(
    "fund_backtest_daily",
    "Return of the chosen funds and of the benchmark by day, from the first purchase on.",
    (
        date("date", "day"),
        fraction("portfolio_return", "return of the day after costs, decimal"),
        fraction("benchmark_return", "return of the benchmark", null=True, absent="no benchmark"),
        fraction("gross_return", "return of the day before costs, decimal"),
        fraction("turnover", "the larger of bought and sold, of the value before trading", low=0.0),
        fraction("cost", "costs of switches and exit loads, of the value before trading", low=0.0),
        fraction("cash", "share in no fund at the end of the day", low=0.0),
        count("n_funds", "funds held at the end of the day"),
    ),
    ("date",),
    dated="date",
)

POSITIONS = Table(
    "fund_backtest_positions",
    "What was chosen at each rebalance date, by what was known then; one row for cash where it is left over.",
    (
        date("rebalance_date", "day of the decision; bought on the next business day", label="Decided"),
        text("fund_id", "fund chosen, or CASH", label="Fund"),
        text("name", "name on that day"),
        text("category", "category on that day", null=True, absent="cash"),
        fraction("weight", "target weight, decimal", low=0.0),
        number("total_score", "points of 100", null=True, absent="cash"),
        number("score_scaled", "points of 100 that could be won", null=True, absent="cash"),
        number("quartile", "quartile in its category", null=True, unit="count", absent="unranked, or cash"),
        date("score_date", "day of the score used", null=True, absent="no score"),
        text("flags", "codes, comma separated; empty when none"),
        text("origin", "the worst origin of the score that it rests on"),
    ),
    ("rebalance_date", "fund_id"),
    dated="rebalance_date",
)

FUND_TRADES = Table(
    "fund_backtest_trades",
    "Every purchase and sale, every fund that ended while it was held, and what it cost.",
    (
        date("date", "day of the NAV traded at; of an end the day on which it was known"),
        text("fund_id", "fund traded", label="Fund"),
        text(
            "action",
            "buy, sell, redeemed at its last NAV, or moved to its successor",
            values=TRADES,
        ),
        fraction("amount", "of the value of the portfolio before trading", low=0.0),
        fraction("cost", "switch cost or exit load, of the same value", low=0.0),
        number("nav", "NAV traded at", null=True, unit="price", label="NAV", absent="no NAV yet"),
        text("successor", "fund that its units became", null=True, absent="none"),
    ),
    may_be_empty=True,
    dated="date",
)

METRICS = Table(
    "fund_backtest_metrics",
    "Measures of the backtest and of its benchmark over the same days, and where random funds stand.",
    (
        text("metric", "name of the measure", label="Measure"),
        text("series", "portfolio or benchmark", values=SERIES),
        text("method", "how it is computed where there is more than one way"),
        number("value", "the measure", null=True, absent="flag"),
        text("unit", "fraction, ratio, count or days"),
        count("observations", "returns that it rests on"),
        text("flag", "why it is missing or not to be trusted; empty when neither"),
    ),
    ("metric", "series", "method"),
)

MONTHS = Table(
    "fund_backtest_months",
    "Returns by calendar month, labelled by its last day.",
    (
        date("month", "last day of the month"),
        fraction("portfolio_return", "return of the month after costs"),
        fraction("benchmark_return", "return of the benchmark", null=True, absent="no benchmark"),
        flag("complete", "whether the whole month was invested"),
    ),
    ("month",),
    may_be_empty=True,
    dated="month",
)

CONTRIBUTIONS = Table(
    "fund_contributions",
    "What each fund added: weight times return, summed over days; costs as a row of their own.",
    (
        text("fund_id", "fund, or COSTS", label="Fund"),
        text("name", "name when it was last chosen"),
        text("category", "category when it was last chosen", null=True, absent="costs"),
        fraction("contribution", "sum over days of weight times return"),
        fraction("average_weight", "mean weight over all days", low=0.0),
        count("days_held", "days on which it was held"),
        date("first_day", "first day held", null=True, absent="costs"),
        date("last_day", "last day held", null=True, absent="costs"),
        text("origin", "the worst origin of its NAVs"),
    ),
    ("fund_id",),
    may_be_empty=True,
)

IC = Table(
    "fund_score_ic",
    "How the scores of a date went with the returns that followed, by horizon.",
    (
        date("score_date", "day of the scores"),
        count("horizon_months", "length of the later return, months", low=1),
        text(
            "measure",
            "rank correlation over all funds or within categories, or quartile 1 less quartile 4",
            values=SKILLS,
        ),
        ratio("value", "the correlation, or the difference of mean returns, decimal"),
        count("funds", "funds with a score and a return"),
        date("known_on", "last day of the returns"),
    ),
    ("score_date", "horizon_months", "measure"),
    may_be_empty=True,
    dated="known_on",
)

SKILL = Table(
    "fund_score_skill",
    "Mean of each measure over the score dates, with its 95% interval.",
    (
        text("measure", "as in fund_score_ic", values=SKILLS),
        count("horizon_months", "length of the later return, months", low=1, label="Months ahead"),
        ratio("mean", "mean over the score dates", null=True, absent="no complete window"),
        ratio("low", "lower end of the 95% interval", null=True, absent="too few dates"),
        ratio("high", "upper end of the 95% interval", null=True, absent="too few dates"),
        ratio("std_error", "standard error for overlapping windows", null=True, absent="too few dates"),
        count("dates", "score dates"),
        number("independent", "windows that do not overlap", low=0.0),
        fraction("positive", "share of dates above zero", null=True, absent="no complete window"),
    ),
    ("measure", "horizon_months"),
)

TRANSITIONS = Table(
    "fund_quartile_transitions",
    "Where funds of each quartile were later: in which quartile, without a rank, or ended.",
    (
        count("horizon_months", "how much later, months", low=1),
        count("quartile", "quartile at first", low=1),
        text("later", "quartile later, unranked or ended", values=NEXT),
        count("funds", "pairs of fund and date"),
        fraction("share", "of the funds of that quartile", low=0.0, high=1.0),
    ),
    ("horizon_months", "quartile", "later"),
    may_be_empty=True,
)

RANDOM = Table(
    "fund_backtest_random",
    "The same backtest, before costs, on funds drawn at random; draw 0 is that of the scores.",
    (
        count("draw", "number of the draw; 0 for the scores"),
        fraction("cumulative_return", "return over the whole time"),
        fraction("annual_return", "a year, by calendar days", null=True, absent="under a year"),
        fraction("annual_volatility", "standard deviation a year", null=True, absent="too few days"),
        ratio("sharpe", "arithmetic, a year", null=True, absent="no variation"),
        fraction("max_drawdown", "deepest fall, negative", high=0.0),
    ),
    ("draw",),
    may_be_empty=True,
)

SETTINGS = Table(
    "fund_backtest_settings",
    "The same backtest under neighbouring settings: how much the result owes to the choice of them.",
    (
        text("rebalance", "how often"),
        count("top_n", "funds chosen"),
        text("selection", "overall or by category"),
        text("weighting", "equal or by score"),
        flag("chosen", "whether these are the settings of the page"),
        fraction("cumulative_return", "return over the whole time after costs"),
        fraction("annual_return", "a year, by calendar days", null=True, absent="under a year"),
        ratio("sharpe", "arithmetic, a year", null=True, absent="no variation"),
        fraction("max_drawdown", "deepest fall, negative", high=0.0),
    ),
    ("rebalance", "top_n", "selection", "weighting"),
    may_be_empty=True,
)

TRIALS = Table(
    "fund_backtest_trials",
    "Every choice of settings that a run of an earlier day, or this one, looked at.",
    (
        text("settings", "the settings, as written"),
        date("first_day", "as-of date of the first run with them"),
        ratio("sharpe", "what that run found, a year", null=True, absent="no variation"),
    ),
    ("settings",),
)

BACKTEST = (
    DAILY, POSITIONS, FUND_TRADES, METRICS, MONTHS, CONTRIBUTIONS, IC, SKILL, TRANSITIONS, RANDOM, SETTINGS,
    TRIALS,
)  # fmt: skip

MODEL_PORTFOLIOS = (
    Table(
        "model_portfolios",
        "Funds and weights of each risk profile; what finds no fund within the limits is cash.",
        (
            text("profile", "risk profile", values=PROFILES),
            text("fund_id", "fund, or CASH", label="Fund"),
            text("name", "name of the fund"),
            text("house", "house that runs it", null=True, absent="not known, or cash"),
            text("category", "its category", null=True, absent="cash"),
            text("sleeve", "part of the mix that it fills", null=True, absent="cash"),
            fraction("weight", "share of the portfolio, decimal", low=0.0, high=1.0),
            number("score_scaled", "points of 100 that could be won", null=True, absent="cash"),
            text("recommendation", "buy or hold", null=True, absent="cash"),
            fraction("expense_ratio", "a year, decimal", null=True, absent="not known, or cash"),
            text("origin", "the worst origin of its score"),
        ),
        ("profile", "fund_id"),
    ),
    Table(
        "model_sleeves",
        "What each profile asks of a sleeve, what funds fill of it, and why the rest is cash.",
        (
            text("profile", "risk profile", values=PROFILES),
            text("sleeve", "part of the mix"),
            fraction("base", "share by the table of profiles", low=0.0, high=1.0),
            fraction("target", "share after the stance of the market", low=0.0, high=1.0),
            fraction("filled", "share that is in funds", low=0.0, high=1.0),
            fraction("cash", "share left in cash", low=0.0, high=1.0),
            count("candidates", "funds that could fill it"),
            text("reason", "why a part is cash; empty where none is"),
        ),
        ("profile", "sleeve"),
    ),
    Table(
        "model_portfolio_measures",
        "What each profile costs, and how much its funds hold the same.",
        (
            text("profile", "risk profile", values=PROFILES),
            text("measure", "name of the measure"),
            number("value", "the measure", null=True, absent="not known"),
            text("unit", "fraction, ratio or count"),
            fraction("covered", "share of the money in funds for which it is known", low=0.0, high=1.0),
        ),
        ("profile", "measure"),
    ),
    Table(
        "model_portfolio_styles",
        "Sectors and sizes of what the funds of each profile hold, as last disclosed.",
        (
            text("profile", "risk profile", values=PROFILES),
            text("dimension", "sector, or size of the companies", values=("sector", "cap")),
            text("item", "the sector or size; not disclosed for the rest"),
            fraction("weight", "share of the money in funds", low=0.0),
        ),
        ("profile", "dimension", "item"),
        may_be_empty=True,
    ),
    Table(
        "model_overlaps",
        "How much of their holdings two funds of a model portfolio share.",
        (
            text("fund_1", "one fund"),
            text("fund_2", "another"),
            fraction("overlap", "sum over holdings of the smaller weight", low=0.0, high=1.0),
            date("holding_date", "day of the older of both lists"),
        ),
        ("fund_1", "fund_2"),
        may_be_empty=True,
    ),
)

COMPARISON = (
    Table(
        "fund_comparison",
        "Two to five funds side by side, over the days that they have in common.",
        (
            text("fund_id", "fund compared", label="Fund"),
            text("metric", "what is compared", label="Measure"),
            number("value", "the measure", null=True, absent="flag"),
            text("unit", "fraction, ratio, number or count"),
            number(
                "rank_in_set",
                "1 is the best; ties share the average",
                null=True,
                low=1.0,
                absent="flag",
                label="Rank",
            ),
            text("better", "which direction is better", values=("higher", "lower", "neither")),
            text("flag", "why it is missing; empty where it is not"),
        ),
        ("fund_id", "metric"),
    ),
    Table(
        "fund_comparison_window",
        "The funds compared, and the days that they have in common.",
        (
            text("fund_id", "fund compared", label="Fund"),
            text("name", "its name"),
            text("category", "its category", null=True, absent="not scored"),
            date("first_nav", "first NAV known", label="First NAV"),
            date("last_nav", "last NAV known", label="Last NAV"),
            date("first_common", "first day that all have a NAV"),
            date("last_common", "last such day"),
            days("common_days", "days on which all have a NAV", low=0.0),
            text("origin", "the worst origin of its NAVs"),
        ),
        ("fund_id",),
    ),
)
