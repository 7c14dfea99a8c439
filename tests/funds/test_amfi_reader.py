"""The readers of AMFI's files: forms of the NAV text, bad values of the wild, the client under faults."""

from __future__ import annotations

import pandas as pd
import pytest
from fake_amfi import FakeAmfi, World

from lib.errors import InputError
from lib.funds import raw
from lib.funds.amfi import asking, nav_text, provider, side_files, slices
from lib.funds.amfi.client import Client
from lib.funds.amfi.nav_text import BadAnswer
from lib.funds.amfi.settings import SETTINGS
from lib.funds.amfi.store import Store
from lib.policy import Policy
from lib.prepare_request import PrepareRequest

OLD = "Scheme Code;ISIN Div Payout/ ISIN Growth;ISIN Div Reinvestment;Scheme Name;Net Asset Value;Date"
NEW = OLD.replace("Net Asset Value", "Plan;Option;Net Asset Value")
ISIN = "INF846K01DP8"
TODAY = pd.Timestamp("2026-08-20")


def text(*rows, header=OLD, good=98):
    """A list with ``good`` sound rows beside those that are given."""
    kind = "Direct Plan;Growth;" if header == NEW else ""
    sound = [f"{900000 + n};{ISIN};-;Sound Fund {n};{kind}{10 + n}.5;19-Aug-2026" for n in range(good)]
    head = [header, "", "Open Ended Schemes(Equity Scheme - Large Cap Fund)", "", "Axis Mutual Fund", ""]
    return "\r\n".join([*head, *rows, *sound]).encode()


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (OLD, f"120465;{ISIN};-;Axis Bluechip Fund - Direct Plan - Growth;1,052.34;19-Aug-2026"),
        (NEW, f"120465;{ISIN};-;Axis Bluechip Fund;Direct Plan;Growth;1,052.34;19-Aug-2026"),
    ],
)
def test_both_forms_give_the_same_nav_day_isin_and_section(header, row):
    found = nav_text.read(text(row, header=header)).rows.iloc[0]
    assert (found["code"], found["nav"], found["date"]) == ("120465", 1052.34, pd.Timestamp("2026-08-19"))
    assert (found["isin"], found["house"], found["category"]) == (ISIN, "Axis Mutual Fund", "Large Cap")
    assert pd.isna(found["isin_reinvest"])


def test_columns_are_found_by_name_wherever_they_stand():
    header = "Date;Net Asset Value;Option;Scheme Name;Plan;Scheme Code;ISIN Div Reinvestment;ISIN Growth"
    body = f"{header}\n19-AUG-2026;12.5;Growth;A Fund;Direct;7;INF000000009;{ISIN}\n"
    found = nav_text.read(body.encode()).rows.iloc[0]
    assert (found["code"], found["nav"], found["isin"], found["isin_reinvest"]) == (
        "7",
        12.5,
        ISIN,
        "INF000000009",
    )
    assert found["date"] == pd.Timestamp("2026-08-19")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        *((bad, "without a NAV") for bad in ("N.A.", "#N/A", "#DIV/0!", "B.C.", "-", "", "n.a.")),
        ("12,34x", "with a NAV that is no number"),
        ("inf", "with a NAV that is no number"),
    ],
)
def test_a_value_that_is_no_nav_is_skipped_with_its_reason(value, reason):
    found = nav_text.read(text(f"1;{ISIN};-;A Fund;{value};19-Aug-2026"))
    assert found.reasons == {reason: 1}
    assert "1" not in set(found.rows["code"])


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("31-Feb-2026", "with a date that is none"),
        ("2026/08/19", "with a date that is none"),
        ("", "with a date that is none"),
        ("19-Aug-2062", "with a date still to come"),
    ],
)
def test_a_wrong_date_is_skipped_with_its_reason(day, reason):
    assert nav_text.read(text(f"1;{ISIN};-;A Fund;10.5;{day}"), today=TODAY).reasons == {reason: 1}


def test_lower_case_is_read_and_an_isin_that_is_none_is_null():
    row = f"1;{ISIN.lower()};notapp;a fund - growth;1,00,052.25;19-aug-2026"
    found = nav_text.read(text(row)).rows.iloc[0]
    assert (found["nav"], found["isin"]) == (100052.25, ISIN)
    assert pd.isna(found["isin_reinvest"])


def test_a_nav_of_zero_or_below_is_read_for_the_stage_to_judge():
    rows = nav_text.read(text(f"1;{ISIN};-;A;0;19-Aug-2026", f"2;{ISIN};-;B;-3.5;19-Aug-2026")).rows
    assert rows["nav"].head(2).tolist() == [0.0, -3.5]


