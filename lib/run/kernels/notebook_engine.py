"""The engine that papermill hands a notebook to: its cells, one by one, and what came of them.

Papermill loads the notebook, writes the parameters into it and hands it to the engine, which runs the cells
on a kernel. What papermill says of the result is not trusted: a failure is what the engine saw. One event
loop a notebook, made and closed here; no signal handlers are touched.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.log import logger as papermill_log

from lib.run.kernels.call import describe_exit
from lib.run.kernels.cell_client import Cells
from lib.run.kernels.job import DATA_REASONS, Failure, Job, Outcome
from lib.run.kernels.normalise import normalise, scrubber
from lib.run.kernels.provisioner import Kernel, KernelGone, Starter

ENGINE = "workbench"
MODULES_LIMIT = 5.0
"""Seconds within which an idle kernel must say which modules it has loaded."""
MODULES = "__import__('json').dumps([n for n in __import__('sys').modules if n == 'lib' or n[:4] == 'lib.'])"
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
CLEAN_EXITS = ("", "0", "None")

papermill_log.setLevel("ERROR")


class Execution:
    """The execution of one job, from the papermill engine's side."""

    def __init__(self, job: Job, starter: Starter, request: dict):
        self.job, self.starter, self.request = job, starter, request
        self.failure: Failure | None = None
        self.modules: list[str] = []
        self.notebook: dict = {}
        named = [str(Path(text).parent) for text in job.environment.values() if Path(text).is_absolute()]
        self._scrub = scrubber((request["folder"], request["cwd"], *named, *job.private))
        self._timed_out = False
        self._at: int | None = None

    async def run(self, manager: NotebookExecutionManager) -> None:
        """Run every cell of papermill's notebook, and note what came of it."""
        notebook = manager.nb
        kernel = Kernel(self.starter, self.request)
        try:
            await kernel.start()
            await self._run_cells(kernel, manager)
            await self._ask_modules(kernel)
        except KernelGone as fault:
            code = describe_exit(kernel.ended.result()) if kernel.ended.done() else "was given up"
            self.failure = Failure("kernel", f"the kernel {code} {fault}{self._last_words()}")
        finally:
            await kernel.end(politely=self.failure is None)
        self.failure = self.failure or _not_run(notebook)
        self.notebook = normalise(notebook, self._scrub)

    async def _run_cells(self, kernel: Kernel, manager: NotebookExecutionManager) -> None:
        notebook = manager.nb
        cells = Cells(notebook, kernel)
        timer = None
        if self.job.timeout is not None:
            timer = asyncio.get_running_loop().call_later(self.job.timeout, self._stop, kernel)
        code = [index for index, cell in enumerate(notebook.cells) if _is_code(cell)]
        try:
            for done, index in enumerate(code, start=1):
                self._at = index
                manager.cell_start(notebook.cells[index], index)
                await cells.execute_cell_at(index)
                if cells.left:
                    self.failure = self._left(notebook, "exit()")
                    break
                manager.cell_complete(notebook.cells[index], cell_index=index)
                if self.job.on_cell is not None:
                    self.job.on_cell(done, len(code))
        except CellExecutionError as fault:
            manager.cell_exception(notebook.cells[self._at], cell_index=self._at)
            self.failure = self._error(notebook, fault)
        except DeadKernelError:
            self.failure = self._death(notebook, kernel)
        finally:
            if timer is not None:
                timer.cancel()

    def _stop(self, kernel: Kernel) -> None:
        self._timed_out = True
        kernel.kill()

    async def _ask_modules(self, kernel: Kernel) -> None:
        """Note which modules were loaded; without an answer nobody could say what code the result is from."""
        text = None if kernel.ended.done() else await kernel.value_of(MODULES, MODULES_LIMIT)
        if text is not None:
            self.modules = sorted(json.loads(ast.literal_eval(text)))
        elif self.failure is None:
            message = "after its last cell the kernel did not say which modules it had loaded"
            self.failure = Failure("kernel", message)

    def _error(self, notebook: NotebookNode, fault: CellExecutionError) -> Failure:
        where, cell = self._where(notebook)
        errors = [output for output in cell.outputs if output.output_type == "error"]
        lines = ANSI.sub("", self._scrub("\n".join(errors[-1].traceback if errors else [str(fault)])))
        evalue = self._scrub(fault.evalue)
        if fault.ename == "SystemExit" and fault.evalue in CLEAN_EXITS:
            return self._left(notebook, "sys.exit()")
        message = f"{where} raised {fault.ename}" + (f": {evalue}" if evalue else "")
        reason = DATA_REASONS.get(fault.ename, "error")
        return Failure(reason, message, self._at, cell.get("id"), fault.ename, evalue, lines.split("\n"))

    def _left(self, notebook: NotebookNode, how: str) -> Failure:
        where, cell = self._where(notebook)
        message = f"{where} left the notebook by {how}, so that nothing after it was run"
        return Failure("unfinished", message, self._at, cell.get("id"))

    def _death(self, notebook: NotebookNode, kernel: Kernel) -> Failure:
        where, cell = self._where(notebook)
        cell.execution_count = 1 + sum(_is_code(one) for one in notebook.cells[: self._at])
        if self._timed_out:
            limit = f"its limit of {self.job.timeout:g} seconds"
            message = f"the notebook was stopped at {limit}, while {where} ran"
            return Failure("timeout", message, self._at, cell.get("id"))
        code = kernel.ended.result() if kernel.ended.done() else None
        message = f"the kernel {describe_exit(code)} while {where} ran"
        return Failure("kernel", message, self._at, cell.get("id"))

    def _last_words(self) -> str:
        """The last line that a process of this run wrote to its log."""
        logs = [Path(self.request["folder"]) / name for name in ("zygote.log", "cold.log")]
        texts = [log.read_text(errors="replace").strip() for log in logs if log.is_file()]
        lines = "\n".join(texts).strip().splitlines()
        return f"; last logged: {self._scrub(lines[-1])}" if lines else ""

    def _where(self, notebook: NotebookNode) -> tuple[str, NotebookNode]:
        assert self._at is not None
        cell = notebook.cells[self._at]
        return f"cell {self._at + 1} ({cell.get('id', 'without a name')})", cell


