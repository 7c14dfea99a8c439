"""Statistics of one run of trades beside those that backtesting.py 0.6.6 gave for the same bars and rule.

Averages of 10 and 30 sessions on the sample's unadjusted bars of Google, long and short, all in, no costs;
the last position is sold at the last open. That library was run on the very bars (strategy ``SmaCross`` of
its documentation, cash 10,000, ``finalize_trades=True``) and its figures were recorded. Its definitions where
they are not ours: annual return and ratios rest on the geometric mean g of n daily returns, volatility is
that of compounded returns, sqrt((s^2 + (1 + g)^2)^252 - (1 + g)^504); Sortino's deviation is below zero.
Profit factor and expectancy are of returns of trades, quality number and Kelly's share of money.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from lib.market.sample_bars.provider import DATA
from lib.stats.drawdowns import max_drawdown
from lib.stats.performance import annual_return, sharpe, sortino
from lib.trading import trade_measures as measures
from lib.trading.account_rules import AccountRules
from lib.trading.bars import bars_of_table
from lib.trading.costs import FREE
from lib.trading.rule_backtest import backtest
from lib.trading.sizing import Caps
from lib.trading.strategies import said

RECORDED = {
    "trades": 66,
    "return": 4.1406234999999987,
    "annual_return": 0.21186463832313528,
    "volatility": 0.3650429218773096,
    "sharpe": 0.5803828142553129,
    "sortino": 1.0847887146432922,
    "max_drawdown": -0.47990736786924934,
    "win_rate": 0.4696969696969697,
    "profit_factor": 2.167143731516909,
    "expectancy": 0.03273359480323501,
    "sqn": 1.0761794430028369,
    "kelly": 0.15182271180295748,
    "best": 0.5359595229490424,
    "worst": -0.1839887353835481,
}


@cache
def run():
    rows = pd.read_parquet(DATA / "bars.parquet")
    bars = bars_of_table(rows[rows["symbol"] == "GOOG"])
    orders = said("average_cross", bars, fast=10, slow=30, stop=0.0).decisions
    orders.action[-2], orders.confidence[-2] = -1, 1.0
    rules = AccountRules(
        capital=10_000, method="share", share=0.9999, sized_at="open", short=True, gate=0.0,
        caps=Caps(volume_share=1.0),
    )  # fmt: skip
    record = backtest(bars, orders, rules=rules, costs=FREE)
    trades = record.trades.loc[record.trades["entry_row"] < len(bars.sessions) - 1]
    equity = record.equity.copy()
    equity[-1] = 10_000 + trades["net"].sum()
    return trades, equity


def test_measures_of_trades_are_those_of_the_other_library():
    trades, equity = run()
    returns, net = trades["return"], trades["net"]
    found = {
        "trades": len(trades),
        "return": equity[-1] / 10_000 - 1,
        "win_rate": (net > 0).mean(),
        "profit_factor": measures.profit_factor(returns),
        "expectancy": returns.mean(),
        "sqn": measures.system_quality(net),
        "kelly": measures.kelly(net),
        "best": returns.max(),
        "worst": returns.min(),
    }
    for name, value in found.items():
        assert value == pytest.approx(RECORDED[name], rel=1e-9), name


def test_ratios_by_its_definitions_are_its_ratios():
    _, equity = run()
    daily = equity[1:] / equity[:-1] - 1
    yearly = annual_return(daily, periods=252)
    mean = (1 + yearly) ** (1 / 252)
    volatility = np.sqrt((daily.var(ddof=1) + mean**2) ** 252 - mean**504)
    downside = np.sqrt(252) * np.sqrt((np.minimum(daily, 0) ** 2).mean())
    assert yearly == pytest.approx(RECORDED["annual_return"], rel=1e-9)
    assert volatility == pytest.approx(RECORDED["volatility"], rel=1e-9)
    assert yearly / volatility == pytest.approx(RECORDED["sharpe"], rel=1e-9)
    assert yearly / downside == pytest.approx(RECORDED["sortino"], rel=1e-9)
    assert max_drawdown(equity / np.concatenate([[10_000], equity[:-1]]) - 1) == pytest.approx(
        RECORDED["max_drawdown"], rel=1e-9
    )


def test_our_ratios_are_arithmetic_and_so_differ_from_its():
    _, equity = run()
    daily = equity[1:] / equity[:-1] - 1
    assert sharpe(daily, periods=252) == pytest.approx(np.sqrt(252) * daily.mean() / daily.std(ddof=1))
    assert sharpe(daily, periods=252) > RECORDED["sharpe"]
    assert sortino(daily, periods=252) == pytest.approx(
        np.sqrt(252) * daily.mean() / np.sqrt((np.minimum(daily, 0) ** 2).mean())
    )
