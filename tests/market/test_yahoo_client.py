"""The client and real worker processes with the real yfinance, against the fake Yahoo over TLS.

What is asserted of requests is what the server counted.
"""

import json
import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import psutil
import pytest
from fake_yahoo import FakeYahoo, World

from lib.errors import WorkbenchError
from lib.market.yahoo import asks as forms
from lib.market.yahoo.client import Ask, fetch, no_bars, no_outcomes
from lib.policy import Policy

ROOT = Path(__file__).resolve().parents[2]
NEW_YORK = "America/New_York"
DAYS = pd.bdate_range("2023-09-01", "2024-06-28")
FIRST, LAST = DAYS[0].date(), DAYS[-1].date()
HOSTILE = "<img src=x onerror=alert(1)>"
SPLITS = {
    "AAA": {"2024-03-01": 4.0},
    "BBB": {"2023-11-15": 7.0, "2024-05-01": 0.1},
    "GAP": {"2024-02-06": 2.0},
}
DIVIDENDS = {
    "AAA": {"2023-12-01": 0.82, "2024-06-03": 0.205},
    "BBB": {"2023-10-02": 3.29, "2024-02-01": 0.47},
    "NUL": {"2024-01-16": 0.5},
}
SYMBOLS = ["AAA", "BBB", "CCC", "DDD", "EEE", "GAP", "NUL", "SPY"]
PROFILES = {"AAA": {"longName": HOSTILE}, "SPY": {"quoteType": "ETF"}}
BAD = ["../../x?y=1", "aapl", "US0378331005", ""]
FAST = Policy(calls_per_second=50, base_wait=0.02, max_wait=0.05, deadline=120, timeout=20)


@pytest.fixture(scope="module")
def world():
    world = World.generated(
        SYMBOLS, DAYS, seed=3, splits=SPLITS, dividends=DIVIDENDS, yields=True, profiles=PROFILES
    )
    world.add_chain("AAA", ["2024-07-19", "2024-08-16"], [20, 40, 60])
    return world


@pytest.fixture(scope="module")
def served(world):
    with FakeYahoo(world) as yahoo:
        yield yahoo


@pytest.fixture
def yahoo(served, monkeypatch):
    """The server without faults and with an empty record, and an environment that leads to it."""
    served.heal()
    served.requests.clear()
    for name, value in served.environment().items():
        monkeypatch.setenv(name, value)
    return served


def bars(*symbols, start=FIRST, end=LAST):
    return [Ask(symbol, "bars", start, end) for symbol in symbols]


def ask(asks, policy=FAST, **options):
    return fetch(asks, policy, exchange_timezone=NEW_YORK, generator=random.Random(1), **options)


def policy(**changes):
    return Policy(**{**{name: getattr(FAST, name) for name in FAST.__dataclass_fields__}, **changes})


def statuses(answers, kind="bars"):
    rows = answers.outcomes[answers.outcomes["kind"] == kind]
    return dict(zip(rows["symbol"], rows["status"], strict=True))


def details(answers):
    return dict(zip(answers.outcomes["symbol"], answers.outcomes["detail"], strict=True))


def states(answers):
    return [(event["symbol"], event["state"], event["reason"]) for event in answers.events]


def bars_of(answers, symbol):
    return answers.bars[answers.bars["symbol"] == symbol].reset_index(drop=True)


def assert_true(answers, symbol, world, days=DAYS):
    """The bars are the world's to the last digit."""
    columns = ["date", "open", "high", "low", "close", "volume", "dividend", "split"]
    truth = world.truth(symbol)
    truth = truth[truth["date"].isin(days)].reset_index(drop=True)
    pd.testing.assert_frame_equal(bars_of(answers, symbol)[columns], truth[columns], check_exact=True)


@pytest.fixture(scope="module")
def healthy(served):
    """One fetch of everything in one process, and the requests that the server saw."""
    served.heal()
    served.requests.clear()
    asks = bars("AAA", "BBB", "CCC", "^TNX", "ZZZ", *BAD)
    asks += bars("SPY", start=date(2024, 1, 13), end=date(2024, 2, 15)) + bars("GAP", end=date(2024, 2, 5))
    asks += bars("EEE", start=date(2022, 1, 3), end=date(2022, 12, 30))
    asks += [Ask(symbol, "profile") for symbol in ("AAA", "SPY", "^TNX", "ZZZ")]
    asks += [Ask("AAA", "chain", expiry=date(2024, month, day)) for month, day in ((7, 19), (8, 16), (9, 20))]
    asks += [Ask(symbol, "chain", expiry=date(2024, 7, 19)) for symbol in ("BBB", "ZZZ")]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in served.environment().items():
            patch.setenv(name, value)
        answers = ask([*asks, asks[0]])
    return answers, list(served.requests)


