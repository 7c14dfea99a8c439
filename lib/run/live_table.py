"""The table of a run's stages that is redrawn in place, for a person at a terminal of any height."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.status import Status
from rich.table import Table
from rich.text import Text

from lib.run.events import OPEN, RUNNING, Clock, Events

MARKS = {
    "waiting": "·",
    "running": "▸",
    "rendering": "▸",
    "done": "✓",
    "reused": "✓",
    "failed checks": "!",
    "failed": "✗",
    "not run": "–",
}
STYLES = {"failed": "bold", "failed checks": "bold", "waiting": "dim"}
FIRST = ("running", "rendering", "failed", "failed checks", "waiting", "not run", "done", "reused")
"""Which rows are shown where not all have room."""


class LiveEvents(Events):
    """A table that is redrawn in place: what runs, what failed, how much is done, how long it still takes."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__()
        self.console = console or Console()
        self.rows: dict[str, dict] = {}
        self.clock = Clock({}, 1)
        self.guard = threading.Lock()
        self.live = Live(
            console=self.console,
            refresh_per_second=5,
            get_renderable=self._shown,
            transient=True,
            vertical_overflow="crop",
        )
        self.asked = ""
        self.waiting: Status | None = None
        self.started = False

    def __exit__(self, *_: object) -> None:
        self._stop()

    def expect(self, seconds: Mapping[str, float], jobs: int) -> None:
        """Keep what the time left is made of."""
        self.clock = Clock(seconds, jobs)

    def begin(self, tasks: list[str]) -> None:
        """Show the tasks, all waiting."""
        self._ended_waiting()
        self.rows = {task: {"state": "waiting", "note": "", "since": 0.0} for task in tasks}
        self.live.start()
        self.started = True

    def stage(self, task: str, state: str, **more: Any) -> None:
        """Redraw the task's row."""
        with self.guard:
            row = self.rows[task]
            if state == "running":
                row["since"] = time.monotonic()
            seconds = more.get("seconds")
            if seconds is not None:
                self.clock.taken[task] = seconds
            note = more.get("message") or (f"{seconds:.1f} s" if seconds is not None else "")
            row.update(state=state, note=note)

    def progress(self, task: str, done: int, total: int) -> None:
        """Show how far a running task is."""
        with self.guard:
            self.rows[task]["note"] = f"cell {done} of {total}"

    def fetching(self, section: str, provider: str) -> None:
        """Say what is waited for."""
        self._ended_waiting()
        self.asked = f"{section} from provider {provider}"
        self.waiting = self.console.status(Text(f"{self.asked} …"))
        self.waiting.start()

    def asking(self, done: int, total: int) -> None:
        """Say how far the source is."""
        if self.waiting:
            self.waiting.update(Text(f"{self.asked}: {done:,} of {total:,} answered …"))

    def source(self, section: str, fact: dict[str, Any]) -> None:
        """Print what the source did in a line."""
        self._ended_waiting()
        words = ", ".join(f"{name} {value}" for name, value in fact.items() if name != "event")
        line = f"{section}: {fact.get('event', 'sync')}: {words}"
        self.console.print(line, style="dim", markup=False, highlight=False)

    def warn(self, message: str) -> None:
        """Print a warning above the table."""
        self._ended_waiting()
        self.console.print(f"warning: {message}", style="yellow", markup=False)

    def alert(self, told: dict[str, Any]) -> None:
        """Print an alert above the table."""
        self._ended_waiting()
        words = f"{told['priority']} alert {told['id']}: {told['message']}"
        self.console.print(words, style="bold", markup=False, highlight=False)

    def end(self, run: str, status: str, report: str, **more: Any) -> None:
        """Leave the whole table, and print the run, its status and the path of the report."""
        self._stop()
        if self.rows:
            self.console.print(self._table(list(self.rows), whole=True))
        self.console.print(f"{run}: {status}", markup=False, highlight=False)
        self.console.print(report, markup=False, highlight=False, soft_wrap=True)

    def _stop(self) -> None:
        self._ended_waiting()
        if self.started:
            self.live.stop()
            self.started = False

    def _ended_waiting(self) -> None:
        if self.waiting:
            self.waiting.stop()
            self.waiting = None

    def _shown(self) -> Group:
        """The rows that have room, in order, and a line of totals."""
        with self.guard:
            room = max(self.console.size.height - 2, 1)
            order = sorted(self.rows, key=lambda task: FIRST.index(self.rows[task]["state"]))
            chosen = set(order[:room])
            return Group(self._table([task for task in self.rows if task in chosen]), Text(self._total()))

    def _total(self) -> str:
        states = [row["state"] for row in self.rows.values()]
        running = sum(state in RUNNING for state in states)
        ended = sum(state not in OPEN for state in states)
        parts = [f"{ended} of {len(states)} stages ended", f"{running} running"]
        parts += [f"{states.count('failed')} failed"] if "failed" in states else []
        parts.append(_clock(time.monotonic() - self.clock.began))
        left = self.clock.left(self.rows)
        return " · ".join([*parts, *([] if left is None else [f"about {_clock(left)} left"])])

    def _table(self, tasks: list[str], *, whole: bool = False) -> Table:
        """The rows of tasks, a line each; ``whole`` shows all of what is said of them."""
        table = Table(box=None, pad_edge=False, show_header=False)
        for _ in range(5):
            table.add_column(no_wrap=not whole, overflow="fold" if whole else "ellipsis")
        for task in tasks:
            row = self.rows[task]
            since = f"{time.monotonic() - row['since']:.0f} s" if row["state"] in RUNNING else ""
            note = row["note"] if whole else row["note"].split("\n")[0]
            cells = (MARKS[row["state"]], task, row["state"], Text(note), since)
            table.add_row(*cells, style=STYLES.get(row["state"], ""))
        return table


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
