"""What the account differs from the backtest by: planted causes are named with the right amount, all adds up.

Amounts are checked against the rules' backtest, which is another program than the account's replay, or by
hand from prices.
"""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.account_ledger import Line
from lib.trading import reconcile_study, strategies
from lib.trading.bars import changed
from lib.trading.charges import Charge, CostTable
from lib.trading.costs import Costs
from lib.trading.paper.replay import replay
from lib.trading.reconcile_study import backtest_since, reconcile
from lib.trading.rule_files import Limits
from tests.trading.generated_bars import plain, walk
from tests.trading.ledger_worlds import book_of, equity_of, order, parameters_of, rules_of, today_of, written

START = 20


def done(bars, lines, rules, *, today=None):
    standing = equity_of(replay(bars, lines, rules))
    return reconcile(bars, lines, rules, today or today_of(rules), equity=standing)


def only(study, cause):
    """The amounts of a cause, all others being nothing on every day."""
    wide = study.wide
    others = wide.drop(columns=cause)
    assert (others.abs().to_numpy() < 1e-6).all(), others.abs().max()
    return wide[cause]


def named(study, cause):
    table = study.tables["account_differences"]
    return table.loc[table["cause"] == cause]


def test_250_clean_sessions_leave_nothing_at_all():
    bars = walk(sessions=270, symbols=5)
    rules = rules_of(bars)
    study = done(bars, written(bars, rules), rules)
    assert len(study.sessions) == 250
    assert (study.wide == 0.0).all().all()
    assert study.tables["account_differences"].empty
    np.testing.assert_allclose(study.paths["backtest"], backtest_since(bars, rules, first=START), rtol=0)


def test_a_ledger_written_evening_by_evening_leaves_nothing_either():
    bars = walk(sessions=90, symbols=4)
    rules = rules_of(bars)
    lines = [Line(1, f"{rules.start:%Y-%m-%d}", None, "open", {"start": f"{rules.start:%Y-%m-%d}"})]
    for end in range(START + 1, 91):
        book = replay(bars.rows(0, end), lines, rules)
        body = {
            **book.decided[-1].body,
            "code": today_of(rules).code,
            "parameters": parameters_of(rules),
        }
        day = f"{bars.sessions[end - 1]:%Y-%m-%d}"
        lines.append(Line(len(lines) + 1, day, day, "decisions", json.loads(json.dumps(body))))
    study = done(bars, lines, rules)
    assert (study.wide == 0.0).all().all()
    assert len(replay(bars, lines, rules).account.closed) > 3


@pytest.mark.parametrize("seed", range(3))
def test_a_real_account_differs_by_fills_and_cash_and_nothing_is_unexplained(seed):
    """Four rules, tenth of the volume, settlement, reserves, charges on sales, limits: all at once."""
    bars = walk(sessions=270, symbols=6, seed=seed)
    names = ("rsi_reversion", "macd_crossover", "average_cross", "volume_breakout")
    book = book_of(strategies=names, limits=Limits(positions=5, strategy_positions=3, daily_loss=0.01))
    rules = rules_of(bars, book=book, capital=20_000, settlement=1, reserve=True, participation=0.0002)
    charges = (Charge("tax", "sell", "value", 0.001, "test"),)
    rules = replace(rules, costs=CostTable(Costs(0.0005, 1.0, 0.001), charges))
    study = done(bars, written(bars, rules), rules)
    wide, paths = study.wide, study.paths
    assert (wide["unexplained"].abs() < 1e-6).all()
    np.testing.assert_allclose(wide.sum(axis=1), paths["paper"] - paths["backtest"], atol=1e-6)
    assert wide["fills"].abs().max() > 1
    assert wide["cash"].abs().max() > 1
    assert named(study, "parameters").empty
    assert named(study, "code").empty
    assert study.nameless(0.005) == []
    np.testing.assert_allclose(study.noted.dropna(), paths["paper"].iloc[:-1], rtol=0)


