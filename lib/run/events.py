"""What a run says while it goes: a live table on a terminal, one JSON line an event otherwise."""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

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


class Events:
    """One line of JSON an event on standard output."""

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *_: object) -> None:
        pass

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

    def source(self, section: str, fact: dict[str, Any]) -> None:
        """Something that the source of a section did or refused, as its provider tells it."""
        self.line(**{"event": "sync", "section": section, **fact})

    def warn(self, message: str) -> None:
        """Something that a person should know and that does not stop the run."""
        self.line(event="warning", message=message)

    def end(self, run: str, status: str, report: str, **more: Any) -> None:
        """The last line: run id, status and the path of the report."""
        self.line(event="run", run=run, status=status, report=report, **more)

    def line(self, **fields: Any) -> None:
        """Print one JSON object on a line of its own, at once."""
        sys.stdout.write(json.dumps(fields, ensure_ascii=False) + "\n")
        sys.stdout.flush()


class LiveEvents(Events):
    """A table of the stages that is redrawn in place, for a person at a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self.console = Console()
        self.rows: dict[str, dict] = {}
        self.guard = threading.Lock()
        self.live = Live(
            console=self.console, refresh_per_second=5, get_renderable=self._table, transient=False
        )
        self.started = False

    def __exit__(self, *_: object) -> None:
        if self.started:
            self.live.stop()

    def begin(self, tasks: list[str]) -> None:
        """Show the tasks, all waiting."""
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
            note = more.get("message") or (f"{seconds:.1f} s" if seconds is not None else "")
            row.update(state=state, note=note)

    def progress(self, task: str, done: int, total: int) -> None:
        """Show how far a running task is."""
        with self.guard:
            self.rows[task]["note"] = f"cell {done} of {total}"

    def fetching(self, section: str, provider: str) -> None:
        """Say what is waited for."""
        self.console.print(f"{section} from provider {provider} …", style="dim", markup=False)

    def source(self, section: str, fact: dict[str, Any]) -> None:
        """Print what the source did in a line."""
        words = ", ".join(f"{name} {value}" for name, value in fact.items() if name != "event")
        line = f"{section}: {fact.get('event', 'sync')}: {words}"
        self.console.print(line, style="dim", markup=False, highlight=False)

    def warn(self, message: str) -> None:
        """Print a warning above the table."""
        self.console.print(f"warning: {message}", style="yellow", markup=False)

    def end(self, run: str, status: str, report: str, **more: Any) -> None:
        """Leave the table as it is and print the run, its status and the path of the report."""
        if self.started:
            self.live.stop()
            self.started = False
        self.console.print(f"{run}: {status}", markup=False, highlight=False)
        self.console.print(report, markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> Any:
        from rich.table import Table

        table = Table(box=None, pad_edge=False, show_header=False)
        with self.guard:
            for task, row in self.rows.items():
                running = row["state"] in ("running", "rendering")
                clock = f"{time.monotonic() - row['since']:.0f} s" if running else ""
                style = {"failed": "bold", "failed checks": "bold", "waiting": "dim"}.get(row["state"], "")
                table.add_row(MARKS[row["state"]], task, row["state"], row["note"], clock, style=style)
        return table


def make_events() -> Events:
    """The live table when a person is watching, JSON lines otherwise."""
    return LiveEvents() if sys.stdout.isatty() else Events()
