"""Tables of the quantile sorts: who was in which group, and what groups and their difference earned."""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import date, flag, fraction, number, ratio, text

WEIGHTINGS = ("equal", "value")
BASE = "base"
"""The sort by the signal itself; others are by a part, within sectors, or in two steps."""

SORTS = (
    Table(
        "signal_groups",
        "At each formation date who was in which group, and with what weight in the difference.",
        (
            date("date", "formation date, at whose close values and weights are known"),
            text("entity", "firm concerned", label="Firm"),
            number("value", "value of the signal that was known"),
            number("group", "group, 1 for the lowest values", unit="count", low=1.0),
            number("groups", "groups of that date", unit="count", low=1.0),
            fraction("weight", "weight in its group"),
            fraction("position", "signed weight in the difference; 0 in the middle groups"),
        ),
        ("date", "entity"),
        may_be_empty=True,
        dated="date",
    ),
    Table(
        "group_returns",
        "What each group earned over each holding period, before costs.",
        (
            text("sort", f"{BASE}, or what else was sorted by"),
            text("weighting", "how firms of a group are weighted", values=WEIGHTINGS),
            date("start", "close at which the group is bought"),
            date("date", "close at which it is sold, the end of the return"),
            number("group", "group, 1 for the lowest values", unit="count", low=1.0),
            number("groups", "groups of that date", unit="count", low=1.0),
            fraction("return", "return of the group over the period, weights drifting", null=True),
            number("firms", "firms in it", unit="count", low=0.0),
            number("delisted", "firms in it that left the market", unit="count", low=0.0),
            fraction("turnover", "half the sum of changes of weight at the start", null=True, low=0.0),
        ),
        ("sort", "weighting", "start", "group"),
        may_be_empty=True,
        dated="date",
    ),
    Table(
        "long_short",
        "The difference that the hypothesis expects to earn: by holding period, before and after costs.",
        (
            text("sort", f"{BASE}, or what else was sorted by"),
            text("weighting", "how firms of a group are weighted", values=WEIGHTINGS),
            date("start", "close at which it is bought"),
            date("date", "close at which it is sold, the end of the return"),
            fraction("return", "return of the long group less that of the short group"),
            fraction("long_return", "return of the group that should earn more"),
            fraction("short_return", "return of the group that should earn less"),
            fraction("turnover", "turnover of both groups together", low=0.0),
            fraction("cost", "cost of turnover and of borrowing", low=0.0),
            fraction("net", "return after costs"),
        ),
        ("sort", "weighting", "start"),
        may_be_empty=True,
        dated="date",
    ),
    Table(
        "long_short_daily",
        "The same by session, the sort by the signal itself, weights drifting within a holding period.",
        (
            date("date", "session"),
            fraction("return", "return of the long group less that of the short group"),
            fraction("long_return", "return of the group that should earn more"),
            fraction("short_return", "return of the group that should earn less"),
            fraction("cost", "cost charged that day", low=0.0),
            fraction("net", "return after costs"),
            flag("formation", "whether the groups were formed anew at the close before"),
        ),
        ("date",),
        may_be_empty=True,
        dated="date",
    ),
)

TRIALS = (
    Table(
        "trials",
        "Every other specification of the signal that was ever carried out, once each.",
        (
            text("specification", "fingerprint of the settings, first 16 figures"),
            text("stage", "stage that carried it out"),
            text("settings", "settings that differ from one specification to another, as JSON"),
            number("observations", "periods of its result", unit="count", low=0.0),
            ratio("sharpe", "its Sharpe ratio a period", null=True, absent="no result"),
        ),
        ("specification",),
        may_be_empty=True,
    ),
    Table(
        "trial_returns",
        "What each other specification earned, period by period, before costs.",
        (
            text("specification", "fingerprint of the settings, first 16 figures"),
            date("date", "end of the period"),
            fraction("return", "return of the long group less that of the short group"),
        ),
        ("specification", "date"),
        may_be_empty=True,
    ),
)
