"""The kernels of one run: forked from the zygote, or started cold, with the same results.

Forking needs Linux. A zygote that dies is started once more, and what it took with it is done again; after
that, kernels start cold.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lib.errors import StageError
from lib.run.environment import fixed
from lib.run.kernels.call import ask, call_in_subprocess, channel, result_of
from lib.run.kernels.job import Job, Outcome
from lib.run.kernels.kernel_main import kill_tree
from lib.run.kernels.zygote_client import ZygoteClient, ZygoteGone

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
"""Nothing here needs it, and it would add seconds to the import of nbformat."""

if TYPE_CHECKING:
    from lib.run.kernels.provisioner import KernelProcess

ZYGOTE_STARTS = 2
CLOSED = "the run was stopped"
PROGRAM = Path(__file__).with_name("kernel_main.py")


class Kernels:
    """Executes notebooks and calls functions; a context manager, for any number of threads."""

    def __init__(self, *, cold: bool = False):
        """With ``cold`` (and where processes cannot be forked safely) every kernel starts by itself."""
        self.folder, self._lock_file = fixed.private_folder()
        self._cold = cold or sys.platform != "linux"
        self._guard = threading.Lock()
        self._zygote: ZygoteClient | None = None
        self._starts = 0
        self._processes: set[subprocess.Popen] = set()
        self._closed = False
        self._lifeline_read, self._lifeline = os.pipe()

    def __enter__(self) -> Kernels:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def get_ready(self) -> None:
        """Start the zygote and the import of what drives a notebook; returns at once."""
        self._living_zygote()
        threading.Thread(target=_import_engine, name="imports", daemon=True).start()

    def execute(self, job: Job) -> Outcome:
        """Execute one notebook, once more where the zygote died under it; its faults are in the outcome.

        StageError when the run is stopped meanwhile, or when the system starts no more processes.
        """
        from lib.run.kernels.notebook_engine import run

        while True:
            zygote = self._living_zygote()
            start = self._start_cold if zygote is None else partial(_fork, zygote)
            job.begin()
            try:
                outcome = run(job, start, self.folder, fixed.environment(self.folder))
            except ZygoteGone:
                continue
            finally:
                self._refuse_closed()
            if zygote is None or not _died_with(zygote, outcome):
                return outcome

    def call(self, target: str, payload: dict, timeout: float | None = None) -> dict:
        """``function(payload)`` for ``"module:function"``, in a process of its own.

        Payload and result are plain JSON. A WorkbenchError comes back as the same class; any other exception,
        a dead child and a call longer than ``timeout`` seconds are a StageError.
        """
        while (zygote := self._living_zygote()) is not None:
            with channel(self.folder) as (ours, theirs, log):
                try:
                    pid, exit_code = zygote.fork_call([theirs.fileno(), log.fileno()])
                except ZygoteGone:
                    continue
                theirs.close()
                try:
                    answer = ask(ours, target, payload, timeout)
                except BaseException:
                    zygote.send_signal(pid, signal.SIGKILL)
                    raise
                self._refuse_closed()
                if not answer and _code(exit_code) is None and not zygote.alive:
                    continue
                return result_of(answer, target, log, partial(_code, exit_code))
        with self._process_kept() as keep:
            try:
                return call_in_subprocess(target, payload, timeout, keep)
            finally:
                self._refuse_closed()

    def close(self) -> None:
        """End every process within two seconds; running calls return. May be called twice."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            zygote, processes = self._zygote, list(self._processes)
        os.close(self._lifeline)
        for process in processes:
            _signal(process, signal.SIGKILL)
        if zygote is not None:
            zygote.close()
        os.close(self._lifeline_read)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock_file.close()

    def _living_zygote(self) -> ZygoteClient | None:
        """The living zygote; None when kernels are to start cold. StageError after ``close``."""
        with self._guard:
            if self._closed:
                raise StageError(CLOSED)
            if self._cold or (self._zygote is not None and self._zygote.alive):
                return self._zygote
            if self._starts == ZYGOTE_STARTS:
                self._cold = True
            old, self._zygote = self._zygote, None
            if old is not None:
                old.close()
            if not self._cold:
                self._starts += 1
                self._zygote = ZygoteClient(self.folder)
            return self._zygote

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StageError(CLOSED)

    def _start_cold(self, request: dict) -> KernelProcess:
        """A kernel of its own, by the same program that forked ones run."""
        from lib.run.kernels.provisioner import KernelProcess

        self._refuse_closed()
        command = [sys.executable, "-P", str(PROGRAM)]
        with open(self.folder / "cold.log", "ab") as log:
            process = subprocess.Popen(
                [*command, str(self._lifeline_read), str(self.folder), json.dumps(request)],
                pass_fds=[self._lifeline_read],
                env=request["environment"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )
        exit_code: Future[int | None] = Future()
        threading.Thread(target=self._reap, args=(process, exit_code), daemon=True).start()
        return KernelProcess(process.pid, exit_code, lambda number: _signal(process, number))

    def _reap(self, process: subprocess.Popen, exit_code: Future[int | None]) -> None:
        with self._process_kept() as keep:
            keep(process)
            code = process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        exit_code.set_result(code)

    @contextlib.contextmanager
    def _process_kept(self) -> Iterator[Callable[[subprocess.Popen], None]]:
        """A function that lists a process for ``close``; it is taken off the list at the end."""
        kept: list[subprocess.Popen] = []

        def keep(process: subprocess.Popen) -> None:
            kept.append(process)
            with self._guard:
                self._processes.add(process)
                closed = self._closed
            if closed:
                _signal(process, signal.SIGKILL)

        try:
            yield keep
        finally:
            with self._guard:
                self._processes.difference_update(kept)


def _fork(zygote: ZygoteClient, request: dict) -> KernelProcess:
    from lib.run.kernels.provisioner import KernelProcess

    pid, exit_code = zygote.fork_kernel(request)
    return KernelProcess(pid, exit_code, lambda number: zygote.send_signal(pid, number))


def _died_with(zygote: ZygoteClient, outcome: Outcome) -> bool:
    """Whether a kernel has ended because its zygote did."""
    return outcome.failure is not None and outcome.failure.reason == "kernel" and not zygote.alive


def _code(exit_code: Future[int | None]) -> int | None:
    try:
        return exit_code.result(2)
    except TimeoutError:
        return None


def _signal(process: subprocess.Popen, number: int) -> None:
    if process.returncode is not None:
        return
    if number == signal.SIGKILL:
        kill_tree(process.pid)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


def _import_engine() -> None:
    import lib.run.kernels.notebook_engine  # noqa: F401
