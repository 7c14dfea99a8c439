"""One stop for all rules, by its kinds."""

import numpy as np
import pytest

from lib.trading.account_rules import AccountRules
from lib.trading.costs import FREE
from lib.trading.indicators import atr
from lib.trading.rule_backtest import backtest
from lib.trading.stop_rules import StopRule, with_stops
from lib.trading.strategies import said
from tests.trading.generated_bars import plain, walk
from tests.trading.test_rule_backtest import orders


@pytest.mark.parametrize(
    ("rule", "below"),
    [
        (StopRule("fixed", distance=2.0), lambda close, usual: close - 2),
        (StopRule("percent", share=0.04), lambda close, usual: close * 0.96),
        (StopRule("atr", multiple=3.0), lambda close, usual: close - 3 * usual),
        (StopRule("trailing", share=0.04), lambda close, usual: close * 0.96),
        (StopRule("trailing", multiple=2.0), lambda close, usual: close - 2 * usual),
        (StopRule("none"), lambda close, usual: np.full(close.shape, np.nan)),
    ],
)
def test_each_kind_stands_at_its_distance_below_the_close_of_the_decision(rule, below):
    bars = walk(sessions=300)
    found = said("macd_crossover", bars).decisions
    placed, trail = with_stops(found, bars, rule)
    bought = placed.action == 1
    expected = below(bars.close, atr(bars.high, bars.low, bars.close))
    assert bought.any() and placed.stop[bought] == pytest.approx(expected[bought], nan_ok=True)
    assert np.isnan(placed.stop[~bought]).all() and np.array_equal(placed.action, found.action)
    assert (trail is None) == (rule.kind != "trailing")


def test_the_strategys_own_stop_is_kept_unless_another_is_asked_for():
    bars = walk(sessions=200)
    found = said("macd_crossover", bars).decisions
    assert with_stops(found, bars, StopRule()) == (found, None)


def test_a_trailing_stop_sells_after_a_fall_from_the_top():
    closes = [100, 100, 104, 110, 120, 113, 100]
    bars = plain(closes)
    placed, trail = with_stops(orders(bars, {(0, 0): 1}), bars, StopRule("trailing", share=0.05))
    rules = AccountRules(method="share", volume_period=1)
    trade = backtest(bars, placed, rules=rules, costs=FREE, trail=trail).trades.iloc[0]
    assert (trade["exit_row"], trade["exit_price"], trade["exit_reason"]) == (5, 113, "STOP_TOUCHED")


def test_a_stop_without_a_size_is_refused():
    for kind, more in (("percent", {}), ("atr", {"share": 0.1}), ("trailing", {"distance": 3})):
        with pytest.raises(ValueError, match="needs its size above 0"):
            StopRule(kind, **more)
    with pytest.raises(ValueError, match="take one of own"):
        StopRule("chandelier")
    with pytest.raises(ValueError, match="out of its range"):
        StopRule("percent", share=1.5)
