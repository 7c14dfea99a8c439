"""Stages that fail in every way: red with its reason, dependents not run, the others finished, exit 1."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
from toy.processes import marked

from lib import errors
from lib.run.kernels.job import DATA_REASONS
from lib.run.pages import failures

RAISE = "from lib.errors import DataError, QualityError\nraise"
KINDS = {
    "raises": (
        'import os\nraise ValueError("no such thing", os.path.expanduser("~/secret/x"))',
        "error",
        "no such thing",
    ),
    "dies": ("import os\nos.kill(os.getpid(), 9)", "kernel", ""),
    "exits": ("import sys\nsys.exit(0)", "unfinished", ""),
    "forgets": ("notes = 1", "table", "notes"),
    "writes no row": (
        'notes = pd.DataFrame({"symbol": ["x"], "value": [1.0]}).iloc[:0]',
        "error",
        "table notes has no rows",
    ),
    "never ends": ("while True:\n    pass", "timeout", ""),
    "finds too little": (f"{RAISE} DataError('only 3 days')", "data", "only 3 days"),
    "breaks a rule": (f"{RAISE} QualityError('71 % are fresh')", "quality", "71 % are fresh"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_failing_stage_is_shown_and_stops_only_what_depends_on_it(ran, kind):
    source, reason, words = KINDS[kind]
    ran.cell("alone", 2, source)
    if kind == "forgets":
        ran.cell("alone", 3, "print(notes)")
    code, events, err = ran.run("--timeout", "4")
    assert code == 1, err
    told = next(event for event in events if event.get("task") == "toy/alone")
    assert (told["state"], told["reason"]) == ("failed", reason)
    last = events[-1]
    assert last["status"] == "failed"
    assert last["run"].endswith(".failed-1")
    run = ran.outputs / "runs" / last["run"]
    stages = {s["stage"]: s for s in json.loads((run / "manifest.json").read_text())["stages"]}
    failed = stages["toy/alone"]
    assert failed["state"] == "failed"
    assert failed["failure"]["reason"] == reason
    assert words in failed["failure"]["message"] + (failed["failure"]["evalue"] or "")
    assert f"{Path.home()}/" not in json.dumps(failed), "nothing of this machine is told"
    assert all(s["state"] == "done" for name, s in stages.items() if name != "toy/alone")
    assert (run / failed["page"]).is_file()
    assert (run / failed["notebook"]).is_file()
    front = (run / "index.html").read_text()
    assert "failed" in front.lower()
    assert failed["page"] in front
    assert not (ran.outputs / "latest").resolve().name.endswith("failed-1")


@pytest.mark.parametrize("name", ["DataError", "QualityError", "SourceLimited", "SourceUnreachable"])
def test_failures_that_lie_in_the_data_are_told_in_full_on_both_pages(name):
    reason = DATA_REASONS[name]
    failure = {"reason": reason, "ename": name, "evalue": "AAA, BBB are missing\nand more", "message": "x"}
    short = failures.in_one_line(failure)
    assert short == f"{failures.WHAT[reason]} AAA, BBB are missing. {failures.NEXT[reason]}"
    page = failures.explained(failure, "market/prices", None, {})
    assert page["what"] == failures.WHAT[reason]
    assert page["steps"][0]["text"] == failures.NEXT[reason]
    assert page["who"] == failures.WHO[name]
    assert issubclass(getattr(errors, name), errors.DataError)


def test_an_outputs_folder_may_be_named_from_where_one_stands(ran):
    ran.cell("alone", 3, "1 / 0")
    code, events, err = ran.run("--outputs", "elsewhere", "--force")
    told = next(event for event in events if event.get("task") == "toy/alone")
    assert (code, told["reason"]) == (1, "error"), err
    assert Path(events[-1]["report"]).is_absolute()
    assert (Path(events[-1]["report"]).parent / "pages/toy/alone.html").is_file()


def test_dependents_of_a_failed_stage_are_not_run_and_it_is_repeated_under_a_new_name(ran):
    ran.cell("book", 2, "1 / 0")
    code, events, _ = ran.run()
    assert code == 1
    states = {event["task"]: event["state"] for event in events if event["event"] == "stage"}
    assert states["toy/book@one"] == states["toy/book@two"] == "failed"
    assert states["toy/total@one"] == states["toy/history@two"] == "not run"
    assert states["toy/alone"] == "reused"
    run = ran.outputs / "runs" / events[-1]["run"]
    total = next(
        s for s in json.loads((run / "manifest.json").read_text())["stages"] if s["stage"] == "toy/total"
    )
    assert total["blocked_by"] == ["toy/book@one"]
    assert "ZeroDivisionError" in (run / "pages/toy/book.one.html").read_text()
    assert ran.run()[1][-1]["run"].endswith(".failed-2")


def test_code_that_the_key_does_not_cover_fails_the_stage(ran):
    ran.cell(
        "alone",
        3,
        'import importlib\nimportlib.import_module(".".join(["lib", "toy", "hooks"]))\n'
        'stage.write(notes=pd.DataFrame({"symbol": ["x"], "value": [1.0]}))\nstage.conclude("A note.", [])',
    )
    code, events, _ = ran.run()
    assert code == 1
    message = next(e["message"] for e in events if e.get("task") == "toy/alone")
    assert "lib.toy.hooks" in message


def test_a_failed_check_marks_the_stage_and_does_not_stop_the_run(ran):
    ran.edit("notebooks/toy/book.ipynb", "len(positions) > 0", "len(positions) > 1")
    code, events, err = ran.run()
    assert code == 0, err
    states = {event["task"]: event["state"] for event in events if event["event"] == "stage"}
    assert states["toy/book@one"] == "done"
    assert states["toy/book@two"] == "failed checks"
    assert states["toy/total@two"] in ("done", "reused")
    assert "failed check" in (ran.outputs / "latest/index.html").read_text().lower()


def test_results_that_are_not_reproducible_are_refused_under_force(ran):
    ran.cell("alone", 2, 'import time\nnotes = pd.DataFrame({"symbol": ["x"], "value": [time.time()]})')
    assert ran.run()[0] == 0
    code, events, _ = ran.run("--force")
    assert code == 1
    assert "not reproducible" in next(e["message"] for e in events if e.get("task") == "toy/alone")


def test_two_runs_at_once_the_second_names_the_holder_and_exits_75(ran):
    ran.cell("alone", 2, "import time\ntime.sleep(20)")
    first = ran.start()
    deadline = time.monotonic() + 20
    while not list(ran.outputs.glob(".work/*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    code, _, err = ran.run()
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    assert code == 75
    assert f"process {first.pid}" in err
    assert "toy 2022-12-28" in err


def test_sigterm_ends_everything_at_once_and_leaves_a_run_that_says_so(ran):
    before = {path.name for path in (ran.outputs / "runs").iterdir()}
    ran.cell("alone", 2, "import subprocess\nsubprocess.run(['sleep', '300'])")
    process = ran.start()
    deadline = time.monotonic() + 30
    while not marked("WORKBENCH_CONTEXT", ran.root) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert marked("WORKBENCH_CONTEXT", ran.root)
    process.terminate()
    assert process.wait(timeout=10) == 143
    out, _ = process.communicate()
    time.sleep(2)
    assert not marked("WORKBENCH_CONTEXT", ran.root)
    events = [json.loads(line) for line in out.splitlines()]
    assert not [event for event in events if event.get("state") == "failed"]
    assert events[-1]["status"] == "stopped"
    (stopped,) = {path.name for path in (ran.outputs / "runs").iterdir()} - before
    assert stopped == events[-1]["run"]
    assert stopped.endswith(".stopped-1")
    manifest = ran.manifest(stopped)
    assert (manifest["state"], manifest["stopped"]) == ("stopped", "SIGTERM")
    states = {one["stage"]: one["state"] for one in manifest["stages"]}
    assert states == {**dict.fromkeys(states, "done"), "toy/alone": "not run"}
    page = (ran.outputs / "runs" / stopped / "index.html").read_text()
    assert "The run was ended by SIGTERM, 7 of 8 stages had run" in page
    assert stopped not in (ran.outputs / "latest").resolve().name
    assert any(event["text"].startswith(f"{stopped} ") for event in ran.run("runs")[1])
    assert ran.run("verify", stopped)[0] == 2


def test_a_warm_process_that_is_killed_is_started_again_with_the_stage_under_way(ran):
    ran.cell(
        "alone",
        2,
        "import os, signal\nif not os.path.exists(KILLED):\n"
        "    open(KILLED, 'w').close()\n    os.kill(os.getppid(), signal.SIGKILL)\n    import time\n"
        "    time.sleep(60)\nimport pandas as pd\n"
        'notes = pd.DataFrame({"symbol": ["x"], "value": [1.0]})'.replace(
            "KILLED", repr(str(ran.root / "once"))
        ),
    )
    code, events, err = ran.run()
    assert code == 0, err
    assert (ran.root / "once").exists()
    told = [event for event in events if event.get("task") == "toy/alone"]
    assert [event["state"] for event in told] == ["done"]


def test_a_page_that_cannot_be_written_is_a_failure_of_its_stage(ran):
    ran.edit("notebooks/toy/alone.ipynb", "# The alone", "# Page of alone")
    ran.edit(
        "lib/run/pages/writing.py",
        "    from lib.run.pages.stage_page import stage_page\n",
        '    if "alone" in Path(payload["notebook"]).read_text():\n        raise ValueError("no ink")\n'
        "    from lib.run.pages.stage_page import stage_page\n",
    )
    code, events, err = ran.run()
    assert code == 1, err
    failed = next(event for event in events if event.get("task") == "toy/alone")
    assert failed["state"] == "failed"
    assert "no ink" in failed["message"]
    assert (ran.outputs / "runs" / events[-1]["run"] / "index.html").exists()
