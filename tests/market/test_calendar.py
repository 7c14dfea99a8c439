"""Trading days, half days and closes of New York and of NSE, and which session has closed at a moment."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from lib.errors import InputError
from lib.market import calendar
from lib.market.nse_sessions import SPECIAL_SESSIONS

ROOT = Path(__file__).resolve().parents[2]


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


def test_days_that_the_calendar_does_not_know_are_refused_with_those_it_knows():
    for question in (calendar.is_trading_day, calendar.next_trading_day, calendar.last_session):
        with pytest.raises(InputError, match="outside the trading calendar of XNYS; it knows 1962-01-02 to"):
            question("1920-01-02")
    with pytest.raises(InputError, match="outside the trading calendar"):
        calendar.previous_trading_day("1962-01-02")
    with pytest.raises(InputError, match="outside the trading calendar"):
        calendar.next_trading_day("2049-12-31")
    with pytest.raises(InputError, match=r"XNSE; it knows 1997-01-01 to .* newer release"):
        calendar.last_session("1996-12-31", "NSE")


def test_sessions_outside_the_bounds_are_none():
    assert calendar.sessions("1950-01-01", "1962-01-03").tolist() == [
        pd.Timestamp("1962-01-02"),
        pd.Timestamp("1962-01-03"),
    ]
    assert calendar.bounds("XNYS") == (pd.Timestamp(calendar.FIRST), pd.Timestamp(calendar.LAST))
    assert len(calendar.sessions(calendar.FIRST, calendar.LAST, "XNSE")) > 7000


@pytest.mark.parametrize(
    ("name", "code"), [("XNYS", "XNYS"), ("nyse", "XNYS"), ("XNSE", "XNSE"), (" NSE ", "XNSE")]
)
def test_an_exchange_has_a_code_and_a_name(name, code):
    assert calendar.known_exchange(name) == code
    assert calendar.sessions("2024-03-01", "2024-03-05", name).equals(
        calendar.sessions("2024-03-01", "2024-03-05", code)
    )


@pytest.mark.parametrize("name", ["XLON", "", "BSE"])
def test_an_unknown_exchange_is_refused_with_the_known_ones(name):
    with pytest.raises(InputError, match=r"^exchange: no exchange .*XNYS \(or NYSE\), XNSE \(or NSE\)$"):
        calendar.is_trading_day("2022-12-28", name)


DIWALI = {
    date(2015, 11, 11): "Wednesday",
    date(2016, 10, 30): "Sunday",
    date(2017, 10, 19): "Thursday",
    date(2018, 11, 7): "Wednesday",
    date(2019, 10, 27): "Sunday",
    date(2020, 11, 14): "Saturday",
    date(2021, 11, 4): "Thursday",
    date(2022, 10, 24): "Monday",
    date(2023, 11, 12): "Sunday",
    date(2024, 11, 1): "Friday",
    date(2025, 10, 21): "Tuesday",
}
"""Days of Lakshmi Puja with the weekday that the exchange's circular names."""


@pytest.mark.parametrize(("day", "weekday"), DIWALI.items())
def test_muhurat_evenings_are_sessions_of_nse_and_short_ones(day, weekday):
    assert f"{day:%A}" == weekday
    assert calendar.is_trading_day(day, "XNSE")
    assert calendar.half_days(day, day, "XNSE").tolist() == [pd.Timestamp(day)]
    assert 60 <= (closing(day) - pd.Timestamp(f"{day} 13:00")).total_seconds() / 60 <= 390


def closing(day, exchange="XNSE", zone="Asia/Kolkata"):
    """When the session closes on the clock of the exchange."""
    close = calendar.closes(day, day, exchange).item()
    return close.tz_localize("UTC").tz_convert(zone).tz_localize(None)


@pytest.mark.parametrize(
    ("day", "weekday", "close"),
    [
        ("2015-02-28", "Saturday", "15:30"),
        ("2020-02-01", "Saturday", "15:30"),
        ("2024-01-20", "Saturday", "15:30"),
        ("2024-03-02", "Saturday", "12:30"),
        ("2024-05-18", "Saturday", "12:40"),
        ("2025-02-01", "Saturday", "15:30"),
        ("2026-02-01", "Sunday", "15:30"),
        ("2022-10-24", "Monday", "19:15"),
        ("2025-10-21", "Tuesday", "14:45"),
        ("2024-11-04", "Monday", "15:30"),
    ],
)
def test_special_sessions_of_nse_close_when_the_circulars_say(day, weekday, close):
    assert pd.Timestamp(day).day_name() == weekday
    assert calendar.is_trading_day(day, "NSE")
    assert closing(day) == pd.Timestamp(f"{day} {close}")


