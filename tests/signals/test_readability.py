"""Readability against texts whose sentences, words and syllables were counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.signals.readability import readability, syllables


def test_syllables_of_plain_words_are_those_of_a_dictionary():
    counted = {
        "cat": 1, "the": 1, "bank": 1, "loan": 1, "made": 1, "asked": 1, "table": 2, "wanted": 2,
        "money": 2, "report": 2, "disclosure": 3, "financial": 3, "opacity": 4, "depositor": 4,
        "well-known": 2,
    }  # fmt: skip
    assert syllables(pd.Series(list(counted))).tolist() == list(counted.values())


def test_a_text_counted_by_hand_has_the_figures_of_the_formulas():
    # Two sentences, ten words, 16 syllables (The 1 bank 1 made 1 a 1 loan 1 / Opacity 4 hurt 1 the 1 poor 1
    # depositor 4 = 16), two complex words.
    row = readability(pd.Series(["The bank made a loan. Opacity hurt the poor depositor!"])).iloc[0]
    assert row["words"] == 10
    assert row["words_per_sentence"] == 5.0
    assert row["complex_share"] == 0.2
    assert row["fog"] == pytest.approx(0.4 * (5 + 20))
    assert row["flesch_ease"] == pytest.approx(206.835 - 1.015 * 5 - 84.6 * 1.6)
    assert row["flesch_kincaid_grade"] == pytest.approx(0.39 * 5 + 11.8 * 1.6 - 15.59)
    assert row["smog"] == pytest.approx(1.0430 * 30**0.5 + 3.1291)


def test_the_point_of_a_number_ends_no_sentence_and_text_without_stop_is_one():
    both = readability(pd.Series(["Loans rose 3.5 percent. They fell", "cat"], index=["x", "y"]))
    assert both.loc["x", "words_per_sentence"] == 2.5
    assert both.loc["y", "flesch_ease"] == pytest.approx(206.835 - 1.015 - 84.6)


def test_a_text_without_a_word_has_no_figure():
    rows = readability(pd.Series(["", None, "12. 34!"]))
    assert rows["words"].tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(rows.drop(columns="words").to_numpy()).all()


def test_a_generated_note_has_the_counts_fog_and_smog_that_textstat_gave():
    """Recorded with textstat 0.7.3, but for its Flesch, which rounds syllables a word first."""
    note = (
        "We made fewer loans than last year. Most of our loans are to homes and shops. "
        "Few firms were late to pay us back."
    )
    row = readability(pd.Series([note])).iloc[0]
    assert (row["words"], row["words"] / row["words_per_sentence"], row["complex_share"]) == (24, 3, 0)
    assert syllables(pd.Series(note.replace(".", "").split())).sum() == 25
    assert (round(row["fog"], 1), round(row["smog"], 1)) == (3.2, 3.1)
    assert row["flesch_ease"] == pytest.approx(206.835 - 1.015 * 8 - 84.6 * 25 / 24)
