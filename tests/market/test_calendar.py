import pandas as pd
import pytest

from lib.market import calendar


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        ("2022-12-28", True),
        ("2022-12-26", False),  # Christmas observed
        ("2022-12-24", False),  # Saturday
        ("2022-06-20", False),  # Juneteenth observed, the first year
        ("2021-06-18", True),  # the year before it was no holiday of the exchange
        ("2001-09-11", False),  # closed after the attacks
        ("2012-10-29", False),  # hurricane
        ("2022-11-25", True),  # half day
    ],
)
def test_trading_days_are_those_of_the_exchange(day, open_):
    assert calendar.is_trading_day(day) is open_


def test_before_and_after_skip_weekends_and_holidays():
    assert calendar.previous_trading_day("2022-12-27") == pd.Timestamp("2022-12-23")
    assert calendar.previous_trading_day("2022-12-25") == pd.Timestamp("2022-12-23")
    assert calendar.next_trading_day("2022-12-23") == pd.Timestamp("2022-12-27")
    assert calendar.next_trading_day("2022-12-24") == pd.Timestamp("2022-12-27")
    assert calendar.last_session("2022-12-28") == pd.Timestamp("2022-12-28")
    assert calendar.last_session("2022-12-26") == pd.Timestamp("2022-12-23")


def test_sessions_include_both_ends_and_know_no_time_zone():
    days = calendar.sessions("2022-12-23", "2022-12-28")
    assert days.tolist() == [pd.Timestamp(day) for day in ("2022-12-23", "2022-12-27", "2022-12-28")]
    assert days.tz is None
    assert len(calendar.sessions("2022-01-01", "2022-12-31")) == 251
    assert len(calendar.sessions("2022-12-24", "2022-12-26")) == 0


def test_a_column_of_days_is_told_apart_and_weekdays_count_outside_the_bounds():
    days = pd.Series(pd.to_datetime(["2022-12-26", "2022-12-27", "1950-01-04", "1950-01-07"]))
    assert calendar.trading_days(days).tolist() == [False, True, True, False]


def test_days_that_the_calendar_does_not_know_are_refused():
    for question in (calendar.is_trading_day, calendar.next_trading_day):
        with pytest.raises(ValueError, match="outside the trading calendar"):
            question("1920-01-02")
    with pytest.raises(ValueError, match="outside the trading calendar"):
        calendar.previous_trading_day("1962-01-02")
    with pytest.raises(ValueError, match="outside the trading calendar"):
        calendar.next_trading_day("2049-12-31")
