"""Tables of signals and of what they are tested on: what a provider gives, and what passed the checks.

An entity is a firm, fund or bank as the source names it. Everything has its clock: a value of a signal and
a figure from a report have the moment (UTC) at which they were known, a return is known at the close of its
day.
"""

from __future__ import annotations

from dataclasses import replace

from lib.contracts import Column, Table
from lib.tables.columns import SOURCE, date, flag, fraction, money, number, text

FREQUENCIES = ("daily", "monthly", "quarterly", "annual")
REASONS = ("failed", "merged", "taken_over", "moved", "unknown")
TOTAL = "total"
"""The component that is the signal itself; others are its parts."""


def moment(name: str, meaning: str, *, null: bool = False, label: str = "", absent: str = "") -> Column:
    """A moment in UTC."""
    return Column(name, "moment", meaning, null, label=label, absent=absent)


ENTITY = (
    text("universe", "list that the entity belongs to"),
    text("entity", "id of the firm, as the source writes it", label="Firm"),
    date("valid_from", "day from which symbol, name and sector hold", label="Since"),
    text("symbol", "symbol that it trades under", null=True, absent="none"),
    text("name", "name for people"),
    text("sector", "sector as the source writes it", null=True, absent="not given"),
    date("known_at", "day on which it was known", label="Known"),
    *SOURCE,
)

MEMBERSHIP = (
    text("universe", "list concerned"),
    text("entity", "firm concerned", label="Firm"),
    date("date", "day from which it is in the list, or no longer"),
    flag("member", "whether it is in the list from this day on"),
    date("known_at", "day on which it was known", label="Known"),
    *SOURCE,
)

RETURN = (
    text("entity", "firm concerned", label="Firm"),
    date("date", "session of the return, known at its close"),
    fraction("return", "simple return of the day, dividends included", low=-1.0),
    money("market_cap", "market value at the close; null where the source has none", null=True, low=0.0),
    money("traded_value", "money traded that day; null where the source has none", null=True, low=0.0),
    *SOURCE,
)

DELISTING = (
    text("entity", "firm concerned", label="Firm"),
    date("date", "first session on which it could no longer be traded"),
    text("reason", "why it left", values=REASONS),
    fraction(
        "return", "return from the last price to what holders got; null where unknown", null=True, low=-1.0
    ),
    date("known_at", "day on which it was known", label="Known"),
    *SOURCE,
)

ENTITY_FACT = (
    text("entity", "firm concerned", label="Firm"),
    text("item", "what the number is, such as leverage"),
    number("value", "the number"),
    date("period_end", "last day of the period that it is of", label="Period"),
    moment("known_at", "moment at which it was known", label="Known"),
    *SOURCE,
)

BENCHMARK_RETURN = (
    text("benchmark", "name of the index"),
    date("date", "session of the return, known at its close"),
    fraction("return", "simple return of the day", low=-1.0),
    *SOURCE,
)

FACTOR_SET_RETURN = (
    text("factor_set", "collection of factors, such as french-us"),
    text("frequency", "length of the periods", values=FREQUENCIES),
    date("date", "last day of the period"),
    text("factor", "Mkt-RF, SMB, HML, RMW, CMA, MOM or RF"),
    fraction("return", "return of the factor over the period, decimal; of RF the rate of the period"),
    *SOURCE,
)

TEST_PORTFOLIO_RETURN = (
    text("portfolio_set", "collection of portfolios, such as french-industries"),
    text("frequency", "length of the periods", values=FREQUENCIES),
    date("date", "last day of the period"),
    text("portfolio", "name of the portfolio"),
    fraction("return", "return over the period", low=-1.0),
    flag("excess", "whether the return of cash is taken off already"),
    *SOURCE,
)

EVENT = (
    text("event_list", "list that the event belongs to"),
    text("event", "id of the event"),
    text("entity", "firm concerned; null when it concerns all of the universe", null=True, absent="all"),
    moment("known_at", "moment at which it was public", label="Known"),
    text("detail", "what happened, in words"),
    *SOURCE,
)

