"""The engine that papermill hands a notebook to: its cells, one by one, on nbclient.

One event loop a notebook, made and closed here; no signal handlers are touched. A cell keeps the first
million characters of each output stream. The limit of time and a dying kernel take one and the same way:
the kernel ends, and nbclient's wait for its reply ends with it.
"""

from __future__ import annotations

import ast
import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import nbformat
import papermill
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.log import logger as papermill_log

from lib.run.call import describe_exit
from lib.run.executor import Failure, Job, Outcome
from lib.run.normalise import normalise, scrubber
from lib.run.provision import Kernel, KernelGone, Starter, quiet

ENGINE = "workbench"
STREAM_LIMIT = 1_000_000
"""Characters of one output stream that a cell keeps."""
STREAM_NAMES = {"stdout": "standard output", "stderr": "standard error"}
LAST_MESSAGES = 0.1
"""Seconds in which what a dead kernel had sent may still arrive."""
MODULES_LIMIT = 5.0
MODULES = "__import__('json').dumps([n for n in __import__('sys').modules if n == 'lib' or n[:4] == 'lib.'])"
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
CLEAN_EXITS = ("", "0", "None")

papermill_log.setLevel("ERROR")


class Cells(NotebookClient):
    """nbclient on a kernel of ours, with a limit to what a cell may print."""

    def __init__(self, notebook: NotebookNode, kernel: Kernel):
        super().__init__(
            notebook, km=kernel.manager, log=quiet, record_timing=False, store_widget_state=False
        )
        self.kernel = kernel
        self.kc = kernel.client
        self.left = False
        self._printed = dict.fromkeys(STREAM_NAMES, 0)
        self.on_cell_executed = self._look_for_exit

    async def execute_cell_at(self, index: int) -> None:
        """Run the cell at ``index``; what nbclient raises, this raises."""
        self._printed = dict.fromkeys(STREAM_NAMES, 0)
        cell = self.nb.cells[index]
        try:
            await self.async_execute_cell(cell, index, execution_count=self.code_cells_executed + 1)
        finally:
            self._say_what_was_cut(cell)

    def output(self, outs: list, msg: dict, display_id: str, cell_index: int) -> NotebookNode | None:
        """Keep an output, as far as the limit allows."""
        if msg["msg_type"] == "stream":
            name, text = msg["content"]["name"], msg["content"]["text"]
            room = max(STREAM_LIMIT - self._printed[name], 0)
            self._printed[name] += len(text)
            msg["content"]["text"] = text[:room]
            if not room:
                return None
        return super().output(outs, msg, display_id, cell_index)

    def clear_output(self, outs: list, msg: dict, cell_index: int) -> None:
        """Forget the outputs so far, and what they count against the limit."""
        self._printed = dict.fromkeys(STREAM_NAMES, 0)
        super().clear_output(outs, msg, cell_index)

    async def _async_poll_kernel_alive(self) -> None:
        await asyncio.wait([self.kernel.ended])
        await asyncio.sleep(LAST_MESSAGES)
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()

    def _look_for_exit(self, execute_reply: dict, **ignored: Any) -> None:
        payload = execute_reply["content"].get("payload", [])
        self.left = self.left or any(part.get("source") == "ask_exit" for part in payload)

    def _say_what_was_cut(self, cell: NotebookNode) -> None:
        for name, words in STREAM_NAMES.items():
            if (cut := self._printed[name] - STREAM_LIMIT) > 0:
                text = (
                    f"\n[{cut:,} further characters of {words} are left out; a cell keeps {STREAM_LIMIT:,}]\n"
                )
                cell.outputs.append(nbformat.v4.new_output("stream", name=name, text=text))


