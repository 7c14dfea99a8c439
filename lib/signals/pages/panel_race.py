"""What the page of ``signals/panel`` shows and says of the signal against how readable notes are."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.contracts import Column
from lib.signals.pages.panel import UNIT_WORDS
from lib.signals.panel_rows import SIGNAL
from lib.tables.columns import number, text
from lib.tables.signal_panel import TOGETHER

NO_NOTES = "No texts of notes are given, so that there is nothing to compare the signal with."

CONTENDERS = {
    SIGNAL: "The signal",
    "fog": "Fog",
    "flesch_ease": "Flesch's reading ease",
    "flesch_kincaid_grade": "Flesch-Kincaid grade",
    "smog": "SMOG",
    "words": "Words",
    "complex_share": "Share of long words",
    "words_per_sentence": "Words a sentence",
    TOGETHER: "Measures together",
}
RACE: tuple[str | Column, ...] = (
    text("words", label="What explains returns"),
    number("coef", label="Alone", null=True, unit="bp", absent="several"),
    "t",
    number("signal_coef", label="Signal beside it", null=True, unit="bp", absent="itself"),
    "signal_t",
    "correlation",
    number("points", label="R² it adds, points", null=True, unit="ratio", absent="itself"),
    "wald_p",
    text("note", label="Note"),
)


def race(table: pd.DataFrame) -> pd.DataFrame:
    """Table ``signal_horse_race`` in words, a contender a row."""
    return table.assign(
        words=[
            f"Together: {wording.joined(_short(one.measures))}"
            if one.contender == TOGETHER and one.measures
            else CONTENDERS[one.contender]
            for one in table.itertuples()
        ],
        points=100.0 * table["r2_added"],
        note=[codes.all_words(one) for one in table["flag"]],
    )


def _short(measures: str) -> list[str]:
    return [CONTENDERS[one] for one in measures.split(",")]


def race_sentence(table: pd.DataFrame, *, scaling: str, period: str, origins: list[str]) -> str:
    """Whether the signal keeps its slope beside the measures, and whether they add anything to it."""
    if table.empty:
        return NO_NOTES
    rows = table.set_index("contender")
    last = rows.loc[TOGETHER]
    if wording.is_missing(last["signal_coef"]):
        return f"The notes decide nothing: {codes.all_words(last['flag']) or 'no row'}."
    made_up = [one for one in origins if one != "real"]
    first = f"The notes are {wording.joined(made_up)}. " if made_up else ""
    beside, alone = (
        wording.percent(one, 2, signed=True) for one in (last["signal_coef"], rows.loc[SIGNAL, "coef"])
    )
    return (
        f"{first}Beside the measures together {UNIT_WORDS[scaling]} goes with {beside} of return over the "
        f"next {period} (t {wording.ratio(last['signal_t'])}; alone {alone}, "
        f"t {wording.ratio(rows.loc[SIGNAL, 't'])}). {_added(last)} {_told(table)}"
    )


def _added(last: pd.Series) -> str:
    """What all measures add to the signal."""
    if wording.is_missing(last["wald_p"]):
        return f"What the measures add cannot be tested: {codes.all_words(last['flag'])}."
    adds = "add to it" if last["wald_p"] < 0.05 else "add nothing to it that is told from zero"
    return (
        f"The measures {adds}: {wording.number(100.0 * last['r2_added'], 2)} points of R² within dates, "
        f"p {wording.number(last['wald_p'], 3)} by a Wald test with clusters of firms and periods."
    )


def _told(table: pd.DataFrame) -> str:
    """Which measures alone are told from zero, and over how many rows."""
    measures = table.loc[~table["contender"].isin([SIGNAL, TOGETHER])]
    sure = [CONTENDERS[one] for one in measures.loc[measures["p"] < 0.05, "contender"]]
    rows = wording.plural(table["n"].iloc[0], "row")
    if not sure:
        return f"None of {wording.plural(len(measures), 'measure')} alone is told from zero over {rows}."
    return f"Told from zero alone over {rows}: {wording.joined(sure)}."
