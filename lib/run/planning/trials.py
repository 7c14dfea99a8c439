"""Which specifications a run carries out, and what the ledgers know of all others.

A stage that reads the ledger is given every trial but those of the run itself, whose results it has: so a run
that is repeated finds the same, and trying another specification makes those figures anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lib.ledger import Ledger, Trial, trial_of, with_contents
from lib.run.planning.code_digests import file_digest
from lib.run.request.tasks import Task


def trials(tasks: Iterable[Task], kind: str, subject: str) -> Iterator[tuple[Task, Trial, dict[str, Any]]]:
    """Each stage of a subject that is a trial: its task, its specification, and the defaults of settings."""
    own = [task for task in tasks if (task.row.per, task.subject) == (kind, subject)]
    parameters = {task.row.name: task.parameters for task in own}
    defaults = {
        f"{task.row.name}.{one.name}": one.default for task in own for one in task.notebook.parameters
    }
    for task in own:
        if task.row.trial:
            own_files = {name: file_digest(path) for name, path in task.settings.files.items()}
            whole = {**parameters, task.row.name: with_contents(task.parameters, own_files)}
            yield task, trial_of(task.row, whole), defaults


def others(outputs: Path, tasks: Iterable[Task], kind: str, subject: str, folder: Path) -> Path | None:
    """The trials of a subject that are not of these tasks, as a file in ``folder``; None for no trial."""
    own = [(trial, defaults) for _, trial, defaults in trials(tasks, kind, subject)]
    content = Ledger(outputs, kind, subject).others(own)
    if not content:
        return None
    path = folder / f"{kind}={subject}.jsonl"
    path.write_bytes(content)
    return path


def note(outputs: Path, tasks: Iterable[Task], done: Task, record: Mapping[str, Any]) -> None:
    """Keep what a stage tried, once; nothing for a stage that is no trial."""
    if not done.row.trial or not done.row.per or not done.subject:
        return
    for task, trial, defaults in trials(tasks, done.row.per, done.subject):
        if task is done:
            ledger = Ledger(outputs, done.row.per, done.subject)
            ledger.note(trial, by="run", result=record.get("trial"), defaults=defaults)


def heads(outputs: Path, tasks: Iterable[Task]) -> dict[str, dict]:
    """The state of each ledger that a run has to do with, by its file's name."""
    owners = {
        (task.row.per, task.subject) for task in tasks if task.row.trial and task.row.per and task.subject
    }
    found = [Ledger(outputs, kind, subject) for kind, subject in sorted(owners)]
    return {one.path.stem: one.head() for one in found}
