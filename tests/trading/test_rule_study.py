"""The study of rules: its tables agree with what made them, and what it calls luck is luck."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.contracts import empty
from lib.errors import DataError
from lib.stats.sharpe_inference import deflated_sharpe, sharpe_moments
from lib.tables import TABLES
from lib.trading.charges import CostTable
from lib.trading.costs import FREE, Costs
from lib.trading.pages import signals as page
from lib.trading.pages import signals_execution as execution
from lib.trading.rule_backtest import backtest
from lib.trading.rule_decisions import together, told
from lib.trading.rule_deflation import deflation, effective, tries_of
from lib.trading.rule_files import read_rules
from lib.trading.rule_study import ALL, HELD, START, Choice, rule_study
from tests.trading.generated_bars import walk

RULES = ("rsi_reversion", "average_cross", "volume_breakout")
SHORT = {
    "rsi_reversion": {"period": 5},
    "average_cross": {"fast": 3, "slow": 8},
    "volume_breakout": {"volume_period": 10, "high_period": 5, "multiple": 1.2, "move": 0.005},
}
COSTS = CostTable(Costs(0.001, 1.0, 0.001))
QUICK = Choice(train=150, test=60, embargo=5, delays=(0, 3), draws=100)
NO_TRIALS = empty(TABLES["trials"]), empty(TABLES["trial_returns"])


def short_book(**limits):
    """Rules with short warm-ups, under other limits where they are given."""
    found = read_rules(strategies=RULES)
    settings = {name: {**found.settings[name], **SHORT[name]} for name in RULES}
    return replace(found, settings=settings, limits=replace(found.limits, **limits))


def prices_of(bars, basis="raw"):
    """The bars as the table ``prices``."""
    parts = []
    for column, symbol in enumerate(bars.symbols):
        rows = pd.DataFrame(
            {name: getattr(bars, name)[:, column] for name in ("open", "high", "low", "close", "volume")}
        )
        rows = rows.assign(date=bars.sessions, symbol=symbol, split=np.nan, dividend=np.nan)
        parts.append(rows.dropna(subset="close"))
    found = pd.concat(parts, ignore_index=True).assign(price_basis=basis, source="test", origin="generated")
    return found.assign(adj_close=found["close"])[TABLES["prices"].column_names]


def study_of(bars, *, basis="raw", trials=NO_TRIALS, book=None, choice=QUICK, symbols=None, costs=COSTS):
    return rule_study(
        prices_of(bars, basis),
        *trials,
        symbols=symbols or list(bars.symbols),
        strategies=RULES,
        book=book or short_book(),
        costs=costs,
        capital=50_000.0,
        start=str(bars.sessions[200].date()),
        as_of=str(bars.sessions[-1].date()),
        choice=choice,
    )


BARS = walk(sessions=320, symbols=4)


@pytest.fixture(scope="module")
def study():
    return study_of(BARS)


def test_every_check_of_the_page_holds_and_every_sentence_ends(study):
    assert all(one.passed for one in page.checks(study)), page.checks(study)
    sentences = [page.verdict(study), *page.faults(study, ["generated"])]
    readers = (page.rules_sentence, page.today_sentence, page.equity_sentence, page.falls_sentence)
    more = (page.measures_sentence, page.deflation_sentence, page.trades_sentence)
    beside = (execution.panels_sentence, execution.delays_sentence, execution.brackets_sentence)
    last = (execution.walk_sentence, execution.chance_sentence)
    sentences += [say(study) for say in (*readers, *more, *beside, *last)]
    assert all(one.endswith(".") and "nan" not in one for one in sentences), sentences
    assert sentences[1].startswith("Prices are generated")
    assert len(page.key_figures(study)) == 5 and len(execution.panels(study)) == 4


def test_rules_side_by_side_share_one_cash_and_keep_their_own_positions(study):
    own = study.tables["rule_trades"]
    joined = own.loc[own["account"] == "together"]
    assert set(joined["strategy"]) == set(RULES)
    spans = joined.merge(joined, on="symbol", suffixes=("", "_other"))
    both = spans.loc[
        (spans["strategy"] < spans["strategy_other"])
        & (spans["entry_date"] < spans["exit_date_other"])
        & (spans["entry_date_other"] < spans["exit_date"])
    ]
    assert len(both), "two rules hold one symbol at once"
    cash = study.tables["rule_equity"].loc[study.tables["rule_equity"]["series"] == ALL, "cash"]
    assert (cash >= 0).all()


def test_one_rule_side_by_side_is_the_rule_alone():
    book = short_book()
    by_rule = {"average_cross": told("average_cross", BARS, book)}
    side = together(BARS, by_rule)
    one = backtest(BARS, by_rule["average_cross"].decisions, rules=book.account(1e5))
    other = backtest(side.bars, side.decisions, rules=book.account(1e5), groups=side.groups)
    assert np.array_equal(one.equity, other.equity) and len(one.trades) == len(other.trades)


def test_a_rule_holds_no_more_positions_than_it_may():
    book = short_book(strategy_positions=1)
    by_rule = {name: told(name, BARS, book) for name in RULES}
    side = together(BARS, by_rule)
    record = backtest(side.bars, side.decisions, rules=book.account(1e5), groups=side.groups)
    held = (record.quantity != 0).reshape(len(BARS.sessions), len(RULES), -1).sum(axis=2)
    assert held.max() == 1 and "RULE_FULL" in set(record.refused["reason"])


def test_measures_are_those_of_the_equity(study):
    table = study.tables["rule_equity"]
    for series in (*RULES, ALL):
        own = table.loc[table["series"] == series]
        row = study.row("rule_measures", series)
        returns = own["return"].to_numpy()
        assert row["total_return"] == pytest.approx(own["equity"].iloc[-1] / 50_000.0 - 1.0)
        if returns.std() > 0:
            assert row["sharpe"] == pytest.approx(returns.mean() / returns.std(ddof=1) * np.sqrt(252))
        assert row["max_drawdown"] == pytest.approx(own["drawdown"].min())
    since = table.loc[table["series"] == START]
    assert since["date"].iloc[0] == BARS.sessions[200] and since["equity"].iloc[0] == 50_000.0


def test_a_delay_of_nothing_and_a_market_order_are_the_account_itself(study):
    for series in (*RULES, ALL):
        total = study.row("rule_measures", series)["total_return"]
        late = study.tables["rule_delays"].set_index(["series", "delay"])["total_return"]
        entry = study.tables["rule_brackets"].set_index(["series", "entry"])["total_return"]
        assert late[(series, 0)] == pytest.approx(total) and entry[(series, "open")] == pytest.approx(total)
        assert late[(series, 3)] != pytest.approx(total)


def test_trades_without_costs_break_even_where_they_say():
    """At the cost that is told, the profit of the same trades is gone."""
    found = study_of(BARS, costs=CostTable(FREE))
    for rule in RULES:
        row = found.row("rule_measures", rule)
        trades = found.tables["rule_trades"]
        own = trades.loc[(trades["account"] == "alone") & (trades["strategy"] == rule)]
        bought = (own["quantity"] * own["entry_price"]).sum()
        sold = own.loc[own["exit_reason"] != "STILL_OPEN"]
        traded = bought + (sold["quantity"] * sold["exit_price"]).sum()
        assert row["break_even"] * traded == pytest.approx(own["net"].sum())


def test_folds_choose_only_on_sessions_before_their_test(study):
    """A fast average of 50 sessions is not below a slow one of 50: one of nine is not allowed."""
    folds = study.tables["rule_walk_forward"]
    assert (folds["train_to"] < folds["test_from"]).all()
    assert set(folds["strategy"]) == set(RULES) and (folds["fold"] <= 3).all()
    assert (
        folds["combinations"]
        == folds["strategy"].map({"rsi_reversion": 27, "average_cross": 8, "volume_breakout": 9})
    ).all()


def test_a_history_too_short_for_a_test_has_no_search():
    found = study_of(walk(sessions=240, symbols=4), choice=replace(QUICK, train=500))
    assert found.tables["rule_walk_forward"].empty and not found.searched
    assert execution.walk_sentence(found).startswith("The history is too short")


def test_closes_alone_say_what_they_lack():
    found = study_of(
        walk(sessions=240, symbols=4, volume=False, opens=False, holes=False),
        basis="adjusted",
        choice=replace(QUICK, train=500),
    )
    table = found.tables["rule_signals_today"].set_index("strategy")
    assert set(table.loc["volume_breakout", "blocked"]) == {"LACKS_VOLUME"}
    told_of = page.faults(found, ["real"])
    assert any("No symbol has volume, so that Volume breakout says nothing" in one for one in told_of)
    assert any(one.startswith("Only closes are known") for one in told_of)
    assert "Volume breakout never traded." in page.verdict(found)
    assert found.row("rule_deflation", "volume_breakout")["code"] == "zero_variance"


def test_a_symbol_without_prices_is_named_and_one_that_stopped_is_blocked():
    found = study_of(BARS, symbols=["S0", "S3", "GONE"])
    assert found.missing == ("GONE",)
    assert any("No prices of GONE" in one for one in page.faults(found, ["real"]))
    table = found.tables["rule_signals_today"].set_index(["strategy", "symbol"])["blocked"]
    assert table[("rsi_reversion", "S3")] == "NO_BAR_TODAY" and table[("rsi_reversion", "S0")] == ""
    with pytest.raises(DataError, match="none of the account's symbols has a price"):
        study_of(BARS, symbols=["GONE"])


def test_tries_are_what_was_searched_and_what_the_ledger_holds(study):
    row = study.row("rule_deflation", ALL)
    assert row["tries"] == 27 + 8 + 9 + len(RULES) + 1 and row["earlier"] == 0
    days = BARS.sessions
    rng = np.random.default_rng(7)
    ledger = pd.DataFrame({"specification": "old", "date": days, "return": rng.normal(0, 0.01, len(days))})
    names = pd.DataFrame({"specification": ["old", "gone"]})
    found = tries_of([study.record.returns], days, names, ledger)
    assert (found.number, found.earlier, found.gone) == (3, 2, 1)
    assert effective(found) == pytest.approx(3.0, abs=0.02)


def test_what_the_tries_leave_is_the_published_formula():
    rng = np.random.default_rng(7)
    returns = rng.normal(0.0006, 0.01, 2_000)
    others = rng.normal(0.0, 0.01, (9, 2_000))
    none = pd.DataFrame({"specification": []}), pd.DataFrame({"specification": [], "date": [], "return": []})
    tries = tries_of([returns, others], pd.bdate_range("2015-01-01", periods=2_000), *none)
    found = deflation(returns, tries, 10.0)
    ratios = [sharpe_moments(one).sharpe for one in (returns, *others)]
    moments = sharpe_moments(returns)
    variance = max(np.var(ratios, ddof=1), 1.0 / 1_999)
    assert found["deflated"] == pytest.approx(deflated_sharpe(moments, trials=10.0, variance=variance))
    assert found["tries"] == 10 and found["sharpe"] == pytest.approx(moments.sharpe * np.sqrt(252))


def test_of_many_rules_without_skill_few_are_taken_for_skill():
    """The best of 40 series of noise: above zero with 95 % nearly always, above luck hardly ever."""
    rng = np.random.default_rng(7)
    days = pd.bdate_range("2015-01-01", periods=500)
    none = pd.DataFrame({"specification": []}), pd.DataFrame({"specification": [], "date": [], "return": []})
    naive, deflated = 0, 0
    for _ in range(40):
        noise = rng.normal(0.0, 0.01, (40, 500))
        best = noise[np.argmax(noise.mean(axis=1) / noise.std(axis=1))]
        found = deflation(best, tries_of([noise], days, *none), 40.0)
        naive += found["probabilistic"] > 0.95
        deflated += found["deflated"] > 0.95
    assert naive >= 30 and deflated <= 6


def test_holding_stands_beside_the_rules(study):
    row = study.row("rule_measures", HELD)
    assert row["trades"] == 0 and row["invested"] == 1.0 and row["kind"] == "held"


def test_cash_below_zero_fails_its_check_but_for_a_sale_that_costs_more_than_it_brings():
    cents = pd.DataFrame({"fee": [1.0], "quantity": [2.0], "price": [0.25]})
    none = cents.iloc[:0]
    cash = pd.Series([100.0, -0.5])
    assert page._cash_held(cash, cents).passed
    assert not page._cash_held(cash, none).passed
    assert not page._cash_held(cash - 0.1, cents).passed
