"""Constants that are not parameters: periods, day counts, multipliers, names and their order.

Definitions and the reasons for them are in ``docs/conventions.md``.
"""

from __future__ import annotations

TRADING_DAYS = 252
WEEKS = 52
MONTHS = 12
DAYS_A_YEAR = 365
BASIS_POINT = 1e-4

OPTION_MULTIPLIER = 100
EXCHANGE = "XNYS"
BASE_CURRENCY = "USD"

FACTORS = ("market", "value", "growth", "momentum", "quality", "size", "low_volatility")
"""Names of the factors and their order; the market comes first, the others are the styles."""

TENORS = ("3M", "2Y", "5Y", "10Y", "30Y")
"""Tenors of Treasury yields that a source may quote; the analysis takes those that it does."""

SYMBOL = r"[A-Z0-9^][A-Z0-9.&=^_-]{0,23}"
"""What a listed symbol is, wherever one is written: M&M, BAJAJ-AUTO, BRK-B, ^GSPC, EURUSD=X."""

KINDS = ("stock", "etf", "index", "fund", "option", "manual")
POSITION_TYPES = ("LONG", "SHORT", "LC", "LP", "SC", "SP")

SYNC_STATES = ("ok", "stale", "missing", "empty", "unknown", "limited", "transport", "invalid")
"""How a request for a symbol ended: whole; an older answer taken because that was asked for; nothing in the
data; no bars; not known to the source; refused for now; source out of order; answer that breaks its form."""

SYNC_EVENTS = (
    "restated",
    "split",
    "gap_filled",
    "gap_open",
    "given_twice",
    "no_close",
    "moved_action",
    "source_repair",
)

# From the most to the least trusted; a page shows the last one that went into a number.
ORIGINS = ("real", "constructed", "generated", "manual")

STALE_AFTER_DAYS = 7
"""A last observation older than this many calendar days is no price."""
