"""What the page of ``signals/events`` says of tests, groups, dates without an event, and what was lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.contracts import Column
from lib.signals.event_placebos import ENOUGH
from lib.signals.events import EventStudy
from lib.tables.columns import count, text
from lib.tables.signal_events import HIGHEST, LOWEST

LEANS = 0.5
"""Deviations by which differences without an event must lie off zero to be told of."""
SURE = 0.05
"""A probability below this is called evidence."""
NAMES = {
    "cross_sectional": "Cross-sectional t",
    "patell": "Patell",
    "boehmer": "Boehmer, Musumeci, Poulsen",
    "kolari_pynnonen": "Kolari-Pynnonen",
    "portfolio": "Portfolio of all, time series",
    "corrado": "Corrado rank",
    "sign": "Sign",
    "generalised_sign": "Generalised sign",
    "wilcoxon": "Wilcoxon signed rank",
    "placebo": "Dates without an event",
}
GAPS = {
    "welch": "Welch t",
    "rank_sum": "Rank sum",
    "permutation": "Signal permuted across firms",
    "slope": "Slope on the signal, HC3",
    "slope_controls": "Slope with controls, HC3",
    "portfolio": "Portfolio difference, time series",
    "placebo": "Dates without an event",
}
BY = {
    "permutation": "with the signal permuted across firms",
    "placebo": "among dates without an event",
    "welch": "by Welch's t",
    "portfolio": "by the time series of the portfolio",
    "corrado": "by Corrado's ranks",
    "cross_sectional": "by the cross-sectional t",
}
"""How a test that may speak for the result is named inside a sentence; the others as in the table."""
NO_GROUPS = "Too few firms have values of the signal, or values that differ, to be grouped."
LEADING = ("placebo", "kolari_pynnonen", "corrado", "portfolio", "boehmer", "cross_sectional")
"""Which test speaks for the mean: the first of these whose assumptions hold here."""
LEADING_GAPS = ("placebo", "portfolio", "permutation", "welch")
TESTS: tuple[str | Column, ...] = (
    text("words", label="Test"), "statistic", "df", "p", "n", "trusted", text("why", label="Because"),
)  # fmt: skip
DIFFERENCES: tuple[str | Column, ...] = (
    text("words", label="Test"),
    "estimate",
    "statistic",
    "df",
    "p",
    "n",
    "trusted",
    text("why", label="Because"),
)
DROPS: tuple[str | Column, ...] = (
    text("words", label="Reason"),
    count("rows", label="Firms and events"),
    text("example", label="One of them"),
)
DAYS: tuple[str | Column, ...] = (count("day", label="Day", low=-1000), "mean", "statistic", "p", "n")


def leading(table: pd.DataFrame, order: tuple[str, ...]) -> pd.Series | None:
    """The first test in ``order`` that holds, else the first that holds on a condition; None for none."""
    known = table.loc[table["p"].notna()].set_index("test")
    for trusted in ("yes", "conditional"):
        for name in order:
            if name in known.index and known.loc[name, "trusted"] == trusted:
                return known.loc[name].rename(name)
    return None


def tests(study: EventStudy) -> pd.DataFrame:
    """The tests of the whole window in words."""
    return _worded(whole(study), NAMES)


def tests_sentence(study: EventStudy) -> str:
    """Which of the tests can be trusted, and why not the others."""
    table = whole(study)
    if table.empty:
        return "Nothing to test."
    about = study.about
    good = [NAMES[name] for name in table.loc[table["trusted"] == "yes", "test"]]
    said = f"{wording.plural(about.events, 'event')} of firms on {wording.plural(about.days, 'day')}"
    if about.clustered:
        said += (
            f": each shares its days with {wording.count(round(about.sharing))} others, and tests that take "
            "firms as independent reject too often"
        )
    held = wording.joined(good) if good else "none without a condition"
    return f"{said}. Tests that hold here: {held}."


def failures_sentence() -> str:
    """What goes wrong with tests whose assumptions fail, from generated data (tests/signals)."""
    return (
        "In generated data without any effect, at 5%: thirty firms of one day whose residuals correlate by "
        "0.2 make the cross-sectional t, Patell and Boehmer reject in about half of the draws, "
        "Kolari-Pynnonen in about one in twenty; an event that doubles the deviation makes Patell reject in "
        "about a third."
    )


def daily(study: EventStudy) -> pd.DataFrame:
    """The mean abnormal return of each day with Kolari and Pynnonen's test."""
    table = study.tables["event_tests"]
    own = table[(table["test"] == "kolari_pynnonen") & (table["first_day"] == table["last_day"])]
    return own.assign(day=own["first_day"].astype("int64")).reset_index(drop=True)


def daily_sentence(study: EventStudy) -> str:
    """The day with the largest mean abnormal return."""
    table = daily(study)
    if table.empty:
        return "Nothing to test."
    row = table.loc[table["mean"].abs().idxmax()]
    return (
        f"The largest move was on day {wording.number(row['day'], 0)}: "
        f"{wording.percent(row['mean'], signed=True)} on average (p {wording.p_value(row['p'])} by "
        "Kolari-Pynnonen)."
    )


