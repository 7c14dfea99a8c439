"""The shipped command, many times over: each call in a process forked from one that has loaded everything.

``ForkedCommand`` starts that process and asks it, one call at a time. A call is ``lib.run.cli.main`` with its
arguments under limits of memory and time, and the hooks' child is forked by it instead of being started, with
the same conversation (``lib.run.kernels.call``): a call takes a few tenths of a second in place of seconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MEMORY = 3 * 1024**3
"""Bytes of address space that a call and its hooks' child may have each."""
PATIENCE = 60.0
"""Seconds, as a clock on the wall shows them, after which a call is ended."""
PROCESSOR = 30
"""Seconds of processor time after which a call is ended."""
MODULES = (
    "lib.run.planning.hook_calls",
    "lib.run.pages.writing",
    "lib.market.providers",
    "lib.market.folder.provider",
    "lib.market.sample.provider",
    "lib.market.factors",
    "lib.portfolio.files",
    "lib.portfolio.trades",
    "lib.risk.scenario_files",
)


@dataclass(frozen=True)
class Done:
    """How a call ended: exit code (negative for a signal), what it printed, seconds, most megabytes."""

    code: int
    out: str
    err: str
    processor: float
    wall: float
    megabytes: float


class ForkedCommand:
    """The command of this repository; close it, or use it in a ``with``."""

    def __init__(self) -> None:
        from lib.run.environment import fixed

        self.folder = Path(tempfile.mkdtemp(prefix="workbench-forked-"))
        self.process = subprocess.Popen(
            [sys.executable, "-P", __file__, str(self.folder)],
            env={**fixed.environment(self.folder), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    def __enter__(self) -> ForkedCommand:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and remove what it had."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __call__(self, *arguments: str, cwd: Path = ROOT) -> Done:
        """Carry out one command line in the folder ``cwd``."""
        assert self.process.stdin and self.process.stdout
        job = json.dumps({"arguments": arguments, "cwd": str(cwd)})
        self.process.stdin.write(job.encode() + b"\n")
        self.process.stdin.flush()
        return Done(**json.loads(self.process.stdout.readline()))


def main(folder: Path) -> None:
    """Serve jobs, a line each, until there are none."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    load()
    for line in sys.stdin:
        answers.write(json.dumps(carry_out(json.loads(line), folder)) + "\n")
        answers.flush()


def load() -> None:
    """Import everything that a call may need, remember what it finds in the repository, and use it once."""
    from lib.run import cli
    from lib.run.kernels import call
    from lib.run.planning import code_digests
    from lib.run.request import parameter_cell

    for name in MODULES:
        importlib.import_module(name)
    code_digests._imported = functools.cache(code_digests._imported)
    parameter_cell.read_notebook = functools.cache(parameter_cell.read_notebook)
    call.call_in_subprocess = call_here
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        for command in ("validate", "plan"):
            cli.main([command, "params/templates/folder.yaml", "--outputs", "/nonexistent"])
    call.call_in_subprocess = call_in_fork
    gc.collect()
    gc.freeze()
    if threading.active_count() != 1:
        raise RuntimeError("a process that is forked must have one thread")


def call_here(target, payload, timeout=None, started=None):
    """Call a hook in this process, so that what loads on first use is loaded for every fork."""
    from lib.run.kernels.call import reply_to

    return reply_to({"target": target, "payload": payload})["result"]


def call_in_fork(target, payload, timeout=None, started=None):
    """As ``call.call_in_subprocess``, with a child that is forked from here."""
    from lib.run.kernels.call import ask, result_of, serve

    ours, theirs = socket.socketpair()
    with ours, theirs, tempfile.TemporaryFile() as log:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            ours.close()
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            try:
                serve(theirs.detach())
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(0)
        theirs.close()
        answer = ask(ours, target, payload, timeout)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return result_of(answer, target, log, lambda: code)


def carry_out(job: dict, folder: Path) -> dict:
    """One job in a child of its own; how it ended."""
    out, err = folder / "out", folder / "err"
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os._exit(become(job, out, err))
    status, used = waited(pid, began + PATIENCE)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "out": out.read_text(encoding="utf-8", errors="surrogateescape"),
        "err": err.read_text(encoding="utf-8", errors="surrogateescape"),
        "processor": used.ru_utime + used.ru_stime,
        "wall": time.monotonic() - began,
        "megabytes": used.ru_maxrss / 1024,
    }


def waited(pid: int, until: float) -> tuple[int, resource.struct_rusage]:
    """The end of a child, which is brought about when it does not come in time."""
    watch = os.pidfd_open(pid)
    try:
        if not select.select([watch], [], [], max(until - time.monotonic(), 0))[0]:
            os.killpg(pid, signal.SIGKILL)
    finally:
        os.close(watch)
    _, status, used = os.wait4(pid, 0)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    return status, used


def become(job: dict, out: Path, err: Path) -> int:
    """In the child: be the command, as a fresh interpreter would be; its exit code."""
    os.setsid()
    for number, path in ((1, out), (2, err)):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin = open(os.devnull)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    obey_modes()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    os.chdir(job["cwd"])
    try:
        return _main(job["arguments"])
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()


def _main(arguments: list[str]) -> int:
    from lib.run import cli

    try:
        return cli.main(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        return 1


def obey_modes() -> None:
    """Let the superuser, too, be refused what a file's mode does not allow."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    library = ctypes.CDLL(None)
    if os.geteuid() == 0 and library.capget(header, data) == 0:
        data[0] &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        library.capset(header, data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
