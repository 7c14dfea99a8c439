"""Whose fault it is that prices are missing: the kind of refusal, and what is to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.errors import DataError, QualityError, SourceLimited, SourceUnreachable

if TYPE_CHECKING:
    import pandas as pd

OF_LIVE_SOURCES = ("unknown", "empty", "invalid", "limited", "transport")
"""States of a symbol that was asked of a source on the network."""
NOT_HELD = "Add prices for these symbols, or take a day that the data reach"
NOT_GIVEN = "Write these symbols as the source does, or ask it anew with --refresh"
LATER = {
    SourceLimited: "The source refuses further requests for now: run again later.",
    SourceUnreachable: "The source does not answer as it should: run again once it does.",
}


def refusal(states: pd.Series, instead: str = "") -> tuple[type[DataError], str]:
    """The error to raise for symbols without a price, and its mend, by how their requests ended.

    ``states`` are values of ``status`` in table ``raw_sync_log``. It is the source's fault where that of most
    of them is; else ``instead`` is what can be done beside mending the data.
    """
    limited, transport = int((states == "limited").sum()), int((states == "transport").sum())
    if 2 * (limited + transport) > len(states):
        kind = SourceLimited if limited >= transport else SourceUnreachable
        return kind, LATER[kind]
    mend = NOT_GIVEN if states.isin(OF_LIVE_SOURCES).any() else NOT_HELD
    return QualityError, f"{mend}{f', or {instead}' if instead else ''}."
