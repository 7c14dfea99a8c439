"""Codes of the checks of signal data."""

from __future__ import annotations

from lib.codes.code import Code

SIGNAL_DATA = (
    Code("ENTITY_UNKNOWN", "row of a firm that is not in the list", "rejected"),
    Code("NOT_FINITE", "no finite number", "rejected"),
    Code("BELOW_TOTAL_LOSS", "return below -100 %", "rejected"),
    Code("NEGATIVE_SIZE", "market value, traded value or weight below 0", "rejected"),
    Code("KNOWN_LATER", "known after the as-of date", "rejected"),
    Code("KEY_CONFLICT", "two rows that contradict each other", "rejected"),
    Code("RETURN_AFTER_END", "return after the firm had left", "rejected"),
    Code("RETURN_LARGE", "large return in a day", "warning"),
    Code("RETURN_STILL", "price stood still for long", "warning"),
    Code("RETURNS_STALE", "last return is old", "warning"),
    Code("RETURNS_ABSENT", "member without any return", "warning"),
)
"""``check`` of ``signal_data_issues``; ROW_TWICE and ROWS_SKIPPED are among the codes of funds."""

SIGNAL_LOSSES = (
    Code("VALUE_EMPTY", "no value given"),
    Code("NOT_MEMBER", "firm not in the universe at that time"),
    Code("NO_SESSION_YET", "known after the last close"),
    Code("PART_WITHOUT_TOTAL", "part of a signal without the signal"),
    Code("VALUE_KEPT", "kept"),
)
"""``cause`` of ``signal_losses``, beside ROW_TWICE, KNOWN_LATER and ENTITY_UNKNOWN."""
