"""Tables of the event study: abnormal returns, tests, groups by the signal, and what could not be studied."""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import date, fraction, number, ratio, text
from lib.tables.signals import moment

TRUST = ("yes", "conditional", "no")
EVERYONE, HIGHEST, LOWEST, GAP = "all", "highest", "lowest", "difference"
"""Of the paths: all events, the highest and the lowest group of each day, and the first less the second."""

_VERDICT = (
    text("trusted", "whether its assumptions hold for these events", values=TRUST, label="Holds here"),
    text(
        "reason", "why not, or under what condition", null=True, label="Because", absent="nothing against it"
    ),
)

EVENT_TABLES = (
    Table(
        "event_ar",
        "Abnormal returns of each event and firm by day of the window.",
        (
            text("event", "id of the event"),
            text("entity", "firm concerned", label="Firm"),
            number("day", "session counted from the event day, which is 0", unit="count"),
            date("session", "session of the return"),
            date("date", "session at whose close all of this event and firm was known", label="Known"),
            fraction("abnormal_return", "return less what the model expected", null=True, absent="no price"),
            fraction("error", "error of its forecast, estimation included", null=True, absent="no price"),
        ),
        ("event", "entity", "day"),
        dated="date",
    ),
    Table(
        "event_car",
        "Cumulative abnormal return of each event and firm, with what it was measured by.",
        (
            text("event", "id of the event"),
            text("entity", "firm concerned", label="Firm"),
            moment("known_at", "moment at which the event was public", label="Public"),
            date("session", "event day, the first session at whose close it was public", label="Event day"),
            date("date", "session at whose close all of this event and firm was known", label="Known"),
            number("days", "days of the window with a return", unit="count", low=0.0),
            fraction("car", "sum of abnormal returns over the window", label="CAR"),
            fraction("error", "error of its forecast, estimation included"),
            ratio("standardised", "sum over the error of its forecast", label="SCAR"),
            fraction("alpha", "what the model expects with the market at rest, a day"),
            ratio("beta", "what the model expects for a market's return of one"),
            fraction("sigma", "deviation of the residuals of estimation, a day"),
            number("observations", "days of estimation", unit="count", low=0.0),
            number(
                "value",
                "value of the signal that was known before the window",
                null=True,
                absent="none was known",
            ),
            number(
                "group",
                "group by that value among members on that day, 1 for the lowest",
                null=True,
                unit="count",
                absent="no value or too few firms",
            ),
            number(
                "groups", "groups on that day", null=True, unit="count", absent="no value or too few firms"
            ),
            text("flags", "codes of what is particular, comma separated"),
        ),
        ("event", "entity"),
        dated="date",
    ),
    Table(
        "event_drops",
        "Events and firms that could not be studied, with the reason.",
        (
            text("event", "id of the event"),
            text("entity", "firm concerned", null=True, label="Firm", absent="all"),
            moment("known_at", "moment at which the event was public", label="Public"),
            text("reason", "code of the reason", label="Reason"),
        ),
        may_be_empty=True,
    ),
    Table(
        "event_tests",
        "Tests of the mean abnormal return, of each day and of the window, and which can be trusted here.",
        (
            text("test", "name of the test"),
            number("first_day", "first day of what is tested", unit="count", label="From day"),
            number("last_day", "last day of what is tested", unit="count", label="To day"),
            fraction("mean", "mean abnormal return over these days", null=True, absent="no event"),
            number("statistic", "the statistic", null=True, absent="no spread or too few events"),
            number(
                "df",
                "degrees of freedom; none where normal, exact or counted",
                null=True,
                unit="ratio",
                label="Degrees of freedom",
                absent="none",
            ),
            number(
                "p",
                "two-sided probability when there is no effect",
                null=True,
                unit="p_value",
                label="p",
                absent="no statistic",
            ),
            number("n", "events behind it", unit="count", label="Events", low=0.0),
            ratio(
                "correlation",
                "mean correlation of the events before, where the test uses it",
                null=True,
                absent="not used",
            ),
            *_VERDICT,
        ),
        ("test", "first_day", "last_day"),
        may_be_empty=True,
    ),
    Table(
        "event_paths",
        "Mean cumulative abnormal return by day, of all, of highest and lowest group, with bands.",
        (
            text(
                "group",
                "all events, those in the highest or lowest group of their day, or the difference",
                values=(EVERYONE, HIGHEST, LOWEST, GAP),
            ),
            number("day", "session counted from the event day", unit="count"),
            fraction("mean", "mean cumulative abnormal return"),
            fraction("low", "lower end of the band", null=True, absent="too few days"),
            fraction("high", "upper end of the band", null=True, absent="too few days"),
            number("n", "events behind it", unit="count", label="Events", low=1.0),
        ),
        ("group", "day"),
        may_be_empty=True,
    ),
    Table(
        "event_quartiles",
        "Groups of events by the value of the signal that was known before.",
        (
            number("groups", "groups on the day of the event", unit="count", low=2.0, label="Of groups"),
            number("group", "group, 1 for the lowest values", unit="count", low=1.0),
            number("n", "events in it", unit="count", label="Events", low=1.0),
            fraction("mean_car", "mean cumulative abnormal return", label="Mean CAR"),
            fraction("median_car", "median of it", label="Median CAR"),
            fraction("sd", "deviation between events", null=True, label="Deviation", absent="one event"),
            number("lowest", "lowest value of the signal", label="Lowest value"),
            number("highest", "highest value of the signal", label="Highest value"),
            number("ended", "firms whose end is in it", unit="count", label="Ended in the window", low=0.0),
        ),
        ("groups", "group"),
        may_be_empty=True,
    ),
    Table(
        "event_differences",
        "Does the signal tell which firms an event hits: highest group less lowest, and slopes.",
        (
            text("test", "name of the test"),
            fraction(
                "estimate", "difference, or slope for one deviation of the signal", null=True, absent="none"
            ),
            number("statistic", "the statistic", null=True, absent="no spread or too few events"),
            number(
                "df",
                "degrees of freedom; none where normal, exact or counted",
                null=True,
                unit="ratio",
                label="Degrees of freedom",
                absent="none",
            ),
            number(
                "p",
                "two-sided probability when there is no difference",
                null=True,
                unit="p_value",
                label="p",
                absent="none",
            ),
            number("n", "events, dates or draws behind it", unit="count", label="Events", low=0.0),
            *_VERDICT,
        ),
        ("test",),
        may_be_empty=True,
    ),
    Table(
        "event_placebos",
        "The same measured where nothing happened: draws of dates whose windows overlap no event.",
        (
            number("draw", "number of the draw; 0 is the real list", unit="count", low=0.0),
            date("session", "event day of it", null=True, absent="a date for each real one"),
            number("n", "events and firms in it", unit="count", low=0.0),
            fraction(
                "mean_car", "mean cumulative abnormal return", null=True, label="Mean CAR", absent="none"
            ),
            fraction("difference", "highest group less lowest", null=True, absent="a group is empty"),
        ),
        ("draw",),
        may_be_empty=True,
    ),
)