DESIGN_ROW = (
    text("design", "name of the natural experiment"),
    text("unit", "firm or region"),
    number("period", "period as a number, such as a year", unit="count"),
    text("outcome", "what is measured"),
    number("value", "the outcome", null=True, absent="not given"),
    number("first_treated", "first treated period; null when never", null=True, unit="count", absent="never"),
    number("weight", "weight of the unit, such as its population", low=0.0),
    text("cluster", "group within which errors are related"),
    *SOURCE,
)

VALUE = (
    text("signal", "id of the signal"),
    text("entity", "firm concerned", label="Firm"),
    moment("known_at", "moment at which the value was known", label="Known"),
    text("component", f"{TOTAL} for the signal itself, else the name of one of its parts"),
    number("value", "the value"),
    date("period_end", "last day of the period that it is of", null=True, label="Period", absent="not given"),
    date(
        "predicts_from",
        "first day of the return that it is meant to foretell",
        null=True,
        absent="not given",
    ),
    *SOURCE,
)

TEXT = (
    text("entity", "firm concerned", label="Firm"),
    moment("known_at", "moment at which the text was public", label="Known"),
    text("text", "the text of the note"),
    *SOURCE,
)

LOG = (
    text("item", "what was asked for: a table, a signal or a file"),
    text("status", "how it ended", values=("ok", "missing", "invalid", "stale")),
    number("rows", "rows received", low=0.0, unit="count"),
    number("skipped", "rows that could not be read", low=0.0, unit="count"),
    date("last_date", "newest day in it", null=True, label="Last day", absent="no row"),
    text("detail", "reason when missing, notes otherwise", null=True, label="Note", absent="none"),
)

PARTS = {
    "signal_entities": (
        "Firms of each universe, with the day from which name and sector held.",
        ENTITY,
        ("universe", "entity", "valid_from"),
        "known_at",
    ),
    "signal_memberships": (
        "Since when each firm is in its universe, or no longer.",
        MEMBERSHIP,
        ("universe", "entity", "date"),
        "known_at",
    ),
    "signal_returns": ("Daily returns of firms, market values.", RETURN, ("entity", "date"), "date"),
    "signal_delistings": (
        "Firms that left the market, and what holders got.",
        DELISTING,
        ("entity",),
        "known_at",
    ),
    "signal_facts": (
        "Figures from reports, with the moment at which they were known.",
        ENTITY_FACT,
        ("entity", "item", "period_end", "known_at"),
        "known_at",
    ),
    "signal_benchmarks": ("Daily returns of indices.", BENCHMARK_RETURN, ("benchmark", "date"), "date"),
    "factor_sets": (
        "Returns of factors by collection and frequency.",
        FACTOR_SET_RETURN,
        ("factor_set", "frequency", "factor", "date"),
        "date",
    ),
    "test_portfolios": (
        "Returns of sorted portfolios by collection and frequency.",
        TEST_PORTFOLIO_RETURN,
        ("portfolio_set", "frequency", "portfolio", "date"),
        "date",
    ),
    "signal_events": ("Events of firms or of all.", EVENT, ("event_list", "event", "entity"), "known_at"),
    "designs": (
        "Outcomes by unit and period of natural experiments, with the first treated period.",
        DESIGN_ROW,
        ("design", "outcome", "unit", "period"),
        "",
    ),
    "signal_texts": ("Texts of notes.", TEXT, ("entity", "known_at"), "known_at"),
}
"""By table: its sentence, columns, key and clock. Of each there is a raw twin, ``raw_<name>``."""

GIVEN_VALUES = Table(
    "given_signal_values",
    "Values of the signals that the source of the data itself gives.",
    VALUE,
    ("signal", "entity", "known_at", "component"),
    may_be_empty=True,
    known_at="known_at",
)