def test_a_manual_order_is_named_with_what_it_made():
    bars = walk(sessions=120, symbols=2, holes=False)
    rules = rules_of(bars, book=book_of(fast=100, slow=119))
    by_hand = order(bars, 40, quantity=50)
    study = done(bars, written(bars, rules, by_hand=(by_hand,)), rules)
    amount = only(study, "manual_orders")
    paid = bars.open[40, 0] * 1.001
    fee = 1.0 + 0.0005 * 50 * paid
    expected = 50 * (bars.close[40:, 0] - paid) - fee
    np.testing.assert_allclose(amount.iloc[20:], expected, atol=1e-8)
    assert (amount.iloc[:20] == 0).all()
    assert named(study, "manual_orders")["item"].tolist() == ["order buy 50 S0 H900"]
    assert named(study, "manual_orders")["date"].tolist() == [bars.sessions[40]]


def test_what_a_manual_order_does_to_sizes_and_cash_of_the_rules_is_its_own():
    bars = walk(sessions=200, symbols=4)
    rules = rules_of(bars, capital=30_000)
    lines = written(bars, rules, by_hand=(order(bars, 30, quantity=150),))
    study = done(bars, lines, rules)
    alone = backtest_since(bars, rules, first=START)
    np.testing.assert_allclose(only(study, "manual_orders"), study.standing - alone, atol=1e-7)


def test_a_restated_close_is_named_with_what_it_made():
    seen = walk(sessions=160, symbols=4)
    rules = rules_of(seen)
    lines = written(seen, rules)
    close = seen.close.copy()
    close[60, 0] *= 1.08
    now = changed(seen, close=close, high=np.fmax(seen.high, close))
    study = done(now, lines, rules)
    before, after = (backtest_since(one, rules, first=START) for one in (seen, now))
    amount = only(study, "restated_data")
    np.testing.assert_allclose(amount, before - after, atol=1e-7)
    assert abs(amount.iloc[-1]) > 1
    pieces = named(study, "restated_data")
    assert set(pieces["item"]) == {"S0 close", "S0 high"}
    row = pieces.set_index("item").loc["S0 close"]
    assert (row["date"], row["was"]) == (seen.sessions[60], f"{seen.close[60, 0]:,.10g}")
    assert row["now"] == f"{close[60, 0]:,.10g}"


def test_a_changed_parameter_is_named_with_what_it_made():
    bars = walk(sessions=200, symbols=4)
    then, now = rules_of(bars), rules_of(bars, book=book_of(fast=8))
    study = done(bars, written(bars, then), now)
    before, after = (backtest_since(bars, one, first=START) for one in (then, now))
    amount = only(study, "parameters")
    np.testing.assert_allclose(amount, before - after, atol=1e-7)
    assert abs(amount.iloc[-1]) > 1
    piece = named(study, "parameters").iloc[0]
    assert (piece["item"], piece["was"], piece["now"]) == ("rules.average_cross.fast", "5", "8")


def test_costs_that_were_changed_are_a_parameter():
    bars = walk(sessions=160, symbols=4)
    then = rules_of(bars)
    charge = Charge("tax", "sell", "value", 0.0, "test")
    then = replace(then, costs=replace(then.costs, charges=(charge,)))
    now = replace(then, costs=replace(then.costs, costs=Costs(0.003, 1.0, 0.001)))
    study = done(bars, written(bars, then), now)
    before, after = (backtest_since(bars, one, first=START) for one in (then, now))
    np.testing.assert_allclose(only(study, "parameters"), before - after, atol=1e-7)
    assert named(study, "parameters")["item"].tolist() == ["costs.costs.commission"]
    np.testing.assert_allclose(study.noted.dropna(), study.paths["paper"].iloc[:-1], rtol=0)


