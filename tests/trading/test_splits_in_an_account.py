"""Accounts over prices as printed: splits and dividends against arithmetic by hand and against one basis."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.trading.account_bars import bars_of_prices
from lib.trading.account_rules import AccountRules
from lib.trading.bars import bars_of_closes, changed
from lib.trading.costs import FREE
from lib.trading.decisions import Decisions
from lib.trading.held_symbols import bought_and_held
from lib.trading.rule_backtest import backtest
from lib.trading.sizing import Caps
from lib.trading.stop_rules import StopRule, with_stops
from lib.trading.strategies import STRATEGIES, said
from tests.trading.generated_bars import plain, walk

SHARES = AccountRules(capital=10_000.0, method="shares", shares=30, caps=Caps(volume_share=1.0))


def printed(bars, *, row, column, ratio):
    """The same bars as they would have been printed, had a share become ``ratio`` at the open of ``row``."""
    split = np.ones(bars.close.shape)
    split[row, column] = ratio
    after = np.cumprod(split, axis=0)
    prices = {name: getattr(bars, name) / after for name in ("open", "high", "low", "close")}
    return replace(changed(bars, **prices, volume=bars.volume * after), split=split, dividend=0.0 * split)


def entering(bars, row, *, leave, stop=0.5, target=np.nan):
    """Buy at the close of ``row`` with a stop and target by share of the close, leave at ``leave``."""
    action = np.zeros(bars.close.shape, dtype=np.int8)
    action[row], action[leave] = 1, -1
    at = np.where(action == 1, bars.close, np.nan)
    return Decisions(
        action, np.where(action != 0, 0.9, np.nan), at * stop, at * target, (action != 0).astype(np.int8) * 10
    )


def test_a_split_makes_more_shares_and_leaves_the_equity():
    bars = plain([100.0, 100.0, 100.0, 50.0, 50.0, 60.0, 60.0])
    bars = replace(bars, split=np.array([1, 1, 1, 2.0, 1, 1, 1])[:, None], dividend=np.zeros((7, 1)))
    record = backtest(bars, entering(bars, 0, leave=5), rules=SHARES, costs=FREE)
    assert record.quantity[:, 0].tolist() == [0, 30, 30, 60, 60, 60, 0]
    assert record.equity.tolist() == [10_000.0] * 5 + [10_600.0] * 2
    trade = record.trades.iloc[0]
    assert (trade["quantity"], trade["entry_price"], trade["exit_price"]) == (60, 50.0, 60.0)
    assert trade["net"] == pytest.approx(600.0)
    assert record.fills["price"].tolist() == [100.0, 60.0] and record.fills["quantity"].tolist() == [30, 60]


def test_a_fraction_of_a_share_is_paid_out():
    bars = plain([90.0, 90.0, 60.0, 60.0])
    bars = replace(bars, split=np.array([1, 1, 1.5, 1])[:, None], dividend=np.zeros((4, 1)))
    rules = replace(SHARES, shares=3)
    record = backtest(bars, entering(bars, 0, leave=3), rules=rules, costs=FREE)
    assert record.quantity[2, 0] == 4
    assert record.equity.tolist() == [10_000.0] * 4 and record.cash[2] == pytest.approx(10_000 - 270 + 30)


def test_a_dividend_is_paid_on_the_shares_held_before_the_split():
    bars = plain([100.0, 100.0, 49.0, 49.0])
    bars = replace(bars, split=np.array([1, 1, 2.0, 1])[:, None], dividend=np.array([0, 0, 2.0, 0])[:, None])
    record = backtest(bars, entering(bars, 0, leave=3), rules=SHARES, costs=FREE)
    assert record.dividends == 60.0
    assert record.equity.tolist() == [10_000.0] * 4


def test_a_buyer_at_the_open_of_the_split_gets_the_shares_and_the_stop_of_that_day():
    bars = plain([100.0, 50.0, 50.0, 50.0], lows=[100.0, 49.0, 39.0, 50.0])
    bars = replace(bars, split=np.array([1, 2.0, 1, 1])[:, None], dividend=np.zeros((4, 1)))
    record = backtest(bars, entering(bars, 0, leave=3, stop=0.8), rules=SHARES, costs=FREE)
    assert record.fills["quantity"].tolist() == [60, 60]
    assert record.fills["price"].tolist() == [50.0, 40.0]
    assert record.trades["exit_reason"].tolist() == ["STOP_TOUCHED"]


@pytest.mark.parametrize("name", sorted(STRATEGIES))
@pytest.mark.parametrize("kind", ["own", "atr", "trailing"])
def test_printed_prices_give_the_decisions_and_returns_of_one_basis(name, kind):
    """A split by two scales exactly: all but what is rounded to whole shares is the same."""
    smooth = walk(sessions=500, holes=False, seed=3)
    raw = printed(printed(smooth, row=0, column=0, ratio=1.0), row=250, column=1, ratio=2.0)
    rule = StopRule(kind, share=0.04 if kind == "trailing" else 0.0, multiple=2.0 if kind == "atr" else 0.0)
    rules = AccountRules(capital=1e9, caps=Caps(volume_share=1.0))
    found = []
    for bars in (smooth, raw):
        decisions, trail = with_stops(said(name, bars).decisions, bars, rule)
        found.append((decisions, backtest(bars, decisions, rules=rules, costs=FREE, trail=trail)))
    (one, whole), (other, split) = found
    assert np.array_equal(one.action, other.action)
    after = np.cumprod(raw.split, axis=0)
    assert other.stop * after == pytest.approx(one.stop, nan_ok=True)
    assert split.returns == pytest.approx(whole.returns, abs=1e-5)
    assert len(split.trades) == len(whole.trades) and whole.trades["exit_reason"].equals(
        split.trades["exit_reason"]
    )


def test_a_later_split_changes_nothing_before_it():
    smooth = walk(sessions=400, holes=False)
    early = printed(smooth, row=380, column=0, ratio=3.0)
    never = replace(smooth, split=np.ones(smooth.close.shape), dividend=np.zeros(smooth.close.shape))
    for name in STRATEGIES:
        one, other = (said(name, bars).decisions for bars in (early, never))
        for field in ("action", "confidence", "stop", "target"):
            assert np.array_equal(getattr(one, field)[:380], getattr(other, field)[:380], equal_nan=True)


def test_prices_become_bars_in_the_order_asked_for_and_symbols_without_prices_are_empty():
    days = pd.bdate_range("2020-01-01", periods=3, unit="us")
    rows = pd.DataFrame(
        {
            "date": [*days, *days],
            "symbol": ["B"] * 3 + ["A"] * 3,
            "close": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "split": [np.nan, 2.0, np.nan] + [np.nan] * 3,
            "dividend": [np.nan, np.nan, 0.5] + [np.nan] * 3,
            "price_basis": ["raw"] * 3 + ["adjusted"] * 3,
        }
    )
    bars = bars_of_prices(rows, ["B", "NONE", "A"])
    assert list(bars.symbols) == ["B", "NONE", "A"]
    assert bars.split.T.tolist() == [[1, 2, 1], [1, 1, 1], [1, 1, 1]]
    assert bars.dividend.T.tolist() == [[0, 0, 0.5], [0, 0, 0], [0, 0, 0]]
    assert np.isnan(bars.close[:, 1]).all() and bars.close[:, 2].tolist() == [4.0, 5.0, 6.0]
    adjusted = bars_of_prices(rows.assign(price_basis="adjusted"), ["A"])
    assert adjusted.split is None and adjusted.chained is adjusted


def test_holding_pays_for_its_shares_once_and_keeps_its_dividends():
    """Half in ONE (100 to 2 x 60 with a dividend of 1 on the old share), half waiting for TWO (10 to 20)."""
    closes = pd.DataFrame(
        {"ONE": [100.0, 100.0, 60.0, 60.0], "TWO": [np.nan, 10.0, 10.0, 20.0]},
        index=pd.bdate_range("2020-01-01", periods=4, unit="us"),
    )
    bars = bars_of_closes(closes)
    split, dividend = np.ones((4, 2)), np.zeros((4, 2))
    split[2, 0], dividend[2, 0] = 2.0, 1.0
    bars = replace(bars, split=split, dividend=dividend)
    value = bought_and_held(bars, capital=2_000.0, costs=FREE)
    assert value.tolist() == [2_000.0, 2_000.0, 1_200.0 + 10.0 + 1_000.0, 1_200.0 + 10.0 + 2_000.0]
