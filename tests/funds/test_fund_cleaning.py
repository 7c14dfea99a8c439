"""What the checks of fund data set aside: each fault planted once in sound data, and nothing else touched."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform, empty
from lib.errors import QualityError, SourceLimited
from lib.funds import cleaning, coverage
from lib.funds.pages import data as page
from lib.funds.raw import ORDER
from lib.tables import TABLES

DAYS = pd.bdate_range("2022-01-03", "2022-12-28").astype("datetime64[us]")
AS_OF = "2022-12-28"
FUNDS = ("a", "b", "c", "d")


def world(funds=FUNDS):
    """Sound raw tables of funds with a name, a category, a benchmark with levels, and one list each."""
    ids, born = list(funds), DAYS[0]
    moves = np.random.default_rng(3).normal(0, 0.01, (len(DAYS), len(ids)))
    navs = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), index=DAYS, columns=ids)
    navs = navs.rename_axis("date").reset_index().melt("date", var_name="fund_id", value_name="nav")
    texts = [
        (one, item, value)
        for one in ids
        for item, value in (("name", f"Fund {one}"), ("category", "Large Cap"), ("benchmark", "Index"))
    ]
    rows = {
        "funds": pd.DataFrame(
            {
                "fund_id": ids,
                "scheme": ids,
                "isin": None,
                "isin_reinvest": None,
                "plan": "none",
                "option": "growth",
                "currency": "INR",
                "inception_date": born,
                "known_at": born,
            }
        ),
        "fund_attributes": pd.DataFrame(texts, columns=["fund_id", "item", "value"]).assign(
            valid_from=born, known_at=born
        ),
        "fund_facts": pd.DataFrame({"fund_id": ids, "item": "expense_ratio", "value": 0.01}).assign(
            valid_from=born, known_at=born
        ),
        "fund_navs": navs.assign(known_at=navs["date"]),
        "fund_holdings": pd.DataFrame(
            {
                "fund_id": ids,
                "holding_date": DAYS[20],
                "known_at": DAYS[28],
                "symbol": None,
                "name": "All",
                "kind": "equity",
                "sector": None,
                "cap": None,
                "weight": 1.0,
            }
        ),
        "benchmark_levels": pd.DataFrame(
            {"benchmark": "Index", "date": DAYS, "level": 100.0, "basis": "total_return", "known_at": DAYS}
        ),
        "fund_events": None,
    }
    made = {}
    for name, frame in rows.items():
        table = TABLES[f"raw_{name}"]
        made[name] = (
            empty(table) if frame is None else conform(frame.assign(source="x", origin="real"), table)
        )
    assert {f"raw_{name}" for name in made} == set(ORDER)
    return made


def change(raw, table, mask, **values):
    """The raw tables with values of some rows replaced."""
    frame = raw[table].copy()
    for name, value in values.items():
        frame.loc[mask(frame), name] = value
    return {**raw, table: frame}


def add(raw, table, **values):
    """The raw tables with the first row of fund a repeated, some values replaced."""
    frame = raw[table]
    row = frame[frame["fund_id"] == "a"].head(1).assign(**values)
    return {**raw, table: pd.concat([frame, row], ignore_index=True)}


def checked(raw, **limits):
    return cleaning.check(raw, cleaning.Limits(**limits))


def issue(found, check):
    """The one issue of a check."""
    rows = found.issues[found.issues["check"] == check]
    assert len(rows) == 1, found.issues
    return rows.iloc[0]


def on(day, fund="a"):
    return lambda frame: (frame["fund_id"] == fund) & (frame["date"] == day)


def test_sound_data_pass_whole_and_without_an_issue():
    raw = world()
    found = checked(raw)
    assert found.issues.empty
    for name, frame in found.tables.items():
        assert len(frame) == len(raw[name]), name


@pytest.mark.parametrize("nav", [0.0, -3.0, np.inf])
def test_a_nav_that_is_not_positive_is_set_aside(nav):
    found = checked(change(world(), "fund_navs", on(DAYS[5]), nav=nav))
    one = issue(found, "NAV_NOT_POSITIVE")
    assert (one["fund_id"], one["date"], one["action"]) == ("a", DAYS[5], "dropped")
    assert found.set_aside("fund_navs") == 1


def test_the_same_nav_twice_is_kept_once():
    first = world()["fund_navs"].query("fund_id == 'a'")["nav"].iloc[0]
    found = checked(add(world(), "fund_navs", nav=first))
    assert issue(found, "NAV_TWICE")["severity"] == "info"
    assert found.set_aside("fund_navs") == 1


def test_two_navs_of_a_day_known_at_once_are_both_set_aside():
    found = checked(add(world(), "fund_navs", nav=123.0))
    assert issue(found, "NAV_CONFLICT")["action"] == "dropped"
    navs = found.tables["fund_navs"]
    assert DAYS[0] not in set(navs.loc[navs["fund_id"] == "a", "date"])
    assert found.set_aside("fund_navs") == 2


def test_a_restated_nav_does_not_replace_what_was_known_first():
    raw = world()
    before = raw["fund_navs"].query("fund_id == 'a'")["nav"].iloc[0]
    found = checked(add(raw, "fund_navs", nav=123.0, known_at=DAYS[9]))
    assert issue(found, "NAV_RESTATED")["fund_id"] == "a"
    assert found.tables["fund_navs"].query("fund_id == 'a'")["nav"].iloc[0] == before


def test_an_old_nav_under_fresh_dates_is_set_aside_from_the_day_on_which_it_shows():
    raw = change(world(), "fund_navs", lambda f: (f["fund_id"] == "a") & (f["date"] > DAYS[-31]), nav=77.0)
    found = checked(raw)
    assert issue(found, "NAV_REPEATED")["detail"].split(": ")[1].startswith("20")
    navs = found.tables["fund_navs"]
    assert navs.loc[navs["fund_id"] == "a", "date"].max() == DAYS[-21]
    cover = coverage.coverage_of(found.tables, AS_OF, 7).set_index("fund_id")
    assert cover["state"].to_dict() == {"a": "late", "b": "fresh", "c": "fresh", "d": "fresh"}


def test_what_is_set_aside_of_a_past_day_does_not_depend_on_later_rows():
    raw = change(world(), "fund_navs", lambda f: (f["fund_id"] == "a") & (f["date"] > DAYS[-31]), nav=77.0)
    for end in (-25, -18, -5):
        cut = {**raw, "fund_navs": raw["fund_navs"][raw["fund_navs"]["date"] <= DAYS[end]]}
        early, whole = (checked(one).tables["fund_navs"] for one in (cut, raw))
        whole = whole[whole["date"] <= DAYS[end]].reset_index(drop=True)
        pd.testing.assert_frame_equal(early, whole)


def test_a_liquid_fund_may_stand_still():
    raw = change(world(), "fund_navs", lambda f: f["fund_id"] == "a", nav=1000.0)
    calm = change(
        raw, "fund_attributes", lambda f: f["item"].eq("category") & f["fund_id"].eq("a"), value="Liquid"
    )
    assert checked(calm).issues.empty
    assert not checked(raw).issues.empty


def test_a_jump_is_named_and_kept_and_one_of_ten_times_as_a_change_of_the_face_value():
    raw = world()
    jumped = change(raw, "fund_navs", lambda f: f["fund_id"].eq("a") & (f["date"] >= DAYS[9]), nav=300.0)
    spread = raw["fund_navs"]["nav"] * np.where(raw["fund_navs"]["date"] >= DAYS[9], 10, 1)
    tens = {
        **raw,
        "fund_navs": raw["fund_navs"].assign(
            nav=spread.where(raw["fund_navs"]["fund_id"] == "a", raw["fund_navs"]["nav"])
        ),
    }
    found = checked(jumped, repeats=250)
    assert (issue(found, "NAV_JUMP")["action"], found.set_aside("fund_navs")) == ("kept", 0)
    found = checked(tens)
    assert (issue(found, "NAV_UNIT_CHANGE")["date"], found.set_aside("fund_navs")) == (DAYS[9], 0)


@pytest.mark.parametrize(("ratio", "refused"), [(-0.001, True), (0.0, False), (0.05, False), (0.0501, True)])
def test_an_expense_ratio_below_zero_or_above_five_percent_is_refused(ratio, refused):
    found = checked(change(world(), "fund_facts", lambda f: f["fund_id"] == "b", value=ratio))
    assert ("b" not in set(found.tables["fund_facts"]["fund_id"])) is refused
    assert found.issues["check"].tolist() == ["BAD_TER"] * refused


@pytest.mark.parametrize(("weight", "refused"), [(1.4, True), (1.1, False), (0.9, False), (0.5, True)])
def test_holdings_that_do_not_add_up_are_refused_as_a_list(weight, refused):
    found = checked(change(world(), "fund_holdings", lambda f: f["fund_id"] == "c", weight=weight))
    assert ("c" not in set(found.tables["fund_holdings"]["fund_id"])) is refused
    assert len(found.issues) == refused
    if refused:
        assert f"{weight:g}" in issue(found, "HOLDINGS_TOTAL")["detail"]


def test_rows_of_a_fund_that_is_not_in_the_list_are_set_aside():
    found = checked(add(world(), "fund_navs", fund_id="stranger"))
    assert issue(found, "FUND_UNKNOWN")["fund_id"] == "stranger"
    assert "stranger" not in set(found.tables["fund_navs"]["fund_id"])


@pytest.mark.parametrize(
    ("item", "check"),
    [("category", "CATEGORY_ABSENT"), ("benchmark", "BENCHMARK_ABSENT"), ("name", "NAME_ABSENT")],
)
def test_a_fund_without_a_text_is_named(item, check):
    raw = world()
    texts = raw["fund_attributes"]
    raw["fund_attributes"] = texts[~(texts["item"].eq(item) & texts["fund_id"].eq("d"))]
    found = checked(raw)
    lacks = coverage.lacks(coverage.coverage_of(found.tables, AS_OF, 7), found.tables)
    assert lacks[["fund_id", "check"]].to_numpy().tolist() == [["d", check]]


def test_a_fund_without_holdings_is_named_and_where_none_has_any_all_are_told_once():
    raw = world()
    lists = raw["fund_holdings"]
    for left, told in ((lists[lists["fund_id"] != "a"], ["a"]), (lists.head(0), [None])):
        found = checked({**raw, "fund_holdings": left})
        lacks = coverage.lacks(coverage.coverage_of(found.tables, AS_OF, 7), found.tables)
        assert lacks["check"].tolist() == ["HOLDINGS_ABSENT"]
        assert [None if pd.isna(one) else one for one in lacks["fund_id"]] == told


def test_a_category_that_is_not_known_is_told_with_the_nearest():
    mask = lambda f: f["item"].eq("category") & f["fund_id"].eq("a")  # noqa: E731
    found = checked(change(world(), "fund_attributes", mask, value="Lrage Cap"))
    lacks = coverage.lacks(coverage.coverage_of(found.tables, AS_OF, 7), found.tables)
    assert lacks["check"].tolist() == ["CATEGORY_UNKNOWN"]
    assert "Large Cap" in lacks["detail"][0]


def test_a_benchmark_without_levels_is_named():
    found = checked({**world(), "benchmark_levels": empty(TABLES["raw_benchmark_levels"])})
    lacks = coverage.lacks(coverage.coverage_of(found.tables, AS_OF, 7), found.tables)
    assert lacks["check"].tolist() == ["BENCHMARK_WITHOUT_LEVELS"]


def test_a_fund_that_ended_is_neither_old_nor_lacking():
    raw = world()
    navs = raw["fund_navs"]
    raw["fund_navs"] = navs[~(navs["fund_id"].eq("a") & (navs["date"] > DAYS[100]))]
    event = pd.DataFrame(
        [("a", "closed", DAYS[100], None, None, DAYS[90], "x", "real")],
        columns=TABLES["raw_fund_events"].column_names,
    )
    raw["fund_events"] = conform(event, TABLES["raw_fund_events"])
    found = checked(raw)
    cover = coverage.coverage_of(found.tables, AS_OF, 7)
    assert cover.set_index("fund_id")["state"]["a"] == "ended"
    announced = coverage.coverage_of(found.tables, f"{DAYS[95]:%Y-%m-%d}", 7)
    assert announced.set_index("fund_id")["state"]["a"] == "fresh"
    assert coverage.lacks(cover, found.tables).empty


def log(**parts):
    row = {
        "item": "daily",
        "status": "ok",
        "rows": 4.0,
        "skipped": 0.0,
        "last_date": pd.NaT,
        "detail": None,
        **parts,
    }
    return conform(pd.DataFrame([row]).astype({"last_date": "M8[us]"}), TABLES["raw_fund_log"])


def test_the_verdict_begins_with_what_is_wrong():
    raw = change(world(), "fund_navs", on(DAYS[5]), nav=0.0)
    raw = change(raw, "fund_facts", lambda f: f["fund_id"] == "b", value=0.2)
    found = checked(raw)
    cover = coverage.coverage_of(found.tables, AS_OF, 7)
    told = page.faults(found, cover, log(status="limited", detail="status 429"))
    assert "429" in told[0]
    assert any("NAV" in one and "set aside" in one for one in told)
    assert any("expense ratio" in one for one in told)
    assert all(one.passed for one in page.checks(raw["fund_navs"], found, cover, AS_OF))


def test_a_run_without_a_nav_stops_with_the_fault_of_the_source():
    raw = world()
    cover = coverage.coverage_of({**checked(raw).tables, "fund_navs": raw["fund_navs"].head(0)}, AS_OF, 7)
    with pytest.raises(SourceLimited, match="status 429"):
        coverage.require_some(cover, log(status="limited", detail="status 429"))
    with pytest.raises(QualityError):
        coverage.require_some(cover, log())


def test_the_order_of_rows_changes_nothing():
    raw = change(world(), "fund_navs", on(DAYS[5]), nav=0.0)
    mixed = {name: frame.sample(frac=1, random_state=4).reset_index(drop=True) for name, frame in raw.items()}
    one, other = checked(raw), checked(mixed)
    pd.testing.assert_frame_equal(
        one.tables["fund_navs"], other.tables["fund_navs"].sort_values(["fund_id", "date"], ignore_index=True)
    )
    pd.testing.assert_frame_equal(one.issues, other.issues)


def test_a_million_navs_are_checked_in_seconds():
    ids = [f"{100000 + n}" for n in range(4000)]
    raw = world(ids)
    began = time.perf_counter()
    found = checked(raw)
    assert len(found.tables["fund_navs"]) == len(ids) * len(DAYS)
    assert time.perf_counter() - began < 10
