"""The table of what each position's figures need, and whether it is there."""

from __future__ import annotations

from lib.contracts import Table
from lib.tables.columns import flag, text

NEEDS = ("price", "history", "betas", "underlying_price", "volatility", "rate", "dividend")
"""What the figures of a position may need, in the order in which it is told."""

READINESS = (
    Table(
        "readiness",
        "What the figures of each position held need, and whether it is there.",
        (
            text("position_id", "position"),
            text("symbol", "symbol"),
            text("requirement", "what is needed", values=NEEDS),
            flag("met", "whether it is there"),
            text("detail", "its day, days, source or size, or why it is lacking; may be empty"),
        ),
        ("position_id", "requirement"),
        may_be_empty=True,
    ),
)
