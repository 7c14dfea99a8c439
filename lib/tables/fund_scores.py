"""Tables of the market score and of the fund scores, both with their history."""

from __future__ import annotations

from lib.contracts import Column, Table
from lib.tables.columns import count, date, fraction, money, number, text

STANCES = ("bullish", "neutral", "bearish")
RECOMMENDATIONS = ("STRONG_BUY", "BUY", "HOLD", "REVIEW", "SELL", "STRONG_SELL")
"""From the best on; the strong ones by the scheme ``five_level`` only, REVIEW for want of data there."""
HISTORICAL = {"return_3m": 5, "return_6m": 10, "return_1y": 10, "return_3y": 8, "return_5y": 7}
RISK_GRADE = {
    "std_dev_1y": 5,
    "std_dev_3y": 5,
    "updown_capture_1y": 8,
    "updown_capture_3y": 8,
    "max_drawdown": 4,
}
OTHER = {"sectoral_similarity": 10, "forward_score": 10, "aum_size": 5, "expense_ratio": 5}
EXTRAS = ("rolling_return", "tracking_difference", "load_adjusted_return", "plan_return")
DETAILS = ("growth", "year", "sector")
STATISTICS = ("value", "lowest", "quarter", "median", "three_quarters", "highest", "below_zero")
LEAVES = {**HISTORICAL, **RISK_GRADE, **OTHER}
"""The 14 sub-scores and the most points of each: 40 + 30 + 30."""


def _points(name: str, most: float) -> Column:
    said = f"points of {most:g}; null where there is no data for it"
    return number(name, said, null=True, low=0.0, high=float(most), absent="no data")


def _value(leaf: str) -> Column:
    said = "raw value of the sub-score"
    make = money if leaf == "aum_size" else fraction
    return make(f"{leaf}_value", said, null=True, absent="no data")


MARKET_SCORE = Table(
    "market_score",
    "Each indicator of the market score by month, its blocks, and the total with the stance.",
    (
        date("score_date", "day of the score"),
        text("block", "block of indicators; total for the whole"),
        text("indicator", "indicator; total for the whole block"),
        number(
            "value",
            "what was observed; of a total its points of 100 or of the block",
            null=True,
            absent="status",
        ),
        text("unit", "unit of the value"),
        number("points", "points won", null=True, absent="status"),
        number("max_points", "points that could be won with the data there is", low=0.0),
        date("period_end", "period of the observation", null=True, absent="status"),
        date("released", "day on which it was published", null=True, absent="status"),
        text(
            "status",
            "ok, missing, stale, or incomplete for a total",
            values=("ok", "missing", "stale", "incomplete"),
        ),
        text(
            "stance",
            "of the row total/total: bullish, neutral or bearish; else null",
            null=True,
            values=STANCES,
            absent="status",
        ),
        text("origin", "the worst origin of what it rests on"),
    ),
    ("score_date", "block", "indicator"),
    dated="score_date",
)

FUND_SCORES = Table(
    "fund_scores",
    "The score of each fund at the end of each month: raw values, points, rank and recommendation.",
    (
        date("score_date", "day of the score"),
        text("fund_id", "fund scored", label="Fund"),
        text("name", "name on that day"),
        text("category", "category on that day"),
        text("peer_group", "category or subcategory in which it is ranked"),
        *(_value(leaf) for leaf in LEAVES),
        *(_points(leaf, most) for leaf, most in LEAVES.items()),
        number("historical_returns", "points of 40", low=0.0, high=40.0),
        number("risk_grade", "points of 30", low=0.0, high=30.0),
        number("other_metrics", "points of 30", low=0.0, high=30.0),
        number("total_score", "points of 100", low=0.0, high=100.0),
        number("score_available_max", "points that could be won with the data there is", low=0.0, high=100.0),
        number(
            "score_scaled",
            "100 times the points won over those that could be won",
            null=True,
            low=0.0,
            high=100.0,
            absent="no data",
        ),
        number(
            "quartile",
            "1 is the best quarter of the category",
            null=True,
            low=1.0,
            high=4.0,
            unit="count",
            absent="flags",
        ),
        number(
            "category_rank",
            "1 is the best of the category; ties share the average",
            null=True,
            low=1.0,
            absent="flags",
        ),
        count("category_total", "funds ranked in the category"),
        fraction(
            "percentile",
            "share of the category that it is at least as good as",
            null=True,
            low=0.0,
            high=1.0,
            absent="flags",
        ),
        text("recommendation", "what the scheme of the list advises", values=RECOMMENDATIONS),
        text(
            "market_stance", "stance of the market score used", null=True, values=STANCES, absent="incomplete"
        ),
        date("market_score_date", "day of the market score used", null=True, absent="none"),
        text("flags", "codes, comma separated; empty when none"),
        text("origin", "the worst origin of what it rests on"),
    ),
    ("score_date", "fund_id"),
    may_be_empty=True,
    dated="score_date",
)

SCORE_ISSUES = Table(
    "fund_score_issues",
    "Funds that were asked for and could not be scored on a date.",
    (
        date("score_date", "day of the score"),
        text("fund_id", "fund concerned", label="Fund"),
        text("check", "why it has no score", label="Reason"),
    ),
    ("score_date", "fund_id"),
    may_be_empty=True,
    dated="score_date",
)

FUND_EXTRAS = Table(
    "fund_extras",
    "What is shown beside the score and never in it, on the as-of date.",
    (
        text("fund_id", "fund concerned", label="Fund"),
        text("measure", "what is measured", values=EXTRAS),
        text("window", "years that it looks at", values=("1y", "3y", "5y")),
        text("statistic", "of a distribution its part; value otherwise", values=STATISTICS),
        fraction("value", "the figure, a decimal, a year over more than a year"),
        count("observations", "periods, months or payments that it rests on"),
    ),
    ("fund_id", "measure", "window", "statistic"),
    may_be_empty=True,
)

FUND_OVERLAP = Table(
    "fund_overlap",
    "Share of the portfolio that two of the best funds have in common, from the lists last disclosed.",
    (
        text("fund_id", "one fund", label="Fund"),
        text("other_id", "the other", label="Other fund"),
        fraction("overlap", "sum over holdings of the smaller of both weights", low=0.0),
        count("common", "holdings that both have"),
    ),
    ("fund_id", "other_id"),
    may_be_empty=True,
)

FUND_DETAILS = Table(
    "fund_details",
    "One fund: growth of 10,000 beside its benchmark, returns of calendar years, shares by sector.",
    (
        text("fund_id", "fund shown", label="Fund"),
        text("part", "growth of 10,000, return of a year, share of a sector", values=DETAILS),
        text("item", "fund or benchmark; of a share its sector"),
        date("date", "day of the level, last day of the year", null=True, absent="of the last list"),
        number("value", "money, or a decimal"),
    ),
    ("part", "item", "date"),
)

SCORES = (MARKET_SCORE, FUND_SCORES, SCORE_ISSUES, FUND_EXTRAS, FUND_OVERLAP, FUND_DETAILS)
