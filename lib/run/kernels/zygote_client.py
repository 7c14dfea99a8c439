"""The run's side of the zygote: starts it, sends requests, hears of the end of every process it forked.

One thread reads its answers. All methods may be called from any thread.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

from lib.errors import StageError
from lib.run.environment import fixed

START_LIMIT = 120.0
"""Seconds after which a zygote that has not said that it is ready is given up."""
PROGRAM = Path(__file__).with_name("zygote.py")

Exit = Future[int | None]
"""The exit code of a child, to come; a negative code is a signal, None is not known."""


class ZygoteGone(Exception):
    """The zygote has ended; the text says what it wrote last."""


class ZygoteClient:
    """One zygote."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._guard = threading.Lock()
        self._number = 0
        self._ready: Future[int] = Future()
        self._answers: dict[int, Future[tuple[int, Exit]]] = {}
        self._exits: dict[int, Exit] = {}
        self._gone = False
        read, self._lifeline = os.pipe()
        ours, theirs = socket.socketpair()
        self._control = ours
        self._log = folder / "zygote.log"
        with theirs, open(self._log, "ab") as log:
            command = [sys.executable, "-P", str(PROGRAM), str(theirs.fileno()), str(read), str(folder)]
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno(), read],
                env=fixed.environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )
        os.close(read)
        self._reader = threading.Thread(target=self._read, name="zygote", daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        """Whether requests can still be sent."""
        return not self._gone

    def fork_kernel(self, request: dict) -> tuple[int, Exit]:
        """A kernel's process number, and its exit code to come (None when that will not be known)."""
        return self._fork({"op": "kernel", "request": request}, [])

    def fork_call(self, descriptors: list[int]) -> tuple[int, Exit]:
        """A child that serves ``lib.run.kernels.call`` on the first descriptor and prints into the second."""
        variables = {**fixed.environment(self.folder), **fixed.for_calls()}
        return self._fork({"op": "call", "environment": variables}, descriptors)

    def send_signal(self, pid: int, number: int) -> None:
        """Signal a child and its process group; nothing happens when it has ended."""
        try:
            with self._guard:
                self._send({"op": "signal", "pid": pid, "number": number}, [])
        except ZygoteGone:
            return

    def close(self) -> None:
        """End the zygote and all its children; at most two seconds."""
        with self._guard:
            self._gone = True
            if self._lifeline >= 0:
                os.close(self._lifeline)
                self._lifeline = -1
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._control.close()

    def _fork(self, message: dict, descriptors: list[int]) -> tuple[int, Exit]:
        try:
            self._ready.result(START_LIMIT)
        except TimeoutError:
            self._process.kill()
            raise ZygoteGone(f"not ready after {START_LIMIT:g} seconds") from None
        answer: Future[tuple[int, Exit]] = Future()
        with self._guard:
            self._number += 1
            self._answers[self._number] = answer
            self._send({**message, "id": self._number}, descriptors)
        return answer.result()

    def _send(self, message: dict, descriptors: list[int]) -> None:
        if self._gone:
            raise ZygoteGone(self._last_words())
        data = json.dumps(message).encode() + b"\n"
        try:
            sent = socket.send_fds(self._control, [data], descriptors)
            self._control.sendall(data[sent:])
        except OSError:
            raise ZygoteGone(self._last_words()) from None

    def _read(self) -> None:
        with self._control.makefile("rb") as lines:
            try:
                for line in lines:
                    self._hear(json.loads(line))
            except (OSError, ValueError):
                pass
        self._end()

    def _hear(self, message: dict) -> None:
        if "ready" in message:
            self._ready.set_result(message["ready"])
        elif "exit" in message:
            _settle(self._exits.pop(message["exit"]), message["code"])
        elif "refused" in message:
            fault = StageError(f"no process could be started: {message['refused']}")
            self._answers.pop(message["id"]).set_exception(fault)
        else:
            exit_code: Exit = Future()
            self._exits[message["pid"]] = exit_code
            self._answers.pop(message["id"]).set_result((message["pid"], exit_code))

    def _end(self) -> None:
        """The stream has ended: nobody shall wait any longer, and no kernel's group shall outlive it."""
        with self._guard:
            self._gone = True
            answers, self._answers = self._answers, {}
        for pid in list(self._exits):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            _settle(self._exits.pop(pid), None)
        fault = ZygoteGone(self._last_words())
        unanswered: list[Future] = [self._ready, *answers.values()]
        for waiting in unanswered:
            if not waiting.done():
                waiting.set_exception(fault)

    def _last_words(self) -> str:
        try:
            text = self._log.read_text(errors="replace").strip()[-1000:]
        except OSError:
            text = ""
        return f"the process that kernels are forked from has ended{': ' + text if text else ''}"


def _settle(waiting: Exit, code: int | None) -> None:
    if not waiting.done():
        waiting.set_result(code)
