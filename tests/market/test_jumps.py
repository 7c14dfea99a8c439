"""Moves that are taken back, moves that stay, and moves that look like a split."""

import numpy as np
import pytest
from bar_worlds import DAYS, bars, check, found

N = len(DAYS)
STEADY = 100 + np.arange(N) * 0.01


def scaled(factor, start, stop=None):
    closes = STEADY.copy()
    closes[start:stop] *= factor
    return bars(closes=closes)


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("factor", [10.0, 0.1, 4.0])
def test_a_slip_of_up_to_three_bars_is_quarantined_whole(length, factor):
    good, issues = check(scaled(factor, 7, 7 + length))
    assert found(issues) == [("PRICE_SPIKE", "AAA", "quarantined")] * length
    assert issues["date"].tolist() == DAYS[7 : 7 + length].tolist()
    np.testing.assert_array_equal(good["close"], np.delete(STEADY, np.s_[7 : 7 + length]))


def test_a_slip_of_four_bars_is_two_jumps_that_are_kept():
    good, issues = check(scaled(10.0, 7, 11))
    assert [(one, action) for one, _, action in found(issues)] == [("SPLIT_SUSPECT", "kept")] * 2
    assert len(good) == N


def test_slips_to_both_sides_on_following_days_are_quarantined():
    closes = STEADY.copy()
    closes[7], closes[8] = 1000.0, 10.0
    good, issues = check(bars(closes=closes))
    assert found(issues) == [("PRICE_SPIKE", "AAA", "quarantined")] * 2
    np.testing.assert_array_equal(good["close"], np.delete(STEADY, [7, 8]))


def test_a_crash_that_recovers_by_a_factor_below_the_limit_is_kept():
    assert {action for _, _, action in found(check(scaled(0.5, 7, 8))[1])} == {"kept"}


@pytest.mark.parametrize("place", [0, N - 1])
def test_a_slip_at_an_end_of_the_series_cannot_be_taken_back_and_is_named(place):
    good, issues = check(scaled(10.0, place, place + 1))
    assert found(issues) == [("SPLIT_SUSPECT", "AAA", "kept")]
    assert issues["severity"].item() == ("error" if place else "warning")
    assert len(good) == N


@pytest.mark.parametrize(
    ("bars_left", "severity"), [(1, "error"), (2, "error"), (3, "error"), (4, "warning")]
)
def test_an_extreme_move_stays_in_doubt_for_as_long_as_later_bars_may_take_it_back(bars_left, severity):
    issues = check(scaled(10.0, N - bars_left), bars("BBB"))[1]
    assert found(issues) == [("SPLIT_SUSPECT", "AAA", "kept")]
    assert issues["severity"].item() == severity
    mild = check(scaled(1.5, N - bars_left))[1]
    assert mild["severity"].tolist() == ["warning"]


def test_a_slip_in_one_symbol_does_not_reach_into_the_next():
    one, other = scaled(10.0, N - 2), bars("BBB", closes=STEADY * 10)
    assert {symbol for _, symbol, _ in found(check(one, other)[1])} == {"AAA"}


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1 / 2, "2 for 1"),
        (1 / 3, "3 for 1"),
        (1 / 20, "20 for 1"),
        (10.0, "1 for 10"),
        (4.0, "1 for 4"),
        (1 / 2 * 1.03, "2 for 1"),
    ],
)
def test_a_lasting_jump_near_a_whole_ratio_is_named_a_split_that_the_actions_lack(factor, words):
    good, issues = check(scaled(factor, 20))
    assert found(issues) == [("SPLIT_SUSPECT", "AAA", "kept")]
    assert issues["date"].item() == DAYS[20]
    assert issues["detail"].item().endswith(f"near a split of {words} that the actions do not have")
    np.testing.assert_array_equal(good["close"], scaled(factor, 20)["close"])


@pytest.mark.parametrize("factor", [0.7, 2 / 3, 0.56, 0.44, 1.5, 2.2])
def test_a_jump_away_from_whole_ratios_is_a_jump(factor):
    assert found(check(scaled(factor, 20))[1]) == [("PRICE_JUMP", "AAA", "kept")]


def test_a_jump_says_whether_there_was_a_corporate_action_where_actions_are_known():
    frame = scaled(0.7, 20)
    assert check(frame)[1]["detail"].item() == "\u221230.0% in a day"
    frame = frame.assign(dividend=0.0, split=1.0)
    assert check(frame)[1]["detail"].item() == "\u221230.0% in a day, no corporate action"
    frame.loc[20, "dividend"] = 1.0
    assert check(frame)[1]["detail"].item() == "\u221230.0% in a day, after the corporate action of the day"


def test_a_recorded_split_that_explains_the_price_is_silent_and_one_that_does_not_is_suspect():
    closes = np.where(np.arange(N) < 20, STEADY, STEADY / 4)
    split = np.where(np.arange(N) == 20, 4.0, 1.0)
    honest = bars(closes=closes, split=split, dividend=0.0).assign(adj_close=STEADY / 4)
    assert len(check(honest)[1]) == 0
    invented = bars(closes=STEADY, split=split, dividend=0.0)
    invented["adj_close"] = np.where(np.arange(N) < 20, STEADY / 4, STEADY)
    issues = check(invented)[1]
    assert found(issues) == [("SPLIT_SUSPECT", "AAA", "kept")]
    assert issues["detail"].item().endswith("the actions have a split and the close did not move")
