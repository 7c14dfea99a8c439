"""``audit STAGE`` on the toy workbench: what it says, what it refuses, what it leaves behind."""

from __future__ import annotations

import json

import pytest
from toy import trend

PART = ("--only", "toy/trend", "--portfolio", "two")


@pytest.fixture(scope="module")
def audited(finished_toy, tmp_path_factory):
    """A toy workbench with the stage, and the runs of it by what was asked."""
    bench = finished_toy.copy(tmp_path_factory.mktemp("audited") / "bench")
    trend.equip(bench)
    runs = {}
    for name in ("fail", "shift", "mean", "honest"):
        asked = () if name == "honest" else (*PART, "--set", f"toy/trend.how={name}")
        code, said, err = bench.run("run", *asked)
        assert code == (name == "fail"), (said, err)
        runs[name] = said[-1]["run"]
    return bench, runs


def audit(bench, *arguments):
    code, said, err = bench.run("audit", *arguments)
    return code, said, err


def test_an_honest_stage_passes_for_each_subject_and_the_page_says_what_that_means(audited):
    bench, runs = audited
    before = {path: path.stat().st_mtime_ns for path in (bench.outputs / "runs").rglob("*")}
    code, said, err = audit(bench, "toy/trend", "--warm-up", "--json")
    assert (code, err) == (0, "")
    assert [one["task"] for one in said] == ["toy/trend@one", "toy/trend@two"]
    told = said[0]
    assert (told["result"], told["differences"], told["run"]) == ("passed", [], runs["honest"])
    assert {one["kind"] for one in told["trials"]} == {"cut", "noise"}
    assert [one["table"] for one in told["inputs"]] == ["prices"]
    assert [one["table"] for one in told["without_clock"]] == ["positions"]
    assert (told["compared"], told["undated"], told["repeated"]) == (["trends"], ["notices"], [])
    assert told["warm_up"]["text"].startswith("The warm-up was not audited")
    page = (bench.outputs / "audits" / runs["honest"] / "toy" / "trend.one.html").read_text()
    assert told["verdict"] in page
    assert "do not say when their rows were known" in page
    assert f"../../../runs/{runs['honest']}/pages/toy/trend.one.html" in page
    assert before == {path: path.stat().st_mtime_ns for path in (bench.outputs / "runs").rglob("*")}
    assert not [path for path in bench.outputs.iterdir() if path.name.startswith(".work")]


def test_a_look_ahead_is_told_with_its_date_whose_it_is_its_column_and_the_input(audited):
    bench, runs = audited
    code, said, err = audit(bench, "toy/trend", runs["shift"], "--portfolio", "two", "--json")
    assert (code, err) == (1, "")
    first = said[0]["differences"][0]
    assert (first["table"], first["column"], first["inputs"]) == ("trends", "change", ["prices"])
    assert first["entity"] == {"symbol": "AAA"}
    assert first["date"] == first["day"]


def test_a_look_ahead_is_told_in_one_sentence(audited):
    bench, runs = audited
    code, said, _ = audit(bench, "toy/trend@two", runs["mean"])
    assert code == 1
    told = said[0]["text"]
    assert all(word in told for word in ("looks ahead", "level in trends", "symbol AAA", "of prices"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["toy/trent"], "no stage 'toy/trent'; did you mean `toy/trend`?"),
        (["toy/total"], "toy/total does not promise to be point-in-time"),
        (["toy/trend", "toy-none"], "no run 'toy-none'"),
        (["toy/trend", "--portfolio", "twoo"], "has no portfolio 'twoo'; did you mean `two`?"),
        (["toy/trend", "--subject", "basket:two"], "'basket:two' is no subject"),
        (["toy/trend@one", "--portfolio", "two"], "name subjects once"),
        (["toy/trend", "--moments", "1"], "--moments: found 1; audit at least two days"),
        ([], "the following arguments are required: stage"),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(audited, arguments, says):
    bench, _ = audited
    code, said, err = audit(bench, *arguments)
    assert (code, said) == (2, [])
    assert err.count("\n") == 1
    assert says in err


def test_a_stage_that_failed_in_the_run_is_refused(audited):
    bench, runs = audited
    code, _, err = audit(bench, "toy/trend", runs["fail"])
    assert code == 2
    assert f"toy/trend@two failed in run {runs['fail']}" in err


def test_without_a_run_there_is_nothing_to_audit(audited, tmp_path):
    bench, _ = audited
    code, _, err = audit(bench, "toy/trend", "--outputs", str(tmp_path / "none"))
    assert code == 2
    assert "no run yet; `python3 run_all.py` makes one" in err


def test_a_stage_that_was_edited_since_its_run_is_told_so(audited, tmp_path):
    bench, _ = audited
    other = bench.copy(tmp_path / "edited")
    other.edit("lib/toy/trend.py", "wide.shift(5)", "wide.shift(4)")
    code, said, _ = audit(other, "toy/trend@two", "--json")
    assert code == 0
    assert said[0]["repeated"] == ["trends"]
    assert json.dumps(said[0])
