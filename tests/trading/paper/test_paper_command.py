"""What a person may type for a paper account, and how each fault is told."""

import math
from argparse import Namespace

import pandas as pd
import pytest

from lib.account_ledger import AccountLedger
from lib.errors import InputError
from lib.trading.charges import CostTable
from lib.trading.costs import PAPER
from lib.trading.paper import asking, command
from lib.trading.paper.standing import Standing, standing

DAY = pd.Timestamp("2013-02-27")
SYMBOLS = ["M&M", "BAJAJ-AUTO", "AAPL", "NEW"]
ORDERS = ["order_id", "status", "side", "quantity", "symbol", "type", "limit", "trigger", "validity"]
CLOSES = {"M&M": 100.0, "BAJAJ-AUTO": 2000.0, "AAPL": 50.0, "NEW": math.nan}


class Stands(Standing):
    """An account with 10,000 in cash and 30 shares of M&M, without a run on the disk."""

    breaker = False

    def table(self, name):
        held = {"date": [DAY], "symbol": ["M&M"], "strategy": ["manual"], "quantity": [30.0]}
        money = {"equity": 13_000.0, "cash": 10_000.0, "unsettled": 500.0, "reserved": 1_000.0}
        rest = {"invested": 3_000.0, "realised": 0.0, "costs": 0.0, "dividends": 0.0}
        return {
            "account_holdings": pd.DataFrame({**held, "price": [100.0], "stop": [math.nan]}),
            "account_equity": pd.DataFrame([{"date": DAY, **money, **rest, "breaker": self.breaker}]),
            "account_orders": pd.DataFrame(
                {"order_id": ["20130227-average_cross-AAPL-buy"], "status": ["OPEN"], "side": ["BUY"]}
            ).reindex(columns=ORDERS),
        }[name]

    def last_close(self, symbol):
        return CLOSES[symbol]


@pytest.fixture
def at(tmp_path):
    manifest = {"as_of": "2013-02-27", "subjects": {}, "stages": [], "tables": {}, "inputs": {"files": {}}}
    found = Stands("own", tmp_path, manifest, AccountLedger(tmp_path, "own"))
    found.subject = {"id": "own", "symbols": SYMBOLS, "currency": "INR", "capital": 10_000.0}
    found.settings = {"exchange": "XNYS", "settlement": 1, "short": False}
    found.costs = CostTable(PAPER)
    return found


def typed(text):
    return command._parser().parse_args(text.split())


def body(at, text):
    found = asking.order_of(typed(f"order own {text}"), at)
    asking.refuse_unaffordable(found, at)
    return found


def order(at, text):
    asked = typed(f"order own {text}")
    asked.do(asked, at)
    at.lines = at.ledger.lines()


@pytest.mark.parametrize("symbol", ["M&M", "BAJAJ-AUTO"])
def test_symbols_of_any_form_are_ordered(at, symbol):
    assert body(at, f"{symbol} buy 1")["symbol"] == symbol


@pytest.mark.parametrize(
    ("text", "field", "mend"),
    [
        ("AAPL buy 1.9", "QUANTITY", "give a whole number of shares from 1"),
        ("AAPL buy 0", "QUANTITY", "give a whole number of shares from 1"),
        ("AAPL buy -3", "QUANTITY", "give a whole number of shares from 1"),
        ("AAPL buy 1e3", "QUANTITY", "give a whole number of shares from 1"),
        ("APPL buy 1", "SYMBOL", "did you mean `AAPL`?"),
        ("NEW buy 1", "SYMBOL", "order it once it has traded"),
        ("AAPL hold 1", "buy|sell", "take one of BUY, SELL"),
        ("AAPL buy 1 --type STOP", "--type", "take one of MARKET, LIMIT, SL, SL-M"),
        ("AAPL buy 1 --type LIMIT", "--limit", "give --limit PRICE"),
        ("AAPL buy 1 --limit 40", "--limit", "give --type LIMIT or SL"),
        ("AAPL buy 1 --type SL-M", "--trigger", "give --trigger PRICE"),
        ("AAPL buy 1 --type LIMIT --limit nan", "--limit", "give a price above 0"),
        ("AAPL buy 1 --type LIMIT --limit -4", "--limit", "give a price above 0"),
        ("AAPL buy 1 --type SL-M --trigger 49", "--trigger", "a BUY stop lies above the price"),
        ("AAPL buy 1 --type SL-M --trigger 50", "--trigger", "a BUY stop lies above the price"),
        ("M&M sell 1 --type SL-M --trigger 101", "--trigger", "a SELL stop lies below the price"),
        ("AAPL buy 1 --type SL --trigger 55 --limit 54", "--limit", "a limit above it"),
        ("AAPL buy 1 --validity IOC", "--validity", "take one of DAY, GTC"),
        ("AAPL buy 200", "QUANTITY", "order fewer shares"),
        ("M&M sell 31", "QUANTITY", "sell no more"),
        ("AAPL sell 1", "QUANTITY", "sell no more"),
    ],
)
def test_each_fault_is_one_message_with_the_field_and_its_mend(at, text, field, mend):
    with pytest.raises(InputError) as told:
        body(at, text)
    assert told.value.field == field
    assert mend in told.value.mend
    assert "\n" not in str(told.value)


