"""The account against another engine's recorded trades, orders carried out by hand, its own identities."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import codes
from lib.trading.account_rules import AccountRules
from lib.trading.audits import fills_before_their_time
from lib.trading.bars import changed
from lib.trading.costs import FREE, PAPER, Costs
from lib.trading.decisions import Decisions
from lib.trading.rule_backtest import backtest
from lib.trading.sizing import Caps
from lib.trading.strategies import STRATEGIES, said
from tests.trading.generated_bars import plain, walk

TEN = AccountRules(method="shares", shares=10, gate=0.0, volume_period=1)


def orders(bars, actions, *, stop=None, target=None, confidence=None):
    """Decisions from a dict of (row, column): action; stops and targets are arrays or one price."""
    shape = bars.close.shape
    action = np.zeros(shape, np.int8)
    for (row, column), one in actions.items():
        action[row, column] = one
    full = [np.full(shape, np.nan if one is None else one) for one in (stop, target)]
    sure = np.ones(shape) if confidence is None else np.broadcast_to(confidence, shape)
    return Decisions(action, sure, *full, np.where(action != 0, 10, 0).astype(np.int8)).only(action != 0)


def drawn(bars, seed):
    """Decisions at random with stops and targets near enough to be touched often."""
    rng, close = np.random.default_rng(seed), bars.close
    action = rng.choice([0, 0, 0, 0, 1, -1], size=close.shape).astype(np.int8)
    action[0] = 0
    stop = close * (1 - rng.uniform(0.003, 0.06, close.shape))
    target = close * (1 + rng.uniform(0.003, 0.08, close.shape))
    reason = np.where(action != 0, 10, 0).astype(np.int8)
    return Decisions(action, np.ones(close.shape), stop, target, reason).only(np.isfinite(close))


def test_fees_and_slippage_are_those_of_the_worked_order():
    """Prices 100 110 121 115, ten bought at the first, sold at the third: recorded from vectorbt 1.2.0."""
    bars = plain([99, 100, 110, 121, 115])
    rules = AccountRules(capital=10_000, method="shares", shares=10, gate=0)
    found = backtest(
        bars,
        orders(bars, {(0, 0): 1, (2, 0): -1}),
        rules=rules,
        costs=Costs(commission=0.001, slippage=0.0005),
    )
    assert found.fills["price"].tolist() == pytest.approx([100.05, 120.9395], abs=1e-12)
    assert found.fills["fee"].tolist() == pytest.approx([1.0005, 1.209395], abs=1e-12)
    assert found.equity[-1] == pytest.approx(10_206.685105, abs=1e-9)


def test_the_paper_costs_are_those_of_the_worked_purchase():
    price = PAPER.price(1450.0, side=1)
    assert price == pytest.approx(1450.725) and float(PAPER.fee(10 * price)) == pytest.approx(24.352175)
    assert 100_000 - 10 * price - float(PAPER.fee(10 * price)) == pytest.approx(85_468.397825)


RECORDED = {
    0: (13, 137.236615),
    3: (19, 14.534862),
    5: (15, -179.430385),
    10: (19, -192.539873),
    11: (22, -198.68005),
    13: (17, 223.85228),
    17: (17, 92.790286),
}
"""By seed, trades and profit of backtesting.py 0.6.6 for the same orders (10 shares, commission 0.1 %).

