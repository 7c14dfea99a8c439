"""FRED on this machine: vintages become releases, faults have names, the key is never told."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from fake_fred import KEY, FakeFred

from lib.errors import InputError
from lib.market.macro.fred.settings import SETTINGS
from lib.market.macro.providers import prepare

CPI = {
    "2018-10-01": [("2018-11-14", "100.0")],
    "2019-10-01": [("2019-11-13", "102.0"), ("2020-02-13", "103.0")],
    "2019-11-01": [("2019-12-11", ".")],
    "2020-10-01": [("2020-11-12", "106.09")],
}
RATE = {f"2020-01-{day:02d}": [(f"2020-01-{day + 1:02d}", f"{1.5 + day / 100:.2f}")] for day in range(6, 11)}
DESCRIBED = {"CPIAUCSL": ("M", "Index 1982-1984=100"), "DFF": ("D", "Percent"), "OLD": ("Q", "Billions")}
NOW = "2020-12-01T12:00:00+00:00"


@pytest.fixture
def fred(monkeypatch):
    monkeypatch.setenv("FRED_API_KEY", KEY)
    old = {"2000-01-01": [("2000-02-01", "1"), ("2016-06-01", "2")]}
    with FakeFred({"CPIAUCSL": CPI, "DFF": RATE, "OLD": old}, DESCRIBED) as server:
        yield server


def ask(fred, store, series=("US CPI", "Fed funds"), *, as_of="2020-12-01", **other):
    settings = {name: one.default for name, one in SETTINGS.items() if name != "store"}
    settings |= {"provider": "fred", "series": list(series), "address": fred.address, "base_wait": 0.001}
    settings |= {"calls_per_second": 50.0, "start": "2018-01-01", **other.pop("settings", {})}
    asked = {"as_of": as_of, "settings": settings, "store": str(store), "now": NOW, "offline": False}
    return prepare({**asked, **other})


def rows(answer, series):
    table = answer["raw_macro"].query("series == @series")
    return [
        (f"{row.period_end:%Y-%m-%d}", f"{row.released:%Y-%m-%d}", row.value) for row in table.itertuples()
    ]


def test_a_vintage_becomes_a_release_and_a_change_over_a_year_uses_what_was_known_then(fred, tmp_path):
    found = rows(ask(fred, tmp_path), "US CPI")
    assert found == [
        ("2019-10-31", "2019-11-13", 2.0),
        ("2019-10-31", "2020-02-13", 3.0),
        ("2020-10-31", "2020-11-12", 3.0),
    ]


def test_a_daily_series_keeps_its_unit_and_its_days(fred, tmp_path):
    answer = ask(fred, tmp_path)
    assert rows(answer, "Fed funds")[0] == ("2020-01-06", "2020-01-07", 1.56)
    own = answer["raw_macro"].query("series == 'Fed funds'")
    assert (set(own["unit"]), set(own["frequency"])) == ({"percent"}, {"daily"})
    assert answer["raw_macro_log"].set_index("item").loc["US CPI", "skipped"] == 1


def test_nothing_released_after_the_as_of_date_is_given(fred, tmp_path):
    found = rows(ask(fred, tmp_path, as_of="2020-02-12"), "US CPI")
    assert found == [("2019-10-31", "2019-11-13", 2.0)]


def test_windows_and_pages_give_each_figure_once(fred, tmp_path):
    whole = ask(fred, tmp_path / "one")["raw_macro"]
    fred.page = 2
    early = {"start": "2008-01-01"}
    other = ask(fred, tmp_path / "two", settings=early)["raw_macro"]
    pd.testing.assert_frame_equal(whole, other)
    assert len({asked["realtime_start"] for path, asked in fred.asked if "realtime_start" in asked}) > 2


def test_a_series_of_twenty_years_of_days_is_asked_in_windows_that_are_allowed(fred, tmp_path):
    days = pd.bdate_range("2001-01-02", "2020-11-30")
    fred.vintages["DFF"] = {
        f"{day:%Y-%m-%d}": [(f"{day + pd.Timedelta(days=1):%Y-%m-%d}", "1.5")] for day in days
    }
    answer = ask(fred, tmp_path, ["Fed funds"], settings={"start": "2001-01-01"})
    own = answer["raw_macro"]
    assert len(own) == len(days)
    assert ((own["released"] - own["period_end"]).dt.days == 1).all()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_refusal_is_repeated_and_a_lasting_one_is_told(fred, tmp_path, status):
    fred.failing = [status]
    answer = ask(fred, tmp_path)
    assert set(answer["raw_macro_log"]["status"]) == {"ok"}
    assert [event["state"] for event in answer["events"]] == ["again", "done"]
    fred.failing = [status] * 50
    answer = ask(fred, tmp_path / "empty", settings={"attempts": 2})
    assert set(answer["raw_macro_log"]["status"]) == {"limited" if status == 429 else "transport"}


def test_the_breaker_ends_the_asking(fred, tmp_path):
    fred.failing = [429] * 50
    ask(fred, tmp_path, settings={"breaker": 2})
    assert len(fred.asked) == 2


def test_an_older_answer_is_taken_where_a_series_cannot_be_had(fred, tmp_path):
    before = ask(fred, tmp_path)
    fred.failing = [500] * 50
    later = ask(fred, tmp_path, refresh=True, settings={"attempts": 1})
    pd.testing.assert_frame_equal(before["raw_macro"], later["raw_macro"])
    assert set(later["raw_macro_log"]["status"]) == {"stale"}


def test_an_answer_that_stands_asks_nobody_and_offline_gives_the_same(fred, tmp_path):
    first = ask(fred, tmp_path)
    count = len(fred.asked)
    again, offline = ask(fred, tmp_path), ask(fred, tmp_path, offline=True)
    assert len(fred.asked) == count
    pd.testing.assert_frame_equal(first["raw_macro"], again["raw_macro"])
    pd.testing.assert_frame_equal(first["raw_macro"], offline["raw_macro"])


def test_a_series_that_does_not_exist_is_missing_and_the_others_come(fred, tmp_path):
    answer = ask(fred, tmp_path, ["Fed funds", "Mine = NOSUCH"])
    assert answer["raw_macro_log"].set_index("item")["status"].to_dict() == {
        "Fed funds": "ok",
        "Mine": "missing",
    }


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (["US CPY"], "did you mean `US CPI`?"),
        (["US CPI", "US CPI"], "named twice"),
        (["Mine = CPIAUCSL yoi"], "did you mean `yoy`?"),
    ],
)
def test_a_series_that_cannot_be_read_is_refused(fred, tmp_path, written, words):
    with pytest.raises(InputError, match=r"macro\.series") as caught:
        ask(fred, tmp_path, written)
    assert words in str(caught.value)


def test_without_a_key_and_with_a_wrong_one_the_refusal_says_so(fred, tmp_path, monkeypatch):
    monkeypatch.setenv("FRED_API_KEY", "f" * 32)
    with pytest.raises(InputError, match="does not take the key"):
        ask(fred, tmp_path)
    monkeypatch.delenv("FRED_API_KEY")
    with pytest.raises(InputError, match="has no FRED_API_KEY"):
        ask(fred, tmp_path)
    assert len(ask(fred, tmp_path, offline=True)["raw_macro"]) == 0


def test_the_key_stands_in_no_answer_no_file_and_no_message(fred, tmp_path):
    fred.failing = [400]
    answer = ask(fred, tmp_path)
    tables = "".join(answer[name].to_csv() for name in ("raw_macro", "raw_macro_log"))
    said = json.dumps({name: answer[name] for name in ("events", "moment", "validity")})
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "no, …" in tables
    assert KEY not in tables + said
    assert KEY.encode() not in kept