@pytest.mark.parametrize("symbol", ["AAA", "BBB", "CCC"])
def test_bars_are_what_was_traded_over_splits_dividends_and_summer_time(healthy, world, symbol):
    assert_true(healthy[0], symbol, world)


def test_bars_carry_where_and_when_they_come_from(healthy):
    frame = healthy[0].bars
    assert list(frame.columns) == list(forms.BARS)
    assert frame.dtypes.astype("str").to_dict() == forms.BARS
    assert set(frame["source"]) == {"yahoo"} and set(frame["origin"]) == {"real"}
    age = pd.Timestamp.now("UTC").tz_localize(None) - frame["fetched_at"]
    assert (age > pd.Timedelta(0)).all() and (age < pd.Timedelta(hours=1)).all()
    assert not frame.duplicated(["symbol", "date"]).any()
    assert frame.equals(frame.sort_values(["symbol", "date"], ignore_index=True))


def test_only_the_days_asked_for_come_and_later_splits_are_undone_in_them(healthy, world):
    assert_true(healthy[0], "SPY", world, DAYS[(DAYS >= "2024-01-13") & (DAYS <= "2024-02-15")])
    assert_true(healthy[0], "GAP", world, DAYS[DAYS <= "2024-02-05"])


def test_a_treasury_index_is_bars_in_percent_dated_in_its_own_zone(healthy, world):
    assert_true(healthy[0], "^TNX", world)


def test_each_symbol_takes_one_request_and_cookie_and_crumb_one_a_process(healthy):
    answers, requests = healthy
    paths = [request.path for request in requests if request.endpoint == "chart"]
    assert sorted(paths) == sorted(
        f"/v8/finance/chart/{name}" for name in ("AAA", "BBB", "CCC", "%5ETNX", "ZZZ", "SPY", "GAP", "EEE")
    )
    endpoints = [request.endpoint for request in requests]
    assert endpoints.count("cookie") == endpoints.count("crumb") == 1
    assert endpoints.count("profile") == 4 and endpoints.count("quote") == 3
    assert endpoints.count("options") == 5
    assert set(endpoints) <= {"chart", "cookie", "crumb", "profile", "quote", "options"}
    assert answers.requests == len(requests)


def test_nothing_is_written_to_the_person_s_cache_folder(healthy, served):
    assert not Path(served.environment()["XDG_CACHE_HOME"]).exists()


def test_what_is_no_symbol_is_invalid_and_never_sent(healthy):
    answers, requests = healthy
    assert {statuses(answers)[symbol] for symbol in BAD} == {"invalid"}
    assert answers.outcomes.loc[answers.outcomes["symbol"].isin(BAD), "attempts"].eq(0).all()
    assert not [request for request in requests if "x" in request.path.split("/")[-1]]


def test_every_ask_has_one_outcome_and_an_unknown_symbol_leaves_the_others_whole(healthy):
    answers, _ = healthy
    assert len(answers.outcomes) == 8 + len(BAD) + 4 + 5
    assert answers.outcomes.dtypes.astype("str").to_dict() == forms.OUTCOMES
    found = statuses(answers)
    assert found.pop("ZZZ") == "unknown" and found.pop("EEE") == "empty"
    assert {found[name] for name in found if name not in BAD} == {"ok"}
    asked = answers.outcomes[~answers.outcomes["symbol"].isin(BAD)]
    assert asked["attempts"].eq(1).all()


def test_profiles_are_plain_text_and_an_unknown_symbol_has_none(healthy, world):
    answers, _ = healthy
    rows = answers.profiles.set_index("symbol")
    assert rows.index.tolist() == ["AAA", "SPY", "^TNX"]
    assert rows["kind"].tolist() == ["stock", "etf", "index"]
    assert rows.loc["AAA", "name"] == HOSTILE
    assert rows.loc["AAA", ["sector", "industry", "currency", "exchange", "timezone"]].tolist() == [
        "Technology", "Software - Application", "USD", "NYQ", NEW_YORK,
    ]  # fmt: skip
    assert rows.loc["^TNX", ["sector", "industry", "country", "market_cap"]].isna().all()
    assert rows.loc["AAA", "country"] == "United States"
    assert rows.loc["AAA", "market_cap"] == world.profiles["AAA"]["marketCap"]
    assert statuses(answers, "profile")["ZZZ"] == "unknown"


