"""The journal of trades and its measures against trades worked by hand, loops and closed forms."""

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform
from lib.tables.paper_account import FILLS, TRADES
from lib.trading import journal as book
from lib.trading import trade_measures as measures
from lib.trading.account_rules import AccountRules
from lib.trading.costs import Costs
from lib.trading.excursions import excursions
from lib.trading.rule_backtest import backtest
from lib.trading.strategies import said
from tests.trading.account_frames import fills_of, prices_of, trades_of
from tests.trading.generated_bars import walk

NET = [120.0, -50.0, 0.0, 1500.0, -1200.0, -30.0, 6000.0, 80.0, 40.0, -5500.0]
"""Ten trades worked by hand: 5 wins of 7,740, 4 losses of 6,780, one of neither, 960 in all."""


def ten() -> pd.DataFrame:
    """The ten trades of NET, a session apart, ten shares from 100 each; the fourth is a short."""
    days = pd.bdate_range("2020-01-06", periods=12, unit="us")
    number = np.arange(10)
    frame = pd.DataFrame(
        {
            "trade": number + 1,
            "symbol": np.where(number % 2, "B", "A"),
            "strategy": np.where(number < 6, "first", "second"),
            "side": np.where(number == 3, "SHORT", "LONG"),
            "quantity": 10.0,
            "entry_date": days[number],
            "entry_price": 1000.0,
            "exit_date": days[number + 1],
            "net": NET,
            "costs": 2.0,
            "dividends": 0.0,
            "entry_reason": "RULE_SAYS",
            "exit_reason": "RULE_SAYS",
            "status": "CLOSED",
            "stop": np.where(number == 0, 994.0, np.nan),
            "ambiguous": False,
        }
    )
    gross = frame["net"] + 2.0
    side = np.where(frame["side"].eq("LONG"), 1.0, -1.0)
    out = frame["entry_price"] + side * gross / 10.0
    return conform(frame.assign(gross=gross, exit_price=out, **{"return": frame["net"] / 10_000.0}), TRADES)


def ten_in_a_journal() -> pd.DataFrame:
    no_bars = prices_of(walk(sessions=5)).iloc[:0]
    no_fills = conform(pd.DataFrame({name: [] for name in FILLS.column_names}), FILLS)
    days = pd.bdate_range("2020-01-06", periods=12, unit="us")
    return book.journal(ten(), no_fills, no_bars, sessions=days)


def row_of(table, scope, name):
    return table.loc[(table["scope"] == scope) & (table["name"] == name)].iloc[0]


def test_ten_trades_worked_by_hand_give_their_figures():
    found = measures.trade_measures(ten_in_a_journal(), draws=200, seed=7)
    own = row_of(found, "all", "all")
    exact = {
        "trades": 10, "wins": 5, "losses": 4, "breakeven": 1, "win_rate": 0.5, "net": 960.0, "costs": 20.0,
        "gross_profit": 7740.0, "gross_loss": 6780.0, "profit_factor": 7740 / 6780, "expectancy": 96.0,
        "average_win": 1548.0, "average_loss": -1695.0, "payoff": 1548 / 1695, "largest_win": 6000.0,
        "largest_loss": -5500.0, "win_streak": 3, "loss_streak": 2, "mean_return": 0.0096,
        "kelly": 0.5 - 0.5 / (1548 / 1695), "sessions_held": 1.0,
    }  # fmt: skip
    for name, value in exact.items():
        assert own[name] == pytest.approx(value, rel=1e-12), name
    assert own["sqn"] == pytest.approx(np.sqrt(10) * 96 / pd.Series(NET).std(), rel=1e-12)
    assert own["few"]
    assert own["reason"] == ""


def test_parts_by_strategy_and_by_symbol_add_up_to_the_whole():
    found = measures.trade_measures(ten_in_a_journal(), draws=50, seed=7)
    for scope in ("strategy", "symbol"):
        part = found.loc[found["scope"] == scope]
        assert part["net"].sum() == pytest.approx(960.0)
        assert part["trades"].sum() == 10
    assert row_of(found, "strategy", "first")["net"] == pytest.approx(340.0)
    assert row_of(found, "symbol", "A")["win_streak"] == 2


