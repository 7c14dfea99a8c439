"""Tables of how far the spread of a signal depends on chance, on the sample and on choices."""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import count, date, earned, flag, fraction, number, p_value, ratio, text

_CODE = text("code", "why there is no figure; empty when there is one", label="Note")

SIGNAL_ROBUSTNESS = (
    Table(
        "signal_bootstrap",
        "Mean, t and Sharpe ratio of the spread, and their intervals when dates are drawn anew in blocks.",
        (
            text("portfolio", "long_short before costs, net after them", values=("long_short", "net")),
            text("figure", "mean (a period), t or sharpe (a period)", values=("mean", "t", "sharpe")),
            number("observed", "the figure", null=True, absent="code"),
            number("error", "its error, Newey-West", null=True, absent="code"),
            number("low", "2.5% of draws are below", null=True, absent="code"),
            number("high", "2.5% of draws are above", null=True, absent="code"),
            number("studentised_low", "lower end, studentised", null=True, absent="not for t"),
            number("studentised_high", "upper end, studentised", null=True, absent="not for t"),
            fraction("at_or_below_zero", "share of draws at or below zero", null=True, absent="code"),
            count("periods", "periods"),
            count("draws", "draws"),
            number("block", "mean length of a block", null=True, unit="count", absent="code"),
            _CODE,
        ),
        ("portfolio", "figure"),
    ),
    Table(
        "signal_permutations",
        "The mean spread beside what the same values earn when they are handed out anew.",
        (
            text("way", "how values are handed out", values=("within_dates", "whole_paths", "placebo")),
            earned("observed", "mean spread a period, equal weights", null=True, absent="code"),
            earned("low", "2.5% of draws are below", null=True, absent="code"),
            earned("high", "2.5% of draws are above", null=True, absent="code"),
            p_value("p", "(1 + draws as large) / (draws + 1)", null=True, absent="code"),
            fraction(
                "alarms",
                "draws significant at 5% by Newey-West",
                null=True,
                label="False alarms",
                absent="code",
            ),
            ratio("persistence", "rank correlation with one formation before", null=True, absent="code"),
            count("draws", "draws"),
            _CODE,
        ),
        ("way",),
    ),
    Table(
        "signal_subsamples",
        "The spread in each part of the sample, and how far it differs from the rest.",
        (
            text("family", "how the sample is parted"),
            text("subsample", "the part", label="Part"),
            fraction("mean_annual", "mean a year", null=True, label="Mean a year", absent="code"),
            fraction("error_annual", "its error a year", null=True, absent="code"),
            ratio("t", "mean over its error", null=True, label="t", absent="code"),
            p_value("p", "p-value", null=True, absent="code"),
            p_value("p_holm", "corrected for all parts", null=True, label="p, Holm", absent="code"),
            fraction(
                "difference_annual",
                "less the rest, a year",
                null=True,
                label="Less the rest",
                absent="no rest",
            ),
            ratio("difference_t", "difference over its error", null=True, absent="no rest"),
            p_value("difference_p", "its p-value", null=True, label="its p", absent="no rest"),
            p_value(
                "difference_holm",
                "corrected",
                null=True,
                label="its p, Holm",
                absent="no rest",
            ),
            count("periods", "periods"),
            _CODE,
        ),
        ("family", "subsample"),
    ),
    Table(
        "signal_specifications",
        "The spread under every combination of lag, weights, groups and winsorising.",
        (
            text("specification", "its name"),
            text("kind", "the sort itself, or a variant", values=("sort", "variant")),
            number("lag", "sessions from a value to its use", null=True, unit="count", absent="as sorted"),
            text("weighting", "weights in the groups"),
            count("groups", "groups"),
            flag("winsorised", "whether returns are drawn in to 1% and 99% of their date"),
            fraction(
                "mean_annual", "mean a year, before costs", null=True, label="Mean a year", absent="code"
            ),
            fraction("low", "lower end of the 95% interval a year", null=True, absent="code"),
            fraction("high", "upper end of the 95% interval a year", null=True, absent="code"),
            ratio("t", "mean over its error, Newey-West", null=True, label="t", absent="code"),
            p_value("p", "p-value", null=True, absent="code"),
            flag("superior", "whether the stepwise test tells it from nothing after all others"),
            count("periods", "periods"),
            _CODE,
        ),
        ("specification",),
    ),
    Table(
        "signal_best_of_many",
        "Whether the best of all specifications and earlier tries beats nothing.",
        (
            text("test", "name of the test"),
            p_value("p", "p-value of the best", null=True, absent="code"),
            count("strategies", "strategies compared"),
            count("earlier", "of them earlier tries"),
            count("periods", "periods in common"),
            count("draws", "draws"),
            _CODE,
        ),
        ("test",),
    ),
    Table(
        "signal_outlook",
        "Wealth from 1 when past returns of the spread, after costs, are drawn in blocks and compounded.",
        (
            count("period", "periods from now"),
            ratio("low", "5% of draws are below"),
            ratio("middle", "half of them are below"),
            ratio("high", "5% of draws are above"),
            fraction("loss", "share of draws below 1"),
        ),
        ("period",),
        may_be_empty=True,
    ),
    Table(
        "signal_reproduced",
        "The sort's own spread beside the one computed here from its positions, by period.",
        (
            date("date", "end of the period"),
            earned("given", "spread in the table of the sort"),
            earned("computed", "positions times returns", null=True, absent="no firm"),
            earned("cut_anew", "groups cut here, equal weights", null=True, absent="too few firms"),
        ),
        ("date",),
        may_be_empty=True,
        dated="date",
    ),
)
