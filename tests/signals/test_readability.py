"""Readability by the classical formulas, against texts counted by hand."""

import numpy as np
import pandas as pd
import pytest

from lib.signals.readability import measures, syllables

TEXT = "The bank lends money. Uninsured deposits are considerable, regulators say!"
"""Ten words in two sentences; by hand 22 syllables: the 1 bank 1 lends 1 money 2 uninsured 3 deposits 3 are 1
considerable 5 regulators 4 say 1; complex (three syllables and more): four."""


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1),
        ("money", 2),
        ("table", 2),
        ("are", 1),
        ("uninsured", 3),
        ("considerable", 5),
        ("see", 1),
        ("b", 1),
    ],
)
def test_syllables_are_runs_of_vowels_without_a_silent_e(word, count):
    assert syllables(word) == count


def test_a_text_counted_by_hand_gives_the_formulas():
    row = measures(pd.Series([TEXT])).iloc[0]
    assert (row["words"], row["words_a_sentence"], row["complex_share"]) == (10, 5.0, 0.4)
    assert row["flesch_ease"] == pytest.approx(206.835 - 1.015 * 5 - 84.6 * 2.2)
    assert row["kincaid_grade"] == pytest.approx(0.39 * 5 + 11.8 * 2.2 - 15.59)
    assert row["fog"] == pytest.approx(0.4 * (5 + 40))
    assert row["smog"] == pytest.approx(1.0430 * np.sqrt(4 * 30 / 2) + 3.1291)


def test_a_text_without_words_has_no_measure():
    assert measures(pd.Series(["", "12 + 3 ="])).isna().all().all()