@pytest.mark.parametrize("day", ["2024-01-22", "2024-05-20", "2024-11-20", "2022-10-26", "2024-01-27"])
def test_holidays_and_ordinary_saturdays_of_nse_are_no_sessions(day):
    assert not calendar.is_trading_day(day, "XNSE")


def test_the_table_of_special_sessions_is_in_order_and_holds_only_what_the_library_lacks():
    days = [day for day, _, _ in SPECIAL_SESSIONS]
    assert days == sorted(set(days))
    assert calendar.sessions("1997-01-01", "2026-12-31", "XNSE").is_unique
    assert set(DIWALI) <= {date.fromisoformat(day) for day in days}


def test_the_day_after_thanksgiving_closes_at_one_in_new_york():
    assert closing("2022-11-25", "XNYS", "America/New_York") == pd.Timestamp("2022-11-25 13:00")
    assert closing("2022-11-23", "XNYS", "America/New_York") == pd.Timestamp("2022-11-23 16:00")
    assert calendar.half_days("2024-01-01", "2024-12-31").tolist() == [
        pd.Timestamp(day) for day in ("2024-07-03", "2024-11-29", "2024-12-24")
    ]


@pytest.mark.parametrize(
    ("now", "session"),
    [
        ("2022-12-28T20:59:59+00:00", "2022-12-27"),  # a second before the close
        ("2022-12-28T21:00:00+00:00", "2022-12-28"),  # the close itself
        ("2022-12-28T16:00:00-05:00", "2022-12-28"),  # the same moment on the clock of New York
        ("2022-12-28 21:00:00", "2022-12-28"),  # without a zone it is UTC
        ("2022-11-25T17:59:59+00:00", "2022-11-23"),  # half day: 13:00 in New York is 18:00
        ("2022-11-25T18:00:00+00:00", "2022-11-25"),
        ("2022-11-24T23:00:00+00:00", "2022-11-23"),  # Thanksgiving
        ("2022-12-26T23:00:00+00:00", "2022-12-23"),  # Christmas observed
        ("2022-12-25T12:00:00+00:00", "2022-12-23"),  # Sunday
        ("2022-03-11T20:30:00+00:00", "2022-03-10"),  # winter time: close at 21:00
        ("2022-03-14T20:00:00+00:00", "2022-03-14"),  # summer time since Sunday: close at 20:00
        ("2022-11-04T20:00:00+00:00", "2022-11-04"),  # still summer time
        ("2022-11-07T20:30:00+00:00", "2022-11-04"),  # winter time again
    ],
)
def test_the_last_closed_session_at_a_moment(now, session):
    assert calendar.last_closed_session(now) == pd.Timestamp(session)


@pytest.mark.parametrize(
    ("now", "session"),
    [
        ("2022-10-24T10:30:00+00:00", "2022-10-21"),  # the ordinary close of a day that has only its evening
        ("2022-10-24T13:45:00+00:00", "2022-10-24"),  # 19:15 in India
        ("2024-03-02T07:00:00+00:00", "2024-03-02"),  # Saturday, 12:30 in India
        ("2022-12-28T09:59:59+00:00", "2022-12-27"),
        ("2022-12-28T10:00:00+00:00", "2022-12-28"),
    ],
)
def test_the_last_closed_session_of_nse(now, session):
    assert calendar.last_closed_session(now, "XNSE") == pd.Timestamp(session)


def test_latest_is_the_last_closed_session_until_the_next_one_closes():
    assert calendar.latest({"exchange": "NYSE", "now": "2022-11-24T12:00:00+00:00"}) == {
        "as_of": "2022-11-23",
        "until": "2022-11-25T18:00:00+00:00",
    }
    assert calendar.latest({"exchange": "XNSE", "now": "2024-01-19T12:00:00Z"}) == {
        "as_of": "2024-01-19",
        "until": "2024-01-20T10:00:00+00:00",
    }


def test_at_the_moment_until_which_it_holds_latest_is_the_next_session():
    now = "2022-11-01T00:00:00+00:00"
    for _ in range(60):
        answer = calendar.latest({"exchange": "XNYS", "now": now})
        then = calendar.latest({"exchange": "XNYS", "now": answer["until"]})
        assert pd.Timestamp(then["as_of"]) == calendar.next_trading_day(answer["as_of"])
        now = answer["until"]


def test_a_moment_outside_the_calendar_is_refused():
    for now in ("1961-06-01", "2050-01-02"):
        with pytest.raises(InputError, match="outside the trading calendar"):
            calendar.latest({"exchange": "XNYS", "now": now})


def test_no_warning_of_a_library_reaches_a_page():
    code = "from lib.market import calendar as c; c.sessions('2022-01-01', '2022-02-01', 'XNSE'); c.bounds()"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