def groups_sentence(study: EventStudy) -> str:
    """How even the groups lie between the ends."""
    table = study.tables["event_quartiles"]
    if len(table) < 2:
        return NO_GROUPS
    paths = study.tables["event_paths"].groupby("group", sort=False)["mean"].last()
    if HIGHEST not in paths.index:
        return NO_GROUPS
    said = (
        f"From {wording.percent(paths[LOWEST], signed=True)} in the lowest to "
        f"{wording.percent(paths[HIGHEST], signed=True)} in the highest group of each day"
    )
    if table["groups"].min() < table["groups"].max():
        return f"{said}; days with fewer firms have fewer groups. Values are those known before the window."
    steps = np.sign(np.diff(table["mean_car"]))
    even = "rising at each step" if (steps > 0).all() else "falling at each step" if (steps < 0).all() else ""
    return f"{said}, {even or 'not in even steps'}; values are those known before the window."


def differences(study: EventStudy) -> pd.DataFrame:
    """The tests of the difference in words."""
    return _worded(study.tables["event_differences"], GAPS)


def differences_sentence(study: EventStudy) -> str:
    """Which inference events of the same days allow."""
    if study.tables["event_differences"].empty:
        return "Nothing to compare."
    about = study.about
    if about.days == 1:
        return (
            "All events fall on one day: the place among dates without an event and the time series of the "
            "portfolio difference hold where the event did not raise the variance; tests across firms hold "
            "only if no shock of that day hit one group more than the other."
        )
    if about.clustered:
        return (
            "Events share their days: tests across firms hold only if no shock of a day hit one group more "
            "than the other; the portfolio difference takes each day once."
        )
    return "Events share few days, so that tests across firms hold too."


def placebo_marks(study: EventStudy) -> tuple[np.ndarray, dict[str, float]]:
    """Differences (or means where there are no groups) without an event, and the real one as a mark."""
    table, column = study.tables["event_placebos"], _placebo_column(study)
    real = float(table[column].iloc[0]) if len(table) else np.nan
    marks = {} if np.isnan(real) else {"Event": real}
    return table[column].iloc[1:].dropna().to_numpy("float64"), marks


def placebo_sentence(study: EventStudy) -> str:
    """Where the real result lies among those without an event."""
    column = _placebo_column(study)
    what, table = (
        ("difference", study.tables["event_differences"])
        if column == "difference"
        else ("mean", study.tables["event_tests"])
    )
    own = table[table["test"] == "placebo"]
    if own.empty or wording.is_missing(own["p"].iloc[0]):
        return (
            f"{wording.plural(study.placebo_dates, 'date')} without an event are fewer than the {ENOUGH} "
            "that a probability needs."
        )
    row = own.iloc[0]
    return (
        f"The {what} of the events lies {wording.number(abs(row['statistic']), 1)} deviations from the "
        f"middle of {wording.plural(int(row['n']), 'draw')} from {study.placebo_dates} dates without an "
        f"event; {wording.percent(row['p'])} lie as far out."
    )


def leaning(study: EventStudy) -> str:
    """That groups differ without an event too, after a blank; empty where they do not.

    What a model of the days before expects of past winners is too much, so that a signal made of past returns
    leans even where nothing happened.
    """
    table = study.tables["event_placebos"]
    drawn = table["difference"].iloc[1:].dropna() if len(table) else table.get("difference", [])
    if len(drawn) < ENOUGH or abs(drawn.median()) < LEANS * drawn.std():
        return ""
    middle = wording.percent(drawn.median(), signed=True)
    return (
        f" On dates without an event that difference was {middle} in the middle case: so much is the model's "
        "and not the events'."
    )


def drops(study: EventStudy) -> pd.DataFrame:
    """What could not be studied, by reason, with one example each."""
    table = study.tables["event_drops"]
    named = table["event"] + ", " + table["entity"].fillna("all firms")
    found = table.assign(example=named).groupby("reason", sort=False)
    rows = found.agg(rows=("event", "size"), example=("example", "first")).reset_index()
    rows = rows.sort_values(["rows", "reason"], ascending=[False, True], ignore_index=True)
    return rows.assign(words=[codes.words(one) for one in rows["reason"]])


def drops_sentence(study: EventStudy) -> str:
    """How many were lost and to what, and whose end is in the study."""
    table = drops(study)
    if not study.events:
        return "There is nothing to study."
    said = "Every firm of every event was studied."
    if len(table):
        first = table.iloc[0]
        said = f"Most often ({wording.count(first['rows'])}): {first['words']}."
    ended = int(codes.has(study.tables["event_car"]["flags"], "ended_in_window").sum())
    if ended:
        said += (
            f" {wording.plural(ended, 'firm')} that stopped trading inside the window stayed in the study "
            "with what holders got."
        )
    return said


def whole(study: EventStudy) -> pd.DataFrame:
    """The tests of the whole window."""
    table = study.tables["event_tests"]
    first, last = study.rules.window
    return table[(table["first_day"] == first) & (table["last_day"] == last)].drop_duplicates("test")


def _worded(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    why = [codes.words(one) if isinstance(one, str) else "" for one in table["reason"]]
    return table.assign(words=table["test"].map(names), why=why).reset_index(drop=True)


def _placebo_column(study: EventStudy) -> str:
    table = study.tables["event_placebos"]
    return "difference" if len(table) and not np.isnan(table["difference"].iloc[0]) else "mean_car"
