"""Flags of positions, Greeks, snapshots and trades; those that make a row issue are in ``row_issues``."""

from __future__ import annotations

from lib.codes.code import Code

POSITIONS = (
    Code("MANUAL", "valued by hand"),
    Code("EXPIRED", "expired"),
    Code("EXITED", "exited"),
)
# Why ``lib.book`` leaves a holding out.
LEFT_OUT = (
    Code("manual", "valued by hand", nouns=("holding valued by hand", "holdings valued by hand")),
    Code("unpriced", "no price", "warning", nouns=("position without a price", "positions without a price")),
    Code(
        "no_greeks",
        "option without a delta",
        "warning",
        nouns=("option without a delta", "options without a delta"),
    ),
)
GREEKS = (
    Code("EXPIRES_TODAY", "expires today"),
    Code("GREEKS_NOT_COMPUTABLE", "no Greeks", "warning"),
    Code("UNDERLYING_NOT_TRADABLE", "its underlying cannot be traded", "warning"),
    Code("NO_UNDERLYING_PRICE", "no price of the underlying", "warning"),
    Code("NO_RATE", "no yield for the rate", "warning"),
    Code("EARLY_EXERCISE", "best exercised now"),
    Code("NO_VOLATILITY", "no volatility explains its price or is known", "warning"),
    Code("NO_DIVIDEND_YIELD", "no dividend yield known, taken as 0"),
    Code("STALE_PRICE", "its price is older than the last trading day"),
    Code("NO_PRICE", "no price of its own"),
    Code("BELOW_INTRINSIC", "its price is below its exercise value"),
    Code("ABOVE_BOUND", "its price is more than it can be worth"),
    Code("NO_TIME_VALUE", "its price has no time value"),
    Code("OUT_OF_RANGE", "its price asks for a volatility out of all range"),
)
# Which model prices an option.
MODELS = (
    Code("american", "American, by tree"),
    Code("european", "European, closed form"),
)
SNAPSHOTS = (
    Code("FIRST_SNAPSHOT", "first snapshot"),
    Code("MULTI_DAY", "more than one trading day since the snapshot before", "warning"),
    Code("BASE_GROSS", "return on gross exposure, for want of a positive net asset value", "warning"),
    Code("GREEKS_INCOMPLETE", "an option has no Greeks, so those of the book lack it", "warning"),
    Code("LATE_ENTRY", "entered before the last snapshot, counts from its entry price", "warning"),
    Code("QUANTITY_CHANGED", "quantity changed, taken to have changed hands at the newest price", "warning"),
    Code("EXIT_ASSUMED", "left the file, taken as closed at its last price", "warning"),
    Code("NO_PROFIT", "no profit for want of a price", "warning"),
)
TRADES = (
    Code("ROUNDED", "rounded to whole units"),
    Code("NOT_TRADABLE", "an index cannot be traded", "warning"),
    Code("MORE_THAN_HELD", "more than is held", "warning"),
    Code("RAISES_RISK", "left out: it raises the value at risk", "warning"),
    Code("NO_BASE", "no net asset value to weigh on", "warning"),
)
PROFITS = (
    Code(
        "NO_REPLAY_PRICE",
        "no price on a day of the replay",
        "warning",
        nouns=("position without prices for the replay", "positions without prices for the replay"),
    ),
    Code("HISTORY_SHORT", "history begins later"),
    Code("PERIOD_EARLIER", "counts from an earlier day, for want of a snapshot", "warning"),
    Code("NO_RETURN", "a day without a return", "warning"),
    Code("TOO_FEW_SNAPSHOTS", "too few snapshots"),
    Code("TOO_FEW_DAYS", "too few days"),
)
PORTFOLIO = (*POSITIONS, *LEFT_OUT, *GREEKS, *MODELS, *SNAPSHOTS, *PROFITS, *TRADES)