Seeds of which none opens beyond its stop (here not bought, there bought and sold at once) or beyond its
target on a bar that touches the stop too (here the target, there the stop)."""


@pytest.mark.parametrize("seed", RECORDED)
def test_trades_and_profit_are_those_of_another_engine(seed):
    bars = walk(sessions=150, symbols=1, seed=seed, holes=False)
    found = backtest(bars, drawn(bars, seed + 10_000), rules=TEN, costs=Costs(0.001, 0, 0)).trades
    closed = found.loc[found["exit_reason"] != "STILL_OPEN"]
    assert (len(closed), closed["net"].sum()) == (
        RECORDED[seed][0],
        pytest.approx(RECORDED[seed][1], abs=1e-5),
    )


def test_an_order_waits_for_the_next_open_and_pays_it():
    bars = plain([10, 20, 40, 80], closes=[11, 21, 41, 81])
    found = backtest(bars, orders(bars, {(0, 0): 1, (2, 0): -1}), rules=TEN, costs=FREE)
    assert found.fills[["row", "price"]].to_numpy().tolist() == [[1, 20], [3, 80]]
    assert found.equity.tolist() == [100_000, 100_010, 100_210, 100_600]
    assert found.quantity[:, 0].tolist() == [0, 10, 10, 0]
    assert found.trades.loc[0, ["gross", "sessions_held", "exit_reason"]].tolist() == [600, 2, "RULE_SAYS"]


def test_where_only_closes_are_known_the_next_close_is_paid_and_said():
    bars = plain([10, 20, 40, 80])
    bars = changed(bars, **{name: np.full((4, 1), np.nan) for name in ("open", "high", "low")})
    found = backtest(bars, orders(bars, {(0, 0): 1}, stop=15, target=70), rules=TEN, costs=FREE)
    assert found.fills["price"].tolist() == [20, 70] and found.fills["flags"][0] == "NO_OPEN"


def test_a_gap_through_the_stop_is_paid_at_the_open_less_slippage():
    bars = plain([100, 100, 80], highs=[101, 101, 82], lows=[99, 99, 78], closes=[100, 100, 81])
    found = backtest(bars, orders(bars, {(0, 0): 1}, stop=95), rules=TEN, costs=Costs(0, 0, 0.01))
    assert found.trades.loc[0, "exit_price"] == pytest.approx(79.2)
    assert found.trades.loc[0, "exit_reason"] == "STOP_TOUCHED"


def test_stop_and_target_in_one_bar_is_a_stop_marked_ambiguous():
    bars = plain([100, 100, 100], highs=[101, 101, 120], lows=[99, 99, 80])
    found = backtest(bars, orders(bars, {(0, 0): 1}, stop=95, target=110), rules=TEN, costs=FREE).trades
    assert found.loc[0, ["exit_price", "ambiguous"]].tolist() == [95, True]


def test_an_entry_that_opens_beyond_its_stop_is_not_made():
    bars = plain([100, 90, 95])
    found = backtest(bars, orders(bars, {(0, 0): 1}, stop=95), rules=TEN, costs=FREE)
    assert found.fills.empty and found.refused["reason"].tolist() == ["GAP_BEYOND_STOP"]


def test_a_trailing_stop_works_from_the_session_after_it_was_moved():
    bars = plain([100, 100, 110, 120, 112], highs=[100, 101, 111, 121, 113], lows=[99, 99, 104, 113, 111])
    trail = np.full((5, 1), 8.0)
    found = backtest(bars, orders(bars, {(0, 0): 1}, stop=90), rules=TEN, costs=FREE, trail=trail).trades
    assert found.loc[0, ["exit_row", "exit_price"]].tolist() == [4, 112], "121 - 8 = 113, opened at 112"


def test_a_symbol_has_one_position_and_the_surest_orders_come_first():
    bars = walk(sessions=40, symbols=6, holes=False)
    sure = np.array([0.6, 0.9, 0.7, 0.8, 0.7, 0.4])
    every = orders(bars, {(row, column): 1 for row in (20, 21) for column in range(6)}, confidence=sure)
    rules = AccountRules(method="share", share=0.2, most_positions=4, gate=0.5)
    found = backtest(bars, every, rules=rules, costs=FREE)
    assert found.fills["symbol"].tolist() == ["S1", "S3", "S2", "S4"]
    assert found.refused["reason"].tolist() == ["LOW_CONFIDENCE", "NO_PLACE"] * 2
    assert set(found.trades["exit_reason"]) == {"STILL_OPEN"}
    assert {*found.refused["reason"], *found.trades["exit_reason"]} <= set(codes.CODES)


def test_shared_cash_is_spent_once():
    bars = walk(sessions=40, symbols=3, holes=False)
    rules = AccountRules(method="share", share=0.6)
    found = backtest(bars, orders(bars, {(25, one): 1 for one in range(3)}), rules=rules, costs=PAPER)
    bought = found.fills["quantity"] * found.fills["price"]
    assert bought.iloc[0] == pytest.approx(60_000, rel=0.03) and bought.iloc[1] < 41_000
    assert found.refused["reason"].tolist() == ["SIZE_ZERO"]
    assert 0 <= found.cash[-1] < 200


def test_sizes_are_those_of_the_money_at_risk_under_every_cap():
    bars = plain([1450, 1450, 1450], volumes=[1e6] * 3)
    entry = orders(bars, {(0, 0): 1}, stop=1420)
    base = {"method": "risk", "risk": 0.02, "volume_period": 1}
    for caps, shares in ((Caps(), 66), (Caps(most_value=50_000), 34), (Caps(lot=25), 50)):
        found = backtest(bars, entry, rules=AccountRules(caps=caps, **base), costs=FREE)
        assert found.fills["quantity"].tolist() == [shares]


def test_a_stock_that_stops_trading_is_sold_at_its_last_close_after_a_while():
    bars = walk(sessions=80, symbols=4, holes=True)
    entry = orders(bars, {(30, 3): 1})
    found = backtest(bars, entry, rules=AccountRules(method="share", patience=5, volume_period=1), costs=FREE)
    assert found.trades.loc[0, ["exit_row", "exit_reason"]].tolist() == [64, "BARS_ENDED"]
    assert found.trades.loc[0, "exit_price"] == bars.close[59, 3]


def test_a_limit_fills_at_a_touch_or_only_when_gone_through():
    bars = plain(
        [100, 101, 99, 99], highs=[101, 102, 99, 99], lows=[99, 100, 98, 99], closes=[100, 101, 99, 99]
    )
    entry = orders(bars, {(0, 0): 1})

    def fills(kind):
        rules = AccountRules(method="shares", shares=10, gate=0, entry=kind)
        found = backtest(bars, entry, rules=rules, costs=Costs(0, 0, 0.01))
        return found.fills["price"].tolist(), found.refused["reason"].tolist()

    assert fills("open") == ([pytest.approx(102.01)], [])
    assert fills("touch") == ([100], [])
    assert fills("through") == ([], ["LIMIT_NOT_REACHED"])
    better = plain([100, 97, 99], lows=[99, 96, 99])
    rules = AccountRules(method="shares", shares=10, gate=0, entry="through")
    assert backtest(better, orders(better, {(0, 0): 1}), rules=rules).fills["price"].tolist() == [97]


def test_a_limit_filled_within_a_bar_may_be_stopped_in_it_but_not_reach_its_target():
    bars = plain([100, 103, 99], highs=[100, 115, 99], lows=[100, 94, 99], closes=[100, 99, 99])
    rules = AccountRules(method="shares", shares=10, gate=0, entry="touch")
    stopped = backtest(bars, orders(bars, {(0, 0): 1}, stop=95, target=110), rules=rules, costs=FREE).trades
    assert stopped.loc[0, ["exit_row", "exit_price", "ambiguous"]].tolist() == [1, 95, False]
    held = backtest(bars, orders(bars, {(0, 0): 1}, stop=90, target=110), rules=rules, costs=FREE).trades
    assert held["exit_reason"].tolist() == ["STILL_OPEN"]


def test_a_short_earns_what_a_fall_brings_and_is_off_unless_asked_for():
    bars = plain([100, 100, 90, 80, 80])
    both = orders(bars, {(0, 0): -1, (2, 0): 1})
    short = AccountRules(method="shares", shares=10, gate=0, short=True)
    found = backtest(bars, both, rules=short, costs=FREE)
    assert found.trades["side"].tolist() == [-1, 1] and found.trades["net"].tolist() == [200, 0]
    assert backtest(bars, both, rules=TEN, costs=FREE).trades["side"].tolist() == [1]


ACCOUNTS = st.builds(
    AccountRules,
    capital=st.sampled_from([3_000.0, 100_000.0]),
    method=st.sampled_from(["risk", "share"]),
    risk=st.sampled_from([0.01, 0.1]),
    share=st.sampled_from([0.1, 0.7, 1.0]),
    most_positions=st.integers(1, 6),
    sized_at=st.sampled_from(["close", "open"]),
    entry=st.sampled_from(["open", "touch", "through"]),
    patience=st.integers(1, 9),
    caps=st.sampled_from([Caps(), Caps(lot=7), Caps(most_value=9_000)]),
)
COSTS = st.sampled_from([FREE, PAPER, Costs(), Costs(0.01, 3.0, 0.02)])
WORLDS = st.tuples(st.integers(0, 50), st.booleans(), st.booleans())


def followed(world, rules, costs, sessions=90):
    seed, opens, trailing = world
    bars = walk(sessions=sessions, seed=seed, opens=opens)
    trail = bars.close * 0.04 if trailing else None
    return bars, backtest(bars, drawn(bars, seed), rules=rules, costs=costs, trail=trail)


@settings(deadline=None, max_examples=60)
@given(world=WORLDS, rules=ACCOUNTS, costs=COSTS)
def test_equity_is_cash_and_positions_at_every_step_and_cash_is_never_below_zero(world, rules, costs):
    bars, found = followed(world, rules, costs)
    last = pd.DataFrame(bars.close).ffill().to_numpy()
    worth = np.nansum(found.quantity * last, axis=1)
    spent = found.fills["side"] * found.fills["quantity"] * found.fills["price"] + found.fills["fee"]
    paid = np.bincount(found.fills["row"], weights=spent, minlength=len(found.equity))
    assert found.cash == pytest.approx(rules.capital - np.cumsum(paid), rel=1e-9, abs=1e-6)
    assert found.equity == pytest.approx(found.cash + worth, rel=1e-9)
    assert found.cash.min() >= -1e-9 and found.quantity.min() >= 0
    assert (found.quantity > 0).sum(axis=1).max() <= rules.most_positions
    moved = np.zeros(found.quantity.shape)
    np.add.at(
        moved, (found.fills["row"], found.fills["column"]), found.fills["side"] * found.fills["quantity"]
    )
    assert np.array_equal(np.cumsum(moved, axis=0), found.quantity)
    assert found.equity[-1] - rules.capital == pytest.approx(found.trades["net"].sum(), abs=1e-6)
    assert (found.fills["quantity"] % rules.caps.lot == 0).all()


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 50), low=COSTS, more=st.sampled_from([(0.002, 0, 0), (0, 5.0, 0), (0, 0, 0.004)]))
def test_costs_never_raise_equity_of_the_same_orders(seed, low, more):
    """Of equal quantities: where sizes follow equity a dearer account may by luck hold less of a loser."""
    bars = walk(sessions=90, seed=seed)
    rules = AccountRules(capital=1e7, method="shares", shares=7, gate=0, volume_period=1)
    high = Costs(low.commission + more[0], low.per_order + more[1], low.slippage + more[2])
    cheap, dear = (backtest(bars, drawn(bars, seed), rules=rules, costs=one) for one in (low, high))
    assert len(cheap.fills) == len(dear.fills) > 0
    assert (dear.equity <= cheap.equity + 1e-6).all() and dear.equity[-1] < cheap.equity[-1]


@settings(deadline=None, max_examples=25)
@given(world=WORLDS, rules=ACCOUNTS, cut=st.integers(20, 89))
def test_what_comes_after_a_session_changes_nothing_up_to_it(world, rules, cut):
    seed, opens, _ = world
    bars, whole = followed((seed, opens, False), rules, PAPER)
    part = backtest(bars.rows(0, cut), drawn(bars, seed).rows(0, cut), rules=rules, costs=PAPER)
    assert np.array_equal(part.equity, whole.equity[:cut]) and np.array_equal(part.cash, whole.cash[:cut])
    assert part.fills.equals(whole.fills.loc[whole.fills["row"] < cut].reset_index(drop=True))


def follow(name, *, same_bar=False):
    more = {"average_cross": {"fast": 3, "slow": 8}, "volume_breakout": {"multiple": 1.2, "high_period": 5}}

    def run(bars):
        found = said(name, bars, **more.get(name, {})).decisions
        if same_bar:
            parts = [np.roll(getattr(found, one), -1, axis=0) for one in found.__dataclass_fields__]
            found = Decisions(*parts)
        return backtest(bars, found, rules=AccountRules(method="share"), costs=PAPER)

    return run


@pytest.mark.parametrize("name", STRATEGIES)
def test_fills_at_an_open_know_nothing_of_what_follows_it(name):
    bars = walk(sessions=260)
    rows = follow(name)(bars).fills
    cuts = sorted(set(rows["row"]))[-8:]
    assert len(cuts) > 3
    assert fills_before_their_time(follow(name), bars, cuts=cuts).empty


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_planted_fill_in_the_bar_of_its_signal_is_named(name):
    bars = walk(sessions=260)
    rows = follow(name, same_bar=True)(bars).fills
    cuts = sorted(set(rows.loc[~rows["reason"].isin(["STOP_TOUCHED", "TARGET_TOUCHED"]), "row"]))[-8:]
    found = fills_before_their_time(follow(name, same_bar=True), bars, cuts=cuts)
    assert len(found) > 3 and set(found["cut"]) <= set(bars.sessions[cuts])


def test_rules_out_of_range_are_refused():
    for more, words in (
        ({"method": "all"}, "take one of risk, share, shares"),
        ({"method": "shares"}, "shares is 0"),
        ({"risk": 0.2}, "risk is 0.2"),
        ({"capital": 0}, "capital is 0"),
    ):
        with pytest.raises(ValueError, match=words):
            AccountRules(**more)
    with pytest.raises(ValueError, match="a cost below 0"):
        Costs(-0.1)
    bars = walk(sessions=20)
    with pytest.raises(ValueError, match="decisions are"):
        backtest(bars, drawn(bars, 1).rows(0, 10))


def test_a_decision_on_a_session_without_a_bar_is_sized_at_the_last_close():
    bars = plain([50, 100, np.nan, 104, 104])
    for method in ("share", "risk"):
        rules = AccountRules(method=method, share=0.1, volume_period=1)
        found = backtest(bars, orders(bars, {(2, 0): 1}, stop=90), rules=rules, costs=FREE)
        assert found.fills[["row", "quantity", "price"]].to_numpy().tolist() == [[3, 100, 104]]
    late = plain([np.nan, np.nan, 104])
    for method, code in (("share", "ENTRY_NOT_POSITIVE"), ("risk", "ENTRY_NOT_POSITIVE")):
        rules = AccountRules(method=method, volume_period=1)
        found = backtest(late, orders(late, {(0, 0): 1}, stop=90), rules=rules, costs=FREE)
        assert found.fills.empty and found.refused["reason"].tolist() == [code]


def test_volumes_that_begin_late_change_nothing_before_they_do():
    bars = walk(sessions=80, symbols=1, holes=False)
    volume = bars.volume.copy()
    volume[:50] = np.nan
    bars = changed(bars, volume=volume)
    entry = orders(bars, {(30, 0): 1})
    rules = AccountRules(method="share")
    whole = backtest(bars, entry, rules=rules)
    part = backtest(bars.rows(0, 45), entry.rows(0, 45), rules=rules)
    assert len(part.fills) == 1 and part.fills.equals(whole.fills)
