"""`run_all.py alerts`: what is listed, that an alert was seen, whether channels work, and wrong words."""

from __future__ import annotations

import io

import pytest
import runs_fixtures as runs
from alert_receivers import Hooks, serving
from bs4 import BeautifulSoup
from rich.console import Console

from lib.run import cli
from lib.run.alerts.history import History
from lib.run.live_table import LiveEvents
from lib.run.pages import writing

PARAMS = """\
name: demo
as_of: 2022-12-28
alerts:
  channels:
    - {{id: desk, type: webhook, url: "{url}/${{ALERT_PLACE}}"}}
    - {{id: dead, type: webhook, url: "http://127.0.0.1:9"}}
    - {{id: mute, type: email, host: localhost, sender: a@b.c, to: [a@b.c],
       user: u, password: "${{ALERT_NONE}}"}}
"""


def alert(number: int, priority: str, **more: object) -> dict:
    known = {
        "id": f"{number:08d}",
        "key": "r@one",
        "asks": "x",
        "rule": "r",
        "type": "table",
        "subject": "one",
    }
    seen = {
        "as_of": f"2022-12-{number:02d}",
        "day": "",
        "run": "demo",
        "what": "",
        "value": 1.0,
        "threshold": 0.0,
    }
    return {**known, **seen, "priority": priority, "message": f"Number {number}", "channels": [], **more}


@pytest.fixture
def outputs(tmp_path):
    """A history of three alerts, one of which a channel refused."""
    history = History(tmp_path / "outputs", "demo")
    for number, priority in ((1, "low"), (2, "critical"), (12, "high")):
        fired = [alert(number, priority)]
        as_of = fired[0]["as_of"]
        history.add(
            {"fact": "evaluated", "as_of": as_of, "run": "demo", "digest": "", "states": {}, "fired": fired}
        )
    history.add(
        {"fact": "sent", "alert": "00000002", "channel": "desk", "outcome": "failed", "detail": "HTTP 1"}
    )
    return tmp_path / "outputs"


@pytest.fixture
def alerts(outputs, capsys):
    """Calls the command; exit code, what it printed, and errors."""

    def call(*arguments: str) -> tuple[int, list[str], str]:
        code = cli.main(["alerts", arguments[0], "--outputs", str(outputs), *arguments[1:]])
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return call


def test_alerts_are_listed_newest_first_and_by_priority(alerts):
    code, lines, _ = alerts("list")
    assert code == 0
    assert [line[:8] for line in lines if line[0] != " "] == ["00000012", "00000002", "00000001"]
    assert "desk failed: HTTP 1" in lines[2]
    assert [line[:8] for line in alerts("list", "--priority", "high")[1]] == ["00000012"]
    assert alerts("list", "--priority", "medium")[1] == ["no such alert waits; 3 in the history"]


def test_an_alert_that_was_seen_is_listed_no_more_but_with_all(alerts, outputs):
    before = (outputs / "alerts/demo.jsonl").read_bytes()
    code, lines, _ = alerts("ack", "0000001", "--note", "sold\x1b[2J it")
    assert (code, lines) == (0, ["00000012 is acknowledged: Number 12"])
    assert (outputs / "alerts/demo.jsonl").read_bytes().startswith(before)
    assert not any("Number 12" in line for line in alerts("list")[1])
    told = alerts("list", "--all")[1]
    assert "Number 12" in told[0]
    assert "sold\\x1b[2J it" in told[1]
    after = (outputs / "alerts/demo.jsonl").read_bytes()
    assert "before" in alerts("ack", "00000012")[1][0]
    assert (outputs / "alerts/demo.jsonl").read_bytes() == after
    assert alerts("stats")[1][0] == "3 alerts fired, 2 not acknowledged"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "--priority", "hihg"], "--priority: found 'hihg'; did you mean `high`?"),
        (["ack", "00000"], "more than one alert begins so; give more of its id"),
        (["ack", "000"], "no alert '000'"),
        (["ack", "00000003"], "no alert '00000003'; did you mean `0000000"),
        (["ack"], "ID"),
        (["ack", "00000012", "--note", "x" * 400], "--note: 400 characters; at most 300"),
        (["lits"], "invalid choice: 'lits'"),
        (["test", "--params", "nothing.yaml"], "nothing.yaml: no such file"),
        (["test", "--params", "params/sample.yaml"], "params/sample.yaml: alerts: no channel"),
    ],
)
def test_wrong_words_are_refused_with_exit_2_and_one_message(alerts, arguments, words, monkeypatch):
    monkeypatch.chdir(cli.ROOT)
    code, lines, err = alerts(*arguments)
    assert (code, lines) == (2, [])
    assert err.startswith("error: ") and err.count("\n") == 1
    assert words in err


