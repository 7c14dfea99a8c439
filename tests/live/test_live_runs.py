"""Live data through real runs: what is asked, what is kept, what a second run costs."""

from __future__ import annotations

import os
import random
import signal
import threading
import time

import pandas as pd
import pytest
from fake_yahoo import FakeYahoo
from live_runs import SYMBOLS, Live, sessions, world

from lib.market.store import PriceStore

ROUNDS = int(os.environ.get("LIVE_ROUNDS", "2"))


def test_a_first_run_fetches_what_yahoo_has_and_a_second_asks_and_executes_nothing(live):
    first = live.run()
    assert first.code == 0, first.err
    prices = first.table("prices")
    for symbol in SYMBOLS:
        truth = live.yahoo.world.truth(symbol)
        mine = prices[prices["symbol"] == symbol]
        assert mine["date"].tolist() == truth["date"].tolist()
        assert mine["close"].tolist() == pytest.approx(truth["close"].tolist(), rel=1e-6)
    assert first.requests == len(live.yahoo.requests)
    assert live.yahoo.count(endpoint="chart") == len(SYMBOLS) + 4
    yields = first.table("yields").groupby("tenor")["rate"].last()
    assert yields.index.tolist() == ["10Y", "30Y", "3M", "5Y"]
    assert yields.between(0.001, 0.2).all()
    asked = len(live.yahoo.requests)
    second = live.run()
    assert (second.code, second.executed, len(live.yahoo.requests)) == (0, [], asked)
    assert second.events[-1]["run"] == first.events[-1]["run"]


def test_a_changed_close_executes_exactly_what_depends_on_it(live):
    live.hold("one", ["AAA", "BBB"])
    live.hold("two", ["CCC"])
    books = ("one", "two")
    before = live.run(books=books)
    assert before.code == 0, before.err
    day = sessions()[40]
    live.yahoo.fault("AAA", "changed_close", date=f"{day:%Y-%m-%d}", factor=1.02)
    quiet = live.run(books=books)
    assert (quiet.executed, quiet.requests) == ([], 0)
    after = live.run(books=books, data={"recheck": True})
    assert after.code == 0, after.err
    assert set(after.executed) == {
        "market/prices",
        "market/quality",
        *(f"portfolio/{stage}@{book}" for stage in ("positions", "greeks") for book in books),
    }
    was, now = (one.table("prices").set_index(["symbol", "date"])["close"] for one in (before, after))
    assert was.index[(now - was).abs() > 1e-9].tolist() == [("AAA", day)]
    event = after.table("raw_sync_events").iloc[0]
    assert (event["symbol"], event["event"], event["date"], event["rows"]) == ("AAA", "restated", day, 1)
    assert "AAA" in (after.folder / "pages/market/quality.html").read_text()


def test_a_dividend_after_the_as_of_date_changes_nothing_of_an_earlier_run(live):
    past = f"{sessions()[-30]:%Y-%m-%d}"
    first = live.run(as_of=past)
    assert first.code == 0, first.err
    later = sessions()[-3]
    series = live.yahoo.world.series["AAA"]
    series.loc[series["date"] == later, "dividend"] = 1.25
    latest = live.run(data={"recheck": True})
    assert latest.code == 0, latest.err
    paid = latest.table("prices").set_index(["symbol", "date"])["dividend"]
    assert paid[("AAA", later)] == 1.25
    again = live.run(as_of=past)
    assert (again.code, again.executed) == (0, [])
    assert again.events[-1]["run"] == first.events[-1]["run"]


def test_a_run_is_repeated_offline_to_the_byte_when_store_and_source_are_gone(live):
    first = live.run(only=["market/prices", "market/quality"])
    assert first.code == 0, first.err
    known = first.table("instruments").set_index("symbol")
    assert live.yahoo.count(endpoint="profile") == len(SYMBOLS)
    assert known["country"].eq("United States").all()
    caps = {symbol: live.yahoo.world.profiles[symbol]["marketCap"] for symbol in known.index}
    assert known["market_cap"].dropna().to_dict() in (caps, {}), "none while a session is under way"
    (live.outputs / "market").rename(live.folder / "gone")
    live.yahoo.fault("*", "server_error_always")
    code, _, err = live.bench.run(
        "verify", first.folder.name, "--outputs", str(live.outputs), env=live.yahoo.environment()
    )
    assert code == 0, err


