"""A source that refuses, fails, lies or hangs, in real runs: what scheduler and reviewer are told."""

from __future__ import annotations

import time

import pandas as pd
import pytest
from fake_yahoo import FakeYahoo
from live_runs import SYMBOLS, Live, sessions, world

PRICES = ["market/prices", "market/quality", "portfolio/positions"]


def test_one_refusal_gives_the_whole_data_and_one_retry_in_the_log(live):
    live.yahoo.fault("AAA", "limited_once", endpoint="chart")
    ran = live.run(only=PRICES)
    assert ran.code == 0, ran.err
    retries = ran.told(state="retry")
    assert [(one["symbol"], one["reason"]) for one in retries] == [("AAA", "limited")]
    assert ran.table("prices")["symbol"].nunique() == len(SYMBOLS)


def test_refusals_without_end_stop_at_the_breaker_and_leave_what_was_there(live):
    live.yahoo.world.through = sessions()[-20]
    live.data = {"refresh_hours": 0.0001}
    before = live.run(as_of=f"{sessions()[-30]:%Y-%m-%d}")
    assert before.code == 0, before.err
    kept = {path: path.read_bytes() for path in before.folder.rglob("*.parquet")}
    live.yahoo.fault("*", "limited_always")
    asked = len(live.yahoo.requests)
    ran = live.run()
    assert ran.code == 1
    failure = ran.failure("market/prices")
    assert failure["reason"] == "limited"
    assert "refuse" in failure["message"] or "limited" in failure["message"]
    assert len(live.yahoo.requests) - asked <= 12
    assert ran.told(state="breaker")
    assert set(ran.table("raw_sync_log")["status"]) == {"limited"}
    assert ran.table("raw_prices").empty
    assert all(path.read_bytes() == content for path, content in kept.items())
    assert (live.outputs / "latest").resolve() == before.folder.resolve()
    assert "sample" not in {*ran.table("raw_prices")["source"]}


def test_an_older_answer_is_taken_when_that_is_asked_for_and_it_is_marked(live):
    live.yahoo.world.through = sessions()[-3]
    first = live.run(only=PRICES, data={"refresh_hours": 0.0001})
    assert first.code == 0, first.err
    live.yahoo.world.through = None
    live.yahoo.fault("*", "limited_always")
    refused = live.run(only=PRICES, data={"refresh_hours": 0.0001})
    assert refused.code == 1
    ran = live.run(only=PRICES, data={"refresh_hours": 0.0001, "stale": True})
    assert ran.code == 0, ran.err
    log = ran.table("raw_sync_log")
    assert set(log["status"]) == {"stale"}
    assert log["detail"].str.contains(f"last bar {sessions()[-3]:%Y-%m-%d}").all()
    assert "older answer" in ran.text()


def test_a_server_error_is_transport_and_the_same_command_succeeds_once_it_is_healed(live):
    live.yahoo.fault("*", "server_error_always")
    failed = live.run(only=PRICES, data={"attempts": 2})
    assert failed.code == 1
    assert failed.failure("market/prices")["reason"] == "transport"
    assert {one["reason"] for one in failed.told(state="failed")} == {"transport"}
    assert "delisted" not in str(failed.events) + failed.err + failed.text()
    live.yahoo.heal()
    healed = live.run(only=PRICES, data={"attempts": 2})
    assert healed.code == 0, healed.err
    assert healed.table("prices")["symbol"].nunique() == len(SYMBOLS)


def test_a_server_that_heals_during_the_run_is_asked_again_in_a_fresh_process(live):
    live.yahoo.fault("AAA", "server_error_once", endpoint="chart")
    ran = live.run(only=PRICES)
    assert ran.code == 0, ran.err
    assert [(one["symbol"], one["reason"]) for one in ran.told(state="retry")] == [("AAA", "transport")]
    assert not ran.told(state="failed")


