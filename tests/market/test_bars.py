"""Bars with planted faults; every rule must find its own and leave the rest alone."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bar_worlds import DAYS, bars, check, found

from lib import wording
from lib.codes.market import CHECKS
from lib.errors import QualityError
from lib.market.quality import bars as rules
from lib.market.quality import limits, repair

CODES = {one.name for one in CHECKS}


def test_sound_bars_pass_untouched():
    good, issues = check(bars("AAA"), bars("BBB"))
    assert len(issues) == 0
    assert len(good) == 2 * len(DAYS)


@pytest.mark.parametrize("column", ["close", "adj_close"])
@pytest.mark.parametrize("value", [0.0, -5.0, np.nan, np.inf])
def test_an_impossible_price_is_set_aside(column, value):
    frame = bars()
    frame.loc[3, column] = value
    good, issues = check(frame, bars("BBB"))
    assert found(issues) == [("BAD_PRICE", "AAA", "quarantined")]
    assert issues["date"].item() == DAYS[3]
    assert DAYS[3] not in set(good.loc[good["symbol"] == "AAA", "date"])
    assert DAYS[3] in set(good.loc[good["symbol"] == "BBB", "date"])


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("high", 50.0, "BAD_RANGE"),
        ("low", 150.0, "BAD_RANGE"),
        ("open", 130.0, "BAD_RANGE"),
        ("open", 70.0, "BAD_RANGE"),
        ("low", -1.0, "BAD_PRICE"),
        ("volume", -1.0, "BAD_VOLUME"),
        ("volume", np.inf, "BAD_VOLUME"),
    ],
)
def test_a_bar_that_contradicts_itself_is_set_aside(column, value, code):
    closes = np.full(len(DAYS), 100.0) + np.tile([0, 0.1], len(DAYS))[: len(DAYS)]
    frame = bars(closes=closes, open=100.0, high=110.0, low=90.0, volume=1e6)
    assert len(check(frame)[1]) == 0
    frame.loc[4, column] = value
    good, issues = check(frame)
    assert found(issues) == [(code, "AAA", "quarantined")]
    assert DAYS[4] not in set(good["date"])


def test_what_is_not_quoted_is_no_fault():
    assert len(check(bars(high=500.0))[1]) == 0


def test_weekends_and_holidays_are_set_aside():
    extra = bars(closes=[100.0, 100.1, 100.2])
    extra["date"] = pd.to_datetime(["2022-12-24", "2022-12-26", "2022-11-24"])
    good, issues = check(bars(), extra)
    assert found(issues) == [("NOT_TRADING_DAY", "AAA", "quarantined")] * 3
    assert len(good) == len(DAYS)


def test_of_identical_rows_one_is_kept():
    frame = bars()
    good, issues = check(frame, frame.iloc[[5]], frame.iloc[[5]])
    assert found(issues) == [("DUP_KEY", "AAA", "dropped")] * 2
    pd.testing.assert_frame_equal(good, frame)


def test_a_large_move_is_kept_and_named_once():
    closes = np.where(np.arange(len(DAYS)) < 20, 100.0, 70.0) + np.arange(len(DAYS)) * 0.01
    good, issues = check(bars(closes=closes))
    assert found(issues) == [("PRICE_JUMP", "AAA", "kept")]
    assert issues["date"].item() == DAYS[20]
    assert issues["detail"].item() == "\u221229.9% in a day"
    assert len(good) == len(DAYS)
    assert len(check(bars(closes=closes), jump_limit=0.4)[1]) == 0


def test_a_split_that_is_known_is_no_jump():
    closes = np.where(np.arange(len(DAYS)) < 20, 100.0, 50.0) + np.arange(len(DAYS)) * 0.01
    adjusted = np.where(np.arange(len(DAYS)) < 20, closes / 2, closes)
    assert found(check(bars(closes=closes))[1]) == [("SPLIT_SUSPECT", "AAA", "kept")]
    assert len(check(bars(closes=closes, adj_close=adjusted))[1]) == 0


def test_the_first_bar_of_a_symbol_is_not_compared_with_another_symbol():
    assert len(check(bars("AAA"), bars("BBB", closes=np.arange(len(DAYS)) + 900.0))[1]) == 0


@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_a_slip_of_the_decimal_point_is_set_aside(factor):
    frame = bars()
    frame.loc[7, ["close", "adj_close"]] *= factor
    good, issues = check(frame)
    assert found(issues) == [("PRICE_SPIKE", "AAA", "quarantined")]
    assert len(good) == len(DAYS) - 1


def test_an_extreme_move_that_stays_is_kept():
    closes = np.where(np.arange(len(DAYS)) < 20, 100.0, 28.0) + np.arange(len(DAYS)) * 0.01
    assert found(check(bars(closes=closes))[1]) == [("PRICE_JUMP", "AAA", "kept")]


def test_options_may_jump():
    closes = np.where(np.arange(len(DAYS)) % 2, 1.0, 3.0)
    assert len(check(bars("AAA230616C00100000", closes=closes))[1]) == 0


@pytest.mark.parametrize(("repeats", "named"), [(4, False), (5, True), (9, True)])
def test_the_same_close_many_times_is_named_once(repeats, named):
    closes = 100 + np.arange(len(DAYS)) * 0.1
    closes[10 : 10 + repeats] = closes[10]
    issues = check(bars(closes=closes))[1]
    assert found(issues) == ([("STALE_REPEAT", "AAA", "kept")] if named else [])
    if named:
        assert issues["detail"].item() == f"{repeats} equal closes since {wording.date(DAYS[10])}"


@pytest.mark.parametrize(("dropped", "severity"), [(0, None), (1, "warning"), (4, "warning"), (6, "error")])
def test_a_series_that_ends_early_is_named(dropped, severity):
    issues = check(bars().iloc[: len(DAYS) - dropped])[1]
    assert issues["severity"].tolist() == ([severity] if severity else [])
    assert set(issues["check"]) <= {"STALE_LAST"}


def test_a_weekend_as_of_asks_for_the_friday_before():
    assert len(check(bars().query("date <= '2022-12-23'"), as_of="2022-12-26")[1]) == 0


def test_an_expired_option_is_due_until_its_expiry_only():
    option = bars("AAA221216C00100000").query("date <= '2022-12-16'")
    assert len(check(option)[1]) == 0
    assert found(check(option.query("date <= '2022-12-15'"))[1]) == [
        ("STALE_LAST", "AAA221216C00100000", "kept")
    ]


def test_on_nse_a_bar_outside_the_calendar_is_kept_with_a_warning():
    december = bars().query("date >= '2022-12-01'")
    extra = bars(closes=[100.0, 100.1])
    extra["date"] = pd.to_datetime(["2022-12-24", "2022-12-25"])
    good, issues = check(december, extra, exchange="NSE")
    assert found(issues) == [("NOT_TRADING_DAY", "AAA", "kept")] * 2
    assert issues["severity"].tolist() == ["warning"] * 2
    assert issues["detail"].iloc[0] == "Saturday, not in the calendar of XNSE"
    assert len(good) == len(december) + 2


def test_a_muhurat_evening_is_an_ordinary_session_on_nse_and_a_closed_day_is_quarantined_in_new_york():
    evening = bars(closes=[100.0])
    evening["date"] = pd.to_datetime(["2022-10-24"])
    assert "NOT_TRADING_DAY" not in set(check(evening, exchange="XNSE")[1]["check"])
    christmas = bars(closes=[100.0]).assign(date=pd.Timestamp("2022-12-26"))
    assert ("NOT_TRADING_DAY", "AAA", "quarantined") in found(check(bars(), christmas, exchange="NYSE")[1])


def test_volume_zero_with_a_range_is_named_where_the_series_has_volume_on_other_days():
    frame = bars(open=100.0, high=110.0, low=90.0, volume=1e6)
    frame.loc[6, "volume"] = 0.0
    good, issues = check(frame)
    assert found(issues) == [("ZERO_VOLUME", "AAA", "kept")]
    assert issues["date"].item() == DAYS[6]
    assert issues["detail"].item() == "volume 0, high 110, low 90"
    assert len(good) == len(DAYS)
    assert len(check(frame.assign(volume=0.0))[1]) == 0
    frame.loc[6, ["open", "high", "low"]] = frame.loc[6, "close"]
    assert len(check(frame)[1]) == 0


def test_strict_stops_the_run_with_symbol_day_and_rule_and_not_for_a_row_that_came_twice():
    frame = bars()
    frame.loc[[3, 4], "close"] = -1.0
    bad = check(frame)[1]
    limits.require_sound(bad, strict=False)
    with pytest.raises(
        QualityError, match=r"^2 bars cannot be trusted, .*: AAA on 4 Nov 2022 BAD_PRICE; AAA on"
    ):
        limits.require_sound(bad, strict=True)
    limits.require_sound(check(frame.drop(index=[3, 4]), frame.iloc[[0]])[1], strict=True)


@pytest.mark.parametrize(
    ("column", "value", "detail"),
    [
        ("close", -1.0, "close \u22121"),
        ("close", np.nan, "no close"),
        ("adj_close", 0.0, "adj_close 0"),
        ("adj_close", np.nan, "no adj_close"),
        ("low", -2.0, "low \u22122"),
        ("volume", -5.0, "volume \u22125"),
        ("high", 50.0, "open 100, high 50, low 90, close 100.4"),
    ],
)
def test_a_quarantined_bar_is_told_by_the_figures_that_are_wrong(column, value, detail):
    frame = bars(open=100.0, high=110.0, low=90.0, volume=1e6)
    frame.loc[4, column] = value
    assert check(frame)[1]["detail"].tolist() == [detail]


def test_an_adjusted_close_that_is_missing_because_the_close_is_wrong_is_not_told():
    frame = bars()
    frame.loc[4, ["close", "adj_close"]] = [-1.0, np.nan]
    assert check(frame)[1]["detail"].tolist() == ["close \u22121"]


def test_a_spike_is_told_by_its_move_from_the_last_sound_bar():
    frame = bars()
    frame.loc[[7, 8], ["close", "adj_close"]] *= 10
    assert check(frame)[1]["detail"].tolist() == [
        "close 1007, +901.0% from the bar before, taken back",
        "close 1008, +902.0% from the bar before, taken back",
    ]


def test_every_code_has_its_meaning_in_words():
    """The codes are those that the modules' own descriptions list."""
    described = f"{rules.__doc__} {repair.__doc__}"
    listed = {word for part in re.findall(r"``([A-Z_ ]+)``", described) for word in part.split()}
    assert listed == CODES


def test_the_guide_lists_every_code():
    guide = (Path(__file__).resolve().parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", guide, re.MULTILINE)) == CODES
