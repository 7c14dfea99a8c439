"""Faults planted in real bars, as the sample and as a live source gives them: found, named, handled.

The oracle is what was planted; bars that were not touched must come through as they were.
"""

import numpy as np
import pandas as pd
import pytest
from bar_worlds import check_all, live_bars, sample_bars, sync_events

from lib import wording
from lib.market.quality.gaps import find_gaps

SYMBOLS = ("AAPL", "MSFT", "XOM")
AT = 2000
"""Position of the planted bar in the series of MSFT."""


@pytest.fixture(scope="module")
def worlds():
    return {"sample": sample_bars(*SYMBOLS), "live": live_bars(*SYMBOLS)}


@pytest.fixture(scope="module")
def untouched(worlds):
    return {name: check_all(frame) for name, frame in worlds.items()}


def rows_of(frame, start, length=1):
    return frame.index[frame["symbol"] == "MSFT"][start : start + length]


def planted(frame, change, start=AT, length=1):
    """The frame with its rows of MSFT from ``start`` changed, and the days concerned."""
    frame = frame.copy()
    where = rows_of(frame, start, length)
    change(frame, where)
    return frame, frame.loc[where, "date"].tolist()


def multiply(factor, *columns):
    def change(frame, where):
        frame.loc[where, list(columns)] *= factor

    return change


def store(**values):
    def change(frame, where):
        for name, value in values.items():
            frame.loc[where, name] = value

    return change


def new_issues(checked, before):
    """Issues that the untouched bars do not have."""
    rows = checked.issues.merge(before.issues, how="left", indicator=True)
    return rows[rows["_merge"] == "left_only"].drop(columns="_merge").reset_index(drop=True)


def unchanged(checked, before, days):
    """The prices of every other bar are those of the untouched series."""
    hit = pd.MultiIndex.from_product([["MSFT"], days])
    one, other = (frame.set_index(["symbol", "date"]) for frame in (checked.prices, before.prices))
    pd.testing.assert_frame_equal(one[~one.index.isin(hit)], other[~other.index.isin(hit)])


PRICES = ("close", "adj_close")
BAR = ("open", "high", "low", "close", "adj_close")
BOTH = [
    ("PRICE_SPIKE", "quarantined", multiply(10.0, *BAR)),
    ("PRICE_SPIKE", "quarantined", multiply(0.1, *BAR)),
    ("BAD_PRICE", "quarantined", multiply(-1.0, *PRICES)),
    ("BAD_PRICE", "quarantined", multiply(0.0, *PRICES)),
    ("BAD_PRICE", "quarantined", store(close=np.nan, adj_close=np.nan)),
    ("BAD_PRICE", "quarantined", store(close=np.inf, adj_close=np.inf)),
    ("BAD_VOLUME", "quarantined", store(volume=-5.0)),
]


@pytest.mark.parametrize("world", ["sample", "live"])
@pytest.mark.parametrize(("rule", "action", "change"), BOTH)
def test_a_bar_that_cannot_be_right_is_quarantined_and_makes_a_gap_of_that_name(
    worlds, untouched, world, rule, action, change
):
    frame, days = planted(worlds[world], change)
    checked = check_all(frame)
    found = new_issues(checked, untouched[world])
    assert found[["symbol", "date", "check", "action"]].to_numpy().tolist() == [
        ["MSFT", days[0], rule, action]
    ]
    unchanged(checked, untouched[world], days)
    assert len(checked.prices) == len(frame) - 1
    gaps = find_gaps(checked.prices, checked.issues, sync_events())
    assert gaps[["symbol", "gap_start", "gap_end", "sessions", "status"]].to_numpy().tolist() == [
        ["MSFT", days[0], days[0], 1, "quarantined"]
    ]
    assert gaps["detail"].item() == f"set aside: {rule}"


@pytest.mark.parametrize("world", ["sample", "live"])
def test_a_gap_is_found_with_its_first_and_last_session_and_its_length(worlds, world):
    days = worlds[world].loc[rows_of(worlds[world], AT, 4), "date"].tolist()
    checked = check_all(worlds[world].drop(index=rows_of(worlds[world], AT, 4)))
    gaps = find_gaps(checked.prices, checked.issues, sync_events())
    assert gaps.to_numpy().tolist() == [["MSFT", days[0], days[-1], 4, "open", "no bar came"]]


