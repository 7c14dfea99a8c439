"""Flags of positions that give no row issue of their own; the others are in ``lib.codes.rows``."""

from __future__ import annotations

from lib.codes.code import Code

POSITIONS = (
    Code("MANUAL", "valued by hand"),
    Code("EXPIRED", "expired"),
    Code("EXITED", "exited"),
    Code("manual", "valued by hand", nouns=("holding valued by hand", "holdings valued by hand")),
    Code("unpriced", "no price", "warning", nouns=("position without a price", "positions without a price")),
    Code(
        "no_greeks",
        "option without a delta",
        "warning",
        nouns=("option without a delta", "options without a delta"),
    ),
)