def test_a_chain_gives_the_quotes_of_the_expiry_asked_for(healthy, world):
    answers, _ = healthy
    quotes = answers.quotes
    assert quotes.dtypes.astype("str").to_dict() == forms.QUOTES
    assert quotes["expiry"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2024-07-19", "2024-08-16"]
    assert set(quotes["underlying"]) == {"AAA"}
    for expiry in ("2024-07-19", "2024-08-16"):
        truth = {row["contractSymbol"]: row for row in world.quotes("AAA", pd.Timestamp(expiry))}
        rows = quotes[quotes["expiry"] == expiry]
        assert set(rows["contract"]) == set(truth)
        for row in rows.itertuples():
            said = truth[row.contract]
            assert (row.strike, row.right) == (said["strike"], said["right"])
            assert (row.bid, row.ask, row.last) == (said["bid"], said["ask"], said["lastPrice"])
            assert (row.volume, row.open_interest) == (10, 100)
            assert row.last_trade_date == DAYS[-1]


def test_an_expiry_that_yahoo_does_not_list_is_empty(healthy):
    rows = healthy[0].outcomes
    rows = rows[rows["kind"] == "chain"]
    keys = zip(rows["symbol"], rows["expiry"].dt.strftime("%m-%d"), strict=True)
    assert dict(zip(keys, rows["status"], strict=True)) == {
        ("AAA", "07-19"): "ok",
        ("AAA", "08-16"): "ok",
        ("AAA", "09-20"): "empty",
        ("BBB", "07-19"): "empty",
        ("ZZZ", "07-19"): "unknown",
    }
    assert "Yahoo lists no expiry 2024-09-20" in rows["detail"].tolist()
    assert "Yahoo lists no options" in rows["detail"].tolist()


def test_each_failure_is_one_event_of_plain_json(healthy):
    answers, _ = healthy
    failed = [(e["symbol"], e["kind"], e["reason"]) for e in answers.events]
    assert set(failed) == {
        ("ZZZ", "bars", "unknown"),
        ("ZZZ", "profile", "unknown"),
        ("ZZZ", "chain", "unknown"),
        *((symbol, "bars", "invalid") for symbol in BAD),
    }
    assert len(failed) == len(set(failed))
    assert {(e["event"], e["state"]) for e in answers.events} == {("sync", "failed")}
    assert json.loads(json.dumps(answers.events)) == answers.events


def test_neither_the_order_nor_the_batches_change_the_answers(healthy, yahoo):
    symbols = ["^TNX", "CCC", "AAA", "BBB"]
    answers = ask(bars(*symbols), policy(batch=3))
    expected = healthy[0].bars[healthy[0].bars["symbol"].isin(symbols)].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        answers.bars.drop(columns="fetched_at"), expected.drop(columns="fetched_at"), check_exact=True
    )
    assert answers.outcomes["symbol"].tolist() == sorted(symbols)
    assert yahoo.count(endpoint="crumb") == 2
    assert answers.requests == len(yahoo.requests) == 8


