"""Tables that sum up the sorts of a signal: tests, costs, delays, rank correlations, parts, today's list."""

from __future__ import annotations

from lib.contracts import Column, Table
from lib.tables.columns import count, date, earned, flag, fraction, number, ratio, text
from lib.tables.signal_sorts import BASE, WEIGHTINGS

SIDES = ("long", "short", "middle")
_SORT = text("sort", f"{BASE}, or what else was sorted by")
_WEIGHTING = text("weighting", "how firms of a group are weighted", values=WEIGHTINGS)
_CODE = text("code", "why there is no figure, or what to mind; empty when neither", label="Note")
_PERIODS = count("periods", "holding periods")


def _p_value(name: str, meaning: str, label: str = "") -> Column:
    return number(name, meaning, null=True, unit="p_value", label=label, absent="too few periods")


def _mean_test() -> tuple[Column, ...]:
    few = "too few periods"
    return (
        earned("mean", "mean return a period", null=True, absent=few),
        earned("error", "its standard error", null=True, absent=few),
        ratio("t", "mean over its error", label="t", null=True, absent=few),
        _p_value("p", "p-value, two sides, Student's t with one degree less than periods", "p"),
        earned("low", "lower end of the 95% interval", null=True, absent=few),
        earned("high", "upper end of the 95% interval", null=True, absent=few),
    )


