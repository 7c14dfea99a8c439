"""Codes of the event study: why an event cannot be studied, what is particular of one, what a test lacks."""

from __future__ import annotations

from lib.codes.code import Code

SIGNAL_EVENTS = (
    Code("window_not_over", "its window is not over yet"),
    Code("before_first_price", "it was before the firm's first price", "warning"),
    Code("no_member", "no firm was in the universe", "warning"),
    Code("unknown_firm", "the firm is not in the universe", "warning"),
    Code("left_before", "the firm had stopped trading before"),
    Code("not_a_member", "the firm was not in the universe then"),
    Code("same_session", "another event of the firm has the same event day"),
    Code("short_estimation", "too few days of estimation", "warning"),
    Code("no_variation", "returns that do not vary, or no market to measure by", "warning"),
    Code("halted", "no trade at the window's end, and nothing known since", "warning"),
    Code("few_days", "too few days of the window have a return", "warning"),
    Code("no_market_return", "the market has no return on a day of the window", "warning"),
    Code("overlapping_window", "its window overlaps an earlier one of the firm"),
    Code("ended_in_window", "the firm stopped trading in the window"),
    Code("end_after_window", "its end came after the window and is counted on the first day without a price"),
    Code("end_assumed", "what holders got is assumed", "warning"),
    Code("earlier_event", "an earlier event lies in the days of estimation"),
    Code("shared_days", "events share their days, and it takes them as independent"),
    Code("raised_variance", "the event raised the variance, and it takes it as unchanged"),
    Code("firms_alike", "only if no shock of that day hit one group more than the other"),
    Code("as_before", "only if firms move together as much as before"),
    Code("few_events", "so few events carry no normal approximation"),
    Code("few_groups", "a group is empty or has one event"),
    Code("few_values", "too few events have the signal and all controls, or these do not vary"),
    Code("few_placebos", "too few dates without an event"),
)
