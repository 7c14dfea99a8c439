"""The page of reconciliation, carried out on the tables of an account over generated bars."""

import json

import pandas as pd
import pytest

from lib.contracts import conform
from lib.tables.market import INSTRUMENT_COLUMNS
from lib.tables.paper_account import LEDGER
from lib.trading.paper import book as books
from lib.trading.paper.replay import replay
from lib.trading.reconcile_inputs import put_together
from lib.trading.rule_files import read_costs, read_rules
from tests.opened_notebook import OpenedStage, carry_out
from tests.trading.account_frames import prices_of
from tests.trading.generated_bars import walk
from tests.trading.ledger_worlds import order, written

NAMES = ["average_cross"]
SETTINGS = {
    "as_of": "2015-07-31",
    "symbols": ["S0", "S1", "S2", "S3"],
    "strategies": NAMES,
    "capital": 50_000.0,
    "start": "2015-03-02",
    "participation": 0.1,
    "settlement": 1,
}


def table_of(lines):
    """``account_ledger`` of lines."""
    frame = pd.DataFrame(
        {
            "line": range(1, len(lines) + 1),
            "moment": pd.Series(pd.NaT, index=range(len(lines)), dtype="datetime64[us, UTC]"),
            "session": pd.to_datetime([one.session for one in lines]),
            "as_of": pd.to_datetime([one.as_of for one in lines]),
            "kind": [one.kind for one in lines],
            "body": [json.dumps(one.body) for one in lines],
        }
    )
    return conform(frame, LEDGER)


@pytest.fixture
def page_of(monkeypatch):
    bars = walk(sessions=152, symbols=4)
    prices = prices_of(bars).assign(source="walk", origin="generated")
    columns = {one.name: pd.Series(dtype="object") for one in INSTRUMENT_COLUMNS}
    instruments = pd.DataFrame({**columns, "sector": pd.Series(dtype="str")})
    book, costs = read_rules(strategies=NAMES), read_costs(exchange="XNYS")
    empty = conform(pd.DataFrame({c: [] for c in LEDGER.column_names}), LEDGER)
    given = put_together(prices, instruments, empty, SETTINGS, book=book, costs=costs)

    def carried(*by_hand):
        lines = written(given.bars, given.rules, by_hand=by_hand, code=given.today.code)
        equity = books.tables(replay(given.bars, lines, given.rules))["account_equity"]
        tables = {"prices": prices, "instruments": instruments, "account_equity": equity}
        monkeypatch.setattr(OpenedStage, "settings", lambda self, of: SETTINGS, raising=False)
        monkeypatch.setattr(OpenedStage, "origins", lambda self, *names: ["generated"], raising=False)
        whole = {**tables, "account_ledger": table_of(lines)}
        return carry_out("trading/reconcile", whole, strategies=NAMES, rules_file=None, costs_file=None)

    return given, carried


def test_every_check_holds_and_generated_prices_are_said_first(page_of):
    _, carried = page_of
    stage = carried()
    assert [one.name for one in stage.checks if not one.passed] == []
    assert stage.faults[0].startswith("Prices are generated")
    assert stage.key_figures[2].value == 0.0
    assert len(stage.written["account_reconciliation"]) == 8 * len(stage.written["account_replays"]) / 9


def test_the_verdict_names_what_a_person_ordered(page_of):
    given, carried = page_of
    stage = carried(order(given.bars, 70, quantity=40))
    assert "by manual orders" in stage.verdict
    pieces = stage.written["account_differences"]
    assert pieces.loc[pieces["cause"] == "manual_orders", "item"].tolist() == ["order buy 40 S0 H900"]
    assert [one.name for one in stage.checks if not one.passed] == []