def _as_given(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The same columns before the checks: a number may be missing or out of its bounds."""
    return tuple(
        replace(one, null=True, low=None, high=None) if one.type == "float" else one for one in columns
    )


RAW_SIGNALS = (
    *(
        Table(f"raw_{name}", f"{said} As given.", _as_given(columns), may_be_empty=True)
        for name, (said, columns, _, _) in PARTS.items()
    ),
    Table("raw_signal_values", "Values of signals as given.", _as_given(VALUE), may_be_empty=True),
    Table("raw_signal_log", "What was asked of the source and what came back.", LOG, may_be_empty=True),
)

SIGNAL_DATA = (
    *(
        Table(name, said, columns, key, may_be_empty=True, known_at=clock)
        for name, (said, columns, key, clock) in PARTS.items()
    ),
    GIVEN_VALUES,
    Table(
        "signal_data_issues",
        "Every row that a check spoke about and what was done.",
        (
            text("table", "table concerned"),
            text("entity", "firm or series concerned; null for a whole table", null=True, absent="all"),
            date("date", "day concerned", null=True, absent="all days"),
            text("check", "name of the check", label="Code"),
            text("severity", "how bad it is", values=("error", "warning", "info")),
            text("detail", "what was found, with the numbers"),
            text("action", "what was done", values=("dropped", "kept", "corrected"), label="What was done"),
        ),
        may_be_empty=True,
    ),
)

OF_A_UNIVERSE = {
    "universe_entities": "signal_entities",
    "universe_memberships": "signal_memberships",
    "universe_returns": "signal_returns",
    "universe_delistings": "signal_delistings",
    "universe_facts": "signal_facts",
    "universe_benchmarks": "signal_benchmarks",
    "universe_factors": "factor_sets",
    "universe_events": "signal_events",
}
"""By table of one signal: the table of all data whose rows it takes."""

OWN_DATA = tuple(
    Table(name, f"Of one signal: {said}", columns, key, may_be_empty=True, known_at=clock)
    for name, whole in OF_A_UNIVERSE.items()
    for said, columns, key, clock in (PARTS[whole],)
)

READABILITY = Table(
    "universe_readability",
    "Of one signal: how readable the notes of its firms are, by note.",
    (
        text("entity", "firm concerned", label="Firm"),
        moment("known_at", "moment at which the note was public", label="Known"),
        *(
            number(name, meaning, unit=unit, null=True, absent="no word")
            for name, unit, meaning in (
                ("fog", "ratio", "Gunning's Fog, years of school"),
                ("flesch_ease", "ratio", "Flesch's reading ease, higher for easier"),
                ("flesch_kincaid_grade", "ratio", "grade of Kincaid et al."),
                ("smog", "ratio", "McLaughlin's SMOG grade"),
            )
        ),
        number("words", "words", unit="count", low=0.0),
        fraction("complex_share", "share of words of three or more syllables", null=True, absent="no word"),
        number("words_per_sentence", "words a sentence", unit="count", null=True, absent="no word"),
        *SOURCE,
    ),
    ("entity", "known_at"),
    may_be_empty=True,
    known_at="known_at",
)

SIGNAL_VALUES = (
    Table(
        "signal_values",
        "The values of one signal that can be used, with the first session at whose close each was known.",
        (
            text("entity", "firm concerned", label="Firm"),
            text("symbol", "symbol at that time", null=True, absent="none"),
            moment("known_at", "moment at which the value was known", label="Known"),
            date("session", "first session at whose close it was known"),
            text("component", f"{TOTAL} for the signal itself, else the name of one of its parts"),
            number("value", "the value"),
            date("period_end", "last day of its period", null=True, label="Period", absent="not given"),
            *SOURCE,
        ),
        ("entity", "known_at", "component"),
        known_at="known_at",
        dated="session",
    ),
    Table(
        "signal_losses",
        "Rows of the file that were lost on the way, by step and cause.",
        (
            number("step", "place on the way, from 1", unit="count"),
            text("cause", "why rows were lost; KEPT for those that were not", label="Code"),
            number("rows", "rows concerned", unit="count", low=0.0),
            fraction("share", "share of the rows of the file"),
            text("example", "one of them in words", null=True, absent="none"),
        ),
        ("step", "cause"),
    ),
    Table(
        "signal_coverage",
        "How much of the universe the signal covers at each month's end, and how old it is.",
        (
            date("date", "last session of the month"),
            number("members", "firms in the universe", unit="count", low=0.0),
            number("covered", "firms with a value that is not too old", unit="count", low=0.0),
            fraction("coverage", "share of firms with a value", null=True, absent="no member"),
            number("median_age", "median age of the values", null=True, unit="days", absent="no value"),
            number("newest_age", "age of the newest value", null=True, unit="days", absent="no value"),
        ),
        ("date",),
        dated="date",
    ),
)

SIGNAL_TABLES = (*SIGNAL_DATA, *OWN_DATA, READABILITY, *SIGNAL_VALUES)
