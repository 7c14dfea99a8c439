"""What a run says: JSON lines with their time, a table that fits its terminal, how far a source is."""

from __future__ import annotations

import io
import json
import os
import time
from datetime import UTC, datetime

from rich.console import Console

from lib import progress
from lib.run import events
from lib.run.live_table import LiveEvents


def test_every_line_carries_its_time(capsys):
    events.Events().warn("look")
    line = json.loads(capsys.readouterr().out)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(line.pop("at"))).total_seconds()) < 60
    assert line == {"event": "warning", "message": "look"}


def test_a_reader_that_goes_away_does_not_end_a_run(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    gone = open(writer, "w", closefd=False)  # noqa: SIM115
    monkeypatch.setattr("sys.stdout", gone)
    said = events.Events()
    said.warn("one")
    said.end("run", "done", "report")
    assert said.silent
    os.close(writer)


def shown_on(height: int, tasks: int, running: int) -> tuple[LiveEvents, str]:
    """A table of so many tasks: the first half ended, one of them badly, and some run; and its text."""
    console = Console(file=io.StringIO(), width=100, height=height, force_terminal=True, color_system=None)
    shown, names = LiveEvents(console), [f"chapter/stage{n}" for n in range(tasks)]
    shown.rows = {name: {"state": "waiting", "note": "", "since": 0.0} for name in names}
    for name in names[: tasks // 2]:
        shown.stage(name, "done", seconds=2.0)
    shown.stage(names[3], "failed", message="no\nway")
    for name in names[tasks // 2 : tasks // 2 + running]:
        shown.stage(name, "running")
    with console.capture() as capture:
        console.print(shown._shown())
    return shown, capture.get()


def test_what_runs_and_what_failed_is_seen_on_24_lines_with_a_total_and_the_time_left():
    shown, text = shown_on(24, tasks=60, running=3)
    lines = text.rstrip().splitlines()
    assert len(lines) <= 23
    for n in (30, 31, 32):
        assert any(f"stage{n} " in line and "running" in line for line in lines)
    assert any("stage3 " in line and "failed" in line and "no" in line for line in lines)
    assert lines[-1].startswith("30 of 60 stages ended · 3 running · 1 failed · 0:00 · about ")
    shown.expect({f"chapter/stage{n}": 10.0 for n in range(60)}, 2)
    assert 140 < shown.clock.left(shown.rows) <= 150


def test_a_table_that_has_room_shows_every_stage_in_order():
    _, text = shown_on(24, tasks=12, running=1)
    named = [line.split()[1] for line in text.splitlines() if "chapter/" in line]
    assert named == [f"chapter/stage{n}" for n in range(12)]


def test_how_far_a_source_is_crosses_from_its_process(tmp_path):
    heard = []
    with progress.Listener(tmp_path / "new" / "progress", lambda *told: heard.append(told)) as listener:
        progress.tell(str(listener.file), 1, 9)
        progress.tell(str(listener.file), 4, 9)
        until = time.monotonic() + 10
        while not heard and time.monotonic() < until:
            time.sleep(0.05)
    assert heard[-1] == (4, 9)
    assert not listener.file.exists()
    progress.tell("", 1, 2)


def test_lines_on_how_far_a_source_is_come_now_and_then(capsys):
    said = events.Events()
    for done in range(1000):
        said.asking(done, 1000)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["state"] == "asking"
