"""What a task was when it last ran, by the runs that there are: what the reasons of a plan compare it with.

The nearest run is the newest of the same params name and day; without one it is that of the nearest day,
which a reason then says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from lib import disk
from lib.published import runs_of
from lib.run.request.params import Request
from lib.run.request.tasks import Task
from lib.run.store.results import RECORD, Store


@dataclass(frozen=True)
class Former:
    """The parts of a task's key in a run, and the day of that run."""

    parts: dict[str, Any]
    as_of: str


class Earlier:
    """The runs of a request's name, nearest first; read when the first reason is asked for."""

    def __init__(self, outputs: Path, store: Store, request: Request):
        self.outputs, self.store, self.request = outputs, store, request

    def of(self, task: Task) -> Former | None:
        """The task in the nearest run that finished it; None where there is none."""
        for manifest, key in self._keys(task):
            record = disk.read_json(self.store.entry(task.row.name, key) / RECORD)
            if isinstance(record, dict) and isinstance(record.get("parts"), dict):
                return Former(record["parts"], manifest["as_of"])
        return None

    def failed_in(self, task: Task, key: str | None) -> str | None:
        """The newest run in which just this failed, or None."""
        runs = (manifest["run"] for manifest, other in self._keys(task, "failed") if key and other == key)
        return next(runs, None)

    def seconds(self) -> dict[str, float]:
        """Task → how long it took when a run of this name last executed it."""
        found: dict[str, float] = {}
        for manifest in self._manifests:
            found = {**manifest["moments"].get("seconds", {}), **found}
        return found

    def _keys(self, task: Task, *states: str) -> Iterator[tuple[dict, str]]:
        """Each run's manifest and the key that the task had in it, where it ended so."""
        for manifest in self._manifests:
            for one in manifest["stages"]:
                same = (one["stage"], one["subject"]) == (task.row.name, task.subject)
                if same and one["key"] and one["state"] in (states or ("done", "failed checks")):
                    yield manifest, one["key"]

    @cached_property
    def _manifests(self) -> list[dict]:
        asked = date.fromisoformat(self.request.as_of)
        readable = runs_of(self.outputs).readable
        found = [manifest for _, manifest in readable if manifest["name"] == self.request.name]
        return sorted(found, key=lambda one: abs(date.fromisoformat(one["as_of"]) - asked))