def test_two_in_a_hundred_rows_may_be_skipped_and_three_may_not():
    bad = f"1;{ISIN};-;A Fund;N.A.;19-Aug-2026"
    assert nav_text.read(text(bad, bad)).skipped == 2
    with pytest.raises(BadAnswer, match=r"3 of 100 rows skipped \(3 without a NAV\).*line 7"):
        nav_text.read(text(bad, bad, bad, good=97))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \r\n ", "empty"),
        (b"<!DOCTYPE html><html><title>Down</title></html>", "HTML .Down"),
        (b"nothing of the kind", "no header"),
        (OLD.encode(), "no rows"),
        (b"Scheme Code;Scheme Name;Value\n1;A;2\n", "no column for nav, date"),
    ],
)
def test_what_is_no_list_is_refused_with_what_it_is(content, words):
    with pytest.raises(BadAnswer, match=words):
        nav_text.read(content)


def test_the_master_tells_launch_closure_and_least_amount():
    world = World.generated()
    world.gone = {"100003"}
    found, skipped = side_files.master(world.master().encode())
    assert (len(found), skipped) == (18, 0)
    row = found.set_index("code").loc["100003"]
    assert (row["launched"], row["closed"]) == (pd.Timestamp("2013-01-02"), pd.Timestamp("2026-04-30"))
    assert row["minimum"] == 5000


def test_expense_ratios_are_decimals_and_assets_are_rupees():
    world = World.generated()
    frame, pages = side_files.expense_page(world.expenses({"Month": "08-2026"}).encode())
    assert pages == 3
    assert frame.query("plan == 'regular'")["ratio"].tolist() == pytest.approx([0.018, 0.018])
    assert frame.query("plan == 'direct'")["ratio"].isna().tolist() == [True, False]
    assets, _ = side_files.assets(world.assets({"periodId": "1"}).encode())
    assert assets["assets"].unique().tolist() == [25_050_000.0]


def test_a_range_of_history_is_never_longer_than_ninety_days():
    groups = list(asking.ranges(pd.Timestamp("2023-01-01"), pd.Timestamp("2026-08-20"), whole=True))
    assert max(sum(month.days_in_month for month in group) for group in groups) <= 90
    flat = [month for group in groups for month in group]
    assert flat == asking.months_of(pd.Timestamp("2023-01-01"), pd.Timestamp("2026-08-20"))


def client(**more):
    waits = []
    settings = {"attempts": 3, "base_wait": 0.0, "calls_per_second": 1000.0, "timeout": 3.0, **more}
    return Client(Policy(**settings), sleep=waits.append), waits


@pytest.fixture
def amfi():
    with FakeAmfi(World.generated()) as server:
        yield server


@pytest.mark.parametrize("kind", ["server_error", "truncated", "empty", "html", "drop", "limited"])
def test_a_fault_that_passes_is_asked_again_and_forgotten(amfi, kind):
    amfi.fault("daily", kind, times=1)
    asker, _ = client()
    answer = asker.ask("list", f"{amfi.address}/spages/NAVAll.txt", nav_text.read)
    assert (answer.status, len(answer.value.rows), amfi.count("daily")) == ("ok", 18, 2)


@pytest.mark.parametrize(
    ("kind", "status"),
    [("server_error", "transport"), ("truncated", "transport"), ("html", "invalid"), ("limited", "limited")],
)
def test_a_fault_that_stays_ends_after_the_attempts_with_its_reason(amfi, kind, status):
    amfi.fault("daily", kind)
    asker, _ = client(breaker=9)
    answer = asker.ask("list", f"{amfi.address}/spages/NAVAll.txt", nav_text.read)
    assert (answer.status, amfi.count("daily")) == (status, 3)
    assert answer.detail


def test_the_time_that_the_server_names_is_waited(amfi):
    amfi.fault("daily", "limited", times=1, retry_after=7)
    asker, waits = client()
    asker.ask("list", f"{amfi.address}/spages/NAVAll.txt", nav_text.read)
    assert 7.0 in waits


def test_after_the_breaker_nothing_more_is_asked(amfi):
    amfi.fault("daily", "limited")
    asker, _ = client(breaker=2)
    asker.ask("list", f"{amfi.address}/spages/NAVAll.txt", nav_text.read)
    asker.ask("master", f"{amfi.address}/DownloadSchemeData_Po.aspx", side_files.master)
    assert (amfi.count("daily"), amfi.count("master")) == (2, 0)


def request(amfi, folder, as_of="2026-08-18", **more):
    settings = {name: one.default for name, one in SETTINGS.items()}
    fast = {"calls_per_second": 1000.0, "attempts": 2, "timeout": 3.0, "refresh_hours": 0.0}
    settings |= {"provider": "amfi", "start": "2026-05-01", **amfi.settings(), **fast, **more}
    offline = bool(settings.pop("offline", False))
    return PrepareRequest(
        as_of=pd.Timestamp(as_of).as_unit("us"),
        settings=settings,
        now="2026-11-28T06:00:00+00:00",
        store=str(folder),
        offline=offline,
    )


def tables(asked):
    return provider.fetch(asked).tables(asked)