def test_a_damaged_line_is_named_and_the_others_are_listed(alerts, outputs):
    path = outputs / "alerts/demo.jsonl"
    path.write_text(path.read_text().replace("Number 2", "Number 9"))
    lines = alerts("list")[1]
    assert lines[0] == "warning: alerts/demo.jsonl: line 2 is not as it was written"
    assert [line[:8] for line in lines if line[:3] == "000"] == ["00000012", "00000001"]


def test_channels_are_tried_one_by_one_and_a_failure_is_exit_1(alerts, outputs, tmp_path, monkeypatch):
    monkeypatch.setenv("ALERT_PLACE", "canary-place")
    monkeypatch.delenv("ALERT_NONE", raising=False)
    before = (outputs / "alerts/demo.jsonl").read_bytes()
    with serving(Hooks()) as server:
        params = tmp_path / "demo.yaml"
        params.write_text(PARAMS.format(url=server.url))
        code, lines, _ = alerts("test", "--params", str(params))
        assert code == 1
        assert lines == [
            "desk: sent",
            "dead: failed (ConnectionRefusedError: Connection refused)",
            "mute: failed (ALERT_NONE is not set in the environment)",
        ]
        assert alerts("test", "desk", "--params", str(params))[:2] == (0, ["desk: sent"])
        assert "did you mean `desk`" in alerts("test", "dsek", "--params", str(params))[2]
        assert [one["path"] for one in server.posts] == ["/canary-place"] * 2
        assert server.posts[0]["message"] == "This is a test of a channel, no alert"
    assert (outputs / "alerts/demo.jsonl").read_bytes() == before


def test_the_page_of_every_run_shows_the_newest_that_wait_and_takes_no_text_for_code():
    manifest = runs.manifest()
    fate = {"params": "sample", "moment": "", "sent": {}, "acknowledged": None}
    evil = "<script>alert(1)</script>"
    fired = [{**alert(n, "high", run=manifest["run"], message=f"{evil} {n}"), **fate} for n in range(1, 13)]
    fired[0] |= {"acknowledged": {"note": "", "moment": ""}}
    fired[1] |= {"sent": {"desk": {"outcome": "failed", "detail": ""}}, "run": "gone"}
    page = writing.runs_page([manifest], {}, fired)
    assert evil not in page
    shown = BeautifulSoup(page, "html.parser").find(id="alerts").parent
    lines = [one.text for one in shown.find_all("li")]
    assert len(lines) == 10
    assert f"{evil} 2" in lines[0]
    assert "not told: desk" in lines[0]
    assert "And 1 more." in shown.text
    assert {one["href"] for one in shown.find_all("a")} == {f"runs/{manifest['run']}/index.html"}
    assert "alerts" not in writing.runs_page([manifest])


def test_a_person_at_a_terminal_sees_an_alert():
    screen = io.StringIO()
    told = {"id": "0a1b2c3d", "rule": "r", "subject": None, "priority": "high", "message": "[It] fell"}
    LiveEvents(Console(file=screen, width=100)).alert(told)
    assert screen.getvalue() == "high alert 0a1b2c3d: [It] fell\n"