@pytest.mark.parametrize("world", ["sample", "live"])
def test_a_split_that_the_actions_lack_is_named_and_no_price_altered(worlds, untouched, world):
    last = len(rows_of(worlds[world], 0, 10**6))
    frame, days = planted(worlds[world], multiply(0.5, *BAR), length=last)
    checked = check_all(frame)
    found = new_issues(checked, untouched[world])
    assert found[["symbol", "date", "check", "action"]].to_numpy().tolist() == [
        ["MSFT", days[0], "SPLIT_SUSPECT", "kept"]
    ]
    assert "2 for 1" in found["detail"].item()
    pd.testing.assert_frame_equal(checked.prices, frame, check_like=True)


@pytest.mark.parametrize("world", ["sample", "live"])
def test_a_day_that_came_twice_is_kept_once(worlds, untouched, world):
    frame = worlds[world]
    again = frame.loc[rows_of(frame, AT)]
    same = check_all(frame, again)
    assert new_issues(same, untouched[world])["check"].tolist() == ["DUP_KEY"]
    assert len(same.repairs) == 0
    pd.testing.assert_frame_equal(same.prices, untouched[world].prices)
    close = again["close"].item()
    other = check_all(frame, again.assign(close=close * 1.001, adj_close=close * 1.001))
    assert new_issues(other, untouched[world])["check"].tolist() == ["DUP_CONFLICT"]
    assert other.repairs[["column", "before", "after"]].to_numpy().tolist() == [
        ["close", close, close * 1.001],
        ["adj_close", close, close * 1.001],
    ]
    unchanged(other, untouched[world], again["date"].tolist())


@pytest.mark.parametrize("world", ["sample", "live"])
@pytest.mark.parametrize("day", ["2017-12-16", "2017-12-17", "2017-12-25", "2018-12-05"])
def test_bars_of_weekends_holidays_and_days_of_mourning_are_quarantined(worlds, untouched, world, day):
    """On 5 December 2018 the exchange was closed for the funeral of a president."""
    extra = worlds[world].loc[rows_of(worlds[world], AT)].assign(date=pd.Timestamp(day))
    checked = check_all(worlds[world], extra)
    found = new_issues(checked, untouched[world])
    assert found[["date", "check", "action"]].to_numpy().tolist() == [
        [pd.Timestamp(day), "NOT_TRADING_DAY", "quarantined"]
    ]
    pd.testing.assert_frame_equal(checked.prices, untouched[world].prices)


def test_swapped_high_and_low_are_exchanged_back_to_what_they_were(worlds, untouched):
    def swap(frame, where):
        frame.loc[where, ["high", "low"]] = frame.loc[where, ["low", "high"]].to_numpy()

    frame, days = planted(worlds["live"], swap)
    checked = check_all(frame)
    assert new_issues(checked, untouched["live"])[["date", "check", "action"]].to_numpy().tolist() == [
        [days[0], "SWAPPED_RANGE", "repaired"]
    ]
    pd.testing.assert_frame_equal(checked.prices, untouched["live"].prices)


def test_a_range_cut_too_narrow_is_widened_to_the_closes_and_never_beyond(worlds, untouched):
    def cut(frame, where):
        middle = frame.loc[where, ["open", "close"]].mean(axis=1)
        frame.loc[where, "high"] = middle
        frame.loc[where, "low"] = middle

    frame, days = planted(worlds["live"], cut)
    checked = check_all(frame)
    assert new_issues(checked, untouched["live"])[["date", "check", "action"]].to_numpy().tolist() == [
        [days[0], "REPAIRED_RANGE", "repaired"]
    ]
    bar = checked.prices.loc[checked.prices["date"].eq(days[0]) & checked.prices["symbol"].eq("MSFT")]
    assert bar["high"].item() == bar[["open", "close"]].max(axis=1).item()
    assert bar["low"].item() == bar[["open", "close"]].min(axis=1).item()
    unchanged(checked, untouched["live"], days)


@pytest.mark.parametrize("world", ["sample", "live"])
def test_a_source_that_stands_still_is_named_and_kept(worlds, untouched, world):
    level = worlds[world].loc[rows_of(worlds[world], AT), "close"].item()
    frame, days = planted(
        worlds[world], store(close=level, adj_close=level, open=level, high=level, low=level), length=6
    )
    checked = check_all(frame)
    named = new_issues(checked, untouched[world]).query("check == 'STALE_REPEAT'")
    assert named["date"].tolist() == [days[-1]]
    assert named["detail"].item() == f"6 equal closes since {wording.date(days[0])}"
    assert len(checked.prices) == len(frame)
