"""What ``plan``, ``validate`` and ``runs`` say as one line of JSON, and a file's rows as they are read."""

from __future__ import annotations

import pytest

from lib.run.foresight import MOST_ROWS, rows_as_read


@pytest.fixture(scope="module")
def bench(finished_toy, tmp_path_factory):
    return finished_toy.copy(tmp_path_factory.mktemp("foresight") / "bench")


def told(bench, *arguments, code=0):
    found, said, err = bench.run(*arguments, "--json")
    assert found == code, err
    assert len(said) == 1, said
    return said[0], err


def test_a_plan_names_every_task_with_what_would_be_done_and_why(bench):
    stored, _ = told(bench, "plan")
    assert stored["event"] == "plan"
    assert stored["counts"] == {"run": 0, "may run": 0, "have": len(stored["stages"])}
    assert {one["action"] for one in stored["stages"]} == {"have"}
    assert stored["run"] == (bench.outputs / "latest").resolve().name
    other, _ = told(bench, "plan", "--as-of", "2024-01-02")
    assert sum(other["counts"].values()) == len(other["stages"])
    assert other["counts"]["run"] and all(one["why"] for one in other["stages"] if one["action"] != "have")


def test_runs_are_listed_newest_first_and_a_damaged_one_says_so(bench):
    name = (bench.outputs / "latest").resolve().name
    listed, _ = told(bench, "runs")
    assert [(one["run"], one["state"]) for one in listed["runs"]] == [(name, "done")]
    assert set(listed["runs"][0]) == {"run", "state", "as_of", "finished", "executed", "reused"}
    broken = bench.outputs / "runs" / "broken-2024-01-01-00000000"
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    listed, _ = told(bench, "runs")
    assert {(one["run"], one["state"]) for one in listed["runs"]} == {
        (name, "done"),
        (broken.name, "damaged"),
    }


def test_a_good_params_file_is_valid_with_its_checks_and_tables(bench):
    good, _ = told(bench, "validate")
    assert (good["event"], good["valid"]) == ("validate", True)
    assert good["stages"] > 0 and good["tables"] and isinstance(good["warnings"], list)
    assert all(isinstance(rows, int) for rows in good["tables"].values())


def test_a_wrong_one_has_every_fault_with_its_parts_and_the_same_lines_and_code_as_without(bench):
    wrong, err = told(bench, "validate", "--as-of", "never", code=2)
    assert (wrong["event"], wrong["valid"]) == ("validate", False)
    fault = wrong["faults"][0]
    assert set(fault) == {"found", "mend", "file", "line", "field"}
    code, _, plain = bench.run("validate", "--as-of", "never")
    assert (code, plain) == (2, err) and fault["found"] in err


def test_rows_of_a_file_are_a_table_without_empty_columns_and_the_others_are_counted():
    columns = ["line", "ticker", "strike", "remarks"]
    rows = [[2, "AAPL", None, ""], [13, "B" * 60, None, "rejected\x1b[31m"]]
    lines = rows_as_read({"columns": columns, "rows": rows, "more": 7})
    assert lines[0].split() == ["line", "ticker", "remarks"]
    assert lines[1].split() == ["2", "AAPL"]
    assert lines[2].split()[1] == "B" * 39 + "…"
    assert "\x1b" not in lines[2]
    assert lines[3] == "  and 7 more rows"
    assert rows_as_read({"columns": columns, "rows": [], "more": 0}) == rows_as_read(None) == []
    many = rows_as_read({"columns": columns, "rows": rows * MOST_ROWS, "more": 0})
    assert many[-1] == f"  and {MOST_ROWS} more rows"