class Session:
    """The execution of one job, from the papermill engine's side."""

    def __init__(self, job: Job, starter: Starter, request: dict):
        self.job, self.starter, self.request = job, starter, request
        self.failure: Failure | None = None
        self.modules: list[str] = []
        self.notebook: dict = {}
        self._scrub = scrubber((request["folder"], request["cwd"]))
        self._timed_out = False
        self._at: int | None = None

    async def run(self, manager: NotebookExecutionManager) -> None:
        """Run every cell of papermill's notebook, and note what came of it."""
        notebook = manager.nb
        kernel = Kernel(self.starter, self.request)
        try:
            await kernel.start()
            await self._run_cells(kernel, manager)
            self.modules = await self._loaded(kernel)
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

    async def _loaded(self, kernel: Kernel) -> list[str]:
        if kernel.ended.done():
            return []
        text = await kernel.value_of(MODULES, MODULES_LIMIT)
        return sorted(json.loads(ast.literal_eval(text))) if text else []

    def _error(self, notebook: NotebookNode, fault: CellExecutionError) -> Failure:
        where, cell = self._where(notebook)
        errors = [output for output in cell.outputs if output.output_type == "error"]
        lines = ANSI.sub("", self._scrub("\n".join(errors[-1].traceback if errors else [str(fault)])))
        evalue = self._scrub(fault.evalue)
        if fault.ename == "SystemExit" and fault.evalue in CLEAN_EXITS:
            return self._left(notebook, "sys.exit()")
        message = f"{where} raised {fault.ename}" + (f": {evalue}" if evalue else "")
        return Failure("error", message, self._at, cell.get("id"), fault.ename, evalue, lines.split("\n"))

    def _left(self, notebook: NotebookNode, how: str) -> Failure:
        where, cell = self._where(notebook)
        message = f"{where} left the notebook by {how}, so that nothing after it was run"
        return Failure("unfinished", message, self._at, cell.get("id"))

    def _death(self, notebook: NotebookNode, kernel: Kernel) -> Failure:
        where, cell = self._where(notebook)
        cell.execution_count = 1 + sum(_is_code(one) for one in notebook.cells[: self._at])
        if self._timed_out:
            message = (
                f"the notebook was stopped at its limit of {self.job.timeout:g} seconds, while {where} ran"
            )
            return Failure("timeout", message, self._at, cell.get("id"))
        code = kernel.ended.result() if kernel.ended.done() else None
        return Failure(
            "kernel", f"the kernel {describe_exit(code)} while {where} ran", self._at, cell.get("id")
        )

    def _last_words(self) -> str:
        """The last line that a process of this run wrote to its log."""
        logs = [Path(self.request["folder"]) / name for name in ("warm.log", "cold.log")]
        lines = [
            line for log in logs if log.is_file() for line in log.read_text(errors="replace").splitlines()
        ]
        return f"; last logged: {lines[-1]}" if lines else ""

    def _where(self, notebook: NotebookNode) -> tuple[str, NotebookNode]:
        assert self._at is not None
        cell = notebook.cells[self._at]
        return f"cell {self._at + 1} ({cell.get('id', 'without a name')})", cell


class WorkbenchEngine(Engine):
    """Papermill's extension point."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        session: Session | None = None,
        **options: Any,
    ) -> None:
        """Run the notebook that ``nb_man`` holds, as ``session`` says."""
        assert session is not None
        asyncio.run(session.run(nb_man))


papermill_engines.register(ENGINE, WorkbenchEngine)


def drive(session: Session) -> Outcome:
    """Have papermill execute a session's notebook."""
    source = nbformat.read(session.job.notebook, as_version=4)
    try:
        papermill.execute_notebook(
            source,
            None,
            session.job.parameters,
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            session=session,
        )
    except PapermillExecutionError:
        pass
    return Outcome(session.notebook, session.failure, session.modules)


def _is_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip())


def _not_run(notebook: NotebookNode) -> Failure | None:
    """The failure of a notebook that has a cell which was never run."""
    for index, cell in enumerate(notebook.cells):
        if _is_code(cell) and cell.execution_count is None:
            return Failure(
                "unfinished", f"cell {index + 1} ({cell.get('id')}) was not run", index, cell.get("id")
            )
    return None
