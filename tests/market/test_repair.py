"""Duplicates and miswritten ranges: what is repaired, to what, and what is logged of it."""

import numpy as np
import pandas as pd
import pytest
from bar_worlds import DAYS, bars, check_all, found


def quoted(**columns):
    """Bars with a range about the close, and volume."""
    return bars(**({"open": 101.0, "high": 110.0, "low": 90.0, "volume": 1e6} | columns))


def repairs_of(checked):
    return [
        (row.rule, row.symbol, row.date, row.column, row.before, row.after)
        for row in checked.repairs.itertuples()
    ]


def test_of_a_day_that_came_twice_with_other_figures_the_later_row_is_kept_and_both_are_logged():
    frame = quoted()
    later = frame.iloc[[5]].assign(close=100.9, volume=2e6)
    checked = check_all(frame, later)
    assert found(checked.issues) == [("DUP_CONFLICT", "AAA", "dropped")]
    kept = checked.prices[checked.prices["date"] == DAYS[5]]
    assert kept[["close", "volume"]].to_numpy().tolist() == [[100.9, 2e6]]
    assert repairs_of(checked) == [
        ("DUP_CONFLICT", "AAA", DAYS[5], "close", 100.5, 100.9),
        ("DUP_CONFLICT", "AAA", DAYS[5], "volume", 1e6, 2e6),
    ]
    assert checked.issues["detail"].item() == (
        "the later row is kept: close 100.5 becomes 100.9, volume 1000000 becomes 2000000"
    )


def test_of_three_rows_of_a_day_the_last_is_kept_and_two_are_dropped():
    frame = bars()
    rows = [frame.iloc[[5]].assign(close=value, adj_close=value) for value in (101.0, 102.0)]
    checked = check_all(frame, *rows)
    assert found(checked.issues) == [("DUP_CONFLICT", "AAA", "dropped")] * 2
    assert checked.prices.loc[checked.prices["date"] == DAYS[5], "close"].tolist() == [102.0]
    assert {(one[3], one[4], one[5]) for one in repairs_of(checked)} == {
        ("close", 100.5, 102.0),
        ("close", 101.0, 102.0),
        ("adj_close", 100.5, 102.0),
        ("adj_close", 101.0, 102.0),
    }


def test_a_day_that_came_twice_from_other_sources_with_the_same_figures_is_dropped_and_not_repaired():
    frame = bars()
    checked = check_all(frame, frame.iloc[[5]].assign(source="elsewhere"))
    assert found(checked.issues) == [("DUP_CONFLICT", "AAA", "dropped")]
    assert len(checked.repairs) == 0
    assert checked.prices.loc[checked.prices["date"] == DAYS[5], "source"].tolist() == ["elsewhere"]


def test_swapped_high_and_low_are_exchanged():
    frame = quoted()
    frame.loc[7, ["high", "low"]] = [90.0, 110.0]
    checked = check_all(frame)
    assert found(checked.issues) == [("SWAPPED_RANGE", "AAA", "repaired")]
    pd.testing.assert_frame_equal(checked.prices, quoted())
    assert repairs_of(checked) == [
        ("SWAPPED_RANGE", "AAA", DAYS[7], "high", 90.0, 110.0),
        ("SWAPPED_RANGE", "AAA", DAYS[7], "low", 110.0, 90.0),
    ]


@pytest.mark.parametrize(
    ("given", "high", "low"),
    [
        ({"high": 100.2}, 101.0, 90.0),
        ({"low": 100.9}, 110.0, 100.7),
        ({"high": 100.0, "low": 99.0}, 101.0, 99.0),
        ({"open": 112.0}, 112.0, 90.0),
        ({"open": np.nan, "high": 99.0}, 100.7, 90.0),
        ({"high": np.nan, "low": 101.5}, np.nan, 100.7),
    ],
)
def test_a_range_that_is_too_narrow_is_widened_to_open_and_close(given, high, low):
    frame = quoted()
    for name, value in given.items():
        frame.loc[7, name] = value
    checked = check_all(frame)
    assert found(checked.issues) == [("REPAIRED_RANGE", "AAA", "repaired")]
    bar = checked.prices.loc[7]
    np.testing.assert_equal([bar["high"], bar["low"]], [high, low])
    np.testing.assert_equal([bar["open"], bar["close"]], [frame.loc[7, "open"], frame.loc[7, "close"]])
    assert {one[3] for one in repairs_of(checked)} <= {"high", "low"}
    untouched = checked.prices.drop(index=7)
    pd.testing.assert_frame_equal(untouched, quoted().drop(index=7))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"high": 90.0, "low": 105.0}, "BAD_RANGE"),
        ({"open": 1010.0}, "BAD_RANGE"),
        ({"high": -110.0}, "BAD_PRICE"),
        ({"high": 90.0, "low": 110.0, "close": np.nan, "adj_close": np.nan}, "BAD_PRICE"),
    ],
)
def test_what_high_and_low_alone_cannot_explain_is_quarantined_and_not_repaired(given, code):
    frame = quoted(open=106.0)
    for name, value in given.items():
        frame.loc[7, name] = value
    checked = check_all(frame)
    assert found(checked.issues) == [(code, "AAA", "quarantined")]
    assert DAYS[7] not in set(checked.prices["date"])


def test_a_repair_leaves_the_received_frame_alone():
    frame = quoted()
    frame.loc[7, ["high", "low"]] = [90.0, 110.0]
    before = frame.copy()
    check_all(frame)
    pd.testing.assert_frame_equal(frame, before)
