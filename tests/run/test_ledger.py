"""The ledger of trials: nobody can forget to keep it, a repeat adds none, and an edit of it is found."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from toy.trials import with_trials

from lib.contracts import RUN_SETTINGS
from lib.ledger import Ledger, Trial, result_of, trial_of
from lib.pipeline import PIPELINE
from lib.run.request.parameter_cell import read_notebook

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """A toy with a trial, run once; not to be changed."""
    from toy.workbench import make

    bench = with_trials(make(tmp_path_factory.mktemp("tried") / "bench"))
    assert bench.executed()["toy/judge@one"] == "done"
    return bench


@pytest.fixture
def bench(tried, tmp_path):
    return tried.copy(tmp_path / "bench")


def book(bench, subject="one"):
    return Ledger(bench.outputs, "portfolio", subject)


def verdict(bench, subject="one"):
    path = bench.outputs / f"latest/tables/portfolio={subject}/verdicts.parquet"
    return pd.read_parquet(path).set_index("symbol")["value"].to_dict()


def by_hand(bench, *scales, cells=3):
    """The cells of the notebook, as JupyterLab runs them in one kernel, with other scales."""
    cells_of = json.loads((bench.root / "notebooks/toy/total.ipynb").read_text())["cells"]
    code = [one["source"] for one in cells_of if one["cell_type"] == "code"]
    ran = [line for scale in scales for line in (code[0], f"scale = {scale}", *code[1 : cells + 1])]
    variables = {name: value for name, value in os.environ.items() if name != "WORKBENCH_CONTEXT"}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(ran)],
        cwd=bench.root / "notebooks" / "toy",
        env={**variables, "PYTHONPATH": str(bench.root)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_what_a_run_tries_is_kept_once_and_a_second_run_costs_nothing(bench):
    assert len(book(bench).trials()) == 1
    before = book(bench).path.read_bytes()
    assert set(bench.executed().values()) <= {"reused"}
    assert book(bench).path.read_bytes() == before
    assert verdict(bench) == {"trials": 0.0, "returns": 0.0}


def test_forty_variants_by_command_line_and_by_hand_are_forty_also_when_results_are_gone(bench):
    for scale in range(2, 6):
        bench.executed("--only", "toy/total", "--set", f"toy/total.scale={scale}")
    for scale in range(4, 8):
        by_hand(bench, scale)
    by_hand(bench, *range(8, 41))
    assert len(book(bench).trials()) == 40
    code, _, err = bench.run("clean", "--keep", "1", "--yes")
    assert code == 0, err
    by_hand(bench, 17.0)
    by_hand(bench, 9)
    assert len(book(bench).trials()) == 40
    assert [one["by"] for one in map(json.loads, book(bench).path.read_text().splitlines())].count("run") == 5
    assert bench.executed()["toy/judge@one"] == "done"
    assert verdict(bench) == {"trials": 39.0, "returns": 39 * 3.0}
    assert set(bench.executed().values()) <= {"reused"}
    assert verdict(bench, "two") == {"trials": 4.0, "returns": 12.0}


def test_another_trial_makes_the_judgement_anew_and_nothing_else(bench):
    bench.executed("--set", "toy/total.scale=2", "--portfolio", "one")
    states = bench.executed()
    assert {task for task, state in states.items() if state != "reused"} == {"toy/judge@one"}
    assert verdict(bench) == {"trials": 1.0, "returns": 3.0}
    code, events, _ = bench.run("verify")
    assert code == 0, events


def test_what_is_looked_at_before_the_notebook_ends_counts(bench):
    by_hand(bench, 77, cells=2)
    assert len(book(bench).trials()) == 2


def test_the_day_and_the_seed_are_no_other_specification(bench):
    bench.executed("--as-of", "2022-12-27")
    assert len(book(bench).trials()) == 1


@pytest.mark.parametrize("row", [row for row in PIPELINE if row.trial], ids=lambda row: row.name)
def test_how_finely_it_is_drawn_is_no_other_specification_and_what_is_drawn_is(row):
    settings = {
        one.name: one.default for one in read_notebook(ROOT / f"notebooks/{row.name}.ipynb").parameters
    }
    assert set(row.aside) <= settings.keys()
    base = trial_of(row, {row.name: settings})
    assert trial_of(row, {row.name: settings | dict.fromkeys(row.aside, 12345)}) == base
    told = [name for name in settings if name not in (*row.aside, *RUN_SETTINGS, row.per, f"{row.per}_name")]
    for name in told:
        assert trial_of(row, {row.name: settings | {name: 12345}}) != base, name


def test_a_new_setting_at_its_default_is_no_other_specification(tmp_path):
    own = Ledger(tmp_path, "signal", "x")
    assert own.note(Trial("a/b", {"a/b.n": 1}), by="run")
    later = Trial("a/b", {"a/b.n": 1, "a/b.new": 2})
    assert not own.note(later, by="run", defaults={"a/b.new": 2.0})
    assert own.note(Trial("a/b", {"a/b.n": 1, "a/b.new": 3}), by="run", defaults={"a/b.new": 2})
    assert own.others([(later, {"a/b.new": 2})]).count(b"\n") == 1


@pytest.mark.parametrize("name", ["signals/events", "signals/panel"])
def test_of_a_stage_that_is_repeated_what_is_used_belongs_to_the_specification(name):
    row, sort = PIPELINE.stage(name), {"lag": 1, "max_age": 200, "delisting_return": -0.3, "n_groups": 10}
    tried = {
        one: trial_of(row, {"signals/deciles": {**sort, **change}}).specification
        for one, change in (
            ("as it is", {}),
            ("another lag", {"lag": 2}),
            ("another end", {"delisting_return": -1.0}),
            ("other groups", {"n_groups": 5}),
        )
    }
    assert tried["other groups"] == tried["as it is"]
    assert len({*tried.values()}) == 3


def test_a_result_that_comes_later_is_kept_with_its_trial(tmp_path):
    own, trial = Ledger(tmp_path, "signal", "x"), Trial("a/b", {})
    own.note(trial, by="hand")
    earned = result_of(["2020-01-31", "2020-02-29"], [0.1, float("nan")])
    assert own.note(trial, by="hand", result=earned)
    assert not own.note(trial, by="hand", result=earned)
    assert own.trials()[trial.specification]["result"] == {"dates": ["2020-01-31"], "returns": [0.1]}


def test_a_line_that_a_killed_writer_left_unfinished_is_no_line(tmp_path):
    own = Ledger(tmp_path, "signal", "x")
    own.note(Trial("a/b", {"n": 1}), by="run")
    with own.path.open("ab") as file:
        file.write(b'{"fact": "trial", "spec')
    assert list(own.faults()) == []
    own.note(Trial("a/b", {"n": 2}), by="run")
    assert (len(own.trials()), list(own.faults())) == (2, [])


def test_two_writers_at_once_lose_nothing(tmp_path):
    code = (
        "import sys; from pathlib import Path; from lib.ledger import Ledger, Trial\n"
        "for n in range(40):\n"
        "    trial = Trial('a/b', {'n': n, 'w': sys.argv[2]})\n"
        "    Ledger(Path(sys.argv[1]), 'signal', 'x').note(trial, by='run')"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), who]) for who in "ab"]
    assert [one.wait() for one in writers] == [0, 0]
    own = Ledger(tmp_path, "signal", "x")
    assert (len(own.trials()), list(own.faults())) == (80, [])


def test_a_hundred_of_a_hundred_edits_of_the_ledger_are_named(bench):
    for scale in range(2, 8):
        by_hand(bench, scale)
    bench.executed("--set", "toy/total.scale=9")
    own, head = book(bench), book(bench).head()
    whole, draw = own.path.read_bytes(), random.Random(5)
    assert list(own.faults(head)) == []
    for _ in range(100):
        at = draw.randrange(len(whole))
        kind = draw.choice(("change", "remove", "insert", "line", "swap"))
        lines = whole.split(b"\n")[:-1]
        if kind == "change":
            edited = whole[:at] + bytes([(whole[at] + 1 + draw.randrange(254)) % 256]) + whole[at + 1 :]
        elif kind == "remove":
            edited = whole[:at] + whole[at + 1 + draw.randrange(40) :]
        elif kind == "insert":
            edited = whole[:at] + b"7" + whole[at:]
        elif kind == "line":
            lines.pop(draw.randrange(len(lines)))
            edited = b"".join(line + b"\n" for line in lines)
        else:
            first, second = draw.sample(range(len(lines)), 2)
            lines[first], lines[second] = lines[second], lines[first]
            edited = b"".join(line + b"\n" for line in lines)
        own.path.write_bytes(edited)
        assert list(own.faults(head)), (kind, at)
    own.path.write_bytes(whole)


def test_verify_names_an_edited_ledger_and_an_edited_question(bench):
    code, events, err = bench.run("register", "one", "--set", "toy/judge.bar=2.5")
    assert code == 0, err
    assert "1 specifications of it were tried before" in events[-1]["text"]
    question = bench.root / "params/registered/one.yaml"
    assert "bar: 2.5" in question.read_text()
    states = bench.executed("--set", "toy/judge.bar=2.5")
    assert (states["toy/judge@one"], states["toy/judge@two"]) == ("done", "done")
    assert bench.run("verify")[0] == 0
    text = book(bench).path.read_text()
    book(bench).path.write_text(text.replace("0.03", "0.04", 1))
    code, events, _ = bench.run("verify")
    assert code == 1
    assert "trials/portfolio=one.jsonl: line 1 is not as it was written" in str(events)
    book(bench).path.write_text(text)
    question.write_text(question.read_text().replace("bar: 2.5", "bar: 1.5"))
    assert bench.executed("--set", "toy/judge.bar=2.5")["toy/judge@one"] == "done"
    code, events, _ = bench.run("verify")
    assert code == 1
    assert "one.yaml: is not what was registered" in str(events)


def test_a_question_is_registered_once_and_for_a_subject_that_there_is(bench):
    assert bench.run("register", "one")[0] == 0
    code, _, err = bench.run("register", "one")
    assert code == 2
    assert "one.yaml: is registered already" in err
    code, _, err = bench.run("register", "onne")
    assert code == 2
    assert "no signal or portfolio 'onne'" in err or "no portfolio or signal 'onne'" in err
