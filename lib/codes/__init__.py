"""Every flag and reason of every table, once: its words, and whether it is a warning.

A column of flags holds codes, comma separated, empty when none. ``has`` is the one way to ask for one of
them: ``STALE`` is not in ``MANUAL_STALE``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import overload

import numpy as np
import pandas as pd

from lib.codes.code import Code
from lib.codes.fund_backtests import FUND_BACKTESTS
from lib.codes.fund_scores import FUND_SCORES
from lib.codes.funds import FUND_DATA
from lib.codes.macro import MACRO
from lib.codes.market import MARKET
from lib.codes.portfolio import PORTFOLIO
from lib.codes.risk import RISK
from lib.codes.row_issues import ROW_ISSUES
from lib.codes.signal_alphas import SIGNAL_ALPHAS
from lib.codes.signal_events import SIGNAL_EVENTS
from lib.codes.signal_panel import SIGNAL_PANEL
from lib.codes.signal_report import SIGNAL_REPORT
from lib.codes.signal_sorts import SIGNAL_SORTS
from lib.codes.signals import SIGNAL_DATA, SIGNAL_LOSSES
from lib.codes.trade_analytics import TRADE_ANALYTICS
from lib.codes.trade_rules import TRADE_RULES
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


CODES = by_name(
    ROW_ISSUES,
    PORTFOLIO,
    MARKET,
    RISK,
    FUND_DATA,
    MACRO,
    FUND_SCORES,
    FUND_BACKTESTS,
    SIGNAL_DATA,
    SIGNAL_LOSSES,
    SIGNAL_ALPHAS,
    SIGNAL_SORTS,
    SIGNAL_EVENTS,
    SIGNAL_PANEL,
    SIGNAL_REPORT,
    TRADE_RULES,
    TRADE_ANALYTICS,
)


def words(code: str) -> str:
    """A code for people, its count kept: ``UNPRICED (2)`` reads "no price (2)"; other text is kept."""
    counted = COUNTED.match(code)
    name, count = (counted["code"], counted["count"]) if counted else (code, "")
    return f"{CODES[name].words}{count}" if name in CODES else code


def all_words(flags: str) -> str:
    """A cell of flags for people: the words of its codes, comma separated."""
    return ", ".join(words(code.strip()) for code in flags.split(",") if code.strip())


def first_words(flags: pd.Series, names: Iterable[str]) -> pd.Series:
    """The words of the first of the codes that each cell of a column of flags holds; empty where none."""
    found = pd.Series("", index=flags.index, dtype="str")
    for name in reversed(tuple(names)):
        found = found.mask(has(flags, name), words(name))
    return found


def counted(reasons: pd.Series) -> dict[str, str]:
    """Of the codes in a column of reasons that have nouns, how many there are in words.

    ``{"manual": "2 holdings valued by hand"}``, in the order in which the codes are declared.
    """
    counts = reasons.value_counts()
    known = {code: int(counts[code.name]) for code in CODES.values() if code.nouns[0] and code.name in counts}
    return {code.name: f"{count:,} {code.nouns[0 if count == 1 else 1]}" for code, count in known.items()}


@overload
def has(flags: str, code: str) -> bool: ...
@overload
def has(flags: pd.Series, code: str) -> pd.Series: ...
def has(flags: pd.Series | str, code: str) -> pd.Series | bool:
    """Which cells of a column of flags hold ``code``, or whether one cell does; a null cell holds none."""
    if isinstance(flags, str):
        return code in flags.split(",")
    return ("," + flags.fillna("") + ",").str.contains(f",{code},", regex=False)


def has_any(flags: pd.Series, names: Iterable[str]) -> pd.Series:
    """Which cells of a column of flags hold at least one of the codes."""
    found = pd.Series(False, index=flags.index)
    for name in names:
        found |= has(flags, name)
    return found


def cell(names: Iterable[str]) -> str:
    """One cell of flags: the codes, or cells of codes, that are not empty, in the order given."""
    return ",".join(filter(None, names))


def flags_of(masks: Mapping[str, pd.Series | np.ndarray | bool], index: pd.Index) -> pd.Series:
    """A column of flags on ``index``: the codes whose mask is true, comma separated, in the order given.

    A mask is one answer a row, or one for all of them.
    """
    flags = np.full(len(index), "", dtype=object)
    for code, mask in masks.items():
        chosen = np.broadcast_to(np.asarray(mask, dtype=bool), len(index))
        flags[chosen] = flags[chosen] + ("," + code)
    return pd.Series(flags, index=index, dtype="str").str.lstrip(",")


__all__ = [
    "CODES",
    "Code",
    "all_words",
    "by_name",
    "cell",
    "counted",
    "first_words",
    "flags_of",
    "has",
    "has_any",
    "words",
]
