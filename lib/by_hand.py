"""What a stage reads that is opened by hand: the newest run gives it what the engine would.

Standard library only, and nothing of ``lib.run``, so that work on the engine invalidates no result.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lib import ledgers
from lib.contracts import Stage
from lib.errors import StageError
from lib.named_files import names_files
from lib.pipeline import PIPELINE
from lib.published import runs_by_hand

FIRST = "run `python3 run_all.py` first: a stage reads its inputs from a run"


def context_by_hand(row: Stage, as_of: str, subject: str | None, outputs: Path) -> dict:
    """Inputs of the newest run that has the asked subject and date, as the engine would name them.

    ``note`` says which run that is. Raises StageError where no run has what the stage reads.
    """
    run, manifest, note = _choose_run(outputs, as_of, row.per, subject)
    output = outputs / "scratch" / row.name / (subject or "")
    context = context_of(row, subject, run, manifest, as_of=as_of, output=output)
    output.mkdir(parents=True, exist_ok=True)
    named = _named_by_run(row, subject, manifest)
    return {**context, "named": named, "outputs": str(outputs), "note": note}


def context_of(
    row: Stage, subject: str | None, run: Path, manifest: dict, *, as_of: str, output: Path
) -> dict:
    """What a run gives a stage, as the engine would name it. StageError where it has not what is read."""
    every = _every(row, run, manifest)
    tables = {}
    for table in (one for one in row.reads if one not in ledgers.FOLDER_OF):
        for name, key in _names(row, table, subject, every):
            entry = manifest["tables"].get(key)
            if entry is None:
                raise StageError(f"run {run.name} has no table {key}, which {row.name} reads; {FIRST}")
            tables[name] = {**entry, "path": str(run / entry["path"])}
    histories = {
        name: manifest["state_inputs"].get(key)
        for table in (*row.states, *row.histories)
        for name, key in _names(row, table, subject, every)
    }
    for folder, key in ledgers.told(row, subject).items():
        histories[folder] = manifest["state_inputs"].get(key)
    return {
        "stage": row.name,
        "subject": subject,
        "as_of": as_of,
        "subjects": every,
        "tables": tables,
        "states": {name: str(run / path) if path else None for name, path in histories.items()},
        "digests": {str(run / path): digest for path, digest in manifest["files"].items()},
        "repeats": {name: _settings(row, name, subject, run, manifest) for name in row.repeats},
        "files": _files(row, subject, run, manifest),
        "settings": _settings_of_kind(row, subject, manifest),
        "output": str(output),
    }


def settings_by_hand(notebook: Path, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a notebook opened by hand has of the settings in its parameter cell."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    tagged = (one for one in cells if "parameters" in one["metadata"].get("tags", ()))
    source = "".join("".join(one["source"]) for one in tagged)
    named = [one.target for one in ast.parse(source).body if isinstance(one, ast.AnnAssign)]
    names = [one.id for one in named if isinstance(one, ast.Name)]
    return {name: namespace[name] for name in names if name in namespace}


def _every(row: Stage, run: Path, manifest: dict) -> dict[str, list[str]]:
    """Table → the subjects of another kind, whose tables or histories the stage reads all."""
    found = {}
    for table in (*row.reads, *row.histories):
        writer = PIPELINE.writer(table)
        if writer and writer.per not in (None, row.per):
            found[table] = [one["id"] for one in manifest["subjects"].get(writer.per, ())]
            if not found[table]:
                raise StageError(
                    f"run {run.name} has no {writer.per}, of which {row.name} reads {table}; {FIRST}"
                )
    return found


def _names(row: Stage, table: str, subject: str | None, every: dict) -> list[tuple[str, str]]:
    """What the stage and the manifest call a table: of the run, of this subject, or of every one."""
    if table in every:
        return [(f"{table}@{owner}", f"{table}@{owner}") for owner in every[table]]
    writer = PIPELINE.writer(table)
    return [(table, f"{table}@{subject}" if writer and writer.per else table)]


def _settings(row: Stage, of: str, subject: str | None, run: Path, manifest: dict) -> dict[str, Any]:
    """The settings of a repeated stage, as the run gave them to this stage or to that one."""
    entries = {(one["stage"], one["subject"]): one for one in manifest["stages"]}
    own = entries.get((row.name, subject), {}).get("repeats", {})
    other = entries.get((of, subject if PIPELINE.stage(of).per else None), {})
    found = own.get(of) or other.get("parameters")
    if not found:
        raise StageError(f"run {run.name} has no settings of {of}, which {row.name} repeats; {FIRST}")
    return found


def _settings_of_kind(row: Stage, subject: str | None, manifest: dict) -> dict[str, dict[str, Any]]:
    """The settings of every stage of the subject, as the run had them."""
    own = (one for one in manifest["stages"] if row.per and one["subject"] == subject)
    return {one["stage"]: one["parameters"] for one in own}


def _named_by_run(row: Any, subject: str | None, manifest: dict) -> dict[str, Any]:
    """The settings of a stage that name files, as the run had them."""
    entries = [one for one in manifest["stages"] if (one["stage"], one["subject"]) == (row.name, subject)]
    given = entries[0]["parameters"] if entries else {}
    return {name: value for name, value in given.items() if names_files(name)}


def _files(row: Stage, subject: str | None, run: Path, manifest: dict) -> dict[str, str]:
    """The files of a stage's settings and, as ``stage:setting``, of those that it repeats."""

    def of(stage: str, owner: str | None) -> dict[str, str]:
        mark = f"{stage}@{owner}:" if owner else f"{stage}:"
        named = manifest["inputs"]["files"].items()
        return {key.removeprefix(mark): str(run / path) for key, path in named if key.startswith(mark)}

    repeated = {
        f"{name}:{setting}": path
        for name in row.repeats
        for setting, path in of(name, subject if PIPELINE.stage(name).per else None).items()
    }
    return {**repeated, **of(row.name, subject)}


def _choose_run(outputs: Path, as_of: str, kind: str | None, subject: str | None) -> tuple[Path, dict, str]:
    try:
        found = runs_by_hand(outputs)
    except LookupError as fault:
        raise StageError(f"{fault}; {FIRST}") from None
    runs = list(found.readable)
    if not runs:
        raise StageError(f"{found.none_complete()}; {FIRST}")
    if kind is not None:
        runs = [pair for pair in runs if subject in [one["id"] for one in pair[1]["subjects"].get(kind, ())]]
        if not runs:
            raise StageError(f"no run has {kind} {subject!r}; {FIRST}")
    for folder, manifest in runs:
        if manifest["as_of"] == as_of:
            return folder, manifest, f"Inputs from run {folder.name}."
    folder, manifest = runs[0]
    return (
        folder,
        manifest,
        f"No run is dated {as_of}; inputs from run {folder.name}, dated {manifest['as_of']}.",
    )
