"""Tables of the report on a signal: what each test says, the bar that it must pass, what overturns it."""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import number, ratio, text

DIRECTIONS = ("as_expected", "against", "not_told", "not_asked", "not_measured")
VERDICTS = ("passed", "failed", "unknown")
_NO = "not measured"

REPORT = (
    Table(
        "signal_evidence",
        "What each test says of the hypothesis, its sign turned so that above zero is as expected.",
        (
            text("test", "what was asked"),
            text("stage", "stage that answers it"),
            number("estimate", "its size; above zero is as the hypothesis says", null=True, absent=_NO),
            text("unit", "fraction, ratio or probability"),
            ratio("t", "size over its error", null=True, label="t", absent="not given"),
            number("p", "p-value, two sides", null=True, unit="p_value", label="p", absent="not given"),
            text(
                "direction",
                "what it says of the hypothesis",
                values=DIRECTIONS,
            ),
        ),
        ("test",),
    ),
    Table(
        "signal_bar",
        "What the signal must show, set beforehand, and what it shows.",
        (
            text("criterion", "what is asked"),
            number("bar", "what it must reach, or stay under"),
            number("found", "what was found", null=True, absent=_NO),
            text("unit", "fraction, ratio or probability"),
            text("rule", "at least or at most", values=("at_least", "at_most")),
            text("verdict", "passed, failed or unknown", values=VERDICTS),
        ),
        ("criterion",),
    ),
    Table(
        "signal_overturn",
        "What would overturn the answer: each doubt with its worst case.",
        (
            text("doubt", "what may be otherwise"),
            number("usual", "the figure as it stands", null=True, absent=_NO),
            number("worst", "the figure in the worst case", null=True, absent=_NO),
            text("unit", "fraction, bp, count or days"),
            text("overturns", "yes, no or unknown", values=("yes", "no", "unknown")),
        ),
        ("doubt",),
    ),
)