def test_each_fault_has_its_own_name_and_the_deadline_holds(live):
    faults = {
        "AAA": ("html_always", "transport"),
        "BBB": ("truncated_always", "transport"),
        "CCC": ("empty_body_always", "transport"),
        "DDD": ("no_adjclose", "invalid"),
        "EEE": ("wrong_timezone", "invalid"),
        "FFF": ("hang", "transport"),
        "GGG": ("unknown", "unknown"),
        "HHH": ("null_rows", "ok"),
        "III": ("no_bars", "empty"),
    }
    for symbol, (fault, _) in faults.items():
        live.yahoo.fault(symbol, fault, endpoint="chart")
    began = time.monotonic()
    ran = live.run(only=PRICES, data={"attempts": 2}, stages={"market/prices": {"min_coverage": 0.1}})
    assert time.monotonic() - began < 90 + 60
    assert ran.code == 0, ran.err
    log = ran.table("raw_sync_log").set_index("symbol")
    assert log["status"].to_dict() == {symbol: status for symbol, (_, status) in faults.items()} | {
        "JJJ": "ok"
    }
    assert set(ran.table("prices")["symbol"]) == {"HHH", "JJJ"}
    gaps = ran.table("gaps")
    assert gaps[["symbol", "gap_start", "status"]].to_numpy().tolist() == [["HHH", sessions()[-2], "open"]]


def test_one_unknown_symbol_of_ten_is_named_first_and_the_others_lose_nothing(live):
    live.yahoo.fault("DDD", "unknown")
    strict = live.run(only=PRICES)
    assert strict.code == 1
    assert strict.failure("market/prices")["reason"] == "quality"
    assert "DDD" in strict.failure("market/prices")["message"]
    ran = live.run(only=PRICES, stages={"market/prices": {"min_coverage": 0.8}})
    assert ran.code == 0, ran.err
    rows = ran.table("prices").groupby("symbol").size()
    assert rows.to_dict() == {symbol: len(sessions()) for symbol in SYMBOLS if symbol != "DDD"}
    assert ran.table("raw_sync_log")["symbol"].tolist() == SYMBOLS
    front = (ran.folder / "index.html").read_text()
    assert "DDD" in front[: front.index("What matters")] if "What matters" in front else "DDD" in front


def planted(yahoo: FakeYahoo) -> dict[str, tuple[str, pd.Timestamp]]:
    """Symbol to the check that must speak of it, and the day."""
    days = sessions()
    friday = next(day for day in days[60:] if day.day_of_week == 4)
    plants = {
        "AAA": ("tenfold", "PRICE_SPIKE", days[50]),
        "BBB": ("negative", "BAD_PRICE", days[51]),
        "CCC": ("swapped", "SWAPPED_RANGE", days[52]),
        "EEE": ("weekend", "NOT_TRADING_DAY", friday),
    }
    for symbol, (kind, _, day) in plants.items():
        yahoo.fault(symbol, kind, date=f"{day:%Y-%m-%d}")
    yahoo.fault("DDD", "duplicated_day", date=f"{days[53]:%Y-%m-%d}")
    yahoo.fault("FFF", "gap", first=f"{days[54]:%Y-%m-%d}", last=f"{days[55]:%Y-%m-%d}")
    found = {symbol: (check, day) for symbol, (_, check, day) in plants.items()}
    found["EEE"] = ("NOT_TRADING_DAY", friday + pd.Timedelta(days=1))
    return found


def test_planted_bars_are_found_named_and_handled_and_strict_stops_the_run(workbench, tmp_path):
    days = sessions()
    known = world(splits={"GGG": {days[70]: 4.0}})
    with FakeYahoo(known) as yahoo:
        live = Live(workbench, tmp_path / "live", yahoo)
        expected = planted(yahoo)
        ran = live.run(only=PRICES)
        assert ran.code == 0, ran.err
        strict = live.run(only=PRICES, stages={"market/prices": {"strict": True}})
    issues = ran.table("data_issues")
    for symbol, (check, day) in expected.items():
        found = issues[(issues["symbol"] == symbol) & (issues["date"] == day)]
        assert check in set(found["check"]), (symbol, found)
    prices = ran.table("prices").set_index(["symbol", "date"])
    for symbol in ("AAA", "BBB"):
        assert (symbol, expected[symbol][1]) not in prices.index
    truth = known.truth("CCC").set_index("date").loc[expected["CCC"][1]]
    assert prices.loc[("CCC", expected["CCC"][1]), ["high", "low"]].tolist() == pytest.approx(
        [truth["high"], truth["low"]]
    )
    assert len(ran.table("repairs")) == 2
    assert prices.loc["DDD"].index.is_unique
    gaps = ran.table("gaps").set_index("symbol")
    assert (gaps.loc["FFF", "sessions"], gaps.loc["FFF", "status"]) == (2, "open")
    split = prices.loc["GGG"]["split"]
    assert split[split != 1].to_dict() == {days[70]: 4.0}
    moves = prices.loc["GGG"]["adj_close"].pct_change().abs()
    assert moves.max() < 0.2
    assert strict.code == 1
    assert strict.failure("market/prices")["reason"] == "quality"
