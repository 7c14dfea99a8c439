"""Walk-forward choice, execution studies and random entries on worlds whose truth is planted."""

import numpy as np
import pandas as pd
import pytest

from lib.errors import InputError
from lib.trading.account_rules import AccountRules
from lib.trading.bars import bars_of_closes
from lib.trading.costs import ENGINE, FREE, Costs
from lib.trading.decisions import delayed
from lib.trading.random_entries import random_entries
from lib.trading.rule_backtest import backtest
from lib.trading.rule_studies import break_even_cost, delay_curve, limit_bracket
from lib.trading.strategies import said
from lib.trading.walk_forward import folds_of, sharpe_of, walk_forward
from tests.trading.generated_bars import walk
from tests.trading.test_rule_backtest import orders

TEN = AccountRules(capital=1e7, method="shares", shares=10, gate=0.0, most_positions=50, volume_period=1)


def foretold(*, sessions=600, symbols=6, lasting=1, seed=5):
    """Closes of which a jump of 3 % is foretold: bought at the next open, it comes in that session."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(0, 0.003, (sessions, symbols))
    told = {}
    for column in range(symbols):
        for row in range(60 + column, sessions - 20, 23):
            moves[row + 1 + lasting, column] += 0.03
            told[row, column] = 1
            told[row + 6, column] = -1
    closes = pd.DataFrame(100 * np.exp(np.cumsum(moves, axis=0)))
    closes.index = pd.bdate_range("2015-01-01", periods=sessions, unit="us")
    closes.columns = [f"S{one}" for one in range(symbols)]
    bars = bars_of_closes(closes)
    return bars, orders(bars, told)


def test_a_delay_costs_what_the_delayed_sessions_brought():
    bars, told = foretold()
    curve = delay_curve(bars, told, delays=range(6), rules=TEN, costs=FREE)
    assert curve["delay"].tolist() == list(range(6)) and set(curve["trades"]) == {
        len(told.action[told.action == 1])
    }
    returns = curve["total_return"].to_numpy()
    assert returns[0] > 5 * np.abs(returns[1:5]).max(), "the jump comes in the session after the order"
    late = backtest(bars, delayed(told, sessions=2, close=bars.close), rules=TEN, costs=FREE)
    assert returns[2] == late.equity[-1] / late.capital - 1


def test_at_the_break_even_cost_nothing_is_left():
    bars, told = foretold()
    cost = break_even_cost(bars, told, rules=TEN)
    assert 0.01 < cost < 0.02, "3 % over two orders"
    charged = backtest(bars, told, rules=TEN, costs=Costs(cost, 0, 0))
    assert charged.equity[-1] == pytest.approx(charged.capital, abs=1e-4)
    assert np.isnan(break_even_cost(bars, told.only(np.zeros(bars.close.shape, bool)), rules=TEN))


def test_limits_are_bracketed_by_touch_and_through():
    bars = walk(sessions=400, symbols=8)
    told = said("rsi_reversion", bars, period=5).decisions
    rules = AccountRules(method="share", share=0.05, most_positions=8)
    found = limit_bracket(bars, told, limit_below=0.004, rules=rules, costs=ENGINE).set_index("entry")
    assert found.index.tolist() == ["open", "touch", "through"]
    filled = found["filled"]
    assert filled["open"] == 1 and filled["touch"] >= filled["through"] > 0.3
    assert filled["touch"] < 1


def test_random_entries_know_skill_from_none():
    bars, told = foretold()
    trades = backtest(bars, told, rules=TEN, costs=ENGINE).trades
    skilled = random_entries(trades, bars, draws=500, seed=3, costs=ENGINE)
    assert skilled.p_value == 1 / 501 and skilled.actual > skilled.drawn.max()
    rng = np.random.default_rng(8)
    rates = []
    for _ in range(40):
        blind = {}
        for column in range(6):
            for row in rng.choice(np.arange(30, 90), 6, replace=False) * 6:
                blind[row, column], blind[row + 5, column] = 1, -1
        done = backtest(bars, orders(bars, blind), rules=TEN, costs=ENGINE).trades
        rates.append(random_entries(done, bars, draws=99, seed=1, first=180, costs=ENGINE).p_value)
    assert 0.3 < np.mean(rates) < 0.7 and np.mean(np.array(rates) <= 0.2) < 0.45


def test_a_random_entry_is_worth_what_its_own_session_and_holding_time_brought():
    bars = walk(sessions=60, symbols=1, holes=False)
    trades = backtest(bars, orders(bars, {(20, 0): 1, (27, 0): -1}), rules=TEN, costs=ENGINE).trades
    found = random_entries(trades, bars, draws=4_000, seed=2, first=10, costs=ENGINE)
    opens = bars.open[10:, 0]
    buy, sell = opens[:-7] * 1.001, opens[7:] * 0.999
    every = sell / buy - 1 - 0.0005 * (1 + sell / buy)
    assert set(found.drawn.round(10)) == set(every.round(10))
    assert found.drawn.mean() == pytest.approx(every.mean(), abs=4 * every.std() / np.sqrt(4_000))
    assert found.actual == pytest.approx(every[21 - 10])
    again = random_entries(trades, bars, draws=4_000, seed=2, first=10, costs=ENGINE)
    assert np.array_equal(again.drawn, found.drawn)


def test_without_a_closed_trade_there_is_nothing_to_compare():
    bars = walk(sessions=60, symbols=1, holes=False)
    trades = backtest(bars, orders(bars, {(20, 0): 1}), rules=TEN).trades
    found = random_entries(trades, bars, draws=10, seed=2)
    assert np.isnan(found.p_value) and (found.trades, found.left_out) == (0, 1)
    with pytest.raises(ValueError, match="0 draws"):
        random_entries(trades, bars, draws=0, seed=2)


def test_folds_follow_each_other_and_training_ends_before_the_embargo():
    assert folds_of(30, train=10, test=8, embargo=2, expanding=True) == [
        (0, 10, 12, 20), (0, 18, 20, 28), (0, 26, 28, 30),
    ]  # fmt: skip
    assert folds_of(30, train=10, test=8, embargo=2, expanding=False) == [
        (0, 10, 12, 20), (8, 18, 20, 28), (16, 26, 28, 30),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="leave none to test"):
        folds_of(12, train=10, test=8, embargo=2, expanding=True)


GRID = {"fast": (3, 12, 20), "slow": (8, 16), "signal": (4,)}
FREELY = {"rules": AccountRules(method="share", share=0.2), "train": 200, "test": 80, "embargo": 5}


@pytest.mark.parametrize("expanding", [True, False])
def test_the_choice_is_the_best_of_the_training_sessions_and_of_nothing_later(expanding):
    bars = walk(sessions=500)
    found = walk_forward("macd_crossover", bars, GRID, expanding=expanding, **FREELY)
    assert [tuple(one.values()) for one in found.left_out] == [(12, 8, 4), (20, 8, 4), (20, 16, 4)]
    assert len(found.settings) == 3 and found.returns.shape == (3, 500)
    alone = backtest(bars, said("macd_crossover", bars, **found.settings[1]).decisions, rules=FREELY["rules"])
    assert np.array_equal(found.returns[1], alone.returns)
    for fold in found.folds.itertuples():
        rows = bars.sessions.slice_indexer(fold.train_from, fold.train_to)
        of = found.returns[:, rows]
        ratios = of.mean(axis=1) / of.std(axis=1, ddof=1) * np.sqrt(252)
        assert fold.chosen == ratios.argmax() and fold.train_sharpe == pytest.approx(ratios.max())
        assert bars.sessions.get_loc(fold.test_from) - bars.sessions.get_loc(fold.train_to) == 6
    assert not found.record.quantity[:205].any() and found.tested.sum() == 500 - 205
    cut = walk_forward("macd_crossover", bars.rows(0, 400), GRID, expanding=expanding, **FREELY)
    assert np.array_equal(cut.record.equity, found.record.equity[:400]), "what follows chooses nothing"


def test_a_grid_of_nothing_allowed_is_refused():
    with pytest.raises(InputError, match="fast must be below slow"):
        walk_forward("macd_crossover", walk(sessions=400), {"fast": (30,), "slow": (20,)}, **FREELY)


def test_a_series_that_does_not_move_has_no_ratio():
    assert np.isnan(sharpe_of(np.zeros(10)))
    assert sharpe_of(np.array([[0.01, 0.03]]))[0] == pytest.approx(0.02 / np.sqrt(0.0002) * np.sqrt(252))