def test_offline_gives_the_same_tables_and_an_earlier_day_what_was_known_then(amfi, tmp_path):
    first = tables(request(amfi, tmp_path))
    amfi.world.through, amfi.world.form = "2026-08-20", "new"
    second = tables(request(amfi, tmp_path, "2026-08-20"))
    asked = amfi.count()
    for as_of, before in (("2026-08-20", second), ("2026-08-18", first)):
        again = tables(request(amfi, tmp_path, as_of, offline=True))
        for name in raw.ORDER:
            pd.testing.assert_frame_equal(again[name], before[name])
    assert amfi.count() == asked


def test_a_fetch_by_house_asks_for_each_house_and_gives_the_same_navs(amfi, tmp_path):
    whole = tables(request(amfi, tmp_path / "a"))
    parts = tables(request(amfi, tmp_path / "b", houses=["53", "9"]))
    pd.testing.assert_frame_equal(whole["raw_fund_navs"], parts["raw_fund_navs"])
    assert {query.get("mf") for one, query in amfi.requests if one == "history"} == {None, "53", "9"}


def test_a_whole_month_is_not_asked_for_again(amfi, tmp_path):
    tables(request(amfi, tmp_path))
    before = [query["frmdt"] for one, query in amfi.requests if one == "history"]
    amfi.world.through = "2026-08-20"
    tables(request(amfi, tmp_path, "2026-08-20"))
    after = [query["frmdt"] for one, query in amfi.requests if one == "history"][len(before) :]
    assert len(before) == 4
    assert after == ["01-Aug-2026"]


def test_a_list_that_lost_half_of_its_funds_is_not_taken(amfi, tmp_path):
    tables(request(amfi, tmp_path))
    amfi.world.through = "2026-08-20"
    amfi.fault("daily", "cut")
    log = tables(request(amfi, tmp_path, "2026-08-20"))["raw_fund_log"].set_index("item")
    assert log.loc["daily", "status"] == "invalid"
    assert "not whole" in log.loc["daily", "detail"]
    assert log.loc["daily", "last_date"] == pd.Timestamp("2026-08-18")


def test_a_damaged_file_of_the_store_is_fetched_anew(amfi, tmp_path):
    whole = tables(request(amfi, tmp_path))
    store = Store.opened(tmp_path)
    path = tmp_path / store.items["history/all/2026-06"]["file"]
    path.write_bytes(b"damaged")
    lost = tables(request(amfi, tmp_path, offline=True))
    assert len(lost["raw_fund_navs"]) < len(whole["raw_fund_navs"])
    mended = tables(request(amfi, tmp_path))
    pd.testing.assert_frame_equal(mended["raw_fund_navs"], whole["raw_fund_navs"])


def test_a_nav_restated_by_a_later_download_is_known_from_the_download():
    lists = pd.DataFrame({"code": ["1"], "date": ["2026-08-18"], "nav": [10.0], "day": ["2026-08-18"]})
    history = pd.DataFrame({"code": ["1"], "date": ["2026-08-18"], "nav": [11.0], "day": ["2026-09-30"]})
    days = {"date": "M8[us]", "day": "M8[us]"}
    navs = slices._navs(lists.astype(days), history.astype(days)).set_index("nav")["known_at"]
    assert navs[10.0] == pd.Timestamp("2026-08-18")
    assert navs[11.0] == pd.Timestamp("2026-09-30")


def test_a_nav_that_a_list_brings_late_is_known_from_that_list():
    rows = [("1", "2026-08-18", 10.0, "2026-08-18"), ("1", "2026-08-17", 9.0, "2026-08-20")]
    lists = pd.DataFrame(rows, columns=["code", "date", "nav", "day"]).astype(
        {"date": "M8[us]", "day": "M8[us]"}
    )
    navs = slices._navs(lists, lists.head(0)).set_index("nav")["known_at"]
    assert navs[9.0] == pd.Timestamp("2026-08-20")


def test_an_address_that_is_none_is_refused(amfi, tmp_path):
    with pytest.raises(InputError, match=r"fund_data\.base_url.*begin it with https"):
        provider.fetch(request(amfi, tmp_path, base_url="portal.amfiindia.com"))


def test_a_folder_beside_gives_benchmarks_and_holdings_to_funds_of_amfi(amfi, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "benchmarks.csv").write_text(
        "benchmark,date,level,basis\nNifty 100,2026-08-17,25000,total_return\n"
    )
    (own / "attributes.csv").write_text(
        "fund_id,item,value,valid_from\n100000,benchmark,Nifty 100,2026-08-01\n"
    )
    found = tables(request(amfi, tmp_path / "store", beside=str(own), beside_shown="own"))
    assert found["raw_benchmark_levels"]["level"].tolist() == [25000.0]
    texts = found["raw_fund_attributes"].query("item == 'benchmark'")
    assert texts[["fund_id", "value"]].to_numpy().tolist() == [["100000", "Nifty 100"]]
    (own / "benchmarks.csv").write_text("benchmark,date,level,basis\nNifty 100,2026-08-17,x,total_return\n")
    with pytest.raises(InputError, match=r"own/benchmarks\.csv:2: level"):
        tables(request(amfi, tmp_path / "store", beside=str(own), beside_shown="own"))
