"""What is audited: a stage that promises to be point-in-time, of a finished run, for each of its subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lib import table_file
from lib.by_hand import context_of
from lib.contracts import Stage
from lib.errors import InputError
from lib.nearest import nearest
from lib.pipeline import PIPELINE
from lib.published import examined, runs_of
from lib.run.audit.clocks import Tables
from lib.run.request.tasks import task_id
from lib.run_folder import folder_of
from lib.subjects import KINDS

RUNS = "`python3 run_all.py runs` lists the runs"
GOOD = ("done", "failed checks")


@dataclass(frozen=True)
class Target:
    """One execution of a stage in a run: its pipeline row, subject, and what the manifest says of it."""

    row: Stage
    subject: str | None
    run: Path
    manifest: dict
    entry: dict

    @property
    def id(self) -> str:
        """``chapter/stage`` or ``chapter/stage@subject``."""
        return task_id(self.row.name, self.subject)

    def context(self, output: Path, as_of: str | None = None) -> dict:
        """What the run gave the stage, for another place of its output and perhaps another day."""
        day = as_of or self.manifest["as_of"]
        return context_of(self.row, self.subject, self.run, self.manifest, as_of=day, output=output)

    def tables(self) -> Tables:
        """Its input tables. StoreError where one is damaged."""
        entries = self.context(self.run)["tables"]
        return {name: table_file.read(one["path"], one["sha256"]) for name, one in entries.items()}


def targets(outputs: Path, stage: str, run: str | None, asked: Sequence[str]) -> list[Target]:
    """The stage of a run, the newest complete one unless named; for the subjects ``asked`` (``kind:id``).

    ``stage`` may name a subject as ``stage@subject``; every subject of the run where none is named.
    Raises InputError for a stage that is unknown, is not point-in-time, or came to no result in the run.
    """
    name, _, own = stage.partition("@")
    row = _row(name)
    folder, manifest = _run(outputs, run)
    entries = {one["subject"]: one for one in manifest["stages"] if one["stage"] == row.name}
    if not entries:
        raise InputError(f"run {folder.name} has no stage {row.name}", mend=f"name another run; {RUNS}")
    wanted = _subjects(row, [*asked, *([f"{row.per}:{own}"] if own else [])], list(entries), folder.name)
    for subject in wanted:
        _refuse_failed(entries[subject], folder.name)
    return [Target(row, subject, folder, manifest, entries[subject]) for subject in wanted]


def _row(name: str) -> Stage:
    able = [row.name for row in PIPELINE if row.point_in_time]
    row = PIPELINE.find(name)
    if row is None:
        mend = nearest(name, PIPELINE.names) or f"stages that can be audited: {', '.join(able) or 'none'}"
        raise InputError(f"no stage {name!r}", mend=mend)
    if not row.point_in_time:
        found = f"{name} does not promise to be point-in-time, so that there is nothing to audit"
        raise InputError(found, mend=f"stages that do: {', '.join(able) or 'none'}")
    return row


def _run(outputs: Path, run: str | None) -> tuple[Path, dict]:
    found = runs_of(outputs)
    if run is None:
        if not found.complete:
            raise InputError(found.none_complete(), mend="`python3 run_all.py` makes one")
        return found.complete[0]
    folder = folder_of(outputs, run)
    manifest, fault = examined(folder)
    if manifest is None:
        mend = nearest(run, [one.name for one, _ in found.readable]) or RUNS
        raise InputError(f"no run {run!r}: {fault}", mend=mend)
    return folder, manifest


def _subjects(row: Stage, asked: list[str], there: list[str | None], run: str) -> list[str | None]:
    """Those of the run's subjects that are asked for, in the run's order. InputError for any other."""
    if not asked:
        return there
    if row.per is None:
        raise InputError(f"{row.name} runs once, for no subject", mend="name none")
    ids = set()
    for one in asked:
        kind, colon, own = one.partition(":")
        if not colon or kind not in KINDS:
            known = ", ".join(KINDS)
            raise InputError(f"{one!r} is no subject", mend=f"write KIND:ID, of the kinds {known}")
        if kind != row.per:
            raise InputError(f"{row.name} runs for each {row.per}", mend=f"name one, not a {kind}")
        if own not in there:
            known = ", ".join(str(other) for other in there)
            mend = nearest(own, [str(other) for other in there]) or f"it has {known}"
            raise InputError(f"run {run} has no {kind} {own!r}", mend=mend)
        ids.add(own)
    return [one for one in there if one in ids]


def _refuse_failed(entry: dict, run: str) -> None:
    """InputError where the stage came to no result in the run, so that there is nothing to compare."""
    if entry["state"] not in GOOD:
        task, how = task_id(entry["stage"], entry["subject"]), entry["state"]
        ended = "was not run" if how == "not run" else "failed"
        raise InputError(f"{task} {ended} in run {run}", mend="mend it and run it, then audit the new run")