def test_without_a_loss_the_profit_factor_is_missing_and_says_why():
    rows = ten_in_a_journal()
    found = measures.trade_measures(rows.loc[rows["result"] == "win"], draws=50, seed=7).iloc[0]
    assert np.isnan(found["profit_factor"])
    assert found["reason"] == "NO_LOSING_TRADE"
    none = measures.trade_measures(rows.iloc[:0], draws=50, seed=7).iloc[0]
    assert none["reason"] == "NO_CLOSED_TRADE"
    assert np.isnan(none["win_rate"])


def test_wilson_is_the_published_interval():
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3."""
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (hits, trials), (low, high) in published.items():
        assert measures.wilson(hits, trials) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_the_mean_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(3)
    draws = [rng.normal(1.0, 5.0, 60) for _ in range(400)]
    ends = [measures.mean_interval(one, draws=300, generator=rng) for one in draws]
    covered = np.mean([low <= 1.0 <= high for low, high in ends])
    assert 0.91 <= covered <= 0.975


def test_bins_hold_every_trade_once_with_ends_on_the_smaller_side():
    found = book.bins(ten_in_a_journal(), edges=[1000.0, 5000.0]).set_index("bin")
    assert found["trades"].tolist() == [1, 1, 2, 1, 3, 1, 1]
    assert found["net"].tolist() == [-5500.0, -1200.0, -80.0, 0.0, 240.0, 1500.0, 6000.0]
    assert found.loc["loss from 1,000 to 5,000", ["low", "high"]].tolist() == [-5000.0, -1000.0]
    with pytest.raises(ValueError, match="must rise"):
        book.bins(ten_in_a_journal(), edges=[5.0, 5.0])


def test_a_result_over_the_stop_is_told_in_what_was_risked():
    rows = ten_in_a_journal()
    assert rows.loc[0, "r_multiple"] == pytest.approx(120.0 / 60.0)
    assert rows.loc[1:, "r_multiple"].isna().all()


def by_loop(trade, bars, slip):
    """Worst and best price of a trade entered by a market order, session by session."""
    column = list(bars.symbols).index(trade["symbol"])
    seen = [trade["entry_price"], trade["exit_price"]]
    for at, day in enumerate(bars.sessions):
        if not bars.has_bar[at, column] or day < trade["entry_date"]:
            continue
        if pd.notna(trade["exit_date"]) and day >= trade["exit_date"]:
            if day == trade["exit_date"] and day > trade["entry_date"]:
                seen.append(bars.open[at, column])
            continue
        seen += [bars.low[at, column], bars.high[at, column]]
    return (min(seen) - trade["entry_price"]) * trade["quantity"], (max(seen) - trade["entry_price"]) * trade[
        "quantity"
    ]


def test_excursions_equal_a_loop_over_the_bars_of_each_trade():
    bars, costs = walk(sessions=400, symbols=6), Costs()
    orders = said("average_cross", bars, fast=4, slow=11, stop=0.04, target=0.06).decisions
    record = backtest(bars, orders, rules=AccountRules(most_positions=4), costs=costs)
    trades, fills = trades_of(record), fills_of(record, slippage=costs.slippage)
    assert len(trades) > 60
    found = excursions(trades, prices_of(bars), fills, end=bars.sessions[-1])
    expected = [by_loop(trade, bars, costs.slippage) for trade in trades.to_dict("records")]
    np.testing.assert_allclose(found[["mae", "mfe"]].to_numpy(), np.array(expected), atol=1e-7)
    same_day = trades["entry_date"].eq(trades["exit_date"]).to_numpy()
    assert (found["seen_in"][~same_day] == "SEEN_IN_RANGES").all()


def one_trade(*, side="LONG", entry=100.0, out=104.0, quantity=10.0, days=("2020-01-02", "2020-01-07")):
    trade = ten().iloc[[0]].assign(
        symbol="ONE", side=side, entry_price=entry, exit_price=out, quantity=quantity,
        entry_date=pd.Timestamp(days[0]), exit_date=pd.Timestamp(days[1]),
    )  # fmt: skip
    fill = pd.DataFrame(
        {
            "fill": [1], "order_id": ["O1"], "date": trade["entry_date"], "symbol": ["ONE"],
            "side": ["BUY" if side == "LONG" else "SELL"], "quantity": [10], "price": [entry],
            "slippage": [0.0], "commission": [0.0], "charges": [0.0], "strategy": ["first"],
            "reason": ["RULE_SAYS"], "flags": [""],
        }
    )  # fmt: skip
    return trade, conform(fill, FILLS)


def quotes(rows, basis="raw", splits=None):
    days = pd.bdate_range("2020-01-02", periods=len(rows), unit="us")
    frame = pd.DataFrame(rows, columns=["open", "high", "low", "close"]).assign(date=days, symbol="ONE")
    return frame.assign(split=splits or 1.0, price_basis=basis)


BARS = [(100, 103, 99, 101), (101, 106, 95, 102), (102, 103, 97, 98), (104, 120, 80, 110)]


def test_a_short_is_hurt_by_highs_and_helped_by_lows():
    trade, fill = one_trade(side="SHORT")
    found = excursions(trade, quotes(BARS), fill, end=pd.Timestamp("2020-01-07")).iloc[0]
    assert (found["mae"], found["mfe"]) == (-60.0, 50.0)
    assert (found["mae_return"], found["mfe_return"]) == pytest.approx((-0.06, 0.05))


def test_what_came_after_the_exit_within_its_session_does_not_count():
    trade, fill = one_trade()
    found = excursions(trade, quotes(BARS), fill, end=pd.Timestamp("2020-01-07")).iloc[0]
    assert (found["mae"], found["mfe"]) == (-50.0, 60.0)


def test_an_entry_within_the_session_counts_its_close_only():
    trade, fill = one_trade(entry=99.5)
    bars = [(100, 103, 90, 101), *BARS[1:]]
    found = excursions(trade, quotes(bars), fill, end=pd.Timestamp("2020-01-07")).iloc[0]
    assert found["mae"] == pytest.approx((95 - 99.5) * 10)


def test_closes_alone_are_said_to_be_closes():
    trade, fill = one_trade()
    bars = [(np.nan, np.nan, np.nan, row[3]) for row in BARS]
    fill = fill.assign(flags="NO_OPEN")
    found = excursions(trade, quotes(bars), fill, end=pd.Timestamp("2020-01-07")).iloc[0]
    assert (found["mae"], found["mfe"], found["seen_in"]) == (-20.0, 40.0, "SEEN_IN_CLOSES")


@pytest.mark.parametrize("basis", ["raw", "adjusted"])
def test_a_split_while_it_is_held_is_no_excursion(basis):
    """Two for one on the third session: the trade is told on the basis of its exit, 20 shares from 50."""
    raw = [
        BARS[0],
        BARS[1],
        tuple(v / 2 for v in BARS[2]),
        tuple(v / 2 for v in BARS[3]),
        (13, 13.5, 12.5, 13),
    ]
    splits = [1.0, 1.0, 2.0, 1.0, 4.0]
    rows = raw
    if basis == "adjusted":
        rows = [tuple(v / s for v in row) for row, s in zip(raw, [8, 8, 4, 4, 1], strict=True)]
    trade, fill = one_trade(entry=50.0, out=52.0, quantity=20.0)
    fill = fill.assign(price=100.0)
    found = excursions(trade, quotes(rows, basis, splits), fill, end=pd.Timestamp("2020-01-08")).iloc[0]
    assert (found["mae"], found["mfe"]) == pytest.approx((-50.0, 60.0))


def test_a_trade_still_held_is_watched_to_the_last_session():
    trade, fill = one_trade(out=110.0)
    held = trade.assign(exit_date=pd.NaT, status="OPEN", exit_reason="STILL_OPEN")
    days = pd.bdate_range("2020-01-02", periods=4, unit="us")
    row = book.journal(held, fill, quotes(BARS), sessions=days).iloc[0]
    assert (row["mae"], row["mfe"], row["result"], row["sessions_held"]) == (-200.0, 200.0, "open", 3)