def test_each_fault_has_its_status_whatever_yfinance_would_call_it():
    """One fetch, one attempt; every symbol with a fault of its own."""
    faults = {
        "HTML": ("html", {}, "transport"),
        "DOWN": ("right_back", {}, "transport"),
        "CUT": ("truncated", {}, "transport"),
        "VOID": ("empty_body", {}, "transport"),
        "S500": ("server_error", {}, "transport"),
        "S403": ("forbidden", {}, "transport"),
        "DROP": ("drop", {}, "transport"),
        "HANG": ("hang", {"seconds": 30}, "transport"),
        "NOADJ": ("no_adjclose", {}, "invalid"),
        "NOMETA": ("no_meta", {}, "invalid"),
        "ZONE": ("wrong_timezone", {}, "invalid"),
        "OTHER1": ("wrong_symbol", {}, "invalid"),
        "WEEK": ("weekly", {}, "invalid"),
        "TWICE": ("duplicated_day", {"date": "2024-02-06", "factor": 1.5}, "invalid"),
        "NOBARS": ("no_bars", {}, "empty"),
        "GONE": ("unknown", {}, "unknown"),
        "SAME": ("duplicated_day", {"date": "2024-02-06"}, "ok"),
        "HALF": ("open_session", {}, "ok"),
        "NUL": ("null_rows", {"dates": ["2024-01-16", "2024-03-05"]}, "ok"),
        "GAP": ("gap", {"first": "2024-02-05", "last": "2024-02-07"}, "ok"),
        "FINE": ("slow", {"seconds": 0.1}, "ok"),
    }
    other = World.generated([*faults], DAYS, splits=SPLITS, dividends=DIVIDENDS)
    with FakeYahoo(other) as yahoo, pytest.MonkeyPatch.context() as patch:
        for name, value in yahoo.environment().items():
            patch.setenv(name, value)
        for symbol, (kind, options, _) in faults.items():
            yahoo.fault(symbol, kind, **options)
        answers = ask(bars(*faults), policy(attempts=1, timeout=3))
        seen = yahoo.requests
    assert statuses(answers) == {symbol: status for symbol, (*_, status) in faults.items()}
    said = details(answers)
    assert "delisted" not in json.dumps({k: v for k, v in said.items() if k != "GONE"})
    assert said["S500"] == "Yahoo answers with status 500"
    assert said["HANG"] == "no answer (Timeout)"
    assert said["NOADJ"] == "the answer has no adjusted closes"
    assert "Asia/Tokyo" in said["ZONE"]
    assert said["TWICE"] == "the answer has 2024-02-06 twice with different values"
    odd = answers.oddities.groupby("symbol")["event"].value_counts().to_dict()
    assert odd["SAME", "given_twice"] == 1
    assert (odd["NUL", "no_close"], odd["NUL", "moved_action"]) == (2, 1)
    assert set(answers.bars["symbol"]) == {"SAME", "HALF", "NUL", "GAP", "FINE"}
    for symbol in ("SAME", "HALF", "FINE"):
        assert_true(answers, symbol, other)
    without = DAYS.difference(pd.to_datetime(["2024-02-05", "2024-02-06", "2024-02-07"]))
    assert odd["GAP", "moved_action"] == 1
    moved = other.series["GAP"]
    moved.loc[moved["date"] == "2024-02-08", "split"] = 2.0
    assert_true(answers, "GAP", other, without)
    moved = other.series["NUL"]
    moved.loc[moved["date"] == "2024-01-17", "dividend"] = 0.5
    assert_true(answers, "NUL", other, DAYS.difference(pd.to_datetime(["2024-01-16", "2024-03-05"])))
    charts = [request.symbol for request in seen if request.endpoint == "chart"]
    # yfinance tries new cookies after 403; libcurl sends again where a connection in use closes silently.
    assert sorted(charts) == sorted([*faults, "S403", "DROP"])
    assert answers.requests == len(seen) - 1
    assert all(state == "failed" for _, state, _ in states(answers))


def test_planted_bars_come_as_they_are_for_the_checks_to_find(yahoo, world):
    yahoo.fault("CCC", "swapped", date="2024-02-06")
    yahoo.fault("CCC", "tenfold", date="2024-02-07")
    yahoo.fault("CCC", "negative", date="2024-02-08")
    yahoo.fault("CCC", "weekend", date="2024-02-09")
    yahoo.fault("DDD", "changed_close", date="2024-02-06", factor=1.01)
    yahoo.fault("EEE", "added_split", date="2024-06-03", ratio=2.0)
    answers = ask(bars("CCC", "DDD", "EEE"))
    truth = {symbol: world.truth(symbol).set_index("date") for symbol in ("CCC", "DDD", "EEE")}
    found = {symbol: bars_of(answers, symbol).set_index("date") for symbol in truth}
    assert found["CCC"].loc["2024-02-06", "high"] == truth["CCC"].loc["2024-02-06", "low"]
    close, true = found["CCC"]["close"], truth["CCC"]["close"]
    assert close["2024-02-07"] == pytest.approx(10 * true["2024-02-07"])
    assert close["2024-02-08"] == -true["2024-02-08"]
    assert pd.Timestamp("2024-02-10") in found["CCC"].index
    assert found["DDD"].loc["2024-02-06", "close"] == round(1.01 * truth["DDD"].loc["2024-02-06", "close"], 2)
    before = truth["EEE"].loc[:"2024-05-31"]
    assert found["EEE"].loc[:"2024-05-31", "close"].tolist() == before["close"].tolist()
    assert found["EEE"].loc["2024-06-03", "split"] == 2.0


