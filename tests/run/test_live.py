"""A provider that fetches: asked again only when something can have changed, and never twice for nothing.

The toy's provider `live` reads a file that the test edits, and notes each call.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toy.processes import marked

PAST, FUTURE = "2000-01-01T00:00:00+00:00", "2999-01-01T00:00:00Z"
EVENT = {"event": "sync", "symbol": "BBB", "state": "retry", "reason": "limited", "attempt": 2, "wait": 1.5}
HEAVY = {"pandas", "numpy", "pyarrow", "papermill", "nbformat", "pydantic", "exchange_calendars", "psutil"}
PROXY = "http" + "://me:hunter2@127.0.0.1:9"


class Live:
    """A toy workbench with the live provider, and what its hook was asked."""

    def __init__(self, bench):
        self.bench, self.root, self.outputs = bench, bench.root, bench.outputs

    def settings(self, text: str) -> None:
        path = self.root / "params" / "sample.yaml"
        lines = [line for line in path.read_text().splitlines() if not line.startswith("data:")]
        path.write_text("\n".join([*lines, f"data: {{provider: live, {text}}}"]) + "\n")

    def source(self, **first: int) -> None:
        rows = [f"{symbol},{value}" for symbol, value in first.items()]
        (self.root / "source.csv").write_text("\n".join(["symbol,first", *rows]) + "\n")

    def tell(self, **told) -> None:
        (self.root / "told.json").write_text(json.dumps(told))

    def calls(self, what: str = "fetch") -> list[dict]:
        path = self.root / "calls.txt"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [line for line in lines if line["what"] == what]

    def executed(self, *arguments: str) -> set[str]:
        return {task for task, state in self.bench.executed(*arguments).items() if state != "reused"}

    def status(self, *arguments: str, env: dict | None = None) -> tuple[str, str, list[dict]]:
        """Status and id of a run, and its events."""
        code, events, err = self.bench.run(*arguments, env=env)
        assert code == 0, err
        return events[-1]["status"], events[-1]["run"], events


@pytest.fixture
def live(ran):
    """The toy that has been run on the sample, now on a live source that says the same."""
    made = Live(ran)
    made.settings('start: "2022-12-01"')
    made.source(AAA=0, BBB=1)
    made.tell(until=FUTURE)
    return made


@pytest.fixture
def fetched(live):
    """The live toy after its first run."""
    assert live.status()[0] == "done"
    assert len(live.calls()) == 1
    return live


def test_the_same_data_from_another_provider_execute_nothing(live):
    assert live.executed() == set()
    assert live.bench.manifest()["request"]["data"]["provider"] == "live"


def test_a_second_run_asks_nothing_and_loads_nothing_heavy(fetched):
    assert fetched.status()[0] == "unchanged"
    imports = subprocess.run(
        [sys.executable, "-X", "importtime", "run_all.py"], cwd=fetched.root, capture_output=True, text=True
    ).stderr
    loaded = {line.split("|")[-1].strip().split(".")[0] for line in imports.splitlines()}
    assert not loaded & HEAVY
    assert len(fetched.calls()) == 1


def test_an_answer_that_is_taken_again_is_told_and_refresh_asks_anew(fetched):
    events = fetched.status()[2]
    assert events[0]["state"] == "reused"
    assert events[0]["detail"] == f"the last answer stands until {FUTURE}; --refresh asks anew"
    assert len(fetched.calls()) == 1
    assert fetched.status("--refresh")[0] == "unchanged"
    assert len(fetched.calls()) == 2
    assert fetched.calls()[1]["request"]["refresh"] is True
    code, _, err = fetched.bench.run("--refresh", "--offline")
    assert (code, err) == (2, "error: --offline and --refresh exclude each other; leave one of them out\n")


def test_one_stage_alone_sees_the_data_of_the_whole_run(fetched):
    assert fetched.status("--only", "toy/source")[2][-1].get("executed", 0) == 0
    assert len(fetched.calls()) == 1


def test_the_symbols_of_the_portfolios_are_asked_for_whichever_stages_the_params_name(live):
    path = live.root / "params" / "sample.yaml"
    path.write_text(path.read_text() + "run_stages: [toy/source]\n")
    live.status()
    assert [call["request"]["symbols"] for call in live.calls()] == [["AAA", "BBB"]]


def test_an_answer_whose_time_has_passed_is_asked_again_and_equal_content_executes_nothing(fetched):
    before = fetched.bench.manifest()["run"]
    (fetched.outputs / "market" / "prices.csv").unlink()
    fetched.tell(until=PAST)
    for calls in (2, 3):
        status, run, events = fetched.status()
        assert (status, run, len(events)) == ("unchanged", before, 1)
        assert len(fetched.calls()) == calls
    assert not any(PAST in path.read_text() for path in [fetched.outputs / "cache.json"])


def test_a_changed_file_of_the_store_is_noticed(fetched):
    kept = fetched.outputs / "market" / "prices.csv"
    kept.write_text(kept.read_text() + "CCC,7\n")
    assert fetched.status()[0] == "unchanged"
    assert len(fetched.calls()) == 2


def test_a_store_elsewhere_is_another_question(fetched):
    fetched.settings('start: "2022-12-01", store: shared')
    assert fetched.status()[0] == "unchanged"
    assert Path(fetched.calls()[-1]["request"]["store"]) == (fetched.root / "params" / "shared").resolve()
    assert (fetched.root / "params" / "shared" / "prices.csv").exists()


def test_one_changed_value_executes_what_depends_on_it_and_nothing_else(fetched):
    fetched.source(AAA=0, BBB=2)
    assert fetched.executed() == set(), "the answer still stands"
    (fetched.outputs / "market" / "prices.csv").unlink()
    books = {"toy/book@one", "toy/book@two"}
    of_the_one_that_holds_it = {"toy/total@one", "toy/history@one"}
    assert fetched.executed() == {"toy/source", "toy/alone", *books, *of_the_one_that_holds_it}


def test_what_the_source_did_is_logged_and_kept_among_the_moments_alone(fetched):
    before = fetched.bench.manifest()
    fetched.tell(until=PAST, events=[EVENT])
    (fetched.outputs / "market" / "prices.csv").unlink()
    status, run, events = fetched.status()
    assert (status, run) == ("unchanged", before["run"]), "events are no part of what identifies a run"
    assert events[0] == {"section": "data", **EVENT}
    fetched.source(AAA=0, BBB=3)
    _, run, events = fetched.status()
    assert run != before["run"]
    assert events[0] == {"section": "data", **EVENT}
    manifest = fetched.bench.manifest()
    fetch = manifest["moments"].pop("fetch")["data"]
    assert fetch["events"] == [EVENT]
    held = f"the store {fetched.outputs / 'market'} is being written by process 4711 on box"
    fetched.tell(until=PAST, events=[{**EVENT, "detail": held}])
    fetched.source(AAA=0, BBB=4)
    events = fetched.status()[2]
    assert events[0]["detail"] == held, "a person who looks into it may need both"
    kept = fetched.bench.manifest()["moments"]["fetch"]["data"]["events"][0]
    assert kept["detail"] == "the store . is being written by another process on box"
    assert (fetch["requests"], fetch["offline"], fetch["reused"]) == (2, False, False)
    assert "BBB" not in json.dumps(manifest)
    for path in (fetched.outputs / "runs" / run).rglob("*.json"):
        assert path.name == "manifest.json" or b"retry" not in path.read_bytes()


def test_a_later_run_on_the_same_answer_says_how_it_was_fetched(fetched):
    assert fetched.status("--set", "toy/book.factor=2")[0] == "done"
    fetch = fetched.bench.manifest()["moments"]["fetch"]["data"]
    assert fetch["reused"]
    assert fetch["at"] == fetched.calls()[0]["request"]["now"]


def test_the_hook_is_told_everything_that_it_needs(fetched):
    asked = fetched.calls()[0]["request"]
    assert asked["section"] == "data"
    assert asked["settings"] == {
        "provider": "live",
        "start": "2022-12-01",
        "attempts": 4,
        "deadline": 600.0,
    }
    assert asked["store"] == str(fetched.outputs.resolve() / "market")
    assert (asked["exchange"], asked["offline"], asked["symbols"]) == ("XNYS", False, ["AAA", "BBB"])
    assert asked["now"].endswith("+00:00")


def test_plan_and_validate_ask_offline_and_what_they_got_is_not_taken_for_fetched(fetched):
    (fetched.outputs / "market" / "prices.csv").write_text("symbol,first\nAAA,0\nBBB,5\n")
    assert fetched.bench.plan()["toy/source"].startswith("run input raw_prices changed")
    code, _, err = fetched.bench.run("validate")
    assert code == 0, err
    assert [call["request"]["offline"] for call in fetched.calls()] == [False, True, True]
    assert (fetched.outputs / "market" / "prices.csv").read_text().endswith("BBB,5\n")
    assert fetched.status()[0] == "unchanged"
    assert [call["request"]["offline"] for call in fetched.calls()] == [False, True, True, False]


def test_plan_before_the_first_fetch_makes_nothing(live):
    live.bench.plan()
    assert [call["request"]["offline"] for call in live.calls()] == [True]
    assert not (live.outputs / "market").exists()


def test_a_run_offline_takes_the_store_as_it_is_and_leaves_the_asking_to_the_next(fetched):
    (fetched.outputs / "market" / "prices.csv").write_text("symbol,first\nAAA,0\nBBB,5\n")
    assert "toy/source" in fetched.executed("--offline")
    assert fetched.bench.manifest()["moments"]["fetch"]["data"]["offline"]
    assert fetched.calls()[-1]["request"]["offline"]
    assert fetched.status()[0] == "unchanged"
    assert not fetched.calls()[-1]["request"]["offline"]


def test_how_a_source_is_asked_is_no_part_of_the_run(fetched):
    run = fetched.bench.manifest()["run"]
    fetched.settings('start: "2022-12-01", attempts: 9, deadline: 60')
    assert fetched.status()[:2] == ("unchanged", run)
    assert fetched.calls()[-1]["request"]["settings"]["attempts"] == 9
    fetched.settings('start: "2022-11-01"')
    assert fetched.status()[1] != run


def test_a_run_is_verified_from_its_own_slice_when_source_and_store_are_gone(fetched):
    (fetched.outputs / "market" / "prices.csv").unlink()
    (fetched.root / "source.csv").unlink()
    code, events, err = fetched.bench.run("verify")
    assert code == 0, err
    assert "all equal" in events[0]["text"]
    assert len(fetched.calls()) == 1


def test_the_way_to_the_network_reaches_the_hook_and_what_it_starts_but_no_kernel(live):
    network = (
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
        "CURL_CA_BUNDLE",
    )
    live.bench.cell("alone", 3, 'import os\nprint("sees", sorted(os.environ))\nstage.write(notes=notes)\n'
                    'stage.conclude("A note.", [])')  # fmt: skip
    live.status(env={**dict.fromkeys(network, "somewhere"), "HOME": str(live.root)})
    call = live.calls()[0]
    assert {*network, "HOME"} <= set(call["seen"]) & set(call["below"])
    printed = (live.outputs / "latest/notebooks/toy/alone.ipynb").read_text()
    assert "sees" in printed
    assert "PYTHONHASHSEED" in printed
    assert not [name for name in network if name in printed]


def test_secrets_of_the_environment_are_in_no_file_and_on_no_stream(live):
    secrets = {"API_TOKEN": "canary-1f8e", "DATABASE_PASSWORD": "canary-1f8e", "HTTPS_PROXY": PROXY}
    live.tell(until=FUTURE, events=[{"state": "failed", "detail": f"no way through {PROXY}"}])
    process = live.bench.start(env=secrets)
    told = [*process.communicate(timeout=180)]
    assert process.returncode == 0, told[1]
    live.tell(raises=True)
    (live.outputs / "market" / "prices.csv").unlink()
    process = live.bench.start(env=secrets)
    told += process.communicate(timeout=180)
    assert process.returncode == 1
    assert "no way through" in told[-1]
    assert "127.0.0.1:9" in told[-1]
    told += [path.read_bytes().decode("latin-1") for path in live.outputs.rglob("*") if path.is_file()]
    assert not [text[:200] for text in told if "canary-1f8e" in text or "hunter2" in text]
    assert "API_TOKEN" not in live.calls()[0]["seen"]


def test_a_run_that_is_stopped_while_it_fetches_leaves_no_process_and_a_second_one_does_not_wait(live):
    live.tell(until=FUTURE, lasts=True)
    process = live.bench.start(env={"WORKBENCH_MARK": str(live.root)})
    deadline = time.monotonic() + 30
    while not live.calls() and time.monotonic() < deadline:
        time.sleep(0.1)
    code, _, err = live.bench.run()
    assert code == 75
    assert f"process {process.pid}" in err
    while len(marked("WORKBENCH_MARK", live.root)) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 130
    process.communicate()
    time.sleep(2)
    assert not marked("WORKBENCH_MARK", live.root)


@pytest.mark.parametrize(
    "told", [{"until": "tomorrow"}, {"until": FUTURE, "events": ["limited"]}, {"until": FUTURE, "events": 3}]
)
def test_a_hook_that_breaks_its_contract_is_named(live, told):
    live.tell(**told)
    code, _, err = live.bench.run()
    assert code == 1
    assert "lib.toy.hooks:prepare answered" in err
