"""Tables of what known factors leave of a signal's spread, and of what luck leaves of its Sharpe ratio."""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import count, date, flag, fraction, number, ratio, text

SERIES = ("holding", "month", "day")
"""Periods that a regression is on: holding periods, calendar months made of days, sessions."""
PARTS = ("cash", "alpha", "premium", "residual")

_PORTFOLIO = text("portfolio", "long_short, long, short, or group and its number")
_SERIES = text("series", "periods: holding, month (of days) or day", values=SERIES)
_MODEL = text("model", "CAPM, FF3, Carhart, FF5 or FF6")
_CODE = text("code", "why there is no figure, or what to mind; empty when neither", label="Note")

SIGNAL_ALPHAS = (
    Table(
        "signal_alphas",
        "What each factor model leaves of each portfolio's return, with Newey-West errors.",
        (
            _PORTFOLIO,
            _SERIES,
            _MODEL,
            count("lags", "lags of the errors"),
            flag("by_rule", "whether the lags follow the rule for the number of observations"),
            fraction("alpha", "return a period that the factors leave", null=True, absent="code"),
            fraction("alpha_annual", "the same times the periods a year", null=True, absent="code"),
            fraction("error", "standard error a period", null=True, absent="code"),
            ratio("t", "alpha over its error", null=True, label="t", absent="code"),
            number("p", "p-value, two sides", null=True, unit="p_value", label="p", absent="code"),
            fraction("low", "lower end of the 95% interval a year", null=True, absent="code"),
            fraction("high", "upper end of the 95% interval a year", null=True, absent="code"),
            ratio("r_squared", "share of variance explained", null=True, label="R²", absent="code"),
            ratio("adjusted", "R² for the number of factors", null=True, label="Adjusted R²", absent="code"),
            count("observations", "periods"),
            count("factors", "factors of the model"),
            count("needed", "periods that it needs"),
            number("periods_a_year", "periods a year", null=True, unit="count", absent="code"),
            _CODE,
        ),
        ("portfolio", "series", "model", "lags", "by_rule"),
        may_be_empty=True,
    ),
    Table(
        "signal_betas",
        "How each portfolio moves with each factor.",
        (
            _PORTFOLIO,
            _SERIES,
            _MODEL,
            text("factor", "factor"),
            ratio("beta", "return for a return of one of the factor"),
            ratio("error", "standard error, Newey-West by the rule"),
            ratio("t", "beta over its error", null=True, label="t", absent="no variation"),
            number("p", "p-value, two sides", null=True, unit="p_value", label="p", absent="no variation"),
        ),
        ("portfolio", "series", "model", "factor"),
        may_be_empty=True,
    ),
    Table(
        "signal_rolling",
        "Alpha and betas of the spread over a moving window of the past.",
        (
            date("date", "last day of the window"),
            text("series", "periods of the window: month (of days) or day", values=SERIES),
            text("model", "model of the window: named, or the richest whose factors it has throughout"),
            text("term", "alpha (a year) or the factor"),
            number("value", "alpha a year as a decimal, or the beta"),
            number("error", "classical standard error, alpha's a year"),
            count("window", "periods of the window"),
        ),
        ("date", "series", "term"),
        may_be_empty=True,
        dated="date",
    ),
    Table(
        "signal_attribution",
        "Each period's return in parts that add up to it, by the betas of all periods: in hindsight.",
        (
            _PORTFOLIO,
            _SERIES,
            _MODEL,
            date("date", "end of the period"),
            text("part", "what the part is", values=PARTS),
            text("factor", "factor of a premium; the part otherwise"),
            fraction("value", "return of the part over the period"),
        ),
        ("portfolio", "date", "part", "factor"),
        may_be_empty=True,
    ),
    Table(
        "signal_joint_alphas",
        "Whether all alphas of a set of portfolios are zero: the groups of the signal, and known portfolios.",
        (
            text("portfolios", "groups, or the name of a set of known portfolios"),
            text("frequency", "length of the periods"),
            _MODEL,
            text("test", "test statistic", values=("grs", "wald", "robust")),
            number("statistic", "its value", null=True, absent="code"),
            count("numerator", "portfolios, the first degrees of freedom"),
            number("denominator", "second degrees of freedom of F", null=True, unit="count", absent="code"),
            number("p", "p-value", null=True, unit="p_value", label="p", absent="code"),
            fraction("mean_size", "mean size of the alphas a period", null=True, absent="code"),
            count("observations", "periods"),
            _CODE,
        ),
        ("portfolios", "frequency", "model", "test"),
        may_be_empty=True,
    ),
    Table(
        "signal_candidates",
        "Every version of the spread that luck had to choose among: this one, its neighbours, earlier tries.",
        (
            text("candidate", "its name, or the fingerprint of its settings"),
            text("kind", "what it is", values=("own", "neighbour", "earlier")),
            ratio("sharpe", "Sharpe ratio a period", null=True, absent="no result"),
            count("observations", "periods in common with this one"),
            number("cluster", "cluster of those that move together", null=True, unit="count", absent="code"),
            _CODE,
        ),
        ("candidate", "kind"),
        may_be_empty=True,
    ),
    Table(
        "signal_deflation",
        "The Sharpe ratio of the spread, how sure it is, and what the number of tries leaves of it.",
        (
            text("figure", "name of the figure", label="Figure"),
            number("value", "the figure", null=True, absent="code"),
            text("unit", "fraction, ratio, count or probability"),
            _CODE,
        ),
        ("figure",),
    ),
    Table(
        "signal_overfitting",
        "For each split of time: the version that was best in one half, and what it was worth in the other.",
        (
            count("split", "number of the split"),
            text("chosen", "version that was best inside"),
            ratio("inside", "its Sharpe ratio a period inside"),
            ratio("outside", "its Sharpe ratio a period outside"),
            fraction("relative_rank", "its place outside, 1 for the best"),
        ),
        ("split",),
        may_be_empty=True,
    ),
    Table(
        "signal_risk",
        "Return and risk of the spread before and after costs, and of its two sides.",
        (
            text("portfolio", "long_short before costs, net after them, long or short"),
            _SERIES,
            text("metric", "name of the measure", label="Measure"),
            number("value", "the measure", null=True, absent="code"),
            text("unit", "fraction, ratio or count"),
            count("observations", "periods"),
            count("periods_a_year", "periods a year"),
            _CODE,
        ),
        ("portfolio", "series", "metric"),
        may_be_empty=True,
    ),
)