def test_a_split_that_comes_later_changes_no_bar_that_was_fetched_before(yahoo, world, monkeypatch):
    monkeypatch.setattr(world, "through", "2024-02-29")
    early = ask(bars("AAA", end=date(2024, 2, 29)))
    monkeypatch.setattr(world, "through", None)
    late = ask(bars("AAA", end=date(2024, 2, 29)))
    parts = ["date", "open", "high", "low", "close", "volume", "dividend", "split"]
    pd.testing.assert_frame_equal(early.bars[parts], late.bars[parts], check_exact=True)
    assert len(early.bars) == (DAYS <= "2024-02-29").sum()


def test_one_refusal_is_waited_out_and_costs_nothing_but_one_repetition(yahoo, world):
    yahoo.fault("BBB", "limited_once", retry_after=7)
    waits, heard = [], []
    answers = ask(bars("AAA", "BBB", "CCC"), sleep=waits.append, told=heard.append)
    for symbol in ("AAA", "BBB", "CCC"):
        assert_true(answers, symbol, world)
    assert states(answers) == [("BBB", "retry", "limited")]
    assert heard == answers.events
    assert waits == [7.0] and answers.events[0]["wait"] == 7.0 and answers.events[0]["attempt"] == 1
    assert yahoo.count(status=429) == 1
    charts = [request.symbol for request in yahoo.requests if request.endpoint == "chart"]
    assert charts == ["AAA", "BBB", "CCC", "BBB"]
    assert dict(zip(answers.outcomes["symbol"], answers.outcomes["attempts"], strict=True)) == {
        "AAA": 1,
        "BBB": 2,
        "CCC": 1,
    }


def test_a_symbol_that_is_always_refused_does_not_keep_the_others_from_their_answers(yahoo, world):
    yahoo.fault("AAA", "limited_always")
    answers = ask(bars("AAA", "BBB", "CCC"), policy(breaker=2))
    assert statuses(answers) == {"AAA": "limited", "BBB": "ok", "CCC": "ok"}
    assert_true(answers, "CCC", world)
    assert yahoo.count("AAA") == 2 and yahoo.count("BBB") == yahoo.count("CCC") == 1


def test_a_source_that_always_refuses_is_asked_no_more_than_the_breaker_allows(yahoo):
    yahoo.fault("*", "limited_always")
    answers = ask([*bars("AAA", "BBB", "CCC", "DDD", "EEE"), Ask("AAA", "profile")], policy(attempts=9))
    assert yahoo.count(status=429) == 3
    assert yahoo.count(endpoint="chart") + yahoo.count(endpoint="profile") == 3
    assert set(answers.outcomes["status"]) == {"limited"}
    assert answers.bars.empty and list(answers.bars.columns) == list(no_bars().columns)
    breaker = [event for event in answers.events if event["state"] == "breaker"]
    assert len(breaker) == 1 and breaker[0]["reason"] == "limited"
    assert sum(state == "failed" for _, state, _ in states(answers)) == 6
    assert "delisted" not in json.dumps(answers.events)


def test_refusing_the_crumb_counts_too_and_does_not_make_a_symbol_unknown(yahoo):
    yahoo.fault("*", "limited_always", endpoint="crumb")
    answers = ask([*bars("AAA"), Ask("AAA", "profile")], policy(attempts=9))
    assert statuses(answers) == {"AAA": "ok"}
    assert statuses(answers, "profile") == {"AAA": "limited"}
    assert yahoo.count(status=429) == 3


def test_a_server_error_that_heals_is_repeated_in_a_new_process_and_called_by_its_name(yahoo, world):
    yahoo.fault("AAA", "server_error_once")
    answers = ask(bars("AAA", "BBB"))
    assert_true(answers, "AAA", world)
    assert states(answers) == [("AAA", "retry", "transport")]
    assert answers.events[0]["detail"] == "Yahoo answers with status 500"
    assert yahoo.count("AAA") == 2 and yahoo.count("BBB") == 1
    assert yahoo.count(endpoint="cookie") == 2


def test_a_worker_that_hangs_is_ended_by_the_deadline_and_keeps_what_it_had(yahoo, world):
    yahoo.fault("BBB", "slow", seconds=25)
    answers = ask(bars("AAA", "BBB", "CCC"), policy(deadline=10.0, timeout=60.0))
    assert_true(answers, "AAA", world)
    assert statuses(answers) == {"AAA": "ok", "BBB": "transport", "CCC": "transport"}
    assert details(answers)["BBB"] == "no answer before the deadline of 10 s"
    assert details(answers)["CCC"] == "not asked before the deadline of 10 s"
    assert yahoo.count("CCC") == 0
    alive = [" ".join(process.cmdline()) for process in psutil.Process().children(recursive=True)]
    assert not [command for command in alive if "yahoo.worker" in command]


