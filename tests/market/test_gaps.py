"""Gaps against a loop written out by hand, and what the record of the sync makes of them."""

import numpy as np
import pandas as pd
import pytest
from bar_worlds import AS_OF, DAYS, bars, check_all, live_bars, sync_events

from lib.contracts import conform
from lib.market import calendar
from lib.market.quality.gaps import find_gaps, on_sessions, sessions_by_period
from lib.tables import TABLES

NO_ISSUES = check_all(bars()).issues


def gaps_of(prices, events=None, exchange="XNYS", issues=NO_ISSUES):
    table = find_gaps(prices, issues, sync_events() if events is None else events, exchange)
    return conform(table, TABLES["gaps"])


def naive_gaps(prices, exchange):
    """One symbol and one day at a time, in the plainest way."""
    rows = []
    for symbol in sorted(set(prices["symbol"])):
        have = set(prices.loc[prices["symbol"] == symbol, "date"])
        run = []
        for day in calendar.sessions(min(have), max(have), exchange):
            if day in have:
                if run:
                    rows.append([symbol, run[0], run[-1], len(run)])
                run = []
            else:
                run.append(day)
    return rows


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_holes_are_found_as_by_a_naive_loop(seed):
    rng = np.random.default_rng(seed)
    frame = live_bars("AAPL", "MSFT", "XOM").query("date >= '2021-01-01'")
    frame = frame[rng.random(len(frame)) > rng.choice([0.02, 0.3])]
    found = gaps_of(frame)
    assert found[["symbol", "gap_start", "gap_end", "sessions"]].to_numpy().tolist() == naive_gaps(
        frame, "XNYS"
    )
    assert set(found["status"]) == {"open"}


def test_nights_weekends_and_holidays_are_no_gaps():
    assert len(gaps_of(bars())) == 0
    around = pd.to_datetime(["2022-11-23", "2022-11-25"])
    found = gaps_of(bars()[~bars()["date"].isin(around)])
    assert found[["gap_start", "gap_end", "sessions"]].to_numpy().tolist() == [
        [pd.Timestamp("2022-11-23"), pd.Timestamp("2022-11-25"), 2]
    ]


def test_what_lies_before_the_first_and_after_the_last_bar_is_no_gap():
    assert len(gaps_of(bars().iloc[5:-5])) == 0


def test_no_session_is_owed_of_options():
    option = bars("AAA221216C00100000").iloc[[0, 9, 20]]
    assert len(gaps_of(option)) == 0
    assert len(on_sessions(option)) == 0


def test_no_bars_have_no_gaps():
    assert len(gaps_of(bars().iloc[:0])) == 0
    assert sessions_by_period(on_sessions(bars().iloc[:0]), "M")[0].empty


def test_a_special_session_of_nse_is_owed_and_a_bar_on_an_unlisted_day_fills_nothing():
    days = calendar.sessions("2022-10-20", "2022-10-28", "XNSE")
    whole = pd.DataFrame({"symbol": "AAA", "date": days, "source": "test"})
    assert len(gaps_of(whole, exchange="XNSE")) == 0
    without = whole[whole["date"] != "2022-10-24"]
    assert gaps_of(without, exchange="XNSE")["gap_start"].tolist() == [pd.Timestamp("2022-10-24")]
    saturday = pd.DataFrame({"symbol": "AAA", "date": [pd.Timestamp("2022-10-22")], "source": "test"})
    assert len(gaps_of(pd.concat([without, saturday]), exchange="XNSE")) == 1


def test_a_run_of_missing_and_quarantined_days_is_told_apart():
    frame = bars()
    frame.loc[[11, 12], "close"] = -1.0
    checked = check_all(frame.drop(index=[10, 13]))
    found = gaps_of(checked.prices, issues=checked.issues)
    assert found[["gap_start", "sessions", "status", "detail"]].to_numpy().tolist() == [
        [DAYS[10], 1, "open", "no bar came"],
        [DAYS[11], 2, "quarantined", "set aside: BAD_PRICE"],
        [DAYS[13], 1, "open", "no bar came"],
    ]


def test_a_gap_is_filled_only_when_the_record_says_so_and_every_bar_is_there():
    event = sync_events(("AAA", "gap_filled", DAYS[5], DAYS[7], 3, "asked again, 3 of 3 sessions came"))
    whole = gaps_of(bars(), event)
    assert whole[["gap_start", "gap_end", "sessions", "status", "detail"]].to_numpy().tolist() == [
        [DAYS[5], DAYS[7], 3, "filled", "asked again, 3 of 3 sessions came"]
    ]
    untrue = gaps_of(bars().drop(index=6), event)
    assert untrue[["gap_start", "sessions", "status", "detail"]].to_numpy().tolist() == [
        [DAYS[6], 1, "open", "recorded as filled, and no bar is there"]
    ]


def test_a_gap_that_stayed_open_says_that_it_was_asked_for_again():
    event = sync_events(
        ("AAA", "gap_open", DAYS[5], DAYS[8], 4, "asked again, 1 of 4 sessions came"),
        ("BBB", "gap_open", DAYS[5], DAYS[8], 4, "asked again, 0 of 4 sessions came"),
    )
    found = gaps_of(bars().drop(index=[5, 7, 8, 20]), event)
    assert found[["gap_start", "sessions", "detail"]].to_numpy().tolist() == [
        [DAYS[5], 1, "asked again, 1 of 4 sessions came"],
        [DAYS[7], 2, "asked again, 1 of 4 sessions came"],
        [DAYS[20], 1, "no bar came"],
    ]


def test_a_gap_recorded_twice_is_one_row():
    event = ("AAA", "gap_filled", DAYS[5], DAYS[7], 3, "asked again")
    assert len(gaps_of(bars(), sync_events(event, event))) == 1


def test_owed_and_present_sessions_by_period_add_up_as_by_counting():
    frame = pd.concat([bars().drop(index=[3, 25, 26]), bars("BBB").iloc[12:]])
    placed = on_sessions(frame)
    owed, there = sessions_by_period(placed, "M")
    assert owed.columns.astype("str").tolist() == ["2022-11", "2022-12"]
    november = calendar.sessions("2022-11-01", "2022-11-30")
    assert owed.loc["AAA"].tolist() == [len(november), len(DAYS) - len(november)]
    assert owed.loc["BBB"].tolist() == [len(november) - 12, len(DAYS) - len(november)]
    assert (owed - there).loc["AAA"].tolist() == [1, 2]
    assert (owed - there).loc["BBB"].tolist() == [0, 0]
    assert (owed - there).to_numpy().sum() == placed["missing"].sum()


def test_bars_before_the_calendar_begins_owe_nothing():
    early = pd.DataFrame({"symbol": "AAA", "date": pd.to_datetime(["1955-01-03", "1955-03-01"])})
    frame = pd.concat([early.assign(source="test"), bars()[["symbol", "date", "source"]]])
    assert len(gaps_of(frame)) == 0


def test_the_sample_has_no_gap():
    assert len(gaps_of(live_bars("AAPL", "MTUM"))) == 0
    assert on_sessions(live_bars("AAPL"))["date"].max() == pd.Timestamp(AS_OF)
