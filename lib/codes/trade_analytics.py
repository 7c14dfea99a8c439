"""Codes of trade analytics: in which prices a trade was watched, and why a figure is missing."""

from __future__ import annotations

from lib.codes.code import Code

TRADE_ANALYTICS = (
    Code("SEEN_IN_RANGES", "highs and lows"),
    Code("SEEN_IN_CLOSES", "closes only, so that it went further", "warning"),
    Code("SEEN_IN_FILLS", "entry and exit only"),
    Code("NO_CLOSED_TRADE", "no trade is over"),
    Code("ONE_CLOSED_TRADE", "one trade only"),
    Code("NO_LOSING_TRADE", "no losing trade"),
    Code("NO_WINNING_TRADE", "no winning trade"),
    Code("SERIES_NOT_KNOWN", "no prices"),
    Code("UNDER_A_YEAR", "under a year"),
    Code("CONSTANT_SERIES", "never changed"),
)
