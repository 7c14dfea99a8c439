"""The folder provider of funds: the template, what defaults say, every refusal with file, line and mend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from fund_runs import run

from lib.errors import InputError
from lib.funds import providers
from lib.funds.folder.provider import FILES

TEMPLATE = Path(__file__).resolve().parents[2] / "params" / "funds" / "template"


@pytest.fixture
def folder(tmp_path):
    """A copy of the template."""
    return Path(shutil.copytree(TEMPLATE, tmp_path / "funds"))


def prepare(folder, as_of="2023-06-30"):
    return providers.prepare(
        {
            "as_of": as_of,
            "exchange": "XNSE",
            "now": "2026-11-28T06:00:00+00:00",
            "settings": {"provider": "folder", "path": str(folder), "path_shown": "my/funds"},
        }
    )


def replace(folder, name, old, new):
    path = folder / f"{name}.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_template_is_read_whole_and_has_a_file_for_each_table(folder):
    found = prepare(folder)
    sizes = {name: len(frame) for name, frame in found.items()}
    assert sizes.pop("raw_fund_log") == 7
    assert sizes == {
        "raw_funds": 2,
        "raw_fund_attributes": 8,
        "raw_fund_facts": 5,
        "raw_fund_navs": 6,
        "raw_fund_holdings": 3,
        "raw_benchmark_levels": 3,
        "raw_fund_events": 2,
    }
    assert sorted(path.stem for path in folder.iterdir()) == sorted(FILES)


def test_parquet_gives_the_same_tables_as_csv(folder):
    before = prepare(folder)
    for path in list(folder.iterdir()):
        pd.read_csv(path).to_parquet(path.with_suffix(".parquet"))
        path.unlink()
    after = prepare(folder)
    for name in before:
        if name != "raw_fund_log":
            left, right = (one[name].drop(columns="source") for one in (before, after))
            pd.testing.assert_frame_equal(left, right)


def test_only_what_was_known_up_to_the_as_of_date_is_given(folder):
    found = prepare(folder, "2023-04-09")
    assert found["raw_fund_holdings"].empty
    assert set(found["raw_fund_facts"]["item"]) == {"expense_ratio", "exit_load", "exit_load_days"}


def test_wide_columns_are_taken_since_the_launch_and_told_as_no_history(folder):
    (folder / "funds.csv").write_text(
        "fund_id,name,house,category,expense_ratio,inception_date\n"
        "w1,Wide Fund - Direct - Growth,W House,Mid Cap,0.012,2022-05-02\n"
        "w2,Wide Fund - IDCW,W House,Mid Cap,,\n"
    )
    (folder / "attributes.csv").write_text(
        "fund_id,item,value,valid_from\nw1,category,Small Cap,2022-08-01\n"
    )
    (folder / "navs.csv").write_text("fund_id,date,nav\nw1,2022-05-02,10\nw2,2022-06-01,10\n")
    found = prepare(folder)
    funds = found["raw_funds"].set_index("fund_id")
    assert funds["plan"].to_dict() == {"w1": "direct", "w2": "none"}
    assert funds["option"].to_dict() == {"w1": "growth", "w2": "idcw"}
    assert funds["scheme"].unique().tolist() == ["w-house-wide-fund"]
    assert funds["currency"].unique().tolist() == ["INR"]
    assert funds["known_at"].to_dict() == {"w1": pd.Timestamp("2022-05-02"), "w2": pd.Timestamp("2022-06-01")}
    texts = found["raw_fund_attributes"]
    categories = texts[texts["item"] == "category"].set_index("fund_id")["value"]
    assert categories.to_dict() == {"w1": "Small Cap", "w2": "Mid Cap"}
    dated = texts[texts["value"] == "Small Cap"].iloc[0]
    assert dated["known_at"] == dated["valid_from"] == pd.Timestamp("2022-08-01")
    ratio = found["raw_fund_facts"].query("item == 'expense_ratio' and fund_id == 'w1'").iloc[0]
    assert (ratio["value"], ratio["valid_from"]) == (0.012, pd.Timestamp("2022-05-02"))
    assert "backdated" in set(found["raw_fund_log"]["item"])
    assert [one["file"] for one in found["warnings"]] == ["my/funds/funds.csv"] * 2


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("navs", "10.0412", "10,0412", r"my/funds/navs\.csv:3: 4 fields where the header has 3"),
        ("navs", "10.0412", "ten", r"my/funds/navs\.csv:3: nav: “ten” is not a number; write plain numbers"),
        ("navs", "10.0412", "", r"navs\.csv:3: nav: empty"),
        ("navs", "2023-01-03", "03-01-2023", r"navs\.csv:3: date: .* is not a date; write YYYY-MM-DD"),
        ("navs", "2023-01-03", "2062-01-03", r"navs\.csv:3: date: .* in the future"),
        ("navs", "fund_id,date", "fund,date", r"navs\.csv:1: fund_id: no such column"),
        (
            "funds",
            "direct,growth",
            "dirct,growth",
            r"funds\.csv:2: plan: .* write one of direct, regular, none",
        ),
        ("funds", "INR", "rupees", r"funds\.csv:2: currency: .* write an ISO code"),
        ("funds", "example-regular,example", "example-direct,other", r"funds\.csv:3: fund_id: .* line 2"),
        ("attributes", "category", "categry", r"attributes\.csv:4: item: .* write one of name, house"),
        ("facts", "0.0095", "0.95%", r"facts\.csv:2: value: .* is not a number"),
        ("facts", "expense_ratio", "ter", r"facts\.csv:2: item: .* write one of expense_ratio"),
        ("holdings", "2023-04-10", "2023-03-10", r"holdings\.csv:2: known_at: disclosed before its day"),
        ("holdings", "0.55", "55", r"holdings\.csv:2: weight: .* write decimals"),
        ("benchmarks", "total_return", "tri", r"benchmarks\.csv:2: basis: .* total_return, price"),
        ("benchmarks", "25080.5", "0", r"benchmarks\.csv:3: level"),
        ("events", "launched", "born", r"events\.csv:2: event: .* write one of launched, closed"),
        (
            "events",
            "2023-01-02,,,",
            "2023-01-02,example-direct,,",
            r"events\.csv:2: successor: the fund itself",
        ),
    ],
)
def test_a_wrong_cell_is_refused_with_file_line_field_and_mend(folder, name, old, new, words):
    replace(folder, name, old, new)
    with pytest.raises(InputError, match=words):
        prepare(folder)


def test_faults_of_several_files_are_told_together(folder):
    replace(folder, "navs", "10.0412", "ten")
    replace(folder, "events", "launched", "born")
    with pytest.raises(InputError) as told:
        prepare(folder)
    assert {one.file for one in told.value.each} == {"my/funds/navs.csv", "my/funds/events.csv"}


@pytest.mark.parametrize("name", ["funds", "navs"])
def test_without_funds_or_navs_there_is_nothing_to_read(folder, name):
    (folder / f"{name}.csv").unlink()
    with pytest.raises(InputError, match=rf"no {name}\.csv and no {name}\.parquet"):
        prepare(folder)


def test_a_file_that_nobody_reads_is_told_with_the_nearest_name(folder):
    (folder / "holding.csv").write_text("a,b\n1,2\n")
    found = prepare(folder)
    assert [one["file"] for one in found["warnings"]] == ["my/funds/holding.csv"]
    assert "holdings.csv" in found["warnings"][0]["mend"]


def test_a_folder_that_is_not_there_is_refused_at_its_setting(tmp_path):
    with pytest.raises(InputError, match=r"fund_data\.path: no folder my/funds"):
        prepare(tmp_path / "nowhere")


def test_the_template_runs_from_a_params_file_and_a_fault_ends_with_its_line(workbench, tmp_path, folder):
    section = {"provider": "folder", "path": str(folder)}
    ran = run(workbench, tmp_path, section, "2023-01-05")
    assert ran.code == 0, ran.err
    assert len(ran.table("fund_navs")) == 6
    assert ran.table("fund_issues").empty or "error" not in set(ran.table("fund_issues")["severity"])
    replace(folder, "navs", "10.0412", "ten")
    bad = run(workbench, tmp_path, section, "2023-01-05")
    assert bad.code == 2
    assert "navs.csv:3" in bad.err
    assert "Traceback" not in bad.err


def test_the_page_says_first_what_was_set_aside(workbench, tmp_path, folder):
    replace(folder, "navs", "10.0412", "0")
    replace(folder, "facts", "0.0095", "0.095")
    replace(folder, "holdings", "0.55", "0.95")
    ran = run(workbench, tmp_path, {"provider": "folder", "path": str(folder)}, "2023-06-30")
    assert ran.code == 0, ran.err
    found = ran.table("fund_issues")["check"]
    assert {"NAV_NOT_POSITIVE", "BAD_TER", "HOLDINGS_TOTAL", "NAV_LATE"} <= set(found)
    page = ran.page()
    assert page.index("1 of 6 NAVs set aside") < page.index("What did the source give?")
