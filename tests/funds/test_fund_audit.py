"""The look-ahead audit on the functions of the real stages: they pass, careless copies of them do not."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from audit_worlds import BACKTEST, END, MACRO, SCORES, macro_world, moving_world

from lib.funds import backtest_measures, known_navs, market_score, scores
from lib.funds.backtest_inputs import backtest_inputs
from lib.funds.choosing import Choice, positions
from lib.funds.ladder import read_ladder
from lib.funds.score_rules import Rules
from lib.market import calendar
from lib.run.audit.look_ahead import Audit, audit
from lib.tables import TABLES

LADDER = read_ladder(Path(__file__).resolve().parents[2] / "params" / "ladders" / "united-states.yaml")
READ = ("fund_scores", "fund_navs", "fund_events", "fund_facts", "benchmark_levels")
MOMENTS = 12


@pytest.fixture(scope="module")
def world():
    made = moving_world()
    return {one.name: getattr(made, one.name) for one in fields(made)}


@pytest.fixture(scope="module")
def scored(world):
    made = {**world, "fund_scores": of_scores(world, None)["fund_scores"]}
    return {name: made[name] for name in READ}


def of_scores(tables, as_of):
    rules = Rules(plan="direct", option="growth", exchange="XNSE")
    table, issues = scores.fund_scores(tables, as_of=as_of or END, rules=rules, months=20)
    return {"fund_scores": table, "fund_score_issues": issues}


def of_backtest(tables, as_of):
    own = {name: tables[name] for name in READ}
    levels = own.pop("benchmark_levels")
    scored_, navs, events, facts = own.values()
    made = backtest_inputs(scored_, navs, events, facts, end=as_of or END, switch_cost=0.001)
    choice = Choice("monthly", 7)
    decisions = made.decide(choice)
    carried = made.carry(choice, decisions)
    daily = backtest_measures.daily_table(carried, known_navs.levels_on(levels, "Broad TRI", made.navs.days))
    return {
        "fund_backtest_daily": daily,
        "fund_backtest_positions": positions(decisions, made.scores),
        "fund_backtest_trades": carried.trades,
        "fund_backtest_months": backtest_measures.months_table(daily),
    }


def of_market(tables, as_of):
    macro = tables["macro"]
    sessions = calendar.sessions("2018-01-01", as_of or END, "XNYS")
    dates = market_score.score_dates(macro, sessions, as_of or END)
    return {"market_score": market_score.market_score(macro, LADDER, dates)}


def audited(run, tables) -> Audit:
    return audit(run, tables, TABLES, moments=MOMENTS, to_first=True)


@pytest.mark.parametrize("leak", SCORES)
def test_every_way_to_score_with_what_was_not_known_is_named(world, monkeypatch, leak):
    owner, name, careless, inputs, column = SCORES[leak]
    monkeypatch.setattr(owner, name, careless())
    named(audited(of_scores, world), inputs, column)


@pytest.mark.parametrize("leak", BACKTEST)
def test_every_way_to_trade_on_what_was_not_known_is_named(scored, monkeypatch, leak):
    owner, name, careless, inputs, column = BACKTEST[leak]
    monkeypatch.setattr(owner, name, careless())
    named(audited(of_backtest, scored), inputs, column)


@pytest.mark.parametrize("leak", MACRO)
def test_every_way_to_judge_the_market_by_what_was_not_known_is_named(monkeypatch, leak):
    monkeypatch.setattr(market_score, "observations", MACRO[leak]())
    named(audited(of_market, {"macro": macro_world(LADDER)}), {"macro"}, "")


def named(found: Audit, inputs: set[str], column: str) -> None:
    leak = found.leaks[0]
    assert set(leak.cause) & inputs, leak.cause
    assert leak.first is not None and leak.first.date <= leak.alteration.moment
    assert column in ("", leak.first.column)


def test_the_stages_themselves_pass(world, scored):
    for run, tables in (
        (of_scores, world),
        (of_backtest, scored),
        (of_market, {"macro": macro_world(LADDER)}),
    ):
        found = audited(run, tables)
        assert found.passed, found.leaks
        assert len(found.conclusive) == len(found.trials) >= MOMENTS
