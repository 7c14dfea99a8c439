"""Codes of the checks of indicators."""

from __future__ import annotations

from lib.codes.code import Code

MACRO = (
    Code("RELEASED_EARLY", "released before its period ended", "rejected"),
    Code("RELEASED_LATER", "released after the as-of date", "rejected"),
    Code("NO_NUMBER", "no finite number", "rejected"),
    Code("FIGURE_TWICE", "figure came twice alike"),
    Code("FIGURE_CONFLICT", "two figures of one release", "warning"),
    Code("FIGURE_STALE", "newest figure is old", "warning"),
    Code("UNIT_MIXED", "unit changes within the series", "warning"),
)
"""``check`` of ``macro_issues``."""
