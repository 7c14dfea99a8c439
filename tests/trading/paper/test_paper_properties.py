"""What holds of every paper account, over bars and orders by chance."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.account_ledger import Line
from lib.contracts import conform
from lib.tables import TABLES
from lib.trading.charges import Charge, CostTable
from lib.trading.costs import Costs
from lib.trading.paper import book as books
from lib.trading.paper.replay import replay, text_of
from lib.trading.paper.settings import LOT_METHODS, Matching, PaperRules
from lib.trading.rule_backtest import backtest
from lib.trading.rule_decisions import together, told
from lib.trading.rule_files import read_rules
from tests.trading.generated_bars import walk
from tests.trading.paper.accounts import NO_COSTS, drawn_bars, drawn_orders, rules

CHARGED = CostTable(
    Costs(0.0003, 20.0, 0.0005),
    (Charge("tax", "sell", "value", 0.001, "-"), Charge("duty", "buy", "value", 0.0002, "-")),
)
SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=40, deadline=None)


def account(seed, costs=CHARGED, **matching):
    bars = drawn_bars(seed)
    return replay(bars, drawn_orders(bars, seed), rules(20_000.0, costs=costs, matching=Matching(**matching)))


@FEW
@given(SEEDS, st.sampled_from(LOT_METHODS), st.sampled_from([0, 1, 3]), st.sampled_from([0.05, 1.0]))
def test_cash_is_never_below_zero_and_every_close_adds_up(seed, lots, settlement, participation):
    book = account(seed, lots=lots, settlement=settlement, participation=participation)
    table, capital = books.equity(book), book.rules.capital
    assert table["cash"].min() >= -1e-6
    held = books.holdings(book).groupby("date")["value"].sum().reindex(table["date"], fill_value=0.0)
    np.testing.assert_allclose(table["equity"], table["cash"] + held.to_numpy(), rtol=0, atol=1e-6)
    parts = table["realised"] + table["unrealised"] - table["costs"] + table["dividends"]
    np.testing.assert_allclose(table["equity"] - capital, parts, rtol=0, atol=1e-6)
    assert books.trades(book)["net"].sum() == pytest.approx(table["equity"].iloc[-1] - capital, abs=1e-6)
    assert (table["unsettled"] <= table["cash"] + 1e-6).all()


@FEW
@given(SEEDS)
def test_fills_and_splits_come_to_what_is_held_and_to_the_cash(seed):
    book = account(seed)
    bars, fills = book.account.bars, books.fills(book)
    at = bars.sessions.get_indexer(fills["date"])
    column = [list(bars.symbols).index(one) for one in fills["symbol"]]
    basis = bars.chain[-1, column] / bars.chain[at, column]
    signed = np.where(fills["side"] == "BUY", 1.0, -1.0)
    shares = (signed * fills["quantity"] * basis).groupby(fills["symbol"]).sum()
    last = books.holdings(book)
    last = last.loc[last["date"] == bars.sessions[-1]].groupby("symbol")["quantity"].sum()
    both = pd.concat([shares, last], axis=1).fillna(0.0)
    np.testing.assert_allclose(both.iloc[:, 0], both.iloc[:, 1], rtol=0, atol=1e-6)
    paid = signed * fills["quantity"] * fills["price"] + fills["commission"] + fills["charges"]
    assert book.account.cash == pytest.approx(20_000.0 - paid.sum() + book.account.dividends, abs=1e-6)


@FEW
@given(SEEDS, st.sampled_from([0, 1]))
def test_costs_never_raise_the_equity_of_the_same_fills(seed, settlement):
    dear = account(seed, settlement=settlement)
    shares = books.fills(dear)
    free = (
        20_000.0 - (np.where(shares["side"] == "BUY", 1.0, -1.0) * shares["quantity"] * shares["price"]).sum()
    )
    assert dear.account.cash <= free + dear.account.dividends + 1e-6
    assert (books.equity(dear)["costs"].diff().dropna() >= -1e-9).all()


def test_one_purchase_is_worth_less_the_dearer_it_is():
    bars = drawn_bars(3, gaps=0.0, actions=False)
    line = Line(
        1, f"{bars.sessions[1]:%Y-%m-%d}", None, "order",
        {"order_id": "m1", "symbol": "AAA", "side": "BUY", "quantity": 50, "strategy": "manual"},
    )  # fmt: skip
    ends = [
        replay(bars, [line], rules(costs=CostTable(Costs(share, fixed, slip)))).equity[-1]
        for share, fixed, slip in itertools.product((0.0, 0.001), (0.0, 5.0), (0.0, 0.002))
    ]
    assert ends[0] == max(ends)
    assert ends[-1] == min(ends)


@FEW
@given(SEEDS)
def test_no_bar_gives_more_than_its_share_and_no_fill_lies_outside_its_bar(seed):
    book = account(seed, costs=NO_COSTS, participation=0.1)
    bars, fills = book.account.bars, books.fills(book)
    fills = fills.loc[~fills["reason"].isin(["FRACTION_PAID", "BARS_ENDED"])]
    for (day, symbol), own in fills.groupby(["date", "symbol"]):
        at = bars.sessions.get_loc(day), list(bars.symbols).index(symbol)
        if not math.isnan(bars.volume[at]):
            assert own["quantity"].sum() <= 0.1 * bars.volume[at] + 1e-9
        assert own["price"].between(bars.low[at] - 1e-9, bars.high[at] + 1e-9).all()


@FEW
@given(SEEDS, st.permutations([0, 1, 2]))
def test_the_order_of_symbols_and_of_lines_for_one_session_of_different_symbols_is_irrelevant(seed, order):
    bars = drawn_bars(seed)
    lines = drawn_orders(bars, seed)
    turned = bars.columns(np.array(order), [bars.symbols[one] for one in order])
    first, second = (replay(one, lines, rules(1e7, costs=CHARGED)) for one in (bars, turned))
    np.testing.assert_allclose(first.equity, second.equity, rtol=1e-12)


def test_every_table_is_as_declared_and_an_account_without_an_order_has_its_capital():
    for name, table in books.tables(account(1)).items():
        conform(table, TABLES[name])
    bars = drawn_bars(2)
    quiet = replay(bars, [], rules())
    assert (quiet.equity == 100_000.0).all()
    for name, table in books.tables(quiet).items():
        conform(table, TABLES[name])


STRATEGIES = ("rsi_reversion", "average_cross", "volume_breakout")


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text(
        "rules:\n  rsi_reversion: {period: 5, oversold: 35, overbought: 65}\n"
        "  average_cross: {fast: 3, slow: 8}\n"
        "  volume_breakout: {multiple: 1.2, move: 0.005, volume_period: 8, high_period: 5}\n"
        "sizing: {volume_share: 1.0}\n"
        "limits: {positions: 6, strategy_positions: 3, position: 0.4, sector: 0.9, daily_loss: 0.02}\n"
        "stops: {kind: trailing, share: 0.06}\n"
    )
    return read_rules(path, strategies=STRATEGIES)


def follows(book, *, costs=CHARGED, **matching):
    start = pd.Timestamp("2015-01-01")
    return PaperRules(50_000.0, start, STRATEGIES, book, costs, Matching(**matching))


def test_250_sessions_run_day_by_day_are_one_run_of_250(followed):
    bars, own = walk(sessions=250, symbols=4, seed=11), follows(followed)
    typed = drawn_orders(bars, 5, count=25)
    lines = []
    for day in range(250):
        known = bars.rows(0, day + 1)
        today = f"{bars.sessions[day]:%Y-%m-%d}"
        persons = [one for one in typed if one.session <= today]
        daily = replay(known, [*lines, *persons], own)
        assert not daily.decided[-1].recorded
        body = json.loads(text_of(daily.decided[-1].body))
        lines.append(Line(day + 1, today, today, "decisions", body))
    once = replay(bars, typed, own)
    assert len(once.account.fills) > 100
    assert len(once.trips) > 3
    for name, table in books.tables(once).items():
        if name != "account_record":
            pd.testing.assert_frame_equal(table, books.tables(daily)[name], check_exact=True)
    assert books.record(daily)["caught_up"].sum() == 0
    assert books.record(once)["caught_up"].sum() == 249


def test_decisions_that_stand_hold_whatever_rules_say_now(followed):
    bars, own = walk(sessions=120, symbols=4, seed=2), follows(followed)
    first = replay(bars, [], own)
    lines = [
        Line(at + 1, f"{bars.sessions[one.row]:%Y-%m-%d}", "2030-01-01", "decisions", one.body)
        for at, one in enumerate(first.decided)
    ]
    silent = replace(own, strategies=())
    again = replay(bars, lines, silent)
    np.testing.assert_array_equal(first.equity, again.equity)
    assert len(again.account.fills) > 20


@pytest.mark.parametrize("opens", [True, False])
def test_an_account_without_limits_of_its_own_is_the_backtest_of_its_rules(followed, opens):
    bars = walk(sessions=200, symbols=4, seed=4, opens=opens)
    book = replace(followed, limits=replace(followed.limits, daily_loss=1.0, sector=1.0, position=0.05))
    own = follows(book, costs=CostTable(Costs(0.0005, 0.0, 0.0005)), participation=1.0, settlement=0)
    paper = replay(bars, [], own)
    side = together(bars, {name: told(name, bars, book) for name in STRATEGIES})
    rows = replace(book.account(50_000.0))
    tested = backtest(
        side.bars, side.decisions, rules=rows, costs=own.costs.costs, trail=side.trail, groups=side.groups
    )
    assert len(tested.fills) == len(paper.account.fills) > 50
    np.testing.assert_allclose(paper.equity, tested.equity, rtol=1e-9)
