"""Every flag and reason of every table, once: its words, and whether it is a warning.

A column of flags holds codes, comma separated, empty when none. ``has`` is the one way to ask for one of
them: ``STALE`` is not in ``MANUAL_STALE``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from lib.codes.code import Code
from lib.codes.positions import POSITIONS
from lib.codes.review import REVIEW
from lib.codes.rows import ROWS
from lib.errors import ContractError

COUNTED = re.compile(r"^(?P<code>[A-Za-z0-9_]+)(?P<count> \(\d+\))$")


def by_name(*groups: Iterable[Code]) -> dict[str, Code]:
    """The codes of several groups by name. Raises ContractError for one that is declared twice."""
    found: dict[str, Code] = {}
    for code in (code for group in groups for code in group):
        if code.name in found:
            raise ContractError(f"code {code.name} is declared twice; one meaning a code")
        found[code.name] = code
    return found


CODES = by_name(ROWS, POSITIONS, REVIEW)


def words(code: str) -> str:
    """A code for people, its count kept: ``UNPRICED (2)`` reads "no price (2)"; other text is kept."""
    counted = COUNTED.match(code)
    name, count = (counted["code"], counted["count"]) if counted else (code, "")
    return f"{CODES[name].words}{count}" if name in CODES else code


def all_words(flags: str) -> str:
    """A cell of flags for people: the words of its codes, comma separated."""
    return ", ".join(words(code.strip()) for code in flags.split(",") if code.strip())


def has(flags: pd.Series, code: str) -> pd.Series:
    """Which cells of a column of flags hold ``code``; a null cell holds none."""
    return ("," + flags.fillna("") + ",").str.contains(f",{code},", regex=False)


def has_any(flags: pd.Series, names: Iterable[str]) -> pd.Series:
    """Which cells of a column of flags hold at least one of the codes."""
    found = pd.Series(False, index=flags.index)
    for name in names:
        found |= has(flags, name)
    return found


def flags_of(masks: Mapping[str, pd.Series | np.ndarray], index: pd.Index) -> pd.Series:
    """A column of flags on ``index``: the codes whose mask is true, comma separated, in the order given."""
    flags = np.full(len(index), "", dtype=object)
    for code, mask in masks.items():
        chosen = np.asarray(mask, dtype=bool)
        flags[chosen] = flags[chosen] + ("," + code)
    return pd.Series(flags, index=index, dtype="str").str.lstrip(",")


__all__ = ["CODES", "Code", "all_words", "by_name", "flags_of", "has", "has_any", "words"]
