"""From a request to tasks: one for each stage, or each stage and subject, with its settings and inputs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lib import ledgers, user_files
from lib.contracts import RUN_SETTINGS, Stage
from lib.errors import Faults, InputError
from lib.nearest import nearest
from lib.run.request import parameter_cell
from lib.run.request.parameter_cell import Breach, Notebook
from lib.run.request.params import Request
from lib.run.request.subjects import place_of
from lib.stages import Pipeline
from lib.subjects import KINDS

MAX_FILES = 200
"""Of one setting that names several."""


@dataclass(frozen=True)
class Settings:
    """What a stage is given: its parameters, and the files whose content its settings name.

    ``sound`` is False where a setting is faulty and has its default, ``whole`` where a file is faulty.
    """

    parameters: dict[str, Any]
    files: dict[str, Path]
    sound: bool = True
    whole: bool = True


@dataclass(frozen=True)
class Task:
    """One execution of a stage's notebook: what is injected, what it reads, and of whom.

    ``inputs`` maps each table (``table@subject`` where a stage of the whole run reads those of every subject)
    to the task that writes it, None for an input of the run; ``histories`` likewise to the id of the history.
    ``repeats`` has the settings of the stages that the row repeats.
    """

    row: Stage
    subject: str | None
    notebook: Notebook
    settings: Settings
    repeats: dict[str, Settings]
    inputs: dict[str, str | None]
    histories: dict[str, str]

    @property
    def id(self) -> str:
        """``chapter/stage`` or ``chapter/stage@subject``."""
        return task_id(self.row.name, self.subject)

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameter → the value that is injected."""
        return self.settings.parameters

    @property
    def files(self) -> dict[str, Path]:
        """The files of its own settings and, as ``stage:setting``, those of the stages that it repeats."""
        repeated = {
            f"{stage}:{name}": path for stage, one in self.repeats.items() for name, path in one.files.items()
        }
        return {**self.settings.files, **repeated}

    def subjects_read(self) -> dict[str, list[str]]:
        """Table → the subjects of which it is read, in the run's order, where that is every one."""
        found: dict[str, list[str]] = {}
        for name in (*self.inputs, *self.histories):
            table, _, subject = name.partition("@")
            if subject:
                found.setdefault(table, []).append(subject)
        return found


def task_id(name: str, subject: str | None) -> str:
    """How messages, files and the manifest name a stage, or a table, of a subject."""
    return f"{name}@{subject}" if subject else name


def make_tasks(
    rows: list[Stage],
    request: Request,
    root: Path,
    pipeline: Pipeline,
    given_files: dict[str, Path],
    faults: Faults,
) -> list[Task]:
    """Tasks in pipeline order. ``given_files`` (task and setting → path) replaces the files of the params.

    Unknown and ill-typed settings and files that cannot be read are noted in ``faults``.
    """
    for name in request.stages:
        if pipeline.find(name) is None:
            mend = nearest(name, pipeline.names) or ", ".join(pipeline.names)
            faults.add(request.refuse("unknown stage", mend, "stages", name))
    notebook_of = cache(lambda name: parameter_cell.read_notebook(root / "notebooks" / f"{name}.ipynb"))

    def settings_of(row: Stage, subject: dict | None, mark: str) -> Settings:
        own, of_settings, of_files = subject if row.per else None, Faults(), Faults()
        parameters = _parameters(row, notebook_of(row.name), request, own, of_settings)
        files = _files(mark, row, parameters, request, own, given_files, root, of_files)
        for fault in (*of_settings.found.values(), *of_files.found.values()):
            faults.add(fault)
        return Settings(parameters, files, not of_settings, not of_files)

    tasks = []
    for row in rows:
        if row.per and not request.subjects[row.per]:
            _parameters(row, notebook_of(row.name), request, None, faults)
        for subject in request.subjects[row.per] if row.per else (None,):
            own = subject["id"] if subject else None
            task = task_id(row.name, own)
            tasks.append(
                Task(
                    row=row,
                    subject=own,
                    notebook=notebook_of(row.name),
                    settings=settings_of(row, subject, task),
                    repeats={
                        name: settings_of(pipeline.stage(name), subject, f"{task}:{name}")
                        for name in row.repeats
                    },
                    inputs=_inputs(row, own, request, pipeline),
                    histories=_histories(row, own, request, pipeline),
                )
            )
    return tasks


def _inputs(row: Stage, own: str | None, request: Request, pipeline: Pipeline) -> dict[str, str | None]:
    """What the stage calls each table that it reads → the task that writes it; None for inputs of the run."""
    found: dict[str, str | None] = {}
    for table in (one for one in row.reads if one not in ledgers.FOLDER_OF):
        writer = pipeline.writer(table)
        for name, owner in _owners(row, own, table, writer, request):
            found[name] = task_id(writer.name, owner) if writer else None
    return found


def _histories(row: Stage, own: str | None, request: Request, pipeline: Pipeline) -> dict[str, str]:
    """What the stage calls each history that it reads → the id of the history."""
    return ledgers.told(row, own) | {
        name: task_id(table, owner)
        for table in (*row.states, *row.histories)
        for name, owner in _owners(row, own, table, pipeline.writer(table), request)
    }


def _owners(
    row: Stage, own: str | None, table: str, writer: Stage | None, request: Request
) -> list[tuple[str, str | None]]:
    """What a table is called and whose it is: the run's or the task's own, or one of each subject."""
    per = writer.per if writer else None
    if per is None:
        return [(table, None)]
    if per == row.per:
        return [(table, own)]
    return [(task_id(table, one["id"]), one["id"]) for one in request.subjects[per]]


