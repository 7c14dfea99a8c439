"""A stage of a finished run on inputs that differ from the run's: its own notebook, in a kernel of its own.

Parameters, seed, files, histories and every table that was not altered are those of the run. Altered tables
are written aside with their digests, so that the stage reads them as it reads any. A notebook shows its
results after it has written them, so that on altered inputs it is left after the last cell that writes.
"""

from __future__ import annotations

import ast
import itertools
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib import disk, table_file
from lib.errors import StageError
from lib.run.audit.clocks import Tables
from lib.run.audit.look_ahead import Known, Stopped
from lib.run.audit.target import Target
from lib.run.kernels.job import Job
from lib.run.planning.code_digests import file_digest
from lib.run.request.tasks import task_id
from lib.run.stage import CONTEXT_VARIABLE

DAY = "as_of"
OPENED = 3
"""Code cells after which a stage has imported what it needs: parameters, those of the run, the opening."""
BLANK = {"metadata": {}, "nbformat": 4, "nbformat_minor": 5}


class Executions:
    """Executions of a target, below ``work``. ``tables`` are its inputs, ``source`` is its notebook."""

    def __init__(
        self, target: Target, tables: Tables, source: Path, kernels: Any, work: Path, timeout: float
    ):
        self.target, self.tables, self.source = target, tables, source
        self.kernels, self.work, self.timeout = kernels, work, timeout
        self._count = itertools.count()
        self._short = work / "short.ipynb"
        work.mkdir(parents=True, exist_ok=True)
        notebook, self._cells = up_to_the_last_table(json.loads(source.read_bytes()))
        disk.write_whole(self._short, disk.dump(notebook))

    def warm(self) -> None:
        """Have the kernels ready, so that the stage's own time holds nothing of their start."""
        cell = {"cell_type": "code", "id": "nothing", "source": "None", "metadata": {}}
        blank = {"cells": [cell | {"outputs": [], "execution_count": None}], **BLANK}
        path = self.work / "blank.ipynb"
        path.write_bytes(disk.dump(blank))
        self.kernels.execute(Job(path, {}, {}, self.work, 0, self.timeout))

    def repeated(self, results: Tables) -> list[str]:
        """Tables of results that are others than the run published, on the same inputs."""
        told = []
        for name in results:
            entry = self.target.manifest["tables"][task_id(name, self.target.subject)]
            path = self.target.run / entry["path"]
            if not results[name].equals(table_file.read(path, entry["sha256"])):
                told.append(name)
        return told

    def as_it_is(self) -> Known:
        """The results of the whole notebook on its own inputs, its time, and the share before the last table.

        StageError where it comes to none now, although it did in the run.
        """
        times: list[float] = []
        began = time.monotonic()
        try:
            results = self._execute(self.source, self.tables, None, lambda *_: times.append(time.monotonic()))
        except Stopped as why:
            raise StageError(f"{self.target.id} came to no result on the inputs of its run: {why}") from None
        spent = time.monotonic() - began
        written, opened = (times[min(cells, len(times)) - 1] - began for cells in (self._cells, OPENED))
        return Known(results, spent, written / spent, min(opened, written) / spent)

    def __call__(self, tables: Tables, as_of: str | None) -> Tables:
        """The results on other inputs, perhaps as of another day. Raises Stopped where there are none."""
        return self._execute(self._short, tables, as_of, None)

    def _execute(
        self,
        notebook: Path,
        tables: Tables,
        as_of: str | None,
        on_cell: Callable[[int, int], None] | None,
    ) -> Tables:
        place = self.work / str(next(self._count))
        output, context = place / "output", place / "context.json"
        parameters = dict(self.target.entry["parameters"])
        if as_of:
            parameters[DAY] = as_of

        def begin() -> None:
            shutil.rmtree(place, ignore_errors=True)
            (place / "cwd").mkdir(parents=True)
            output.mkdir()
            context.write_bytes(disk.dump(self._context(tables, output, place / "inputs", as_of)))

        outcome = self.kernels.execute(
            Job(
                notebook=notebook,
                parameters=parameters,
                environment={CONTEXT_VARIABLE: str(context.resolve())},
                cwd=place / "cwd",
                seed=int(self.target.entry["key"][:8], 16),
                timeout=self.timeout,
                on_cell=on_cell,
                begin=begin,
                private=(str(place), str(self.work), str(Path.home())),
            )
        )
        if outcome.failure:
            raise Stopped(outcome.failure.message)
        found = self._results(output)
        shutil.rmtree(place, ignore_errors=True)
        return found

    def _context(self, tables: Tables, output: Path, aside: Path, as_of: str | None) -> dict:
        context = self.target.context(output.resolve(), as_of)
        for name, frame in tables.items():
            if frame is not self.tables[name]:
                path = (aside / f"{name}.parquet").resolve()
                table_file.write(frame, path)
                context["tables"][name] |= {
                    "path": str(path),
                    "sha256": file_digest(path),
                    "rows": len(frame),
                }
        return context

    def _results(self, output: Path) -> Tables:
        found = {}
        for name in self.target.row.writes:
            path = output / "tables" / f"{name}.parquet"
            if not path.is_file():
                raise Stopped(f"it ended without writing {name}")
            found[name] = table_file.read(path, None)
        return found


def up_to_the_last_table(notebook: dict) -> tuple[dict, int]:
    """A notebook without the cells after the last one that writes tables, and how many code cells it has.

    The cell into which papermill writes the parameters is counted.
    """
    cells = notebook["cells"]
    writing = [place for place, cell in enumerate(cells) if cell["cell_type"] == "code" and _writes(cell)]
    kept = cells[: writing[-1] + 1] if writing else cells
    code = sum(cell["cell_type"] == "code" and bool("".join(cell["source"]).strip()) for cell in kept)
    return {**notebook, "cells": kept}, code + 1


def _writes(cell: dict) -> bool:
    """Whether a cell calls a method ``write``."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "write"
        for node in ast.walk(ast.parse("".join(cell["source"])))
    )
