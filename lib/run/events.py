"""What a run says while it goes: a live table on a terminal, one JSON line an event otherwise."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

EVERY = 10.0
"""Seconds between two lines that say how far a source is."""


class Events:
    """One line of JSON an event on standard output; ``at`` is its time, which no two runs share.

    A reader that goes away does not end the run: it goes on in silence.
    """

    def __init__(self) -> None:
        self.silent, self.said = False, float("-inf")

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def expect(self, seconds: Mapping[str, float], jobs: int) -> None:
        """How long tasks may take, as far as that is known, and how many run at once."""

    def begin(self, tasks: list[str]) -> None:
        """The tasks of the run, in order."""

    def stage(self, task: str, state: str, **more: Any) -> None:
        """A task changed its state."""
        if state not in ("running", "rendering"):
            self.line(event="stage", task=task, state=state, **more)

    def progress(self, task: str, done: int, total: int) -> None:
        """A cell of a running task ended."""

    def fetching(self, section: str, provider: str) -> None:
        """The provider that a section of the params names may be asked now, which may take a while."""

    def asking(self, done: int, total: int) -> None:
        """How much of what a source is asked has been answered; now and then a line."""
        if time.monotonic() - self.said >= EVERY:
            self.said = time.monotonic()
            self.line(event="sync", state="asking", done=done, total=total)

    def source(self, section: str, fact: dict[str, Any]) -> None:
        """Something that the source of a section did or refused, as its provider tells it."""
        self.line(**{"event": "sync", "section": section, **fact})

    def warn(self, message: str) -> None:
        """Something that a person should know and that does not stop the run."""
        self.line(event="warning", message=message)

    def alert(self, told: dict[str, Any]) -> None:
        """A rule of alerts fired: its message, and what it is."""
        self.line(event="alert", **{("alert" if name == "id" else name): one for name, one in told.items()})

    def end(self, run: str, status: str, report: str, **more: Any) -> None:
        """The last line: run id, status and the path of the report."""
        self.line(event="run", run=run, status=status, report=report, **more)

    def line(self, **fields: Any) -> None:
        """Print one JSON object on a line of its own, at once."""
        if self.silent:
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            sys.stdout.write(json.dumps({"at": at, **fields}, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            self.silent = True


class Clock:
    """How long the tasks of a run still take: by what they took before, else by what others take."""

    def __init__(self, seconds: Mapping[str, float], jobs: int):
        self.usual, self.jobs = dict(seconds), max(jobs, 1)
        self.began = time.monotonic()
        self.taken: dict[str, float] = {}

    def left(self, rows: Mapping[str, Mapping[str, Any]]) -> float | None:
        """Seconds until the last task has ended, if they go as usual; None where nothing is known yet."""
        known = [*self.taken.values(), *(one for one in self.usual.values() if one)]
        open_ = {task: row for task, row in rows.items() if row["state"] in OPEN}
        if open_ and not known:
            return None
        mean = sum(known) / len(known) if known else 0.0
        left = [max(self.usual.get(task, mean) - self._since(row), 0.0) for task, row in open_.items()]
        return max(sum(left) / self.jobs, *left) if left else 0.0

    @staticmethod
    def _since(row: Mapping[str, Any]) -> float:
        return time.monotonic() - row["since"] if row["state"] in RUNNING else 0.0


RUNNING = ("running", "rendering")
OPEN = ("waiting", *RUNNING)


def make_events() -> Events:
    """The live table when a person is watching, JSON lines otherwise."""
    if not sys.stdout.isatty():
        return Events()
    from lib.run.live_table import LiveEvents

    return LiveEvents()
