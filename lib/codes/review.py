"""Codes of the risk tables that the review repeats: why a figure is missing, and what it leaves out."""

from __future__ import annotations

from lib.codes.code import Code

REVIEW = (
    Code("short_history", "history too short", "warning"),
    Code("no_returns", "no returns", "warning"),
    Code("no_benchmark", "no benchmark"),
    Code("benchmark_missing", "benchmark has no prices", "warning"),
    Code("short_benchmark", "benchmark incomplete", "warning"),
    Code("zero_variance", "no variation"),
    Code("window_not_covered", "data do not cover the window", "warning"),
    Code("manual_left_out", "holdings valued by hand left out", "warning"),
    Code("unpriced_left_out", "positions without a price left out", "warning"),
    Code("no_greeks_left_out", "options without a delta left out", "warning"),
    Code("short_history_left_out", "positions with too short a history left out", "warning"),
)
