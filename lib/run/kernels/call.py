"""Call a function by name, with JSON in and JSON out, in a process of its own.

Hooks and page exports go this way, so that the run's own process never imports a chapter. The caller
writes ``{target, payload}`` on a socket and closes its end for writing; the child answers with one JSON
object and ends. The child is forked from the zygote (``Kernels.call``) or a fresh interpreter with
the same environment (``call_in_subprocess``); both behave alike. The working directory is the repository.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from typing import IO, Any

from lib import errors
from lib.errors import InputError, StageError, WorkbenchError, input_error
from lib.run.environment import fixed
from lib.run.kernels.kernel_main import kill_tree, watch

LOG_TAIL = 2000
"""Characters of a dead child's output that its error quotes."""
EXIT_LIMIT = 1.0
"""Seconds that a child which has answered gets to end by itself."""
PASSWORDS = re.compile(r"""//[^/@\s"'\\]+@""")
"""Name and password in an address, as proxies have them."""


def call_in_subprocess(
    target: str,
    payload: dict,
    timeout: float | None = None,
    started: Callable[[subprocess.Popen], None] = lambda process: None,
) -> dict:
    """``function(payload)`` for a target ``"module:function"``, in a fresh interpreter.

    A WorkbenchError comes back as the same class; any other exception, a result that is not JSON, a dead
    child and a call longer than ``timeout`` seconds are a StageError. ``started`` is told the process.
    """
    folder, lock = fixed.private_folder()
    read, write = os.pipe()
    try:
        with channel(folder) as (ours, theirs, log):
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "lib.run.kernels.call",
                    str(theirs.fileno()),
                    str(read),
                    str(folder),
                ],
                pass_fds=[theirs.fileno(), read],
                env={**fixed.environment(folder), **fixed.for_calls()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=fixed.ROOT,
            )
            theirs.close()
            started(process)
            try:
                answer = ask(ours, target, payload, timeout)
            except BaseException:
                _end(process, 0)
                raise
            code = _end(process, EXIT_LIMIT)
            return result_of(answer, target, log, lambda: code)
    finally:
        for descriptor in (read, write):
            os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


@contextlib.contextmanager
def channel(folder: Any):
    """A socket pair and a file for what the child prints, all closed at the end."""
    ours, theirs = socket.socketpair()
    with ours, theirs, tempfile.TemporaryFile(dir=folder) as log:
        yield ours, theirs, log


def ask(stream: socket.socket, target: str, payload: dict, timeout: float | None) -> bytes:
    """Send the request and collect the answer; StageError when it takes longer than ``timeout`` seconds."""
    deadline = None if timeout is None else time.monotonic() + timeout

    def left() -> float | None:
        if deadline is None:
            return None
        return max(deadline - time.monotonic(), 0.001)

    parts: list[bytes] = []
    try:
        stream.settimeout(left())
        stream.sendall(json.dumps({"target": target, "payload": payload}).encode())
        stream.shutdown(socket.SHUT_WR)
        while True:
            stream.settimeout(left())
            part = stream.recv(1 << 20)
            if not part:
                return b"".join(parts)
            parts.append(part)
    except TimeoutError:
        raise StageError(f"{target} took longer than {timeout:g} seconds and was ended") from None
    except OSError:
        return b""


def result_of(answer: bytes, target: str, log: IO[bytes], code: Callable[[], int | None]) -> dict:
    """The function's result, or its exception; ``code`` gives the exit code of a child without an answer."""
    try:
        reply = json.loads(answer)
    except ValueError:
        message = f"{target}: the process {describe_exit(code())} before it answered"
        raise StageError(message + _tail(log)) from None
    if "result" in reply:
        return reply["result"]
    kind = getattr(errors, reply["error"], StageError)
    raise input_error(reply["parts"]) if issubclass(kind, InputError) else kind(reply["message"])


def without_passwords(text: str) -> str:
    """The text with names and passwords taken out of its addresses."""
    return PASSWORDS.sub("//", text)


def describe_exit(code: int | None) -> str:
    """A process's end in plain words; None when it is not known."""
    if code is None:
        return "ended"
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = {"SIGKILL": " (as when memory runs out)", "SIGSEGV": " (a fault in compiled code)"}.get(name, "")
    return f"was ended by {name}{hint}"


def serve(descriptor: int) -> None:
    """In the child: read the request, call the function, answer."""
    with socket.socket(fileno=descriptor) as stream:
        parts = []
        while part := stream.recv(1 << 20):
            parts.append(part)
        os.chdir(fixed.ROOT)
        stream.sendall(json.dumps(reply_to(json.loads(b"".join(parts)))).encode())


def reply_to(request: dict) -> dict:
    """``{result}``, or ``{error, message, parts}`` with the name of a class of ``lib.errors``."""
    module, _, name = request["target"].partition(":")
    try:
        result = getattr(importlib.import_module(module), name)(request["payload"])
        return {"result": json.loads(json.dumps(result))}
    except WorkbenchError as fault:
        kind = next(kind for kind in type(fault).__mro__ if hasattr(errors, kind.__name__))
        parts = fault.as_dict() if isinstance(fault, InputError) else None
        answer = {"error": kind.__name__, "message": str(fault), "parts": parts}
    except BaseException:
        message = f"{request['target']} failed:\n{traceback.format_exc().rstrip()}"
        answer = {"error": "StageError", "message": message, "parts": None}
    return json.loads(without_passwords(json.dumps(answer)))


def _end(process: subprocess.Popen, limit: float) -> int:
    """Exit code of a child that gets ``limit`` seconds to end; then it and all that it started is killed."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=limit)
    if process.returncode is None:
        kill_tree(process.pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _tail(log: IO[bytes]) -> str:
    log.seek(0, os.SEEK_END)
    log.seek(max(log.tell() - LOG_TAIL, 0))
    text = without_passwords(log.read().decode(errors="replace").strip())
    return f"; it had printed:\n{text}" if text else ""


if __name__ == "__main__":
    watch(int(sys.argv[2]), sys.argv[3])
    serve(int(sys.argv[1]))
