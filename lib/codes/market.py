"""Codes of the market's tables: checks of bars, answers and events of a sync, gaps, origins, factors."""

from __future__ import annotations

from lib.codes.code import Code

CHECKS = (
    Code("BAD_PRICE", "price missing, zero or negative", "rejected"),
    Code("BAD_RANGE", "open, high, low and close contradict each other", "rejected"),
    Code("BAD_VOLUME", "volume negative or not finite", "rejected"),
    Code("DUP_CONFLICT", "day came twice with other figures", "warning"),
    Code("DUP_KEY", "day came twice alike"),
    Code("MISSING_SYMBOL", "no bar at all", "rejected"),
    Code("NOT_TRADING_DAY", "bar of a day without trading", "rejected"),
    Code("PRICE_JUMP", "large move that stayed", "warning"),
    Code("PRICE_SPIKE", "extreme move that was taken back", "rejected"),
    Code("REPAIRED_RANGE", "high or low too narrow", "warning"),
    Code("SPLIT_SUSPECT", "move that looks like a split", "warning"),
    Code("STALE_ANSWER", "older answer of the source", "warning"),
    Code("STALE_LAST", "series that ends early", "warning"),
    Code("STALE_REPEAT", "same close many times over", "warning"),
    Code("SWAPPED_RANGE", "high and low exchanged", "warning"),
    Code("ZERO_VOLUME", "range without a trade", "warning"),
)
"""``check`` of ``data_issues``, and ``rule`` of ``repairs``."""

ANSWERS = (
    Code("ok", "whole"),
    Code("stale", "older answer", "warning"),
    Code("missing", "not in the data", "warning"),
    Code("empty", "the source has no bars", "warning"),
    Code("unknown", "not known to the source", "warning"),
    Code("limited", "refused for now", "warning"),
    Code("transport", "the source did not answer", "warning"),
    Code("invalid", "the answer was not valid", "warning"),
)
"""``status`` of ``raw_sync_log``."""

CHANGES = (
    Code("restated", "past bars changed"),
    Code("split", "new split"),
)
"""``event`` of ``raw_sync_events`` that changed a series' past."""

ODDITIES = (
    Code("given_twice", "day given twice"),
    Code("no_close", "row without a close"),
    Code("moved_action", "dividend or split moved to the next bar"),
    Code("source_repair", "the source would repair"),
)
"""``event`` of ``raw_sync_events`` for a day that an answer did not give as it should."""

GAP_EVENTS = (
    Code("gap_filled", "gap filled by asking again"),
    Code("gap_open", "gap that asking again left open"),
)
"""``event`` of ``raw_sync_events`` about a gap."""

GAPS = (
    Code("open", "still open", "warning"),
    Code("quarantined", "made by a bar that was set aside", "warning"),
    Code("filled", "filled by asking again"),
)
"""``status`` of ``gaps``, the one that matters most first."""

ORIGINS = (
    Code("real", "observed in the market"),
    Code("constructed", "computed from real prices by a model"),
    Code("generated", "made up from a seed around known levels", "warning"),
)
"""``origin`` of a row; the fourth one, ``manual``, is among the codes of positions."""

FACTORS = (
    Code("singular", "a combination of others", "warning"),
    Code("high_vif", "hardly told apart", "warning"),
    Code("high_correlation", "moves like another", "warning"),
)
"""``warning`` of ``factor_diagnostics`` for a factor that was measured."""

LEFT_OUT = (
    Code("no_prices", "no prices", "warning"),
    Code("few_returns", "too few returns", "warning"),
)
"""``warning`` of ``factor_diagnostics`` for a factor that was left out."""

MARKET = (
    *CHECKS,
    *ANSWERS,
    *CHANGES,
    *ODDITIES,
    *GAP_EVENTS,
    *GAPS,
    *ORIGINS,
    *FACTORS,
    *LEFT_OUT,
)