def test_a_parameter_that_was_changed_half_way_concerns_the_days_before_only():
    bars = walk(sessions=200, symbols=4)
    then, now = rules_of(bars), rules_of(bars, book=book_of(fast=8))
    others = dict.fromkeys(bars.sessions[START:110], then)
    study = done(bars, written(bars, now, others=others), now)
    amount = only(study, "parameters")
    np.testing.assert_allclose(amount, study.standing - backtest_since(bars, now, first=START), atol=1e-7)
    assert abs(amount.iloc[-1]) > 1


def test_a_changed_rule_is_named_with_what_it_made(monkeypatch):
    bars = walk(sessions=200, symbols=4)
    rules = rules_of(bars)
    own = strategies.STRATEGIES["average_cross"]

    def earlier(bars, **settings):
        return own.function(bars, **{**settings, "slow": settings["slow"] + 6})

    with monkeypatch.context() as patch:
        patch.setitem(strategies.STRATEGIES, "average_cross", replace(own, function=earlier))
        lines = written(bars, rules, code="d" * 64)
        before = backtest_since(bars, rules, first=START)
    study = done(bars, lines, rules)
    amount = only(study, "code")
    np.testing.assert_allclose(amount, before - backtest_since(bars, rules, first=START), atol=1e-7)
    assert abs(amount.iloc[-1]) > 1
    pieces = named(study, "code")
    assert (pieces.iloc[0]["was"], pieces.iloc[0]["now"]) == ("d" * 12, "c" * 12)
    assert (pieces.iloc[1:]["item"] == "orders decided").all()
    assert len(pieces) > 1


def rising(thin):
    """One symbol that rises from its session 24 on, where averages of 1 and 2 cross; session 25 is thin."""
    closes = [10.0] * 24 + [11.0, 12.0, 13.0, 14.0, 15.0]
    volumes = [1e6] * 25 + [thin] + [1e6] * 3
    highs, lows = [one + 1 for one in closes], [9.0] * len(closes)
    return plain([10.0, *closes[:-1]], highs=highs, lows=lows, closes=closes, volumes=volumes)


def test_thin_volume_is_named_with_what_it_made():
    thin = rising(300.0)
    book = book_of(fast=1, slow=2, stop=0.3)
    rules = rules_of(thin, book=book, start=0, participation=0.1)
    study = done(thin, written(thin, rules), rules)
    row = study.tables["account_differences"].iloc[0]
    got, wanted = (float(one) for one in row["was"].replace(" filled", "").split(" of "))
    assert (row["cause"], row["item"], got) == ("fills", "buy ONE (average cross)", 30.0)
    paid = thin.open[25, 0] * 1.001
    expected = (got - wanted) * (thin.close[25:, 0] - paid * 1.0005)
    np.testing.assert_allclose(only(study, "fills").iloc[25:], expected, atol=1e-8)
    assert wanted > 100


def test_money_that_is_not_settled_is_named_with_what_it_made():
    bars = walk(sessions=200, symbols=6, holes=False)
    book = book_of()
    book = replace(book, sizing={**book.sizing, "risk": 0.05})
    rules = rules_of(bars, book=book, capital=8_000, settlement=3)
    study = done(bars, written(bars, rules), rules)
    amount = only(study, "cash")
    alone = backtest_since(bars, rules, first=START)
    np.testing.assert_allclose(amount, study.standing - alone, atol=1e-7)
    pieces = named(study, "cash")
    first = amount.index[(amount.abs() > 0.005).to_numpy().argmax()]
    assert abs(amount.iloc[-1]) > 1
    assert pieces["date"].min() <= first
    assert pieces["was"].str.contains("cash", case=False).any()


def test_the_breaker_is_named_with_what_it_kept_from_being_bought():
    bars = walk(sessions=200, symbols=5)
    limits = Limits(daily_loss=0.002)
    rules = rules_of(bars, book=book_of(limits=limits))
    study = done(bars, written(bars, rules), rules)
    amount = only(study, "limits")
    np.testing.assert_allclose(amount, study.standing - backtest_since(bars, rules, first=START), atol=1e-7)
    assert len(named(study, "limits")) > 0


