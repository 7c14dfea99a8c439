"""A source that refuses, fails, lies or hangs, in real runs: what scheduler and reviewer are told."""

from __future__ import annotations

import json
import time

from live_runs import SYMBOLS, sessions

PRICES = ["market/prices", "market/quality", "portfolio/positions"]


def test_one_refusal_and_one_server_error_cost_a_retry_each_and_no_data(live):
    live.yahoo.fault("AAA", "limited_once", endpoint="chart")
    live.yahoo.fault("BBB", "server_error_once", endpoint="chart")
    ran = live.run(only=PRICES)
    assert ran.code == 0, ran.err
    retries = {(one["symbol"], one["reason"]) for one in ran.told(state="retry")}
    assert retries == {("AAA", "limited"), ("BBB", "transport")}
    assert not ran.told(state="failed")
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


def test_each_fault_has_its_own_name_the_deadline_holds_and_no_secret_of_the_environment_is_told(live):
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
    canary = "canary-5f2c9e71d04b"
    ran = live.run(
        env={"YAHOO_API_KEY": canary, "SECRET_TOKEN": canary},
        only=PRICES,
        data={"attempts": 2},
        stages={"portfolio/positions": {"min_coverage": 0.1}},
    )
    assert time.monotonic() - began < 90 + 60
    assert ran.code == 0, ran.err
    log = ran.table("raw_sync_log").set_index("symbol")
    assert log["status"].to_dict() == {symbol: status for symbol, (_, status) in faults.items()} | {
        "JJJ": "ok"
    }
    assert set(ran.table("prices")["symbol"]) == {"HHH", "JJJ"}
    gaps = ran.table("gaps")
    assert gaps[["symbol", "gap_start", "status"]].to_numpy().tolist() == [["HHH", sessions()[-2], "open"]]
    assert canary not in ran.err + json.dumps(ran.events)
    files = [path for path in live.folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if canary.encode() in path.read_bytes()] == []


def test_one_unknown_symbol_of_ten_is_named_first_and_the_others_lose_nothing(live):
    live.yahoo.fault("DDD", "unknown")
    demanding = live.run(only=PRICES, stages={"portfolio/positions": {"min_coverage": 1.0}})
    assert demanding.code == 1
    failure = demanding.failure("portfolio/positions")
    assert failure["reason"] == "quality"
    assert "DDD (not known to the source)" in failure["message"]
    assert "--refresh" in failure["message"]
    ran = live.run(only=PRICES, stages={"portfolio/positions": {"min_coverage": 0.8}})
    assert ran.code == 0, ran.err
    rows = ran.table("prices").groupby("symbol").size()
    assert rows.to_dict() == {symbol: len(sessions()) for symbol in SYMBOLS if symbol != "DDD"}
    assert ran.table("raw_sync_log")["symbol"].tolist() == SYMBOLS
    front = (ran.folder / "index.html").read_text()
    assert "DDD" in front[: front.index("What matters")] if "What matters" in front else "DDD" in front


def test_an_answer_that_is_believed_is_told_and_asked_for_anew_by_refresh(live):
    live.yahoo.fault("DDD", "unknown")
    lenient = {"only": PRICES, "stages": {"portfolio/positions": {"min_coverage": 0.8}}}
    assert live.run(**lenient).code == 0
    live.yahoo.heal()
    asked = len(live.yahoo.requests)
    (reused,) = live.run(**lenient).told(state="reused")
    assert "--refresh asks anew" in reused["detail"]
    other = live.run(**lenient, data={"start": "2024-02-01"})
    (believed,) = other.told(state="remembered")
    assert (believed["reason"], believed["detail"].startswith("DDD: answered 20")) == ("unknown", True)
    assert [(one.endpoint, one.symbol, one.status) for one in live.yahoo.requests[asked:]] == []
    healed = live.run("--refresh", **lenient)
    assert healed.code == 0, healed.err
    assert "DDD" in set(healed.table("prices")["symbol"])
    assert not healed.told(state="remembered")


def test_without_a_store_and_without_a_source_the_message_says_what_is_missing(live):
    ran = live.run("--offline")
    assert ran.code == 2
    day = f"{sessions()[-1]:%Y-%m-%d}"
    assert "data: the price store is empty, and with --offline Yahoo is not asked for the " in ran.err
    assert f"symbols that {day} needs; run once without --offline" in ran.err
    assert ran.err.count("\n") == 1


def test_under_strict_a_bar_that_breaks_a_rule_stops_the_run_and_is_named_on_its_page(live):
    day = f"{sessions()[50]:%Y-%m-%d}"
    live.yahoo.fault("AAA", "tenfold", date=day)
    live.yahoo.fault("BBB", "negative", date=day)
    ran = live.run(only=["market/prices"], stages={"market/prices": {"strict": True}})
    assert ran.code == 1
    failure = ran.failure("market/prices")
    assert failure["reason"] == "quality"
    assert "AAA" in failure["message"] and "BBB" in failure["message"]
    assert "PRICE_SPIKE" in ran.text() and "BAD_PRICE" in ran.text()