def test_options_held_are_quoted_after_the_close_and_valued(workbench, tmp_path):
    known = world(["AAA"])
    last = known.last
    expiry = last + pd.Timedelta(days=60)
    strike = round(float(known.truth("AAA")["close"].iloc[-1]), -1)
    known.add_chain("AAA", [expiry], [strike - 20, strike])
    call, put = (f"AAA{expiry:%y%m%d}{right}{round(strike * 1000):08d}" for right in "CP")
    unlisted = f"AAA{expiry:%y%m%d}C{round(strike * 1000) + 3000:08d}"
    with FakeYahoo(known) as yahoo:
        live = Live(workbench, tmp_path / "live", yahoo)
        live.hold(
            "book",
            ["AAA"],
            f"{call},2,5,{last:%Y-%m-%d}\n{put},-1,5,{last:%Y-%m-%d}\n{unlisted},1,5,{last:%Y-%m-%d}\n",
        )
        ran = live.run(
            stages={"portfolio/positions": {"min_coverage": 0.5}}, only=["market/prices", "portfolio/greeks"]
        )
    assert ran.code == 0, ran.err
    quotes = {one["contractSymbol"]: one for one in known.quotes("AAA", expiry)}
    prices = ran.table("prices").set_index("symbol")
    for symbol in (call, put):
        middle = (quotes[symbol]["bid"] + quotes[symbol]["ask"]) / 2
        assert (
            prices.loc[symbol, "close"] == pytest.approx(middle)
            or "last trade" in prices.loc[symbol, "source"]
        )
    log = ran.table("raw_sync_log").set_index("symbol")
    assert log.loc[unlisted, "status"] == "empty"
    greeks = ran.table("greeks", "book").set_index("symbol")
    assert greeks.loc[call, "implied_vol"] == pytest.approx(0.25, abs=0.05)
    assert greeks.loc[call, "implied_vol_source"]


def test_two_workbenches_fill_one_store_at_once_and_leave_it_right(workbench, tmp_path):
    shared = tmp_path / "shared"
    with FakeYahoo(world()) as yahoo:
        halves = []
        for name, symbols in (("left", SYMBOLS[:6]), ("right", SYMBOLS[4:])):
            one = Live(workbench, tmp_path / name, yahoo)
            one.data = {"store": str(shared)}
            one.hold("book", symbols)
            halves.append(one)
        ran: list = []
        threads = [
            threading.Thread(target=lambda one=one: ran.append(one.run(only=["market/prices"])))
            for one in halves
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [one.code for one in ran] == [0, 0], [one.err for one in ran]
        assert yahoo.count("EEE", endpoint="chart") == yahoo.count("FFF", endpoint="chart") == 1
        store = PriceStore(shared)
        assert store.damage().empty
        for symbol in SYMBOLS:
            truth = yahoo.world.truth(symbol)
            assert store.bars([symbol])["close"].tolist() == pytest.approx(truth["close"].tolist())


def test_a_sync_killed_at_any_moment_leaves_a_readable_store_and_the_next_run_goes_on(live):
    seed = int(os.environ.get("LIVE_SEED", time.time_ns() % 10**6))
    print(f"LIVE_SEED={seed}")
    moments = random.Random(seed)
    for _ in range(ROUNDS):
        path = live.params(only=["market/prices"])
        process = live.bench.start(
            "run", str(path), "--outputs", str(live.outputs), env=live.yahoo.environment()
        )
        time.sleep(moments.uniform(1.0, 9.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        store = PriceStore(live.outputs / "market")
        assert store.damage().empty
        assert set(store.bars()["symbol"].unique()) <= {*SYMBOLS, "^IRX", "^FVX", "^TNX", "^TYX"}
    last = live.run(only=["market/prices"])
    assert last.code == 0, last.err
    assert last.table("prices")["symbol"].nunique() == len(SYMBOLS)


def test_a_damaged_file_of_the_store_is_named_offline_and_fetched_anew_by_the_next_sync(live):
    first = live.run(only=["market/prices"])
    assert first.code == 0, first.err
    place = max((live.outputs / "market" / "data").glob("*.parquet"), key=lambda path: path.stat().st_size)
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)
    past = f"{sessions()[-30]:%Y-%m-%d}"
    offline = live.run("--offline", as_of=past, only=["market/prices"])
    assert offline.code == 1
    assert place.name in offline.err and "is damaged" in offline.err and "Traceback" not in offline.err
    ran = live.run(as_of=past, only=["market/prices"])
    assert ran.code == 0, ran.err
    assert place.name in ran.told(state="damaged")[0]["detail"]
    prices = ran.table("prices")
    assert prices.groupby("symbol").size().to_dict() == dict.fromkeys(SYMBOLS, len(sessions()) - 29)
    assert PriceStore(live.outputs / "market").damage().empty


def test_many_stages_at_once_never_meet_at_a_port_or_a_cache(live):
    books = tuple(f"book{number}" for number in range(8))
    for name in books:
        live.hold(name, SYMBOLS)
    for _ in range(ROUNDS):
        ran = live.run(
            "--jobs",
            "8",
            "--force",
            books=books,
            data={"recheck": True},
            only=["market/prices", "portfolio/positions"],
        )
        assert ran.code == 0, ran.err
        assert len(ran.executed) == 9
        assert not ran.told(state="failed")