SORT_SUMMARIES = (
    Table(
        "signal_sort_dates",
        "At each formation date how many firms could be sorted, and why others could not.",
        (
            date("date", "formation date"),
            count("members", "firms in the universe"),
            count("not_traded", "members without a return that day"),
            count("without_value", "traded members without a value, or with one that is too old"),
            count("sorted", "firms with a value"),
            count("without_cap", "of them without a market value"),
            count("groups", "groups of that date, 0 where none could be made"),
            count("delisted", "sorted firms that left the market before the next date"),
            count("assumed", "of them firms whose last return is assumed"),
            count("vanished", "sorted firms whose returns end although no delisting is told"),
            text("flags", "what to mind, comma separated", label="Notes"),
        ),
        ("date",),
        may_be_empty=True,
    ),
    Table(
        "signal_sort_summary",
        "Each group, the difference and the difference after costs: mean, risk and test.",
        (
            _SORT,
            _WEIGHTING,
            text("portfolio", "group and its number, long_short or net"),
            *_mean_test(),
            count("lags", "lags of the error, Newey and West's rule"),
            earned("deviation", "standard deviation a period", null=True, absent="too few periods"),
            ratio("sharpe", "mean over deviation, a year", null=True, absent="too few periods"),
            fraction("hit_rate", "share of periods above zero", null=True, absent="no period"),
            fraction("max_drawdown", "deepest fall, periods compounded", null=True, absent="no period"),
            fraction("turnover", "mean turnover, first period left out", null=True, absent="one period"),
            number("firms", "firms in it on average", null=True, unit="count", absent="no period"),
            _PERIODS,
            _CODE,
        ),
        ("sort", "weighting", "portfolio"),
        may_be_empty=True,
    ),
    Table(
        "signal_sort_tests",
        "The mean of the difference tested with other lags, and by resampling dates.",
        (
            _WEIGHTING,
            text("portfolio", "long_short, or net after costs"),
            text("method", "newey_west, percentile or studentised"),
            text("figure", "mean a period, or sharpe a year", values=("mean", "sharpe")),
            count("lags", "lags of the error; of a bootstrap the mean length of its blocks"),
            flag("by_rule", "whether lags follow Newey and West's rule"),
            number("value", "the figure", null=True, absent="too few periods"),
            number("error", "its error", null=True, absent="too few periods"),
            ratio("t", "figure over its error", null=True, label="t", absent="too few periods"),
            count("freedom", "degrees of freedom, 0 for a bootstrap"),
            _p_value("p", "p-value, two sides; of a bootstrap the share of draws beyond zero, doubled", "p"),
            number("low", "lower end of the 95% interval", null=True, absent="too few periods"),
            number("high", "upper end of the 95% interval", null=True, absent="too few periods"),
            _PERIODS,
        ),
        ("weighting", "portfolio", "method", "figure", "lags", "by_rule"),
        may_be_empty=True,
    ),
    Table(
        "signal_sort_monotonicity",
        "Whether means rise from group to group as the hypothesis says.",
        (
            _WEIGHTING,
            count("groups", "groups of the dates that are judged"),
            _PERIODS,
            ratio("spearman", "rank correlation of means with the group", null=True, absent="code"),
            ratio("smallest_step", "smallest step up, in errors of it", null=True, absent="code"),
            _p_value("p", "Patton and Timmermann's test against means that do not rise", "p"),
            _CODE,
        ),
        ("weighting",),
        may_be_empty=True,
    ),
    Table(
        "signal_sort_costs",
        "What trading the difference costs, by weighting and slippage, and how much money it carries.",
        (
            _WEIGHTING,
            text("slippage", "share of the spread that a trade pays", values=("low", "normal", "high")),
            earned("gross", "mean return a period before costs", null=True, absent="no period"),
            earned("spread", "mean cost of spreads", null=True, absent="no period"),
            earned("commission", "mean commission", null=True, absent="no period"),
            earned("impact", "mean market impact", null=True, absent="no period"),
            earned("borrow", "mean fee for the short side", null=True, absent="no period"),
            earned("net", "mean return after costs", null=True, absent="no period"),
            ratio("net_t", "t of it", null=True, label="t", absent="too few periods"),
            fraction("traded", "money traded a period, both sides", null=True, absent="no period"),
            number("break_even", "one-way cost that leaves nothing", null=True, unit="bp", absent="no trade"),
            number("capacity", "money on each side that leaves nothing", null=True, absent="no impact known"),
            fraction("without_cap", "share of positions with a spread that stands in", null=True),
            fraction("without_volume", "share of positions with an impact that stands in", null=True),
        ),
        ("weighting", "slippage"),
        may_be_empty=True,
    ),
    Table(
        "signal_sort_delays",
        "The difference when groups are bought and sold some sessions later.",
        (count("delay", "sessions after the formation", unit="days"), *_mean_test(), _PERIODS),
        ("delay",),
        may_be_empty=True,
    ),
    Table(
        "signal_sort_delistings",
        "The difference under other returns of firms that left the market, where the source does not say.",
        (
            fraction("assumed_return", "return that is assumed of them"),
            flag("own", "whether it is the setting of this run"),
            *_mean_test(),
            count("firms", "firms in the groups that it concerns"),
            count("in_sides", "of them in the long or short group"),
            _PERIODS,
        ),
        ("assumed_return",),
        may_be_empty=True,
    ),
    Table(
        "signal_rank_ic",
        "Rank correlation of the signal with the returns that follow, by formation date and horizon.",
        (
            count("horizon", "sessions of the return", unit="days"),
            date("start", "formation date, at whose close the value was known"),
            date("date", "last session of the return"),
            ratio("rank_ic", "Spearman's rank correlation over firms", null=True, absent="too few firms"),
            count("firms", "firms with both"),
        ),
        ("horizon", "start"),
        may_be_empty=True,
        dated="date",
    ),
    Table(
        "signal_ic_decay",
        "Mean rank correlation by horizon; the interval counts overlapping windows as what they are.",
        (
            count("horizon", "sessions of the return", unit="days"),
            ratio("mean", "mean rank correlation", null=True, absent="no window is over"),
            ratio("error", "its error", null=True, absent="too few windows"),
            ratio("low", "lower end of the 95% interval", null=True, absent="too few windows"),
            ratio("high", "upper end of the 95% interval", null=True, absent="too few windows"),
            fraction("as_expected", "share of dates with the sign of the hypothesis", null=True),
            count("overlap", "later formation dates within a window"),
            count("dates", "formation dates"),
        ),
        ("horizon",),
        may_be_empty=True,
    ),
    Table(
        "signal_components",
        "Each part of the signal sorted alone, its test adjusted for the number of parts.",
        (
            text("component", "part of the signal", label="Part"),
            *_mean_test(),
            _p_value("bonferroni", "p times the number of parts"),
            _p_value("holm", "p adjusted by Holm"),
            _p_value("bh", "p adjusted by Benjamini and Hochberg", "Benjamini-Hochberg"),
            _p_value("by", "p adjusted by Benjamini and Yekutieli", "Benjamini-Yekutieli"),
            ratio("correlation", "mean rank correlation with the signal", null=True, absent="no value"),
            _PERIODS,
            _CODE,
        ),
        ("component",),
        may_be_empty=True,
    ),
    Table(
        "signal_double_sort",
        "Groups of the signal within groups of firms that are alike in something else.",
        (
            text("control", "what firms are alike in"),
            count("control_group", "group of it, 1 for the lowest; 0 for all together"),
            text("portfolio", "group of the signal and its number, or long_short"),
            *_mean_test(),
            number("firms", "firms in it on average", null=True, unit="count", absent="no period"),
            _PERIODS,
            _CODE,
        ),
        ("control", "control_group", "portfolio"),
        may_be_empty=True,
    ),
    Table(
        "signal_today",
        "The groups by the values known at the last session.",
        (
            date("date", "session at whose close values are known"),
            text("entity", "firm concerned", label="Firm"),
            text("symbol", "symbol that it trades under", null=True, absent="none"),
            text("name", "name for people"),
            number("value", "value of the signal"),
            count("group", "group, 1 for the lowest values"),
            count("groups", "groups"),
            text("side", "side of the difference", values=SIDES),
            fraction("position", "signed weight in the difference"),
        ),
        ("entity",),
        may_be_empty=True,
    ),
)
