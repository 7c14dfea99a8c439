"""Readability of a text by the formulas that papers compare a signal of disclosure with.

Gunning's Fog, Flesch's reading ease, the grade of Kincaid et al. and McLaughlin's SMOG, from counts of
sentences, words and syllables. Syllables are counted by groups of vowels, as such programs do: a silent final
e is none. It is a rule, not a dictionary, so that a figure compares texts and is not exact for one.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

COLUMNS = (
    "fog",
    "flesch_ease",
    "flesch_kincaid_grade",
    "smog",
    "words",
    "complex_share",
    "words_per_sentence",
)
COMPLEX = 3
"""Syllables from which on a word is complex."""
WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*(?:-[A-Za-z]+)*")
SENTENCE = re.compile(r"[.!?]+[\"'”’)\]]*(?:\s+|$)")
NUMBER_POINT = r"(?<=\d)\.(?=\d)"
VOWELS = r"[aeiouy]+"
SILENT = r"(?:[^laeiouy]es|[^aeiouytd]ed|[^laeiouy]e)$"


def syllables(words: pd.Series) -> pd.Series:
    """Syllables of each word, at least one: groups of vowels, less a silent ending e, es or ed."""
    lower = words.astype("str").str.lower().str.replace(r"['’]", "", regex=True)
    parts = lower.str.split("-").explode()
    groups = parts.str.count(VOWELS) - parts.str.contains(SILENT, regex=True).astype("int64")
    return groups.clip(lower=1).groupby(level=0).sum()


def readability(texts: pd.Series) -> pd.DataFrame:
    """``COLUMNS`` of each text, on its index; of a text without a word all but ``words`` are null.

    Fog = 0.4 (W/S + 100 C/W), Gunning (1952), The Technique of Clear Writing. Reading ease = 206.835 -
    1.015 W/S - 84.6 Y/W, Flesch (1948), J. Applied Psychology 32, 221. Grade = 0.39 W/S + 11.8 Y/W - 15.59,
    Kincaid et al. (1975), Navy RBR 8-75. SMOG = 1.0430 sqrt(30 C/S) + 3.1291, McLaughlin (1969), J. Reading
    12, 639; meant for 30 sentences and more. W words, S sentences, Y syllables, C words of three or more
    syllables (all of them: Fog's exceptions for names and joined words need a reader).
    """
    plain = texts.fillna("").astype("str").str.replace(NUMBER_POINT, "", regex=True).reset_index(drop=True)
    found = plain.str.findall(WORD).explode().dropna()
    size = range(len(plain))
    unique = pd.Series(found.unique(), dtype="str")
    count = dict(zip(unique, syllables(unique), strict=True))
    beats = found.map(count).astype("float64")
    by_text = beats.groupby(level=0)
    words = by_text.size().reindex(size, fill_value=0).to_numpy("float64")
    spoken = by_text.sum().reindex(size, fill_value=0.0).to_numpy("float64")
    hard = (beats >= COMPLEX).groupby(level=0).sum().reindex(size, fill_value=0).to_numpy("float64")
    sentences = np.maximum(_sentences(plain), 1.0)
    some = np.where(words > 0, words, np.nan)
    length, share, beat = some / sentences, hard / some, spoken / some
    smog = np.where(words > 0, 1.0430 * np.sqrt(30.0 * hard / sentences) + 3.1291, np.nan)
    figures = (
        0.4 * (length + 100.0 * share),
        206.835 - 1.015 * length - 84.6 * beat,
        0.39 * length + 11.8 * beat - 15.59,
        smog,
        words,
        share,
        length,
    )
    return pd.DataFrame(dict(zip(COLUMNS, figures, strict=True)), index=texts.index)


def of_notes(texts: pd.DataFrame, entities: pd.Series) -> pd.DataFrame:
    """Table ``universe_readability``: the measures of each note of these firms, from ``signal_texts``."""
    own = texts.loc[texts["entity"].isin(entities.unique())].reset_index(drop=True)
    return own.drop(columns="text").join(readability(own["text"]))


def _sentences(texts: pd.Series) -> np.ndarray:
    """Stretches between full stops, exclamation or question marks that hold a word."""
    pieces = texts.str.split(SENTENCE).explode()
    return pieces.str.contains(WORD).groupby(level=0).sum().to_numpy("float64")