def test_a_source_that_cannot_be_reached_is_not_asked_for_every_symbol_and_no_secret_is_told(monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://someone:canary@127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("API_KEY", "canary")
    answers = ask(bars("AAA", "BBB", "CCC", "DDD", "EEE"), policy(attempts=1))
    assert set(answers.outcomes["status"]) == {"transport"}
    assert answers.outcomes["attempts"].tolist() == [1, 1, 1, 0, 0]
    assert answers.outcomes["detail"].iloc[4] == "not asked: Yahoo does not answer"
    text = answers.outcomes.to_csv() + json.dumps(answers.events)
    assert "canary" not in text and "127.0.0.1" not in text


def test_what_a_repair_would_change_is_told_and_the_bars_stay_as_they_came(yahoo, world):
    yahoo.fault("AAA", "tenfold", date="2024-02-07", factor=100)
    answers = ask(bars("AAA"), policy(repair=True))
    truth = world.truth("AAA").set_index("date").loc["2024-02-07"]
    close = bars_of(answers, "AAA").set_index("date")["close"]
    assert close["2024-02-07"] == pytest.approx(100 * truth["close"])
    repairs = answers.repairs
    assert repairs.dtypes.astype("str").to_dict() == forms.REPAIRS
    assert set(repairs["date"]) == {pd.Timestamp("2024-02-07")}
    found = repairs.set_index("column")["after"]
    assert found.to_dict() == pytest.approx({name: truth[name] for name in ("close", "high", "low", "open")})
    assert yahoo.count("AAA", endpoint="chart") == 1


def broken_by(folder, monkeypatch, text):
    """Text that every Python started from here runs first."""
    (folder / "sitecustomize.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_a_worker_that_does_not_start_is_a_fault_of_the_installation(yahoo, monkeypatch, tmp_path):
    (tmp_path / "yfinance.py").write_text("raise ImportError('canary')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(WorkbenchError, match=r"does not start.*ImportError") as fault:
        ask(bars("AAA"))
    assert "canary" not in str(fault.value)
    assert not yahoo.requests


def test_an_answer_that_breaks_the_worker_is_invalid_and_the_rest_is_asked_anew(
    yahoo, world, monkeypatch, tmp_path
):
    code = (
        "import lib.market.yahoo.reading as reading\n"
        "made = reading.bars_of\n"
        "def bars_of(history, chart, symbol, *rest):\n"
        "    if symbol == 'AAA': raise KeyError('canary')\n"
        "    return made(history, chart, symbol, *rest)\n"
        "reading.bars_of = bars_of\n"
    )
    broken_by(tmp_path, monkeypatch, f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{code}")
    answers = ask(bars("AAA", "BBB"))
    assert statuses(answers) == {"AAA": "invalid", "BBB": "ok"}
    assert "KeyError" in details(answers)["AAA"] and "canary" not in details(answers)["AAA"]
    assert_true(answers, "BBB", world)
    assert yahoo.count("AAA") == 1


def test_a_worker_ends_when_the_process_that_started_it_is_gone(yahoo, tmp_path):
    yahoo.fault("AAA", "hang")
    request = {"asks": [one.as_dict() for one in bars("AAA")], "exchange_timezone": NEW_YORK, "repair": False}
    request |= {"refusals_left": 3, "calls_per_second": 50, "timeout": 60}
    (tmp_path / "request.json").write_text(json.dumps(request))
    command = [sys.executable, "-P", "-m", "lib.market.yahoo.worker", str(tmp_path)]
    worker = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    while not yahoo.count(endpoint="crumb"):
        assert worker.poll() is None
    worker.stdin.close()
    assert worker.wait(30) == 1
    assert not list(tmp_path.glob("0*"))


def test_nothing_to_ask_starts_no_process(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", None)
    answers = ask(bars(*BAD))
    assert answers.requests == 0 and set(answers.outcomes["status"]) == {"invalid"}
    nothing = ask([])
    assert nothing.outcomes.dtypes.equals(no_outcomes().dtypes) and nothing.outcomes.empty
    assert nothing.bars.dtypes.equals(no_bars().dtypes) and nothing.events == []
