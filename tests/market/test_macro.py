"""Indicators: the sample, files of one's own, and which figures the stage sets aside."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.errors import InputError
from lib.market.macro.cleaning import ages, clean
from lib.market.macro.providers import prepare
from lib.market.pages import macro as page

HEADER = "series,period_end,value,unit,frequency,released\n"
GOOD = (
    HEADER + "CPI,2022-11-30,5.9,percent,monthly,2022-12-12\nCPI,2022-10-31,6.8,percent,monthly,2022-11-14\n"
)


def folder(path, text=GOOD, as_of="2022-12-28"):
    path.mkdir(exist_ok=True)
    (path / "macro.csv").write_text(text)
    settings = {"provider": "folder", "path": str(path), "path_shown": "mine"}
    return prepare({"as_of": as_of, "settings": settings, "params_file": "params.yaml"})


def figures(*rows):
    columns = ["series", "period_end", "value", "unit", "frequency", "released"]
    frame = pd.DataFrame(list(rows), columns=columns).assign(source="test", origin="real")
    days = dict.fromkeys(("period_end", "released"), "datetime64[us]")
    return frame.astype({**days, "value": "float64", "series": "str", "frequency": "str"})


def test_the_sample_is_generated_says_so_and_is_the_same_each_time():
    first, second = (
        prepare({"as_of": "2022-12-28", "settings": {"provider": "sample"}})["raw_macro"] for _ in range(2)
    )
    pd.testing.assert_frame_equal(first, second)
    assert set(first["origin"]) == {"generated"}
    assert (first["released"] >= first["period_end"]).all()
    assert first.groupby("series")["unit"].nunique().eq(1).all()


def test_an_earlier_day_sees_what_was_released_by_then():
    whole, early = (
        prepare({"as_of": day, "settings": {"provider": "sample"}})["raw_macro"]
        for day in ("2022-12-28", "2019-03-15")
    )
    kept = whole[whole["released"] <= "2019-03-15"].reset_index(drop=True)
    pd.testing.assert_frame_equal(early, kept)


def test_a_file_of_ones_own_is_read_as_it_is_written(tmp_path):
    table = folder(tmp_path / "mine")["raw_macro"]
    assert table["value"].tolist() == [6.8, 5.9]
    assert set(table["unit"]) == {"percent"}
    assert set(table["source"]) == {"macro.csv"}
    assert len(folder(tmp_path / "mine", as_of="2022-12-11")["raw_macro"]) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("5.9", "5,9"), ("mine/macro.csv:2", "fields")),
        (GOOD.replace("5.9", "about 6"), ("mine/macro.csv:2: value", "not a number")),
        (GOOD.replace("5.9", ""), ("mine/macro.csv:2: value", "empty")),
        (GOOD.replace("2022-12-12", "12/12/2022"), ("mine/macro.csv:2: released", "YYYY-MM-DD")),
        (GOOD.replace("monthly", "montly"), ("mine/macro.csv:2: frequency", "write one of")),
        (GOOD.replace("released", "relesed"), ("released", "is `relesed` meant?")),
        (HEADER, ("mine/macro.csv", "no rows below the header")),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(tmp_path, text, words):
    with pytest.raises(InputError) as caught:
        folder(tmp_path / "mine", text)
    assert not [part for part in words if part not in str(caught.value)], str(caught.value)


def test_a_folder_without_the_file_is_refused(tmp_path):
    settings = {"provider": "folder", "path": str(tmp_path), "path_shown": "mine"}
    with pytest.raises(InputError, match=r"macro\.path: no macro\.csv"):
        prepare({"as_of": "2022-12-28", "settings": settings, "params_file": "params.yaml"})


def test_a_release_before_its_period_is_set_aside_with_an_issue(tmp_path):
    raw = folder(tmp_path / "mine", GOOD.replace("2022-12-12", "2022-11-12"))["raw_macro"]
    macro, issues = clean(raw, "2022-12-28")
    assert macro["value"].tolist() == [6.8]
    assert issues.loc[0, ["series", "check", "severity", "action"]].tolist() == [
        "CPI",
        "RELEASED_EARLY",
        "error",
        "dropped",
    ]
    assert "2022-11-12" in issues.loc[0, "detail"]


def test_each_check_finds_its_fault_and_no_other():
    good = ("CPI", "2022-11-30", 5.9, "percent", "monthly", "2022-12-12")
    cases = {
        "FIGURE_TWICE": [good, good],
        "FIGURE_CONFLICT": [good, (*good[:2], 6.1, *good[3:])],
        "NO_NUMBER": [good, ("CPI", "2022-10-31", float("inf"), "percent", "monthly", "2022-11-14")],
        "RELEASED_LATER": [good, ("CPI", "2022-12-31", 6.0, "percent", "monthly", "2023-01-12")],
        "UNIT_MIXED": [good, ("CPI", "2022-10-31", 0.068, "fraction", "monthly", "2022-11-14")],
        "FIGURE_STALE": [("CPI", "2022-09-30", 7.4, "percent", "monthly", "2022-10-12")],
    }
    for check, rows in cases.items():
        macro, issues = clean(figures(*rows), "2022-12-28")
        assert issues["check"].tolist() == [check]
        assert len(macro) + (issues["action"] == "dropped").sum() == len(rows)
    assert clean(figures(*cases["FIGURE_CONFLICT"]), "2022-12-28")[0]["value"].tolist() == [6.1]
    assert clean(figures(good), "2022-12-28")[1].empty


@pytest.mark.parametrize(
    ("frequency", "limit"), [("daily", 7), ("weekly", 14), ("monthly", 75), ("quarterly", 140)]
)
def test_a_series_is_stale_the_day_after_its_limit(frequency, limit):
    for age, late in ((limit, False), (limit + 1, True)):
        period = pd.Timestamp("2022-12-28") - pd.Timedelta(days=age)
        table = figures(("X", period, 1.0, "level", frequency, period))
        assert ages(table, "2022-12-28")["late"].tolist() == [late]


def test_the_page_names_what_is_stale_and_what_did_not_come():
    table = figures(("X", "2022-01-31", 1.0, "level", "monthly", "2022-02-15"))
    macro, issues = clean(table, "2022-12-28")
    aged = ages(macro, "2022-12-28")
    log = pd.DataFrame({"item": ["X", "Y"], "status": ["ok", "missing"]})
    told = " ".join(page.faults(aged, issues, log))
    assert "Stale: X." in told
    assert "Y" in told
    assert all(check.passed for check in page.checks(table, macro, issues, "2022-12-28"))


def test_nothing_at_all_is_told_and_breaks_nothing():
    macro, issues = clean(figures(), "2022-12-28")
    aged = ages(macro, "2022-12-28")
    assert len(page.ages(aged)) == 0
    assert page.verdict(aged)
    assert page.key_figures(aged, issues)
