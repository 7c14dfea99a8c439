"""Codes of the checks of fund data; how a source answered is among the codes of the market."""

from __future__ import annotations

from lib.codes.code import Code

FUND_DATA = (
    Code("FUND_UNKNOWN", "rows of a fund that is not in the list", "rejected"),
    Code("ROW_TWICE", "row given twice alike"),
    Code("ROW_CONFLICT", "row given twice with other values", "warning"),
    Code("NAV_NOT_POSITIVE", "NAV zero, negative or not finite", "rejected"),
    Code("NAV_TWICE", "NAV given twice alike"),
    Code("NAV_CONFLICT", "two NAVs of one day, known at once", "rejected"),
    Code("NAV_RESTATED", "NAV changed after it was known", "warning"),
    Code("NAV_REPEATED", "old NAV under fresh dates", "warning"),
    Code("NAV_JUMP", "large move in a day", "warning"),
    Code("NAV_UNIT_CHANGE", "move by a power of ten", "warning"),
    Code("NAV_AFTER_END", "NAV after the fund ended", "warning"),
    Code("NAV_LATE", "last NAV is old", "warning"),
    Code("NAV_ABSENT", "no NAV at all", "warning"),
    Code("LOAD_OUT_OF_BOUNDS", "load out of bounds", "warning"),
    Code("FACT_NEGATIVE", "negative figure", "warning"),
    Code("HOLDINGS_TOTAL", "holdings do not add up to 100 %", "warning"),
    Code("HOLDINGS_ABSENT", "no list of holdings given", "warning"),
    Code("LEVEL_NOT_POSITIVE", "level of a benchmark not positive", "rejected"),
    Code("SUCCESSOR_UNKNOWN", "successor not in the list", "warning"),
    Code("NAME_ABSENT", "no name", "warning"),
    Code("CATEGORY_ABSENT", "no category given", "warning"),
    Code("CATEGORY_UNKNOWN", "category not known by name", "warning"),
    Code("BENCHMARK_ABSENT", "no benchmark named", "warning"),
    Code("BENCHMARK_WITHOUT_LEVELS", "benchmark without levels", "warning"),
    Code("NOT_POINT_IN_TIME", "today's values taken for the past", "warning"),
    Code("ROWS_SKIPPED", "rows that could not be read"),
)
"""``check`` of ``fund_issues``; BAD_TER is among the codes of the scores."""
