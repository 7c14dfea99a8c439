"""Codes of the checks of signal data, and of what becomes of the values of a signal."""

from __future__ import annotations

from lib.codes.code import Code

SIGNAL_DATA = (
    Code("ENTITY_UNKNOWN", "firm that is in no universe", "rejected"),
    Code("VALUE_NOT_FINITE", "value that is no finite number", "rejected"),
    Code("RETURN_TWICE", "two returns of one day that differ", "rejected"),
    Code("RETURN_LARGE", "large move in a day", "warning"),
    Code("AFTER_DELISTING", "return after the end", "rejected"),
    Code("PERCENT_MEANT", "percent where decimals are meant", "rejected"),
    Code("RETURNS_ABSENT", "no return at all", "warning"),
)
SIGNAL_VALUES = (
    Code("KEPT", "can be used"),
    Code("ANOTHER_UNIVERSE", "firm of another universe", "warning"),
    Code("VALUE_ABSENT", "no number", "warning"),
    Code("GIVEN_TWICE", "given twice alike"),
    Code("AFTER_LAST_SESSION", "known after the last session"),
    Code("BEFORE_RETURNS", "known before the first return"),
    Code("NOT_A_MEMBER", "firm not in the universe then"),
)
