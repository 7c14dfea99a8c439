"""Codes of the fund backtest, of model portfolios and of comparisons."""

from __future__ import annotations

from lib.codes.code import Code

FUND_BACKTESTS = (
    Code("no_eligible_fund", "no fund could be chosen", "warning"),
    Code("fewer_than_asked", "fewer funds than asked for", "warning"),
    Code("stale_scores", "scores too old", "warning"),
    Code("no_month", "no whole month"),
    Code("no_period", "no whole period"),
    Code("no_candidate", "no fund of the list fills it", "warning"),
    Code("fund_limit", "at the limit of one fund", "warning"),
    Code("house_limit", "at the limit of one house", "warning"),
    Code("unscored", "not scored"),
    Code("not_given", "not given"),
    Code("no_order", "neither direction is better"),
)