def _parameters(
    row: Stage, notebook: Notebook, request: Request, subject: dict | None, faults: Faults
) -> dict[str, Any]:
    """The value of every parameter; the default for one whose value is noted as a fault."""
    known = {parameter.name: parameter for parameter in notebook.parameters}
    values = {name: parameter.default for name, parameter in known.items()}
    run_level = {name: getattr(request, name) for name in RUN_SETTINGS}
    kind = KINDS[row.per] if row.per and subject else None
    if kind and subject:
        run_level |= {name: subject[key] for name, key in kind.settings.items()}
    settings = request.stages.get(row.name, {})
    own = {name: value for name, value in settings.items() if name in known and name not in run_level}
    for name in settings:
        if name not in own:
            faults.add(_no_setting(name, row, [one for one in known if one not in run_level], request))
    asked = {**{name: value for name, value in run_level.items() if name in known}, **own}
    wrong = set()
    for name, value in asked.items():
        try:
            values[name] = known[name].fits(value)
        except TypeError as fault:
            wrong.add(name)
            help_text = f"{name}: {known[name].type} is {known[name].help}" if known[name].help else "mend it"
            faults.add(request.refuse(str(fault), help_text, *_place(name, row, request, subject)))
    found = list(parameter_cell.breaches(notebook.parameters, values))
    wrong |= {breach.name for breach in found if not breach.others}
    for breach in found:
        if wrong.isdisjoint(breach.others):
            faults.add(_outside(breach, row, settings, request, subject))
    return values


def _no_setting(name: str, row: Stage, free: list[str], request: Request) -> InputError:
    """The error for what cannot be set of a stage; ``free`` can."""
    kind = KINDS[row.per] if row.per else None
    if kind and name in kind.settings:
        found, mend = f"is set for each {kind.singular}", f"set it under `{kind.section}:`"
    elif name in RUN_SETTINGS:
        found, mend = "is set for the whole run", "set it at the top level"
    else:
        found = "unknown setting"
        mend = nearest(name, free) or f"settings of {row.name}: {', '.join(free) or 'none'}"
    return request.refuse(found, mend, "stages", row.name, name)


def _outside(
    breach: Breach, row: Stage, settings: dict, request: Request, subject: dict | None
) -> InputError:
    """The error for a value outside its limits, at the bound if the params give that and not the value."""
    given = [name for name in (breach.name, *breach.others) if name in settings]
    if given and breach.name not in given:
        other, name = given[0], breach.name
        found = f"found {settings[other]!r}, while {name} is {breach.found!r}"
        return request.refuse(found, f"for {name} {breach.mend}", "stages", row.name, other)
    place = (*_place(breach.name, row, request, subject), *breach.place)
    return request.refuse(f"found {breach.found!r}", breach.mend, *place)


def _files(
    task: str,
    row: Stage,
    parameters: dict,
    request: Request,
    subject: dict | None,
    given: dict[str, Path],
    root: Path,
    faults: Faults,
) -> dict[str, Path]:
    """The files that settings name: ``x_file`` one, ``x_files`` several as ``x_files[0]`` and so on.

    One that cannot be opened is noted in ``faults`` and left out.
    """
    files: dict[str, Path] = {}
    for name, value in parameters.items():
        if not name.endswith(("_file", "_files")) or value is None:
            continue
        several = isinstance(value, list)
        kept = {key.removeprefix(f"{task}:"): path for key, path in given.items()}
        if given:
            files |= {key: path for key, path in kept.items() if key == name or key.startswith(f"{name}[")}
            continue
        found: list[Path] = []
        place = _place(name, row, request, subject)
        for written in value if several else [value]:
            with faults.noted():
                found += _found(written, several, request, root, place)
        if len(found) > MAX_FILES:
            faults.add(request.refuse(f"{len(found):,} files", f"name at most {MAX_FILES}", *place))
            found = []
        files |= {f"{name}[{n}]" if several else name: path for n, path in enumerate(found)}
    return files


def _found(written: str, several: bool, request: Request, root: Path, place: tuple) -> list[Path]:
    """The files at a path as written; beside the params file, else in the repository's ``params``."""
    beside = request.folder / written
    path = beside if os.path.lexists(beside) else root / "params" / written
    try:
        if several and user_files.is_folder(path):
            return _meant(user_files.listed(path, written), written)
        user_files.check(path, written, mend="paths are relative to the params file")
    except InputError as fault:
        file = fault.file or written
        raise request.refuse(f"{file}: {fault.found}", fault.mend, *place) from None
    return [path]


def _meant(paths: list[Path], written: str) -> list[Path]:
    """The YAML files of a folder, each of which can be opened; hidden ones are an editor's and not meant."""
    found = [one for one in paths if one.suffix in (".yaml", ".yml") and not one.name.startswith(".")]
    for one in found:
        user_files.check(one, f"{written.rstrip('/')}/{one.name}")
    return found


def _place(name: str, row: Stage, request: Request, subject: dict | None) -> tuple:
    kind = KINDS[row.per] if row.per else None
    if kind and subject and name in kind.settings:
        written = request.document.data[kind.section] if request.document else request.subjects[kind.name]
        return (kind.section, place_of(kind, written, subject["id"]), kind.settings[name])
    return ("stages", row.name, name)
