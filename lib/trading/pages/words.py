"""How rules that trade are called on the pages of the chapter."""

from __future__ import annotations

from lib import wording

MANUAL = "manual"


def rule_name(strategy: str) -> str:
    """A rule in words; what a person decided is by hand."""
    if strategy == MANUAL:
        return "By hand"
    return wording.sentence_case(strategy.replace("_", " ")).replace("Rsi", "RSI").replace("Macd", "MACD")
