"""The page of trade analytics, carried out on an account over generated bars, and on one without a trade."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from lib.trading.account_rules import AccountRules
from lib.trading.costs import Costs
from lib.trading.rule_backtest import backtest
from lib.trading.strategies import said
from tests.opened_notebook import carry_out
from tests.trading.account_frames import equity_of, fills_of, prices_of, trades_of
from tests.trading.generated_bars import walk


@cache
def world(*, opens=True, trades=True):
    bars, costs = walk(sessions=520, symbols=4, opens=opens), Costs()
    orders = said("average_cross", bars, fast=5, slow=15, stop=0.05).decisions
    if not trades:
        orders = orders.only(np.zeros(bars.close.shape, dtype=bool))
    record = backtest(bars, orders, rules=AccountRules(most_positions=3), costs=costs)
    prices = prices_of(bars).assign(source="walk", origin="generated")
    tables = {
        "account_trades": trades_of(record),
        "account_fills": fills_of(record, slippage=costs.slippage),
        "account_equity": equity_of(record),
        "prices": prices,
    }
    return record, carry_out("trading/analytics", tables, symbols=list(bars.symbols), benchmark="S0")


def test_every_check_holds_and_the_first_sentence_says_that_the_prices_are_generated():
    record, stage = world()
    assert [one.name for one in stage.checks if not one.passed] == []
    assert stage.faults[0].startswith("Prices are generated")
    net = record.trades["net"][record.trades["exit_reason"] != "STILL_OPEN"].sum()
    assert stage.key_figures[0].value == pytest.approx(net)
    assert stage.written["trade_measures"].iloc[0]["net"] == pytest.approx(net)


def test_the_verdict_names_profit_costs_luck_and_holding():
    _, stage = world()
    for part in ("closed trades earned", "of costs", "luck", "holding the same symbols"):
        assert part in stage.verdict


def test_closes_alone_are_said_before_the_answer():
    _, stage = world(opens=False)
    assert "closes only" in " ".join(stage.faults)
    assert [one.name for one in stage.checks if not one.passed] == []


def test_an_account_without_a_trade_has_a_page_and_no_invented_figure():
    _, stage = world(trades=False)
    assert stage.faults[1] == "No trade is over yet, so that nothing can be said of trades."
    assert np.isnan(stage.key_figures[2].value)
    assert stage.key_figures[2].sentence == "There is no loss to divide by."
    assert [one.name for one in stage.checks if not one.passed] == []
    assert stage.written["trade_measures"].iloc[0]["reason"] == "NO_CLOSED_TRADE"


def test_a_profit_that_no_trade_made_fails_its_check():
    record, _ = world()
    equity = equity_of(record)
    equity.loc[equity.index[-1], "equity"] += 1.0
    prices = prices_of(walk(sessions=520, symbols=4)).assign(source="walk", origin="generated")
    tables = {
        "account_trades": trades_of(record),
        "account_fills": fills_of(record, slippage=0.001),
        "account_equity": equity,
        "prices": prices,
    }
    stage = carry_out("trading/analytics", tables, symbols=["S0"], benchmark=None)
    failed = [one.name for one in stage.checks if not one.passed]
    assert "Trades, closed and held, add up to the change of the equity" in failed


def test_the_chart_has_prices_and_trades_on_one_basis_over_a_split():
    from lib.trading import trade_study

    record, _ = world()
    bars = walk(sessions=520, symbols=4)
    prices = prices_of(bars).assign(source="walk", origin="generated")
    column = prices["symbol"] == "S0"
    last = prices.loc[column, "date"].max()
    before = column & (prices["date"] < last)
    split = prices.assign(split=np.where(column & (prices["date"] == last), 2.0, 1.0))
    fields = ["open", "high", "low", "close"]
    split.loc[column & ~before, fields] = split.loc[column & ~before, fields] / 2
    choice = trade_study.Choice(("S0",), None, 100_000.0, charted=4)
    given = trade_study.Inputs(trades_of(record), fills_of(record, slippage=0.001), equity_of(record), split)
    study = trade_study.trade_study(given, choice, exchange="XNYS")
    own = next(one for one in study.charted if one.symbol == "S0")
    raw = prices.loc[before].set_index("date")["close"]
    pd.testing.assert_series_equal(own.closes.iloc[:-1], raw / 2, check_names=False)
    first = own.trades.loc[own.trades["exit_date"] < last].iloc[0]
    plain = record.trades.loc[(record.trades["symbol"] == "S0")].iloc[0]
    assert first["entry_price"] == pytest.approx(plain["entry_price"] / 2)


def test_an_account_of_one_session_has_a_page():
    record, _ = world(trades=False)
    bars = walk(sessions=520, symbols=4)
    tables = {
        "account_trades": trades_of(record),
        "account_fills": fills_of(record, slippage=0.001),
        "account_equity": equity_of(record).head(1),
        "prices": prices_of(bars).assign(source="walk", origin="generated"),
    }
    stage = carry_out("trading/analytics", tables, symbols=["S0"], benchmark="S1")
    assert [one.name for one in stage.checks if not one.passed] == []
    assert stage.written["account_performance"]["sharpe"].isna().all()
