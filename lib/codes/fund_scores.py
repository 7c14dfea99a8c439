"""Codes of the fund scores: what a score lacks or rests on, and why a fund has none."""

from __future__ import annotations

from lib.codes.code import Code

SCORED = (
    Code(
        "THIN_PEERS",
        "fewer than four peers in a measure",
        "warning",
        nouns=("fund with few peers", "funds with few peers"),
    ),
    Code(
        "LOW_DATA",
        "under 60 points to be won",
        "warning",
        nouns=("fund of little data", "funds of little data"),
    ),
    Code("YOUNG", "too young for some measures", nouns=("young fund", "young funds")),
    Code("CODE_CHANGED", "history of its earlier code"),
    Code("SHORT_WINDOW", "drawdown of less than three years"),
    Code(
        "STALE_NAV",
        "no NAV of the last five days",
        "warning",
        nouns=("fund without a recent NAV", "funds without a recent NAV"),
    ),
    Code("IDCW_NAV", "NAV after payouts is no total return", "warning"),
    Code("ENDING", "its end is announced", "warning", nouns=("fund about to end", "funds about to end")),
    Code(
        "NO_BENCHMARK",
        "no benchmark levels",
        "warning",
        nouns=("fund without a benchmark", "funds without a benchmark"),
    ),
    Code("PRICE_BENCHMARK", "benchmark without dividends", "warning"),
    Code("FEW_MONTHS", "benchmark rose or fell in too few months"),
    Code("NO_STANCE", "no stance of the market", "warning"),
    Code("NOT_EQUITY", "sectors do not apply"),
    Code("NO_HOLDINGS", "no list of holdings", "warning"),
    Code("STALE_HOLDINGS", "list of holdings over 95 days old", "warning"),
    Code("NO_EQUITY", "no shares in the list", "warning"),
    Code("COARSE_FIT", "fit by kind of fund"),
    Code("FIT_UNKNOWN", "category fits no list", "warning"),
    Code("AUM_MISSING", "no assets", "warning"),
    Code("TER_MISSING", "no expense ratio", "warning"),
    Code("BAD_TER", "expense ratio out of bounds", "warning"),
)
NOT_SCORED = (
    Code("NAV_TOO_SHORT", "fewer than 250 NAVs", nouns=("fund too young", "funds too young")),
    Code("NAV_SILENT", "no NAV for 30 days", "warning", nouns=("silent fund", "silent funds")),
    Code(
        "NO_CATEGORY", "no category", "warning", nouns=("fund without a category", "funds without a category")
    ),
)
FUND_SCORES = (*SCORED, *NOT_SCORED)
