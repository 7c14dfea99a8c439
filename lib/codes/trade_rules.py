"""Codes of trading rules: why a rule acts, what limits a size, why an order is not carried out."""

from __future__ import annotations

from lib.codes.code import Code

TRADE_RULES = (
    Code("RSI_LOW", "RSI below its lower threshold"),
    Code("RSI_RECOVERED", "RSI back above its lower threshold"),
    Code("RSI_HIGH", "RSI above its upper threshold"),
    Code("MACD_UP", "MACD rose above its own average"),
    Code("MACD_DOWN", "MACD fell below its own average"),
    Code("AVERAGE_UP", "fast average rose above the slow one"),
    Code("AVERAGE_DOWN", "fast average fell below the slow one"),
    Code("VOLUME_BREAKOUT", "new high on high volume"),
    Code("VOLUME_BREAKDOWN", "fall on high volume"),
    Code("RULE_SAYS", "the rule says so"),
    Code("STOP_TOUCHED", "stop touched"),
    Code("TARGET_TOUCHED", "target touched"),
    Code("BARS_ENDED", "no more bars of the symbol", "warning"),
    Code("STILL_OPEN", "held at the end"),
    Code("AMBIGUOUS_BAR", "stop and target in one bar, the stop taken first", "warning"),
    Code("NO_OPEN", "filled at the close since the open is not known", "warning"),
    Code("LACKS_OPEN", "the symbol has no opens", "warning"),
    Code("LACKS_HIGH", "the symbol has no highs", "warning"),
    Code("LACKS_LOW", "the symbol has no lows", "warning"),
    Code("LACKS_CLOSE", "the symbol has no closes", "warning"),
    Code("LACKS_VOLUME", "the symbol has no volumes", "warning"),
    Code("ENTRY_NOT_POSITIVE", "entry price not above 0", "rejected"),
    Code("STOP_NOT_POSITIVE", "stop not above 0", "rejected"),
    Code("STOP_AT_ENTRY", "stop equal to the entry", "rejected"),
    Code("STOP_WRONG_SIDE", "stop on the wrong side of the entry", "rejected"),
    Code("BALANCE_NOT_POSITIVE", "balance not above 0", "rejected"),
    Code("RISK_OUT_OF_RANGE", "risk not above 0 or above 10 %", "rejected"),
    Code("SIZE_ZERO", "less than one lot", "rejected"),
    Code("SIZE_BY_RISK", "size limited by the money at risk"),
    Code("SIZE_BY_POSITION", "size limited by the largest position"),
    Code("SIZE_BY_BALANCE", "size limited by the balance"),
    Code("SIZE_BY_VOLUME", "size limited by the traded volume"),
    Code("LOW_CONFIDENCE", "confidence under the gate", "rejected"),
    Code("NO_BAR_TODAY", "no bar of that day", "rejected"),
    Code("WARMING_UP", "too few bars for its indicators", "rejected"),
    Code("NO_PLACE", "as many positions as allowed", "rejected"),
    Code("RULE_FULL", "as many positions of the rule as allowed", "rejected"),
    Code("GAP_BEYOND_STOP", "opened beyond the stop", "rejected"),
    Code("LIMIT_NOT_REACHED", "limit not reached", "rejected"),
)
"""Reasons of decisions and exits, flags of fills, limits of sizes, reasons of orders not carried out."""