def test_a_limit_through_the_market_is_accepted(at):
    assert body(at, "AAPL buy 1 --type LIMIT --limit 60")["limit"] == 60.0


@pytest.mark.parametrize(
    ("given", "mend"),
    [
        ("2013-02-27", "give 2013-02-28 or a later session"),
        ("2012-01-03", "give 2013-02-28 or a later session"),
        ("2013-03-02", "give 2013-03-04"),
        ("tomorrow", "YYYY-MM-DD"),
        ("2013-02-30", "YYYY-MM-DD"),
    ],
)
def test_an_order_for_a_session_that_was_run_or_is_none_is_refused(at, given, mend):
    with pytest.raises(InputError, match="--on") as told:
        asking.session_of(Namespace(on=given), at)
    assert mend in told.value.mend


def test_what_was_ordered_since_the_run_takes_cash_and_shares(at, capsys):
    order(at, "AAPL buy 150")
    with pytest.raises(InputError, match="is free"):
        order(at, "AAPL buy 50")
    order(at, "M&M sell 20")
    with pytest.raises(InputError, match="10 shares of M&M"):
        order(at, "M&M sell 11")
    order(at, "M&M sell 10 --on 2013-03-01 --type LIMIT --limit 120 --validity GTC")
    assert [one.session for one in at.lines] == ["2013-02-28", "2013-02-28", "2013-03-01"]
    assert "m3: sell 10 M&M LIMIT at 120.0 GTC, from 2013-03-01 on" in capsys.readouterr().out


def test_only_an_order_that_stands_can_be_cancelled(at):
    order(at, "AAPL buy 10 --on 2013-03-05")
    for name in ("m1", "20130227-average_cross-AAPL-buy"):
        asked = typed(f"cancel own {name}")
        asked.do(asked, at)
        at.lines = at.ledger.lines()
        with pytest.raises(InputError, match="ORDER: no order"):
            asked.do(asked, at)
    assert [one.session for one in at.lines if one.kind == "cancel"] == ["2013-03-05", "2013-02-28"]


def test_a_breaker_is_reset_only_while_on_and_with_a_note(at):
    with pytest.raises(InputError, match="the breaker is not on"):
        command._breaker(typed("breaker own --reset --note seen"), at)
    at.breaker = True
    with pytest.raises(InputError, match="--note"):
        command._breaker(typed("breaker own --reset"), at)
    command._breaker(typed("breaker own --reset --note seen"), at)
    assert [(one.kind, one.body["note"]) for one in at.ledger.lines()] == [("breaker_reset", "seen")]


def test_show_history_and_reset_tell_what_is_there_and_delete_nothing(at, capsys):
    order(at, "AAPL buy 10")
    before = at.ledger.path.read_bytes()
    for text in ("show own", "history own", "reset own --note anew"):
        asked = typed(text)
        asked.do(asked, at)
    told = capsys.readouterr().out
    assert "10,000.00 INR" in told
    assert "1 2013-02-28 order (person" in told
    assert (at.ledger.folder / "archive" / "0001.jsonl").read_bytes() == before
    assert [one.kind for one in at.ledger.lines()] == ["reset"]


def test_an_account_that_no_run_has_is_refused(tmp_path):
    with pytest.raises(InputError, match="no complete run has an account 'own'"):
        standing(tmp_path, "own")
