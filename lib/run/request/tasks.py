"""From a request to tasks: one for each stage, or each stage and portfolio, with its parameters and files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib import user_files
from lib.contracts import Stage
from lib.errors import InputError
from lib.nearest import nearest
from lib.run.planning.graph import needs
from lib.run.request import parameter_cell
from lib.run.request.parameter_cell import Breach, Notebook
from lib.run.request.params import Request

FROM_PORTFOLIO = {
    "portfolio": "id",
    "portfolio_name": "name",
    "currency": "currency",
    "cash": "cash",
    "benchmark": "benchmark",
    "positions_file": "positions",
    "trades_file": "trades",
}
MAX_FILES = 200
"""Of one setting that names several."""
FROM_RUN = ("as_of", "exchange", "seed")


@dataclass(frozen=True)
class Task:
    """One execution of a stage's notebook: what is injected, and the files whose content it is given."""

    row: Stage
    portfolio: str | None
    notebook: Notebook
    parameters: dict[str, Any]
    files: dict[str, Path]

    @property
    def id(self) -> str:
        """``chapter/stage`` or ``chapter/stage@portfolio``."""
        return task_id(self.row.name, self.portfolio)


def task_id(stage: str, portfolio: str | None) -> str:
    """How messages, files and the manifest name a stage of a portfolio."""
    return f"{stage}@{portfolio}" if portfolio else stage


def select(
    pipeline: tuple[Stage, ...], request: Request, only: Iterable[str] = (), field: str = "--only"
) -> list[Stage]:
    """The rows that were asked for and what they need, in pipeline order."""
    chapters = list(dict.fromkeys(row.chapter for row in pipeline))
    names = [row.name for row in pipeline]
    wanted: set[str] = set()
    for asked in only or request.run_stages:
        found = [row.name for row in pipeline if asked in ("all", row.chapter, row.name)]
        if not found:
            mend = nearest(asked, names + chapters) or f"stages: {', '.join(names)}"
            if only:
                raise InputError(f"no stage {asked!r}", field=field, mend=mend)
            raise request.refuse(f"no stage {asked!r}", mend, "run_stages")
        wanted.update(found)
    needed = needs(pipeline)
    waiting = list(wanted)
    while waiting:
        more = set(needed[waiting.pop()]) - wanted
        wanted |= more
        waiting += more
    return [row for row in pipeline if row.name in wanted]


def make_tasks(
    rows: list[Stage], request: Request, root: Path, pipeline: tuple[Stage, ...], given_files: dict[str, Path]
) -> list[Task]:
    """Tasks in pipeline order. ``given_files`` (task and setting → path) replaces the files of the params.

    Raises InputError for unknown or ill-typed settings and for files that cannot be read.
    """
    for name in request.stages:
        if name not in [row.name for row in pipeline]:
            known = [row.name for row in pipeline]
            raise request.refuse("unknown stage", nearest(name, known) or ", ".join(known), "stages", name)
    notebooks = {
        row.name: parameter_cell.read_notebook(root / "notebooks" / f"{row.name}.ipynb") for row in rows
    }
    tasks = []
    for row in rows:
        for portfolio in request.portfolios if row.per_portfolio else (None,):
            notebook = notebooks[row.name]
            parameters = _parameters(row, notebook, request, portfolio)
            key = portfolio["id"] if portfolio else None
            files = _files(task_id(row.name, key), row, parameters, request, portfolio, given_files, root)
            tasks.append(Task(row, key, notebook, parameters, files))
    return tasks


def _parameters(row: Stage, notebook: Notebook, request: Request, portfolio: dict | None) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in notebook.parameters}
    values = {name: parameter.default for name, parameter in known.items()}
    run_level = {name: getattr(request, name) for name in FROM_RUN}
    if portfolio:
        run_level |= {name: portfolio[key] for name, key in FROM_PORTFOLIO.items()}
    settings = request.stages.get(row.name, {})
    for name in settings:
        if name in run_level or name in FROM_PORTFOLIO:
            raise request.refuse(
                "is set for the whole run", "set it at the top level", "stages", row.name, name
            )
        if name not in known:
            free = [one for one in known if one not in run_level]
            mend = nearest(name, free) or f"settings of {row.name}: {', '.join(free) or 'none'}"
            raise request.refuse("unknown setting", mend, "stages", row.name, name)
    asked = {**{name: value for name, value in run_level.items() if name in known}, **settings}
    for name, value in asked.items():
        try:
            values[name] = known[name].fits(value)
        except TypeError as fault:
            help_text = f"{name}: {known[name].type} is {known[name].help}" if known[name].help else "mend it"
            raise request.refuse(str(fault), help_text, "stages", row.name, name) from None
    if breach := next(parameter_cell.breaches(notebook.parameters, values), None):
        raise _outside(breach, row.name, settings, request)
    return values


def _outside(breach: Breach, stage: str, settings: dict, request: Request) -> InputError:
    """The error for a value outside its limits, at the bound if the params give that and not the value."""
    given = [name for name in (breach.name, *breach.others) if name in settings]
    if given and breach.name not in given:
        other, name = given[0], breach.name
        found = f"found {settings[other]!r}, while {name} is {breach.found!r}"
        return request.refuse(found, f"for {name} {breach.mend}", "stages", stage, other)
    return request.refuse(f"found {breach.found!r}", breach.mend, "stages", stage, breach.name, *breach.place)


def _files(
    task: str,
    row: Stage,
    parameters: dict,
    request: Request,
    portfolio: dict | None,
    given: dict[str, Path],
    root: Path,
) -> dict[str, Path]:
    """The files that settings name: ``x_file`` one, ``x_files`` several as ``x_files[0]`` and so on."""
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
        for written in value if several else [value]:
            place = _place(name, row, request, portfolio)
            found += _found(written, several, request, root, place)
        if len(found) > MAX_FILES:
            place = _place(name, row, request, portfolio)
            raise request.refuse(f"{len(found):,} files", f"name at most {MAX_FILES}", *place)
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
        raise request.refuse(f"{file}: {fault.found}", fault.mend, *place, field_name=_name(place)) from None
    return [path]


def _meant(paths: list[Path], written: str) -> list[Path]:
    """The YAML files of a folder, each of which can be opened; hidden ones are an editor's and not meant."""
    found = [one for one in paths if one.suffix in (".yaml", ".yml") and not one.name.startswith(".")]
    for one in found:
        user_files.check(one, f"{written.rstrip('/')}/{one.name}")
    return found


def _place(name: str, row: Stage, request: Request, portfolio: dict | None) -> tuple:
    if portfolio and name in FROM_PORTFOLIO:
        written = request.document.data["portfolios"] if request.document else request.portfolios
        index = [one["id"] for one in written].index(portfolio["id"])
        return ("portfolios", index, FROM_PORTFOLIO[name])
    return ("stages", row.name, name)


def _name(place: tuple) -> str:
    return ".".join(str(part) for part in place)
