"""Codes of the risk tables: quality of betas, flags of scenarios and measures, what is left out and why."""

from __future__ import annotations

from lib.codes.code import Code
from lib.conventions import FACTORS

BETAS = (
    Code("full_history", "full history"),
    Code("limited_history", "limited history"),
    Code(
        "insufficient",
        "too few returns",
        "warning",
        nouns=("position with too few returns", "positions with too few returns"),
    ),
    Code(
        "constant_prices",
        "prices do not move",
        "warning",
        nouns=("position whose price does not move", "positions whose prices do not move"),
    ),
    Code("no_yields", "too few yields", "warning"),
    Code("constant_yields", "yields do not move", "warning"),
    Code("capped", "at the cap", "warning"),
)
LEFT_OUT = (
    Code("manual_left_out", "holdings valued by hand left out", "warning"),
    Code("unpriced_left_out", "positions without a price left out", "warning"),
    Code("no_greeks_left_out", "options without a delta left out", "warning"),
    Code("short_history_left_out", "positions with too short a history left out", "warning"),
    Code("no_beta_left_out", "positions without betas left out", "warning"),
    Code("base_gross", "of gross exposure", "warning"),
)
SCENARIOS = (
    Code("not_revalued", "options by delta and gamma", "warning"),
    Code("capped_beta", "a beta is capped", "warning"),
    Code("pinv", "pseudo-inverse", "warning"),
    Code("below_zero", "a fall of more than 100% counts as 100%", "warning"),
    Code("exceeds_nav", "loss above net asset value", "warning"),
    Code("far_outside", "a story", "warning"),
    Code("generated_data", "rests on generated yields or volatilities", "warning"),
    Code("implausible_yield", "implies a yield that cannot be", "warning"),
    Code("nothing_covered", "no position takes part", "warning"),
    Code("window_not_covered", "data do not cover the window", "warning"),
    Code("short_factor_history", "too few days of factors", "warning"),
    *(Code(f"no_factor_{name}", f"no data for {name.replace('_', ' ')}", "warning") for name in FACTORS),
)
METRICS = (
    Code("covered", "in the figures"),
    Code(
        "short_history",
        "history too short",
        "warning",
        nouns=("position with too short a history", "positions with too short a history"),
    ),
    Code("no_returns", "no returns", "warning"),
    Code("under_one_year", "under a year"),
    Code("zero_variance", "no variation"),
    Code("no_shortfall", "no loss"),
    Code("no_drawdown", "no fall"),
    Code("zero_tail", "no tail"),
    Code("wiped_out", "nothing left to compound", "warning"),
    Code("thin_tail", "too few returns in the tail", "warning"),
    Code("no_benchmark", "no benchmark"),
    Code("benchmark_missing", "benchmark has no prices", "warning"),
    Code("short_benchmark", "benchmark incomplete", "warning"),
    Code("price_index", "benchmark without dividends"),
    Code("few_months", "too few months", "warning"),
    Code("too_few_forecasts", "too few forecasts"),
    Code("no_exceedance", "no exceedance"),
    Code("no_betas", "no position has betas", "warning"),
    Code("positions_without_betas", "some positions have no betas", "warning"),
    Code("adjusted_prices", "valued on adjusted prices", "warning"),
)
LIQUIDITY = (
    Code("volume_unknown", "no volume known", "warning"),
    Code("not_traded", "not traded", "warning"),
)
CORRELATIONS = (
    Code("other_side", "not the side asked for"),
    Code("hedged", "too small net of options and shorts"),
    Code("offset", "options and shorts offset it"),
    Code("small", "too small by the limits of money and weight"),
    Code("constant", "price did not move", "warning"),
    Code("no_pair", "no other to be compared with"),
)
RISK = (*BETAS, *LEFT_OUT, *SCENARIOS, *METRICS, *LIQUIDITY, *CORRELATIONS)
