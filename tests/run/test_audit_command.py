"""``audit STAGE`` on the toy workbench: what it says, what it refuses, what it leaves behind."""

from __future__ import annotations

import json
import re

import pytest
from toy import trend
from toy.pipeline import PIPELINE

from lib.errors import InputError
from lib.run.audit import target
from lib.stages import Pipeline

PART = ("--only", "toy/trend", "--portfolio", "two")


@pytest.fixture(scope="module")
def audited(finished_toy, tmp_path_factory):
    """A toy workbench with the stage, and the runs of it by what was asked."""
    bench = finished_toy.copy(tmp_path_factory.mktemp("audited") / "bench")
    trend.equip(bench)
    runs = {}
    for name in ("fail", "shift", "honest"):
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
    code, said, err = audit(bench, "toy/trend@two", runs["shift"], "--json")
    assert (code, err) == (1, "")
    first = said[0]["differences"][0]
    assert (first["table"], first["column"], first["inputs"]) == ("trends", "change", ["prices"])
    assert first["entity"] == {"symbol": "AAA"}
    assert first["date"] == first["day"]
    told = said[0]["verdict"]
    assert all(word in told for word in ("looks ahead", "change in trends", "symbol AAA", "of prices"))
    page = (bench.outputs / "audits" / runs["shift"] / "toy" / "trend.two.html").read_text()
    assert page.index(told) < page.index("What differs")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["toy/trent"], "no stage 'toy/trent'; did you mean `toy/trend`?"),
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


@pytest.mark.parametrize(
    ("stage", "run", "asked", "says"),
    [
        ("toy/total", None, [], "toy/total does not promise to be point-in-time"),
        ("toy/trend", "toy-none", [], "no run 'toy-none'"),
        ("toy/trend", None, ["portfolio:twoo"], "has no portfolio 'twoo'; did you mean `two`?"),
        ("toy/trend", None, ["basket:two"], "'basket:two' is no subject"),
        ("toy/trend", "fail", [], "toy/trend@two failed in run"),
        ("toy/trend", "shift", ["portfolio:one"], "has no portfolio 'one'"),
    ],
)
def test_what_cannot_be_audited_is_refused(audited, monkeypatch, stage, run, asked, says):
    bench, runs = audited
    monkeypatch.setattr(target, "PIPELINE", Pipeline(*PIPELINE, trend.ROW))
    with pytest.raises(InputError, match=re.escape(says)):
        target.targets(bench.outputs, stage, runs.get(run, run), asked)


def test_without_a_run_there_is_nothing_to_audit(monkeypatch, tmp_path):
    monkeypatch.setattr(target, "PIPELINE", Pipeline(*PIPELINE, trend.ROW))
    with pytest.raises(InputError, match=re.escape("no run yet; `python3 run_all.py` makes one")):
        target.targets(tmp_path / "none", "toy/trend", None, [])


def test_a_stage_that_was_edited_since_its_run_is_told_so(audited, tmp_path):
    bench, _ = audited
    other = bench.copy(tmp_path / "edited")
    other.edit("lib/toy/trend.py", "wide.shift(5)", "wide.shift(4)")
    code, said, _ = audit(other, "toy/trend@two", "--json")
    assert code == 0
    assert said[0]["repeated"] == ["trends"]
    assert json.dumps(said[0])


def test_clean_removes_the_audits_of_runs_that_are_gone_and_no_other(audited, tmp_path):
    bench = audited[0].copy(tmp_path / "bench")
    honest = audited[1]["honest"]
    pages = [bench.outputs / "audits" / run / "toy/trend.one.html" for run in ("gone-run", honest)]
    for page in pages:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("x")
    assert bench.run("clean", "--yes")[0] == 0
    assert [page.exists() for page in pages] == [False, True]
    assert bench.run("clean", honest, "--yes")[0] == 0
    assert not pages[1].parent.parent.exists()
