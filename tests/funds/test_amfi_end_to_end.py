"""Funds from AMFI through real runs: two days, the old and the new form of the list, repeated offline."""

from __future__ import annotations

import pandas as pd
import pytest
from fake_amfi import FakeAmfi, World
from fund_runs import FAST, run


@pytest.fixture
def amfi():
    with FakeAmfi(World.generated()) as server:
        yield server


def section(amfi, **more):
    return {"provider": "amfi", "start": "2026-05-01", **amfi.settings(), **FAST, **more}


def truth(world, through):
    """Every NAV of the world to a day."""
    long = world.navs[:through].rename_axis("date").reset_index().melt("date", value_name="nav")
    long = long.rename(columns={"code": "fund_id"})
    return long.sort_values(["fund_id", "date"], ignore_index=True)


def test_two_days_in_the_old_and_the_new_form_and_the_second_day_again_offline(workbench, tmp_path, amfi):
    first = run(workbench, tmp_path, section(amfi), "2026-08-18")
    assert first.code == 0, first.err
    asked = amfi.count()
    amfi.world.through, amfi.world.form = "2026-08-20", "new"
    second = run(workbench, tmp_path, section(amfi), "2026-08-20")
    assert second.code == 0, second.err
    assert amfi.count() > asked
    for ran, day in ((first, "2026-08-18"), (second, "2026-08-20")):
        navs, expected = ran.table("fund_navs"), truth(amfi.world, day)
        assert navs["fund_id"].tolist() == expected["fund_id"].tolist()
        assert navs["date"].tolist() == expected["date"].tolist()
        assert navs["nav"].to_numpy() == pytest.approx(expected["nav"].to_numpy(), rel=1e-12)
    before, after = first.table("funds"), second.table("funds")
    pd.testing.assert_frame_equal(
        before[["fund_id", "scheme", "plan", "option"]], after[["fund_id", "scheme", "plan", "option"]]
    )
    assert before.groupby("scheme").size().tolist() == [3] * 6
    assert second.table("fund_attributes").query("item == 'name'")["fund_id"].is_unique
    asked = amfi.count()
    again = run(workbench, tmp_path, section(amfi), "2026-08-20", "--offline")
    assert (again.code, amfi.count()) == (0, asked), again.err
    assert again.events[-1]["run"] == second.events[-1]["run"]


def test_a_refused_daily_list_is_told_first_and_what_the_store_has_is_used(workbench, tmp_path, amfi):
    first = run(workbench, tmp_path, section(amfi), "2026-08-18")
    assert first.code == 0, first.err
    amfi.fault("daily", "limited")
    amfi.world.through = "2026-08-20"
    ran = run(workbench, tmp_path, section(amfi, start="2026-08-03"), "2026-08-20")
    assert ran.code in (0, 3), ran.err
    log = ran.table("raw_fund_log").set_index("item")
    assert log.loc["daily", "status"] == "limited"
    assert ran.table("fund_issues")["check"].eq("limited").any()
    assert "refused for now" in ran.page()


def test_a_source_that_never_answers_ends_the_run_with_its_reason(workbench, tmp_path, amfi):
    for endpoint in ("daily", "master", "history", "expenses", "assets"):
        amfi.fault(endpoint, "server_error")
    ran = run(workbench, tmp_path, section(amfi, attempts=2), "2026-08-18")
    assert ran.code == 1
    assert "status 500" in ran.page() + ran.err
    assert "Traceback" not in ran.err


def test_offline_with_an_empty_store_is_refused_with_the_mend(workbench, tmp_path, amfi):
    ran = run(workbench, tmp_path, section(amfi), "2026-08-18", "--offline")
    assert ran.code == 2
    assert "fund store is empty" in ran.err
    assert amfi.count() == 0
