"""The zygote: a process that imports the heavy libraries once, then forks a kernel or a call in milliseconds.

Started by ``lib.run.kernels.zygote_client`` as ``python -P zygote.py SOCKET LIFELINE FOLDER``. One a run; it
never imports ``lib``, has one thread, no messaging context and no event loop, so that a fork is whole.
Requests and answers are one JSON line each on a socket pair; descriptors travel beside a request. When the
socket or its owner is gone, it ends every process that has come from it, removes the private folder and
exits.

Requests: ``{id, op: "kernel", request}``, ``{id, op: "call", environment}`` with two descriptors (a socket
for ``lib.run.kernels.call`` and a file for what it prints), ``{op: "signal", pid, number}``.
Answers: ``{ready}``, ``{id, pid}`` or ``{id, refused}``, ``{exit, code}`` (a negative code is a signal).
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

PR_SET_CHILD_SUBREAPER = 36


def load_kernel_main() -> Any:
    """The module ``kernel_main.py`` beside this file, without its package."""
    path = Path(__file__).with_name("kernel_main.py")
    spec = importlib.util.spec_from_file_location("workbench_kernel_main", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Zygote:
    """The loop that forks, signals and reaps."""

    def __init__(self, control: socket.socket, lifeline: int, folder: str):
        self.control, self.lifeline, self.folder = control, lifeline, folder
        self.kernel_main = load_kernel_main()
        self.pid = os.getpid()
        self.children: set[int] = set()
        self.buffer = b""
        self.descriptors: list[int] = []
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_read, False)
        os.set_blocking(self.wake_write, False)

    def run(self) -> None:
        """Preload, say so, and serve until the run is over."""
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        with self.leaving_with_the_run():
            self.kernel_main.preload(export=True)
        if threading.active_count() != 1:
            names = ", ".join(thread.name for thread in threading.enumerate())
            raise RuntimeError(f"the zygote must have one thread, and has {names}")
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.answer({"ready": self.pid})
        while self.turn():
            pass

    @contextlib.contextmanager
    def leaving_with_the_run(self):
        """While the imports go on, a signal tells that the run has closed the socket."""

        def leave(number: int, frame: object) -> None:
            try:
                if self.control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                    return
            except BlockingIOError:
                return
            except OSError:
                pass
            self.end()
            os._exit(0)

        flags = fcntl.fcntl(self.control, fcntl.F_GETFL)
        signal.signal(signal.SIGIO, leave)
        fcntl.fcntl(self.control, fcntl.F_SETOWN, self.pid)
        fcntl.fcntl(self.control, fcntl.F_SETFL, flags | os.O_ASYNC)
        leave(signal.SIGIO, None)
        yield
        fcntl.fcntl(self.control, fcntl.F_SETFL, flags)
        signal.signal(signal.SIGIO, signal.SIG_IGN)

    def turn(self) -> bool:
        """Wait for the next event and handle it; False when the run is over."""
        sources: list[Any] = [self.control, self.wake_read, self.lifeline]
        readable, _, _ = select.select(sources, [], [])
        if self.lifeline in readable:
            return False
        if self.wake_read in readable:
            self.drain_wakeups()
            self.reap()
        return self.control not in readable or self.receive()

    def drain_wakeups(self) -> None:
        """Empty the pipe that a signal writes to."""
        try:
            while os.read(self.wake_read, 4096):
                pass
        except BlockingIOError:
            pass

    def receive(self) -> bool:
        """Read what has come and carry out the complete lines; False at the end of the stream."""
        data, descriptors, _, _ = socket.recv_fds(self.control, 1 << 20, 16)
        if not data:
            return False
        self.descriptors += descriptors
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            self.carry_out(json.loads(line))
        return True

    def carry_out(self, message: dict) -> None:
        """One request."""
        if message["op"] == "signal":
            self.signal_group(message["pid"], message["number"])
            return
        taken = [self.descriptors.pop(0) for _ in range(2)] if message["op"] == "call" else []
        try:
            self.fork(message, taken)
        except OSError as fault:
            self.answer({"id": message["id"], "refused": str(fault)})
        finally:
            for descriptor in taken:
                os.close(descriptor)

    def fork(self, message: dict, taken: list[int]) -> None:
        """Fork the child that a request asks for, and tell its process number."""
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = self.become(message, taken)
            except BaseException:
                traceback.print_exc(file=sys.__stderr__)
            finally:
                self.kernel_main.end_process(code)
        self.children.add(pid)
        self.answer({"id": message["id"], "pid": pid})

    def become(self, message: dict, taken: list[int]) -> int:
        """In the child: put off what belongs to the zygote, then be a kernel or a call."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGIO):
            signal.signal(number, signal.SIG_DFL)
        os.close(self.wake_read)
        os.close(self.wake_write)
        self.control.close()
        os.setsid()
        self.kernel_main.die_with(self.pid)
        if message["op"] == "kernel":
            self.kernel_main.watch(self.lifeline, self.folder)
            self.kernel_main.run_kernel(message["request"])
            return 0
        stream, log = taken
        os.set_inheritable(stream, False)
        os.dup2(log, 1)
        os.dup2(log, 2)
        self.kernel_main.set_environment(message["environment"])
        from lib.run.kernels.call import serve

        serve(stream)
        return 0

    def signal_group(self, pid: int, number: int) -> None:
        """Signal a child and its group, if it has not been reaped yet (its number could be another's)."""
        if pid in self.children:
            try:
                os.killpg(pid, number)
            except ProcessLookupError:
                os.kill(pid, number)

    def reap(self) -> None:
        """Tell the end of each dead child, after ending whatever it has left behind."""
        ended = False
        while (status := _dead_child()) is not None:
            pid = status.si_pid
            if pid in self.children:
                _kill_group(pid)
            os.waitpid(pid, 0)
            if pid in self.children:
                ended = True
                self.children.discard(pid)
                code = status.si_status if status.si_code == os.CLD_EXITED else -status.si_status
                self.answer({"exit": pid, "code": code})
        if ended:
            self.end_strays()

    def end_strays(self) -> None:
        """Kill every child that was not forked here: a process that a kernel left in another session."""
        for pid in _own_children(self.pid) - self.children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def answer(self, message: dict) -> None:
        """One line to the run; a run that is gone is noticed by the next read."""
        with contextlib.suppress(OSError):
            self.control.sendall(json.dumps(message).encode() + b"\n")

    def end(self) -> None:
        """End every descendant, as far as there are any, and remove the private folder."""
        for pid in self.children:
            _kill_group(pid)
        deadline = time.monotonic() + 1.5
        while (pids := _own_children(self.pid)) and time.monotonic() < deadline:
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            while _dead_child() is not None:
                os.waitpid(-1, os.WNOHANG)
            time.sleep(0.002)
        shutil.rmtree(self.folder, ignore_errors=True)


def _dead_child() -> os.waitid_result | None:
    """The next child that has ended, not yet reaped."""
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _own_children(pid: int) -> set[int]:
    """Process numbers of all children."""
    try:
        return {int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except OSError:
        import psutil

        return {child.pid for child in psutil.Process(pid).children()}


def main() -> None:
    """The program."""
    control, lifeline = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    control.set_inheritable(False)
    os.set_inheritable(lifeline, False)
    zygote = Zygote(control, lifeline, sys.argv[3])
    try:
        zygote.run()
    except BaseException:
        traceback.print_exc()
    finally:
        zygote.end()
        os._exit(0)


if __name__ == "__main__":
    main()