def test_five_causes_at_once_add_up_and_leave_nothing(monkeypatch):
    seen = walk(sessions=200, symbols=5)
    then = rules_of(seen, capital=20_000, settlement=1, reserve=True, participation=0.0005)
    own = strategies.STRATEGIES["average_cross"]

    def earlier(bars, **settings):
        return own.function(bars, **{**settings, "slow": settings["slow"] + 3})

    with monkeypatch.context() as patch:
        patch.setitem(strategies.STRATEGIES, "average_cross", replace(own, function=earlier))
        lines = written(seen, then, code="d" * 64, by_hand=(order(seen, 45, quantity=30),))
    close = seen.close.copy()
    close[70, 1] *= 0.93
    now = changed(seen, close=close, low=np.fmin(seen.low, close))
    rules = replace(then, book=book_of(fast=4))
    study = done(now, lines, rules)
    wide = study.wide
    np.testing.assert_allclose(wide.sum(axis=1), study.paths["paper"] - study.paths["backtest"], atol=1e-6)
    assert (wide["unexplained"].abs() < 1e-6).all()
    assert study.nameless(0.005) == []
    for cause in ("code", "parameters", "restated_data", "manual_orders", "fills"):
        assert wide[cause].abs().max() > 0.01, cause


def test_a_rest_that_no_cause_accounts_for_is_shown_and_fails_its_check(monkeypatch):
    from lib.trading.pages import reconcile as page

    bars = walk(sessions=90, symbols=4)
    rules = rules_of(bars)
    lines = written(bars, rules)
    assert all(one.passed for one in page.checks(done(bars, lines, rules)))
    right = backtest_since
    monkeypatch.setattr(reconcile_study, "backtest_since", lambda *a, **k: right(*a, **k) - 1.25)
    study = done(bars, lines, rules)
    assert only(study, "unexplained").tolist() == pytest.approx([1.25] * 70)
    assert [one.name for one in page.checks(study) if not one.passed] == ["Nothing is unexplained"]
    assert page.faults(study)[0].startswith("USD\xa01.25 of the difference has no known cause")


def test_a_split_and_a_dividend_leave_nothing():
    bars = walk(sessions=200, symbols=3, holes=False)
    split, dividend = np.ones(bars.close.shape), np.zeros(bars.close.shape)
    split[100, 0], split[130, 1], dividend[60:180:20, 2] = 3.0, 0.5, 0.4
    chain = np.cumprod(split, axis=0)
    fields = {name: getattr(bars, name) / chain for name in ("open", "high", "low", "close")}
    printed = replace(bars, **fields, volume=bars.volume * chain, split=split, dividend=dividend)
    rules = rules_of(printed)
    study = done(printed, written(printed, rules), rules)
    assert (study.wide.abs().max() < 0.005).all()
    assert not math.isclose(study.backtest, rules.capital)


def test_a_replay_of_another_length_is_refused():
    from lib.trading.reconciliation import reconciled

    with pytest.raises(ValueError, match="replay paper: none; 3 are needed"):
        reconciled({}, pd.bdate_range("2020-01-01", periods=3))


def test_an_entry_that_a_sector_cuts_is_a_piece_of_limits():
    bars = walk(sessions=200, symbols=4)
    rules = replace(rules_of(bars, book=book_of(limits=Limits(daily_loss=1.0, sector=0.2))), sectors={})
    study = done(bars, written(bars, rules), rules)
    amount = only(study, "limits")
    np.testing.assert_allclose(amount, study.standing - backtest_since(bars, rules, first=START), atol=1e-7)
    assert study.nameless(0.005) == []
    assert "orders decided" in set(named(study, "limits")["item"])