class WorkbenchEngine(Engine):
    """Papermill's extension point."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: NotebookExecutionManager, kernel_name: str, execution: Any = None, **options: Any
    ) -> None:
        """Run the notebook that ``nb_man`` holds, as ``execution`` says."""
        asyncio.run(execution.run(nb_man))


papermill_engines.register(ENGINE, WorkbenchEngine)


def run(job: Job, starter: Starter, folder: Path, environment: dict[str, str]) -> Outcome:
    """Execute ``job`` in a kernel from ``starter``; a fault of the notebook is in the outcome, not raised.

    ``folder`` is the run's private folder, ``environment`` the fixed one. Blocks; any thread may call it.
    Raises whatever ``starter`` raises.
    """
    request = {
        "folder": str(folder),
        "environment": {**environment, **job.environment},
        "cwd": str(job.cwd),
        "seed": job.seed,
    }
    return drive(Execution(job, starter, request))


def drive(execution: Execution) -> Outcome:
    """Have papermill execute the notebook of an execution."""
    source = nbformat.read(execution.job.notebook, as_version=4)
    with contextlib.suppress(PapermillExecutionError):
        papermill.execute_notebook(
            source,
            None,
            execution.job.parameters,
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            execution=execution,
        )
    return Outcome(execution.notebook, execution.failure, execution.modules)


def _is_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip())


def _not_run(notebook: NotebookNode) -> Failure | None:
    """The failure of a notebook that has a cell which was never run."""
    for index, cell in enumerate(notebook.cells):
        if _is_code(cell) and cell.execution_count is None:
            message = f"cell {index + 1} ({cell.get('id')}) was not run"
            return Failure("unfinished", message, index, cell.get("id"))
    return None
