"""How hard texts are to read, by the classical formulas for English.

Words, sentences and syllables are counted by rules, as the formulas suppose: a word is a run of letters (an
apostrophe within it counts), a sentence ends with . ! or ? before a space or the end, a syllable is a run of
vowels but a silent e at the end or in -ed. Sources: Flesch (1948) reading ease; Kincaid et al. (1975) grade;
Gunning (1952) fog; McLaughlin (1969) SMOG, meant for 30 sentences and more.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*")
SENTENCE = re.compile(r"[.!?]+(?=\s|$)")
VOWELS = re.compile(r"[aeiouy]+")
HARD = 3
"""Syllables from which a word is complex."""
MEASURES = (
    "words",
    "words_a_sentence",
    "complex_share",
    "flesch_ease",
    "kincaid_grade",
    "fog",
    "smog",
)


def syllables(word: str) -> int:
    """Syllables of a word, at least one: runs of vowels, but a silent e at the end or in -ed."""
    text = word.lower()
    count = len(VOWELS.findall(text))
    silent = text.endswith("e") and not text.endswith(("le", "ee", "ye"))
    silent |= text.endswith("ed") and not text.endswith(("ted", "ded", "eed"))
    return max(count - silent, 1)


def measures(texts: pd.Series) -> pd.DataFrame:
    """``MEASURES`` of each text, on the same index; NaN where a text has no word."""
    words = texts.map(WORD.findall)
    number = words.map(len).astype("float64").to_numpy()
    sentences = np.maximum(texts.map(lambda text: len(SENTENCE.findall(text))).to_numpy("float64"), 1.0)
    known = {word: syllables(word) for found in words for word in set(found)}
    counts = words.map(lambda found: [known[word] for word in found])
    spoken = counts.map(sum).to_numpy("float64")
    hard = counts.map(lambda found: sum(one >= HARD for one in found)).to_numpy("float64")
    number = np.where(number > 0.0, number, np.nan)
    length, weight = number / sentences, spoken / number
    return pd.DataFrame(
        {
            "words": number,
            "words_a_sentence": length,
            "complex_share": hard / number,
            "flesch_ease": 206.835 - 1.015 * length - 84.6 * weight,
            "kincaid_grade": 0.39 * length + 11.8 * weight - 15.59,
            "fog": 0.4 * (length + 100.0 * hard / number),
            "smog": np.where(number > 0.0, 1.0430 * np.sqrt(hard * 30.0 / sentences) + 3.1291, np.nan),
        },
        index=texts.index,
    )
